"""Six digits that are hers: what she shows in chat so that we know who she is."""

from collections.abc import Iterator
from hashlib import sha256

FIRST, COUNT = 100_000, 900_000
MOST_TRIED = 64
"""Where all of these are taken, so are nearly all that there are."""
TOLD_OF = "123456"
"""What people are told a ticket looks like; some will type just that."""


def candidates(seed: str) -> Iterator[str]:
    """In which order her numbers are tried; nobody can tell them who does not know the seed."""
    for number in range(MOST_TRIED):
        digest = sha256(f"{seed}:{number}".encode()).digest()
        ticket = str(FIRST + int.from_bytes(digest[:8]) % COUNT)
        is_a_date = ticket.startswith(("19", "20"))
        if ticket != TOLD_OF and len(set(ticket)) > 1 and not is_a_date:
            yield ticket
