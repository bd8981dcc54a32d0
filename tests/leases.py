"""A lease that runs out when a test says so."""

from bot.lease import Lease


class Lapsing(Lease):
    """The moment between a claim and its deed is nobody's to wait for, so it is told."""

    has_lapsed = False

    def holds(self) -> bool:
        return not self.has_lapsed and super().holds()
