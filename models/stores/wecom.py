"""What WeCom's gateway shares between processes."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import AccountId
from models.tables import WeComChatRow, WeComTokenRow

LONGEST_WAIT, LONGEST_HOLD = "12s", "15s"
"""For a row that another process holds while it asks WeCom; one that stopped loses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptToken:
    """A token, or until when WeCom must not be asked for one, or neither. `secret` is the digest
    of what it was asked for with."""

    secret: str = ""
    token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    refused_why: str = ""
    refused_until: datetime | None = None


class WeComTokenStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, account: AccountId) -> KeptToken:
        """What is kept; nobody else reads or writes it until this transaction ends."""
        for setting, longest in (
            ("lock_timeout", LONGEST_WAIT),
            ("idle_in_transaction_session_timeout", LONGEST_HOLD),
        ):
            await self._connection.execute(text(f"SET LOCAL {setting} = '{longest}'"))
        await self._connection.execute(
            insert(WeComTokenRow)
            .values(account=account, **asdict(KeptToken()))
            .on_conflict_do_nothing()
        )
        row = (
            await self._connection.execute(
                select(WeComTokenRow).where(WeComTokenRow.account == account).with_for_update()
            )
        ).one()
        return KeptToken(
            secret=row.secret,
            token=row.token,
            expires_at=row.expires_at,
            refused_why=row.refused_why,
            refused_until=row.refused_until,
        )

    async def keep(self, account: AccountId, token: KeptToken) -> None:
        await self._connection.execute(
            update(WeComTokenRow).where(WeComTokenRow.account == account).values(**asdict(token))
        )


class WeComChatStore:
    """Of groups, up to which version of their member lists we heard."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def version(self, account: AccountId, chat: str) -> str | None:
        return await self._connection.scalar(
            select(WeComChatRow.version).where(
                WeComChatRow.account == account, WeComChatRow.chat == chat
            )
        )

    async def note(self, account: AccountId, chat: str, version: str) -> None:
        row = insert(WeComChatRow).values(account=account, chat=chat, version=version)
        await self._connection.execute(
            row.on_conflict_do_update(
                index_elements=[WeComChatRow.account, WeComChatRow.chat],
                set_={"version": version},
            )
        )
