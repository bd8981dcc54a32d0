"""A company on the local WeCom whose app is ours, wired as it is in the service: the gateway calls
WeCom, WeCom calls our own address, and what comes there waits in the database."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.gateways.wecom import WeComGateway
from bot.gateways.wecom.client import Wait
from bot.gateways.wecom.crypto import Envelope
from bot.gateways.wecom.gateway import PULSE
from bot.gateways.wecom.letters import Knock
from bot.gateways.wecom.opening import Company, account_of, open_wecom
from bot.gateways.wecom.people import People
from bot.http.callbacks import callbacks
from bot.outbox.bell import Bell
from bot.transactions import Transactions
from models.ids import PersonId
from tests.gateways.wecom.fake import Callback, Corp, Line, Pusher, create_app

CORP_ID, AGENT_ID, SECRET = "ww1", 1000002, "secret"
ACCOUNT = account_of(CORP_ID, AGENT_ID)
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SITE = "http://qunzhu"


class Office:
    """Of a company whose `staff` (userid -> name) the app may see."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        staff: dict[str, str],
        *,
        secret: str = SECRET,
        owners: tuple[str, ...] = (),
        has_archive: bool = False,
        pulse: timedelta = PULSE,
        wait: Wait = asyncio.sleep,
        knock: Knock | None = None,
    ) -> None:
        self.corp = Corp(CORP_ID, clock.now)
        for userid, name in staff.items():
            self.corp.hires(userid, name)
        self.app = self.corp.installs(SECRET, agent_id=AGENT_ID)
        self.people = People(CORP_ID, AGENT_ID)
        self.knock: Knock = knock or Bell()
        self.company = Company(
            account=ACCOUNT,
            corp_id=CORP_ID,
            agent_id=AGENT_ID,
            secret=secret,
            envelope=Envelope(TOKEN, AES_KEY, CORP_ID),
            owners=owners,
            has_archive=has_archive,
            api="https://qyapi.weixin.qq.com",
        )
        self._engine = engine
        self._clock: Callable[[], datetime] = clock.now
        self._pulse, self._wait = pulse, wait
        ours = FastAPI()
        mailboxes = {ACCOUNT: Envelope(TOKEN, AES_KEY, CORP_ID)}
        ours.include_router(callbacks(mailboxes, Transactions(engine), clock))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(ours), base_url=SITE)
        url = f"{SITE}/wecom/{ACCOUNT}/callback"
        self.pusher = Pusher(self.corp, Callback(url, TOKEN, AES_KEY, self.app), self.client)
        self.gateway = self.opens()

    def opens(self) -> WeComGateway:
        """The gateway, as after a restart."""
        return open_wecom(
            self.company,
            self._engine,
            self.knock,
            self._clock,
            transport=Line(self.corp, create_app(self.corp)),
            wait=self._wait,
            pulse=self._pulse,
        )

    def staff(self, userid: str) -> PersonId:
        return self.people.staff(userid)

    async def calls_us(self) -> None:
        """WeCom tells what has happened."""
        await self.pusher.deliver()
        self.knock.ring()

    async def aclose(self) -> None:
        await self.gateway.aclose()
        await self.client.aclose()
