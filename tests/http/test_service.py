"""Who comes in at all, how every error looks, and how the service tells whether it is well."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from bot.accounts import AccountState
from bot.http.app import http_app
from bot.metrics import Metrics
from bot.transactions import Transactions
from models.database import open_engine
from tests.http.api import refused
from tests.proposing import template_to_apply
from tests.world import ACCOUNT, World

RULES = "/api/v1/rules"
EVERYWHERE = f"{RULES}/everywhere"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


# Who comes in


@pytest.mark.parametrize("given", ["Bearer qz_wrong", "Bearer ", "Basic eDp5", "Bearer \xff"])
async def test_what_is_no_token_opens_nothing(world: World, given: str) -> None:
    async with world.browser() as http:
        headers = {b"Authorization": given.encode("latin-1")}
        wrong = await http.get(RULES, headers=headers)
        refused(wrong, 401)
        assert wrong.headers["WWW-Authenticate"].startswith("Bearer")


# How errors look


ERRORS = [
    ("GET", "/nowhere", 404),
    ("GET", "/api/v1/nowhere", 404),
    ("DELETE", EVERYWHERE, 405),
    ("POST", "/healthz", 405),
    ("GET", "/api/v1/groups?standing=lost", 422),
]


async def test_every_error_is_told_in_the_same_way(http: httpx.AsyncClient) -> None:
    for method, path, status in ERRORS:
        told = refused(await http.request(method, path), status)
        assert told["title"]
        assert told["detail"]


# How it is


async def test_it_is_ready_with_database_and_gateway(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    answer = await http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["gateways"][ACCOUNT]["well"] is True


async def test_it_is_not_ready_while_a_gateway_is_down(world: World) -> None:
    await world.goes_deaf()
    async with world.admin() as http:
        answer = await http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["ready"] is False
        assert answer.json()["gateways"][ACCOUNT]["well"] is False
        assert (await http.get("/healthz")).status_code == 200


async def test_it_is_not_ready_without_a_database(world: World) -> None:
    async with _client(_app(world, "postgresql://nobody@127.0.0.1:1/nowhere")) as http:
        answer = await http.get("/readyz")
        assert answer.status_code == 503
        assert "away" in answer.json()["database"]
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/metrics")).status_code == 200
        headers = {"Authorization": f"Bearer {world.token}"}
        refused(await http.get(RULES, headers=headers), 503)


async def test_it_does_not_wait_for_a_database_that_does_not_answer(world: World) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with _client(_app(world, f"postgresql://nobody@127.0.0.1:{port}/nowhere")) as http:
        async with asyncio.timeout(3):
            answer = await http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["database"] == "away: TimeoutError"
    server.close()
    await server.wait_closed()


async def test_the_figures_are_what_prometheus_reads(world: World) -> None:
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    async with world.admin() as http:
        answer = await http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = {each.name: each for each in text_string_to_metric_families(answer.text)}
    sent = {
        each.value
        for each in families["qunzhu_outbox"].samples
        if each.labels == {"state": "sent"}
    }
    assert sent == {3}
    assert [each.value for each in families["qunzhu_gateway_up"].samples] == [1]


async def test_what_waits_for_owners_is_told_until_it_ends(world: World) -> None:
    asked = await template_to_apply(world)
    async with world.admin() as http:

        async def samples(name: str) -> list[tuple[dict[str, str], float]]:
            told = (await http.get("/metrics")).text
            (family,) = [e for e in text_string_to_metric_families(told) if e.name == name]
            return [(each.labels, each.value) for each in family.samples]

        of_means = {"means": "template"}
        assert await samples("qunzhu_proposals") == [(of_means | {"outcome": "open"}, 1)]
        oldest = await samples("qunzhu_proposal_oldest_timestamp_seconds")
        assert oldest == [(of_means, asked.made_at.timestamp())]
        await http.post(f"/api/v1/proposals/{asked.key}/decline")
        assert await samples("qunzhu_proposals") == [(of_means | {"outcome": "refused"}, 1)]
        assert await samples("qunzhu_proposal_oldest_timestamp_seconds") == []


def _app(world: World, url: str | None = None) -> FastAPI:
    """The same as the world's own, or on another database."""
    return http_app(
        Transactions(open_engine(url)) if url else world.transactions,
        world.simulation.dispatcher,
        world.clock,
        lambda: {ACCOUNT: AccountState(True, True)},
        Metrics(),
    )


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://qunzhu")
