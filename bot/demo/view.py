"""What the demo's page shows of one group, read from the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.demo.chats import (
    Moved,
    Said,
    last_written,
    read_chat,
    read_last,
    read_private,
    read_quoted,
)
from bot.demo.community import ACCOUNT, only_reads
from bot.demo.entrance import Entrance, read_entrance
from bot.demo.outlook import Outlook, read_outlook
from bot.demo.past.plots import is_around
from bot.gateways.simulated import BOT
from config.daily import ZONE
from config.rules import Rules
from handlers.nickname.judge import example
from handlers.onboarding import policy
from handlers.points.policy import first_of_month
from handlers.rewards.policy import on_offer
from models.cohort import Stage
from models.delivery import State
from models.groups import Group, Member, stage_of
from models.ids import GroupId, PersonId
from models.onboarding import Desk, Newcomer
from models.questions import Question
from models.rewards import Redemption, RedemptionState, Reward
from models.scopes import scopes_of
from models.stores.outbox import OPEN
from models.stores.unit import Unit
from models.tables import BalanceRow, GroupRow, MemberRow, OutboxRow, StaffRow
from models.tasks import Task

LAST_SETTLED = 6
CODES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """The round that gathers, and why it is due when it is: the last round, the most joins at
    once since, and the gap that follows from them."""

    people: Sequence[Newcomer]
    due_at: datetime
    last_said_at: datetime | None
    most_at_once: int
    gap: timedelta
    hurried: bool
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
    to: PersonId | None


@dataclass(frozen=True, slots=True)
class Score:
    """`earned` is this month's, which the ranking goes by; `balance` is what she may spend."""

    person: PersonId
    earned: int
    balance: int


@dataclass(frozen=True, slots=True)
class Points:
    """Who has how many, and what they are earned with and spent on. `tasks`: each with how many
    did it. `codes` are waiting to be handed over."""

    scores: Sequence[Score]
    questions: Sequence[Question]
    tasks: Sequence[tuple[Task, int]]
    rewards: Sequence[Reward]
    codes: Sequence[Redemption]


