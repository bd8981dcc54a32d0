"""A table of any of the API's lists: a page at a time, however long the list is."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from nicegui import events, ui

from bot.console import wording
from bot.console.client import Refused
from bot.console.frame import Visit, button, empty, trouble
from bot.console.picking import Source, picker

Row = dict[str, Any]
Told = Callable[[Row], str]
Changed = events.ValueChangeEventArguments[Any]
SIZES = (20, 50, 100)


@dataclass(frozen=True, slots=True)
class Column:
    """`told` is what stands there of a row; `sort` the API's name of the order, where it has one;
    `link` where a click leads. `tone` is how it is marked: good, warn or bad; or, of a link that
    looks like a button, go."""

    title: str
    told: Told
    sort: str = ""
    link: Told | None = None
    tone: Told | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter: one of `options` (value -> what it is called), what she looks for in a `source`,
    or, without any, a text, which is asked for once it fits the `pattern`. `day` is what a day is
    to the API: its "beginning", or its "end"."""

    name: str
    title: str
    options: Mapping[str, str] | None = None
    default: str = ""
    source: Source | None = None
    pattern: str = ".*"
    is_needed: bool = False
    day: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A button of each row for which it makes sense."""

    title: str
    do: Callable[[Row], Awaitable[None]]
    suits: Callable[[Row], bool] = field(default=lambda row: True)
    name: str = ""


async def filter_by(
    choice: Choice, value: str, ask: Callable[[str, str], Awaitable[None]]
) -> None:
    """The field of a filter, built where it is called; `ask` gets its name and its value."""
    clearable = "" if choice.is_needed else "clearable"
    props = f"dense outlined {clearable} data-testid=ask-{choice.name}"

    async def changed(event: Changed) -> None:
        given = (event.value or "").strip()
        if not given or re.fullmatch(choice.pattern, given):
            await ask(choice.name, moment_of(given, choice.day) if choice.day else given)

    if choice.day:
        field = ui.input(choice.title, value=value[:10], on_change=changed)
        field.props(f"{props} type=date stack-label")
    elif choice.source is not None:
        called = await choice.source.named(value) if value else ""
        picker(choice.title, choice.source, value, called, changed).props(props)
    elif choice.options is None:
        field = ui.input(choice.title, value=value, on_change=changed)
        field.props(f"{props} debounce=400")
    else:
        options = dict(choice.options)
        ui.select(options, label=choice.title, value=value or None, on_change=changed).props(props)


class Listing:
    def __init__(
        self,
        visit: Visit,
        path: str,
        columns: Sequence[Column],
        *,
        choices: Sequence[Choice] = (),
        actions: Sequence[Action] = (),
        fixed: Mapping[str, Any] | None = None,
        sort: str = "",
        counts: bool = False,
        nothing: str = "这里还没有内容",
        name: str = "rows",
    ) -> None:
        self._visit, self._path = visit, path
        self._columns, self._choices, self._actions = columns, choices, actions
        self._fixed, self._counts, self._nothing, self._name = fixed or {}, counts, nothing, name
        self._asked = {each.name: visit.query.get(each.name, each.default) for each in choices}
        self._sort, self._limit = sort, SIZES[0]
        self._cursors: list[str | None] = [None]
        self._rows: list[Row] = []

    async def show(self) -> None:
        """Built where it is called; filters and pages are served afterwards."""
        with ui.element("div").classes("asked"):
            for each in self._choices:
                await filter_by(each, self._asked[each.name], self.ask)
            ui.space()
            self._export = (
                ui.link("导出表格").classes("faint").props("data-testid=export download")
            )
        self._place = ui.element("div")
        await self.refresh()

    async def refresh(self) -> None:
        """Read it again, where it stands; nothing where she has left."""
        if self._place.is_deleted:
            return
        self._export.props(f'href="{self._address()}"')
        self._place.clear()
        with self._place:
            try:
                page = await self._visit.api.get(self._path, **self._query())
            except Refused as why:
                trouble(wording.refused(why))
                return
            self._rows = page["items"]
            if not self._rows:
                empty(self._nothing)
                return
            self._table()
            self._pager(page)

    @property
    def asked(self) -> dict[str, str]:
        """What is asked for at this moment, as the address of the page takes it."""
        return dict(self._asked)

    async def ask(self, name: str, value: str) -> None:
        """Only what is like this, from the beginning."""
        self._asked[name] = value
        await self._begin()

    # What is asked

    def _query(self) -> dict[str, Any]:
        counted = {"count": True} if self._counts else {}
        place = {"limit": self._limit, "cursor": self._cursors[-1]}
        return {**self._fixed, **self._asked, "sort": self._sort, **counted, **place}

    def _address(self) -> str:
        asked = {**self._fixed, **self._asked, "sort": self._sort, "format": "csv"}
        given = {name: each for name, each in asked.items() if each not in (None, "")}
        return f"/api/v1{self._path}?{urlencode(given, doseq=True)}"

    # The table

    def _table(self) -> None:
        columns = [
            {
                "name": f"c{n}",
                "label": each.title,
                "field": f"c{n}",
                "align": "right" if each.is_number else "left",
                "order": each.sort,
                "arrow": self._arrow(each.sort),
            }
            for n, each in enumerate(self._columns)
        ]
        if self._actions:
            columns.append({"name": "acts", "label": "", "field": "acts", "align": "right"})
        rows = [self._told(n, row) for n, row in enumerate(self._rows)]
        table = ui.table(columns=columns, rows=rows, row_key="n", pagination=0)
        table.props(f"flat dense hide-pagination data-testid={self._name}").classes("rows")
        table.add_slot("header-cell", HEADER)
        table.add_slot("body-cell", CELL)
        table.add_slot("body-cell-acts", ACTS)
        table.on("order", self._order)
        table.on("act", self._act)

    def _told(self, n: int, row: Row) -> Row:
        told: Row = {"n": n}
        told |= cells(self._columns, row)
        told["acts"] = [
            {"at": at, "title": each.title, "name": each.name}
            for at, each in enumerate(self._actions)
            if each.suits(row)
        ]
        return told

    def _arrow(self, sort: str) -> str:
        if not sort or self._sort.removeprefix("-") != sort:
            return ""
        return "↓" if self._sort.startswith("-") else "↑"

    async def _order(self, event: events.GenericEventArguments) -> None:
        """Another click is the other way round."""
        self._sort = f"-{event.args}" if self._sort == event.args else event.args
        await self._begin()

    async def _act(self, event: events.GenericEventArguments) -> None:
        action, row = self._actions[event.args["at"]], self._rows[event.args["row"]]
        await action.do(row)
        await self.refresh()

    # Its pages

    def _pager(self, page: Mapping[str, Any]) -> None:
        with ui.element("div").classes("pager"):
            if page["total"] is not None:
                ui.label(f"共 {page['total']:,} 条").classes("faint")
            ui.select(
                {each: f"每页 {each}" for each in SIZES}, value=self._limit, on_change=self._size
            ).props("dense outlined options-dense aria-label=每页多少条")
            back = button("上一页", self._back, "page-back")
            back.set_enabled(len(self._cursors) > 1)
            on = button("下一页", lambda: self._on(page["next"]), "page-on")
            on.set_enabled(page["next"] is not None)

    async def _begin(self) -> None:
        self._cursors = [None]
        await self.refresh()

    async def _size(self, event: Changed) -> None:
        self._limit = event.value
        await self._begin()

    async def _back(self) -> None:
        self._cursors.pop()
        await self.refresh()

    async def _on(self, cursor: str) -> None:
        self._cursors.append(cursor)
        await self.refresh()


def cells(columns: Sequence[Column], row: Row) -> Row:
    """A row as a table shows it."""
    told: Row = {}
    for at, column in enumerate(columns):
        told[f"c{at}"] = column.told(row)
        told[f"c{at}_link"] = column.link(row) if column.link else ""
        told[f"c{at}_tone"] = column.tone(row) if column.tone else ""
    return told


def moment_of(day: str, edge: str) -> str:
    """When a day (`2026-03-02`) begins or ends in Shanghai."""
    if not day:
        return ""
    on = date.fromisoformat(day) + timedelta(days=1 if edge == "end" else 0)
    return f"{on.isoformat()}T00:00:00+08:00"


HEADER = """
<q-th :props="props">
  <button v-if="props.col.order" class="order" @click="$parent.$emit('order', props.col.order)">
    {{ props.col.label }} {{ props.col.arrow }}
  </button>
  <template v-else>{{ props.col.label }}</template>
</q-th>
"""
CELL = """
<q-td :props="props" :data-title="props.col.label">
  <a v-if="props.row[props.col.name + '_link']" :href="props.row[props.col.name + '_link']"
    :class="props.row[props.col.name + '_tone']">{{ props.value }}</a>
  <span v-else-if="props.row[props.col.name + '_tone'] && props.value"
    :class="['tag', props.row[props.col.name + '_tone']]">{{ props.value }}</span>
  <template v-else>{{ props.value }}</template>
</q-td>
"""
ACTS = """
<q-td :props="props" class="acts">
  <q-btn v-for="each in props.row.acts" :key="each.at" :label="each.title" :data-testid="each.name"
    dense no-caps outline class="act"
    @click="$parent.$emit('act', {row: props.row.n, at: each.at})" />
</q-td>
"""
