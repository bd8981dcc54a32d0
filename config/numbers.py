"""Numbers as JSON knows them."""

from typing import Annotated

from pydantic import BeforeValidator


def _whole(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("it is not a whole number")
    return value


WHOLE = BeforeValidator(_whole)
"""2.0 is as whole in JSON as 2; a text or a truth value is no number. It stands behind the bounds:
`Annotated[int, Field(ge=1), WHOLE]`, since before them it hides them from the schema."""

Whole = Annotated[int, WHOLE]
