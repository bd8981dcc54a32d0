"""A bare client of a Wechaty gateway: `python -m tests.bench.bare HOST:PORT TOKEN COUNT`.

It fetches each message that it is told of, as it must to have its text, and throws it away. Says
`ready` when it hears, and `done` when it has had so many.
"""

import asyncio
import json
import sys

import uvloop
from grpclib.client import Channel
from wechaty_grpc.wechaty import PuppetStub

AT_ONCE = 32
MESSAGE, LOGIN = 2, 25


async def receive(endpoint: str, token: str, count: int) -> None:
    host, _, port = endpoint.rpartition(":")
    channel = Channel(host, int(port))
    stub = PuppetStub(channel, metadata={"authorization": f"Wechaty {token}"})
    turns = asyncio.Semaphore(AT_ONCE)

    async def fetch(message: str) -> None:
        await stub.message_payload(id=message)
        turns.release()

    await stub.start()
    async with asyncio.TaskGroup() as fetching:
        async for event in stub.event():
            if event.type == LOGIN:
                print("ready", flush=True)
            if event.type == MESSAGE:
                await turns.acquire()
                fetching.create_task(fetch(json.loads(event.payload)["messageId"]))
                count -= 1
                if not count:
                    break
    print("done", flush=True)
    channel.close()


if __name__ == "__main__":
    uvloop.run(receive(sys.argv[1], sys.argv[2], int(sys.argv[3])))
