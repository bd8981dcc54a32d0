"""Ways to our staff that carry an entry code, where the platform has such: made when somebody who
came by that code needs to see one. Who comes by it is greeted by handlers/ways/friends.py."""

from base64 import b64decode
from dataclasses import replace
from datetime import datetime

from config.daily import ZONE
from handlers.context import Context
from handlers.router import Router
from handlers.ways import leading
from models.entry import Visitor
from models.errands import Errand, ErrandKind
from models.events import ErrandDone, ErrandFailed, Placed
from models.groups import Ability
from models.ids import Code
from models.platform_ways import CONTACT_WAY, MADE, ContactWay, WantedContactWay
from models.stores.unit import Unit

router = Router()

WAYS_A_BEAT = 50


@router.on(Placed)
async def begin(placed: Placed, ctx: Context) -> None:
    visitor: Visitor | None = await ctx.facts.visitors.get(placed.visitor)
    account = await ctx.facts.accounts.get(ctx.group.account) if ctx.group else None
    if visitor is None or account is None or not account.can(Ability.CONTACT_WAYS):
        return
    if len(visitor.code) > leading.LONGEST_STATE:
        return
    if await ctx.facts.contact_ways.peek(account.id, visitor.code) is None:
        ctx.facts.contact_ways.put(
            ContactWay(account=account.id, code=visitor.code, made_at=ctx.now, due_at=ctx.now)
        )


async def next_look(facts: Unit) -> datetime | None:
    return await facts.contact_ways.next_look()


@router.every(seconds=10, next_due=next_look)
async def look_after_contact_ways(ctx: Context) -> None:
    for way in await ctx.facts.contact_ways.to_look_at(ctx.now, WAYS_A_BEAT):
        ctx.facts.contact_ways.put(await _looked_after(way, ctx))


async def _looked_after(way: ContactWay, ctx: Context) -> ContactWay:
    account = await ctx.facts.accounts.get(way.account)
    if account is not None and account.is_up and account.can(Ability.CONTACT_WAYS):
        wanted = WantedContactWay(state=way.code, config=way.config, has_qr=way.is_there)
        ctx.ask(
            Errand(
                key=f"contact_way:{way.account}:{way.code}:{_stamp(ctx.now)}",
                kind=ErrandKind.CONTACT_WAY,
                account=way.account,
                due_at=ctx.now,
                lapses_at=ctx.now + leading.AGAIN,
                detail=CONTACT_WAY.write(wanted),
            )
        )
    return replace(way, due_at=ctx.now + leading.AGAIN)


@router.on(ErrandDone)
async def keep(done: ErrandDone, ctx: Context) -> None:
    made, known = MADE.read(done.result), await _known(done.errand, ctx)
    if made is None or known is None:
        return
    kept = replace(known, config=made.config, got_at=ctx.now, why_not="")
    if made.picture:
        kept = replace(kept, image=b64decode(made.picture), content=None)
    elif made.content:
        kept = replace(kept, content=made.content, image=None)
    later = leading.DAILY if kept.is_there else leading.AGAIN
    ctx.facts.contact_ways.put(replace(kept, due_at=ctx.now + later))


@router.on(ErrandFailed)
async def note_failure(failed: ErrandFailed, ctx: Context) -> None:
    known = await _known(failed.errand, ctx)
    if known is not None:
        ctx.facts.contact_ways.put(replace(known, why_not=failed.why))


async def _known(errand: Errand, ctx: Context) -> ContactWay | None:
    if errand.kind is not ErrandKind.CONTACT_WAY:
        return None
    wanted = CONTACT_WAY.read(errand.detail)
    if wanted is None:
        return None
    return await ctx.facts.contact_ways.get(errand.account, Code(wanted.state))


def _stamp(now: datetime) -> str:
    return f"{now.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}"
