"""What the service has written down by now, for whoever is no part of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Executable, func, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.database import open_engine
from models.delivery import State
from models.ids import AccountId
from models.tables import (
    AccountRow,
    BalanceRow,
    DeadLetterRow,
    DeafSpellRow,
    GroupRow,
    LedgerRow,
    MemberRow,
    MessageRow,
    OutboxRow,
    QuestionRow,
    RedemptionRow,
)

T = TypeVar("T")

Place = tuple[str, str]
"""A group, and somebody or something in it."""
Spell = tuple[datetime, datetime | None]
"""Since when, and until when if it is over."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A message of the outbox. `where` is its group, or whom it is for."""

    id: int
    key: str
    kind: str
    state: str
    where: str
    text: str
    mentions: tuple[str, ...]
    due_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """`messages` are those taken in, by chat and id; `deaf` the spells in which nothing was
    heard in a group, the present one included; `lines` are the keys of the ledger's, `earned`
    what they come to, `held` the balances."""

    outbox: tuple[Promise, ...] = ()
    messages: frozenset[Place] = frozenset()
    questions: frozenset[Place] = frozenset()
    deaf: Mapping[str, tuple[Spell, ...]] = field(default_factory=dict)
    present: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lines: frozenset[str] = frozenset()
    earned: Mapping[Place, int] = field(default_factory=dict)
    held: Mapping[Place, int] = field(default_factory=dict)
    redeemed: Mapping[Place, int] = field(default_factory=dict)
    dead_letters: tuple[str, ...] = ()

    def having(self, *states: str) -> list[Promise]:
        return [each for each in self.outbox if each.state in states]


def read(database: str) -> Written:
    return asyncio.run(_read(database, _written))


def being_said(database: str, account: AccountId) -> set[int]:
    """The ids of the messages that somebody is saying for an account."""

    async def ids(connection: AsyncConnection) -> set[int]:
        sending = select(OutboxRow.id).where(
            OutboxRow.account == account, OutboxRow.state == State.SENDING
        )
        return set(await connection.scalars(sending))

    return asyncio.run(_read(database, ids))


async def _read(database: str, reading: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    engine = open_engine(database, pool_size=1)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            return await reading(connection)
    finally:
        await engine.dispose()


async def _written(connection: AsyncConnection) -> Written:
    async def rows(asked: Executable) -> list[Any]:
        return list((await connection.execute(asked)).all())

    outbox = await rows(select(*OutboxRow.__table__.c).order_by(OutboxRow.id))
    present: dict[str, set[str]] = {}
    for group, person in await rows(
        select(MemberRow.group, MemberRow.person).where(MemberRow.present)
    ):
        present.setdefault(group, set()).add(person)
    deaf: dict[str, list[Spell]] = {}
    over = select(GroupRow.id, DeafSpellRow.since, DeafSpellRow.until)
    now = select(GroupRow.id, AccountRow.heard_at, null())
    for group, since, until in [
        *await rows(over.join(DeafSpellRow, DeafSpellRow.account == GroupRow.account)),
        *await rows(
            now.join(AccountRow, AccountRow.id == GroupRow.account).where(
                AccountRow.down_why.is_not(None), AccountRow.heard_at.is_not(None)
            )
        ),
    ]:
        deaf.setdefault(group, []).append((since, until))
    earned = select(LedgerRow.group, LedgerRow.person, func.sum(LedgerRow.points))
    redeemed = await rows(select(RedemptionRow.group, RedemptionRow.person))
    return Written(
        outbox=tuple(
            Promise(
                id=each.id,
                key=each.key,
                kind=each.kind,
                state=each.state,
                where=each.group_id or each.to_person,
                text=each.text,
                mentions=tuple(each.mentions),
                due_at=each.due_at,
                reason=each.reason or "",
            )
            for each in outbox
        ),
        messages=frozenset(map(tuple, await rows(select(MessageRow.chat, MessageRow.id)))),
        questions=frozenset(map(tuple, await rows(select(QuestionRow.group, QuestionRow.id)))),
        deaf={group: tuple(spells) for group, spells in deaf.items()},
        present={group: frozenset(people) for group, people in present.items()},
        lines=frozenset(key for (key,) in await rows(select(LedgerRow.key))),
        earned=_by_place(await rows(earned.group_by(LedgerRow.group, LedgerRow.person))),
        held=_by_place(await rows(select(BalanceRow.group, BalanceRow.person, BalanceRow.points))),
        redeemed=Counter(map(tuple, redeemed)),
        dead_letters=tuple(
            f"{kind}: {trace.strip().splitlines()[-1]}"
            for kind, trace in await rows(select(DeadLetterRow.kind, DeadLetterRow.traceback))
        ),
    )


def _by_place(rows: list[Any]) -> dict[Place, int]:
    return {(group, person): points for group, person, points in rows}
