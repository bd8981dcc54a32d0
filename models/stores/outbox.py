"""What we promised to say: promise, claim, settle.

All SQL of the outbox is here. A key that was ever used is never used again. Only the account's
holder claims and settles, and each row it is sending carries its epoch (models/stores/leases.py).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any, assert_never

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    Text,
    Update,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.selectable import TableValuedAlias

from models.delivery import Lapsed, Parked, RetryAt, Sent, State, Unsure, Verdict
from models.ids import AccountId, GroupId, OutboxId, PersonId, RoundId
from models.messages import Attachment, Claimed, Kind, Outgoing, Priority
from models.stores.bulk import among, insert_rows, is_just
from models.stores.driver import Row, fetch
from models.tables import OutboxRow
from models.tables.base import Utc

CHANNEL = "outbox"
"""What the relays listen on; the payload is the account that has something new to say."""


EVERY_ACCOUNT = ""
LOOKED_BACK = 100
"""Promises among which the replies to one person are counted."""


async def wake_relays(connection: AsyncConnection, account: str = EVERY_ACCOUNT) -> None:
    """Once this transaction is committed."""
    await connection.execute(select(func.pg_notify(CHANNEL, account)))


SAID = (State.SENT, State.UNSURE)
OPEN = (State.WAITING, State.HELD, State.PAUSED)
PROMPTED = [kind for kind in Kind if kind.is_prompted]
KEEP_THEIR_HOUR = [kind for kind in Kind if kind.keeps_its_hour]


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said, for the pace and the budget."""

    at: datetime
    group: GroupId | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """When the next message becomes due, and when the next one lapses; `waits`: one is due already
    and has not been said."""

    due: datetime | None
    lapse: datetime | None
    waits: bool


class OutboxStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.rings = True
        """Whether anybody listens who says what is promised."""
        self._promised: dict[str, dict[str, Any]] = {}
        self._freed_at: datetime | None = None

    # Promise

    def promise(self, message: Outgoing, now: datetime, *, held: bool = False) -> None:
        """Say it once it is due. The same key twice is one promise."""
        self._promised.setdefault(
            message.key,
            {
                "key": message.key,
                "account": message.account,
                "kind": message.kind.value,
                "priority": int(message.kind.priority),
                "group": message.group,
                "to": message.to,
                "text": message.text,
                "mentions": list(message.mentions),
                "round": message.round,
                "step": message.step,
                "state": (State.HELD if held else State.WAITING).value,
                "epoch": None,
                "attempts": 0,
                "promised_at": now,
                "due_at": message.due_at,
                "lapses_at": message.lapses_at,
                "settled_at": None,
                "reason": None,
                "attachment": asdict(message.attachment) if message.attachment else None,
                "proposal": None,
            },
        )

    def soonest_promise(self) -> datetime | None:
        """The soonest that this transaction promised, or let go on."""
        times = [row["due_at"] for row in self._promised.values()]
        return min([*times, *([self._freed_at] if self._freed_at else [])], default=None)

    async def flush(self) -> None:
        """Write the promises, in the order in which they were made, and wake the relays."""
        if self._freed_at is not None:
            await wake_relays(self._connection)
            self._freed_at = None
        if not self._promised:
            return
        rows = list(self._promised.values())
        await insert_rows(self._connection, OutboxRow, rows, unless=("key",))
        if self.rings:
            for account in sorted({row["account"] for row in rows}):
                await wake_relays(self._connection, account)
        self._promised.clear()

    # Claim

    async def due(
        self, account: AccountId, now: datetime, cooling: Collection[GroupId], limit: int
    ) -> list[Claimed]:
        """What may be said now, most urgent first: (priority, due, id). Locked until the end of
        the transaction; without the groups that must not hear anything yet."""
        asked = {"account": account, "now": now, "cooling": sorted(cooling), "most": limit}
        found = await fetch(self._connection, _due(), asked)
        rows = sorted(found, key=lambda row: (row["priority"], row["due_at"], row["id"]))
        return [_claimed(row) for row in rows[:limit]]

    async def overdue(self, account: AccountId, now: datetime, limit: int) -> list[Claimed]:
        """Those whose time has passed, locked. A held step's time begins with its release."""
        asked = {"account": account, "now": now, "most": limit}
        return [_claimed(row) for row in await fetch(self._connection, _overdue(), asked)]

    async def orphans(self, account: AccountId, epoch: int) -> list[Claimed]:
        """Those that an earlier holder of the account was sending, locked."""
        lost = (
            OutboxRow.account == account,
            is_just(OutboxRow.state, State.SENDING),
            OutboxRow.epoch < epoch,
        )
        found = await self._connection.execute(_locked().where(*lost))
        return [_claimed(row) for row in found.mappings()]

    async def sending(self, ids: Collection[OutboxId], epoch: int) -> None:
        """From here until it is settled we may have spoken."""
        await fetch(self._connection, _sending(), {"ids": sorted(ids), "ours": epoch})

    async def let_go(self, ids: Collection[OutboxId], epoch: int) -> None:
        """They were not said under this epoch, and may be. Waits for whoever is still writing
        that they are."""
        which = {"ids": sorted(ids)}
        await self._connection.execute(
            select(OutboxRow.id).where(_among_ids()).order_by(OutboxRow.id).with_for_update(),
            which,
        )
        await self._connection.execute(
            update(OutboxRow)
            .where(_among_ids(), OutboxRow.state == State.SENDING, OutboxRow.epoch == epoch)
            .values(state=State.WAITING, epoch=None, attempts=OutboxRow.attempts - 1),
            which,
        )

    async def rewrite(self, message: OutboxId, text: str, mentions: Sequence[PersonId]) -> None:
        await self._connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id == message)
            .values(text=text, mentions=list(mentions))
        )

    async def postpone(self, message: OutboxId, due_at: datetime, lapses_at: datetime) -> None:
        await self._connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id == message)
            .values(due_at=due_at, lapses_at=lapses_at)
        )

    async def propose(self, message: OutboxId, account: AccountId) -> None:
        """From here on a person is asked for it; who asks is woken."""
        await self._connection.execute(
            update(OutboxRow).where(OutboxRow.id == message).values(state=State.PROPOSED)
        )
        await wake_relays(self._connection, account)

    async def loose(self, account: AccountId, limit: int) -> list[Claimed]:
        """Those that a person is to be asked for and that belong to no proposal yet, locked."""
        found = await self._connection.execute(
            _locked()
            .where(OutboxRow.account == account, is_just(OutboxRow.state, State.PROPOSED))
            .where(OutboxRow.proposal.is_(None))
            .limit(limit)
        )
        return [_claimed(row) for row in found.mappings()]

    async def belong(self, messages: Collection[OutboxId], proposal: str) -> None:
        """They end as the proposal does."""
        await self._connection.execute(
            update(OutboxRow).where(OutboxRow.id.in_(list(messages))).values(proposal=proposal)
        )

    async def is_all_proposed(self, group: GroupId, number: RoundId) -> bool:
        """Whether no step of the round is yet to be."""
        unready = select(OutboxRow.id).where(
            OutboxRow.group == group,
            OutboxRow.round == number,
            OutboxRow.state.in_([State.SENDING, *OPEN]),
        )
        return await self._connection.scalar(unready.limit(1)) is None

    async def proposed_in(self, proposal: str) -> list[Claimed]:
        """What of it has not ended, locked, in the order in which it was promised."""
        found = await self._connection.execute(
            _locked().where(
                OutboxRow.proposal == proposal, is_just(OutboxRow.state, State.PROPOSED)
            )
        )
        return [_claimed(row) for row in found.mappings()]

    async def asked_for(self, proposals: Collection[str]) -> list[tuple[str, Outgoing]]:
        """The same of many, each with its proposal, for those who only look."""
        found = await self._connection.execute(
            _select()
            .add_columns(OutboxRow.proposal)
            .where(among(OutboxRow.proposal, proposals), is_just(OutboxRow.state, State.PROPOSED))
            .order_by(OutboxRow.id)
        )
        return [(row["proposal"], _claimed(row).message) for row in found.mappings()]

    # Pause

    async def put_aside(self, message: OutboxId) -> None:
        """Neither said nor lapsed until its group goes on."""
        await self._connection.execute(
            update(OutboxRow).where(OutboxRow.id == message).values(state=State.PAUSED)
        )

    async def resume(self, group: GroupId, paused_at: datetime, now: datetime) -> None:
        """What the pause held back may be said, and has as long for it as it had left, unless it
        is worth nothing at another hour; also what no relay has looked at meanwhile."""
        held_from = func.greatest(OutboxRow.due_at, literal(paused_at, Utc()))
        done = await self._connection.execute(
            update(OutboxRow)
            .where(
                OutboxRow.group == group,
                OutboxRow.state.in_([State.PAUSED, State.WAITING]),
                OutboxRow.kind.not_in(PROMPTED),
                OutboxRow.due_at <= now,
            )
            .values(
                state=State.WAITING,
                lapses_at=case(
                    (OutboxRow.kind.in_(KEEP_THEIR_HOUR), OutboxRow.lapses_at),
                    else_=OutboxRow.lapses_at + (literal(now, Utc()) - held_from),
                ),
            )
        )
        if done.rowcount > 0:
            self.look_again(now)

    # Settle

    async def settle(
        self, message: OutboxId, verdict: Verdict, now: datetime, *, epoch: int | None = None
    ) -> bool:
        """False where it is not ours to settle: already settled, or sent under another epoch."""
        statement = update(OutboxRow).where(
            OutboxRow.id == message,
            OutboxRow.state.in_([State.SENDING, State.PROPOSED, *OPEN]),
            OutboxRow.epoch == epoch if epoch is not None else literal(True),
        )
        done = await self._connection.execute(statement.values(_outcome(verdict, now)))
        return done.rowcount > 0

    async def settle_sent(
        self, messages: Collection[OutboxId], now: datetime, epoch: int
    ) -> set[OutboxId]:
        """Those of them that were ours to settle as sent, as by `settle`, in one statement."""
        said = {"ids": sorted(messages), "ours": epoch, "now": now}
        return {OutboxId(each["id"]) for each in await fetch(self._connection, _sent(), said)}

    async def release_step(self, group: GroupId, number: RoundId, at: datetime) -> None:
        """The next step of the round may be said from `at` on."""
        which = {"of_group": group, "number": number, "at": at}
        await fetch(self._connection, _next_step(), which)

    async def drop_round(
        self, group: GroupId, number: RoundId, reason: str, now: datetime
    ) -> None:
        """What is left of a round is not said."""
        await self._connection.execute(
            update(OutboxRow)
            .where(OutboxRow.group == group, OutboxRow.round == number, OutboxRow.state.in_(OPEN))
            .values(_outcome(Lapsed(reason), now))
        )

    async def withdraw(self, person: PersonId, beginning: str, reason: str, now: datetime) -> bool:
        """What was promised to her under keys that begin like this is not said any more; whether
        there was something."""
        await self.flush()
        gone = await self._connection.execute(
            update(OutboxRow)
            .where(
                OutboxRow.to == person,
                OutboxRow.key.startswith(beginning, autoescape=True),
                OutboxRow.state.in_(OPEN),
            )
            .values(_outcome(Lapsed(reason), now))
        )
        return gone.rowcount > 0

    # Decide

    async def take(self, message: OutboxId) -> tuple[Claimed, State] | None:
        """Ours until the transaction ends, as it stands now. Where a relay holds it at this
        moment the transaction is to be run again: who decides holds its group already, for which
        the relay waits."""
        found = await self._connection.execute(
            _select()
            .add_columns(OutboxRow.state)
            .where(OutboxRow.id == message)
            .with_for_update(nowait=True)
        )
        row = found.mappings().one_or_none()
        return (_claimed(row), State(row["state"])) if row is not None else None

    def look_again(self, now: datetime) -> None:
        """Once this transaction is committed the relays look at what is due from `now` on."""
        self._freed_at = now

    async def renew(self, message: OutboxId, due_at: datetime, lapses_at: datetime) -> None:
        """It is said as if it had never been tried, or asked for."""
        await self._connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id == message)
            .values(
                state=State.WAITING,
                proposal=None,
                due_at=due_at,
                lapses_at=lapses_at,
                attempts=0,
                epoch=None,
                settled_at=None,
                reason=None,
            )
        )

    async def clear_up(self, message: OutboxId, was_said: bool, reason: str) -> None:
        """It is known now what became of it."""
        state = State.SENT if was_said else State.PARKED
        await self._connection.execute(
            update(OutboxRow).where(OutboxRow.id == message).values(state=state, reason=reason)
        )

    async def has_gone_on(self, group: GroupId, number: RoundId, step: int) -> bool:
        """Whether a later step of the round was said, or is being said."""
        later = select(OutboxRow.id).where(
            *_after(group, number, step), OutboxRow.state.in_([*SAID, State.SENDING])
        )
        return await self._connection.scalar(later.limit(1)) is not None

    async def hold_later_steps(self, group: GroupId, number: RoundId, step: int) -> None:
        """Until this one is settled, with the time that they had when they were promised."""
        await self._connection.execute(
            update(OutboxRow)
            .where(
                *_after(group, number, step), OutboxRow.state.in_([State.WAITING, State.PAUSED])
            )
            .values(
                state=State.HELD,
                due_at=OutboxRow.promised_at,
                lapses_at=OutboxRow.lapses_at - (OutboxRow.due_at - OutboxRow.promised_at),
            )
        )

    # Look

    async def next_due(
        self, account: AccountId, now: datetime, looked: datetime | None = None
    ) -> Outlook:
        """What is left to be said after now. Somebody `looked` for what is overdue at an earlier
        moment: what has lapsed since then is the next to lapse."""
        asked = {"account": account, "now": now, "looked": looked or now}
        (found,) = await fetch(self._connection, _next_due(), asked)
        return Outlook(*found.values())

    async def said_after(self, account: AccountId, moment: datetime) -> list[Utterance]:
        """In order of time."""
        found = await self._connection.execute(
            select(OutboxRow.settled_at, OutboxRow.group)
            .where(
                OutboxRow.account == account,
                OutboxRow.settled_at > moment,
                OutboxRow.state.in_(SAID),
            )
            .order_by(OutboxRow.settled_at)
        )
        return [
            Utterance(at, GroupId(group) if group else None)
            for at, group in found
            if at is not None
        ]

    async def replies_to(self, group: GroupId, person: PersonId, since: datetime) -> int:
        """How many of the group's last promises were replies to her, made since then."""
        last = (
            select(OutboxRow.kind, OutboxRow.mentions, OutboxRow.promised_at)
            .where(OutboxRow.group == group)
            .order_by(OutboxRow.id.desc())
            .limit(LOOKED_BACK)
            .subquery()
        )
        found = await self._connection.execute(
            select(last.c.mentions).where(last.c.kind == Kind.REPLY, last.c.promised_at > since)
        )
        new = (
            row["mentions"]
            for row in self._promised.values()
            if row["group"] == group and row["kind"] == Kind.REPLY
        )
        return sum(each[:1] == [person] for each in [*found.scalars(), *new])

    async def told(self, person: PersonId, beginning: str, since: datetime) -> int:
        """How many promises to her have been made since then whose key begins like this."""
        found: int | None = await self._connection.scalar(
            select(func.count()).where(
                OutboxRow.to == person,
                OutboxRow.key.startswith(beginning, autoescape=True),
                OutboxRow.promised_at > since,
            )
        )
        promised = self._promised.values()
        new = (each for each in promised if each["to"] == person)
        return (found or 0) + sum(1 for each in new if each["key"].startswith(beginning))

    async def reached(
        self, people: Collection[PersonId]
    ) -> dict[tuple[PersonId, AccountId], bool]:
        """Whether the last private message of an account to a person reached her or was refused,
        where there was one."""
        found = await self._connection.execute(
            select(OutboxRow.to, OutboxRow.account, OutboxRow.state)
            .ext(distinct_on(OutboxRow.to, OutboxRow.account))
            .where(OutboxRow.to.in_(list(people)), OutboxRow.state.in_((*SAID, State.PARKED)))
            .order_by(OutboxRow.to, OutboxRow.account, OutboxRow.id.desc())
        )
        return {
            (PersonId(to), AccountId(account)): state in SAID
            for to, account, state in found
            if to is not None
        }

    async def texts(self, keys: Collection[str], to: PersonId | None = None) -> dict[str, str]:
        """What was promised under these keys, to this person or to anybody, said or not."""
        found = await self._connection.execute(
            select(OutboxRow.key, OutboxRow.text).where(
                among(OutboxRow.key, keys), OutboxRow.to == to if to is not None else literal(True)
            )
        )
        return {row.key: row.text for row in found}

    async def said_as(self, group: GroupId, key: str) -> str | None:
        """The text that the group heard under this key."""
        return await self._connection.scalar(
            select(OutboxRow.text).where(
                OutboxRow.group == group, OutboxRow.key == key, OutboxRow.state.in_(SAID)
            )
        )

    async def said_beginning_with(
        self, group: GroupId, beginning: str, since: datetime, limit: int
    ) -> list[tuple[str, str]]:
        """(key, text) of what the group heard from us that begins like this, newest first."""
        found = await self._connection.execute(
            select(OutboxRow.key, OutboxRow.text)
            .where(
                OutboxRow.group == group,
                OutboxRow.state.in_(SAID),
                OutboxRow.settled_at > since,
                OutboxRow.text.startswith(beginning, autoescape=True),
            )
            .order_by(OutboxRow.settled_at.desc(), OutboxRow.id.desc())
            .limit(limit)
        )
        return [(key, text) for key, text in found]

    async def unprompted_since(
        self, groups: Iterable[GroupId], kinds: Collection[Kind], moment: datetime
    ) -> dict[GroupId, int]:
        """How many messages of these kinds each group has heard."""
        asked = {"groups": sorted(groups), "kinds": sorted(kinds), "since": moment}
        found = await fetch(self._connection, _heard(), asked)
        return {GroupId(each["group"]): each["count"] for each in found}


