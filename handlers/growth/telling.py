"""The people in charge are told what is the matter with their groups: all of it in one message."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from config.daily import ZONE
from handlers.concerns import ended
from handlers.context import Context
from handlers.growth.letters import letter
from handlers.router import Router
from models.events import NoticeSettled
from models.growth import Concern, Notice
from models.ids import AccountId, GroupId, PersonId
from models.messages import Kind, Outgoing
from models.stores.unit import Unit

router = Router()

NOTICES_A_BEAT = 1000
"""So that one transaction stays short; the next beat tells the other people. Who has more than
that to hear of is told of all of it at once all the same."""


class OverAlready(Exception):
    """It is not so any more, or somebody has seen to it."""


@router.on(NoticeSettled)
async def settle(decision: NoticeSettled, ctx: Context) -> None:
    """Raises LookupError where nothing like it was noted, and OverAlready."""
    notice = await ctx.facts.notices.get(decision.group, decision.concern)
    if notice is None:
        raise LookupError(decision.concern)
    if not notice.is_open:
        raise OverAlready
    ctx.facts.notices.put(replace(ended(notice, ctx), settled_at=ctx.now))


async def next_telling(facts: Unit) -> datetime | None:
    return await facts.notices.next_telling()


@router.every(seconds=10, next_due=next_telling)
async def tell_concerns(ctx: Context) -> None:
    """Groups that somebody else holds are waited for: skipped, they would be told of in a message
    of their own."""
    addressees = await _addressees(ctx)
    if not addressees:
        return
    ids = {group for group, _ in addressees}
    await ctx.facts.groups.load((group,) for group in ids)
    await ctx.facts.rules.load(each for each in ctx.facts.groups.held() if each.id in ids)
    contexts = {group: await ctx.of(group) for group in ids}
    to_tell: dict[PersonId, list[Notice]] = defaultdict(list)
    for notice in await ctx.facts.notices.due_of(ids, ctx.now):
        of_group, person = contexts[notice.group], addressees.get((notice.group, notice.concern))
        if of_group.group is None or not of_group.group.is_ours:
            ctx.facts.notices.put(ended(notice, ctx))
        elif (later := _later(notice, of_group)) is not None:
            ctx.facts.notices.put(replace(notice, due_at=later))
        elif person is not None:
            to_tell[person].append(notice)
    accounts = await _accounts(to_tell, contexts, ctx)
    for person, notices in sorted(to_tell.items()):
        _tell(person, accounts[person], notices, contexts)


async def _addressees(ctx: Context) -> dict[tuple[GroupId, Concern], PersonId]:
    """Who is told what now: person by person, who has waited longest first, so that nobody is told
    one half now and the other in the next beat. Should a letter fail, the beat blames the first
    group in it."""
    due = await ctx.facts.notices.due(ctx.now)
    await ctx.facts.members.read_monitors({group for group, _ in due})
    of_person: dict[PersonId, list[tuple[GroupId, Concern]]] = defaultdict(list)
    for group, concern in due:
        person = await ctx.leader_of(None if concern.is_for_staff else group)
        of_person[person].append((group, concern))
    turn, taken = ctx.facts.groups.turn, dict[tuple[GroupId, Concern], PersonId]()
    for person, theirs in of_person.items():
        first = min(group for group, _ in theirs)
        if first in turn.without:
            continue
        if taken and len(taken) + len(theirs) > NOTICES_A_BEAT:
            break
        turn.had.add(first)
        taken |= dict.fromkeys(theirs, person)
    return taken


async def _accounts(
    to_tell: Mapping[PersonId, Sequence[Notice]], contexts: Mapping[GroupId, Context], ctx: Context
) -> dict[PersonId, AccountId]:
    """Which account tells each of them. Where her groups are with several: one that reached her
    last time rather than one that never tried, and that rather than one that was refused."""
    counts = {
        person: Counter(_account(contexts[each.group]) for each in notices)
        for person, notices in to_tell.items()
    }
    several = [person for person, found in counts.items() if len(found) > 1]
    reached = await ctx.facts.outbox.reached(several) if several else {}
    ranks = {True: 2, None: 1, False: 0}
    return {
        person: max(
            sorted(found), key=lambda each: (ranks[reached.get((person, each))], found[each])
        )
        for person, found in counts.items()
    }


def _later(notice: Notice, ctx: Context) -> datetime | None:
    """What could not be told in its morning is told in the next one."""
    morning = ctx.rules.growth.morning
    if notice.concern.is_urgent or morning.covers(ctx.now):
        return None
    later = morning.next_start(ctx.now)
    return later if later > ctx.now else None


def _tell(
    person: PersonId,
    account: AccountId,
    notices: Sequence[Notice],
    contexts: Mapping[GroupId, Context],
) -> None:
    first = notices[0]
    ctx = contexts[first.group]
    names = {each.group: _name(contexts[each.group]) for each in notices}
    at = ctx.now.astimezone(ZONE)
    ctx.say(
        Outgoing(
            # Nothing is told twice at the same time, so what is told first names the letter.
            key=f"growth:{person}:{at:%Y-%m-%dT%H:%M:%S}:{first.group}:{first.concern}",
            kind=Kind.STAFF_NOTICE,
            account=account,
            to=person,
            text=letter(notices, names),
            due_at=ctx.now,
            lapses_at=ctx.now + ctx.rules.delivery.notice_lapses,
        )
    )
    for each in notices:
        over = ctx.now if each.concern.is_news else None
        told = replace(each, told_at=ctx.now, due_at=None, ended_at=over)
        ctx.facts.notices.put(told)


def _account(ctx: Context) -> AccountId:
    assert ctx.group is not None
    return ctx.group.account


def _name(ctx: Context) -> str:
    assert ctx.group is not None
    return ctx.group.name
