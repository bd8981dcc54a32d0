"""A member spends her points, and the monitor hands over what she got for them."""

import re
from datetime import datetime

import pytest

from models.delivery import DeliveryError, MaybeSent, NotSent, Refused
from models.ids import GroupId, MessageId, PersonId
from models.messages import MENTION_END, Kind, Outgoing
from models.people import Role
from models.points import Entry, EntryKind
from models.rewards import Redemption, RedemptionState, Reward
from models.stores.unit import Unit
from tests.world import GROUP, NAME, World, shanghai

SECOND, SECOND_NAME = "g2", "杭州·2026年3-5月·妇幼·02"


async def offers(
    world: World,
    name: str = "试用装",
    cost: int = 50,
    stock: int | None = None,
    *,
    scope: str = "everywhere",
    limit_each: int | None = None,
    valid_until: datetime | None = None,
) -> None:
    async def work(facts: Unit) -> None:
        await facts.rewards.add(
            Reward(
                id=name,
                name=name,
                scope=scope,
                cost=cost,
                stock=stock,
                limit_each=limit_each,
                valid_until=valid_until,
            )
        )

    await world.transactions.run(work)


async def has_earned(world: World, name: str, points: int, group: str = GROUP) -> None:
    async def work(facts: Unit) -> None:
        await facts.groups.get(GroupId(group))
        await facts.ledger.book(
            Entry(
                key=f"task:{group}:{name}:{world.clock.now().isoformat()}",
                group=GroupId(group),
                person=PersonId(name),
                kind=EntryKind.TASK,
                points=points,
                at=world.clock.now(),
                by="rules",
            )
        )

    await world.transactions.run(work)


async def stock(world: World, name: str = "试用装") -> int | None:
    async def work(facts: Unit) -> Reward | None:
        return await facts.rewards.get(name)

    reward = await world.transactions.read(work)
    assert reward is not None
    return reward.stock


async def redemptions(world: World, name: str = "豆豆妈") -> list[Redemption]:
    return await world.transactions.read(
        lambda facts: facts.redemptions.of_person(GROUP, PersonId(name))
    )


def code_in(text: str) -> str:
    (code,) = re.findall("[0-9]{6}", text)
    return str(code)


def replies(world: World) -> list[Outgoing]:
    return [each.message for each in world.heard(Kind.REPLY)]


async def privately(world: World, name: str, text: str) -> str:
    """What is answered to a private message."""
    before = len(world.said)
    await world.tells_us(name, text)
    await world.passes(seconds=4)
    return "".join(each.message.text for each in world.said[before:])


@pytest.fixture
async def doudou(world: World) -> World:
    """She has 80 points, and the group has a monitor."""
    await world.joins("豆豆妈", "小雨妈妈")
    await world.becomes("小雨妈妈", Role.MONITOR)
    await has_earned(world, "豆豆妈", 80)
    await world.passes(minutes=10)
    return world


async def differing(world: World) -> list[tuple[GroupId, PersonId, int, int]]:
    return await world.transactions.read(lambda facts: facts.ledger.differing(10))


# What there is


async def test_she_sees_what_there_is_in_her_group_and_what_she_has(doudou: World) -> None:
    await offers(doudou, "体温计", 200, stock=0, limit_each=1)
    await offers(doudou, "试用装", 50, stock=3)
    await offers(
        doudou, "孕妇枕", 300, scope="channel:妇幼", valid_until=shanghai("2026-04-01 00:00")
    )
    await offers(doudou, "别的渠道", 10, scope="channel:商场")
    await offers(doudou, "昨天的", 10, valid_until=shanghai("2026-03-01 12:00"))
    assert await doudou.types("豆豆妈", "/兑换") == (
        "积分可以换：\n"
        "1. 试用装 50分，还剩3份\n"
        "2. 体温计 200分，已兑完，每人限1份\n"
        "3. 孕妇枕 300分，4月1日前\n"
        "你有80分，想换哪个就发 /兑换 名字"
    )


async def test_where_nothing_is_offered_she_keeps_her_points(doudou: World) -> None:
    assert await doudou.types("豆豆妈", "/redeem") == "现在还没有可以换的，积分先攒着～你有80分"


# Redeeming


async def test_in_the_group_the_code_comes_by_private_message(doudou: World) -> None:
    await offers(doudou, stock=3)
    await doudou.says("豆豆妈", "／兑换试用装")
    await doudou.passes(seconds=10)
    private, public = replies(doudou)
    assert (private.to, private.group) == ("豆豆妈", None)
    code = code_in(private.text)
    assert private.text == (
        f"兑换成功～「试用装」花了50分，你在「{NAME}」还剩30分。\n"
        f"兑换码：{code}\n4月1日前给班长看就能领，只认你本人哦"
    )
    assert (public.group, public.mentions) == (GROUP, ("豆豆妈",))
    assert public.text == (
        f"@豆豆妈{MENTION_END}兑换成功，「试用装」的兑换码私信发你啦，4月1日前给班长看就能领～"
    )
    assert await doudou.points("豆豆妈") == 30
    assert await stock(doudou) == 2
    assert await differing(doudou) == []
    await doudou.passes(hours=3)
    assert len(replies(doudou)) == 2


