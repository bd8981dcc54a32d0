"""The monitor asks her group to do something; who does it is credited once, silently."""

from datetime import datetime

import pytest

from models.delivery import NotSent
from models.events import GroupReleased, MessageReceived
from models.ids import GroupId, MessageId, PersonId
from models.messages import Kind
from models.people import Role
from models.stores.unit import Unit
from models.tasks import TaskResponse
from tests.world import ACCOUNT, GROUP, World, shanghai

WATER = "/任务 打卡 今天喝水了吗 关键词=已喝 分=2 到=21:00"
PHOTO = "/任务 晒一张宝宝的照片"
ANNOUNCED = "任务来啦：打卡 今天喝水了吗\n做到了就发「已喝」，得2分，今天21:00截止～"
RULER = "- - - - - - - - - - - - - - -"
MOTHERS = ("小雨", "豆豆妈", "米粒妈", "团团妈", "安安妈", "糖糖妈", "果果妈")


@pytest.fixture
async def group(world: World) -> World:
    """A group with a monitor and some mothers, at 19:20, all greeted."""
    await world.joins("班长", *MOTHERS)
    await world.becomes("班长", Role.MONITOR)
    await world.until("2026-03-02 19:20")
    world.said.clear()
    return world


async def responded(world: World, number: int = 1) -> list[str]:
    """Who is remembered to have done it, in order of time."""

    async def work(facts: Unit) -> list[TaskResponse]:
        task = await facts.tasks.get(GroupId(GROUP), number)
        assert task is not None
        return await facts.task_responses.to(task)

    return [each.person for each in await world.transactions.read(work)]


def drunk(name: str, at: datetime) -> MessageReceived:
    """She says so at a moment that may be past."""
    return MessageReceived(
        account=ACCOUNT,
        at=at,
        id=MessageId(f"{name}-{at}"),
        group=GroupId(GROUP),
        sender=PersonId(name),
        text="已喝",
    )


def heard(world: World, *kinds: Kind) -> list[str]:
    return [each.message.text for each in world.heard(*kinds)]


# Opening


async def test_the_announcement_is_the_answer(group: World) -> None:
    assert await group.types("班长", WATER) == ANNOUNCED
    (said,) = group.heard()
    assert said.message.group == GROUP
    assert said.message.mentions == ()
    assert said.message.key == "task:g1:1"


async def test_a_task_is_announced_at_any_hour_where_it_was_asked_for(group: World) -> None:
    await group.until("2026-03-03 00:10")
    assert "今天12:00截止" in await group.types("班长", "/任务 睡前打卡 到=今天12点")


async def test_typed_by_thumb(group: World) -> None:
    await group.types("班长", "／任务打卡　今天喝水了吗　关键词：已喝，分＝２分　到＝２１：００")
    assert heard(group) == [ANNOUNCED]


async def test_in_private_she_is_told_that_the_group_hears_of_it(group: World) -> None:
    await group.tells_us("班长", WATER)
    await group.passes(seconds=5)
    assert heard(group, Kind.REPLY) == ["已经发到群里啦"]
    assert heard(group, Kind.NOTICE) == [ANNOUNCED]
    await group.says("小雨", "已喝")
    assert await responded(group) == ["小雨"]


async def test_what_is_opened_in_private_at_night_is_announced_in_the_morning(
    group: World,
) -> None:
    await group.until("2026-03-02 23:30")
    await group.tells_us("班长", "任务 早起打卡 到=7:00")
    await group.tells_us("班长", "任务 早起打卡 到=凌晨5点")
    await group.tells_us("班长", "任务 早起打卡 到=明天9:00")
    await group.passes(minutes=1)
    past, night, morning = group.replies
    assert past == "今天07:00已经过了，请写晚一点的，比如 到=明天21:00"
    assert night == "群里23:00-07:30不打扰大家，截止时间请写晚一点，比如 到=明天21:00"
    assert morning == "记下啦，现在不打扰大家，明天07:30发到群里"
    assert heard(group, Kind.NOTICE) == []
    await group.until("2026-03-03 07:31")
    assert len(heard(group, Kind.NOTICE)) == 1