@cache
def _due() -> Select[Any]:
    """Built once: it is asked with every message."""
    now = bindparam("now", type_=Utc())
    each = _priorities()
    waiting = (
        _select()
        .where(
            IS_WAITING,
            *_between(each, FOREVER_AGO, now),
            OutboxRow.lapses_at > now,
            func.coalesce(OutboxRow.group, "")
            != func.all(bindparam("cooling", type_=ARRAY(Text))),
        )
        .order_by(*PLACE, OutboxRow.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=OutboxRow)
        .lateral("waiting")
    )
    return select(waiting).select_from(each.join(waiting, literal(True)))


@cache
def _overdue() -> Select[Any]:
    passed = OutboxRow.lapses_at <= bindparam("now", type_=Utc())
    of_account = OutboxRow.account == bindparam("account")
    most: BindParameter[int] = bindparam("most", type_=Integer)
    return _locked().where(of_account, IS_WAITING, passed).limit(most)


def _locked() -> Select[Any]:
    """In the order in which they were promised, without those that somebody else holds."""
    return _select().order_by(OutboxRow.id).with_for_update(skip_locked=True)


@cache
def _heard() -> Select[*tuple[Any, ...]]:
    return (
        select(OutboxRow.group.label("group"), func.count().label("count"))
        .where(
            OutboxRow.group == func.any(bindparam("groups", type_=ARRAY(Text))),
            OutboxRow.kind == func.any(bindparam("kinds", type_=ARRAY(Text))),
            OutboxRow.settled_at >= bindparam("since", type_=Utc()),
            OutboxRow.state == func.any(cast(list(SAID), ARRAY(Text))),
        )
        .group_by(OutboxRow.group)
    )


