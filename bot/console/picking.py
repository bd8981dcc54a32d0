"""Looking for one of many: what she types is looked for, and she chooses of what was found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nicegui import events, ui

from bot.console.client import Client, Refused, at

MANY = 20
"""As many as one looks through."""
WAIT = 0.3
"""Seconds between two looks while she types."""

Find = Callable[[str], Awaitable[dict[str, str]]]
Changed = Callable[[events.ValueChangeEventArguments[Any]], Any]


async def _by_its_id(id_: str) -> str:
    return id_


@dataclass(frozen=True, slots=True)
class Source:
    """`find` gives what holds the words (value -> what it is called), and `named` what a value
    is called."""

    find: Find
    named: Callable[[str], Awaitable[str]] = _by_its_id


def picker(
    title: str,
    source: Source,
    value: str | None = None,
    called: str = "",
    changed: Changed | None = None,
) -> ui.select:
    known = {value: called or value} if value else {}
    field = ui.select(known, label=title, value=value or None, with_input=True, on_change=changed)

    async def look(words: str) -> None:
        try:
            found = await source.find(words.strip())
        except Refused:
            found = {}
        chosen = field.value
        kept = {chosen: field.options[chosen]} if chosen in field.options else {}
        field.set_options({**kept, **found}, value=chosen)

    async def typed(event: events.GenericEventArguments) -> None:
        await look(str(event.args or ""))

    field.on("input-value", typed, throttle=WAIT, leading_events=False)
    field.on("focus", lambda: look(""))
    field.add_slot("no-option", NOTHING)
    return field.props("clearable")


NOTHING = '<q-item><q-item-section class="faint">没有找到</q-item-section></q-item>'


def groups(api: Client) -> Source:
    """Those that are ours, by name."""

    async def find(words: str) -> dict[str, str]:
        page = await api.get("/groups", q=words, standing="ours", limit=MANY)
        return {each["id"]: each["name"] for each in page["items"]}

    async def named(group: str) -> str:
        found = await api.find(at("groups", group))
        return found["name"] if found else group

    return Source(find, named)


def members(api: Client, group: str) -> Source:
    """Who is in a group, by what she is called there."""

    async def find(words: str) -> dict[str, str]:
        page = await api.get("/members", group=group, q=words, limit=MANY)
        return {each["person"]: member_name(each) for each in page["items"]}

    return Source(find)


def member_name(row: dict[str, Any]) -> str:
    return str(row.get("nickname") or row.get("name") or row["person"])


def items(api: Client, **fixed: Any) -> Source:
    """Of the library."""

    async def find(words: str) -> dict[str, str]:
        page = await api.get("/content", q=words, limit=MANY, **fixed)
        return {each["id"]: each["title"] or each["text"][:MANY] for each in page["items"]}

    return Source(find)
