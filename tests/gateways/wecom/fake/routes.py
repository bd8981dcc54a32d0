"""How a part of the corp says which calls it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.gateways.wecom.fake.fields import Fields
from tests.gateways.wecom.fake.office import App

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A call by an app; `fields` are of its body, or of the URL where it has none."""

    app: App
    fields: Fields
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Route:
    method: Literal["GET", "POST"]
    answer: Callable[[Asked], Answer]


Routes = Mapping[str, Route]
"""By path, without the leading `/cgi-bin/`."""


def get(answer: Callable[[Asked], Answer]) -> Route:
    return Route("GET", answer)


def post(answer: Callable[[Asked], Answer]) -> Route:
    return Route("POST", answer)
