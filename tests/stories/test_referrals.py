"""Who brings somebody who stays gets points for it, once and no more than a month's share."""

import itertools
import random
import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.http.visitors import visitor_of
from handlers.referrals import policy
from models.entry import Baby, Visitor
from models.events import GroupReleased, MemberLeft, VisitorJoined
from models.ids import Code, GroupId, PersonId
from models.people import Profile, Role, is_erased
from models.points import Entry, EntryKind
from models.referrals import Referral
from models.stores.unit import Unit
from tests.stories.quiet import without_posts
from tests.world import ACCOUNT, GROUP, World, new_world, shanghai

SITE = "https://q.example.com"
SECOND = "g2"
SHOP = "g3"


async def prepared(world: World) -> World:
    """Two mothers who are there, in a group of a hospital that has a second one. Who was brought
    must stay a day, so that stories are short."""
    await without_posts(world)
    await world.rules(referrals={"stayed": 86_400})
    await world.joins("豆豆妈", "米粒妈")
    await world.opens(SECOND, "杭州·2026年3-5月·妇幼·02", ("糖糖妈",))
    await world.opens(SHOP, "杭州·2026年3-5月·商场·01", ("小米妈",))
    return world


@pytest.fixture
async def group(world: World) -> World:
    return await prepared(world)


async def invites(world: World, by: str, *names: str, group: str = GROUP) -> None:
    """She pulls them into the group, and the platform says so."""
    for name in names:
        world.gateway.join(GroupId(group), PersonId(name), Profile(name), PersonId(by))
    await world.passes(seconds=0)


async def comes_by(
    world: World,
    code: str,
    name: str,
    *,
    browser: str = "",
    group: str = GROUP,
    called: str = "",
    day: str = "2026-04-10",
    by: str | None = None,
) -> None:
    """She fills in the form of a code, joins, and is known to be who did."""
    visitor = visitor_of(browser or f"browser of {name}")
    now = world.clock.now()

    async def answer(facts: Unit) -> None:
        if await facts.visitors.get(visitor) is not None:
            return  # who is in a group has answered for good
        facts.visitors.put(
            Visitor(
                id=visitor,
                code=Code(code),
                scanned_at=now,
                answered_at=now,
                channel="妇幼",
                city="杭州",
                birth_window="2026-03",
                baby=Baby.DUE,
                day=date.fromisoformat(day),
                name=called or name,
                consent="2026-11",
                person=PersonId(name),
            )
        )

    await world.transactions.run(answer)
    inviter = PersonId(by) if by else None
    world.gateway.join(GroupId(group), PersonId(name), Profile(name), inviter)
    await world.passes(seconds=0)
    await world.happens(
        VisitorJoined(at=now, group=GroupId(group), person=PersonId(name), visitor=visitor)
    )


async def privately(world: World, name: str, text: str) -> str:
    before = len(world.said)
    await world.tells_us(name, text)
    await world.passes(seconds=4)
    return "".join(each.message.text for each in world.said[before:])


async def asks_for_link(world: World, name: str) -> str:
    """The code of her own link."""
    await world.rules(entry={"site": SITE})
    told = await privately(world, name, "/邀请")
    (code,) = re.findall(rf"{SITE}/j/([0-9a-z]{{10}})\b", told)
    return str(code)


async def referral(world: World, person: str, group: str = GROUP) -> Referral | None:
    return await world.transactions.read(
        lambda facts: facts.referrals.get(GroupId(group), PersonId(person))
    )


async def why_not(world: World, person: str, group: str = GROUP) -> str:
    found = await referral(world, person, group)
    assert found is not None
    return found.why_not


async def entries(world: World, *groups: str) -> list[Entry]:
    async def work(facts: Unit) -> list[Entry]:
        assert await facts.ledger.differing(10) == []
        found = [await facts.ledger.after(GroupId(each), 0) for each in groups or (GROUP,)]
        return [entry for of_group in found for _, entry in of_group]

    return await world.transactions.read(work)


# Who stays


