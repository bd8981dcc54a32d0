"""Names that nobody can guess from others, short enough for a QR code that is easily read."""

import secrets

from models.ids import Code

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without what is taken for another one when it is read aloud or copied by hand."""
LENGTH = 10


def new_code() -> Code:
    return Code(unguessable(LENGTH))


def unguessable(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
