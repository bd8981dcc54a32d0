"""Questions find their answers, answers are accepted, and the monitor hears of what is open."""

from datetime import timedelta

import pytest

from config.daily import ZONE
from handlers.questions.policy import MOST_OPEN
from models.events import MessageReceived
from models.ids import GroupId, MessageId, PersonId
from models.messages import Kind
from models.people import Role
from models.questions import Question
from models.stores.unit import Unit
from tests.world import ACCOUNT, GROUP, World

ASKED = "宝宝38度5要不要吃退烧药呀？"
ANSWERED = "38度5以上才需要吃退烧药，可以先物理降温"


@pytest.fixture
async def group(world: World) -> World:
    """A group with a monitor and three mothers, all greeted."""
    await world.joins("班长", "小雨", "豆豆妈", "米粒妈")
    await world.becomes("班长", Role.MONITOR)
    await world.passes(minutes=10)
    world.said.clear()
    return world


async def open_questions(world: World) -> list[Question]:
    async def work(facts: Unit) -> list[Question]:
        return await facts.questions.open_in(GroupId(GROUP))

    return await world.transactions.read(work)


def notices(world: World) -> list[str]:
    return [each.message.text for each in world.heard(Kind.STAFF_NOTICE)]


# Answers


async def test_who_answers_a_question_earns_points_and_it_is_open_no_longer(group: World) -> None:
    await group.says("小雨", ASKED)
    await group.passes(minutes=1)
    await group.says("豆豆妈", ANSWERED)
    assert await group.points("豆豆妈") == 2
    assert await open_questions(group) == []


async def test_her_thanks_accept_it(group: World) -> None:
    await group.says("小雨", ASKED)
    await group.passes(minutes=1)
    await group.says("豆豆妈", ANSWERED)
    await group.passes(minutes=1)
    await group.says("小雨", "谢谢豆豆妈，我试试")
    assert await group.points("豆豆妈") == 5


async def test_thanks_of_somebody_else_accept_nothing(group: World) -> None:
    await group.says("小雨", ASKED)
    await group.says("豆豆妈", ANSWERED)
    await group.says("米粒妈", "谢谢豆豆妈")
    assert await group.points("豆豆妈") == 2


async def test_a_quote_tells_which_question_is_answered(group: World) -> None:
    asked = await group.says("小雨", "预产期过了还没动静，要去医院吗")
    await group.says("米粒妈", ASKED)
    await group.says("豆豆妈", "我当时过了五天医生让住院的，别拖", quotes=asked)
    assert await group.points("豆豆妈") == 2
    assert [each.asker for each in await open_questions(group)] == ["米粒妈"]


async def test_a_quote_as_wechat_writes_it_is_found_among_what_was_seen(group: World) -> None:
    await group.says("小雨", "预产期过了还没动静，要去医院吗")
    ruler = "- - - - - - - - - - - - - - -"
    await group.says(
        "豆豆妈", f"「小雨：预产期过了还没动静，要去医院吗」\n{ruler}\n我过了五天医生让住院的"
    )
    assert await group.points("豆豆妈") == 2
    await group.says("米粒妈", f"「小雨：宝宝几个月加辅食呀？」\n{ruler}\n六个月左右就可以加啦")
    assert await group.points("米粒妈") == 0, "nobody has asked that"


async def test_one_does_not_answer_oneself(group: World) -> None:
    asked = await group.says("小雨", ASKED)
    await group.says("小雨", ANSWERED, quotes=asked)
    assert await group.points("小雨") == 0
    assert len(await open_questions(group)) == 1


async def test_the_same_words_earn_once_in_a_week(group: World) -> None:
    first = await group.says("小雨", ASKED)
    await group.says("豆豆妈", ANSWERED, quotes=first)
    await group.until("2026-03-03 10:00")
    second = await group.says("米粒妈", ASKED)
    await group.says("豆豆妈", ANSWERED + "！！", quotes=second)
    assert await group.points("豆豆妈") == 2
    await group.until("2026-03-10 20:00")
    third = await group.says("米粒妈", ASKED)
    await group.says("豆豆妈", ANSWERED, quotes=third)
    assert await group.points("豆豆妈") == 4


async def test_who_copies_an_answer_earns_nothing(group: World) -> None:
    asked = await group.says("小雨", ASKED)
    await group.says("豆豆妈", ANSWERED, quotes=asked)
    await group.says("米粒妈", ANSWERED, quotes=asked)
    assert (await group.points("豆豆妈"), await group.points("米粒妈")) == (2, 0)


async def test_who_is_asked_back_about_her_own_question_earns_nothing(group: World) -> None:
    await group.says("小雨", "宝宝咳嗽好几天了怎么办呀")
    back = await group.says("豆豆妈", "宝宝多大了，咳嗽有痰吗？")
    await group.says("小雨", "快五个月了，感觉是有痰的", quotes=back)
    assert await group.points("小雨") == 0


