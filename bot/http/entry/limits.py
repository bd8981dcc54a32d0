"""How often one address, or one browser, may ask for something.

Of each only one moment is kept: until when it has used up what it may. Who kept still so long
is as if never seen, and is forgotten, so no rush of strangers fills the memory.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import islice
from math import ceil

MOST_KEPT = 50_000
HOME = 64
"""Bits of an IPv6 address that stand for one connection: the rest is its owner's to choose."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So `many` at once, and then as many again evenly within so many `seconds`."""

    many: int
    seconds: float


class Limiter:
    """`now` is in seconds, by any clock that never goes back."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._used_until: dict[str, float] = {}
        self._most_kept = most_kept

    def __len__(self) -> int:
        return len(self._used_until)

    def wait(self, who: str, allowance: Allowance, now: float) -> int:
        """Takes one of what is allowed to her and returns 0; or takes nothing, and returns after
        how many whole seconds there is one again."""
        apart = allowance.seconds / allowance.many
        used_until = max(self._used_until.get(who, now), now) + apart
        if (over := used_until - now - allowance.seconds) > apart / 1000:
            return max(ceil(over), 1)
        if len(self._used_until) >= self._most_kept and who not in self._used_until:
            self._forget(now)
        self._used_until[who] = used_until
        return 0

    def _forget(self, now: float) -> None:
        """Those who may do all again, and where too many are busy, who has been known longest."""
        self._used_until = {who: at for who, at in self._used_until.items() if at > now}
        too_many = len(self._used_until) - self._most_kept * 3 // 4
        for who in list(islice(self._used_until, max(too_many, 0))):
            del self._used_until[who]


def connection_of(address: str) -> str:
    """What an address stands for: itself, or of IPv6 the connection that it is part of."""
    try:
        given = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(given, IPv6Address) and given.ipv4_mapped is not None:
        given = given.ipv4_mapped
    if isinstance(given, IPv4Address):
        return str(given)
    return str(ip_network((int(given), HOME), strict=False))
