"""What comes in from outside as a path, a query or a body, made sure of."""

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from models.ids import Code, GroupId, PersonId
from models.text import BLANKS, storable


def is_text(text: str) -> str:
    if storable(text) != text:
        raise ValueError("it holds a character that is no text")
    return text


def _as_line(text: str) -> str:
    line = " ".join(text.split())
    if not line.isprintable() or BLANKS.search(line):
        raise ValueError("it holds a character that can't be shown")
    return line


def _is_name(text: str) -> str:
    if "~" in text or not text.isprintable() or BLANKS.search(text):
        raise ValueError("a name is one line, without ~, which separates the parts of a cohort")
    return text


Absent = SkipJsonSchema[None]
"""Of a header or a query: it may be left out, and then it is None; it can't be sent as null."""
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""Of a row, as the database counts them."""
GivenText = Annotated[str, StringConstraints(max_length=200), AfterValidator(is_text)]
GivenGroup = Annotated[GroupId, AfterValidator(is_text)]
GivenPerson = Annotated[PersonId, AfterValidator(is_text)]
GivenCode = Annotated[Code, AfterValidator(is_text)]
GivenScope = Annotated[str, AfterValidator(is_text)]
GivenChannel = Annotated[str, StringConstraints(max_length=50), AfterValidator(is_text)]
GivenName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=50),
    AfterValidator(_is_name),
]
GivenLine = Annotated[str, AfterValidator(_as_line)]