async def test_in_private_the_answer_carries_the_code(doudou: World) -> None:
    await offers(doudou)
    told = await privately(doudou, "豆豆妈", "兑换 试用装")
    (redemption,) = await redemptions(doudou)
    assert code_in(told) == redemption.code
    assert await doudou.points("豆豆妈") == 30
    await doudou.passes(hours=1)
    assert len(replies(doudou)) == 1
    assert doudou.heard(Kind.REPLY, group=GROUP) == []


async def test_whom_no_private_message_reaches_hears_the_code_in_the_group(doudou: World) -> None:
    await offers(doudou)
    doudou.gateway.failures.append(Refused("not a friend"))
    await doudou.says("豆豆妈", "/兑换 试用装")
    await doudou.passes(hours=1)
    (redemption,) = await redemptions(doudou)
    (public,) = replies(doudou)
    assert (public.group, public.mentions) == (GROUP, ("豆豆妈",))
    assert public.text == (
        f"@豆豆妈{MENTION_END}兑换成功，「试用装」的兑换码是 {redemption.code}，"
        "它只认你本人，4月1日前给班长看就能领～"
    )


async def test_a_private_message_that_takes_too_long_is_given_up_for_the_group(
    doudou: World,
) -> None:
    await offers(doudou)
    await doudou.rules(delivery={"reply_lapses": 20})
    doudou.gateway.failures += [NotSent("busy")] * 3
    await doudou.says("豆豆妈", "/兑换 试用装")
    await doudou.passes(hours=1)
    (public,) = replies(doudou)
    assert "它只认你本人" in public.text
    assert ("command.reply", "lapsed") in await doudou.outbox()


@pytest.mark.parametrize("failure", [NotSent("busy"), MaybeSent("the line was lost")])
async def test_a_code_that_may_have_arrived_is_not_told_to_the_group(
    doudou: World, failure: DeliveryError
) -> None:
    await offers(doudou)
    doudou.gateway.failures.append(failure)
    await doudou.says("豆豆妈", "/兑换 试用装")
    await doudou.passes(hours=1)
    (public,) = doudou.heard(Kind.REPLY, group=GROUP)
    assert "兑换码私信发你啦" in public.message.text


async def test_a_restart_between_code_and_group_tells_each_once(doudou: World) -> None:
    await offers(doudou)
    await doudou.says("豆豆妈", "/兑换 试用装")
    await doudou.restarts()
    await doudou.passes(hours=1)
    assert [each.group for each in replies(doudou)] == [None, GROUP]


async def test_who_forgot_her_code_is_told_it_in_private_only(doudou: World) -> None:
    await offers(doudou)
    await privately(doudou, "豆豆妈", "兑换 试用装")
    (redemption,) = await redemptions(doudou)
    public = await doudou.types("豆豆妈", "/兑换")
    assert public.endswith("还有1样没领，忘了兑换码就私聊我发：兑换")
    assert redemption.code not in public
    private = await privately(doudou, "豆豆妈", "兑换")
    assert private.endswith(f"还没领：「试用装」兑换码 {redemption.code}，4月1日前有效")


async def test_who_has_left_meanwhile_is_not_spoken_of(doudou: World) -> None:
    await offers(doudou)
    doudou.gateway.failures.append(NotSent("busy"))
    await doudou.says("豆豆妈", "/兑换 试用装")
    await doudou.leaves("豆豆妈")
    await doudou.passes(hours=1)
    assert doudou.heard(Kind.REPLY, group=GROUP) == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/兑换 体温计", "「体温计」要200分，你有80分，还差120分"),
        ("/兑换 玩具", "「玩具」已经兑完啦，发 /兑换 看看别的"),
        ("/兑换 早教课", "「早教课」要在3月2日18:00前换，已经过期啦"),
        ("/兑换 孕妇枕", "没有「孕妇枕」可以换，发 /兑换 看看都有什么"),
        ("/兑换 试", "是哪一个呢：1.试用装、3.试听课？请发 /兑换 第1个 这样的编号"),
    ],
)
async def test_what_she_cannot_have_costs_nothing(doudou: World, typed: str, told: str) -> None:
    await offers(doudou, "体温计", 200)
    await offers(doudou, "玩具", 60, stock=0)
    await offers(doudou, "早教课", 10, valid_until=shanghai("2026-03-02 18:00"))
    await offers(doudou, "孕妇枕", 10, scope="group:g9")
    await offers(doudou, "试用装", 50)
    await offers(doudou, "试听课", 70)
    assert await doudou.types("豆豆妈", typed) == told
    assert await doudou.points("豆豆妈") == 80
    assert await redemptions(doudou) == []


