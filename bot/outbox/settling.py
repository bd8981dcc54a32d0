"""A promise is settled together with what its features make of it, whatever one of them raises."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from bot.dispatcher import HandlerFailed
from bot.transactions import is_passing
from handlers.context import Context
from handlers.outbox.rounds import go_on
from handlers.router import Router
from models.delivery import RetryAt, Verdict
from models.ids import OutboxId
from models.messages import Claimed
from models.stores.unit import Unit

log = logging.getLogger(__name__)

Attempt = tuple[OutboxId, datetime]
"""A message and when it was due: what is said after all, later, is another attempt."""


class Settling:
    """Remembers for which messages a handler failed: run again, the transaction goes on without
    it."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._failed: dict[Attempt, str] = {}

    async def settle(
        self, facts: Unit, claimed: Claimed, verdict: Verdict, now: datetime, epoch: int | None
    ) -> None:
        """Raises HandlerFailed; the transaction is to be run once more then."""
        ours = await facts.outbox.settle(claimed.id, verdict, now, epoch=epoch)
        if ours and not isinstance(verdict, RetryAt):
            await self.follow(facts, claimed, verdict, now)

    async def settle_all(
        self, facts: Unit, ends: Sequence[tuple[Claimed, Verdict]], now: datetime
    ) -> None:
        """Whose groups are locked in the order in which everybody locks them. Raises as
        `settle`."""
        groups = (row.message.group for row, _ in ends)
        await facts.groups.load((group,) for group in groups if group is not None)
        for row, verdict in ends:
            await self.settle(facts, row, verdict, now, None)

    async def follow(self, facts: Unit, claimed: Claimed, verdict: Verdict, now: datetime) -> None:
        """What its settlement brings with it. Raises HandlerFailed, as `settle`."""
        message = claimed.message
        ctx = await Context.open(facts, now, message.group)
        if attempt_of(claimed) not in self._failed:
            with noting(claimed, self._failed):
                await self._router.settle(message, verdict, ctx)
        await go_on(message, verdict, ctx)


def attempt_of(row: Claimed) -> Attempt:
    return row.id, row.message.due_at


@contextmanager
def noting(row: Claimed, failed: dict[Attempt, str]) -> Iterator[None]:
    """What a handler raises is noted; the transaction can't go on."""
    try:
        yield
    except Exception as error:
        if is_passing(error):
            raise
        log.exception("a handler failed for message %s", row.message.key)
        failed[attempt_of(row)] = str(error) or repr(error)
        raise HandlerFailed from error
