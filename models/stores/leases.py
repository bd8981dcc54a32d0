"""Who may speak for an account: one process at a time, by the database's clock.

A lock of a session would not do: a process that was stopped keeps it, and speaks when it wakes.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import AccountId
from models.tables import AccountRow, LeaseRow

LIFE = timedelta(seconds=8)
RENEWAL = timedelta(seconds=3)


class LeaseStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, account: AccountId, holder: str) -> int | None:
        """The epoch under which `holder` speaks from now on; None while somebody else does."""
        clock = func.clock_timestamp()
        statement = (
            insert(LeaseRow)
            .values(account=account, holder=holder, epoch=1, expires_at=clock + LIFE)
            .on_conflict_do_update(
                index_elements=[LeaseRow.account],
                set_={"holder": holder, "epoch": LeaseRow.epoch + 1, "expires_at": clock + LIFE},
                where=or_(LeaseRow.expires_at < clock, LeaseRow.holder == holder),
            )
            .returning(LeaseRow.epoch)
        )
        return await self._connection.scalar(statement)

    async def expires_at(self, account: AccountId) -> datetime | None:
        """Until when somebody holds it, or held it."""
        return await self._connection.scalar(
            select(LeaseRow.expires_at).where(LeaseRow.account == account)
        )

    async def renew(self, account: AccountId, epoch: int) -> bool:
        """False where the lease was lost."""
        clock = func.clock_timestamp()
        done = await self._connection.execute(
            update(LeaseRow)
            .where(
                LeaseRow.account == account,
                LeaseRow.epoch == epoch,
                LeaseRow.expires_at > clock,
            )
            .values(expires_at=clock + LIFE)
        )
        return done.rowcount > 0

    async def confirm(self, account: AccountId, epoch: int) -> bool:
        """Whether the lease still holds; it can't be taken until this transaction ends."""
        held = await self._connection.scalar(
            select(LeaseRow.epoch)
            .where(
                LeaseRow.account == account,
                LeaseRow.epoch == epoch,
                LeaseRow.expires_at > func.clock_timestamp(),
            )
            .with_for_update(read=True)
        )
        return held is not None

    async def release(self, account: AccountId, epoch: int) -> None:
        """Let another process take over at once."""
        await self._connection.execute(
            update(LeaseRow)
            .where(LeaseRow.account == account, LeaseRow.epoch == epoch)
            .values(expires_at=func.clock_timestamp() - LIFE)
        )

    async def heard(self, account: AccountId, until: datetime) -> None:
        """Everything up to `until` was heard; what comes later may be missed if we die. Nothing
        was since the account went down, until it is handled that it is up again: how long it
        was away is told by then."""
        await self._connection.execute(
            update(AccountRow)
            .where(AccountRow.id == account, AccountRow.down_why.is_(None))
            .values(heard_at=until)
        )

    async def away(self, account: AccountId, why: str) -> None:
        """Since `heard_at` nothing was heard. One who died did not tell that it went down."""
        await self._connection.execute(
            update(AccountRow)
            .where(AccountRow.id == account, AccountRow.down_why.is_(None))
            .values(down_why=why)
        )
