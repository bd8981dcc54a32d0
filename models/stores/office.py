"""API tokens, dead letters, and how far what happens by the calendar has come."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.stores.shelf import Shelf
from models.tables import BeatRow, DeadLetterRow, TokenRow
from models.text import storable, storable_in

PREFIX = "qz_"


class Access(IntEnum):
    """What a token may do; each may do what those before it may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is, as changes are signed."""

    name: str
    access: Access


class TokenStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def issue(self, name: str, access: Access, now: datetime) -> str:
        """A new token; only its digest is kept."""
        token = PREFIX + secrets.token_urlsafe(32)
        await self._connection.execute(
            insert(TokenRow).values(
                name=name, role=access.name.lower(), digest=_digest(token), created_at=now
            )
        )
        return token

    async def holder(self, token: str) -> Holder | None:
        row = await self._connection.execute(
            select(TokenRow.name, TokenRow.role).where(
                TokenRow.digest == _digest(token), TokenRow.revoked_at.is_(None)
            )
        )
        found = row.first()
        return Holder(found[0], Access[found[1].upper()]) if found else None


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


def _digest(token: str) -> str:
    """A plain hash will do: the token is 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()
