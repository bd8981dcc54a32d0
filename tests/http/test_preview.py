"""An operator sees what a rule would have changed before she changes it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from bot.http import problems
from bot.http.api.office import Office
from bot.http.api.preview import preview_api
from bot.http.entry import show
from bot.preview import child
from bot.preview.previews import Bounds
from models.tables import Base
from tests.http.api import API, as_operator, as_viewer, refused
from tests.world import World

PREVIEW = f"{API}/rules/preview"
SLOWER = {"scope": "group:g1", "set": {"onboarding": {"calm_delay": 300}}, "days": 1}


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        client.timeout = httpx.Timeout(120)
        yield client


@pytest.fixture
async def lived(world: World) -> World:
    """Somebody comes in the evening, and two more in the morning."""
    await world.joins("豆豆妈")
    await world.passes(hours=14)
    await world.joins("米粒妈", "小雨妈")
    await world.says("豆豆妈", "大家好呀")
    await world.passes(hours=1)
    return world


def bounded(world: World, bounds: Bounds) -> httpx.AsyncClient:
    app = FastAPI()
    problems.install(app, show.no_page)
    office = Office(world.transactions, world.simulation.dispatcher, world.clock)
    preview_api(office, bounds).add_to(app.router, API)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://qunzhu",
        headers={"Authorization": f"Bearer {world.token}"},
        timeout=120,
    )


async def kept(world: World) -> dict[str, list[Any]]:
    """All there is in the database, but for when tokens were used."""
    async with world.engine.connect() as connection:
        return {
            table.name: sorted(map(str, await connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name != "api_token"
        }


async def previews_left(world: World) -> int:
    await child.tidied_up()
    counted = text("SELECT count(*) FROM pg_database WHERE datname LIKE 'preview%'")
    async with world.engine.connect() as connection:
        return int(await connection.scalar(counted) or 0)


async def test_old_and_new_rules_stand_side_by_side(lived: World, http: httpx.AsyncClient) -> None:
    before, said = await kept(lived), len(lived.said)
    headers = {"Accept": "application/x-ndjson"}
    answer = await http.post(PREVIEW, json=SLOWER, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    *steps, found = map(json.loads, answer.text.splitlines())
    assert {each["run"] for each in steps} == {"old", "new"}
    assert steps[-1] == {"run": "new", "at": "2026-03-03T10:00:00+08:00", "done": 1}
    assert found["groups"] == {"taken": 1, "of": 1, "chosen": "all"}
    assert found["until"] == "2026-03-03T10:00:00+08:00"
    old, new = found["old"], found["new"]
    assert (old["rounds"], new["rounds"]) == (2, 2)
    assert (old["longest_wait"], new["longest_wait"]) == (8, 300)
    assert old["said"]["onboarding.welcome"] == 2
    assert old["messages"] == old["a_group_and_day"]
    days = {each["day"]: each["rounds"] for each in new["days"]}
    assert days == {"2026-03-02": 1, "2026-03-03": 1}
    assert new["days"][0]["median_wait"] == 300
    assert all(each["count"] != 0 for each in found["left_out"])
    # Nothing was said, kept, or left behind.
    assert len(lived.said) == said
    assert await kept(lived) == before
    assert await previews_left(lived) == 0


async def test_what_patch_refuses_is_refused_at_once(
    lived: World, http: httpx.AsyncClient
) -> None:
    async def tried(**given: Any) -> httpx.Response:
        async with asyncio.timeout(5):
            return await http.post(PREVIEW, json=SLOWER | given)

    refused(await tried(set={"onboarding": {"min_gap": 3000}}), 409, "onboarding.min_gap")
    refused(await tried(set={"onboarding": {"calm_delay": -1}}), 422, "onboarding.calm_delay")
    refused(await tried(set={"onboarding": {"calm": 1}}), 422, "onboarding.calm")
    refused(await tried(scope="nowhere"), 404)
    refused(await tried(days=31), 422, "days")
    refused(await tried(scope="channel:母婴店"), 409)


async def test_who_may_change_a_layer_may_try_it_out(lived: World) -> None:
    async with await as_viewer(lived) as viewer:
        refused(await viewer.post(PREVIEW, json=SLOWER), 403)
    async with await as_operator(lived, channels=["母婴店"]) as other:
        refused(await other.post(PREVIEW, json=SLOWER), 403)


async def test_what_takes_too_long_is_killed(lived: World) -> None:
    async with bounded(lived, Bounds(seconds=0.5)) as http:
        problem = refused(await http.post(PREVIEW, json=SLOWER), 409)
        assert "fewer days or groups" in problem["detail"]
        headers = {"Accept": "application/x-ndjson"}
        answer = await http.post(PREVIEW, json=SLOWER, headers=headers)
        last = json.loads(answer.text.splitlines()[-1])
        assert last == {"status": 409, "detail": problem["detail"], "errors": []}
    assert await previews_left(lived) == 0


async def test_more_than_it_may_take_is_refused(lived: World) -> None:
    async with bounded(lived, Bounds(messages=0)) as http:
        assert "fewer days" in refused(await http.post(PREVIEW, json=SLOWER), 409)["detail"]
    async with bounded(lived, Bounds(memory=64)) as http:
        assert "64 MB" in refused(await http.post(PREVIEW, json=SLOWER), 409)["detail"]


async def test_one_at_a_time_and_it_ends_with_who_asked(lived: World) -> None:
    async with bounded(lived, Bounds()) as http:
        asked = [asyncio.create_task(http.post(PREVIEW, json=SLOWER)) for _ in range(2)]
        done, running = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        (second,), (first,) = done, running
        assert "another preview" in refused(second.result(), 409)["detail"]
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
    assert await previews_left(lived) == 0
