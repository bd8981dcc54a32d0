"""`make demo`: the demo, and beside it a local WeCom whose company is the demo's second account.

Both end together: on Ctrl-C, on SIGTERM, or when either of them ends.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from bot.clock import ManualClock, SystemClock
from bot.demo.beside import TIME
from bot.demo.codes import site_at
from bot.gateways.wecom.opening import account_of
from bot.service import AddressTaken, http_server, stopped_by_signal
from config.settings import Settings
from tests.gateways.wecom.fake import Callback, Corp, Pusher, create_app
from tests.gateways.wecom.fake.__main__ import ENCODING_AES_KEY, TOKEN
from tests.gateways.wecom.fake.sample import CORP_ID, SECRET, sample_corp

PORT = 8900
BAD_INPUT = 2
AGENT_ID = 1000002
LOOKS_EVERY = 0.3
"""Real seconds between two looks at the demo's clock, on which the phones live, too."""
WHERE_TO_CLICK = """
第二个账号：本机上的一家企业微信小公司，两位群主，三个群。官方接口不能自己在群里说话，要群主确认
  群主们的手机  {phones}/
  等着谁确认    {site}/console/proposals （控制台「待确认」，登录用上面的令牌）
  时间          {site} （在演示页上拨快，60× 时几秒就到；夜里先点到早上）
一试：手机页「来一波（12位）」，群主收到消息，打开里面的链接，复制，贴到群里，「发好了」
二试：控制台「日历」里她的群，「现在就发」，两分钟后手机页上有待发送的群发，点「发送」，「发件箱」里就是说了
A second account, of a company on a local WeCom: its owners' phones are at {phones}/
"""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gateways.wecom.beside")
    parser.add_argument("--port", type=int, default=PORT, help="of the phones")
    asked, for_demo = parser.parse_known_args(arguments)
    try:
        return asyncio.run(run(asked.port, site_at(Settings().http), for_demo))
    except AddressTaken:
        sys.stderr.write(
            f"The phones of the second account need 127.0.0.1:{asked.port}, which is taken: stop "
            f"what runs there, or choose another: make demo PHONES={asked.port + 1}\n"
        )
        return BAD_INPUT


async def run(port: int, site: str, for_demo: Sequence[str]) -> int:
    """The exit code of the demo, which is served at `site`."""
    stop, phones = stopped_by_signal(), f"http://127.0.0.1:{port}"
    clock = ManualClock(SystemClock().now())
    async with httpx.AsyncClient(trust_env=False) as client, company(clock, client, phones, site):
        demo = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "demo", *for_demo), env=os.environ | settings(phones)
        )
        follows = asyncio.create_task(follow(client, site, clock, phones))
        ends, stops = asyncio.create_task(demo.wait()), asyncio.create_task(stop.wait())
        await asyncio.wait([ends, stops, follows], return_when=asyncio.FIRST_COMPLETED)
        if not ends.done():
            # A terminal tells both of us; whoever stops only us does not.
            with contextlib.suppress(ProcessLookupError):
                demo.send_signal(signal.SIGINT)
        code = await ends
        for each in (stops, follows):
            each.cancel()
        return code


def settings(phones: str) -> Mapping[str, str]:
    """With which the demo finds the company."""
    return {
        "BOT_WECOM_API": phones,
        "BOT_WECOM_CORP_ID": CORP_ID,
        "BOT_WECOM_AGENT_ID": str(AGENT_ID),
        "BOT_WECOM_SECRET": SECRET,
        "BOT_WECOM_CALLBACK_TOKEN": TOKEN,
        "BOT_WECOM_CALLBACK_KEY": ENCODING_AES_KEY,
        "BOT_WECOM_OWNERS": "",
        "BOT_WECOM_CONTACTS": "",
    }


@asynccontextmanager
async def company(
    clock: ManualClock, client: httpx.AsyncClient, phones: str, site: str
) -> AsyncIterator[Corp]:
    """The sample company, served at `phones`: the same people every time, but whoever comes to
    them, and whatever is made, is new. It calls the demo at `site`. Raises AddressTaken."""
    # What was given out in an earlier run is in the demo's database still.
    run = clock.now().isoformat()
    rng = random.Random(run)
    corp = sample_corp(clock.now, random.Random(0))
    corp.office.life = run
    corp.ways.site = phones
    (app,) = corp.gate.apps.values()
    url = f"{site}/wecom/{account_of(CORP_ID, app.agent_id)}/callback"
    pusher = Pusher(corp, Callback(url, TOKEN, ENCODING_AES_KEY, app), client, rng=rng, pause=1)
    where = phones.removeprefix("http://")
    async with http_server(create_app(corp, pusher, rng), where, ""):
        yield corp


async def follow(client: httpx.AsyncClient, site: str, clock: ManualClock, phones: str) -> None:
    """Its people live in the demo's time; whoever looks on is told where to, once all is up."""
    is_told = False
    while True:
        with contextlib.suppress(httpx.HTTPError):
            answer = await client.get(f"{site}{TIME}")
            if answer.status_code == httpx.codes.OK:
                clock.set(datetime.fromisoformat(answer.json()["now"]))
            if not is_told and (await client.get(f"{site}/readyz")).status_code == httpx.codes.OK:
                sys.stdout.write(WHERE_TO_CLICK.format(phones=phones, site=site))
                sys.stdout.flush()
                is_told = True
        await asyncio.sleep(LOOKS_EVERY)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
