"""How long we wait for a gateway, and how soon we come back to one."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds. A gateway that returns is to be noticed within two of them."""

    hello: float = 1.5
    """For the first answer on a new line: short, because a frozen gateway's port still accepts."""

    start: float = 20.0
    """For the account to start, which the gateway itself gives up after 15."""

    answer: float = 10.0
    """For the answer to anything else."""

    silence: float = 10.0
    """After this long without a word from the gateway we ask whether it lives."""

    pulse: float = 5.0
    """For the answer to that. It is generous: a false alarm costs what is said meanwhile."""

    shortest_pause: float = 1.0
    longest_pause: float = 30.0
    """Between attempts that are refused: nothing but people can change the answer."""

    away_pause: float = 1.2
    """The longest pause between attempts that nobody answers."""

    steady: float = 30.0
    """A connection that held this long was a good one, whatever ended it."""


class Backoff:
    """When to try again. Each pause is drawn from the upper half of its size."""

    def __init__(self, timings: Timings, rng: Random) -> None:
        self._timings = timings
        self._rng = rng
        self._refusals = 0

    def refused(self) -> float:
        """Somebody answered, and said no."""
        size = self._timings.shortest_pause * 2.0 ** min(self._refusals, 16)
        self._refusals += 1
        return self._jittered(min(size, self._timings.longest_pause))

    def unanswered(self) -> float:
        """Nobody was there: whoever comes next is met without prejudice."""
        self._refusals = 0
        return self._jittered(self._timings.away_pause)

    def held(self, seconds: float) -> None:
        if seconds >= self._timings.steady:
            self._refusals = 0

    def _jittered(self, size: float) -> float:
        return size * self._rng.uniform(0.5, 1.0)
