"""What becomes of a process: it dies, or is stopped and wakes again."""

import asyncio
from typing import NoReturn


class Died(BaseException):
    """The process is gone, whatever it was doing; nothing in it may catch this."""


class Fate:
    """Of the process that holds the account under `epoch`. `stopped` is set once it stands still,
    `woken` once it may go on."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.is_dead = False
        self.stopped = asyncio.Event()
        self.woken = asyncio.Event()

    @property
    def is_asleep(self) -> bool:
        return self.stopped.is_set() and not self.woken.is_set()

    def dies(self) -> NoReturn:
        self.is_dead = True
        raise Died

    async def stops(self) -> None:
        self.stopped.set()
        await self.woken.wait()

    def live(self) -> None:
        """Who is dead does nothing any more."""
        if self.is_dead:
            raise Died
