"""What was said: kept as an inbox, read as a conversation, and forgotten in time."""

from collections import deque
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    DateTime,
    Select,
    SQLColumnExpression,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from config.daily import ZONE
from models.ids import GroupId, MessageId, PersonId
from models.stores.bulk import among, insert_rows, rows_by
from models.stores.driver import Row, fetch
from models.tables import MessageRow
from models.talk import Spoken

REMEMBERED = 40
"""Messages of a group that its conversation is judged by."""

Key = tuple[str, MessageId]
Moment = tuple[datetime, MessageId]
"""When a message was said, and which of those said then it is: the order of a conversation."""


class TalkStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._new: dict[Key, dict[str, object]] = {}
        self._seen: dict[Key, bool] = {}
        self._recent: dict[str, deque[Spoken]] = {}

    # The inbox

    async def load(self, keys: Collection[Key]) -> None:
        """Read in one statement which of these messages were seen before."""
        self._seen = {key: seen for key, seen in self._seen.items() if key in self._new}
        unknown = sorted(set(keys) - self._seen.keys())
        if unknown:
            names = ("chat", "id")
            rows = await rows_by(self._connection, MessageRow, names, names, unknown)
            found = {(row["chat"], row["id"]) for row in rows}
            self._seen |= {key: key in found for key in unknown}

    async def is_new(self, chat: str, message: MessageId) -> bool:
        """Whether it was not seen before, in this transaction or in an earlier one."""
        if (chat, message) not in self._seen:
            await self.load([(chat, message)])
        return not self._seen[chat, message]

    def add(self, spoken: Spoken, now: datetime) -> None:
        key = (spoken.chat, spoken.id)
        self._seen[key] = True
        self._new[key] = {
            "chat": spoken.chat,
            "id": spoken.id,
            "sender": spoken.sender,
            "text": spoken.text,
            "mentions": list(spoken.mentions),
            "quotes": spoken.quotes,
            "said_at": spoken.at,
            "seen_at": now,
        }
        if spoken.chat in self._recent:
            self._recent[spoken.chat].append(spoken)

    async def flush(self) -> None:
        if self._new:
            rows = [self._new[key] for key in sorted(self._new)]
            key = ("chat", "id", "seen_at")
            await insert_rows(self._connection, MessageRow, rows, unless=key)
            self._new.clear()

    # The conversation

    async def read_recent(self, chats: Iterable[str]) -> None:
        """Read in one statement what `recent` will ask for."""
        unread = sorted(set(chats) - self._recent.keys())
        if not unread:
            return
        await self.flush()
        found = await fetch(self._connection, _recent(), {"chats": unread})
        self._recent |= {chat: deque(maxlen=REMEMBERED) for chat in unread}
        for row in sorted(found, key=lambda row: (row["said_at"], row["id"])):
            self._recent[row["chat"]].append(_spoken(row))

    async def newest(self, chats: Iterable[str]) -> dict[str, Moment]:
        """The last message of each of these chats, of those where anything was said."""
        await self.flush()
        found = await fetch(self._connection, _newest(), {"chats": sorted(chats)})
        return {each["chat"]: (each["said_at"], MessageId(each["id"])) for each in found}

    async def recent(self, chat: str) -> list[Spoken]:
        """The last messages, oldest first, without those that were recalled or forgotten."""
        await self.read_recent([chat])
        return [each for each in self._recent[chat] if each.text is not None]

    async def find(self, chat: str, message: str) -> Spoken | None:
        await self.flush()
        found = await self._connection.execute(
            _messages().where(MessageRow.chat == chat, MessageRow.id == message)
        )
        row = found.mappings().first()
        return _spoken(row) if row else None

    async def texts(self, chat: str, messages: Iterable[str]) -> dict[str, str | None]:
        """What they say, by id; None where it was recalled or forgotten."""
        await self.flush()
        rows = await self._connection.execute(
            select(MessageRow.id, MessageRow.text).where(
                MessageRow.chat == chat, among(MessageRow.id, messages)
            )
        )
        return {each.id: each.text for each in rows}

    async def beginning_with(
        self, chat: str, beginning: str, since: datetime, limit: int
    ) -> list[Spoken]:
        """Messages whose text begins like this, newest first."""
        await self.flush()
        found = await self._connection.execute(
            _messages()
            .where(
                MessageRow.chat == chat,
                MessageRow.said_at > since,
                MessageRow.text.startswith(beginning, autoescape=True),
            )
            .order_by(MessageRow.said_at.desc(), MessageRow.id.desc())
            .limit(limit)
        )
        return [_spoken(row) for row in found.mappings()]

    async def days_active(
        self, group: GroupId, people: Collection[PersonId], since: datetime
    ) -> dict[PersonId, int]:
        """On how many days each of them said something."""
        await self.flush()
        day = func.date(func.timezone(ZONE.key, MessageRow.said_at))
        found = await self._connection.execute(
            select(MessageRow.sender, func.count(day.distinct()))
            .where(
                MessageRow.chat == group,
                MessageRow.said_at >= since,
                MessageRow.sender.in_(sorted(people)),
            )
            .group_by(MessageRow.sender)
        )
        return {PersonId(sender): days for sender, days in found}

    async def times_since(
        self, chats: Collection[str], since: datetime
    ) -> dict[str, list[tuple[datetime, PersonId]]]:
        """When something was said in each of these chats after `since`, and by whom, in order of
        time."""
        await self.flush()
        found = await self._connection.execute(
            select(MessageRow.chat, MessageRow.said_at, MessageRow.sender)
            .where(among(MessageRow.chat, chats), MessageRow.said_at > since)
            .order_by(MessageRow.said_at, MessageRow.id)
        )
        times: dict[str, list[tuple[datetime, PersonId]]] = {chat: [] for chat in chats}
        for chat, at, sender in found:
            times[chat].append((at, PersonId(sender)))
        return times

    async def counts_after(
        self, moments: Collection[tuple[str, datetime]], length: timedelta
    ) -> dict[tuple[str, datetime], dict[PersonId, int]]:
        """How many messages each person said in a chat from a moment on, for so long."""
        await self.flush()
        given = func.unnest(
            cast([chat for chat, _ in moments], ARRAY(Text)),
            cast([since for _, since in moments], ARRAY(DateTime(timezone=True))),
        )
        wanted = given.table_valued("chat", "since", name="wanted").render_derived()
        found = await self._connection.execute(
            select(wanted.c.chat, wanted.c.since, MessageRow.sender, func.count())
            .where(
                MessageRow.chat == wanted.c.chat,
                MessageRow.said_at >= wanted.c.since,
                MessageRow.said_at < wanted.c.since + length,
            )
            .group_by(wanted.c.chat, wanted.c.since, MessageRow.sender)
        )
        counts: dict[tuple[str, datetime], dict[PersonId, int]] = {each: {} for each in moments}
        for chat, since, sender, messages in found:
            counts[chat, since][PersonId(sender)] = messages
        return counts

    # Forgetting

    async def recall(self, group: GroupId, message: MessageId) -> None:
        await self.flush()
        await self._connection.execute(
            update(MessageRow)
            .where(MessageRow.chat == group, MessageRow.id == message)
            .values(text=None)
        )
        if group in self._recent:
            kept = (each for each in self._recent[group] if each.id != message)
            self._recent[group] = deque(kept, maxlen=REMEMBERED)

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