@dataclass(frozen=True, slots=True)
class Card:
    """A group in the list of chats."""

    group: Group
    stage: Stage
    waiting: int
    last: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything about one group at one moment. `written`: when each of its people last got a
    private message of ours."""

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
    points: Points
    outlook: Outlook
    entrance: Entrance
    written: Mapping[PersonId, datetime]
    promised: Sequence[Promise]
    settled: Sequence[Promise]

    @property
    def present(self) -> list[Member]:
        """The people one can be, in the order in which they came."""
        here = (
            each
            for each in self.people.values()
            if each.present and each.person != BOT and not only_reads(each.person)
        )
        return sorted(here, key=lambda each: (each.seen_at or self.now, each.person))

    def somebody(self, wanted: PersonId | None) -> PersonId | None:
        """Who one is: who one wants to be, or where she is not here, somebody who is."""
        here = self.present
        if wanted in {each.person for each in here}:
            return wanted
        plain = [each.person for each in here if not each.role.is_staff]
        return next(iter([*plain, *(each.person for each in here)]), None)

    def message(self, id_: str) -> Said | None:
        """One that is shown here, or quoted by one that is."""
        shown = (each for each in self.chat if isinstance(each, Said) and each.id == id_)
        return next(shown, None) or self.quoted.get(id_)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    @property
    def days_left(self) -> int | None:
        """Until the group turns postnatal; negative since then, None where that is unknown."""
        return (self.turns_on - self.today).days if self.turns_on else None


@dataclass(frozen=True, slots=True)
class Sight:
    """What one tab sees: the list of chats, the group that is open (None where there is none at
    all), who one is there, and what she and the bot say to each other in private."""

    cards: Sequence[Card]
    scene: Scene | None
    me: PersonId | None = None
    private: Sequence[Said | Moved] = ()


async def read_sight(facts: Unit, group: GroupId, wanted: PersonId | None, now: datetime) -> Sight:
    """The first group, where there is no such one. Those around are not in the list, where nobody
    would find her own any more, but can be looked at."""
    cards = await read_cards(facts, now)
    known = [card.group.id for card in cards]
    opened = group if group in known or is_around(group) else next(iter(known), None)
    scene = await read_scene(facts, opened, now) if opened else None
    me = scene.somebody(wanted) if scene else None
    return Sight(cards, scene, me, await read_private(facts, me) if me else ())


async def read_cards(facts: Unit, now: datetime) -> list[Card]:
    groups = await facts.groups.find(GroupRow.account == ACCOUNT)
    ours = (each for each in groups if not is_around(each.id))
    ordered = sorted(ours, key=lambda each: (each.birth_window or "", each.id), reverse=True)
    return [await _card(facts, group, now) for group in ordered]


async def read_scene(facts: Unit, group_id: GroupId, now: datetime) -> Scene | None:
    """None where there is no such group."""
    group = await facts.groups.peek(group_id)
    if group is None:
        return None
    rules = await facts.rules.in_force(group)
    today = now.astimezone(ZONE).date()
    stage = stage_of(group, today, rules.groups)
    desk = await facts.desks.open(group.id)
    chat = await read_chat(facts, group.id)
    members = await facts.members.find(MemberRow.group == group.id)
    unfit = await facts.newcomers.unfit(group.id)
    return Scene(
        now=now,
        group=group,
        stage=stage,
        turns_on=_turns_on(group, rules),
        rules=rules,
        example=example(group.city, group.window, today),
        people={each.person: each for each in members},
        chat=chat,
        quoted=await read_quoted(facts, group.id, chat),
        desk=desk,
        waiting=await _waiting(facts, group, desk, rules),
        to_remind=[e.person for e in unfit if policy.needs_reminder(e, rules.onboarding)],
        points=await _points(facts, group, members, now),
        outlook=await read_outlook(facts, group, now),
        entrance=await read_entrance(facts),
        written=await last_written(facts, group.id),
        promised=await _promised(facts, group.id),
        settled=await _settled(facts, group.id),
    )


async def _card(facts: Unit, group: Group, now: datetime) -> Card:
    rules = await facts.rules.in_force(group)
    last = await read_last(facts, group.id)
    return Card(
        group=group,
        stage=stage_of(group, now.astimezone(ZONE).date(), rules.groups),
        waiting=len(await facts.newcomers.waiting(group.id)),
        last=(last.text or "") if last else "",
    )


def _turns_on(group: Group, rules: Rules) -> date | None:
    return group.window.middle + rules.groups.postnatal_shift if group.window else None


# Points


async def _points(facts: Unit, group: Group, members: Sequence[Member], now: datetime) -> Points:
    month = first_of_month(now.astimezone(ZONE).date())
    earned = {each.person: each.points for each in await facts.ledger.ranking(group.id, month)}
    held = await facts.balances.find(BalanceRow.group == group.id, BalanceRow.points > 0)
    balances = {each.person: each.points for each in held}
    here = {each.person for each in members if each.present}
    scores = [
        Score(person, earned.get(person, 0), balances.get(person, 0))
        for person in here & (earned.keys() | balances.keys())
    ]
    tasks = await facts.tasks.open_in(group.id)
    return Points(
        scores=sorted(scores, key=lambda each: (-each.earned, -each.balance, each.person)),
        questions=await facts.questions.open_in(group.id),
        tasks=[(each, len(await facts.task_responses.to(each))) for each in tasks],
        rewards=on_offer(await facts.rewards.of_scopes(scopes_of(group)), now),
        codes=await facts.redemptions.newest(group.id, RedemptionState.READY, CODES_SHOWN),
    )


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
        hurried=desk.hurried,
        in_quiet_hours=morning == desk.due_at,
        held_until=desk.held_until,
    )


async def _promised(facts: Unit, group: GroupId) -> list[Promise]:
    return await _promises(
        facts,
        OutboxRow.state.in_([*OPEN, State.SENDING]),
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
    """The group's own, and what is said in private to its people, to staff, or to somebody who is
    in no group yet."""
    people = select(MemberRow.person).where(MemberRow.group == group)
    staff = select(StaffRow.person)
    anybody = select(MemberRow.person)
    theirs = OutboxRow.to.in_(people) | OutboxRow.to.in_(staff) | OutboxRow.to.not_in(anybody)
    private = OutboxRow.group.is_(None) & (OutboxRow.account == ACCOUNT)
    return (OutboxRow.group == group) | (private & theirs)


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
            to=PersonId(row.to_person) if row.to_person is not None else None,
        )
        for row in rows
    ]
