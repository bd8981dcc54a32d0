"""What the public pages take in: all that has gathered while the last transaction ran, in one."""

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from models.events import Event


class Intake:
    def __init__(self, dispatcher: Dispatcher, clock: Clock) -> None:
        self._dispatcher = dispatcher
        self._clock = clock

    async def submit(self, event: Event) -> None:
        """Returns once it is handled and kept; raises what its handler raises."""
        await self._dispatcher.decide(event, self._clock.now())
