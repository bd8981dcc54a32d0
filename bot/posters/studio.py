"""Posters on demand: drawn one at a time beside everything else, and kept while they are asked
for."""

import asyncio
from collections import OrderedDict

from bot.posters.render import Poster, render

KEPT = 40
"""Posters, of a quarter of a megabyte each."""
MOST_WAITING = 30
"""Who comes then would wait for longer than anybody looks at nothing."""


class StudioBusy(Exception):
    """As many as may wait are waiting."""


class Studio:
    def __init__(self, kept: int = KEPT, most_waiting: int = MOST_WAITING) -> None:
        self._kept: OrderedDict[Poster, bytes] = OrderedDict()
        self._most_kept = kept
        self._most_waiting = most_waiting
        self._waiting = 0
        self._easel = asyncio.Lock()

    async def poster(self, poster: Poster) -> bytes:
        """As `render`; raises StudioBusy too."""
        if poster not in self._kept:
            await self._draw(poster)
        self._kept.move_to_end(poster)
        return self._kept[poster]

    async def _draw(self, poster: Poster) -> None:
        if self._waiting >= self._most_waiting:
            raise StudioBusy
        self._waiting += 1
        try:
            async with self._easel:
                # Meanwhile somebody else may have had it drawn.
                if poster not in self._kept:
                    self._kept[poster] = await asyncio.to_thread(render, poster)
        finally:
            self._waiting -= 1
        while len(self._kept) > self._most_kept:
            self._kept.popitem(last=False)