@cache
def _next_due() -> Select[Any]:
    """Built once, as `_due`."""
    now = bindparam("now", type_=Utc())
    each = _priorities()

    def first(name: str, after: Any, until: Any) -> ScalarSelect[Any]:
        soonest = (
            select(OutboxRow.due_at)
            .where(IS_WAITING, *_between(each, after, until))
            .order_by(*PLACE)
            .limit(1)
            .lateral(name)
        )
        found = select(func.min(soonest.c.due_at)).select_from(each.join(soonest, literal(True)))
        return found.scalar_subquery()

    account: BindParameter[str] = bindparam("account")
    lapse = select(func.min(OutboxRow.lapses_at)).where(
        OutboxRow.account == account,
        IS_WAITING,
        OutboxRow.lapses_at > bindparam("looked", type_=Utc()),
    )
    waits = first("waiting", FOREVER_AGO, now).is_not(None)
    return select(first("coming", now, FOREVER), lapse.scalar_subquery(), waits)


@cache
def _sending() -> Update:
    ours: BindParameter[int] = bindparam("ours", type_=Integer)
    return (
        update(OutboxRow)
        .where(_among_ids())
        .values(state=State.SENDING, epoch=ours, attempts=OutboxRow.attempts + 1)
    )


@cache
def _sent() -> ReturningUpdate[Any]:
    is_ours = OutboxRow.epoch == bindparam("ours", type_=Integer)
    is_open = OutboxRow.state == func.any(cast([State.SENDING, *OPEN], ARRAY(Text)))
    now: BindParameter[datetime] = bindparam("now", type_=Utc())
    return (
        update(OutboxRow)
        .where(_among_ids(), is_open, is_ours)
        .values(state=State.SENT, settled_at=now, reason=None)
        .returning(OutboxRow.id)
    )


