"""What comes in from outside as a path, a query or a body, made sure of.

Whatever is refused here the patterns and bounds say as well, so that the description of the API
tells a client all of it.
"""

import re
from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from models.ids import Code, GroupId, PersonId
from models.text import storable

_CONTROL = r"\x00-\x1f\x7f\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_UNSHOWN = rf"{_CONTROL}\u115f\u1160\u2800\u3164\uffa0"
"""What steers and shows nothing, but for what joins emoji, and letters that show nothing
(models/text.py)."""
LINE = f"^[^{_UNSHOWN}]*$"
FILLED = rf"^[^{_UNSHOWN}]*[^\s{_UNSHOWN}][^{_UNSHOWN}]*$"
NAME = rf"^[^~{_UNSHOWN}]*[^\s~{_UNSHOWN}][^~{_UNSHOWN}]*$"
"""Without ~, which separates the parts of a cohort."""
FIRST_YEAR, LAST_YEAR = 1970, 2199
DAY = r"^(19[7-9]\d|20\d\d|21\d\d)-\d\d-\d\d$"
MOMENT = r"^(19[7-9]\d|20\d\d|21\d\d)-\d\d-\d\d[Tt ]\d\d:\d\d"
JOINS_EMOJI = "\u200d"


def is_text(text: str) -> str:
    if storable(text) != text:
        raise ValueError("it holds a character that is no text")
    return text


def _as_line(text: str) -> str:
    """Blanks between words are one space; what can't be shown is seen to be none."""
    line = " ".join(text.split())
    return "".join(
        each if each.isprintable() or each == JOINS_EMOJI else "\N{REPLACEMENT CHARACTER}"
        for each in line
    )


def _is_moment(value: object) -> object:
    if not isinstance(value, str) or not re.match(MOMENT, value):
        raise ValueError(
            f"a time is written like 2026-03-02T20:00:01+08:00, from {FIRST_YEAR} to {LAST_YEAR}"
        )
    return value


def _is_day(value: object) -> object:
    is_written = isinstance(value, str) and re.fullmatch(DAY, value)
    if not is_written and not isinstance(value, date):
        raise ValueError(f"a day is written like 2026-03-02, from {FIRST_YEAR} to {LAST_YEAR}")
    return value


Moment = Annotated[
    AwareDatetime, BeforeValidator(_is_moment), Field(json_schema_extra={"pattern": MOMENT})
]
"""With any offset."""
Day = Annotated[date, BeforeValidator(_is_day), Field(json_schema_extra={"pattern": DAY})]

Absent = SkipJsonSchema[None]
"""Of a header or a query: it may be left out, and then it is None; it can't be sent as null."""
PathId = Annotated[str, AfterValidator(storable)]
"""What can't be kept is nobody's id."""
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""Of a row, as the database counts them."""
GivenText = Annotated[str, StringConstraints(max_length=200), AfterValidator(storable)]
GivenGroup = Annotated[GroupId, AfterValidator(storable)]
GivenPerson = Annotated[PersonId, AfterValidator(storable)]
GivenCode = Annotated[Code, AfterValidator(storable)]
GivenScope = Annotated[str, AfterValidator(storable)]
GivenChannel = Annotated[str, StringConstraints(max_length=50), AfterValidator(storable)]
GivenName = Annotated[str, Field(max_length=50, pattern=NAME), AfterValidator(_as_line)]
GivenLine = Annotated[str, Field(pattern=LINE), AfterValidator(_as_line)]
FilledLine = Annotated[str, Field(pattern=FILLED), AfterValidator(_as_line)]
