"""What platforms told us at our own address: taken in once, handled once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import AccountId, InboxId
from models.stores.outbox import wake_relays
from models.tables import InboxRow


@dataclass(frozen=True, slots=True)
class Letter:
    """As it came, and when."""

    id: InboxId
    body: str
    came_at: datetime


class InboxStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._done: dict[InboxId, datetime] = {}

    async def add(self, account: AccountId, digest: str, body: str, now: datetime) -> bool:
        """Whether it is new; whoever works for the account is woken once this is committed."""
        done = await self._connection.execute(
            insert(InboxRow)
            .values(account=account, digest=digest, body=body, came_at=now)
            .on_conflict_do_nothing(index_elements=[InboxRow.account, InboxRow.digest])
        )
        if done.rowcount:
            await wake_relays(self._connection, account)
        return done.rowcount > 0

    async def waiting(
        self, account: AccountId, without: Collection[InboxId], limit: int
    ) -> Sequence[Letter]:
        """What was not handled yet and is not in hand, in the order in which it came. Not simply
        what came after the last: one with a smaller number may be committed later."""
        found = await self._connection.execute(
            select(InboxRow.id, InboxRow.body, InboxRow.came_at)
            .where(
                InboxRow.account == account,
                InboxRow.handled_at.is_(None),
                InboxRow.id != func.all(cast(sorted(without), ARRAY(BigInteger))),
            )
            .order_by(InboxRow.id)
            .limit(limit)
        )
        return [Letter(InboxId(id_), body or "", came_at) for id_, body, came_at in found]

    def done(self, letter: InboxId, now: datetime) -> None:
        """It is handled with this transaction."""
        self._done[letter] = now

    async def in_hand(self, letters: Collection[InboxId]) -> set[InboxId]:
        """Those of these that are not handled yet."""
        found = await self._connection.scalars(
            select(InboxRow.id).where(
                InboxRow.id == func.any(cast(sorted(letters), ARRAY(BigInteger))),
                InboxRow.handled_at.is_(None),
            )
        )
        return {InboxId(each) for each in found}

    async def flush(self) -> None:
        """What was said in them is not kept beside what was made of it."""
        for now in set(self._done.values()):
            letters = [each for each, at in self._done.items() if at == now]
            await self._connection.execute(
                update(InboxRow).where(InboxRow.id.in_(letters)).values(handled_at=now, body=None)
            )
        self._done.clear()

    async def forget(self, before: datetime) -> None:
        """That they came; a repeat is not known for one from then on."""
        await self._connection.execute(delete(InboxRow).where(InboxRow.handled_at < before))