async def test_what_is_opened_in_private_waits_while_the_group_is_paused(group: World) -> None:
    await group.types("班长", "/暂停")
    await group.tells_us("班长", WATER)
    await group.passes(minutes=1)
    assert group.replies[-1] == "记下啦，群里正暂停着，发 /恢复 之后才会说出来"
    assert heard(group, Kind.NOTICE) == []
    await group.types("班长", "/恢复")
    await group.passes(minutes=5)
    assert heard(group, Kind.NOTICE) == [ANNOUNCED]


async def test_a_mistake_opens_nothing(group: World) -> None:
    past = await group.types("班长", "/任务 打卡 到=9点")
    assert past == "今天09:00已经过了，如果是晚上请写 到=21:00"
    assert await group.types("班长", "/任务 打卡 分=21") == "分要在1到20之间，比如 分=1"
    assert "没有进行中的任务" in await group.types("班长", "/任务")


async def test_five_tasks_at_once_are_enough_and_no_two_share_a_keyword(group: World) -> None:
    await group.types("班长", "/任务 喝水 关键词=OK")
    taken = await group.types("班长", "/任务 散步 关键词=ｏｋ！")
    assert taken == "「喝水」也在用关键词「OK」，换一个，或先发 /任务 结束 1"
    for number in range(2, 6):
        assert "任务来啦" in await group.types("班长", f"/任务 第{number}件事")
    full = await group.types("班长", "/任务 第6件事")
    assert full == "已经有5个任务在进行，先收掉一个吧，比如发 /任务 结束 1"
    await group.types("班长", "/任务 结束 1")
    assert "任务来啦" in await group.types("班长", "/任务 散步 关键词=ok")


async def test_tasks_are_for_those_who_lead(group: World) -> None:
    assert "要班长或小助手来发" in await group.types("豆豆妈", WATER)
    await group.becomes("豆豆妈", Role.ASSISTANT)
    assert await group.types("豆豆妈", WATER) == ANNOUNCED


# Responding


async def test_by_the_keyword(group: World) -> None:
    await group.types("班长", WATER)
    typed = (
        "已喝",
        "已 喝！",
        "【已喝】",
        "己喝",
        "我已喝啦[强]",
        "@小助手\u2005已喝",
        "没事 已喝",
    )
    for name, text in zip(MOTHERS, typed, strict=True):
        await group.says(name, text)
        await group.passes(seconds=1)
    assert await responded(group) == list(MOTHERS)
    assert await group.points("小雨") == await group.points("糖糖妈") == 2


async def test_silently(group: World) -> None:
    await group.types("班长", WATER)
    await group.says("小雨", "已喝")
    await group.until("2026-03-02 20:59")
    assert heard(group) == [ANNOUNCED]


async def test_not_by_talking_about_it(group: World) -> None:
    await group.types("班长", WATER)
    for text in ("还没已喝", "已喝了吗", "发「已喝」就行", "喝了", "大家记得发已喝"):
        await group.says("小雨", text)
    assert await responded(group) == []
    assert await group.points("小雨") == 0


async def test_full_width_letters(group: World) -> None:
    await group.types("班长", "/任务 早安 关键词=GM")
    await group.says("小雨", "ｇｍ～")
    assert await responded(group) == ["小雨"]


async def test_twice_counts_once(group: World) -> None:
    await group.types("班长", WATER)
    await group.says("小雨", "已喝")
    await group.restarts()
    await group.says("小雨", "已喝")
    assert await responded(group) == ["小雨"]
    assert await group.points("小雨") == 2


async def test_a_message_that_is_told_twice_counts_once(group: World) -> None:
    await group.types("班长", WATER)
    said = drunk("小雨", group.clock.now())
    await group.happens(said, said)
    await group.restarts()
    await group.happens(said)
    assert await responded(group) == ["小雨"]
    assert await group.points("小雨") == 2


async def test_a_command_that_is_told_twice_opens_one_task(group: World) -> None:
    command = await group.says("班长", WATER)
    group.gateway.say(GroupId(GROUP), PersonId("班长"), command, WATER)
    await group.passes(minutes=1)
    assert heard(group) == [ANNOUNCED]
    assert (await group.types("班长", "/任务")).count("打卡") == 1


async def test_those_who_run_the_group_are_not_counted(group: World) -> None:
    await group.becomes("团团妈", Role.HOST)
    await group.becomes("安安妈", Role.ASSISTANT, None)
    await group.becomes("糖糖妈", Role.KOC)
    await group.types("班长", WATER)
    for name in ("班长", "团团妈", "安安妈", "糖糖妈"):
        await group.says(name, "已喝")
    assert await responded(group) == ["糖糖妈"]