async def test_who_was_brought_and_stays_a_week_is_worth_three_points(group: World) -> None:
    await group.rules(referrals={"stayed": None})
    await invites(group, "豆豆妈", "桃子妈")
    await group.passes(days=7, seconds=-1)
    assert await group.points("豆豆妈") == 0
    await group.passes(minutes=2)
    assert await group.points("豆豆妈") == 3
    (entry,) = await entries(group)
    assert (entry.kind, entry.key) == (EntryKind.REFERRAL, "referral:桃子妈")
    assert "+3 你邀请的桃子妈留下来了" in await group.types("豆豆妈", "/积分")
    assert "豆豆妈 3分" in await group.types("米粒妈", "/排行")


async def test_who_leaves_before_is_worth_nothing(group: World) -> None:
    await invites(group, "豆豆妈", "桃子妈")
    await group.passes(hours=20)
    await group.leaves("桃子妈")
    await group.passes(hours=11)
    assert await group.points("豆豆妈") == 0
    assert await why_not(group, "桃子妈") == "she was not in the group any more"


async def test_who_is_back_in_time_has_stayed_and_is_no_new_one(group: World) -> None:
    await invites(group, "豆豆妈", "桃子妈")
    await group.passes(hours=7)
    await group.leaves("桃子妈")
    await group.passes(hours=7)
    await invites(group, "米粒妈", "桃子妈")
    await group.passes(hours=17)
    assert (await group.points("豆豆妈"), await group.points("米粒妈")) == (3, 0)
    found = await referral(group, "桃子妈")
    assert found is not None
    assert (found.by_platform, found.left_at) == ("豆豆妈", None)


async def test_who_leaves_afterwards_has_stayed(group: World) -> None:
    await invites(group, "豆豆妈", "桃子妈")
    await group.passes(hours=28)
    await group.leaves("桃子妈")
    await group.passes(hours=4)
    assert await group.points("豆豆妈") == 3
    found = await referral(group, "桃子妈")
    assert found is not None
    assert found.left_at is not None
    assert found.why_not == ""


async def test_what_was_learned_late_takes_the_points_back(group: World) -> None:
    await invites(group, "豆豆妈", "桃子妈", "果果妈")
    joined = group.clock.now()
    await group.passes(hours=28)
    assert await group.points("豆豆妈") == 6
    for name, hours in (("桃子妈", 20), ("果果妈", 26)):
        await group.happens(
            MemberLeft(
                account=ACCOUNT,
                at=joined + timedelta(hours=hours),
                group=GROUP,
                person=PersonId(name),
            )
        )
    await group.passes(minutes=2)
    assert await group.points("豆豆妈") == 3
    assert await why_not(group, "桃子妈") == "taken back: she had left before"
    assert await why_not(group, "果果妈") == ""
    back = [each for each in await entries(group) if each.kind is EntryKind.CLAWBACK]
    assert [each.reverses for each in back] == ["referral:桃子妈"]
    assert "收回：邀请的朋友没待满" in await group.types("豆豆妈", "/积分")
    assert "豆豆妈 3分" in await group.types("米粒妈", "/排行")


async def test_a_late_leave_of_who_was_back_in_time_takes_nothing_back(group: World) -> None:
    await invites(group, "豆豆妈", "桃子妈")
    joined = group.clock.now()
    await group.passes(hours=17)
    await invites(group, "豆豆妈", "桃子妈")
    await group.passes(hours=14)
    left = MemberLeft(
        account=ACCOUNT, at=joined + timedelta(hours=14), group=GROUP, person=PersonId("桃子妈")
    )
    await group.happens(left)
    await group.passes(minutes=2)
    assert await group.points("豆豆妈") == 3
    assert await why_not(group, "桃子妈") == ""


async def test_points_are_taken_back_once_and_as_far_as_they_are_there(group: World) -> None:
    await invites(group, "豆豆妈", "桃子妈")
    joined = group.clock.now()
    await group.passes(hours=28)
    await group.joins("班长")
    await group.becomes("班长", Role.MONITOR)
    await group.types("班长", "/扣分 @豆豆妈 2 加错了", at=("豆豆妈",))
    for hours in (20, 17):
        left = MemberLeft(
            account=ACCOUNT,
            at=joined + timedelta(hours=hours),
            group=GROUP,
            person=PersonId("桃子妈"),
        )
        await group.happens(left)
        await group.passes(minutes=2)
    assert await group.points("豆豆妈") == 0
    back = [each for each in await entries(group) if each.kind is EntryKind.CLAWBACK]
    assert [(each.points, each.shortfall) for each in back] == [(-1, 2)]