async def test_the_limit_is_each_members_own(doudou: World) -> None:
    await offers(doudou, cost=10, limit_each=1)
    await has_earned(doudou, "米粒妈", 10)
    await doudou.types("豆豆妈", "/兑换 试用装")
    assert await doudou.types("豆豆妈", "/兑换 1") == "「试用装」每人限换1份，你已经换过啦"
    assert "私信发你啦" in await doudou.types("米粒妈", "/兑换 1")
    assert await doudou.points("豆豆妈") == 70


async def test_each_redemption_has_a_code_of_its_own(doudou: World) -> None:
    await offers(doudou, cost=10)
    for _ in range(3):
        await doudou.types("豆豆妈", "/兑换 试用装")
    assert len({each.code for each in await redemptions(doudou)}) == 3
    assert await doudou.points("豆豆妈") == 50


async def test_staff_do_not_spend(doudou: World) -> None:
    await offers(doudou)
    await has_earned(doudou, "小雨妈妈", 100)
    told = await doudou.types("小雨妈妈", "/兑换 试用装")
    assert told == "兑换是给群里妈妈们的，班长和工作人员不参加哦"
    assert await doudou.points("小雨妈妈") == 100


async def test_the_last_piece_is_gone_for_the_next_in_the_same_moment(doudou: World) -> None:
    await offers(doudou, stock=1)
    await has_earned(doudou, "米粒妈", 50)
    for name in ("豆豆妈", "米粒妈"):
        message = MessageId(f"x{name}")
        doudou.gateway.say(GroupId(GROUP), PersonId(name), message, "/兑换 试用装")
    await doudou.passes(minutes=1)
    assert await doudou.points("豆豆妈") == 30
    assert await doudou.points("米粒妈") == 50
    assert doudou.replies.count("「试用装」已经兑完啦，发 /兑换 看看别的") == 1
    assert await stock(doudou) == 0


async def test_points_of_one_group_do_not_buy_in_another(doudou: World) -> None:
    await doudou.opens(SECOND, SECOND_NAME)
    await doudou.joins("豆豆妈", group=SECOND)
    await offers(doudou)
    told = await doudou.types("豆豆妈", "/兑换 试用装", SECOND)
    assert told == "「试用装」要50分，你有0分，还差50分"


async def test_a_number_that_is_typed_again_does_not_spend_again(doudou: World) -> None:
    """In private she chooses her group by a number: once for each command."""
    await doudou.opens(SECOND, SECOND_NAME)
    await doudou.joins("豆豆妈", group=SECOND)
    await has_earned(doudou, "豆豆妈", 80, SECOND)
    await offers(doudou, cost=10)
    assert "哪个群" in await privately(doudou, "豆豆妈", "兑换 试用装")
    for _ in range(3):
        await privately(doudou, "豆豆妈", "1")
    assert await doudou.points("豆豆妈") == 70
    await privately(doudou, "豆豆妈", "兑换 试用装")
    await privately(doudou, "豆豆妈", "2")
    assert (await doudou.points("豆豆妈"), await doudou.points("豆豆妈", SECOND)) == (60, 80)


# Handing over


@pytest.mark.parametrize("typed", ["/核销 {}", "／核销{}", "核销码{}", "#redeemed {}"])
async def test_the_monitor_hands_over_once(doudou: World, typed: str) -> None:
    await offers(doudou)
    await doudou.types("豆豆妈", "/兑换 试用装")
    (redemption,) = await redemptions(doudou)
    text = typed.format(f"{redemption.code[:3]} {redemption.code[3:]}")
    if typed.startswith("核"):
        text = f"/{text}"
    await doudou.says("小雨妈妈", text)
    await doudou.passes(seconds=5)
    answer = replies(doudou)[-1]
    assert answer.text == f"@小雨妈妈{MENTION_END}@豆豆妈{MENTION_END}的「试用装」已核销"
    assert answer.mentions == ("小雨妈妈", "豆豆妈")
    (redemption,) = await redemptions(doudou)
    assert redemption.state is RedemptionState.HANDED
    assert redemption.handed_by == "小雨妈妈"
    again = await doudou.types("小雨妈妈", f"/核销 {redemption.code}")
    assert again == f"兑换码{redemption.code}（豆豆妈的「试用装」）在3月2日19:10已经核销过了"
    await doudou.passes(days=31)
    assert await doudou.points("豆豆妈") == 30


