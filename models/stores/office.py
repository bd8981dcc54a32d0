"""Dead letters, and how far what happens by the calendar has come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.stores.shelf import Shelf
from models.tables import BeatRow, DeadLetterRow
from models.text import storable, storable_in


class DeadLetterStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, kind: str, event: dict[str, Any], traceback: str, now: datetime) -> None:
        await self._connection.execute(
            insert(DeadLetterRow).values(
                kind=kind,
                event=storable_in(event),
                traceback=storable(traceback),
                seen_at=now,
            )
        )

    async def failed_again(self, letter: int, traceback: str, now: datetime) -> None:
        await self._connection.execute(
            update(DeadLetterRow)
            .where(DeadLetterRow.id == letter)
            .values(traceback=storable(traceback), tried_at=now)
        )

    async def drop(self, letter: int) -> None:
        await self._connection.execute(delete(DeadLetterRow).where(DeadLetterRow.id == letter))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """`done_at` is when it was last done for every group; `cursor` the group where it stopped."""

    name: str
    done_at: datetime
    cursor: str = ""


class BeatStore(Shelf[Beat]):
    """Reading a beat locks it, so that two processes take turns and none goes back to where the
    other has been. Whoever needs groups, too, locks them after it."""

    row = BeatRow
    value = Beat
    key = ("name",)
    locks = True
