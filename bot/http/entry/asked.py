"""What an owner is asked for, as her page tells it: worded at this moment, the oldest first."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.daily import ZONE
from handlers.context import Context
from handlers.features import FEATURES
from handlers.proposals import policy
from models.ids import GroupId, PersonId
from models.messages import Outgoing
from models.proposals import Means, OwnerPage, Proposal
from models.stores.proposed import Newcomers, ProposedStore
from models.stores.unit import Unit

LINE = 21
"""Characters that fit into a line of a phone."""
MOST_LINES = 16
GROUPS_NAMED = 5
DAYS = {0: "", 1: "昨天 ", -1: "明天 "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One of the things. `named` is whom the text calls by name, as a form carries it."""

    key: str
    means: str
    groups: Sequence[str]
    more_groups: int
    text: str
    title: str
    named: str
    people: int
    since: str
    until: str

    @property
    def lines(self) -> int:
        """Of the field that the text stands in."""
        return min(MOST_LINES, sum(1 + len(each) // LINE for each in self.text.split("\n")))


async def tasks_of(facts: Unit, page: OwnerPage, now: datetime) -> list[Task]:
    """What is withdrawn she need not look at any more."""
    asked = [
        each
        for each in await facts.proposals.pending_of(page.owner)
        if each.account == page.account and not policy.is_withdrawn(each)
    ]
    keys = [each.key for each in asked]
    messages: dict[str, list[Outgoing]] = defaultdict(list)
    for key, message in await facts.outbox.asked_for(keys):
        messages[key].append(message)
    store = ProposedStore(facts.connection)
    groups, newcomers = await store.groups(asked), await store.newcomers(keys)
    return [
        await _task(
            facts, each, messages[each.key], groups.get(each.key, ()), newcomers.get(each.key), now
        )
        for each in asked
    ]


async def _task(
    facts: Unit,
    proposal: Proposal,
    messages: Sequence[Outgoing],
    groups: Sequence[GroupId],
    waits: Newcomers | None,
    now: datetime,
) -> Task:
    said = list(messages[:1])
    if proposal.means is Means.PASTE:
        said = [each for step in messages if (each := await _worded(facts, step, now))]
    rooms = await facts.groups.peek_at(groups[:GROUPS_NAMED])
    names = {each.id: each.name for each in rooms}
    attached = said[0].attachment if said else None
    return Task(
        key=proposal.key,
        means=proposal.means.value,
        groups=[names[each] for each in groups[:GROUPS_NAMED] if each in names],
        more_groups=max(0, len(groups) - GROUPS_NAMED),
        text="\n\n".join(each.text for each in said),
        title=attached.title if attached else "",
        named=json.dumps(_named(said), ensure_ascii=False),
        people=waits.people if waits else 0,
        since=clock(waits.since, now) if waits and waits.since else "",
        until=clock(proposal.lapses_at, now),
    )


async def _worded(facts: Unit, message: Outgoing, now: datetime) -> Outgoing | None:
    """As it would be said now, read without holding its group: she only looks."""
    room = await facts.groups.peek(message.group) if message.group is not None else None
    ours = room if room is not None and room.is_ours else None
    ctx = Context(now, facts, await facts.rules.in_force(ours), room)
    return await FEATURES.render(message, ctx)


def _named(said: Collection[Outgoing]) -> list[PersonId]:
    return list(dict.fromkeys(person for each in said for person in each.mentions))


def read_named(text: str) -> tuple[PersonId, ...] | None:
    """What `Task.named` became on its way through a form; None where it is none."""
    try:
        named = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        return None
    return tuple(PersonId(each) for each in named)


def clock(moment: datetime, now: datetime) -> str:
    """`20:05`, `昨天 20:05`, `3月2日 20:05`"""
    at = moment.astimezone(ZONE)
    days = (now.astimezone(ZONE).date() - at.date()).days
    day = DAYS.get(days, f"{at.month}月{at.day}日 ")
    return f"{day}{at:%H:%M}"
