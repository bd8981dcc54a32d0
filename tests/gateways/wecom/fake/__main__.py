"""A local WeCom with a small sample corp, to try a connected account on.

python -m tests.gateways.wecom.fake --callback http://127.0.0.1:8000/wecom/ACCOUNT/callback
"""

import argparse
import asyncio
import random

import httpx
import uvicorn

from bot.clock import SystemClock
from tests.gateways.wecom.fake.app import create_app
from tests.gateways.wecom.fake.pusher import Callback, Pusher
from tests.gateways.wecom.fake.sample import CORP_ID, SECRET, sample_corp

TOKEN = "QDG6eK"
ENCODING_AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
"""Of the official example (doc 90968): good for trying, for nothing else."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.gateways.wecom.fake")
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--callback", required=True, help="where events are told")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--aes-key", default=ENCODING_AES_KEY)
    asked = parser.parse_args()
    print(f"corp id {CORP_ID}, secret {SECRET}, agent id 1000002")
    print(f"token {asked.token}, EncodingAESKey {asked.aes_key}")
    print(f"API and phones: http://127.0.0.1:{asked.port}/")
    asyncio.run(serve(asked.port, asked.callback, asked.token, asked.aes_key))


async def serve(port: int, url: str, token: str, encoding_aes_key: str) -> None:
    rng = random.Random(0)
    corp = sample_corp(SystemClock().now, rng)
    corp.ways.site = f"http://127.0.0.1:{port}"
    (app,) = corp.gate.apps.values()
    async with httpx.AsyncClient(trust_env=False) as client:
        callback = Callback(url, token, encoding_aes_key, app)
        pusher = Pusher(corp, callback, client, rng=rng, pause=1)
        config = uvicorn.Config(create_app(corp, pusher), port=port, log_level="warning")
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    main()