async def test_while_nothing_is_heard_nobody_is_judged(group: World) -> None:
    """She left while we were away, and nobody can tell when."""
    await invites(group, "豆豆妈", "桃子妈", "果果妈")
    await group.passes(hours=20)
    await group.goes_deaf()
    group.gateway.leave(GroupId(GROUP), PersonId("桃子妈"))
    group.gateway.take()
    await group.passes(hours=7)
    assert await group.points("豆豆妈") == 0
    await group.hears_again()
    await group.passes(hours=1)
    assert await group.points("豆豆妈") == 3
    assert await why_not(group, "桃子妈") == policy.LEFT
    assert await why_not(group, "果果妈") == ""


async def test_a_restart_changes_nothing(group: World) -> None:
    await invites(group, "豆豆妈", "桃子妈")
    await group.passes(hours=24)
    await group.restarts()
    await group.passes(hours=4)
    await group.restarts()
    await group.passes(hours=4)
    assert await group.points("豆豆妈") == 3


# Who is brought by whom


async def test_the_link_counts_and_what_the_platform_says_is_kept(group: World) -> None:
    code = await asks_for_link(group, "豆豆妈")
    await comes_by(group, code, "桃子妈", by="米粒妈")
    found = await referral(group, "桃子妈")
    assert found is not None
    assert (found.code, found.by_link, found.by_name) == (code, "豆豆妈", "豆豆妈")
    assert (found.by_platform, found.referrer, found.agrees) == ("米粒妈", "豆豆妈", False)
    await group.passes(hours=28)
    assert (await group.points("豆豆妈"), await group.points("米粒妈")) == (3, 0)


async def test_a_link_that_is_known_late_leaves_points_where_they_are(group: World) -> None:
    await invites(group, "米粒妈", "桃子妈")
    code = await asks_for_link(group, "豆豆妈")
    await group.passes(hours=28)
    await comes_by(group, code, "桃子妈")
    await group.passes(hours=28)
    assert (await group.points("豆豆妈"), await group.points("米粒妈")) == (0, 3)
    found = await referral(group, "桃子妈")
    assert found is not None
    assert (found.by_link, found.by_platform, found.credited) == ("豆豆妈", "米粒妈", "米粒妈")


async def test_a_link_of_a_nurse_is_noted_and_earns_nothing(group: World) -> None:
    await group.makes_code("nurse23456", referrer="王护士")
    await group.makes_code("nobody2345")
    await comes_by(group, "nurse23456", "桃子妈", by="豆豆妈")
    await comes_by(group, "nobody2345", "果果妈")
    assert await referral(group, "果果妈") is None
    await group.passes(hours=28)
    assert await group.points("豆豆妈") == 0
    found = await referral(group, "桃子妈")
    assert found is not None
    assert (found.by_name, found.by_link, found.agrees) == ("王护士", None, False)
    assert found.why_not == "the link is of somebody who is none of ours"


async def test_who_was_in_any_group_of_ours_before_is_brought_by_nobody(group: World) -> None:
    await group.passes(minutes=1)
    await invites(group, "豆豆妈", "糖糖妈")
    assert await referral(group, "糖糖妈") is None
    await group.joins("桃子妈")
    await group.leaves("桃子妈")
    await group.passes(hours=4)
    await invites(group, "豆豆妈", "桃子妈")
    assert await referral(group, "桃子妈") is None
    code = await asks_for_link(group, "豆豆妈")
    await comes_by(group, code, "小米妈")
    assert await referral(group, "小米妈") is None


async def test_whom_our_own_account_invites_it_invites_for_nobody(group: World) -> None:
    await invites(group, "bot", "桃子妈")
    us = await group.transactions.read(lambda facts: facts.accounts.get(ACCOUNT))
    assert us is not None
    await invites(group, str(us.person), "果果妈")
    assert await referral(group, "桃子妈") is None
    assert await referral(group, "果果妈") is None


# Where points are booked


async def test_points_go_where_the_link_was_made(group: World) -> None:
    """She brings somebody into another group of the hospital."""
    code = await asks_for_link(group, "豆豆妈")
    await comes_by(group, code, "桃子妈", group=SECOND)
    await group.passes(hours=28)
    assert (await group.points("豆豆妈"), await group.points("豆豆妈", SECOND)) == (3, 0)


