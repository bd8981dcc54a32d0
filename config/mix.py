"""How much of each kind of content, as an operator writes it: `60:15:25`, dry : wet : warm."""

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from config.written import Senseless, Written

PATTERN = r"^[0-9]{1,3}:[0-9]{1,3}:[0-9]{1,3}$"
LARGEST_WET = 50
"""Two wet posts are never neighbours, so they can't be more than half."""


@dataclass(frozen=True, slots=True)
class Mix(Written):
    """Percentages, 100 together."""

    pattern: ClassVar[str] = PATTERN
    example: ClassVar[str] = "60:15:25"

    dry: int
    wet: int
    warm: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """`60:15:25`; raises ValueError."""
        if text.endswith("\n") or not re.match(PATTERN, text):
            raise ValueError("a mix is written dry:wet:warm in percent, e.g. 60:15:25")
        dry, wet, warm = map(int, text.split(":"))
        if dry + wet + warm != 100:
            raise Senseless(f"dry, wet and warm are 100 together, not {dry + wet + warm}")
        if wet > LARGEST_WET:
            raise Senseless(f"no two wet posts are neighbours, so wet is {LARGEST_WET} at most")
        return cls(dry, wet, warm)

    def __str__(self) -> str:
        return f"{self.dry}:{self.wet}:{self.warm}"

    @property
    def shares(self) -> tuple[float, float, float]:
        """Of dry, wet and warm, 1 together."""
        return self.dry / 100, self.wet / 100, self.warm / 100
