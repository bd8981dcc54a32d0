"""From the bytes that Excel saved to rows of cells. Pure."""

import csv
import io
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """`row` is Excel's number, `column` the name that stands above it in the table."""

    row: int
    column: str
    says: str

    def __str__(self) -> str:
        return f"第{self.row}行 {self.column}：{self.says}" if self.column else self._of_row

    @property
    def _of_row(self) -> str:
        return f"第{self.row}行：{self.says}" if self.row else self.says


class Unreadable(Exception):
    """The table as a whole."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def decoded(data: bytes) -> str:
    """As Excel saves: UTF-8, with its mark or without, in China GB18030, or as "Unicode text".
    Raises Unreadable."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
    if not _is_mostly_utf8(data):
        return _as(data, "gb18030")
    says = "有一个字不是 UTF-8 编码，文件可能不完整，请重新导出"
    raise Unreadable(Fault(_row_that_ends(before), "", says))


def _as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        says = "认不出文件的编码，请在 Excel 里另存为「CSV UTF-8（逗号分隔）」"
        raise Unreadable(Fault(0, "", says)) from None


def _is_mostly_utf8(data: bytes) -> bool:
    """Text in another encoding is no UTF-8 nearly everywhere; a damaged file, in a few places."""
    text = data.decode("utf-8", "replace")
    foreign = sum(not each.isascii() for each in text)
    return text.count("\N{REPLACEMENT CHARACTER}") * 4 < foreign


def _row_that_ends(text: str) -> int:
    """The number of the row in which the text breaks off. Line breaks in cells begin no row."""
    table, delimiter = _delimited(f"{text}?")
    try:
        return sum(1 for _ in csv.reader(io.StringIO(table, newline=""), delimiter=delimiter))
    except csv.Error:
        return 0


_DELIMITED = re.compile(r'"?sep=([,;\t])"?(?:\r\n|\r|\n|$)', re.IGNORECASE)


def _delimited(text: str) -> tuple[str, str]:
    """The table, and what stands between its cells: as its first line says, which Excel writes
    for itself and does not count, or as the names of the columns have it."""
    if said := _DELIMITED.match(text):
        return text[said.end() :], said[1]
    first = next((each for each in text.splitlines() if each.strip()), "")
    return text, max(",;\t", key=first.count)


def rows_of(text: str) -> list[tuple[int, list[str]]]:
    """Those that are not blank, by the number that Excel gives them; raises Unreadable."""
    table, delimiter = _delimited(text)
    rows: list[tuple[int, list[str]]] = []
    lines = csv.reader(io.StringIO(table, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(lines, 1):
            rows.append((number, cells))
    except csv.Error:
        says = "这一行的引号不成对，或者单元格太长"
        raise Unreadable(Fault(len(rows) + 1, "", says)) from None
    filled = [(number, cells) for number, cells in rows if any(map(str.strip, cells))]
    if not filled:
        raise Unreadable(Fault(0, "", "文件是空的"))
    return filled
