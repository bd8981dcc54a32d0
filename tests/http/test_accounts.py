"""Whether our logins hear and speak is seen over HTTP."""

from sqlalchemy import text

from tests.http.api import API, as_viewer, items, refused
from tests.world import ACCOUNT, World

HELD = (
    "INSERT INTO lease (account, holder, epoch, expires_at)"
    " VALUES (:account, 'host:1', 1, now() + make_interval(secs => :seconds))"
)


async def held(world: World, seconds: int, account: str = ACCOUNT) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(text("DELETE FROM lease WHERE account = :a"), {"a": account})
        await connection.execute(text(HELD), {"account": account, "seconds": seconds})


async def test_an_account_that_hears_is_up(world: World) -> None:
    await held(world, 8)
    await world.goes_deaf()
    await world.hears_again()
    await world.joins("豆豆妈")
    async with await as_viewer(world) as http:
        (known,) = await items(http, "/accounts")
        assert (await http.get(f"{API}/accounts/{ACCOUNT}")).json() == known
    assert known.pop("held_until") is not None
    assert known == {
        "id": ACCOUNT,
        "person": "bot",
        "state": "up",
        "since": "2026-03-02T19:00:00+08:00",
        "why": None,
        "heard_at": "2026-03-02T19:00:00+08:00",
        "abilities": [
            *("accepts_friends", "hears", "invites", "opens_rooms", "renames", "shows_qr")
        ],
        "held": True,
        "holder": "host:1",
        "groups": 1,
        "waiting": 0,
    }


async def test_an_account_that_is_cut_off_says_why_and_what_waits(world: World) -> None:
    await world.joins("豆豆妈")
    await world.passes(seconds=5)
    world.gateway.disconnect("the phone logged out")
    await world.passes(minutes=3)
    async with world.admin() as http:
        (known,) = await items(http, "/accounts", state="deaf")
        assert await items(http, "/accounts", state="up") == []
        refused(await http.get(f"{API}/accounts/another"), 404)
    assert (known["since"], known["why"]) == ("2026-03-02T19:00:05+08:00", "the phone logged out")
    assert known["waiting"] > 0
    assert (known["held"], known["holder"], known["held_until"]) == (False, None, None)


async def test_an_account_that_nobody_holds_is_deaf(world: World) -> None:
    await held(world, -1)
    await held(world, 8, "new")
    async with world.admin() as http:
        new, known = await items(http, "/accounts")
        assert [each["id"] for each in await items(http, "/accounts", q="NEW")] == ["new"]
    assert (known["state"], known["why"], known["held"]) == ("deaf", "no process holds it", False)
    assert (new["state"], new["why"], new["held"]) == ("deaf", "it was never connected", True)
    assert (new["since"], new["heard_at"], new["abilities"]) == (None, None, [])
