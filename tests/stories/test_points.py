"""Points: earned by answering, given by the monitor, taken back, asked about, and told of."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from config.daily import ZONE
from models.events import AnswerAccepted, AnswerFact, AnswerGiven
from models.ids import GroupId, MessageId, PersonId
from models.messages import Kind
from models.people import Role
from tests.world import GROUP, World

HELPFUL = "可以先物理降温，多喝水观察一下"


@pytest.fixture
async def group(world: World) -> World:
    """A group with a monitor and three mothers, all greeted."""
    await world.joins("班长", "小雨", "豆豆妈", "米粒妈")
    await world.becomes("班长", Role.MONITOR)
    await world.passes(minutes=10)
    world.said.clear()
    return world


async def answers(
    world: World,
    helper: str,
    asker: str | None,
    question: str | None,
    *,
    accepted: bool = False,
    text: str = HELPFUL,
    message: str | None = None,
    repeats: bool = False,
) -> None:
    """As the judge of answers tells it."""
    kind: type[AnswerFact] = AnswerAccepted if accepted else AnswerGiven
    await world.happens(
        kind(
            at=world.clock.now(),
            group=GroupId(GROUP),
            message=MessageId(message or f"a-{helper}-{question}"),
            helper=PersonId(helper),
            question=MessageId(question) if question else None,
            asker=PersonId(asker) if asker else None,
            text=text,
            by="rules",
            repeats=repeats,
        )
    )


async def test_an_answer_earns_two_and_five_once_it_is_accepted(group: World) -> None:
    await answers(group, "豆豆妈", "小雨", "q1")
    assert await group.points("豆豆妈") == 2
    await answers(group, "豆豆妈", "小雨", "q1", accepted=True)
    assert await group.points("豆豆妈") == 5
    await answers(group, "豆豆妈", "小雨", "q1", accepted=True)
    assert await group.points("豆豆妈") == 5


@pytest.mark.parametrize(
    ("helper", "asker", "text", "repeats"),
    [
        ("小雨", "小雨", HELPFUL, False),
        ("班长", "小雨", HELPFUL, False),
        ("豆豆妈", "小雨", "好的呀", False),
        ("豆豆妈", "小雨", "[强][强]👍👍～～！！", False),
        ("豆豆妈", "小雨", "@小雨\u2005嗯嗯", False),
        ("豆豆妈", "小雨", HELPFUL, True),
    ],
)
async def test_what_earns_nothing(
    group: World, helper: str, asker: str, text: str, repeats: bool
) -> None:
    await answers(group, helper, asker, "q1", text=text, repeats=repeats)
    assert await group.points(helper) == 0


async def test_a_host_and_staff_everywhere_earn_nothing(group: World) -> None:
    await group.becomes("豆豆妈", Role.HOST)
    await group.becomes("米粒妈", Role.ASSISTANT, None)
    await answers(group, "豆豆妈", "小雨", "q1")
    await answers(group, "米粒妈", "小雨", "q1", accepted=True)
    assert (await group.points("豆豆妈"), await group.points("米粒妈")) == (0, 0)


async def test_two_answers_a_day_between_the_same_two_people(group: World) -> None:
    for n in range(2):
        await answers(group, "豆豆妈", "小雨", f"q{n}")
    await answers(group, "小雨", "豆豆妈", "q3")
    assert (await group.points("豆豆妈"), await group.points("小雨")) == (4, 0)
    await answers(group, "豆豆妈", "小雨", "q1", accepted=True)
    assert await group.points("豆豆妈") == 7, "an upgrade is not another answer"
    await answers(group, "豆豆妈", "米粒妈", "q4")
    assert await group.points("豆豆妈") == 9
    await group.until("2026-03-03 09:00")
    await answers(group, "豆豆妈", "小雨", "q0", accepted=True)
    await answers(group, "豆豆妈", "小雨", "q5")
    await answers(group, "豆豆妈", "小雨", "q6")
    assert await group.points("豆豆妈") == 9 + 3 + 2 + 2


async def test_no_more_than_twenty_a_day(group: World) -> None:
    for n in range(5):
        await answers(group, "豆豆妈", None, None, accepted=True, message=f"a{n}")
    assert await group.points("豆豆妈") == 20
    await group.types("班长", "/加分 @豆豆妈 1 热心")
    assert "今天还能再得0分" in group.replies[-1]
    await group.until("2026-03-03 09:00")
    await group.types("班长", "/加分 @豆豆妈 1 热心")
    assert await group.points("豆豆妈") == 21


# The monitor gives and takes


@pytest.mark.parametrize(
    "typed",
    [
        "/加分 @豆豆妈 5 热心解答",
        "／加分 @豆豆妈\u2005５ 热心解答",
        "/加分@豆豆妈 +5分 热心解答",
        "/加分 豆豆妈5热心解答",
        "#加分 @豆豆妈 五分，热心解答",
        "@小助手 加分 @豆豆妈 5 热心解答",
        "@小助手\u2005/加分　＠豆豆妈　＋５　热心解答",
        "/award @豆豆妈 5 points 热心解答",
    ],
)
async def test_a_bonus_however_it_is_typed(group: World, typed: str) -> None:
    await group.says("班长", typed)
    assert await group.points("豆豆妈") == 5, group.replies
    assert group.replies == ["@豆豆妈\u2005+5分，热心解答～现在有5分"]
    (reply,) = group.heard(Kind.REPLY)
    assert reply.message.mentions == ("班长", "豆豆妈")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("/加分", "要写成：/加分 @谁 几分 为什么"),
        ("/加分 @豆豆妈", "几分呢"),
        ("/加分 @豆豆妈 5", "写一句为什么"),
        ("/加分 @豆豆妈 21 热心", "一次1到20分"),
        ("/加分 @豆豆妈 -5 热心", "一次1到20分"),
        ("/加分 @豆豆妈 0 热心", "一次1到20分"),
        ("/加分 @没这人 5 热心", "群里没找到「没这人」"),
        ("/加分 @班长 5 热心", "不参加积分"),
        ("/加分 @妈 5 热心", "有2位对得上"),
        ("/扣分 @豆豆妈 5 加错了", "现在没有积分"),
    ],
)
async def test_a_bonus_that_can_not_be_given_says_why(group: World, typed: str, why: str) -> None:
    await group.says("班长", typed)
    assert why in group.replies[0]
    assert await group.points("豆豆妈") == 0


async def test_a_member_can_not_give_points(group: World) -> None:
    await group.types("小雨", "/加分 @豆豆妈 5 热心")
    assert await group.points("豆豆妈") == 0
    assert "要班长或小助手来发" in group.replies[0]


async def test_a_name_that_fits_two_is_asked_for_and_a_real_mention_settles_it(
    group: World,
) -> None:
    await group.calls_herself("豆豆妈", "妈妈")
    await group.calls_herself("米粒妈", "妈妈")
    await group.types("班长", "/加分 @妈妈 5 热心")
    assert "有2位对得上" in group.replies[0]
    await group.says("班长", "/加分 @妈妈\u20055 热心", at=("米粒妈",))
    assert (await group.points("米粒妈"), await group.points("豆豆妈")) == (5, 0)


async def test_a_monitor_has_a_weekly_budget(group: World) -> None:
    await group.rules(points={"bonus_budget": 25})
    await group.types("班长", "/加分 @豆豆妈 20 热心")
    await group.types("班长", "/加分 @米粒妈 6 热心")
    assert "这周你还能加5分" in group.replies[-1]
    await group.types("班长", "/加分 @米粒妈 5 热心")
    assert await group.points("米粒妈") == 5
    await group.until("2026-03-09 00:00:01")
    await group.types("班长", "/加分 @米粒妈 6 热心")
    assert await group.points("米粒妈") == 11


async def test_no_more_is_taken_than_is_there(group: World) -> None:
    await group.types("班长", "/加分 @豆豆妈 3 热心")
    await group.types("班长", "/扣分 @豆豆妈 5 加错人了")
    assert group.replies[-1] == "豆豆妈 -3分（她只有3分，其余记着没扣），现在有0分"
    assert await group.points("豆豆妈") == 0


# Taken back


async def test_a_recalled_answer_takes_its_points_back(group: World) -> None:
    message = await group.says("豆豆妈", HELPFUL)
    await answers(group, "豆豆妈", "小雨", "q1", message=message)
    await answers(group, "豆豆妈", "小雨", "q1", accepted=True, message=message)
    await group.recalls(message)
    await group.recalls(message)
    assert await group.points("豆豆妈") == 0


async def test_what_was_spent_meanwhile_is_recorded_as_missing(group: World) -> None:
    message = await group.says("豆豆妈", HELPFUL)
    await answers(group, "豆豆妈", "小雨", "q1", accepted=True, message=message)
    await group.types("班长", "/扣分 @豆豆妈 4 更正")
    await group.recalls(message)
    await group.types("豆豆妈", "/积分")
    assert "-1 收回：得分的消息撤回了（还差4分没扣）" in group.replies[-1]


async def test_after_a_week_a_recall_takes_nothing(group: World) -> None:
    message = await group.says("豆豆妈", HELPFUL)
    await answers(group, "豆豆妈", "小雨", "q1", message=message)
    await group.passes(days=8)
    await group.recalls(message)
    assert await group.points("豆豆妈") == 2


async def test_who_is_removed_loses_the_week_and_who_leaves_keeps_it(group: World) -> None:
    for each in ("豆豆妈", "米粒妈"):
        await answers(group, each, "小雨", "q1")
    await group.leaves("豆豆妈", by="班长")
    await group.leaves("米粒妈")
    assert (await group.points("豆豆妈"), await group.points("米粒妈")) == (0, 2)


async def test_the_ledger_can_not_be_rewritten(group: World) -> None:
    await answers(group, "豆豆妈", "小雨", "q1")
    for statement in ("UPDATE ledger SET points = 9", "DELETE FROM ledger"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with group.engine.begin() as connection:
                await connection.execute(text(statement))


# Asked about


async def test_she_can_ask_where_every_point_came_from(group: World) -> None:
    await answers(group, "豆豆妈", "小雨", "q1")
    await answers(group, "豆豆妈", "小雨", "q1", accepted=True)
    for n in range(4):
        await group.types("班长", f"/加分 @豆豆妈 1 第{n}次")
    await group.types("豆豆妈", "/积分")
    assert group.replies[-1].splitlines() == [
        "你现在有9分，最近的记录：",
        *(f"03-02 +1 班长加分：第{n}次" for n in (3, 2, 1, 0)),
        "03-02 +3 小雨的问题，你的回答被采纳",
        "更早的发 /积分 2",
    ]
    await group.types("豆豆妈", "/积分2")
    assert group.replies[-1].splitlines() == ["你现在有9分，第2页：", "03-02 +2 回答了小雨的问题"]


async def test_the_months_ranking(group: World) -> None:
    await group.types("班长", "/加分 @豆豆妈 5 热心")
    await group.types("班长", "/加分 @米粒妈 8 热心")
    await group.types("班长", "/扣分 @米粒妈 4 更正")
    await group.types("小雨", "/排行")
    assert group.replies[-1] == "3月积分榜：\n1. 豆豆妈 5分\n2. 米粒妈 4分"
    await group.until("2026-04-01 09:00")
    await group.types("小雨", "/排行")
    assert group.replies[-1] == "4月还没有人得分，第一个就是你～"


# Told of


async def test_many_awards_are_told_in_one_message_and_not_again_for_ten_minutes(
    group: World,
) -> None:
    await answers(group, "豆豆妈", "小雨", "q1")
    await answers(group, "米粒妈", "小雨", "q1", accepted=True)
    await group.passes(minutes=2)
    (first,) = group.heard(Kind.AWARDED)
    assert first.message.text.splitlines()[1:] == [
        "@米粒妈\u2005+5（1个回答被采纳）",
        "@豆豆妈\u2005+2（回答了1个问题）",
    ]
    assert first.message.mentions == ("米粒妈", "豆豆妈")
    await answers(group, "豆豆妈", "小雨", "q1", accepted=True)
    await group.passes(minutes=5)
    await answers(group, "小雨", "米粒妈", "q2")
    await group.passes(minutes=30)
    _, second = group.heard(Kind.AWARDED)
    assert (second.at - first.at).total_seconds() >= 600
    assert second.message.text.splitlines()[1:] == [
        "@豆豆妈\u2005+3（1个回答被采纳）",
        "@小雨\u2005+2（回答了1个问题）",
    ]


async def test_who_left_or_was_undone_is_not_praised(group: World) -> None:
    message = await group.says("豆豆妈", HELPFUL)
    await answers(group, "豆豆妈", "小雨", "q1", message=message)
    await answers(group, "米粒妈", "小雨", "q1")
    await group.recalls(message)
    await group.leaves("米粒妈")
    await group.passes(hours=1)
    assert group.heard(Kind.AWARDED) == []


async def test_points_of_the_night_are_told_in_the_morning(group: World) -> None:
    await group.until("2026-03-02 23:30")
    await answers(group, "豆豆妈", "小雨", "q1")
    await group.passes(hours=1)
    await answers(group, "米粒妈", "小雨", "q1")
    await group.until("2026-03-03 09:00")
    (news,) = group.heard(Kind.AWARDED)
    assert set(news.message.mentions) == {"米粒妈", "豆豆妈"}
    assert f"{news.at.astimezone(ZONE):%H:%M}" == "07:30"


async def test_a_restart_tells_nothing_twice(group: World) -> None:
    await answers(group, "豆豆妈", "小雨", "q1")
    await group.restarts()
    await group.passes(minutes=5)
    await group.restarts()
    await group.passes(hours=1)
    assert len(group.heard(Kind.AWARDED)) == 1
