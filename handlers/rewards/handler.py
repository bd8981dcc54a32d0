"""Points become benefits: a code for the member, handed over by the monitor."""

from dataclasses import replace
from datetime import datetime

from handlers.command import Call, Changes, Misused, Reply, Who
from handlers.context import Context
from handlers.rewards import policy
from handlers.rewards.policy import Buyer, HandingRefused, Move, No, Unhanded
from handlers.router import Router
from models.delivery import Sent, Unsure, Verdict
from models.events import CodeHandedOver, CodeTakenBack, RewardChanged, RewardOffered
from models.groups import Member
from models.ids import GroupId
from models.messages import Kind, Outgoing
from models.rewards import Redemption
from models.scopes import scopes_of
from models.stores.unit import Unit

router = Router()

GROUPS_A_BEAT = 100
CODES_A_GROUP = 50
"""So that one transaction stays short; the next beat takes the rest."""
CODE_FOR_HER = "redeemed"
"""What the key of a private message with a code begins with."""


# What admins decide


@router.on(RewardOffered)
async def offer(decision: RewardOffered, ctx: Context) -> None:
    """Raises RewardExists where its id is taken."""
    await ctx.facts.rewards.add(decision.reward)


@router.on(RewardChanged)
async def change(decision: RewardChanged, ctx: Context) -> None:
    """Raises LookupError where there is no such reward."""
    reward = await ctx.facts.rewards.lock(decision.reward)
    if reward is None:
        raise LookupError(decision.reward)
    ctx.facts.rewards.put(replace(reward, **decision.changes))


@router.on(CodeHandedOver)
async def hand_over_for_office(decision: CodeHandedOver, ctx: Context) -> None:
    """As a monitor's `/核销`. Raises HandingRefused; LookupError where there is no such code."""
    redemption = await _redemption(decision.group, decision.code, ctx)
    _must_not(policy.why_not_handed(redemption, decision.by, ctx.now))
    ctx.facts.redemptions.put(policy.hand_over(redemption, decision.by, ctx.now))


@router.on(CodeTakenBack)
async def take_back(decision: CodeTakenBack, ctx: Context) -> None:
    """Raises HandingRefused; LookupError where there is no such code."""
    redemption = await _redemption(decision.group, decision.code, ctx)
    _must_not(policy.why_not_taken_back(redemption))
    ctx.facts.redemptions.put(policy.take_back(redemption))


# What members and monitors type


@router.command("兑换", "redeem", who=Who.ANYBODY, usage="/兑换 名字", about="用积分换福利")
async def redeem(call: Call, ctx: Context) -> str | None:
    assert ctx.group is not None
    group, person = call.caller.group, call.caller.person
    scopes = scopes_of(ctx.group)
    rewards = await ctx.facts.rewards.of_scopes(scopes)
    had = await ctx.facts.redemptions.of_person(group, person)
    points = (await ctx.facts.balances.of(group, person)).points
    if not call.args:
        offered = policy.on_offer(rewards, ctx.now)
        waiting = policy.waiting(had, ctx.now)
        named = ctx.group.name if call.is_private else None
        return policy.listing(offered, points, waiting, named)
    chosen = policy.choose(call.args, rewards, ctx.now)
    if isinstance(chosen, No):
        raise Misused(chosen.why)
    # Only now is it sure that nobody in another group takes the last piece.
    reward = await ctx.facts.rewards.lock(chosen.id) or chosen
    refusal = policy.why_not(reward, scopes, Buyer(call.role, points, had), ctx.now)
    if refusal is not None:
        raise Misused(refusal.why)
    code = await _free_code(call.caller, len(had) + 1, ctx)
    move = policy.redeem(reward, call.caller, code, ctx.now, ctx.rules.rewards)
    await _carry_out(move, ctx)
    told = policy.code_told(move.redemption, points - reward.cost, ctx.group.name)
    if call.is_private:
        return told
    _say_to_her(move.redemption, told, ctx)
    return None


@router.command(
    "核销",
    "redeemed",
    who=Who.LEADERS,
    usage="/核销 兑换码",
    changes=Changes.ALWAYS,
    about="福利已经交给她了",
)
async def hand_over(call: Call, ctx: Context) -> Reply:
    code = policy.code_in(call.args)
    if code is None:
        raise Misused("请发六位的兑换码，一次一个，例如 /核销 123456")
    redemption = await ctx.facts.redemptions.get(call.caller.group, code)
    if redemption is None:
        raise Misused(f"这个群里没有兑换码 {code}，请核对一下再发")
    owner = await ctx.facts.members.get(redemption.group, redemption.person)
    name = owner.shown if owner else "群友"
    refusal = policy.why_not_handed(redemption, call.caller.person, ctx.now)
    if refusal is not None:
        raise Misused(policy.unhanded_told(redemption, name, refusal))
    ctx.facts.redemptions.put(policy.hand_over(redemption, call.caller.person, ctx.now))
    return Reply(policy.handed_told(redemption, name), (owner.person,) if owner else ())


