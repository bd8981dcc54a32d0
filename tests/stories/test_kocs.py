"""Those who carry their group are found on Mondays, named, renewed and thanked."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import text

from handlers.features import ROUTER
from handlers.router import Tick
from models.groups import Member
from models.ids import GroupId, MessageId, PersonId
from models.kocs import KocTerm
from models.messages import Kind
from models.people import Profile, Role
from models.questions import Answer
from models.stores.office import Beat
from models.stores.unit import Unit
from tests.world import GROUP, Heard, World, shanghai

LARGE = "g2"
NAME = "杭州·2026年3-5月·妇幼·02"
MONDAY = shanghai("2026-03-09 10:00")
"""The first one after the World begins, which is on the evening of another Monday."""


async def opens_large(world: World, people: int = 151) -> None:
    """A group of so many people, as the platform counts them: we are one of them. A few have
    names that matter here."""
    known = ("班长", "豆豆妈", "小雨", "桃子", "米粒")
    others = tuple(f"妈妈{n:03}" for n in range(people - len(known) - 1))
    await world.opens(LARGE, NAME, (*known, *others))
    await world.becomes("班长", Role.MONITOR, LARGE)


async def opens_many(world: World, count: int) -> list[str]:
    """Small ones that count as large here, each with somebody to propose."""
    await world.rules(kocs={"from_members": 2})
    groups = [f"h{n:03}" for n in range(1, count + 1)]
    for group in groups:
        await world.opens(group, f"杭州·2026年3-5月·妇幼·{group[1:]}", ("a", "b", "c"))
        await helped(world, "a", "b", "c", "b", group=group)
    return groups


async def helped(
    world: World, helper: str, *askers: str, group: str = LARGE, ago: timedelta = timedelta()
) -> None:
    """She answered each of them, and they thanked her."""
    at = world.clock.now() - ago

    async def work(facts: Unit) -> None:
        for number, asker in enumerate(askers):
            facts.answers.put(
                Answer(
                    group=GroupId(group),
                    id=MessageId(f"{helper}:{at.timestamp()}:{number}"),
                    helper=PersonId(helper),
                    question=None,
                    asker=PersonId(asker),
                    said_at=at,
                    fingerprint=str(number),
                    accepted_at=at,
                )
            )

    await world.transactions.run(work)


async def is_koc(world: World, name: str, group: str = GROUP) -> bool:
    async def work(facts: Unit) -> Member | None:
        return await facts.members.get(GroupId(group), PersonId(name))

    member = await world.transactions.read(work)
    return member is not None and member.role is Role.KOC


async def term_of(world: World, name: str, group: str = GROUP) -> datetime | None:
    async def work(facts: Unit) -> KocTerm | None:
        return await facts.koc_terms.get(GroupId(group), PersonId(name))

    term = await world.transactions.read(work)
    return term.until if term else None


async def review(world: World) -> Beat:
    """How far the weekly review has come."""

    async def work(facts: Unit) -> Beat | None:
        return await facts.beats.get("kocs.review")

    beat = await world.transactions.read(work)
    assert beat is not None
    return beat


def in_private(world: World) -> list[Heard]:
    """Of members who were found; that a group is large enough to look for them is another's."""
    return [
        each
        for each in world.heard(Kind.STAFF_NOTICE)
        if "KOC" in each.message.text and not each.message.key.startswith("growth:")
    ]


def in_the_group(world: World, group: str = GROUP) -> list[Heard]:
    return [each for each in world.heard(Kind.NOTICE, group=group) if "KOC" in each.message.text]


def tick(name: str) -> Tick:
    (found,) = (each for each in ROUTER.ticks if each.name == name)
    return found


# Found


async def test_on_monday_the_monitor_hears_who_carries_a_large_group(world: World) -> None:
    await opens_large(world)
    for evening in ("2026-03-03 20:00", "2026-03-04 20:00", "2026-03-05 20:00"):
        await world.until(evening)
        await world.says("豆豆妈", "我家那会儿也这样", LARGE)
        await world.says("豆豆妈", "过两天就好了", LARGE)
    await helped(world, "豆豆妈", "小雨", "桃子", "小雨")
    await world.until(MONDAY - timedelta(seconds=1))
    assert in_private(world) == []
    await world.until("2026-03-15 23:00")
    (told,) = in_private(world)
    assert told.at == MONDAY
    assert told.message.to == "班长"
    assert told.message.text == (
        f"「{NAME}」里这几位最近特别热心，可以考虑请她们当 KOC：\n"
        "\n"
        "1. 豆豆妈\n"
        "被采纳的回答有3个，帮过2位群友\n"
        "近28天里有3天在群里说话\n"
        "最近一次帮到人是3月5日\n"
        "请她就发：/KOC @豆豆妈"
    )
    assert in_the_group(world, LARGE) == []