async def test_who_left_that_group_gets_them_in_another_of_the_channel(group: World) -> None:
    code = await asks_for_link(group, "豆豆妈")
    await comes_by(group, code, "桃子妈")
    await comes_by(group, code, "果果妈", day="2026-04-11")
    await group.joins("豆豆妈", group=SHOP)
    await group.leaves("豆豆妈")
    await group.passes(hours=20)
    await group.joins("豆豆妈", group=SECOND)
    await group.passes(hours=7)
    assert await group.points("豆豆妈", SECOND) == 6
    assert await group.points("豆豆妈", SHOP) == 0


async def test_who_is_in_no_group_of_the_channel_gets_none(group: World) -> None:
    code = await asks_for_link(group, "豆豆妈")
    await comes_by(group, code, "桃子妈")
    await group.joins("豆豆妈", group=SHOP)
    await group.leaves("豆豆妈")
    await group.passes(hours=28)
    assert await group.points("豆豆妈", SHOP) == 0
    assert await why_not(group, "桃子妈") == "who brought her is in no group of the channel"


async def test_a_group_that_was_let_go_is_not_judged_by(group: World) -> None:
    await invites(group, "豆豆妈", "桃子妈")
    await group.happens(GroupReleased(at=group.clock.now(), by="运营小王", group=GROUP))
    await group.passes(hours=28)
    assert await why_not(group, "桃子妈") == "the group is not ours any more"


# Whom nobody gets points for


@pytest.mark.parametrize("role", [Role.MONITOR, Role.ASSISTANT, Role.HOST])
async def test_staff_earn_nothing(group: World, role: Role) -> None:
    await group.becomes("豆豆妈", role)
    await group.becomes("米粒妈", role, None)
    await invites(group, "豆豆妈", "桃子妈")
    await invites(group, "米粒妈", "果果妈")
    await group.passes(hours=28)
    assert (await group.points("豆豆妈"), await group.points("米粒妈")) == (0, 0)
    assert await why_not(group, "桃子妈") == "staff earn no points"


async def test_nobody_brings_herself(group: World) -> None:
    """By a second account with the same answers, or in the browser of the first."""
    code = await asks_for_link(group, "米粒妈")
    await comes_by(group, code, "豆宝妈", browser="一个手机", called="豆豆")
    hers = await asks_for_link(group, "豆宝妈")
    await comes_by(group, hers, "小号", browser="一个手机", called="别的")
    await comes_by(group, hers, "小小号", browser="另一个", called="豆 豆")
    await group.passes(hours=28)
    assert await group.points("豆宝妈") == 0
    assert await why_not(group, "小号") == "somebody got points for this browser before"
    assert await why_not(group, "小小号") == "she brought herself"
    assert await group.points("米粒妈") == 3


async def test_one_person_with_two_accounts_counts_once(group: World) -> None:
    one, other = await asks_for_link(group, "豆豆妈"), await asks_for_link(group, "米粒妈")
    await comes_by(group, one, "桃子妈", browser="一个手机", called="桃子")
    await group.passes(hours=4)
    await comes_by(group, other, "桃子小号", browser="一个手机", called="桃桃", day="2026-04-12")
    await comes_by(group, other, "桃子三号", browser="平板", called="桃子", group=SECOND)
    await comes_by(group, other, "别的桃子", browser="别人", called="桃子", day="2026-04-13")
    await group.passes(hours=31)
    assert await group.points("豆豆妈") == 3
    assert await why_not(group, "桃子小号") == "somebody got points for this browser before"
    said = await why_not(group, "桃子三号", SECOND)
    assert said == "somebody who told the same was brought before"
    assert await group.points("米粒妈") == 3


async def test_the_same_newcomer_in_two_groups_counts_once(group: World) -> None:
    """Both at the same moment, so that neither comes before the other."""
    await group.joins("豆豆妈", group=SECOND)
    for room in (GROUP, SECOND):
        group.gateway.join(
            GroupId(room), PersonId("桃子妈"), Profile("桃子妈"), PersonId("豆豆妈")
        )
    await group.passes(hours=28)
    total = await group.points("豆豆妈") + await group.points("豆豆妈", SECOND)
    assert total == 3


