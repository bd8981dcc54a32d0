"""What a process keeps in mind from one transaction to the next."""

from collections import OrderedDict, defaultdict
from collections.abc import Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 2_000
"""Of a kind: what was not asked for the longest is forgotten first."""


class Mind:
    """Things that cost much to make anew from what is stored. The database stays the authority:
    whoever keeps something here checks that nothing was stored since without it. After a failure
    all is forgotten, since what it was made of may not have happened."""

    def __init__(self) -> None:
        self._kept: defaultdict[type, OrderedDict[Hashable, Any]] = defaultdict(OrderedDict)

    def get(self, kind: type[T], key: Hashable) -> T | None:
        kept = self._kept[kind]
        if key in kept:
            kept.move_to_end(key)
        found: T | None = kept.get(key)
        return found

    def keep(self, key: Hashable, thing: object) -> None:
        kept = self._kept[type(thing)]
        kept[key] = thing
        kept.move_to_end(key)
        if len(kept) > MOST:
            kept.popitem(last=False)

    def drop(self, kind: type, key: Hashable) -> None:
        self._kept[kind].pop(key, None)

    def clear(self) -> None:
        self._kept.clear()