async def test_what_the_monitor_is_told_to_type_works(world: World) -> None:
    await opens_large(world)
    await helped(world, "豆豆妈", "小雨", "桃子", "小雨")
    await world.until(MONDAY)
    (told,) = in_private(world)
    await world.tells_us("班长", told.message.text.rpartition("请她就发：")[2])
    assert await is_koc(world, "豆豆妈", LARGE)
    await world.until("2026-03-16 12:00")
    assert len(in_private(world)) == 1, "who is a KOC is not proposed again"


async def test_groups_of_150_or_without_a_helper_hear_nothing(world: World) -> None:
    await opens_large(world, people=150)
    await helped(world, "豆豆妈", "小雨", "桃子", "小雨")
    await world.opens("g3", "杭州·2026年3-5月·妇幼·03", tuple(f"妈妈{n}" for n in range(160)))
    await helped(world, "妈妈1", "妈妈2", "妈妈3", group="g3")
    await helped(world, "妈妈4", "妈妈2", "妈妈2", "妈妈2", group="g3")
    await world.until("2026-03-20 12:00")
    assert in_private(world) == []
    await world.joins("新来的", group=LARGE)
    await world.until("2026-03-27 12:00")
    assert [each.message.to for each in in_private(world)] == ["班长"]


async def test_staff_and_those_who_left_are_not_proposed(world: World) -> None:
    await opens_large(world, people=160)
    for name in ("班长", "小雨", "桃子", "米粒", "豆豆妈"):
        await helped(world, name, "妈妈001", "妈妈002", "妈妈003")
    await world.becomes("小雨", Role.ASSISTANT, LARGE)
    await world.becomes("桃子", Role.HOST, None)
    await world.leaves("米粒", group=LARGE)
    await world.until(MONDAY)
    (told,) = in_private(world)
    assert "1. 豆豆妈" in told.message.text
    assert "2. " not in told.message.text


async def test_help_that_was_long_ago_counts_no_more(world: World) -> None:
    await opens_large(world)
    await world.until("2026-03-05 20:00")
    await helped(world, "豆豆妈", "小雨", "桃子", "小雨")
    await world.until("2026-04-12 20:00")
    mondays = [f"{each.at:%m-%d}" for each in in_private(world)]
    assert mondays == ["03-09", "03-16", "03-23", "03-30"]


async def test_a_restart_between_and_on_mondays_tells_nobody_twice(world: World) -> None:
    await opens_large(world)
    await helped(world, "豆豆妈", "小雨", "桃子", "小雨")
    await world.until("2026-03-06 12:00")
    await world.restarts()
    await world.until(MONDAY)
    await world.restarts()
    await world.until("2026-03-11 12:00")
    await world.restarts()
    await world.until("2026-03-16 12:00")
    await world.restarts()
    await world.passes(hours=1)
    assert [each.at for each in in_private(world)] == [MONDAY, MONDAY + timedelta(weeks=1)]


async def test_a_monday_that_was_missed_is_made_up_once_in_its_week(world: World) -> None:
    await opens_large(world)
    await helped(world, "豆豆妈", "小雨", "桃子", "小雨")
    await world.until("2026-03-08 12:00")
    thursday = shanghai("2026-03-12 15:00")
    world.clock.set(thursday)
    await world.restarts()
    await world.until("2026-03-17 12:00")
    assert [each.at for each in in_private(world)] == [thursday, MONDAY + timedelta(weeks=1)]


async def test_a_week_that_was_missed_as_a_whole_is_not_made_up(world: World) -> None:
    await opens_large(world)
    await helped(world, "豆豆妈", "小雨", "桃子", "小雨")
    await world.until("2026-03-08 12:00")
    world.clock.set(shanghai("2026-03-16 08:00"))
    await world.restarts()
    await world.until("2026-03-17 12:00")
    assert [each.at for each in in_private(world)] == [MONDAY + timedelta(weeks=1)]


