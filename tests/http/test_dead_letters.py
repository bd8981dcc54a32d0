"""An event that could not be handled is looked at, run again, or thrown away."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.virtual import AlwaysHolds, Simulation
from handlers.context import Context
from handlers.features import ROUTER
from handlers.router import Router
from models.entry import Answers, Baby
from models.events import AnswersGiven, FriendAsked, MemberJoined
from models.ids import Code, PersonId, VisitorId
from models.people import Profile
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.world import ACCOUNT, GROUP, World

LETTERS = f"{API}/dead-letters"


class Faulty:
    """What is wrong with a feature, until it is mended."""

    def __init__(self, world: World) -> None:
        self.error: Exception | None = ArithmeticError("the sum does not add up")
        router = Router()
        for kind in (MemberJoined, AnswersGiven, FriendAsked):
            router.on(kind)(self.stumble)
        world.simulation = Simulation(
            world.transactions,
            Router([ROUTER, router]),
            world.gateway,
            world.clock,
            holding=AlwaysHolds(2),
        )

    async def stumble(self, _: Any, __: Context) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def faulty(world: World) -> Faulty:
    return Faulty(world)


@pytest.fixture
async def http(world: World, faulty: Faulty) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


def joined(world: World, name: str = "豆豆妈") -> MemberJoined:
    return MemberJoined(
        account=ACCOUNT,
        at=world.clock.now(),
        group=GROUP,
        person=PersonId(name),
        profile=Profile(name),
    )


async def test_it_is_shown_with_its_event_and_what_went_wrong(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.happens(joined(world))
    (told,) = await items(http, "/dead-letters")
    assert told == {
        "id": told["id"],
        "kind": "MemberJoined",
        "seen_at": "2026-03-02T19:00:00+08:00",
        "tried_at": None,
        "error": "ArithmeticError: the sum does not add up",
    }
    whole = (await http.get(f"{LETTERS}/{told['id']}")).json()
    assert (whole["event"]["person"], whole["event"]["group"]) == ("豆豆妈", GROUP)
    assert "in stumble" in whole["traceback"]
    refused(await http.get(f"{LETTERS}/{told['id'] + 1}"), 404)


async def test_they_are_found_by_kind_and_time(world: World, http: httpx.AsyncClient) -> None:
    await world.happens(joined(world, "a"))
    await world.passes(hours=1)
    await world.happens(joined(world, "b"))
    assert len(await items(http, "/dead-letters", kind="MemberJoined", limit=1)) == 2
    assert await items(http, "/dead-letters", kind="MemberLeft") == []
    late = await items(http, "/dead-letters", since="2026-03-02T20:00:00+08:00")
    assert [each["seen_at"] for each in late] == ["2026-03-02T20:00:00+08:00"]
    early = await items(http, "/dead-letters", until="2026-03-02T20:00:00+08:00")
    assert [each["seen_at"] for each in early] == ["2026-03-02T19:00:00+08:00"]


async def test_once_the_fault_is_mended_it_is_run_again_and_gone(
    world: World, http: httpx.AsyncClient, faulty: Faulty
) -> None:
    await world.happens(joined(world))
    (letter,) = await items(http, "/dead-letters")
    faulty.error = None
    answer = await http.post(f"{LETTERS}/{letter['id']}/run")
    assert answer.status_code == 204, answer.text
    assert await items(http, "/dead-letters") == []
    refused(await http.post(f"{LETTERS}/{letter['id']}/run"), 404)
    await world.simulation.look_again()
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]
    (entry,) = await items(http, "/audit", target=f"dead letter:{letter['id']}")
    assert (entry["action"], entry["after"]) == ("dead_letter_run", None)
    assert "豆豆妈" not in str(entry)


async def test_what_fails_again_stays_with_the_new_failure(
    world: World, http: httpx.AsyncClient, faulty: Faulty
) -> None:
    await world.happens(joined(world))
    (letter,) = await items(http, "/dead-letters")
    path = f"{LETTERS}/{letter['id']}"
    before = (await http.get(path)).headers["ETag"]
    await world.passes(hours=1)
    faulty.error = KeyError("豆豆妈")
    problem = refused(await http.post(f"{path}/run"), 409)
    assert problem["detail"] == "it failed again: KeyError: '豆豆妈'"
    answer = await http.get(path)
    told = answer.json()
    assert answer.headers["ETag"] != before
    assert (told["error"], told["tried_at"]) == ("KeyError: '豆豆妈'", "2026-03-02T20:00:00+08:00")
    assert told["event"]["person"] == "豆豆妈"
    await world.passes(minutes=1)
    assert world.greeted == []


async def test_what_people_told_us_is_not_kept_and_can_not_be_run_again(
    world: World, http: httpx.AsyncClient, faulty: Faulty
) -> None:
    at = world.clock.now()
    answers = Answers(baby=Baby.DUE, day=at.date(), city="杭州", name="小雨", consent="2026-11")
    await world.happens(
        AnswersGiven(
            at=at, visitor=VisitorId("v"), code=Code("k7m2pq9xwd"), answers=answers, seed="s"
        ),
        FriendAsked(account=ACCOUNT, at=at, request="r", person=PersonId("u1"), hello="123456"),
    )
    faulty.error = None
    letters = await items(http, "/dead-letters")
    assert {each["kind"] for each in letters} == {"AnswersGiven", "FriendAsked"}
    for each in letters:
        refused(await http.post(f"{LETTERS}/{each['id']}/run"), 409)
        assert (await http.delete(f"{LETTERS}/{each['id']}")).status_code == 204
        refused(await http.delete(f"{LETTERS}/{each['id']}"), 404)


@pytest.mark.parametrize(("kind", "event"), [("Gone", "{}"), ("MemberJoined", '{"group": 5}')])
async def test_what_this_version_does_not_know_can_not_be_run(
    world: World, http: httpx.AsyncClient, kind: str, event: str
) -> None:
    async with world.engine.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO dead_letter (kind, event, traceback, seen_at)"
            f" VALUES ('{kind}', '{event}', 'x', now())"
        )
    (letter,) = await items(http, "/dead-letters")
    refused(await http.post(f"{LETTERS}/{letter['id']}/run"), 409)
    assert len(await items(http, "/dead-letters")) == 1


async def test_they_are_for_admins(world: World, http: httpx.AsyncClient) -> None:
    await world.happens(joined(world))
    (letter,) = await items(http, "/dead-letters")
    for client in (await as_viewer(world), await as_operator(world, groups=[GROUP])):
        async with client as other:
            for answer in (
                await other.get(LETTERS),
                await other.get(f"{LETTERS}/{letter['id']}"),
                await other.post(f"{LETTERS}/{letter['id']}/run"),
                await other.delete(f"{LETTERS}/{letter['id']}"),
            ):
                refused(answer, 403)
