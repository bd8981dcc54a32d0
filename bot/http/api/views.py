"""How things are told over HTTP: one class a resource, shaped after what the stores give."""

from collections.abc import Set
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from config.daily import ZONE

Time = Annotated[
    datetime,
    PlainSerializer(lambda at: at.astimezone(ZONE).isoformat(), return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-03-02T20:00:01+08:00"]}
    ),
]
"""A moment, told as in Asia/Shanghai."""


class View(BaseModel):
    """Read from a value's attributes, or from a row. `volatile` are the fields that change by
    themselves: an entity tag does not tell of them."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
    volatile: ClassVar[Set[str]] = frozenset()


class Given(BaseModel):
    """What comes in; what is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


V = TypeVar("V", bound=View)


class Page(BaseModel, Generic[V]):
    """One page of a list."""

    items: list[V]
    next: str | None = Field(
        description="Send it as `cursor` for what follows; null where nothing does."
    )
    total: int | None = Field(
        None, description="How many there are in all, where `count` asks for it; at most 100000."
    )


def in_json(view: View) -> dict[str, Any]:
    return view.model_dump(mode="json")