async def test_who_begins_in_the_middle_of_a_week_waits_for_its_monday(world: World) -> None:
    """An update brings the review along; nothing is to be made up."""
    await opens_large(world)
    await helped(world, "豆豆妈", "小雨", "桃子", "小雨")
    await world.until("2026-03-07 11:00")
    assert in_private(world) == []


async def test_many_groups_are_reviewed_bit_by_bit_across_a_restart(world: World) -> None:
    groups = await opens_many(world, 60)
    world.clock.set(MONDAY)
    await world.simulation.dispatcher.tick(tick("propose_kocs"), MONDAY)
    stopped = await review(world)
    assert stopped.cursor == "h049"
    assert stopped.done_at < MONDAY
    await world.restarts()
    await world.until(MONDAY + timedelta(hours=1))
    keys = [each.message.key for each in in_private(world)]
    assert sorted(keys) == [f"koc:{group}:2026-W11" for group in groups]
    finished = await review(world)
    assert (finished.cursor, finished.done_at) == ("", MONDAY)


async def test_two_processes_share_the_groups(world: World) -> None:
    await opens_many(world, 105)
    world.clock.set(MONDAY)
    beat = world.simulation.dispatcher.tick
    await asyncio.gather(*(beat(tick("propose_kocs"), MONDAY) for _ in range(2)))
    assert (await review(world)).cursor == "h099"


async def test_a_group_that_is_busy_just_then_is_not_left_out(world: World) -> None:
    await opens_large(world)
    await helped(world, "豆豆妈", "小雨", "桃子", "小雨")
    world.clock.set(MONDAY)
    async with world.engine.connect() as busy, world.engine.connect() as onlooker:
        await busy.execute(text("SELECT 1 FROM chat_group WHERE id = 'g2' FOR NO KEY UPDATE"))
        review = asyncio.create_task(
            world.simulation.dispatcher.tick(tick("propose_kocs"), MONDAY)
        )
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not review.done() and not await onlooker.scalar(waiting):
            await onlooker.rollback()
        await busy.rollback()
        await review
    await world.passes(minutes=1)
    assert [each.message.to for each in in_private(world)] == ["班长"]


# Named


async def test_the_monitor_names_one_and_the_group_hears_it_once(world: World) -> None:
    await world.joins("班长", "豆豆妈")
    await world.becomes("班长", Role.MONITOR)
    await world.says("班长", "/KOC @豆豆妈\u2005", at=("豆豆妈",))
    assert world.replies == ["好的，豆豆妈从今天起是群里的 KOC 了，到4月27日为止"]
    assert await is_koc(world, "豆豆妈")
    assert await term_of(world, "豆豆妈") == shanghai("2026-04-27 19:00")
    await world.passes(minutes=1)
    await world.says("班长", "/koc 豆豆妈")
    assert world.replies[1:] == ["豆豆妈已经是 KOC 啦，到4月27日为止。发 /KOC 可以看名单"]
    await world.restarts()
    await world.passes(hours=1)
    (heard,) = in_the_group(world)
    assert heard.message.text.startswith("@豆豆妈\u2005从今天起是我们群的 KOC 啦")
    assert heard.message.mentions == ("豆豆妈",)


async def test_the_space_may_be_left_out(world: World) -> None:
    await world.joins("班长", "豆豆妈", "小雨")
    await world.becomes("班长", Role.MONITOR)
    await world.says("班长", "/KOC豆豆妈")
    await world.says("班长", "／ＫＯＣ＠小雨")
    await world.says("班长", "/KOCs")
    await world.passes(minutes=1)
    assert await is_koc(world, "豆豆妈")
    assert await is_koc(world, "小雨")
    assert len(world.replies) == 2


async def test_in_private_she_gets_an_answer_and_the_group_hears_it_too(world: World) -> None:
    await world.joins("班长", "豆豆妈")
    await world.becomes("班长", Role.MONITOR)
    await world.tells_us("班长", "KOC 豆豆妈")
    (reply,) = world.heard(Kind.REPLY)
    assert reply.message.to == "班长"
    assert reply.message.text.startswith("好的")
    await world.passes(hours=1)
    assert [each.message.mentions for each in in_the_group(world)] == [("豆豆妈",)]


async def test_at_night_she_is_answered_at_once_and_the_group_hears_it_in_the_morning(
    world: World,
) -> None:
    await world.joins("班长", "豆豆妈")
    await world.becomes("班长", Role.MONITOR)
    await world.until("2026-03-02 23:30")
    await world.says("班长", "/KOC @豆豆妈")
    assert len(world.replies) == 1
    assert in_the_group(world) == []
    await world.until("2026-03-03 12:00")
    (heard,) = in_the_group(world)
    assert heard.at == shanghai("2026-03-03 07:30")


