"""One table's rows for one transaction: read once, changed in memory, written once."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from models.ids import GroupId
from models.stores.bulk import columns, rows_by, upsert_rows
from models.stores.driver import Row, fetch
from models.tables import Base
from models.tables.base import Utc

V = TypeVar("V")
Key = tuple[Any, ...]
Where = tuple[Any, ...]
"""Conditions that are built once and kept."""

OF_GROUP: BindParameter[str] = bindparam("of_group", type_=Text)
OF_PERSON: BindParameter[str] = bindparam("of_person", type_=Text)
THOSE: ColumnElement[str] = func.any(bindparam("those", type_=ARRAY(Text)))
"""What conditions that are built once speak of."""


class Shelf(Generic[V]):
    """Values (frozen dataclasses) whose fields are the columns of `row`, by their key."""

    row: type[Base]
    value: type[V]
    key: Sequence[str]
    locks = False
    """Whether reading a row by its key also locks it."""
    _names: list[str]
    _enums: dict[str, type[StrEnum]]
    _read_key: Callable[[Any], Any]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._names, cls._enums = _shape(cls.value)
        cls._read_key = attrgetter(*cls.key)

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self._held: dict[Key, V | None] = {}
        self._by_first: dict[Any, dict[Key, V]] = defaultdict(dict)
        self._changed: dict[Key, V] = {}
        self._found: set[Hashable] = set()
        self._first: dict[Any, datetime | None] = {}

    async def get(self, *key: Any) -> V | None:
        if key not in self._held:
            await self.load([key])
        return self._held[key]

    async def load(self, keys: Iterable[Key]) -> None:
        """Read those not held yet, in one statement."""
        missing = sorted({each for each in keys if each not in self._held})
        if not missing:
            return
        found = await rows_by(
            self.connection, self.row, self._names, self.key, missing, locks=self.locks
        )
        self._held |= dict.fromkeys(missing)
        self._hold(found)

    def put(self, value: V) -> None:
        key = self.key_of(value)
        if self._held.get(key) == value:
            return
        self._keep(key, value)
        self._changed[key] = value

    @property
    def has_changed(self) -> bool:
        """Whether there is anything to be written."""
        return bool(self._changed)

    async def flush(self) -> None:
        """Write what changed, in order of the key, so that no two writers wait for each other."""
        if self._changed:
            rows = [vars_of(self._changed[key], self._names) for key in sorted(self._changed)]
            await upsert_rows(self.connection, self.row, self.key, rows)
            self._changed.clear()
            self._first.clear()

    async def find(self, *where: Any, limit: int | None = None) -> list[V]:
        """Read by a condition; what is held and changed here wins over what was read."""
        found = await self.connection.execute(self._select().where(*where).limit(limit))
        return [each for each in self._hold(found.mappings()) if each is not None]

    async def find_by(self, where: Where, **given: Any) -> list[V]:
        """The same by a condition that is built once and kept, whose parameters are `given`: for
        what is asked with every message."""
        found = await fetch(self.connection, _by(self.row, tuple(self._names), where), given)
        return [each for each in self._hold(found) if each is not None]

    async def find_once(self, what: Hashable, where: Where, **given: Any) -> None:
        """Hold the rows of a condition, which is read only once; `what` names it."""
        if what not in self._found:
            self._found.add(what)
            await self.find_by(where, **given)

    async def find_among(
        self, what: Hashable, those: Iterable[str], where: Where, **given: Any
    ) -> None:
        """The same of several groups, or people, those that were not read yet in one statement:
        the condition speaks of them as `THOSE`."""
        unread = sorted(each for each in set(those) if (each, what) not in self._found)
        if unread:
            await self.find_by(where, those=unread, **given)
            self._found |= {(each, what) for each in unread}

    async def first(self, when: InstrumentedAttribute[Any], where: Where = ()) -> datetime | None:
        """The soonest time of all rows, or of those of a condition; asked again only after
        something was written."""
        await self.flush()
        if (when, where) not in self._first:
            (found,) = await fetch(self.connection, _soonest(when, where), {})
            self._first[when, where] = found["first"]
        return self._first[when, where]

    async def due_groups(
        self, when: InstrumentedAttribute[datetime | None], now: datetime, limit: int
    ) -> list[GroupId]:
        """The groups whose time of this kind has come, the longest due first."""
        asked = {"now": now, "most": limit}
        found = await fetch(self.connection, _due(columns(self.row)["group"], when), asked)
        return [GroupId(each["group"]) for each in found]

    def soonest(self, due: str) -> datetime | None:
        """The soonest of what became due in this transaction, by the field that says when."""
        times = (getattr(each, due) for each in self._changed.values())
        return min((at for at in times if at is not None), default=None)

    def key_of(self, value: V) -> Key:
        found = self._read_key(value)
        return found if len(self.key) > 1 else (found,)

    def held(self) -> Iterator[V]:
        return (value for value in self._held.values() if value is not None)

    def held_of(self, first: Any) -> Iterable[V]:
        """Those of one group, where the key begins with the group."""
        return self._by_first[first].values()

    def _keep(self, key: Key, value: V) -> None:
        self._held[key] = value
        self._by_first[key[0]][key] = value

    def _select(self) -> Select[Any]:
        return _by(self.row, tuple(self._names), ())

    def _hold(self, rows: Iterable[Row]) -> list[V | None]:
        keys = []
        for row in rows:
            value = self._value(row)
            key = self.key_of(value)
            keys.append(key)
            if self._held.get(key) is None:
                self._keep(key, value)
        return [self._held[key] for key in keys]

    def _value(self, row: Row) -> V:
        # By their places: every row was selected by these names, in this order, perhaps with more.
        given: dict[str, Any] = dict(zip(self._names, row.values(), strict=False))
        for name, enum in self._enums.items():
            if given[name] is not None:
                given[name] = enum(given[name])
        return self.value(**given)


# Built once each, since they are asked all the time.


@cache
def _soonest(when: InstrumentedAttribute[Any], where: Where) -> Select[Any]:
    return select(func.min(when).label("first")).where(*where)


@cache
def _by(row: type[Base], names: tuple[str, ...], where: Where) -> Select[Any]:
    return select(*(columns(row)[name].label(name) for name in names)).where(*where)


@cache
def _due(of_group: Column[Any], when: InstrumentedAttribute[Any]) -> Select[Any]:
    now: BindParameter[datetime] = bindparam("now", type_=Utc())
    most: BindParameter[int] = bindparam("most", type_=Integer)
    return select(of_group.label("group")).where(when <= now).order_by(when, of_group).limit(most)


def vars_of(value: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _choices(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) is UnionType else (hint,)


def _shape(value: Any) -> tuple[list[str], dict[str, type[StrEnum]]]:
    """The fields of a dataclass, and which of them are enumerations, or may be one."""
    hints = get_type_hints(value)
    names = [each.name for each in fields(value)]
    enums = {
        name: each
        for name in names
        for each in _choices(hints[name])
        if isinstance(each, type) and issubclass(each, StrEnum)
    }
    return names, enums
