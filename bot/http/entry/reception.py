"""What all public pages have in common: how many are given to one visitor, and what she sees when
something is in the way."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.clock import Clock
from bot.http.entry import show
from bot.http.entry.forms import BadForm
from bot.http.entry.limits import Allowance, Limiter, connection_of
from bot.intake import Intake, Overrun
from bot.transactions import Transactions, is_passing
from config.rules import EntryRules, Rules
from models.events import Event

log = logging.getLogger(__name__)

REMEMBERED = 5.0
"""Seconds that rules are remembered: a page that is refused asks the database for nothing."""
PATIENCE = 15.0
"""Seconds until she is told to try again; what she sent is taken all the same, later."""
MINUTE, HOUR = 60.0, 3600.0

Handler = Callable[[Request], Awaitable[Response]]


class TooMany(Exception):
    """`wait` seconds until there is one again."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"too many; wait {wait} s")
        self.wait = wait


class Reception:
    def __init__(self, transactions: Transactions, intake: Intake, clock: Clock) -> None:
        self.transactions = transactions
        self.clock = clock
        self._intake = intake
        self._limiter = Limiter()
        self._rules = Rules()
        self._good_until = float("-inf")

    async def rules(self) -> EntryRules:
        """Those in force everywhere, at most some seconds old."""
        now = _seconds()
        if now >= self._good_until:
            # The others take those that are known while one looks.
            known, self._good_until = self._good_until, now + REMEMBERED
            try:
                self._rules = await self.transactions.read(lambda facts: facts.rules.in_force())
            except BaseException:
                self._good_until = known
                raise
        return self._rules.entry

    async def submit(self, event: Event) -> None:
        """Raises TimeoutError where it takes too long; it will be handled all the same."""
        async with asyncio.timeout(PATIENCE):
            await self._intake.submit(event)

    def spend(self, who: str, many: int, seconds: float = MINUTE) -> None:
        """Raises TooMany where she has had as many within that time."""
        wait = self._limiter.wait(who, Allowance(many, seconds), _seconds())
        if wait:
            raise TooMany(wait)

    def guarded(self, handle: Handler) -> Handler:
        """The same, never more often than is good for us, and always with a page that can be
        read."""

        async def guard(request: Request) -> Response:
            try:
                self.spend(f"page {address_of(request)}", (await self.rules()).pages_most)
                return await handle(request)
            except TooMany as error:
                return show.too_many(error.wait)
            except BadForm as error:
                return show.bad_form(error.status)
            except (Overrun, TimeoutError):
                return show.too_busy()
            except (DBAPIError, PoolTimeout, OSError) as error:
                if is_passing(error):
                    return show.too_busy()
                return _failed(request)
            except Exception:  # she is to see a page, and we a traceback
                return _failed(request)

        return guard


def address_of(request: Request) -> str:
    return connection_of(request.client.host if request.client else "")


def _failed(request: Request) -> Response:
    # The route and not the address: that may hold a key to something.
    log.exception("a public page failed: %s", getattr(request.scope.get("route"), "path", "?"))
    return show.our_fault()


def _seconds() -> float:
    return asyncio.get_running_loop().time()