async def test_who_can_not_be_one_is_said_kindly(world: World) -> None:
    await world.joins("班长", "小助", "豆豆妈", "豆豆爸", "走了的")
    await world.becomes("班长", Role.MONITOR)
    await world.becomes("小助", Role.ASSISTANT, None)
    await world.leaves("走了的")
    for text_ in ("/KOC @小助", "/KOC @班长", "/KOC @走了的", "/KOC 豆豆"):
        await world.says("班长", text_)
        await world.passes(minutes=1)
    assert world.replies == [
        "小助已经在帮忙管群啦，KOC 请从群友里选，发 /KOC @谁 就行",
        "班长已经在帮忙管群啦，KOC 请从群友里选，发 /KOC @谁 就行",
        "群里没找到「走了的」，请用 @ 选中她",
        "有2位对得上：豆豆妈、豆豆爸。请用 @ 选中她，或写全她的群昵称",
    ]
    await world.says("豆豆妈", "/KOC @豆豆爸")
    await world.passes(hours=1)
    assert in_the_group(world) == []
    for name in ("豆豆妈", "豆豆爸", "小助", "走了的"):
        assert not await is_koc(world, name)


async def test_the_word_alone_lists_them(world: World) -> None:
    await world.joins("班长", "豆豆妈", "小雨")
    await world.becomes("班长", Role.MONITOR)
    await world.says("班长", "/KOC")
    await world.says("班长", "/KOC @豆豆妈")
    await world.until("2026-03-03 12:00")
    await world.says("班长", "/KOC @小雨")
    await world.passes(minutes=1)
    await world.says("班长", "/KOC")
    assert world.replies[0] == "群里还没有 KOC。想请谁，就发 /KOC @谁"
    assert world.replies[-1] == "群里的 KOC：\n小雨（到4月28日）\n豆豆妈（到4月27日）"


async def test_one_whom_an_admin_names_is_celebrated_just_the_same(world: World) -> None:
    await world.joins("豆豆妈")
    await world.becomes("豆豆妈", Role.KOC)
    await world.passes(hours=1)
    await world.becomes("豆豆妈", Role.KOC)
    await world.passes(hours=1)
    assert len(in_the_group(world)) == 1
    assert await term_of(world, "豆豆妈") == shanghai("2026-04-27 19:00")


async def test_one_who_was_a_koc_before_we_came_is_no_news(world: World) -> None:
    world.gateway.open_room(GroupId(LARGE), NAME)
    world.gateway.enter(GroupId(LARGE), PersonId("豆豆妈"), Profile("豆豆妈"), Role.KOC)
    await world.looks(LARGE)
    await world.passes(hours=1)
    assert in_the_group(world, LARGE) == []
    assert await term_of(world, "豆豆妈", LARGE) == shanghai("2026-04-27 19:00")


async def test_another_role_ends_her_term_without_a_word(world: World) -> None:
    await world.joins("豆豆妈")
    await world.becomes("豆豆妈", Role.KOC)
    await world.until("2026-03-10 12:00")
    await world.becomes("豆豆妈", Role.MONITOR)
    assert await term_of(world, "豆豆妈") is None
    await world.until("2026-05-10 12:00")
    assert len(in_the_group(world)) == 1
    assert in_private(world) == []


async def test_who_is_named_again_after_a_while_is_celebrated_again(world: World) -> None:
    await world.joins("豆豆妈")
    for day in ("2026-03-10 12:00", "2026-03-12 12:00"):
        await world.until(day)
        await world.becomes("豆豆妈", Role.KOC)
        await world.becomes("豆豆妈", Role.MEMBER)
        await world.becomes("豆豆妈", Role.KOC)
    await world.passes(hours=1)
    assert len(in_the_group(world)) == 2


# Renewed or thanked


