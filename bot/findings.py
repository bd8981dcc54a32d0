"""What a check found."""

from dataclasses import dataclass

SHOWN = 5
"""So many of those that are wrong are named."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Of one part: whether it is well, and if not, what to mend."""

    part: str
    ok: bool
    says: str