async def test_a_circle_credits_nobody_in_it(group: World) -> None:
    """They bring one another, each with the link that she had before she came back as somebody
    new: the platform's ids are erased and seen again."""

    async def work(facts: Unit) -> None:
        for person, by in (("豆豆妈", "糖糖妈"), ("糖糖妈", "桃子妈")):
            facts.referrals.put(
                Referral(
                    group=GROUP,
                    person=PersonId(person),
                    joined_at=group.clock.now(),
                    by_link=PersonId(by) if person == "豆豆妈" else None,
                    by_platform=None if person == "豆豆妈" else PersonId(by),
                )
            )

    await group.transactions.run(work)
    await invites(group, "豆豆妈", "桃子妈", "果果妈")
    await group.passes(hours=28)
    assert await group.points("豆豆妈") == 3
    said = await why_not(group, "桃子妈")
    assert said == "she brought, herself or through others, who brought her"


async def test_a_month_has_its_share_over_all_groups(group: World) -> None:
    await group.joins("豆豆妈", group=SECOND)
    names = [f"新{n:02}" for n in range(12)]
    await invites(group, "豆豆妈", *names[:6])
    await invites(group, "豆豆妈", *names[6:], group=SECOND)
    await group.passes(hours=28)
    total = await group.points("豆豆妈") + await group.points("豆豆妈", SECOND)
    assert total == 30
    reasons = Counter([await why_not(group, each) for each in names[:6]])
    reasons += Counter([await why_not(group, each, SECOND) for each in names[6:]])
    assert reasons == {"": 10, "who brought her has had her share of the month": 2}


async def test_another_month_has_its_own(database: str) -> None:
    async with new_world(database, shanghai("2026-03-30 12:00")) as world:
        await prepared(world)
        await world.rules(referrals={"monthly_most": 3})
        await invites(world, "豆豆妈", "桃子妈", "果果妈")
        await world.passes(hours=28)
        assert await world.points("豆豆妈") == 3
        await invites(world, "豆豆妈", "毛豆妈")
        await world.passes(hours=25)
        assert await world.points("豆豆妈") == 6


async def test_what_is_left_of_the_share_is_given(group: World) -> None:
    await group.rules(referrals={"points": 4, "monthly_most": 6})
    await invites(group, "豆豆妈", "桃子妈", "果果妈", "毛豆妈")
    await group.passes(hours=28)
    assert sorted(each.points for each in await entries(group)) == [2, 4]


async def test_referrals_do_not_take_from_what_is_earned_in_a_day(group: World) -> None:
    await group.joins("班长")
    await group.becomes("班长", Role.MONITOR)
    await invites(group, "豆豆妈", *(f"新{n}" for n in range(8)))
    await group.passes(hours=25)
    told = await group.types("班长", "/加分 @豆豆妈 20 热心", at=("豆豆妈",))
    assert "+20分" in told
    assert await group.points("豆豆妈") == 44


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_they_do_the_sums_hold(group: World, seed: int) -> None:
    """People come and go by links and invitations, in three groups, for days."""
    chance = random.Random(seed)
    await group.rules(entry={"site": SITE}, referrals={"monthly_most": 9})
    people = ["豆豆妈", "米粒妈", *(f"妈{n}" for n in range(8))]
    codes = {each: await asks_for_link(group, each) for each in people[:2]}
    rooms = (GROUP, SECOND, SHOP)
    for step in itertools.count():
        if step == 40:
            break
        one, room = chance.choice(people), chance.choice(rooms)
        match chance.choice(("invited", "invited", "link", "left")):
            case "invited":
                await invites(group, chance.choice(people), one, group=room)
            case "link":
                by = chance.choice(list(codes.values()))
                await comes_by(group, by, one, group=room, browser=f"手机{step % 5}")
            case "left":
                await group.leaves(one, group=room)
        await group.passes(hours=chance.choice((1, 2, 6)))
    await group.passes(hours=31)
    given = [each for each in await entries(group, *rooms) if each.kind is EntryKind.REFERRAL]
    newcomers = [each.counterpart for each in given]
    assert given
    assert len(newcomers) == len(set(newcomers))
    of_month: Counter[Any] = Counter()
    for each in given:
        of_month[each.person, each.at.astimezone(shanghai("2026-03-01").tzinfo).month] += (
            each.points
        )
    assert max(of_month.values()) <= 9
    assert no_circle({(each.person, each.counterpart) for each in given})


