"""What was said: kept as an inbox, and forgotten in time."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import MessageReceived
from models.ids import GroupId, MessageId
from models.stores.bulk import insert_rows
from models.tables import MessageRow


class TalkStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._new: dict[tuple[str, str], dict[str, object]] = {}

    def add(self, message: MessageReceived, now: datetime) -> None:
        """Keep it; one that was kept before changes nothing."""
        chat = message.group or message.sender
        self._new.setdefault(
            (chat, message.id),
            {
                "chat": chat,
                "id": message.id,
                "sender": message.sender,
                "text": message.text,
                "quotes": message.quotes,
                "said_at": message.at,
                "seen_at": now,
            },
        )

    async def recall(self, group: GroupId, message: MessageId) -> None:
        await self.flush()
        await self._connection.execute(
            update(MessageRow)
            .where(MessageRow.chat == group, MessageRow.id == message)
            .values(text=None)
        )

    async def forget(self, seen_before: datetime, limit: int) -> int:
        """Drop the oldest texts; how many were dropped."""
        old = (
            select(MessageRow.chat, MessageRow.id)
            .where(MessageRow.text.is_not(None), MessageRow.seen_at < seen_before)
            .order_by(MessageRow.seen_at)
            .limit(limit)
            .cte("old")
        )
        done = await self._connection.execute(
            update(MessageRow)
            .where(MessageRow.chat == old.c.chat, MessageRow.id == old.c.id)
            .values(text=None)
        )
        return int(done.rowcount)

    async def flush(self) -> None:
        if self._new:
            rows = [self._new[key] for key in sorted(self._new)]
            await insert_rows(self._connection, MessageRow, rows, unless=("chat", "id"))
            self._new.clear()
