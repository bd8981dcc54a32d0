"""What was changed by whom, and what was answered to requests that may be repeated."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import GroupId, PersonId
from models.tables import AuditRow, OnceRow
from models.text import storable_in

REPEATABLE = timedelta(days=1)
"""How long a request that may have been lost can be sent again under its key."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`target` names what was changed, as in `reward:r1`; `before` and `after` are what it looked
    like, None where it was not there, `note` what was typed in chat for it. `token` is None where
    no token was used."""

    at: datetime
    by: str
    action: str
    target: str
    token: int | None = None
    group: GroupId | None = None
    person: PersonId | None = None
    note: str = ""
    before: Json | None = None
    after: Json | None = None


class AuditStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def note(self, change: Change) -> None:
        row = asdict(change)
        row |= {name: storable_in(row[name]) for name in ("before", "after")}
        await self._connection.execute(insert(AuditRow).values(row))


class KeyUsed(Exception):
    """The key was used before, for another request."""


class OnceStore:
    """A request is known by its token and the key that the client chose for it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def earlier(self, token: int, key: str, request: str, now: datetime) -> Json | None:
        """What was answered to it before. None where it is new: it is known from now on, and who
        sends it at the same time waits. Raises KeyUsed."""
        await self._connection.execute(delete(OnceRow).where(OnceRow.at <= now - REPEATABLE))
        added = await self._connection.execute(
            insert_unless(OnceRow)
            .values(token=token, key=key, request=request, at=now)
            .on_conflict_do_nothing()
        )
        if added.rowcount:
            return None
        found = await self._connection.execute(
            select(OnceRow.request, OnceRow.answer).where(
                OnceRow.token == token, OnceRow.key == key
            )
        )
        row = found.one()
        if row.request != request:
            raise KeyUsed(key)
        answer: Json | None = row.answer
        return answer

    async def answered(self, token: int, key: str, answer: Json) -> None:
        await self._connection.execute(
            update(OnceRow)
            .where(OnceRow.token == token, OnceRow.key == key)
            .values(answer=storable_in(answer))
        )
