"""The library as a table that opens in Excel, written and read. Pure.

What is wrong is told by row and column, in Chinese: whoever filled in the table reads it. The
rows are those that Excel numbers, so the first one holds the names of the columns.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from handlers.content.cells import Fault, Unreadable, decoded, rows_of
from handlers.content.items import (
    FIRST_WEEK,
    HEAVIEST,
    LAST_WEEK,
    LONGEST_ADDRESS,
    LONGEST_ID,
    LONGEST_NAME,
    LONGEST_SOURCE,
    LONGEST_TITLE,
    SEPARATORS,
    Entry,
)
from models.cohort import STAGE_NAMES
from models.content import KIND_NAMES, Item
from models.phase import PHASE_NAMES

COLUMNS = (
    *("id", "kind", "voice", "title", "text", "image", "link", "stages", "phases"),
    *("from_week", "to_week", "cities", "channels", "valid_from", "valid_to", "weight"),
    *("source", "approved_by"),
)
NEEDED = ("kind", "text")
MOST_ROWS = 20_000
MOST_FAULTS = 100
"""More of them nobody reads at once."""

_HEADERS = {
    "id": ("编号", "序号"),
    "kind": ("种类", "类型", "内容种类"),
    "voice": ("口吻", "谁来说", "发布人"),
    "title": ("标题",),
    "text": ("正文", "内容", "文案"),
    "image": ("图片", "图片网址"),
    "link": ("链接", "链接网址"),
    "stages": ("阶段", "孕产阶段"),
    "phases": ("群阶段", "群周期"),
    "from_week": ("起始周", "从第几周"),
    "to_week": ("结束周", "到第几周"),
    "cities": ("城市",),
    "channels": ("渠道",),
    "valid_from": ("开始日期", "生效日期"),
    "valid_to": ("结束日期", "失效日期", "截止日期"),
    "weight": ("权重",),
    "source": ("来源", "出处"),
    "approved_by": ("审核人", "审核"),
}
_COLUMN_OF = {
    spelling: column for column, spellings in _HEADERS.items() for spelling in (column, *spellings)
}
_NAMED: Mapping[str, Mapping[str, str]] = {
    "kind": {name: kind for kind, name in KIND_NAMES.items()},
    "voice": {"小助手": "assistant", "班长": "monitor"},
    "stages": {name: stage for stage, name in STAGE_NAMES.items()},
    "phases": {
        spelling: phase
        for phase, name in PHASE_NAMES.items()
        for spelling in (name, name.removesuffix("期"))
    },
}
"""What may be written instead of the names that we use."""

_HOW = {
    "id": f"要写一行字，最多{LONGEST_ID}个；也可以空着",
    "kind": "要写 干货、湿货 或 互动",
    "voice": "要写 小助手 或 班长；空着就是湿货归班长，其余归小助手",
    "title": f"要写一行字，最多{LONGEST_TITLE}个",
    "text": "正文不能空着",
    "image": f"要写 https:// 开头的网址，最多{LONGEST_ADDRESS}个字符",
    "link": f"要写 https:// 开头的网址，最多{LONGEST_ADDRESS}个字符",
    "stages": "要写 孕期 或 产后；空着就是都行",
    "phases": "要写 组建、成长、成熟、沉寂，多个用分号隔开；空着就是都行",
    **dict.fromkeys(
        ("from_week", "to_week"),
        f"要写 {FIRST_WEEK} 到 {LAST_WEEK} 的整数：出生那周是 0，孕28周是 -12，宝宝4周是 4",
    ),
    "cities": f"要写城市名，多个用分号隔开，每个最多{LONGEST_NAME}个字",
    "channels": f"要写渠道名，多个用分号隔开，每个最多{LONGEST_NAME}个字",
    "valid_from": "要写日期，例如 2026-03-01 或 2026/3/1",
    "valid_to": "要写日期，例如 2026-03-01 或 2026/3/1",
    "weight": f"要写 1 到 {HEAVIEST} 的整数，越大越先发",
    "source": f"要写一行字，最多{LONGEST_SOURCE}个",
    "approved_by": f"要写审核人的名字，最多{LONGEST_NAME}个字",
}
SHOWN = 20
UNNAMED = "?"


# Written


def write(items: Iterable[Item]) -> str:
    """With the mark by which Excel knows that it is UTF-8, and its line ends."""
    table = io.StringIO(newline="")
    table.write("\ufeff")
    lines = csv.writer(table, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    lines.writerows([_written(getattr(item, name)) for name in COLUMNS] for item in items)
    return table.getvalue()


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case tuple():
            return guarded(";".join(map(str, value)))
        case _:
            return guarded(str(value))


_FORMULA = r"[=+\-@＝＋－＠]"
_ALTERED = r"(?!(?:0|[1-9][0-9]{0,10})$)[0-9][0-9.,/:\-+eE% ]*$"
"""What Excel takes for a number or a date, and saves as another one (`001`, `3-5`)."""
_NEEDS_GUARD = re.compile(f"'*(?:{_FORMULA}|{_ALTERED})")
_IS_GUARDED = re.compile(f"'+(?:{_FORMULA}|{_ALTERED})")


def guarded(text: str) -> str:
    """So that Excel takes it for a text."""
    return f"'{text}" if _NEEDS_GUARD.match(text) else text


def unguarded(cell: str) -> str:
    return cell[1:] if _IS_GUARDED.match(cell) else cell


# Read


class Reading:
    """A table that is being checked, some rows at a time; `faults` are all that were found so
    far, `items` what the rows say where there are none."""

    def __init__(self, data: bytes) -> None:
        self.faults: list[Fault] = []
        self._headers: dict[str, str] = {}
        self._places: dict[str, int] = {}
        self._rows: list[tuple[int, list[str]]] = []
        self._found: dict[str, tuple[int, Item]] = {}
        self.checked = 0
        try:
            self._open(decoded(data))
        except Unreadable as error:
            self.faults.append(error.fault)

    @property
    def of(self) -> int:
        """How many rows there are to check."""
        return len(self._rows)

    @property
    def items(self) -> list[Item]:
        return [] if self.faults else [item for _, item in self._found.values()]

    def step(self, rows: int) -> bool:
        """Check some more; whether there was anything left to check."""
        some = self._rows[self.checked : self.checked + rows]
        for number, cells in some:
            self._check(number, cells)
        self.checked += len(some)
        return bool(some)

    def whole(self) -> "Reading":
        while self.step(MOST_ROWS):
            pass
        return self

    def _open(self, text: str) -> None:
        header, *rows = rows_of(text)
        self._read_header(*header)
        if self.faults:
            return
        if not rows:
            raise Unreadable(Fault(0, "", "表格里没有内容，只有表头"))
        if len(rows) > MOST_ROWS:
            raise Unreadable(Fault(0, "", f"一次最多导入{MOST_ROWS}行，请分成几个文件"))
        self._rows = rows

    def _read_header(self, number: int, cells: Sequence[str]) -> None:
        known = "；可以有的列：" + "、".join(f"{each}（{_HEADERS[each][0]}）" for each in COLUMNS)
        for place, cell in enumerate(cells):
            header = cell.strip()
            column = _COLUMN_OF.get(header.casefold())
            if not header:
                continue
            if column is None:
                self.faults.append(Fault(number, header, f"没有这一列{known}"))
                known = ""  # They are told once.
            elif column in self._places:
                self.faults.append(Fault(number, header, "这一列出现了两次"))
            else:
                self._places[column], self._headers[column] = place, header
        for column in NEEDED:
            if column not in self._places:
                says = f"缺少这一列（{_HEADERS[column][0]}）"
                self.faults.append(Fault(number, column, says))

    def _check(self, number: int, cells: Sequence[str]) -> None:
        named = self._places.values()
        if any(cell.strip() for place, cell in enumerate(cells) if place not in named):
            says = "有单元格上面没有列名，请检查表头、引号和分隔符"
            self.faults.append(Fault(number, "", says))
            return
        given = {
            column: cells[place].strip()
            for column, place in self._places.items()
            if place < len(cells) and cells[place].strip()
        }
        try:
            item = _item(given)
        except ValidationError as error:
            self.faults += [self._fault(number, each, given) for each in _by_field(error)]
            return
        if item.id in self._found:
            first, _ = self._found[item.id]
            says = f"和第{first}行是同一个编号" if "id" in given else f"和第{first}行内容一样"
            says += "，请删掉一行，或写上不同的编号"
            self.faults.append(Fault(number, self._headers.get("id", "id"), says))
        else:
            self._found[item.id] = number, item

    def _fault(self, number: int, error: Mapping[str, Any], given: Mapping[str, str]) -> Fault:
        column = str(error["loc"][0])
        says = error.get("ctx", {}).get("chinese") or _HOW[column]
        cell = unguarded(given.get(column, ""))
        if cell and column != "text":
            shown = cell if len(cell) <= SHOWN else f"{cell[:SHOWN]}…"
            says = f"「{shown}」不行，{says}"
        return Fault(number, self._headers.get(column, column), says)


def _by_field(error: ValidationError) -> Iterator[Mapping[str, Any]]:
    """The first of each field: one that is wrong twice is mended once."""
    told = set()
    for each in error.errors(include_url=False):
        if each["loc"][0] not in told:
            told.add(each["loc"][0])
            yield each


def _item(given: Mapping[str, str]) -> Item:
    """Raises ValidationError."""
    values = {column: _READERS.get(column, unguarded)(cell) for column, cell in given.items()}
    for column, names in _NAMED.items():
        if column in values:
            values[column] = _translated(values[column], names)
    item = Entry.model_validate({"id": UNNAMED} | values).as_entered()
    return item if "id" in values else replace(item, id=_made_id(item))


def _made_id(item: Item) -> str:
    """The same for the same words, so that a table without ids can be taken in twice."""
    words = [str(getattr(item, name)) for name in ("kind", "title", "text", "image", "link")]
    return f"c-{sha256(chr(0).join(words).encode()).hexdigest()[:12]}"


def _translated(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_translated(each, names) for each in value]
    return names.get(value, value.casefold())


def _several(cell: str) -> list[str]:
    return [each.strip() for each in SEPARATORS.split(unguarded(cell)) if each.strip()]


_MINUS = dict.fromkeys(map(ord, "−–—－"), ord("-"))
_INTEGER = re.compile(r"([+-]?[0-9]{1,6})(?:\.0+)?")


def _integer(cell: str) -> int | str:
    """A number as it is typed, or as Excel shows it; what is none comes back as it is."""
    plain = unicodedata.normalize("NFKC", cell).translate(_MINUS).replace(" ", "")
    found = _INTEGER.fullmatch(unguarded(plain))
    return int(found[1]) if found else cell


_DATE = re.compile(
    r"([0-9]{4})(?:([/.-])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
    r"(?:\s+0{1,2}:00(?::00)?)?"
)


def _date(cell: str) -> date | str:
    """As Excel writes it, `2026/3/1` or `2026/3/1 0:00`, too."""
    found = _DATE.fullmatch(unguarded(cell))
    if not found:
        return cell
    year, month, day = found[1], found[3] or found[5], found[4] or found[6]
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return cell


_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("stages", "phases", "cities", "channels"), _several),
    **dict.fromkeys(("from_week", "to_week", "weight"), _integer),
    **dict.fromkeys(("valid_from", "valid_to"), _date),
}
