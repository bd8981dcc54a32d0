"""What came to our address and is still to be told, read from the database."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from models.ids import AccountId, InboxId
from models.stores.inbox import InboxStore, Letter
from models.stores.wecom import WeComChatStore

log = logging.getLogger(__name__)

AT_ONCE = 200


class Knock(Protocol):
    """Rung when something came."""

    def ring(self) -> None: ...

    async def wait(self, longest: timedelta | None) -> None: ...


class Letters:
    """Of one account. What was handed out is in hand until it is handled, and not handed out
    again by this process."""

    def __init__(self, engine: AsyncEngine, account: AccountId) -> None:
        self._engine = engine
        self._account = account
        self._in_hand: set[InboxId] = set()

    async def next(self) -> Sequence[Letter]:
        """Those that are not in hand, in the order in which they came; none where the database is
        away, since they will still be there."""
        try:
            async with self._engine.connect() as connection:
                inbox = InboxStore(connection)
                if self._in_hand:
                    self._in_hand = await inbox.in_hand(self._in_hand)
                found = await inbox.waiting(self._account, self._in_hand, AT_ONCE)
        except (SQLAlchemyError, OSError) as error:
            log.debug("no letters: %r", error)
            return ()
        self._in_hand.update(each.id for each in found)
        return found

    async def done(self, letter: Letter, now: datetime) -> None:
        """One that tells us nothing; where the database is away it is read once more, after the
        next start."""
        try:
            async with self._engine.begin() as connection:
                inbox = InboxStore(connection)
                inbox.done(letter.id, now)
                await inbox.flush()
        except (SQLAlchemyError, OSError) as error:
            log.debug("a letter is kept that tells nothing: %r", error)

    async def version(self, chat: str) -> str | None:
        """None where the database is away, too: then somebody looks at the group."""
        try:
            async with self._engine.connect() as connection:
                return await WeComChatStore(connection).version(self._account, chat)
        except (SQLAlchemyError, OSError) as error:
            log.debug("nobody knows up to where %s was heard: %r", chat, error)
            return None

    async def note(self, chat: str, version: str) -> None:
        """Where the database is away, the group is looked at once more than needed."""
        try:
            async with self._engine.begin() as connection:
                await WeComChatStore(connection).note(self._account, chat, version)
        except (SQLAlchemyError, OSError) as error:
            log.debug("up to where %s was heard is not kept: %r", chat, error)
