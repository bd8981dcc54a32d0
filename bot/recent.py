"""The last so many of something."""

from collections import OrderedDict


class Recent:
    def __init__(self, size: int) -> None:
        self._size = size
        self._seen: OrderedDict[str, None] = OrderedDict()

    def first_sight(self, of: str) -> bool:
        if of in self._seen:
            self._seen.move_to_end(of)
            return False
        self._seen[of] = None
        if len(self._seen) > self._size:
            self._seen.popitem(last=False)
        return True

    def __contains__(self, of: str) -> bool:
        return of in self._seen

    def forget(self, of: str) -> None:
        self._seen.pop(of, None)
