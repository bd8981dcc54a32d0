"""A group's QR code is there when somebody comes, and is fetched anew before it lapses."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event, select

from handlers.features import ROUTER
from handlers.ways.showing import Shown, shown
from models.delivery import NotSent, Refused
from models.entry import EntryCode
from models.errands import ErrandKind
from models.events import EntryCodeChanged, GroupReleased, WayGiven, WayTaken
from models.groups import Account, Group
from models.growth import Concern
from models.ids import AccountId, Code, GroupId
from models.messages import Kind
from models.people import Role
from models.stores.unit import Unit
from models.tables import ErrandRow
from models.ways import AccountCard, Way, WayKind
from tests.stories.quiet import without_posts
from tests.world import ACCOUNT, GROUP, NAME, World

DAY = timedelta(days=1)


@pytest.fixture
async def world(world: World) -> World:
    return await without_posts(world)


async def way_of(world: World, group: str = GROUP) -> Way | None:
    return await world.transactions.read(lambda facts: facts.ways.get(GroupId(group)))


async def code_of(world: World, group: str = GROUP) -> str | None:
    way = await way_of(world, group)
    return way.content if way is not None and way.is_valid(world.clock.now()) else None


async def card_of(world: World) -> AccountCard | None:
    return await world.transactions.read(lambda facts: facts.account_cards.get(ACCOUNT))


async def page_of(world: World, group: str = GROUP) -> Shown:
    """What the page of somebody with a place in the group shows."""

    async def read(facts: Unit) -> Shown:
        known = await facts.groups.peek(GroupId(group))
        assert known is not None
        return shown(
            known,
            await facts.ways.get(known.id),
            await facts.account_cards.get(known.account),
            await facts.accounts.get(known.account),
            world.clock.now(),
            await facts.rules.in_force(known),
        )

    return await world.transactions.read(read)


async def fetched_at(world: World, kind: ErrandKind = ErrandKind.ROOM_QR) -> list[datetime]:
    """When codes were fetched, or it was tried."""
    async with world.engine.connect() as connection:
        found = await connection.scalars(
            select(ErrandRow.settled_at)
            .where(ErrandRow.kind == kind, ErrandRow.settled_at.is_not(None))
            .order_by(ErrandRow.settled_at)
        )
        return [each for each in found if each is not None]


async def is_given(world: World, way: Way) -> None:
    await world.happens(WayGiven(at=world.clock.now(), by="运营小王", group=way.group, way=way))


def picture(world: World, days: float = 7) -> Way:
    return Way(
        group=GroupId(GROUP),
        kind=WayKind.IMAGE,
        got_at=world.clock.now(),
        by="运营小王",
        image=b"\x89PNG",
        valid_until=world.clock.now() + days * DAY,
    )


async def is_closed(world: World, *, again: bool = False) -> None:
    now = world.clock.now()
    await world.happens(
        EntryCodeChanged(
            at=now,
            by="运营小王",
            code=Code("k7m2pq9xwd"),
            changes={"closed_at": None if again else now},
        )
    )


# Fetched in time


async def test_no_code_is_fetched_before_an_entry_code_leads_there(world: World) -> None:
    await world.passes(days=2)
    assert await way_of(world) is None
    assert await card_of(world) is None
    assert await fetched_at(world) == []
    await world.makes_code(channel="一院")
    await world.passes(hours=1)
    assert await way_of(world) is None


async def test_a_code_is_there_soon_after_an_entry_code_leads_to_the_channel(
    world: World,
) -> None:
    await world.makes_code()
    await world.passes(seconds=30)
    found = await page_of(world)
    assert found.qr is not None
    assert found.qr.content == f"https://weixin.example/g/{GROUP}?1"
    (at,) = await fetched_at(world)
    assert found.qr.valid_until == at + 7 * DAY
    assert found.by_friend is not None
    assert (found.by_friend.content, found.by_friend.name) == (
        "https://weixin.example/u/bot",
        "小助手",
    )


async def test_a_group_that_is_opened_later_gets_one_as_well(world: World) -> None:
    await world.makes_code()
    await world.passes(hours=5)
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await world.opens("g3", "杭州·2026年3-5月·一院·01")
    await world.passes(seconds=30)
    assert await code_of(world, "g2") is not None
    assert await way_of(world, "g3") is None


async def test_it_is_fetched_anew_two_days_before_it_lapses(world: World) -> None:
    await world.makes_code()
    await world.passes(days=40)
    at = await fetched_at(world)
    assert len(at) == 9
    assert all(later - earlier == 5 * DAY for earlier, later in pairwise(at))
    assert await code_of(world) == f"https://weixin.example/g/{GROUP}?9"
    cards = await fetched_at(world, ErrandKind.OWN_QR)
    assert 5 <= len(cards) <= 7, "about every week"


async def test_the_rule_says_when(world: World) -> None:
    await world.rules(entry={"qr_lasts": 86400, "qr_renewed": 3600})
    await world.makes_code()
    await world.passes(days=2)
    at = await fetched_at(world)
    assert [later - earlier for earlier, later in pairwise(at)] == [timedelta(hours=23)] * 2


async def test_many_are_not_fetched_in_rows(world: World) -> None:
    for n in range(2, 62):
        await world.opens(f"g{n}", f"杭州·2026年3-5月·妇幼·{n:02}")
    await world.makes_code()
    await world.passes(minutes=6)
    at = await fetched_at(world)
    assert len(at) == 61
    assert all(later - earlier >= timedelta(seconds=5) for earlier, later in pairwise(at))


async def test_nothing_is_fetched_for_groups_that_take_nobody_by_it(world: World) -> None:
    await world.rules(growth={"formed_at": 2, "full_at": 3, "qr_until": 2})
    await world.joins("妈妈1", "妈妈2")
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await world.happens(GroupReleased(at=world.clock.now(), by="运营小王", group=GroupId("g2")))
    await world.makes_code()
    await world.passes(days=2)
    assert await fetched_at(world) == []
    found = await page_of(world)
    assert found.qr is None
    assert found.by_friend is not None
    await world.leaves("妈妈2")
    await world.passes(hours=7)
    assert await code_of(world) is not None, "it takes people by it again"


async def test_nor_once_the_code_is_closed(world: World) -> None:
    await world.makes_code()
    await world.passes(days=1)
    await is_closed(world)
    await world.passes(days=20)
    assert len(await fetched_at(world)) == 1
    assert await code_of(world) is None
    await is_closed(world, again=True)
    await world.passes(seconds=30)
    assert await code_of(world) is not None


# Where it fails


async def test_after_a_failure_it_is_tried_again_in_an_hour(world: World) -> None:
    await world.makes_code("aaaaaaaaaa", channel="一院")
    await world.passes(minutes=5)
    world.gateway.failures.append(Refused("not now"))
    await world.makes_code()
    await world.passes(minutes=59)
    assert await code_of(world) is None
    await world.passes(minutes=2)
    assert await code_of(world) is not None


async def test_what_could_not_be_fetched_while_we_were_away_is_made_up_for(world: World) -> None:
    await world.goes_deaf()
    await world.makes_code()
    await world.passes(minutes=10)
    assert await code_of(world) is None
    await world.hears_again()
    await world.passes(seconds=30)
    assert await code_of(world) is not None
    assert await card_of(world) is not None


async def test_staff_hears_of_a_group_that_nobody_gets_into_for_long(world: World) -> None:
    await world.becomes("运营小李", Role.ASSISTANT, None)
    await world.makes_code("aaaaaaaaaa", channel="一院")
    await world.passes(minutes=5)
    await loses_its_abilities(world, "accepts_friends")
    world.gateway.failures.extend(Refused("no code for you") for _ in range(100))
    await world.makes_code()
    await world.until("2026-03-03 08:20")
    world.gateway.failures.clear()
    assert Concern.NO_WAY_IN in await concerns(world)
    await world.until("2026-03-03 08:30")
    letters = [each.message for each in world.heard(Kind.STAFF_NOTICE)]
    assert [each.to for each in letters if "取不到群二维码" in each.text] == ["运营小李"]
    await world.passes(hours=2)
    assert await code_of(world) is not None
    assert Concern.NO_WAY_IN not in await concerns(world)


async def test_somebody_is_asked_for_a_picture_where_we_can_not_fetch_one(world: World) -> None:
    await world.becomes("运营小李", Role.ASSISTANT, None)
    await loses_its_abilities(world, "shows_qr", "invites")
    await world.makes_code()
    await world.until("2026-03-03 09:00")
    texts = [each.message.text for each in world.heard(Kind.STAFF_NOTICE)]
    assert any("请上传一张" in each and NAME in each for each in texts)
    await is_given(world, picture(world))
    await world.passes(minutes=1)
    assert await concerns(world) == []
    found = await page_of(world)
    assert found.qr is not None
    assert found.qr.image == b"\x89PNG"
    await world.until("2026-03-10 08:45")
    texts = [each.message.text for each in world.heard(Kind.STAFF_NOTICE)]
    assert any("3月10日09:00就过期" in each for each in texts), "in time to replace it"


async def loses_its_abilities(world: World, *lost: str) -> None:
    async def work(facts: Unit) -> None:
        account: Account | None = await facts.accounts.get(ACCOUNT)
        assert account is not None
        kept = tuple(each for each in account.abilities if each not in lost)
        facts.accounts.put(replace(account, abilities=kept))

    await world.transactions.run(work)


async def concerns(world: World) -> list[Concern]:
    found = await world.transactions.read(lambda facts: facts.notices.open_of(GroupId(GROUP)))
    return [each.concern for each in found]


# Given by people


async def test_what_people_gave_stays_until_it_lapses(world: World) -> None:
    await world.makes_code()
    await is_given(world, picture(world, days=3))
    await world.passes(days=2.9)
    way = await way_of(world)
    assert way is not None
    assert (way.kind, way.by, way.image) == (WayKind.IMAGE, "运营小王", b"\x89PNG")
    await world.passes(days=0.2)
    way = await way_of(world)
    assert way is not None
    assert way.kind is WayKind.ROOM_QR
    assert await code_of(world) is not None


async def test_a_code_on_its_way_does_not_overwrite_what_was_given_meanwhile(
    world: World,
) -> None:
    world.gateway.failures.extend([NotSent("busy"), NotSent("busy")])
    await world.makes_code()
    await world.passes(seconds=1)
    await is_given(world, picture(world))
    assert await fetched_at(world) == []
    await world.passes(minutes=5)
    assert await fetched_at(world) != []
    way = await way_of(world)
    assert way is not None
    assert way.kind is WayKind.IMAGE


async def test_a_join_way_does_not_lapse(world: World) -> None:
    await world.makes_code()
    await is_given(
        world,
        Way(
            group=GroupId(GROUP),
            kind=WayKind.JOIN_WAY,
            got_at=world.clock.now(),
            by="运营小王",
            content="https://work.weixin.qq.com/gm/abc",
        ),
    )
    await world.passes(days=30)
    found = await page_of(world)
    assert found.qr is not None
    assert found.qr.content == "https://work.weixin.qq.com/gm/abc"


async def test_what_is_taken_away_is_shown_no_more_and_another_is_fetched(world: World) -> None:
    await world.makes_code()
    await is_given(world, picture(world))
    await world.happens(WayTaken(at=world.clock.now(), by="运营小王", group=GroupId(GROUP)))
    assert (await page_of(world)).qr is None
    await world.passes(seconds=30)
    assert await code_of(world) is not None


async def test_there_is_no_way_into_what_is_no_group(world: World) -> None:
    now, nowhere = world.clock.now(), GroupId("nowhere")
    for decision in (
        WayGiven(at=now, by="运营小王", group=nowhere, way=picture(world)),
        WayTaken(at=now, by="运营小王", group=nowhere),
    ):
        with pytest.raises(LookupError):
            await world.simulation.dispatcher.decide(decision, now)


# Among many


async def test_a_beat_with_nothing_due_asks_for_nothing_of_ten_thousand_groups(
    world: World,
) -> None:
    now = world.clock.now()

    async def fill(facts: Unit) -> None:
        for n in range(10_000):
            group = GroupId(f"many-{n}")
            facts.groups.put(
                Group(id=group, account=AccountId("other"), name=f"{n}", channel="妇幼")
            )
            facts.ways.put(
                Way(
                    group=group,
                    kind=WayKind.ROOM_QR,
                    got_at=now,
                    by="other",
                    content="https://weixin.example/g",
                    valid_until=now + 7 * DAY,
                    due_at=now + 5 * DAY,
                )
            )
        facts.entry_codes.put(
            EntryCode(
                code=Code("k7m2pq9xwd"), channel="妇幼", created_at=now, created_by="运营小王"
            )
        )

    await world.transactions.run(fill)
    (tick,) = (each for each in ROUTER.ticks if each.name == "look_after_ways")
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(world.engine.sync_engine, "before_cursor_execute", note)
    await world.simulation.dispatcher.tick(tick, now)
    event.remove(world.engine.sync_engine, "before_cursor_execute", note)
    assert len(statements) <= 2
