"""The library as a table that an operator fills in with Excel."""

import codecs
import csv
import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from pydantic import ValidationError

from handlers.content import sheet
from handlers.content.items import FIRST_WEEK, HEAVIEST, LAST_WEEK, SEPARATORS, Entry
from handlers.content.sheet import COLUMNS, MOST_ROWS, Reading, guarded, unguarded
from models.cohort import Stage
from models.content import ContentKind, Item, Voice
from models.phase import Phase

HEADER = ",".join(COLUMNS)


def read(table: str | bytes) -> Reading:
    return Reading(table.encode() if isinstance(table, str) else table).whole()


def items(table: str | bytes) -> list[Item]:
    reading = read(table)
    assert reading.faults == []
    return reading.items


def faults(table: str | bytes) -> list[tuple[int, str]]:
    reading = read(table)
    assert reading.items == []
    return [(each.row, each.column) for each in sorted(reading.faults)]


def entry(**more: Any) -> Item:
    return Entry.model_validate({"id": "c1", "kind": "dry", "text": "你好"} | more).as_entered()


# Written


FULL = entry(
    id="叶酸",
    title="叶酸怎么吃",
    text='第一行\n第二行，"引号"；👩‍👧',
    image="https://example.org/a.png",
    link="https://example.org/a",
    stages=["prenatal", "postnatal"],
    phases=["forming"],
    from_week=-40,
    to_week=-28,
    cities=["杭州", "宁波"],
    channels=["妇幼"],
    valid_from="2026-03-01",
    valid_to="2026-12-31",
    weight=7,
    source="国家卫健委",
    approved_by="张医生",
)
PAGE = (
    "\ufeffid,kind,voice,title,text,image,link,stages,phases,from_week,to_week,cities,channels,"
    "valid_from,valid_to,weight,source,approved_by\r\n"
    '叶酸,dry,assistant,叶酸怎么吃,"第一行\n第二行，""引号""；👩‍👧",https://example.org/a.png,'
    "https://example.org/a,prenatal;postnatal,forming,-40,-28,杭州;宁波,妇幼,"
    "2026-03-01,2026-12-31,7,国家卫健委,张医生\r\n"
)


def test_a_table_as_excel_opens_it() -> None:
    assert sheet.write([FULL]) == PAGE
    assert items(PAGE) == [FULL]


def test_without_items_there_are_the_columns() -> None:
    assert sheet.write([]) == "\ufeff" + HEADER + "\r\n"


TRICKY = ["=1+1", "+86", "-5", "@妈妈", "'=1", "''-", "001", "3-5", "＝1", "👩‍👧", "a b"]
LINE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30) | st.sampled_from(
    TRICKY
)
PIECES = [*TRICKY, '"', '","', "\n", "\r\n", ";", "\t", "\ufeff", "1/2", "\u3000"]
TEXT = st.lists(LINE | st.sampled_from(PIECES), max_size=9).map("".join)
NAME = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30).filter(
    lambda name: not SEPARATORS.search(name)
) | st.sampled_from(["=1", "@", "001", "'-"])


@st.composite
def entries(draw: st.DrawFn) -> Item:
    """Whatever the library takes in."""
    weeks = sorted(draw(st.tuples(*[st.integers(FIRST_WEEK, LAST_WEEK)] * 2)))
    days = sorted(draw(st.tuples(st.dates(), st.dates())))
    limits: dict[str, Any] = {
        **dict(zip(("from_week", "to_week"), weeks, strict=True)),
        **dict(zip(("valid_from", "valid_to"), days, strict=True)),
    }
    fields = {
        "id": draw(NAME),
        "kind": draw(st.sampled_from(ContentKind)),
        "voice": draw(st.none() | st.sampled_from(Voice)),
        "text": draw(TEXT),
        "title": draw(LINE),
        "link": draw(st.none() | st.just("https://example.org/")),
        "image": draw(st.none() | st.just("http://example.org/?a,b;c=\"'")),
        "stages": draw(st.lists(st.sampled_from(Stage))),
        "phases": draw(st.lists(st.sampled_from(Phase))),
        "cities": draw(st.lists(NAME, max_size=3)),
        "channels": draw(st.lists(NAME, max_size=3)),
        "weight": draw(st.integers(1, HEAVIEST)),
        "source": draw(LINE),
        "approved_by": draw(st.none() | LINE),
    } | {name: limits[name] for name in draw(st.sets(st.sampled_from(sorted(limits))))}
    try:
        return Entry.model_validate(fields).as_entered()
    except ValidationError:
        reject()  # e.g. a text that is blank, or a template


