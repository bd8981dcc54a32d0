"""A member's own link and poster, in private."""

from handlers.command import Call, Misused, Reply, Who
from handlers.context import Context
from handlers.nickname.judge import called
from handlers.referrals import policy
from handlers.router import Router
from models.entry import EntryCode
from models.events import ChannelLed
from models.ids import Code
from models.messages import Attachment
from models.stores.codes import new_code

router = Router()

MADE_BY = "member"
"""Who made the code: she whose it is."""


@router.command(
    "邀请", "invite", who=Who.ANYBODY, usage="/邀请", about="我的邀请链接和海报（私聊）"
)
async def invite(call: Call, ctx: Context) -> Reply:
    if not call.is_private:
        raise Misused(policy.IN_PRIVATE)
    if not ctx.rules.entry.site:
        raise Misused(policy.NO_SITE)
    code = await _own_code(call, ctx)
    address = f"{ctx.rules.entry.site}/j/{code}"
    person = call.caller.person
    counts = policy.tally(person, await ctx.facts.referrals.brought_by([person]))
    return Reply(
        policy.invitation(address, counts, call.role, ctx.rules.referrals),
        attachment=Attachment(image=f"{address}/poster.png"),
    )


async def _own_code(call: Call, ctx: Context) -> Code:
    """Hers for the group's channel; made once."""
    assert ctx.group is not None
    if ctx.group.channel is None:
        raise Misused(policy.NO_CHANNEL)
    caller = call.caller
    has_name = bool((caller.nickname or caller.name).strip())
    name = called(caller, ctx.group, ctx.today)[: policy.LONGEST_NAME] if has_name else ""
    made = EntryCode(
        code=new_code(),
        channel=ctx.group.channel,
        referrer=name,
        member=caller.person,
        group=ctx.group.id,
        created_at=ctx.now,
        created_by=MADE_BY,
    )
    code = await ctx.facts.referrals.own_code(made)
    if code == made.code:
        ctx.tell(ChannelLed(at=ctx.now, channel=made.channel))
    known = await ctx.facts.entry_codes.get(code)
    if known is not None and known.closed_at is not None:
        raise Misused(policy.CLOSED)
    return code