async def test_late_is_too_late(group: World) -> None:
    await group.types("班长", WATER)
    await group.until("2026-03-02 21:00")
    await group.says("小雨", "已喝")
    await group.happens(drunk("豆豆妈", shanghai("2026-03-02 20:59")))
    assert await responded(group) == []


async def test_what_was_said_before_the_task_does_not_count(group: World) -> None:
    await group.types("班长", WATER)
    await group.happens(drunk("豆豆妈", shanghai("2026-03-02 19:10")))
    assert await responded(group) == []


async def test_without_a_keyword_by_quoting_what_we_said(group: World) -> None:
    announced = await group.types("班长", PHOTO)
    assert "引用这条消息" in announced
    quote = f"「小助手：{announced}」\n{RULER}\n"
    await group.says("小雨", f"{quote}我家宝宝满月啦")
    await group.says("豆豆妈", f"{quote}[微笑]👍")
    await group.says("米粒妈", "我家宝宝百天啦")
    await group.says("团团妈", f"「小助手：晒一张宝宝的照片」\n{RULER}\n我家的")
    await group.says("安安妈", "我家的在这", quotes="task:g1:1")
    assert sorted(await responded(group)) == ["安安妈", "小雨"]


async def test_without_a_keyword_by_quoting_the_command(group: World) -> None:
    command = await group.says("班长", PHOTO)
    talk = await group.says("班长", "大家快来呀")
    await group.says("小雨", "我来啦", quotes=command)
    await group.says("豆豆妈", "来了来了", quotes=talk)
    await group.says("米粒妈", f"「班长：{PHOTO}」\n{RULER}\n宝宝在睡觉")
    assert sorted(await responded(group)) == ["小雨", "米粒妈"]


async def test_one_message_may_do_two_tasks(group: World) -> None:
    await group.types("班长", WATER)
    await group.types("班长", "/任务 散步 关键词=已走 分=3")
    await group.says("小雨", "已喝，已走")
    assert await responded(group, 1) == await responded(group, 2) == ["小雨"]
    assert await group.points("小雨") == 5


async def test_who_can_earn_no_more_today_has_done_it_all_the_same(group: World) -> None:
    await group.rules(points={"daily_most": 0})
    await group.types("班长", WATER)
    await group.says("小雨", "已喝")
    await group.says("豆豆妈", "已喝")
    await group.rules(points={"daily_most": 20})
    await group.says("小雨", "已喝")
    assert await group.points("小雨") == 0
    assert sorted(await responded(group)) == ["小雨", "豆豆妈"]


# Looking


async def test_the_open_tasks_are_listed(group: World) -> None:
    assert "没有进行中的任务" in await group.types("班长", "/任务")
    await group.types("班长", WATER)
    await group.types("班长", PHOTO + " 到=明天12:00")
    await group.says("小雨", "已喝")
    await group.says("豆豆妈", "已喝")
    assert (await group.types("班长", "/任务")).splitlines() == [
        "进行中的任务：",
        "1. 打卡 今天喝水了吗（发「已喝」，2分，今天21:00截止，已有2位）",
        "2. 晒一张宝宝的照片（引用回复，1分，明天12:00截止，已有0位）",
        "提前收尾发 /任务 结束 加编号",
    ]


# Ending


async def test_at_its_end_the_group_hears_one_summary(group: World) -> None:
    await group.types("班长", WATER)
    for name in MOTHERS:
        await group.says(name, "已喝")
        await group.passes(seconds=1)
    await group.restarts()
    await group.until("2026-03-02 20:59")
    assert heard(group, Kind.NOTICE) == []
    await group.until("2026-03-02 21:01")
    await group.restarts()
    await group.until("2026-03-03 12:00")
    (said,) = group.heard(Kind.NOTICE)
    assert said.message.text == (
        "「打卡 今天喝水了吗」结束啦，有7位参加："
        "小雨、豆豆妈、米粒妈、团团妈、安安妈等，谢谢大家～"
    )
    assert said.message.mentions == ()
    assert said.message.key == "task-end:g1:1"
    assert "没有进行中的任务" in await group.types("班长", "/任务")


