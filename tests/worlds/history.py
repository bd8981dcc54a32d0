"""What happened in a world, step by step, for whoever looks into it."""

from hashlib import sha256

from bot.clock import Clock
from config.daily import ZONE


class History:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lines: list[str] = []

    def tell(self, what: str) -> None:
        self.lines.append(f"{self._clock.now().astimezone(ZONE):%m-%d %H:%M:%S.%f}  {what}")

    @property
    def digest(self) -> str:
        return sha256("\n".join(self.lines).encode()).hexdigest()
