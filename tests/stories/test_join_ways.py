"""Where the platform has ways that carry an entry code: who comes by them, and what is known of
her then."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.http.entry.group import ways_of
from bot.http.entry.reading import read_seen
from bot.http.visitors import visitor_of
from handlers.features import ROUTER
from handlers.ways.showing import Shown
from models.delivery import Refused
from models.entry import MatchedBy
from models.events import GroupReleased, WayShown
from models.growth import Concern
from models.ids import GroupId, PersonId
from models.messages import Kind
from models.openings import Opening, OpeningState
from models.people import Profile, Role
from models.platform_ways import JoinWay
from models.proposals import Proposal, ProposalState
from models.referrals import Referral
from models.stores.unit import Unit
from models.tables import ErrandRow, GroupRow
from tests.stories.quiet import without_posts
from tests.world import ACCOUNT, GROUP, World

CODE, OTHER = "k7m2pq9xwd", "bbbbbbbbbb"
SECOND = "g2"
STEM = "杭州·2026年3-5月·妇幼·"
SITE = "https://qunzhu.example"


@pytest.fixture
async def world(world: World) -> World:
    """As WeCom is: nobody is invited or accepted, and no room is opened or renamed by us."""
    world.gateway.capabilities = replace(
        world.gateway.capabilities,
        **dict.fromkeys(
            ("invites", "accepts_friends", "opens_rooms", "renames", "shows_qr"), False
        ),
        **dict.fromkeys(("join_ways", "contact_ways", "welcome_templates"), True),
    )
    world.gateway.connect()
    world = await without_posts(world)
    await world.makes_code()
    return world


async def way(world: World, code: str = CODE) -> JoinWay | None:
    key = (ACCOUNT, "杭州", "妇幼", "2026-03", code)
    return await world.transactions.read(lambda facts: facts.join_ways.get(*key))


async def way_of(world: World, code: str = CODE) -> JoinWay:
    found = await way(world, code)
    assert found is not None
    return found


async def page_of(world: World, browser: str) -> Shown:
    seen = await world.transactions.read(lambda facts: read_seen(facts, visitor_of(browser)))
    assert seen is not None
    return ways_of(seen, world.clock.now())


async def looks_at_her_page(world: World, browser: str) -> Shown:
    page = await page_of(world, browser)
    if page.leads_in:
        await world.happens(WayShown(at=world.clock.now(), visitor=visitor_of(browser)))
    return page


async def is_of(world: World, members: int, group: str = GROUP) -> None:
    async with world.engine.begin() as connection:
        row = update(GroupRow).where(GroupRow.id == group)
        await connection.execute(row.values(members=members))


async def comes(world: World, person: str, nickname: str = "", code: str = CODE) -> GroupId:
    """She scans the way of that code, once it is there."""
    config = (await way_of(world, code)).config
    group = world.gateway.scan(config, PersonId(person), Profile(person, nickname))
    await world.passes(seconds=0)
    return group


async def referral(world: World, person: str) -> Referral | None:
    return await world.transactions.read(
        lambda facts: facts.referrals.get(GroupId(GROUP), PersonId(person))
    )


async def asked(world: World, kind: str) -> list[str]:
    async with world.engine.connect() as connection:
        found = select(ErrandRow.state).where(ErrandRow.kind == kind).order_by(ErrandRow.id)
        return list(await connection.scalars(found))


async def openings(world: World) -> list[Opening]:
    return await world.transactions.read(lambda facts: facts.openings.find())


async def concerns(world: World) -> set[Concern]:
    async def read(facts: Unit) -> set[Concern]:
        return {each.concern for each in await facts.notices.open_of(GroupId(GROUP))}

    return await world.transactions.read(read)


# The way is made, and shown


async def test_her_page_shows_the_way_of_her_own_code(world: World) -> None:
    await world.makes_code(OTHER, referrer="林护士")
    await world.answers("a", "小雨")
    await world.answers("b", "豆豆", code=OTHER)
    await world.passes(seconds=15)
    mine, hers = await page_of(world, "a"), await page_of(world, "b")
    assert mine.qr is not None
    assert hers.qr is not None
    assert mine.qr.content != hers.qr.content
    assert {each.code: each.groups for each in world.gateway.join_ways.values()} == {
        CODE: (GROUP,),
        OTHER: (GROUP,),
    }


async def test_nothing_is_made_for_those_who_only_look(world: World) -> None:
    await world.scans("a")
    await world.passes(minutes=5)
    assert await way(world) is None
    assert world.gateway.join_ways == {}


async def test_it_is_made_once_for_all_who_come_by_the_code(world: World) -> None:
    for browser in ("a", "b", "c"):
        await world.answers(browser, browser)
    await world.passes(hours=2)
    assert await asked(world, "join_way") == ["done"]
    assert await asked(world, "contact_way") == ["done"]


async def test_a_way_leads_to_new_groups_and_no_more_to_those_that_are_gone(world: World) -> None:
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    await world.opens(SECOND, f"{STEM}02")
    await world.passes(seconds=15)
    assert (await way_of(world)).groups == (GROUP, SECOND)
    assert (await way_of(world)).base_id == 3
    released = GroupReleased(at=world.clock.now(), by="运营小王", group=GroupId(GROUP))
    await world.happens(released)
    await world.passes(seconds=15)
    assert (await way_of(world)).groups == (SECOND,)


async def test_a_group_that_fills_up_takes_nobody_by_it_any_more(world: World) -> None:
    await world.opens(SECOND, f"{STEM}02")
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    await is_of(world, 199)
    await world.joins("u200")
    await world.passes(seconds=15)
    assert (await way_of(world)).groups == (SECOND,)


async def test_staff_hears_where_it_can_not_be_made(world: World) -> None:
    world.gateway.failures.append(Refused("41045"))
    world.gateway.failures.append(Refused("41045"))
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    assert Concern.NO_WAY_IN in await concerns(world)
    assert (await way_of(world)).why_not == "41045"
    await world.passes(hours=1, minutes=1)
    assert Concern.NO_WAY_IN not in await concerns(world)
    assert (await page_of(world, "a")).leads_in


async def test_a_way_that_is_gone_on_the_platform_is_made_anew(world: World) -> None:
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    before = await way_of(world)
    world.gateway.join_ways.clear()
    await world.passes(hours=25)
    after = await way_of(world)
    assert after.config != before.config
    assert after.config in world.gateway.join_ways


# Who came


async def test_the_only_one_who_is_expected_by_a_code_is_known(world: World) -> None:
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    await looks_at_her_page(world, "a")
    await comes(world, "月亮")
    she = await world.visitor("a")
    assert (she.person, she.matched_by, she.joined_in) == ("月亮", MatchedBy.STATE, GROUP)


async def test_of_several_it_is_whom_her_name_tells(world: World) -> None:
    await world.answers("a", "小雨")
    await world.answers("b", "豆豆")
    await world.passes(seconds=15)
    for browser in ("a", "b"):
        await looks_at_her_page(world, browser)
    await comes(world, "月亮")
    assert [(await world.visitor(each)).person for each in ("a", "b")] == [None, None]
    await comes(world, "豆豆")
    assert (await world.visitor("b")).matched_by is MatchedBy.STATE
    assert (await world.visitor("a")).person is None


async def test_who_never_saw_the_way_is_not_taken_for_who_came_by_it(world: World) -> None:
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    await comes(world, "月亮")
    assert (await world.visitor("a")).person is None


async def test_who_says_the_age_of_another_group_is_not_taken_for_her(world: World) -> None:
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    await looks_at_her_page(world, "a")
    await comes(world, "月亮", nickname="杭州-2岁-月亮")
    assert (await world.visitor("a")).person is None


async def test_long_after_her_place_lapsed_a_way_that_was_passed_on_tells_nothing(
    world: World,
) -> None:
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    await looks_at_her_page(world, "a")
    await world.passes(days=20)
    await comes(world, "月亮")
    assert (await world.visitor("a")).person is None


async def test_whose_way_it_was_is_known_though_nobody_knows_who_came(world: World) -> None:
    await world.makes_code(OTHER, referrer="林护士")
    for browser in ("a", "b"):
        await world.answers(browser, browser, code=OTHER)
    await world.passes(seconds=15)
    await comes(world, "月亮", code=OTHER)
    found = await referral(world, "月亮")
    assert found is not None
    assert (found.code, found.by_name, found.visitor) == (OTHER, "林护士", None)


async def test_who_is_known_later_is_told_with_it(world: World) -> None:
    await world.makes_code(OTHER, referrer="林护士")
    one = await world.answers("a", "小雨", code=OTHER)
    await world.answers("b", "豆豆", code=OTHER)
    await world.passes(seconds=15)
    await comes(world, "月亮", code=OTHER)
    await world.calls_herself("月亮", "杭州-孕34周-小雨")
    found = await referral(world, "月亮")
    assert found is not None
    assert (found.by_name, found.visitor) == ("林护士", one.id)


# The platform opens groups


async def test_the_next_group_is_opened_by_who_scans_and_not_asked_for(world: World) -> None:
    await world.becomes("运营小李", Role.ASSISTANT, None)
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    await is_of(world, 200)
    await world.answers("b", "豆豆")
    await world.passes(seconds=15)
    assert (await world.visitor("b")).waiting_since is not None
    assert [each.state for each in await openings(world)] == [OpeningState.ROOM]
    assert (await looks_at_her_page(world, "b")).qr is not None
    for n in range(200):
        world.gateway.enter(GroupId(GROUP), PersonId(f"old{n}"), Profile("妈妈"), Role.MEMBER)
    group = await comes(world, "豆豆")
    await world.passes(minutes=1)
    (opening,) = await openings(world)
    assert (opening.state, opening.group) == (OpeningState.OPEN, group)
    she = await world.visitor("b")
    assert (she.person, she.joined_in) == ("豆豆", group)
    opened = await world.transactions.read(lambda facts: facts.groups.peek(group))
    assert opened is not None
    assert opened.is_ours
    assert opened.name == f"{STEM}2"
    assert (await way_of(world)).base_id == 3
    assert not world.heard(Kind.STAFF_NOTICE)


async def test_staff_is_asked_where_nobody_scans(world: World) -> None:
    await world.becomes("运营小李", Role.ASSISTANT, None)
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    await is_of(world, 200)
    await world.answers("b", "豆豆")
    await world.passes(hours=2, minutes=1)
    assert [each.state for each in await openings(world)] == [OpeningState.ASKED]
    assert [each.message.to for each in world.heard(Kind.STAFF_NOTICE)] == ["运营小李"]


async def test_who_waits_is_not_led_past_those_who_have_a_place(world: World) -> None:
    """Below the limit the platform would lead her into the group that is full of kept seats."""
    await world.rules(growth={"qr_until": 5, "full_at": 40, "formed_at": 3})
    await is_of(world, 4)
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    await world.answers("b", "豆豆")
    assert (await world.visitor("b")).waiting_since is not None
    assert (await page_of(world, "b")).qr is None


async def test_by_a_rule_whose_names_end_in_no_number_none_is_opened(world: World) -> None:
    await world.rules(groups={"name_template": "{seq}·{city}·{window}·{channel}"})
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    found = await way_of(world)
    assert (found.is_there, found.opens_groups) == (True, False)


# By a member of staff


async def test_who_adds_staff_is_told_where_to_go_on(world: World) -> None:
    await world.rules(entry={"site": SITE})
    await world.answers("a", "小雨")
    await world.passes(seconds=15)
    assert (await page_of(world, "a")).to_staff is not None
    world.gateway.befriend(PersonId("月亮"), CODE)
    await world.passes(seconds=0)
    world.gateway.befriend(PersonId("月亮"), CODE)
    await world.passes(seconds=5)
    (said,) = [each.message for each in world.heard(Kind.REPLY) if each.message.to == "月亮"]
    assert said.attachment is not None
    assert said.attachment.link == f"{SITE}/j/{CODE}"
    assert said.lapses_at - said.due_at == timedelta(seconds=20)


async def test_who_comes_by_no_code_of_ours_is_left_alone(world: World) -> None:
    world.gateway.befriend(PersonId("月亮"), "spring-campaign")
    world.gateway.befriend(PersonId("星星"))
    await world.passes(seconds=5)
    assert not world.heard(Kind.REPLY)


# Welcomes


async def is_owned(world: World, owner: str, group: str = GROUP) -> None:
    async with world.engine.begin() as connection:
        row = update(GroupRow).where(GroupRow.id == group)
        await connection.execute(row.values(owner=owner))


async def a_while(world: World) -> None:
    """The beat of what has no time of its own, and what follows from it."""
    (tick,) = [each for each in ROUTER.ticks if each.name == "keep_in_step"]
    await world.passes(minutes=11)
    await world.simulation.dispatcher.tick(tick, world.clock.now())
    await world.simulation.look_again()
    await world.passes(minutes=1)


async def proposals(world: World) -> list[Proposal]:
    found = await world.transactions.read(lambda facts: facts.proposals.find())
    return sorted(found, key=lambda each: each.key)


async def test_each_owner_is_asked_once_to_apply_the_welcome_of_her_groups(world: World) -> None:
    await world.opens(SECOND, f"{STEM}02")
    await world.opens("g3", "杭州·2025年6-8月·妇幼·01")
    for owner, group in (("林悦", GROUP), ("林悦", SECOND), ("陈曦", "g3")):
        await is_owned(world, owner, group)
    await a_while(world)
    assert len(world.gateway.welcomes) == 2
    assert all("%NICKNAME%" in text for text in world.gateway.welcomes.values())
    assert [(each.owner, each.digest, each.state) for each in await proposals(world)] == [
        ("林悦", "prenatal", ProposalState.OPEN),
        ("陈曦", "postnatal", ProposalState.OPEN),
    ]
    told = [(each.message.to, "入群欢迎语" in each.message.text) for each in world.said]
    assert sorted(told) == [("林悦", True), ("陈曦", True)]


async def test_a_welcome_follows_its_rule(world: World) -> None:
    await is_owned(world, "林悦")
    await a_while(world)
    await world.rules(texts={"welcome": "{{ names }}，欢迎回家"})
    await a_while(world)
    assert list(world.gateway.welcomes.values()) == ["%NICKNAME%，欢迎回家"]
    assert len(await proposals(world)) == 1


async def test_a_channel_that_welcomes_otherwise_has_its_own(world: World) -> None:
    await world.rules("channel:妇幼", texts={"welcome": "{{ names }}，妇幼欢迎你"})
    await is_owned(world, "林悦")
    await a_while(world)
    assert list(world.gateway.welcomes.values()) == ["%NICKNAME%，妇幼欢迎你"]
    assert [each.digest for each in await proposals(world)] == ["prenatal:妇幼"]


async def test_what_had_to_be_made_anew_is_asked_for_anew(world: World) -> None:
    await is_owned(world, "林悦")
    await a_while(world)
    (before,) = await proposals(world)
    world.gateway.welcomes.clear()
    await world.passes(hours=25)
    await a_while(world)
    (after,) = await proposals(world)
    assert after.platform_id != before.platform_id
    assert after.state is ProposalState.OPEN