async def test_a_host_asks_to_get_people_talking_and_not_for_help(group: World) -> None:
    await group.becomes("米粒妈", Role.HOST)
    asked = await group.says("米粒妈", "大家宝宝都几个月开始吃辅食的呀？")
    await group.says("豆豆妈", "我家六个月开始吃的", quotes=asked)
    assert await group.points("豆豆妈") == 0


async def test_the_monitor_accepts_by_command_and_by_quoting(group: World) -> None:
    await group.says("小雨", ASKED)
    answer = await group.says("豆豆妈", ANSWERED)
    said = await group.types("班长", "/采纳", quotes=answer)
    assert said == "采纳了@豆豆妈\u2005的回答，谢谢你热心帮忙～"
    assert await group.points("豆豆妈") == 5
    assert "已经采纳过" in await group.types("班长", "/采纳", quotes=answer)

    asked = await group.says("米粒妈", "待产包要准备什么呀")
    answer = await group.says("小雨", "产妇护理垫和宝宝衣服是必须要准备的", quotes=asked)
    await group.says("班长", "这个不对，别听", quotes=answer)
    assert await group.points("小雨") == 2
    await group.says("班长", "小雨说得很全，大家可以参考", quotes=answer)
    assert await group.points("小雨") == 5


async def test_the_monitor_accepts_what_was_taken_for_no_answer(group: World) -> None:
    hint = await group.says("豆豆妈", "社区医院周三下午能打疫苗，人不多")
    await group.types("班长", "/采纳", quotes=hint)
    assert await group.points("豆豆妈") == 5


@pytest.mark.parametrize(("who", "says"), [("班长", "请引用那条回答"), ("米粒妈", "请引用")])
async def test_accepting_needs_a_quote(group: World, who: str, says: str) -> None:
    assert says in await group.types(who, "/采纳")


async def test_only_who_asked_and_those_in_charge_accept(group: World) -> None:
    await group.says("小雨", ASKED)
    answer = await group.says("豆豆妈", ANSWERED)
    assert "提问的妈妈和班长才能采纳" in await group.types("米粒妈", "/采纳", quotes=answer)
    assert "自己的回答要别人来采纳" in await group.types("豆豆妈", "/采纳", quotes=answer)
    await group.types("小雨", "/采纳", quotes=answer)
    assert await group.points("豆豆妈") == 5


async def test_a_recalled_answer_leaves_the_question_open_again(group: World) -> None:
    await group.says("小雨", ASKED)
    answer = await group.says("豆豆妈", ANSWERED)
    await group.recalls(answer)
    assert [each.asker for each in await open_questions(group)] == ["小雨"]
    assert await group.points("豆豆妈") == 0


# What the monitor hears of


async def test_an_open_question_is_brought_to_the_monitor_after_half_an_hour(
    group: World,
) -> None:
    start = group.clock.now()
    await group.says("小雨", "预产期过了还没动静，要去医院吗")
    await group.says("米粒妈", "有没有妈妈知道哪里办准生证")
    await group.passes(minutes=45)
    (notice,) = group.heard(Kind.STAFF_NOTICE)
    assert notice.message.to == "班长"
    assert (notice.at - start).total_seconds() == 1800
    assert "1. 小雨：预产期过了还没动静，要去医院吗（30分钟前）" in notice.message.text
    assert "2. 米粒妈：" in notice.message.text


async def test_at_most_once_an_hour_and_without_those_that_were_answered(group: World) -> None:
    asked = await group.says("小雨", "预产期过了还没动静，要去医院吗")
    await group.passes(minutes=10)
    await group.says("米粒妈", "有没有妈妈知道哪里办准生证")
    await group.passes(minutes=10)
    await group.says("豆豆妈", "我过了五天医生让住院的", quotes=asked)
    await group.passes(minutes=35)
    assert len(notices(group)) == 1
    assert "小雨" not in notices(group)[0]
    await group.says("小雨", "建档要带什么材料呢")
    await group.passes(minutes=40)
    assert len(notices(group)) == 1
    await group.passes(minutes=60)
    first, second = (each.at for each in group.heard(Kind.STAFF_NOTICE))
    assert (second - first).total_seconds() >= 3600


async def test_the_night_does_not_count_as_waiting(group: World) -> None:
    await group.until("2026-03-02 22:50")
    await group.says("小雨", "预产期过了还没动静，要去医院吗")
    await group.until("2026-03-03 12:00")
    found = group.heard(Kind.STAFF_NOTICE)
    (notice,) = (each for each in found if "问题" in each.message.text)
    assert f"{notice.at.astimezone(ZONE):%H:%M}" == "07:50"


