from collections.abc import AsyncIterator

import httpx
import pytest

from bot.clock import ManualClock
from tests.gateways.wecom.fake import Corp, Line, create_app
from tests.gateways.wecom.fake.tests.caller import CORP_ID, EVENING, GROUP, NAME, Caller


@pytest.fixture
async def us() -> AsyncIterator[Caller]:
    clock = ManualClock(EVENING)
    corp = Corp(CORP_ID, clock.now)
    for userid, name in {"linyue": "林悦", "chenxi": "陈曦", "wangmin": "王敏"}.items():
        corp.hires(userid, name)
    app = corp.installs("secret", agent_id=218, visible=["linyue", "chenxi"])
    corp.open_chat(GROUP, NAME, "linyue", {"wmDoudou": "豆豆妈"})
    corp.office.events.clear()
    transport = Line(corp, create_app(corp))
    base = "https://qyapi.weixin.qq.com/cgi-bin/"
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        caller = Caller(corp, clock, client, app)
        await caller.log_in()
        yield caller
