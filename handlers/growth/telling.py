"""The people in charge are told what is the matter with their groups: all of it in one message."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from config.daily import ZONE
from handlers.concerns import ended
from handlers.context import Context
from handlers.growth.letters import letter
from handlers.router import Router
from models.growth import Notice
from models.ids import AccountId, GroupId, PersonId
from models.messages import Kind, Outgoing
from models.stores.unit import Unit

router = Router()

Addressee = tuple[PersonId, AccountId]
GROUPS_A_BEAT = 2000
"""So many that whoever leads many groups still hears of all of them at once."""


async def next_telling(facts: Unit) -> datetime | None:
    return await facts.notices.next_telling()


@router.every(seconds=10, next_due=next_telling)
async def tell_concerns(ctx: Context) -> None:
    """Groups that somebody else holds are waited for: skipped, they would be told of in a message
    of their own."""
    ids = await ctx.facts.notices.groups_due(ctx.now, GROUPS_A_BEAT)
    if not ids:
        return
    await ctx.facts.groups.load((group,) for group in ids)
    await ctx.facts.rules.load(each for each in ctx.facts.groups.held() if each.id in set(ids))
    await ctx.facts.members.read_monitors(ids)
    contexts = {group: await ctx.of(group) for group in ids}
    to_tell: dict[Addressee, list[Notice]] = defaultdict(list)
    for notice in await ctx.facts.notices.due_of(ids, ctx.now):
        of_group = contexts[notice.group]
        if of_group.group is None or not of_group.group.is_ours:
            ctx.facts.notices.put(ended(notice, ctx))
        elif (later := _later(notice, of_group)) is not None:
            ctx.facts.notices.put(replace(notice, due_at=later))
        else:
            to_tell[await of_group.leader(), of_group.group.account].append(notice)
    for (person, account), notices in sorted(to_tell.items()):
        _tell(person, account, notices, contexts)


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


def _name(ctx: Context) -> str:
    assert ctx.group is not None
    return ctx.group.name