async def test_who_has_left_is_counted_and_not_named(group: World) -> None:
    await group.types("班长", WATER)
    await group.says("小雨", "已喝")
    await group.says("豆豆妈", "已喝")
    await group.leaves("小雨")
    await group.until("2026-03-02 21:01")
    assert heard(group, Kind.NOTICE) == [
        "「打卡 今天喝水了吗」结束啦，有2位参加：豆豆妈等，谢谢大家～"
    ]


async def test_where_nobody_came_only_the_monitor_hears_of_it(group: World) -> None:
    await group.types("班长", WATER)
    await group.until("2026-03-02 21:01")
    assert heard(group, Kind.NOTICE) == []
    (said,) = group.heard(Kind.STAFF_NOTICE)
    assert said.message.to == "班长"
    assert "这次还没有人参加" in said.message.text


async def test_the_monitor_ends_it_early(group: World) -> None:
    await group.types("班长", WATER)
    await group.says("小雨", "已喝")
    summed_up = "「打卡 今天喝水了吗」结束啦，谢谢小雨来参加～"
    assert await group.types("班长", "/任务 结束") == summed_up
    await group.says("豆豆妈", "已喝")
    await group.until("2026-03-03 12:00")
    assert await responded(group) == ["小雨"]
    assert heard(group).count(summed_up) == 1
    assert group.heard(Kind.NOTICE, Kind.STAFF_NOTICE) == []


async def test_ending_early_what_nobody_did_shames_nobody(group: World) -> None:
    await group.types("班长", WATER)
    assert await group.types("班长", "/任务结束") == "「打卡 今天喝水了吗」收尾啦"
    await group.passes(minutes=1)
    assert [each.message.to for each in group.heard(Kind.STAFF_NOTICE)] == ["班长"]


async def test_ending_in_private(group: World) -> None:
    await group.types("班长", WATER)
    await group.types("班长", PHOTO)
    await group.says("小雨", "已喝")
    await group.tells_us("班长", "任务 结束 1")
    await group.tells_us("班长", "任务 结束")
    await group.passes(minutes=1)
    one, other = group.replies[-2:]
    assert one == "「打卡 今天喝水了吗」收尾啦，有1位参加，小结会发到群里"
    assert "这次还没有人参加" in other
    assert heard(group, Kind.NOTICE) == ["「打卡 今天喝水了吗」结束啦，谢谢小雨来参加～"]
    assert heard(group, Kind.STAFF_NOTICE) == []


async def test_of_several_she_says_which(group: World) -> None:
    assert "没有进行中的任务" in await group.types("班长", "/任务 结束")
    await group.types("班长", WATER)
    await group.types("班长", PHOTO)
    which = await group.types("班长", "/任务 结束")
    assert which == ("结束哪一个呢？1 打卡 今天喝水了吗、2 晒一张宝宝的照片。比如发 /任务 结束 1")
    assert "没有「3」这个任务" in await group.types("班长", "/任务 结束 3")
    assert "晒一张宝宝的照片" in await group.types("班长", "/任务 结束第２个")
    left = await group.types("班长", "/任务")
    assert "1. 打卡" in left
    assert "2. " not in left
    assert "收尾" in await group.types("班长", "/任务 结束 已喝")


async def test_numbers_are_not_used_again(group: World) -> None:
    await group.types("班长", WATER)
    await group.types("班长", "/任务 结束")
    await group.restarts()
    await group.types("班长", WATER)
    assert group.heard(Kind.REPLY)[-1].message.key == "task:g1:2"
    await group.says("小雨", "已喝")
    assert (await responded(group, 1), await responded(group, 2)) == ([], ["小雨"])


async def test_a_group_that_is_no_longer_ours_hears_nothing(group: World) -> None:
    await group.types("班长", WATER)
    await group.says("小雨", "已喝")
    await group.happens(GroupReleased(at=group.clock.now(), by="运营小王", group=GroupId(GROUP)))
    await group.until("2026-03-03 12:00")
    assert [kind for kind, _ in await group.outbox()][-1] == Kind.REPLY
    assert heard(group) == [ANNOUNCED]

    async def open_tasks(facts: Unit) -> int:
        return len(await facts.tasks.open_in(GroupId(GROUP)))

    assert await group.transactions.read(open_tasks) == 0


async def test_an_announcement_that_comes_late_is_not_made_after_the_end(group: World) -> None:
    group.gateway.failures.extend(NotSent("the line is down") for _ in range(4))
    await group.types("班长", "/任务 快来 到=19:21")
    await group.passes(hours=1)
    assert group.heard(Kind.REPLY) == []
