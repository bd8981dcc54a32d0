"""What the demo's page shows of one group, read from the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from bot.demo.community import ACCOUNT
from bot.gateways.simulated import BOT
from config.daily import ZONE
from config.rules import Rules
from handlers.onboarding import policy
from handlers.onboarding.nickname.judge import example
from models.cohort import Stage
from models.groups import Group, Member
from models.ids import GroupId, PersonId
from models.onboarding import Desk, Newcomer
from models.stores.outbox import SAID, State
from models.stores.unit import Unit
from models.tables import GroupRow, JoinRow, MemberRow, MessageRow, OutboxRow

CHAT_LENGTH = 150
"""Lines of each sort that are shown; a phone would load the older ones on scrolling."""
LAST_SETTLED = 8
BOT_MESSAGE = "bot-"
"""Before the outbox id, it names a message of ours, so that it can be quoted."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message, of a member or (`by_bot`) ours."""

    id: str
    at: datetime
    by: PersonId
    text: str | None
    quotes: str | None = None
    by_bot: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody came, went, or was removed."""

    id: str
    at: datetime
    who: PersonId
    came: bool
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """The round that gathers, and why it is due when it is. `rests_on`: the last round, the
    most joins at once since, and the gap that follows from them."""

    people: Sequence[Newcomer]
    due_at: datetime
    last_said_at: datetime | None
    most_at_once: int
    gap: timedelta
    in_quiet_hours: bool
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class Promise:
    """A row of the outbox."""

    id: int
    kind: str
    text: str
    state: State
    due_at: datetime
    settled_at: datetime | None
    reason: str | None
    round: int | None
    is_private: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A group in the list of chats."""

    group: Group
    stage: Stage
    size: int
    waiting: int
    last: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything about one group at one moment."""

    now: datetime
    group: Group
    stage: Stage
    turns_on: date | None
    rules: Rules
    example: str
    people: Mapping[PersonId, Member]
    chat: Sequence[Said | Moved]
    quoted: Mapping[str, Said]
    desk: Desk
    waiting: Waiting | None
    to_remind: Sequence[PersonId]
    promised: Sequence[Promise]
    settled: Sequence[Promise]

    @property
    def present(self) -> list[Member]:
        """The people one can be, in the order in which they came."""
        here = (each for each in self.people.values() if each.present and each.person != BOT)
        return sorted(here, key=lambda each: (each.seen_at or self.now, each.person))

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()


async def read_cards(facts: Unit, now: datetime) -> list[Card]:
    groups = await facts.groups.find(GroupRow.account == ACCOUNT)
    ordered = sorted(groups, key=lambda each: (each.birth_window or "", each.id), reverse=True)
    return [await _card(facts, group, now) for group in ordered]


async def read_scene(facts: Unit, group_id: GroupId, now: datetime) -> Scene | None:
    """None where there is no such group."""
    group = await facts.groups.peek(group_id)
    if group is None:
        return None
    rules = await facts.rules.in_force(group)
    today = now.astimezone(ZONE).date()
    desk = await facts.desks.open(group.id)
    said = [*await _said(facts, group.id), *await _spoken(facts, group.id)]
    quoted = await _quoted(facts, group.id, said)
    chat: list[Said | Moved] = [*said, *await _moves(facts, group.id)]
    members = await facts.members.find(MemberRow.group == group.id)
    unfit = await facts.newcomers.unfit(group.id)
    return Scene(
        now=now,
        group=group,
        stage=policy.stage_of(group, today, rules),
        turns_on=_turns_on(group, rules),
        rules=rules,
        example=example(group.city, group.window, today),
        people={each.person: each for each in members},
        chat=sorted(chat, key=lambda each: (each.at, each.id))[-CHAT_LENGTH:],
        quoted=quoted,
        desk=desk,
        waiting=await _waiting(facts, group, desk, rules),
        to_remind=[e.person for e in unfit if policy.needs_reminder(e, rules.onboarding)],
        promised=await _promised(facts, group.id),
        settled=await _settled(facts, group.id),
    )


async def _card(facts: Unit, group: Group, now: datetime) -> Card:
    rules = await facts.rules.in_force(group)
    size = await facts.connection.scalar(
        select(func.count()).where(MemberRow.group == group.id, MemberRow.present)
    )
    last = [*await _said(facts, group.id, 1), *await _spoken(facts, group.id, 1)]
    newest = max(last, key=lambda each: each.at, default=None)
    return Card(
        group=group,
        stage=policy.stage_of(group, now.astimezone(ZONE).date(), rules),
        size=size or 0,
        waiting=len(await facts.newcomers.waiting(group.id)),
        last=(newest.text or "") if newest else "",
    )


def _turns_on(group: Group, rules: Rules) -> date | None:
    return group.window.middle + rules.groups.postnatal_shift if group.window else None


# The chat


async def _said(facts: Unit, group: GroupId, limit: int = CHAT_LENGTH) -> list[Said]:
    rows = await facts.connection.execute(
        select(MessageRow.__table__)
        .where(MessageRow.chat == group)
        .order_by(MessageRow.said_at.desc(), MessageRow.id)
        .limit(limit)
    )
    return [_of_member(row) for row in rows]


async def _spoken(facts: Unit, group: GroupId, limit: int = CHAT_LENGTH) -> list[Said]:
    rows = await facts.connection.execute(
        select(OutboxRow.__table__)
        .where(OutboxRow.group == group, OutboxRow.state.in_(SAID))
        .order_by(OutboxRow.settled_at.desc(), OutboxRow.id.desc())
        .limit(limit)
    )
    return [_of_bot(row) for row in rows]


async def _quoted(facts: Unit, group: GroupId, chat: Sequence[Said]) -> dict[str, Said]:
    """The messages that others quote, wherever in the chat they are."""
    ids = {each.quotes for each in chat if each.quotes}
    known = {each.id: each for each in chat if each.id in ids}
    missing = ids - known.keys()
    if missing:
        ours = [int(each.removeprefix(BOT_MESSAGE)) for each in missing if _is_ours(each)]
        of_members = await facts.connection.execute(
            select(MessageRow.__table__).where(
                MessageRow.chat == group, MessageRow.id.in_(missing)
            )
        )
        of_bot = await facts.connection.execute(
            select(OutboxRow.__table__).where(OutboxRow.group == group, OutboxRow.id.in_(ours))
        )
        found = [*map(_of_member, of_members), *map(_of_bot, of_bot)]
        known |= {each.id: each for each in found}
    return known


def _is_ours(message: str) -> bool:
    return message.removeprefix(BOT_MESSAGE).isdecimal() and message.startswith(BOT_MESSAGE)


def _of_member(row: Row[Any]) -> Said:
    return Said(row.id, row.said_at, PersonId(row.sender), row.text, row.quotes)


def _of_bot(row: Row[Any]) -> Said:
    return Said(
        id=f"{BOT_MESSAGE}{row.id}",
        at=row.settled_at,
        by=BOT,
        text=row.text,
        by_bot=True,
        unsure=row.state == State.UNSURE,
    )


async def _moves(facts: Unit, group: GroupId) -> list[Moved]:
    """Joins as far as we saw them, and of each person the last time she left."""
    joins = await facts.connection.execute(
        select(JoinRow.id, JoinRow.person, JoinRow.seen_at)
        .where(JoinRow.group == group)
        .order_by(JoinRow.seen_at.desc())
        .limit(CHAT_LENGTH)
    )
    leaves = await facts.connection.execute(
        select(MemberRow.person, MemberRow.gone_at, MemberRow.left_by)
        .where(MemberRow.group == group, MemberRow.gone_at.is_not(None), ~MemberRow.present)
        .order_by(MemberRow.gone_at.desc())
        .limit(CHAT_LENGTH)
    )
    came = [Moved(f"in-{number}", at, PersonId(who), True) for number, who, at in joins]
    went = [
        Moved(f"out-{who}-{at.timestamp()}", at, PersonId(who), False, removed=by is not None)
        for who, at, by in leaves
        if at is not None
    ]
    return came + went


# What waits


async def _waiting(facts: Unit, group: Group, desk: Desk, rules: Rules) -> Waiting | None:
    people = await facts.newcomers.waiting(group.id)
    if not people or desk.due_at is None:
        return None
    onboarding = rules.onboarding
    since = desk.chosen_at - onboarding.peak_window if desk.chosen_at else None
    joins = await facts.joins.after(group.id, since)
    most = policy.most_at_once(joins, desk.chosen_at, onboarding.peak_window)
    gap = policy.gap(most, onboarding)
    morning = onboarding.quiet_hours.leave(desk.due_at - timedelta(microseconds=1))
    return Waiting(
        people=people,
        due_at=desk.due_at,
        last_said_at=desk.said_at,
        most_at_once=most,
        gap=gap,
        in_quiet_hours=morning == desk.due_at,
        held_until=desk.held_until,
    )


async def _promised(facts: Unit, group: GroupId) -> list[Promise]:
    open_ = (State.WAITING, State.HELD, State.SENDING)
    return await _promises(
        facts,
        OutboxRow.state.in_(open_),
        _of(group),
        order=(OutboxRow.priority, OutboxRow.due_at, OutboxRow.id),
    )


async def _settled(facts: Unit, group: GroupId) -> list[Promise]:
    return await _promises(
        facts,
        OutboxRow.settled_at.is_not(None),
        _of(group),
        order=(OutboxRow.settled_at.desc(), OutboxRow.id.desc()),
        limit=LAST_SETTLED,
    )


def _of(group: GroupId) -> Any:
    """The group's own, and what the demo says to people in private."""
    private = OutboxRow.group.is_(None) & (OutboxRow.account == ACCOUNT)
    return (OutboxRow.group == group) | private


async def _promises(facts: Unit, *where: Any, order: Any, limit: int = 20) -> list[Promise]:
    rows = await facts.connection.execute(
        select(OutboxRow.__table__).where(*where).order_by(*order).limit(limit)
    )
    return [
        Promise(
            id=row.id,
            kind=row.kind,
            text=row.text,
            state=State(row.state),
            due_at=row.due_at,
            settled_at=row.settled_at,
            reason=row.reason,
            round=row.round,
            is_private=row.group_id is None,
        )
        for row in rows
    ]
