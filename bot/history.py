"""What groups lived through, as a scenario (docs/scenarios.md): to run it again by other rules."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import history_lines as told
from bot.history_lines import Line, Teller
from config.rules import compatible
from models.groups import Group
from models.ids import GroupId, PersonId
from models.scopes import scopes_of
from models.stores.history import HistoryStore
from models.stores.unit import Unit


class TooMuch(Exception):
    """So many messages were said in one group alone."""

    def __init__(self, messages: int) -> None:
        super().__init__(f"{messages} messages in one group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that is not in the scenario, or not as it was. `count` is None where nobody
    counted."""

    what: str
    count: int | None = None

    def __str__(self) -> str:
        return self.what if self.count is None else f"{self.what}: {self.count}"


GAPS = (
    Gap(what="private messages to the assistant"),
    Gap(what="forms, scans and friend requests on the way in"),
    Gap(what="recalls of messages: they stay said"),
    Gap(what="earlier names of groups, nicknames and roles: they are those of today"),
    Gap(what="points, questions, tasks and posts from before: all begins with none"),
    Gap(what="hours learned from activity: posts go by the given ones"),
)
"""Of every history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`groups` are those that were taken, of all that there are in the scope."""

    since: datetime
    until: datetime
    groups: Sequence[GroupId]
    of: int
    set_up: Sequence[Line]
    events: Sequence[Line]
    gaps: Sequence[Gap]

    def scenario(self, *more: Line) -> Iterator[str]:
        """The lines as they are written; `more` of the set-up comes last in it."""
        for line in (*self.set_up, *more, *self.events):
            yield json.dumps(line, ensure_ascii=False) + "\n"


async def history_of(
    facts: Unit,
    scope: str,
    since: datetime,
    until: datetime,
    *,
    most_groups: int,
    most_messages: int,
) -> History:
    """Of the groups to which a scope applies, of no more than a sample; raises TooMuch."""
    store = HistoryStore(facts.connection)
    drawn, of = await store.groups(scope, most_groups)
    counts = await store.counts(drawn, since)
    taken = _within(drawn, {each: known for each, (known, _) in counts.items()}, most_messages)
    known = await facts.groups.peek_at(taken)
    groups = {each.id: each for each in sorted(known, key=lambda each: each.id)}
    heard = await store.messages(taken, since)
    said = [each for each in heard if not told.is_setting(each)]
    teller = Teller(
        since=since,
        groups=groups,
        faces=told.in_charge(await store.faces(taken, since), await store.staff()),
        speakers={(each.group, each.sender) for each in said},
        us=await _us(facts, groups.values()),
    )
    stays = await store.stays(taken, since)
    set_up = [
        *map(told.group, groups.values()),
        *teller.members(stays),
        *map(told.item, await facts.items.library()),
        *(told.reward(each) for each in await facts.rewards.find() if not each.withdrawn),
        *await _layers(facts, groups.values()),
    ]
    events: list[Line] = [
        # So that it begins here, whatever happens first.
        {"type": "rules", "at": since, "scope": "everywhere", "set": {}},
        *await _deafness(store, groups.values(), since),
        *teller.moves(stays),
        *(teller.said(each) for each in said if each.sender not in teller.us),
    ]
    return History(
        since=since,
        until=until,
        groups=list(groups),
        of=of,
        set_up=set_up,
        events=told.in_order(events, groups, until),
        gaps=[
            Gap(what="texts that are forgotten", count=sum(lost for _, lost in counts.values())),
            Gap(what="rules set or asked for in chat", count=len(heard) - len(said)),
            *_gaps_of(groups.values()),
            *GAPS,
        ],
    )


def _within(
    groups: Sequence[GroupId], messages: Mapping[GroupId, int], most: int
) -> list[GroupId]:
    """The first of them that said no more together; raises TooMuch where one said more."""
    taken, total = [], 0
    for each in groups:
        total += messages.get(each, 0)
        if total > most:
            break
        taken.append(each)
    if groups and not taken:
        raise TooMuch(total)
    return taken


def _gaps_of(groups: Collection[Group]) -> Iterator[Gap]:
    paused = sum(each.paused_at is not None for each in groups)
    yield Gap(what="groups that are paused: here they are not", count=paused)
    if len({each.account for each in groups}) > 1:
        yield Gap(what="when each account heard nothing, and what each may say")


async def _us(facts: Unit, groups: Iterable[Group]) -> set[PersonId]:
    accounts = {each.account for each in groups}
    known = [await facts.accounts.get(each) for each in sorted(accounts)]
    return {each.person for each in known if each is not None and each.person is not None}


async def _deafness(store: HistoryStore, groups: Iterable[Group], since: datetime) -> list[Line]:
    """Where all have one account, as a scenario has."""
    accounts = {each.account for each in groups}
    if len(accounts) != 1:
        return []
    spells = await store.deaf(accounts.pop(), since)
    return [told.deaf(max(begun, since), ended) for begun, ended in spells]


async def _layers(facts: Unit, groups: Iterable[Group]) -> list[Line]:
    """What each layer sets, but for one that is left out since it contradicts those below it."""
    found: dict[str, Line] = {}
    for each in groups:
        layers = await facts.rules.layers(scopes_of(each))
        for scope, sets in compatible({name: sets for name, (_, sets) in layers.items()}).items():
            if sets:
                found[scope] = {"type": "rules", "scope": scope, "set": dict(sets)}
    return list(found.values())