@cache
def _next_step() -> Update:
    at: BindParameter[datetime] = bindparam("at", type_=Utc())
    following = (
        select(OutboxRow.id)
        .where(
            OutboxRow.group == bindparam("of_group"),
            OutboxRow.round == bindparam("number"),
            OutboxRow.state == State.HELD,
        )
        .order_by(OutboxRow.step)
        .limit(1)
    )
    return (
        update(OutboxRow)
        .where(OutboxRow.id.in_(following))
        .values(
            state=State.WAITING,
            due_at=func.greatest(OutboxRow.due_at, at),
            lapses_at=OutboxRow.lapses_at + (at - OutboxRow.promised_at),
        )
    )


def _among_ids() -> ColumnElement[bool]:
    return OutboxRow.id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))


def _priorities() -> TableValuedAlias:
    """Every priority as a table, so that each is read from its own end of the index."""
    every = cast([int(each) for each in Priority], ARRAY(Integer))
    return func.unnest(every).table_valued("priority", name="each").render_derived()


IS_WAITING = is_just(OutboxRow.state, State.WAITING)
PLACE = OutboxRow.account, OutboxRow.priority, OutboxRow.due_at
"""In the index of what waits."""
FOREVER_AGO = literal_column("'-infinity'::timestamptz", Utc())
FOREVER = literal_column("'infinity'::timestamptz", Utc())


