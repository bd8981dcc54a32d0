"""What mothers tell of themselves on the public pages, and the places that they get for it."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.context import Context
from handlers.entry import tickets
from handlers.entry.answers import window_of
from handlers.entry.placing import find_place, has_place, take_turns
from handlers.router import Router
from models.cohort import Cohort
from models.entry import EntryCode, Visitor
from models.events import (
    AnswersGiven,
    CodeScanned,
    Event,
    PlaceAsked,
    VisitorErased,
    WayShown,
)
from models.groups import as_group
from models.ids import VisitorId

router = Router()


Visit = CodeScanned | AnswersGiven | PlaceAsked | WayShown | VisitorErased


@router.prepares(CodeScanned, AnswersGiven, PlaceAsked, WayShown, VisitorErased)
async def prepare(events: Sequence[Event], ctx: Context) -> None:
    """Locks what these need, in the order in which everybody does: the turns of cohorts, groups,
    visitors."""
    visits = [each for each in events if isinstance(each, Visit)]
    answered = [each for each in visits if isinstance(each, AnswersGiven)]
    came = [each for each in visits if isinstance(each, CodeScanned | AnswersGiven)]
    await ctx.facts.entry_codes.load({(each.code,) for each in came})
    await take_turns(await _cohorts(visits, ctx), ctx)
    blanks = [await _blank(each, ctx) for each in came]
    await ctx.facts.visitors.meet(each for each in blanks if each is not None)
    await ctx.facts.visitors.load((each.visitor,) for each in visits)
    without = [each for each in answered if await _has_no_ticket(each.visitor, ctx)]
    await ctx.facts.visitors.try_tickets(next(tickets.candidates(each.seed)) for each in without)


@router.on(CodeScanned)
async def scan(scanned: CodeScanned, ctx: Context) -> None:
    """Once for all: her first scan is the one that counts."""
    await prepare([scanned], ctx)


@router.on(AnswersGiven)
async def answer(given: AnswersGiven, ctx: Context) -> None:
    """As often as she likes, until she is in a group: the last answers count, and she came by
    the code with which she gave them."""
    await prepare([given], ctx)
    code = await ctx.facts.entry_codes.get(given.code)
    visitor = await ctx.facts.visitors.get(given.visitor)
    if code is None or visitor is None or visitor.is_in:
        return
    before = visitor
    visitor = await _answered(visitor, given, code, ctx)
    if visitor.cohort != before.cohort:
        visitor = replace(visitor, group=None, placed_at=None, waiting_since=None)
    await find_place(visitor, ctx, before=before)


@router.on(PlaceAsked)
async def look_again(asked: PlaceAsked, ctx: Context) -> None:
    """Who has a place keeps it; else another is found, as if she had answered now."""
    await prepare([asked], ctx)
    visitor = await ctx.facts.visitors.get(asked.visitor)
    if visitor is None or visitor.day is None or visitor.is_in or visitor.cohort is None:
        return
    visitor = await _with_ticket(visitor, visitor.id, ctx)
    ctx.facts.visitors.put(visitor)
    if not await has_place(visitor, ctx):
        await find_place(visitor, ctx)


@router.on(WayShown)
async def show_way(shown: WayShown, ctx: Context) -> None:
    visitor = await ctx.facts.visitors.get(shown.visitor)
    if visitor is not None and visitor.group is not None and visitor.shown_at is None:
        ctx.facts.visitors.put(replace(visitor, shown_at=ctx.now))


@router.on(VisitorErased)
async def erase(erased: VisitorErased, ctx: Context) -> None:
    """Nothing that tells who she is; her place is free, and figures stay what they were."""
    visitor = await ctx.facts.visitors.get(erased.visitor)
    if visitor is not None:
        await ctx.facts.start_afresh()
        await ctx.facts.people.erase_visit(visitor.id, ctx.now)


# How


async def _cohort(given: AnswersGiven, ctx: Context) -> Cohort | None:
    """None where nobody made her code."""
    code = await ctx.facts.entry_codes.get(given.code)
    if code is None:
        return None
    # By the rules that hold everywhere, since groups' names are read by them.
    window = window_of(given.answers.day, ctx.rules.groups.first_month)
    return Cohort(given.answers.city, code.channel, window)


async def _cohorts(visits: Sequence[Visit], ctx: Context) -> set[Cohort]:
    """Those that somebody may get a place in."""
    asking = {each.visitor for each in visits if isinstance(each, PlaceAsked)}
    found = await ctx.facts.visitors.cohorts_of(asking)
    answered = [each for each in visits if isinstance(each, AnswersGiven)]
    return found | {cohort for each in answered if (cohort := await _cohort(each, ctx))}


async def _blank(came: CodeScanned | AnswersGiven, ctx: Context) -> Visitor | None:
    """Who comes by a code that leads nowhere was not here. Who had the form before her while it
    was closed, was."""
    code: EntryCode | None = await ctx.facts.entry_codes.get(came.code)
    if code is None or (code.closed_at is not None and isinstance(came, CodeScanned)):
        return None
    return Visitor(id=came.visitor, code=came.code, scanned_at=ctx.now)


async def _answered(
    visitor: Visitor, given: AnswersGiven, code: EntryCode, ctx: Context
) -> Visitor:
    told, cohort = given.answers, await _cohort(given, ctx)
    assert cohort is not None
    visitor = replace(
        visitor,
        code=code.code,
        answered_at=ctx.now,
        channel=cohort.channel,
        city=cohort.city,
        birth_window=str(cohort.window),
        baby=told.baby,
        day=told.day,
        name=told.name,
        consent=told.consent,
    )
    return await _with_ticket(visitor, given.seed, ctx)


async def _with_ticket(visitor: Visitor, seed: str, ctx: Context) -> Visitor:
    """The one she has for longer, or another where hers may be somebody else's by now."""
    assert visitor.cohort is not None
    rules = await ctx.facts.rules.in_force(as_group(visitor.cohort))
    ticket = visitor.ticket or await ctx.facts.visitors.free_ticket(tickets.candidates(seed))
    until = ctx.now + rules.entry.ticket_lasts if ticket else None
    return replace(visitor, ticket=ticket, ticket_until=until)


async def _has_no_ticket(visitor: VisitorId, ctx: Context) -> bool:
    known = await ctx.facts.visitors.get(visitor)
    return known is not None and known.ticket is None