@given(st.lists(entries(), min_size=1, max_size=4, unique_by=lambda each: each.id))
def test_what_is_written_is_read_again_as_it_was(drawn: list[Item]) -> None:
    assert items(sheet.write(drawn)) == drawn


@given(entries())
def test_no_cell_is_a_formula(drawn: Item) -> None:
    _, row = csv.reader(io.StringIO(sheet.write([drawn]), newline=""))
    for column, cell in zip(COLUMNS, row, strict=True):
        if column not in ("from_week", "to_week"):
            assert not cell.startswith((*"=+-@＝＋－＠", "\t", "\r"))
    assert row[COLUMNS.index("from_week")] in ("", str(drawn.from_week)), "a number stays one"


@given(TEXT)
def test_a_guard_is_taken_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "text", ["=1", "+86 571", "-5", "@所有人", "＝1", "'=1", "001", "3-5", "1e5"]
)
def test_what_excel_would_take_for_something_else_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "你好", "12", "孕28周", "c-1", "'你好'", "3个", "a=1"])
def test_the_rest_is_left_alone(text: str) -> None:
    assert guarded(text) == text


# Read


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_as_excel_saves_it(encoding: str, delimiter: str, end: str) -> None:
    rows = [
        ["\ufeffKind" if encoding == "gb18030" else "Kind", "TEXT", " From_Week ", "cities"],
        ["dry", f'"孕期{delimiter}补铁"', "-12", '"杭州;宁波"'],
    ]
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    table = end.join(map(delimiter.join, rows)).encode(encoding)
    (found,) = items(marks.get(encoding, b"") + table)
    assert (found.text, found.from_week) == (f"孕期{delimiter}补铁".strip(), -12)
    assert found.cities == ("杭州", "宁波")


@pytest.mark.parametrize(("said", "delimiter"), [("sep=;", ";"), ("\ufeffSEP=,", ",")])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_its_first_line_may_say_what_stands_between_cells(
    said: str, delimiter: str, end: str
) -> None:
    rows = ["kind,text", 'dry,"孕期;,补铁"', "wrong,你好"]
    table = [said, *(row.replace(",", delimiter, 1) for row in rows)]
    (found,) = items(end.join(table[:3]))
    assert found.text == "孕期;,补铁"
    assert faults(end.join(table)) == [(3, "kind")], "Excel does not count it"


def test_in_chinese_and_in_any_order() -> None:
    table = (
        "正文,种类,口吻,阶段,群阶段,起始周,结束周,开始日期,结束日期,城市,权重,审核人,编号\n"
        "你好,湿货,班长,孕期；产后,组建、成长期,-12,−8,2026/3/1,2026年3月9日,杭州，宁波,５,张医生,a\n"
        "你好,干货,小助手,产后,成熟;沉寂,3.0,４,2026-3-1,2026/03/01 0:00,,,,b\n"
        "你好,互动,,,,,,,,,,,c\n"
    )
    first, second, third = items(table)
    assert first == entry(
        id="a",
        kind="wet",
        voice="monitor",
        stages=["prenatal", "postnatal"],
        phases=["forming", "growing"],
        from_week=-12,
        to_week=-8,
        valid_from="2026-03-01",
        valid_to="2026-03-09",
        cities=["杭州", "宁波"],
        weight=5,
        approved_by="张医生",
    )
    assert (second.voice, second.phases) == (Voice.ASSISTANT, (Phase.MATURE, Phase.FADING))
    assert (second.from_week, second.to_week) == (3, 4)
    assert second.valid_from == second.valid_to == date(2026, 3, 1)
    assert third == entry(id="c", kind="warm")


def test_an_id_is_made_of_the_words() -> None:
    table = "kind,text,weight\ndry,你好,{}\nwarm,你好,1\n"
    one, other = items(table.format(1))
    assert one.id != other.id
    again, _ = items(table.format(9))
    assert (again.id, again.weight) == (one.id, 9)
    (with_breaks,) = items('kind,text\ndry,"一\r\n二"\n')
    (as_others,) = items('text,kind\n"一\n二",干货\n')
    assert with_breaks == as_others


