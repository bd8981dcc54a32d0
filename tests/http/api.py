"""What the tests of the API have in common."""

from collections.abc import Collection
from typing import Any

import httpx

from models.access import Access
from models.ids import GroupId, PersonId
from models.points import Entry, EntryKind
from models.stores.tokens import TokenStore
from models.stores.unit import Unit
from tests.world import GROUP, World

API = "/api/v1"


async def token_of(
    world: World,
    access: Access,
    *,
    channels: Collection[str] = (),
    groups: Collection[str] = (),
    name: str = "运营小李",
) -> str:
    """A new token, given out at the command line."""

    async def issue(facts: Unit) -> str:
        tokens = TokenStore(facts.connection)
        now = world.clock.now()
        of_groups = [f"group:{each}" for each in groups]
        scopes = [*(f"channel:{each}" for each in channels), *of_groups]
        return await tokens.issue(name, access, now, scopes=scopes)

    return await world.transactions.run(issue)


async def as_viewer(world: World) -> httpx.AsyncClient:
    return world.admin(await token_of(world, Access.VIEWER))


async def as_operator(
    world: World, *, channels: Collection[str] = (), groups: Collection[str] = ()
) -> httpx.AsyncClient:
    return world.admin(await token_of(world, Access.OPERATOR, channels=channels, groups=groups))


async def items(http: httpx.AsyncClient, path: str, **asked: Any) -> list[dict[str, Any]]:
    """All that a list has, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params = {**asked, **({"cursor": cursor} if cursor else {})}
        answer = await http.get(f"{API}{path}", params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


def refused(answer: httpx.Response, status: int, field: str | None = None) -> dict[str, Any]:
    """The problem that it tells of."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    if field is not None:
        assert field in [each["field"] for each in problem["errors"]]
    return problem


async def has_earned(world: World, name: str, points: int, group: str = GROUP) -> None:
    """By a task of that day."""
    entry = Entry(
        key=f"task:{group}:{name}:{world.clock.now().isoformat()}",
        group=GroupId(group),
        person=PersonId(name),
        kind=EntryKind.TASK,
        points=points,
        at=world.clock.now(),
        by="rules",
        note="晒胎动",
    )

    async def book(facts: Unit) -> None:
        await facts.ledger.book(entry)

    await world.transactions.run(book)