async def test_a_koc_who_still_helps_is_renewed_and_only_the_monitor_hears_it(
    world: World,
) -> None:
    await world.joins("班长", "豆豆妈")
    await world.becomes("班长", Role.MONITOR)
    await world.says("班长", "/KOC @豆豆妈")
    await world.until("2026-04-20 12:00")
    await world.restarts()
    await helped(world, "豆豆妈", "小雨", "小雨", group=GROUP)
    await world.until("2026-04-28 12:00")
    (told,) = in_private(world)
    assert told.at == shanghai("2026-04-27 19:00")
    assert told.message.to == "班长"
    assert told.message.text == (
        "「杭州·2026年3-5月·妇幼·01」豆豆妈的 KOC 这一期到了。近28天她有2个回答被采纳，"
        "帮过1位群友，已经续到6月22日。想换人就发：/角色 @豆豆妈 成员"
    )
    assert await is_koc(world, "豆豆妈")
    assert len(in_the_group(world)) == 1, "when she was named"
    await world.until("2026-06-23 12:00")
    assert len(in_private(world)) == 2
    assert len(in_the_group(world)) == 2, "named, and thanked after the second term"
    assert not await is_koc(world, "豆豆妈")


async def test_a_koc_who_helps_no_more_is_thanked_once(world: World) -> None:
    await world.joins("班长", "豆豆妈")
    await world.becomes("班长", Role.MONITOR)
    await world.says("班长", "/KOC @豆豆妈")
    await helped(world, "豆豆妈", "小雨", "小雨", group=GROUP)
    await world.until("2026-04-27 19:00")
    await world.restarts()
    await world.until("2026-05-10 12:00")
    named, thanked = in_the_group(world)
    assert "从今天起" in named.message.text
    assert thanked.at == shanghai("2026-04-27 19:00")
    assert thanked.message.text.startswith("@豆豆妈\u2005这一期的 KOC 当满啦，谢谢你")
    assert thanked.message.mentions == ("豆豆妈",)
    (told,) = in_private(world)
    assert told.message.text == (
        "「杭州·2026年3-5月·妇幼·01」豆豆妈的 KOC 这一期结束了。近28天她没有被采纳的回答，"
        "没有再续，我会在群里谢谢她。还想请她就发：/KOC @豆豆妈"
    )
    assert not await is_koc(world, "豆豆妈")
    assert await term_of(world, "豆豆妈") is None
    await world.tells_us("班长", told.message.text.rpartition("还想请她就发：")[2])
    assert await is_koc(world, "豆豆妈")


async def test_a_term_that_ends_at_night_is_talked_of_in_the_morning(world: World) -> None:
    await world.joins("豆豆妈")
    await world.until("2026-03-02 23:30")
    await world.becomes("豆豆妈", Role.KOC)
    await world.until("2026-04-28 07:29")
    assert await is_koc(world, "豆豆妈")
    await world.until("2026-04-28 07:31")
    assert not await is_koc(world, "豆豆妈")
    assert in_the_group(world)[-1].at == shanghai("2026-04-28 07:30")


async def test_who_left_is_neither_thanked_nor_a_koc_when_she_returns(world: World) -> None:
    await world.joins("班长", "豆豆妈")
    await world.becomes("班长", Role.MONITOR)
    await world.says("班长", "/KOC @豆豆妈")
    await world.until("2026-03-20 12:00")
    await world.leaves("豆豆妈")
    assert await term_of(world, "豆豆妈") is None
    await world.joins("豆豆妈")
    assert not await is_koc(world, "豆豆妈")
    await world.until("2026-05-10 12:00")
    assert len(in_the_group(world)) == 1
    assert in_private(world) == []


async def test_in_a_group_that_was_given_up_her_term_ends_without_a_word(world: World) -> None:
    await world.joins("豆豆妈")
    await world.becomes("豆豆妈", Role.KOC)
    await world.passes(hours=1)
    async with world.admin() as http:
        answer = await http.post(f"/api/v1/groups/{GROUP}/release")
    assert answer.status_code < 300, answer.text
    await world.until("2026-05-10 12:00")
    assert await term_of(world, "豆豆妈") is None
    assert len(in_the_group(world)) == 1
    assert in_private(world) == []


async def test_a_busy_group_has_its_turn_with_the_next_beat(world: World) -> None:
    await world.joins("豆豆妈")
    await world.becomes("豆豆妈", Role.KOC)
    end = shanghai("2026-04-27 19:00")
    world.clock.set(end)
    async with world.engine.connect() as busy:
        await busy.execute(text("SELECT 1 FROM chat_group WHERE id = 'g1' FOR NO KEY UPDATE"))
        await world.simulation.dispatcher.tick(tick("end_terms"), end)
        await busy.rollback()
    assert await is_koc(world, "豆豆妈")
    await world.simulation.dispatcher.tick(tick("end_terms"), end + timedelta(minutes=1))
    assert not await is_koc(world, "豆豆妈")