async def test_without_a_monitor_staff_are_told(world: World) -> None:
    await world.joins("小雨")
    await world.passes(minutes=10)
    await world.says("小雨", "预产期过了还没动静，要去医院吗")
    await world.passes(hours=1)
    assert [each.message.to for each in world.heard(Kind.STAFF_NOTICE)] == ["staff"]
    await world.becomes("客服小张", Role.ASSISTANT, None)
    await world.says("小雨", "建档要带什么材料呢")
    await world.passes(hours=2)
    assert world.heard(Kind.STAFF_NOTICE)[1].message.to == "客服小张"


async def test_the_monitor_lists_what_is_open_oldest_first(group: World) -> None:
    assert "没有等着回答的问题" in await group.types("班长", "/问题")
    await group.says("小雨", "预产期过了还没动静，要去医院吗")
    await group.passes(minutes=5)
    await group.says("米粒妈", "有没有妈妈知道哪里办准生证")
    listed = await group.types("班长", "/问题")
    assert listed.splitlines() == [
        "还有2个问题没人回：",
        "1. 小雨：预产期过了还没动静，要去医院吗（5分钟前）",
        "2. 米粒妈：有没有妈妈知道哪里办准生证（1分钟前）",
    ]


async def test_after_a_day_nobody_waits_for_an_answer(group: World) -> None:
    await group.says("小雨", ASKED)
    await group.passes(hours=25)
    assert await open_questions(group) == []


async def test_of_very_many_questions_the_newest_are_waited_for(group: World) -> None:
    """Somebody may ask by the hundred; each is looked at with every message."""
    asked = [
        MessageReceived(
            at=group.clock.now() + timedelta(milliseconds=n),
            account=ACCOUNT,
            id=MessageId(f"asked{n:03}"),
            group=GroupId(GROUP),
            sender=PersonId("小雨"),
            text=f"宝宝{n}个月一天睡几个小时？",
        )
        for n in range(MOST_OPEN + 2)
    ]
    await group.happens(*asked)
    await group.passes(seconds=1)
    assert [each.id for each in await open_questions(group)] == [each.id for each in asked[2:]]


async def test_a_message_told_twice_answers_once(group: World) -> None:
    asked = await group.says("小雨", ASKED)
    answer = await group.says("豆豆妈", ANSWERED, quotes=asked)
    await group.restarts()
    group.gateway.say(GroupId(GROUP), PersonId("豆豆妈"), answer, ANSWERED, (), asked)
    await group.passes(minutes=1)
    assert await group.points("豆豆妈") == 2


async def test_thanks_by_name_are_for_whom_they_name(group: World) -> None:
    asked = await group.says("小雨", ASKED)
    await group.says("豆豆妈", ANSWERED, quotes=asked)
    await group.says("米粒妈", "多喝温水，我家一般过两天自己就退了", quotes=asked)
    await group.says("小雨", "谢谢豆豆妈")
    assert (await group.points("豆豆妈"), await group.points("米粒妈")) == (5, 2)


@pytest.mark.parametrize("text", ["谢谢班长🌹", "谢谢老公昨晚照顾我", "谢谢糖糖妈，我要那个奶瓶"])
async def test_thanks_to_others_accept_nothing(group: World, text: str) -> None:
    await group.joins("糖糖妈")
    asked = await group.says("小雨", ASKED)
    await group.says("豆豆妈", ANSWERED, quotes=asked)
    await group.says("小雨", text)
    assert await group.points("豆豆妈") == 2


@pytest.mark.parametrize(
    "text", ["谢谢不过不太对", "谢谢，但是试了没好", "谢谢啊，我问的不是这个"]
)
async def test_thanks_that_reject_accept_nothing(group: World, text: str) -> None:
    asked = await group.says("小雨", ASKED)
    await group.says("豆豆妈", ANSWERED, quotes=asked)
    await group.says("小雨", text)
    assert await group.points("豆豆妈") == 2


@pytest.mark.parametrize(
    "text", ["不知道诶，我也想问", "加我微信，厂家直销全网最低价", "自己百度去吧这都问"]
)
async def test_a_quote_alone_makes_no_answer(group: World, text: str) -> None:
    asked = await group.says("小雨", ASKED)
    await group.says("豆豆妈", text, quotes=asked)
    assert await group.points("豆豆妈") == 0
    assert len(await open_questions(group)) == 1


async def test_a_question_a_command_or_an_answer_to_oneself_can_not_be_accepted(
    group: World,
) -> None:
    asked = await group.says("小雨", ASKED)
    assert "不是回答" in await group.types("班长", "/采纳", quotes=asked)
    own = await group.says("小雨", "我问到了，38度5以上再吃", quotes=asked)
    assert "她自己的问题" in await group.types("班长", "/采纳", quotes=own)
    assert await group.points("小雨") == 0


async def test_a_question_of_the_monitor_or_to_one_person_is_not_brought(group: World) -> None:
    said = await group.says("豆豆妈", "我家用的是花王")
    await group.says("米粒妈", "多大码的呀，在哪买的？", quotes=said)
    await group.says("班长", "大家宝宝几个月啦？")
    await group.passes(hours=2)
    assert notices(group) == []
