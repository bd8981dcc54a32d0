"""Keeps a line to the gateway: connects, notices that it is lost, and connects again."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from bot.gateways.wechaty.failures import in_words
from bot.gateways.wechaty.hearing import Hearing
from bot.gateways.wechaty.stub import LineFailure
from bot.gateways.wechaty.timings import Backoff, Timings
from bot.gateways.wechaty.wire import Wire

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a line ended. `refused` if somebody answered, and did not want us."""

    why: str
    refused: bool
    level: int = logging.WARNING


class Keeper:
    """`wire` is the line while the gateway lets us hear; a silent one is given up."""

    def __init__(
        self,
        name: str,
        dial: Callable[[], Wire],
        hearing: Hearing,
        timings: Timings,
        backoff: Backoff,
    ) -> None:
        self.wire: Wire | None = None
        self._name = name
        self.dial = dial
        self._hearing = hearing
        self._timings = timings
        self._backoff = backoff
        self._told: Ending | None = None
        self._silent_for = 0.0

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            ending = await self._one_line()
            self._tell(ending)
            self._backoff.held(loop.time() - began)
            await self._hearing.fall_silent(ending.why, self._silent_for)
            pause = self._backoff.refused() if ending.refused else self._backoff.unanswered()
            await asyncio.sleep(pause)

    async def _one_line(self) -> Ending:
        wire = self.dial()
        try:
            await wire.greet()
            await wire.start()
            return await self._listen(wire)
        except GRPCError as error:
            level = logging.ERROR if error.status is Status.UNAUTHENTICATED else logging.WARNING
            return Ending(in_words(error), refused=True, level=level)
        except LineFailure as error:
            return Ending(wire.why_closed or f"no line to the gateway: {error}", refused=False)
        except Exception:  # not on the wire's list of failures; the line must come back
            log.exception("account %s: a mistake of ours broke the line", self._name)
            return Ending("a mistake of ours broke the line", refused=True)
        finally:
            self.wire = None
            self._silent_for = wire.silent_for
            wire.close()

    async def _listen(self, wire: Wire) -> Ending:
        self.wire = wire
        watch = asyncio.create_task(self._watch(wire))
        try:
            await self._hearing.hear(wire)
        finally:
            watch.cancel()
            await asyncio.wait([watch])
        return Ending("the gateway ended the events: another client has them", refused=True)

    async def _watch(self, wire: Wire) -> None:
        """Nothing below us notices a frozen gateway, or a peer that vanished."""
        while not wire.closed:
            patience = self._timings.silence - wire.silent_for
            if patience > 0:
                await asyncio.sleep(patience)
                continue
            try:
                await wire.feel_pulse()
            except GRPCError:
                pass  # An error is a sign of life.
            except LineFailure:
                wire.close("the gateway fell silent")

    def _tell(self, ending: Ending) -> None:
        """Changes, not attempts: a gateway that is away is told of once."""
        told, self._told = self._told, ending
        same = ending == told or (told and not ending.refused and not told.refused)
        if same and self._hearing.me is None:
            return
        log.log(ending.level, "account %s: %s", self._name, ending.why)
