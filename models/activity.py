"""How much is said, counted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HourCount:
    """How much was said in an hour, and by how many; or the mean of several hours."""

    messages: float = 0
    speakers: float = 0