def _between(each: TableValuedAlias, after: Any, until: Any) -> Iterable[ColumnElement[bool]]:
    """What an account says at this priority, due after a time and not after another. Its place is
    compared as a whole, which only one index can answer in order: offered each part by itself the
    planner has read every message that waits to find that none has this priority."""
    place = tuple_(*PLACE)
    account: BindParameter[str] = bindparam("account")
    yield place > tuple_(account, each.c.priority, after)
    yield place <= tuple_(account, each.c.priority, until)


def _after(group: GroupId, number: RoundId, step: int) -> list[ColumnElement[bool]]:
    return [OutboxRow.group == group, OutboxRow.round == number, OutboxRow.step > step]


def _select() -> Select[Any]:
    columns: tuple[SQLColumnExpression[Any], ...] = (
        OutboxRow.id,
        OutboxRow.key,
        OutboxRow.kind,
        OutboxRow.priority,
        OutboxRow.account,
        OutboxRow.group.label("group"),
        OutboxRow.to.label("to"),
        OutboxRow.text,
        OutboxRow.mentions,
        OutboxRow.round,
        OutboxRow.step,
        OutboxRow.attempts,
        OutboxRow.promised_at,
        OutboxRow.due_at,
        OutboxRow.lapses_at,
        OutboxRow.attachment,
    )
    return select(*columns)


def _outcome(verdict: Verdict, now: datetime) -> dict[str, Any]:
    match verdict:
        case Sent():
            return {"state": State.SENT, "settled_at": now, "reason": None}
        case RetryAt(at, reason):
            return {"state": State.WAITING, "due_at": at, "reason": reason, "epoch": None}
        case Parked(reason):
            return {"state": State.PARKED, "settled_at": now, "reason": reason}
        case Unsure(reason):
            return {"state": State.UNSURE, "settled_at": now, "reason": reason}
        case Lapsed(reason):
            return {"state": State.LAPSED, "settled_at": now, "reason": reason}
        case _:
            assert_never(verdict)


def _claimed(row: Row) -> Claimed:
    return Claimed(
        id=OutboxId(row["id"]),
        attempts=row["attempts"],
        promised_at=row["promised_at"],
        message=Outgoing(
            key=row["key"],
            kind=Kind(row["kind"]),
            account=AccountId(row["account"]),
            group=GroupId(row["group"]) if row["group"] is not None else None,
            to=PersonId(row["to"]) if row["to"] is not None else None,
            text=row["text"],
            mentions=tuple(PersonId(each) for each in row["mentions"]),
            round=RoundId(row["round"]) if row["round"] is not None else None,
            step=row["step"],
            due_at=row["due_at"],
            lapses_at=row["lapses_at"],
            attachment=Attachment(**row["attachment"]) if row["attachment"] else None,
        ),
    )
