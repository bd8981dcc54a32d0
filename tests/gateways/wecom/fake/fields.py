"""The fields of a call, read strictly: what is missing, too long or of another type is refused
with 40058. Lengths are in characters, or in UTF-8 bytes where the document says bytes."""

from collections.abc import Mapping
from typing import Any, Self

from tests.gateways.wecom.fake.errors import Refused

WRONG_JSON = "Warning: wrong json format."
ENDLESS = 10**9


class Fields:
    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = dict(given)

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def text(
        self,
        name: str,
        default: str | None = None,
        *,
        longest: int = ENDLESS,
        bytes_at_most: int = ENDLESS,
    ) -> str:
        """Without a default it is required, and empty is as good as missing."""
        value = self.given.get(name, default)
        if value is None or (value == "" and default is None):
            raise Refused(40058, f"{name} is required")
        if not isinstance(value, str):
            raise Refused(40058, f"{WRONG_JSON} {name} must be a string")
        if len(value) > longest or len(value.encode()) > bytes_at_most:
            raise Refused(40058, f"{name} is too long")
        return value

    def number(
        self, name: str, default: int | None = None, *, least: int = 0, most: int = ENDLESS * 10
    ) -> int:
        value = self.given.get(name, default)
        if value is None:
            raise Refused(40058, f"{name} is required")
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused(40058, f"{WRONG_JSON} {name} must be an integer")
        if not least <= value <= most:
            raise Refused(40058, f"{name} must be in [{least}, {most}]")
        return value

    def size(self, name: str, default: int, most: int) -> int:
        """Of a page; what is above the most is read as the default (doc 93338)."""
        asked = self.number(name, default, least=1)
        return asked if asked <= most else default

    def flag(self, name: str, default: bool) -> bool:
        value = self.given.get(name, default)
        if not isinstance(value, bool):
            raise Refused(40058, f"{WRONG_JSON} {name} must be a boolean")
        return value

    def texts(self, name: str, *, most: int = ENDLESS, else_code: int = 40058) -> list[str]:
        value = self.given.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise Refused(40058, f"{WRONG_JSON} {name} must be a list of strings")
        if len(value) > most:
            raise Refused(else_code, f"{name} has more than {most}")
        return list(value)

    def part(self, name: str) -> Self | None:
        value = self.given.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Refused(40058, f"{WRONG_JSON} {name} must be an object")
        return type(self)(value)

    def parts(self, name: str) -> list[Self]:
        value = self.given.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise Refused(40058, f"{WRONG_JSON} {name} must be a list of objects")
        return [type(self)(each) for each in value]
