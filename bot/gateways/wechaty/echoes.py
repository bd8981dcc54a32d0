"""What a gateway is still to echo, of what we had it forget."""

from collections import OrderedDict

Forgotten = tuple[int, str]
"""Which of its memories, and of whom or what."""


class Echoes:
    """The newest so many of them: a gateway need not echo. One that comes after all, and is not
    expected any more, is taken for a change, which costs a look."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._expected: OrderedDict[Forgotten, int] = OrderedDict()

    def expect(self, forgotten: Forgotten) -> None:
        self._expected[forgotten] = self._expected.pop(forgotten, 0) + 1
        if len(self._expected) > self._size:
            self._expected.popitem(last=False)

    def is_expected(self, forgotten: Forgotten) -> bool:
        """Once for each time."""
        left = self._expected.get(forgotten, 0)
        if left > 1:
            self._expected[forgotten] = left - 1
        else:
            self._expected.pop(forgotten, None)
        return left > 0

    def clear(self) -> None:
        self._expected.clear()