def test_blank_rows_and_columns_are_nothing() -> None:
    table = "\n kind ,text,,\n\n,,,\ndry,你好,, \n"
    assert len(items(table)) == 1


def test_all_that_is_wrong_is_told_at_once_by_row_and_column() -> None:
    table = (
        "id,kind,text,from_week,to_week,image,link,valid_from,weight,phases\n"
        "a,dry,你好,1,2,,,,,\n"
        'b,funny,"一\n二",x,2,a.png,,2026-13-01,1.5,组建;死亡\n'
        "\n"
        "a,dry,,3,2,,,,,\n"
        "c,dry,{{ nobody }},157,,,,3/1/2026,101,\n"
        "d,,你好,,,,,,,,,more\n"
        "a,dry,再见,,,,,,,\n"
    )
    assert faults(table) == [
        *((3, each) for each in ("from_week", "image", "kind", "phases", "valid_from", "weight")),
        *((5, each) for each in ("text", "to_week")),
        *((6, each) for each in ("from_week", "text", "valid_from", "weight")),
        (7, ""),
        (8, "id"),
    ]


def test_faults_are_told_in_the_words_of_the_table() -> None:
    reading = read("种类,正文,起始周\n干活,你好,孕28周\n湿货,,\n")
    assert [str(each) for each in reading.faults] == [
        "第2行 种类：「干活」不行，要写 干货、湿货 或 互动",
        "第2行 起始周：「孕28周」不行，"
        "要写 -42 到 156 的整数：出生那周是 0，孕28周是 -12，宝宝4周是 4",
        "第3行 正文：正文不能空着",
    ]


def test_which_columns_there_are_is_told_once() -> None:
    first, *others = map(str, read("kind,text,red,green,blue\ndry,你好\n").faults)
    assert first.startswith("第1行 red：没有这一列；可以有的列：id（编号）")
    assert others == ["第1行 green：没有这一列", "第1行 blue：没有这一列"]


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("", [(0, "")]),
        ("\ufeff\r\n", [(0, "")]),
        (HEADER, [(0, "")]),
        ("kind\ndry\n", [(1, "text")]),
        ("kind,text,colour\ndry,你好,red\n", [(1, "colour")]),
        ("kind,text,正文\ndry,你好,你好\n", [(1, "正文")]),
        ("kind,text\ndry,你好\nwet,你好\ndry,你好\n", [(4, "id")]),
        ("kind,,text\ndry,red,你好\n", [(2, "")]),
        ('kind,text\ndry,"你好\nwet,再见\n', [(2, "")]),
        ('kind,text\ndry,"你"好\n', [(2, "")]),
        (b"kind,text\ndry," + "你好".encode() * 9 + b"\xe4\xbd\n", [(2, "")]),
        (b'kind,text\ndry,"a\n\nb"\ndry,' + "你好".encode() * 9 + b"\xff\n", [(3, "")]),
        (b"\xef\xbb\xbfkind;text\ndry;" + "你好".encode() * 9 + b"\xff\n", [(2, "")]),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xff", [(0, "")]),
        ("kind,text\n" + "dry,你好\n" * (MOST_ROWS + 1), [(0, "")]),
    ],
)
def test_tables_that_are_none(table: str | bytes, found: list[tuple[int, str]]) -> None:
    assert faults(table) == found


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_handed_in_is_read_or_refused(data: bytes) -> None:
    reading = Reading(data).whole()
    assert bool(reading.faults) != bool(reading.items)


@given(st.lists(st.sampled_from([*"kindtexdry,;\"\n\t'=", "kind,text\n", "dry,", "你好"])))
def test_whatever_looks_like_a_table_is_read_or_refused(pieces: list[str]) -> None:
    reading = Reading(("kind,text\n" + "".join(pieces)).encode()).whole()
    assert bool(reading.faults) != bool(reading.items)


def test_rows_are_checked_some_at_a_time() -> None:
    reading = Reading("kind,text\ndry,一\ndry,二\ndry,三\n".encode())
    steps = []
    while reading.step(2):
        steps.append(reading.checked)
    assert (steps, reading.of, len(reading.items)) == ([2, 3], 3, 3)
