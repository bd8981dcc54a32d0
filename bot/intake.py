"""What the public pages take in: all that has gathered while the last transaction ran, in one.

What a batch needs is locked in one order before the first of it is handled (`router.prepares`),
so several processes may take in at once.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from bot.clock import Clock
from bot.dispatcher import Arrival, Dispatcher
from models.events import Event

BATCH = 200
"""Events a transaction."""
LONGEST_REST = 0.2
"""Seconds."""
DRAINED_WITHIN = 5.0
"""Seconds: whoever stops us does not wait for long."""
MOST_WAITING = 5_000
"""More than this is no rush of visitors any more, and would not be answered in time anyway."""


class Overrun(Exception):
    """So much waits already that this was not taken."""


@dataclass(frozen=True, slots=True)
class Submission:
    arrival: Arrival
    outcome: asyncio.Future[None]

    def settle(self, error: Exception | None) -> None:
        """Whoever submitted it may have gone; it was handled all the same."""
        if self.outcome.done():
            return
        if error is None:
            self.outcome.set_result(None)
        else:
            self.outcome.set_exception(error)


class Intake:
    """Its task lives as long as something waits, so there is nothing to start."""

    def __init__(self, dispatcher: Dispatcher, clock: Clock) -> None:
        self._dispatcher = dispatcher
        self._clock = clock
        self._waiting: deque[Submission] = deque()
        self._task: asyncio.Task[None] | None = None

    async def submit(self, event: Event) -> None:
        """Returns once it is handled and kept; raises what its handler raises, or Overrun."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overrun
        outcome = asyncio.get_running_loop().create_future()
        self._waiting.append(Submission(Arrival(event, self._clock.now()), outcome))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        await outcome

    async def drained(self) -> None:
        """Once all that waits is handled: whoever sent it may have been told that we have it."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=DRAINED_WITHIN)

    async def _work(self) -> None:
        try:
            while self._waiting:
                began = _seconds()
                count = min(len(self._waiting), BATCH)
                await self._handle(count)
                if count > 1:
                    # A rush: what comes meanwhile costs least when it is handled together.
                    await asyncio.sleep(min(_seconds() - began, LONGEST_REST))
        finally:
            # Only where we are stopped in the middle: nobody is to wait for ever.
            while self._waiting:
                self._waiting.popleft().outcome.cancel()

    async def _handle(self, count: int) -> None:
        batch = [self._waiting.popleft() for _ in range(count)]
        outcomes: list[Exception | None]
        try:
            outcomes = await self._dispatcher.decide_all([each.arrival for each in batch])
        except Exception as error:  # not of one of them: what was around it failed
            outcomes = [error] * len(batch)
        except BaseException:
            for each in batch:
                each.outcome.cancel()
            raise
        for each, outcome in zip(batch, outcomes, strict=True):
            each.settle(outcome)


def _seconds() -> float:
    return asyncio.get_running_loop().time()