@cache
def _newest() -> Select[Any]:
    return _last(select(MessageRow.chat, MessageRow.said_at, MessageRow.id), 1)


@cache
def _recent() -> Select[Any]:
    return _last(_messages(), REMEMBERED)


def _last(messages: Select[*tuple[Any, ...]], limit: int) -> Select[Any]:
    """So many of each of `:chats`."""
    chats = func.unnest(bindparam("chats", type_=ARRAY(Text)))
    wanted = chats.table_valued("chat", name="wanted").render_derived()
    last = (
        messages.where(MessageRow.chat == wanted.c.chat)
        .order_by(MessageRow.said_at.desc(), MessageRow.id.desc())
        .limit(limit)
        .lateral("last")
    )
    return select(last).select_from(wanted.join(last, literal(True)))


def _messages() -> Select[Any]:
    columns: tuple[SQLColumnExpression[Any], ...] = (
        MessageRow.chat,
        MessageRow.id,
        MessageRow.sender,
        MessageRow.text,
        MessageRow.mentions,
        MessageRow.quotes,
        MessageRow.said_at,
    )
    return select(*columns)


def _spoken(row: Row) -> Spoken:
    return Spoken(
        chat=row["chat"],
        id=MessageId(row["id"]),
        sender=PersonId(row["sender"]),
        text=row["text"],
        at=row["said_at"],
        mentions=tuple(PersonId(each) for each in row["mentions"]),
        quotes=row["quotes"],
    )