# What becomes of a code


@router.settled(Kind.REPLY)
async def tell_group(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
    """Once her private message is settled the group hears that it worked, and where no such
    message reaches her, the code."""
    kind, _, rest = message.key.partition(":")
    group, _, code = rest.rpartition(":")
    if kind != CODE_FOR_HER:
        return
    ctx = await ctx.of(GroupId(group))
    redemption = await ctx.facts.redemptions.get(group, code)
    buyer = redemption and await ctx.facts.members.get(group, redemption.person)
    if redemption is None or not buyer or not buyer.present:
        return
    if ctx.group is None or not ctx.group.is_ours:
        return
    reached = isinstance(verdict, Sent | Unsure)
    ctx.say(
        Outgoing(
            key=f"{CODE_FOR_HER}.told:{group}:{code}",
            kind=Kind.REPLY,
            account=ctx.group.account,
            group=ctx.group.id,
            text=policy.success_told(redemption, buyer, reached=reached),
            mentions=(buyer.person,),
            due_at=ctx.now,
            lapses_at=ctx.now + ctx.rules.delivery.reply_lapses,
        )
    )


async def next_lapse(facts: Unit) -> datetime | None:
    return await facts.redemptions.next_lapse()


@router.every(minutes=1, next_due=next_lapse)
async def lapse_codes(ctx: Context) -> None:
    """Also in groups that are no longer ours: the stock is shared with those that are."""
    facts = ctx.facts
    due = await facts.redemptions.groups_to_lapse(ctx.now, GROUPS_A_BEAT)
    overdue = [
        each
        for group in await facts.groups.lock_free(due)
        for each in await facts.redemptions.overdue(group.id, ctx.now, CODES_A_GROUP)
    ]
    await facts.rewards.load((each.reward,) for each in overdue)
    for each in overdue:
        await _lapse(each, await ctx.of(each.group))


async def _lapse(redemption: Redemption, ctx: Context) -> None:
    reward = await ctx.facts.rewards.get(redemption.reward)
    assert reward is not None
    await _carry_out(policy.lapse(redemption, reward, ctx.now), ctx)
    member = await ctx.facts.members.get(redemption.group, redemption.person)
    if ctx.group is None or not ctx.group.is_ours or member is None or not member.present:
        return
    ctx.say(
        Outgoing(
            key=f"lapsed:{redemption.group}:{redemption.code}",
            kind=Kind.NOTICE,
            account=ctx.group.account,
            to=redemption.person,
            text=policy.lapse_told(redemption, ctx.group.name),
            due_at=ctx.now,
            lapses_at=ctx.now + ctx.rules.delivery.notice_lapses,
        )
    )


# How


async def _redemption(group: GroupId, code: str, ctx: Context) -> Redemption:
    redemption = await ctx.facts.redemptions.get(group, code)
    if redemption is None:
        raise LookupError(code)
    return redemption


def _must_not(refusal: Unhanded | None) -> None:
    if refusal is not None:
        raise HandingRefused(refusal)


async def _free_code(buyer: Member, number: int, ctx: Context) -> str:
    """The first of her codes, from this number on, that nobody in the group has."""
    code = policy.code(buyer.group, buyer.person, number)
    while await ctx.facts.redemptions.get(buyer.group, code) is not None:
        number += 1
        code = policy.code(buyer.group, buyer.person, number)
    return code


async def _carry_out(move: Move, ctx: Context) -> None:
    ctx.facts.rewards.put(move.reward)
    ctx.facts.redemptions.put(move.redemption)
    await ctx.facts.ledger.book(move.entry)


def _say_to_her(redemption: Redemption, text: str, ctx: Context) -> None:
    assert ctx.group is not None
    ctx.say(
        Outgoing(
            key=f"{CODE_FOR_HER}:{redemption.group}:{redemption.code}",
            kind=Kind.REPLY,
            account=ctx.group.account,
            to=redemption.person,
            text=text,
            due_at=ctx.now,
            lapses_at=ctx.now + ctx.rules.delivery.reply_lapses,
        )
    )
