"""API tokens, and the sessions of who signed in with one."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.access import Access, Holder
from models.stores.bulk import columns
from models.tables import SessionRow, TokenRow

PREFIX = "qz_"
SESSION = timedelta(days=7)
"""How long somebody who signed in stays so."""
NOTED_AFTER = timedelta(minutes=1)
"""Use is noted no oftener: it is to tell which tokens are forgotten."""


class TokenStore:
    """Of tokens and cookies only the digest is kept."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def next_number(self) -> int:
        """That of a token yet to be issued."""
        sequence = func.pg_get_serial_sequence(TokenRow.__tablename__, "id")
        number: int = (await self._connection.execute(select(func.nextval(sequence)))).scalar_one()
        return number

    async def issue(
        self,
        name: str,
        access: Access,
        now: datetime,
        *,
        number: int | None = None,
        scopes: Collection[str] = (),
        expires_at: datetime | None = None,
    ) -> str:
        """A new token, under its `number` where one was taken for it."""
        number = await self.next_number() if number is None else number
        token = PREFIX + secrets.token_urlsafe(32)
        await self._connection.execute(
            insert(TokenRow).values(
                id=number,
                name=name,
                role=access.name.lower(),
                digest=digest(token),
                scopes=sorted(set(scopes)),
                created_at=now,
                expires_at=expires_at,
            )
        )
        return token

    async def holder(self, token: str, now: datetime) -> Holder | None:
        """Whose it is, as long as it is good."""
        return await self._holder(TokenRow.digest == digest(token), now=now)

    async def is_good(self, token: int, now: datetime) -> bool:
        """Whether it still is."""
        return await self._holder(TokenRow.id == token, now=now) is not None

    async def revoke(self, token: int, now: datetime) -> None:
        """From now on nobody comes in by it, and who did is out."""
        await self._connection.execute(
            update(TokenRow)
            .where(TokenRow.id == token, TokenRow.revoked_at.is_(None))
            .values(revoked_at=now)
        )
        await self._connection.execute(delete(SessionRow).where(SessionRow.token == token))

    async def unnoted(self, token: int, now: datetime) -> bool:
        """Whether its use is to be noted."""
        stale = or_(TokenRow.used_at.is_(None), TokenRow.used_at < now - NOTED_AFTER)
        found = select(TokenRow.id).where(TokenRow.id == token, stale)
        return await self._connection.scalar(found) is not None

    async def note_use(self, token: int, now: datetime) -> None:
        await self._connection.execute(
            update(TokenRow).where(TokenRow.id == token).values(used_at=now)
        )

    # Sessions

    async def sign_in(self, token: int, now: datetime) -> tuple[str, datetime]:
        """The cookie of a new session, and when it ends: with its token at the latest. Those that
        are over are forgotten."""
        cookie = secrets.token_urlsafe(32)
        await self._connection.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
        ends = await self._connection.scalar(
            select(TokenRow.expires_at).where(TokenRow.id == token)
        )
        until = min(now + SESSION, ends or now + SESSION)
        await self._connection.execute(
            insert(SessionRow).values(
                digest=digest(cookie), token=token, created_at=now, expires_at=until
            )
        )
        return cookie, until

    async def signed_in(self, cookie: str, now: datetime) -> Holder | None:
        """Whose session it is, as long as it and its token are good."""
        session = (
            select(SessionRow.token)
            .where(SessionRow.digest == digest(cookie), SessionRow.expires_at > now)
            .scalar_subquery()
        )
        return await self._holder(TokenRow.id == session, now=now)

    async def session_end(self, cookie: str, now: datetime) -> datetime | None:
        """Until when it lasts; None where it is over."""
        return await self._connection.scalar(
            select(SessionRow.expires_at).where(
                SessionRow.digest == digest(cookie), SessionRow.expires_at > now
            )
        )

    async def sign_out(self, cookie: str) -> None:
        await self._connection.execute(
            delete(SessionRow).where(SessionRow.digest == digest(cookie))
        )

    async def _holder(self, *of: ColumnElement[bool], now: datetime) -> Holder | None:
        named = columns(TokenRow)
        wanted = ("name", "role", "id", "scopes")
        found = await self._connection.execute(
            select(*(named[each] for each in wanted)).where(
                *of,
                TokenRow.revoked_at.is_(None),
                or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now),
            )
        )
        row = found.first()
        if row is None:
            return None
        name, role, token, scopes = row
        return Holder(name, Access[role.upper()], token, frozenset(scopes))


def digest(secret: str) -> str:
    """A plain hash will do: what is hashed is 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
