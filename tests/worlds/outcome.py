"""What a world came to: what the platform knows of it, and what the database does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.rules import Rules
from models.delivery import State
from models.events import Event, GatewayEvent
from models.ids import GroupId, MessageId, PersonId
from models.rewards import Reward
from models.tables import (
    ActivityRow,
    BalanceRow,
    Base,
    DeadLetterRow,
    DeafSpellRow,
    ErrandRow,
    GroupRow,
    LedgerRow,
    MemberRow,
    MessageRow,
    OutboxRow,
    PostRow,
    QuestionRow,
    RedemptionRow,
    RewardRow,
    SpeakerRow,
    TaskResponseRow,
)
from tests.worlds.community import Community
from tests.worlds.gateway import Heard

TABLES: tuple[type[Base], ...] = (
    ActivityRow,
    BalanceRow,
    DeadLetterRow,
    DeafSpellRow,
    ErrandRow,
    GroupRow,
    LedgerRow,
    MemberRow,
    MessageRow,
    OutboxRow,
    PostRow,
    QuestionRow,
    RedemptionRow,
    RewardRow,
    SpeakerRow,
    TaskResponseRow,
)
Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Handled:
    """An event whose handling was surely committed, and when."""

    at: datetime
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`told` is the chat that each message was said in; `joined` when somebody did; `deaf` are the
    times during which nobody listened; `doubtful` the keys of what may have been said or not;
    `handed` what processes were told that lived on after it."""

    community: Community
    rules: Rules
    ended: datetime
    people: Mapping[GroupId, frozenset[PersonId]]
    heard: Sequence[Heard]
    doubtful: frozenset[str]
    told: Mapping[MessageId, str]
    joined: Mapping[tuple[GroupId, PersonId], Sequence[datetime]]
    handed: Sequence[GatewayEvent]
    handled: Sequence[Handled]
    deaf: Sequence[tuple[datetime, datetime]]
    tables: Mapping[type[Base], Rows]

    @property
    def outbox(self) -> Rows:
        return self.tables[OutboxRow]

    @property
    def reward(self) -> Reward:
        return self.community.reward

    @property
    def digest(self) -> str:
        """Of all rows: the same wherever the same happened."""
        told = "\n".join(str(row) for rows in self.tables.values() for row in rows)
        return sha256(told.encode()).hexdigest()


async def read_sending(connection: AsyncConnection) -> set[str]:
    """Keys of what is being said."""
    found = select(OutboxRow.key).where(OutboxRow.state == State.SENDING)
    return set(await connection.scalars(found))


async def read_tables(connection: AsyncConnection) -> dict[type[Base], Rows]:
    """Each in the order of its key."""
    found: dict[type[Base], Rows] = {}
    for table in TABLES:
        columns = table.__table__.c
        keys = table.__mapper__.primary_key
        attributes = [each.label(name) for name, each in _named(table, columns)]
        found[table] = (await connection.execute(select(*attributes).order_by(*keys))).all()
    return found


def _named(table: type[Base], columns: Any) -> list[tuple[str, Any]]:
    """Columns by what they are called in this code base, as `group` for `group_id`."""
    mapper = table.__mapper__
    return [(mapper.get_property_by_column(each).key, each) for each in columns]
