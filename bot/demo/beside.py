"""An account beside the simulated one: of a company on a WeCom that runs on this machine, such as
the tests' own. All of it is as in the service, but for the time, which is the demo's.

A company on Tencent's WeCom has no place here: its people don't live on a clock that is sped up.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from fastapi import APIRouter

from bot.accounts import AccountRunner, AccountState, Workshop
from bot.clock import Clock
from bot.demo import community
from bot.demo.stage import Stage
from bot.dispatcher import Dispatcher
from bot.gateways import Mailboxes, Surroundings, accounts, mailboxes
from bot.gateways.wecom.opening import company_of
from bot.outbox.bell import Belfry
from bot.service import PATIENCE
from bot.transactions import Transactions
from config.settings import Settings
from handlers.features import ROUTER
from models.events import Event
from models.ids import AccountId

HERE = ("127.0.0.1", "localhost", "::1")
TIME = "/demo/time"
OFTEN = 1.0
"""Real seconds. The demo's time may have passed much faster than these: whoever waits for a time
looks again, and the demo looks at what the account has changed."""


def is_here(settings: Settings) -> bool:
    """Whether the WeCom that the settings name runs on this machine."""
    return urlsplit(settings.wecom_api).hostname in HERE


def account_beside(settings: Settings) -> AccountId | None:
    """Raises ValueError, in words, where it is configured by half."""
    company = company_of(settings) if is_here(settings) else None
    return company.account if company else None


class Beside:
    """What runs of it in this process: nothing, where the settings name none."""

    def __init__(
        self,
        settings: Settings,
        url: str,
        transactions: Transactions,
        clock: Clock,
        handled: Callable[[Event], None],
    ) -> None:
        self._transactions = transactions
        self._clock = clock
        self._belfry = Belfry(url)
        dispatcher = Dispatcher(transactions, ROUTER, handled)
        shop = Workshop(
            transactions, dispatcher, ROUTER, clock, self._belfry, holder=uuid.uuid4().hex
        )
        around = Surroundings(
            clock, transactions.engine, lambda account: self._belfry.bell(account, "inbox")
        )
        here = account_beside(settings)
        self.mailboxes: Mailboxes = mailboxes(settings) if here else {}
        self._runners = (
            [AccountRunner(here, partial(accounts(settings)[here], around), shop)] if here else []
        )

    @property
    def states(self) -> Mapping[AccountId, AccountState]:
        return {each.account: each.state for each in self._runners}

    @asynccontextmanager
    async def running(self, stage: Stage) -> AsyncIterator[None]:
        if not self._runners:
            yield
            return
        for each in self._runners:
            let_in = partial(community.let_in, each.account, now=self._clock.now())
            await self._transactions.run(let_in)
        async with self._belfry.listening():
            working = [asyncio.create_task(each.run()) for each in self._runners]
            keeping = asyncio.create_task(self._keep_up(stage))
            try:
                yield
            finally:
                keeping.cancel()
                for each in self._runners:
                    each.stop()
                await asyncio.wait([*working, keeping], timeout=PATIENCE)

    async def _keep_up(self, stage: Stage) -> None:
        while True:
            await asyncio.sleep(OFTEN)
            self._belfry.ring_all()
            await stage.look_again()


def time_page(clock: Clock) -> APIRouter:
    """What time it is here, for whoever plays along."""
    pages = APIRouter(include_in_schema=False)

    @pages.get(TIME)
    async def tell() -> dict[str, str]:
        return {"now": clock.now().isoformat()}

    return pages