def no_circle(edges: set[tuple[Any, Any]]) -> bool:
    """Whoever brought nobody is taken away, until nobody is left."""
    while edges:
        bringing = {by for by, _ in edges}
        rest = {(by, who) for by, who in edges if who in bringing}
        if rest == edges:
            return False
        edges = rest
    return True


async def test_who_is_erased_stands_nowhere_any_more(group: World) -> None:
    """Also not in the ledger of a group that she never was in."""
    code = await asks_for_link(group, "豆豆妈")
    await comes_by(group, code, "桃子妈", group=SECOND)
    await group.passes(hours=28)
    assert await group.points("豆豆妈") == 3
    async with group.admin() as http:
        assert (await http.delete("/api/v1/people/桃子妈")).status_code == 204
    (entry,) = await entries(group)
    assert is_erased(str(entry.counterpart))
    assert "桃子妈" not in entry.key
    assert await referral(group, "桃子妈", SECOND) is None
    assert await group.points("豆豆妈") == 3


# Her own link


async def test_her_link_is_hers_and_stays_the_same(group: World) -> None:
    code = await asks_for_link(group, "豆豆妈")
    assert set(code) <= set("23456789abcdefghjkmnpqrstuvwxyz")
    await group.passes(hours=4)
    assert await asks_for_link(group, "豆豆妈") == code
    assert await asks_for_link(group, "米粒妈") != code
    made = await group.transactions.read(lambda facts: facts.entry_codes.get(Code(code)))
    assert made is not None
    assert (made.channel, made.city, made.referrer) == ("妇幼", None, "豆豆妈")
    assert (made.member, made.group, made.closed_at) == ("豆豆妈", GROUP, None)


async def test_she_is_told_how_it_counts_and_whom_she_brought(group: World) -> None:
    await group.rules(entry={"site": SITE}, referrals={"points": 5})
    told = await privately(group, "豆豆妈", "invite")
    code = re.findall(r"/j/([0-9a-z]+)", told)[0]
    assert told.splitlines() == [
        "这是你的专属邀请，一直有效，发给朋友就行：",
        f"{SITE}/j/{code}",
        "她点开填三项，就能找到和宝宝月龄对得上的群。下面的海报也可以直接发～",
        "她第一次进群、满1天还在，你得5分，每个月最多30分。",
    ]
    poster = group.said[-1].message.attachment
    assert poster is not None
    assert (poster.image, poster.link) == (f"{SITE}/j/{code}/poster.png", None)
    await comes_by(group, str(code), "桃子妈")
    await group.passes(hours=28)
    await comes_by(group, str(code), "果果妈", day="2026-04-20")
    told = await privately(group, "豆豆妈", "/邀请")
    assert told.splitlines()[-1] == "你已经邀请了2位，1位得了分，1位还没到时候。"


async def test_one_link_a_channel(group: World) -> None:
    code = await asks_for_link(group, "豆豆妈")
    await group.joins("豆豆妈", group=SECOND)
    await privately(group, "豆豆妈", "/邀请")
    assert f"/j/{code}" in await privately(group, "豆豆妈", "2")
    await group.passes(minutes=11)
    await group.joins("豆豆妈", group=SHOP)
    await privately(group, "豆豆妈", "/邀请")
    assert f"/j/{code}" not in (told := await privately(group, "豆豆妈", "3"))
    assert f"{SITE}/j/" in told


async def test_in_the_group_she_is_asked_to_come_in_private(group: World) -> None:
    assert "私信我发 /邀请" in await group.types("豆豆妈", "/邀请")


async def test_without_an_address_there_is_no_link(group: World) -> None:
    assert "还没开通" in await privately(group, "豆豆妈", "/邀请")


async def test_staff_have_links_and_no_points(group: World) -> None:
    await group.becomes("豆豆妈", Role.MONITOR)
    await group.rules(entry={"site": SITE})
    assert "不参加积分" in await privately(group, "豆豆妈", "/邀请")


async def test_a_link_that_was_closed_is_not_given_out(group: World) -> None:
    code = await asks_for_link(group, "豆豆妈")

    async def close(facts: Unit) -> None:
        known = await facts.entry_codes.get(Code(code))
        assert known is not None
        facts.entry_codes.put(replace(known, closed_at=group.clock.now()))

    await group.transactions.run(close)
    assert "停用" in await privately(group, "豆豆妈", "/邀请")
