"""A lease that runs out when a test says so."""

from bot.lease import Lease


class Lapsing(Lease):
    """The moment between a claim and its deed is nobody's to wait for, so it is told: after so
    many more looks."""

    lapses_after: int | None = None

    def holds(self) -> bool:
        if self.lapses_after is None:
            return super().holds()
        self.lapses_after -= 1
        return self.lapses_after >= 0 and super().holds()