async def test_in_private_too(doudou: World) -> None:
    await offers(doudou)
    await privately(doudou, "豆豆妈", "兑换 试用装")
    (redemption,) = await redemptions(doudou)
    told = await privately(doudou, "小雨妈妈", f"核销 {redemption.code}")
    assert told == f"@豆豆妈{MENTION_END}的「试用装」已核销"


async def test_what_cannot_be_handed_over_says_why(doudou: World) -> None:
    await offers(doudou)
    await doudou.types("豆豆妈", "/兑换 试用装")
    (redemption,) = await redemptions(doudou)
    how = "请发六位的兑换码，一次一个，例如 /核销 123456"
    assert await doudou.types("小雨妈妈", "/核销") == how
    assert await doudou.types("小雨妈妈", "/核销 12345") == how
    unknown = "这个群里没有兑换码 000000，请核对一下再发"
    assert await doudou.types("小雨妈妈", "/核销 000000") == unknown
    assert "要班长或小助手来发" in await doudou.types("豆豆妈", f"/核销 {redemption.code}")
    await doudou.becomes("豆豆妈", Role.ASSISTANT)
    own = await doudou.types("豆豆妈", f"/核销 {redemption.code}")
    assert own == "这是你自己的兑换码，要请另一位班长或小助手来核销"
    await doudou.opens(SECOND, SECOND_NAME, people=("别群班长",))
    await doudou.becomes("别群班长", Role.MONITOR, SECOND)
    elsewhere = await doudou.types("别群班长", f"/核销 {redemption.code}", SECOND)
    assert elsewhere == f"这个群里没有兑换码 {redemption.code}，请核对一下再发"
    (redemption,) = await redemptions(doudou)
    assert redemption.state is RedemptionState.READY


# What nobody fetches


async def test_a_code_lapses_and_the_points_return(doudou: World) -> None:
    await offers(doudou, stock=1)
    await doudou.types("豆豆妈", "/兑换 试用装")
    (redemption,) = await redemptions(doudou)
    await doudou.until("2026-04-01 19:09")
    assert await doudou.points("豆豆妈") == 30
    await doudou.until("2026-04-01 19:11")
    assert await doudou.points("豆豆妈") == 80
    assert await stock(doudou) == 1
    (notice,) = doudou.heard(Kind.NOTICE)
    assert (notice.message.to, notice.message.group) == ("豆豆妈", None)
    assert notice.message.text == (
        f"你在「{NAME}」换的「试用装」还没来得及领，兑换码 {redemption.code} 到期了。"
        "50分已经退回给你，想要的话随时再换～"
    )
    late = await doudou.types("小雨妈妈", f"/核销 {redemption.code}")
    assert late == (
        f"兑换码{redemption.code}（豆豆妈的「试用装」）在4月1日19:10过期了，"
        "积分会退给她，可以重新兑换"
    )
    await doudou.restarts()
    await doudou.passes(days=40)
    assert await doudou.points("豆豆妈") == 80
    assert await differing(doudou) == []
    assert len(doudou.heard(Kind.NOTICE)) == 1


async def test_at_night_points_return_and_she_is_told_in_the_morning(doudou: World) -> None:
    await offers(doudou)
    await doudou.until("2026-03-03 02:00")
    await doudou.types("豆豆妈", "/兑换 试用装")
    await doudou.until("2026-04-02 02:00:01")
    assert await doudou.points("豆豆妈") == 80
    assert doudou.heard(Kind.NOTICE) == []
    await doudou.until("2026-04-02 08:00")
    (notice,) = doudou.heard(Kind.NOTICE)
    assert notice.at == shanghai("2026-04-02 07:30")


async def test_how_long_a_code_lasts_is_a_rule(doudou: World) -> None:
    await offers(doudou)
    await doudou.rules(rewards={"code_lasts": 86400})
    assert "3月3日前" in await doudou.types("豆豆妈", "/兑换 试用装")
    await doudou.passes(days=1)
    assert await doudou.points("豆豆妈") == 80


async def test_what_came_back_can_be_had_again_within_the_limit(doudou: World) -> None:
    await offers(doudou, stock=1, limit_each=1)
    await doudou.types("豆豆妈", "/兑换 试用装")
    await doudou.passes(days=31)
    assert "私信发你啦" in await doudou.types("豆豆妈", "/兑换 试用装")
    first, second = await redemptions(doudou)
    assert first.code != second.code


async def test_in_a_group_that_was_let_go_points_and_pieces_return_in_silence(
    doudou: World,
) -> None:
    await offers(doudou, stock=1)
    await doudou.types("豆豆妈", "/兑换 试用装")
    async with doudou.admin() as http:
        await http.post(f"/api/v1/groups/{GROUP}/release")
    await doudou.passes(days=31)
    assert await doudou.points("豆豆妈") == 80
    assert await stock(doudou) == 1
    assert doudou.heard(Kind.NOTICE) == []
