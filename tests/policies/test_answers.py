"""The form: what is taken, what is said to who made a slip, and which window a day lies in."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.daily import ZONE
from config.rules import EntryRules, Rules
from handlers.entry import consent
from handlers.entry.answers import Faults, Field, check, days, window_of
from models.cohort import BirthWindow
from models.entry import Answers, Baby, EntryCode
from models.ids import Code

TODAY = date(2026, 3, 2)
CITIES = ("杭州", "宁波", "长沙县", "沙市")
RULES = Rules()


def code(city: str | None = None) -> EntryCode:
    made = datetime(2026, 1, 1, tzinfo=ZONE)
    return EntryCode(
        code=Code("k7m2pq9xwd"), channel="妇幼", city=city, created_at=made, created_by="运营小王"
    )


def form(**changed: str) -> dict[str, str]:
    whole = {"baby": "due", "day": "2026-04-10", "city": "杭州", "name": "小雨", "consent": "yes"}
    return whole | changed


def sent(
    given: Mapping[str, str], *, city: str | None = None, rules: Rules = RULES
) -> Answers | Faults:
    return check(given, code(city), CITIES, TODAY, rules)


def taken(given: Mapping[str, str], **more: str | None) -> Answers:
    found = sent(given, city=more.get("city"))
    assert isinstance(found, Answers), found
    return found


def faults(given: Mapping[str, str], rules: Rules = RULES) -> dict[str, str]:
    found = sent(given, rules=rules)
    assert isinstance(found, Faults), found
    return {field.value: text for field, text in found.texts.items()}


def test_what_is_right_is_taken_with_the_text_she_agreed_to() -> None:
    assert taken(form()) == Answers(
        baby=Baby.DUE,
        day=date(2026, 4, 10),
        city="杭州",
        name="小雨",
        consent=consent.VERSION,
    )


def test_an_empty_form_is_answered_field_by_field() -> None:
    assert set(faults({})) == set(Field)
    assert set(faults(dict.fromkeys(Field, "  "))) == set(Field)


@pytest.mark.parametrize("field", list(Field))
def test_one_slip_is_one_word_about_it(field: str) -> None:
    found = faults(form() | {field: "???"})
    assert list(found) == [field]
    assert found[field]


def test_every_slip_is_told_at_once() -> None:
    assert set(faults(form(day="2026-02-30", name="。", consent="no"))) == {
        "day",
        "name",
        "consent",
    }


# The day


@pytest.mark.parametrize(
    "day",
    [
        "2026-04-03",
        "2026-4-3",
        "2026/4/3",
        "2026.4.3",
        "2026年4月3日",
        "2026年04月03号",
        "2026 年 4 月 3 日",
        "20260403",
        "２０２６-０４-０３",
        "２０２６年４月３日",
        "2026／4／3",
        "  2026-04-03  ",
    ],
)
def test_a_day_is_read_as_people_write_it(day: str) -> None:
    assert taken(form(day=day)).day == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("", "预产期"),
        ("下个月", "2026-03-02"),
        ("2026-04", "2026-03-02"),
        ("4月3日", "2026-03-02"),
        ("2026-04-03T00:00", "2026-03-02"),
        ("2026-02-30", "2 月没有 30 日"),
        ("2027-02-29", "2 月没有 29 日"),
        ("2026-04-31", "4 月没有 31 日"),
        ("2026-13-01", "13 月"),
        ("2026-00-10", "0 月"),
        ("2026-04-00", "没有 0 日"),
        ("26-4-3", "四位"),
        ("206-04-03", "四位"),
        ("20266-04-03", "四位"),
        ("0206-04-03", "206 年"),
        ("2206-04-03", "2206 年"),
        ("1026-04-03", "1026 年"),
        ("2028-04-03", "2028 年"),
        ("2025-04-03", "已出生"),
        ("9" * 5000, "2026-03-02"),
        ("9" * 150 + "-1-1", "四位"),
    ],
)
def test_a_day_that_is_wrong_is_told_with_what_is_wrong(day: str, said: str) -> None:
    found = faults(form(day=day))
    assert list(found) == ["day"]
    assert said in found["day"]


@pytest.mark.parametrize(
    ("baby", "day", "is_taken"),
    [
        ("due", TODAY - timedelta(days=21), True),
        ("due", TODAY - timedelta(days=22), False),
        ("due", TODAY, True),
        ("due", TODAY + timedelta(days=300), True),
        ("due", TODAY + timedelta(days=301), False),
        ("born", TODAY, True),
        ("born", TODAY + timedelta(days=1), False),
        ("born", TODAY - timedelta(days=1096), True),
        ("born", TODAY - timedelta(days=1097), False),
    ],
)
def test_the_edges_of_what_may_be(baby: str, day: date, is_taken: bool) -> None:
    found = sent(form(baby=baby, day=day.isoformat()))
    assert isinstance(found, Answers) == is_taken


@pytest.mark.parametrize(
    ("day", "said"),
    [("2026-03-03", "预产期"), ("2022-01-01", "3 岁"), ("1995-06-01", "不是你自己的")],
)
def test_a_birthday_that_can_not_be(day: str, said: str) -> None:
    assert said in faults(form(baby="born", day=day))["day"]


@pytest.mark.parametrize(("oldest", "said"), [(0, "满月"), (100, "3 个月"), (800, "2 岁")])
def test_how_old_is_too_old_is_told_as_the_rule_says(oldest: int, said: str) -> None:
    rules = Rules(entry=EntryRules(oldest=timedelta(days=oldest)))
    before = TODAY - timedelta(days=oldest + 1)
    assert said in faults(form(baby="born", day=before.isoformat()), rules)["day"]


def test_a_day_that_can_not_be_is_told_also_where_nobody_knows_what_day_it_is() -> None:
    assert "没有 30 日" in faults(form(baby="", day="2026-02-30"))["day"]


# The city


@pytest.mark.parametrize(
    ("given", "city"),
    [("杭州", "杭州"), (" 杭州 ", "杭州"), ("杭州市", "杭州"), ("沙", "沙市"), ("沙市", "沙市")],
)
def test_a_city_is_one_of_those_served(given: str, city: str) -> None:
    assert taken(form(city=given)).city == city


@pytest.mark.parametrize("given", ["", "市", "火星", "杭州宁波", "杭州'; DROP TABLE visitor"])
def test_another_is_not(given: str) -> None:
    assert list(faults(form(city=given))) == ["city"]


def test_a_code_that_has_a_city_asks_for_none() -> None:
    given = form()
    del given["city"]
    assert taken(given, city="嘉兴").city == "嘉兴"
    assert taken(form(city="宁波"), city="嘉兴").city == "嘉兴"


# The name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("小雨", "小雨"),
        ("  小  雨　妈 ", "小 雨 妈"),
        ("豆豆妈🌸", "豆豆妈🌸"),
        ("👩‍👧", "👩‍👧"),
        ("🌸", "🌸"),
        ("O'Brien", "O'Brien"),
        ("小\u200b雨\u202e", "小雨"),
        ("\u3164小雨\u2800", "小雨"),
        ("<b>小雨</b>", "<b>小雨</b>"),
        ("雨" * 20, "雨" * 20),
        ("7", "7"),
        ("👨‍👩‍👧‍👦" * 3, "👨‍👩‍👧‍👦" * 3),
        ("👩🏽‍🍼" * 20, "👩🏽‍🍼" * 20),
        ("བོད་སྐད་ཡིག" * 2, "བོད་སྐད་ཡིག" * 2),
    ],
)
def test_a_name_is_what_she_is_called(given: str, name: str) -> None:
    assert taken(form(name=given)).name == name


@pytest.mark.parametrize(
    "given",
    [
        "",
        " ",
        "\u3164",
        "\u200b\u200d",
        "。",
        "---",
        "……？！",
        "雨" * 21,
        "雨" * 100_000,
        "👩🏽‍🍼" * 21,
        "é" * 101,
        "小\n雨",
        "小\r雨",
        "小\t雨",
        "小\x00雨",
        "小\x1b[31m雨",
        "小\ud800雨",
        "小\u2028雨",
        "小\ue000雨",
    ],
)
def test_a_name_that_says_nothing_or_can_not_be_shown(given: str) -> None:
    found = faults(form(name=given))
    assert list(found) == ["name"]
    assert given not in found["name"] or not given


@given(st.dictionaries(st.sampled_from([*Field, "other"]), st.text(max_size=60)))
def test_whatever_is_sent_is_answered(given: dict[str, str]) -> None:
    found = sent(given)
    if isinstance(found, Faults):
        assert found.texts
        assert set(found.texts) <= set(Field)
        assert all(found.texts.values())
    else:
        assert found.city in CITIES
        assert 1 <= len(found.name) <= 100
        assert found.name.encode().decode() == found.name


@given(st.text(max_size=30))
def test_a_name_that_is_taken_is_taken_again_and_stays_the_same(name: str) -> None:
    found = sent(form(name=name))
    if isinstance(found, Answers):
        assert taken(form(name=found.name)).name == found.name
        assert "\n" not in found.name
        assert found.name == found.name.strip()


@given(st.dates(date(2026, 3, 2) - timedelta(days=1200), date(2026, 3, 2) + timedelta(days=400)))
def test_a_day_that_may_be_chosen_lies_between_the_first_and_the_last(day: date) -> None:
    first, last = days(TODAY, RULES)
    either = [sent(form(baby=baby, day=day.isoformat())) for baby in Baby]
    assert (first <= day <= last) == any(isinstance(each, Answers) for each in either)


# The window


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(1, 12))
def test_windows_tile_the_calendar(day: date, first_month: int) -> None:
    window = window_of(day, first_month)
    assert window.tiles(first_month)
    assert window.first_day <= day <= window.last_day
    around = [window_of(window.first_day - timedelta(days=1), first_month)]
    around.append(window_of(window.last_day + timedelta(days=1), first_month))
    assert around[0].last_day + timedelta(days=1) == window.first_day
    assert window.last_day + timedelta(days=1) == around[1].first_day


@pytest.mark.parametrize(
    ("day", "window"),
    [
        ("2026-03-01", BirthWindow(2026, 3)),
        ("2026-05-31", BirthWindow(2026, 3)),
        ("2026-02-28", BirthWindow(2025, 12)),
        ("2025-12-01", BirthWindow(2025, 12)),
        ("2028-02-29", BirthWindow(2027, 12)),
    ],
)
def test_a_window_may_cross_the_year(day: str, window: BirthWindow) -> None:
    assert window_of(date.fromisoformat(day), 3) == window


# The consent


def test_the_text_promises_no_less_than_the_rule_may_keep() -> None:
    longest = EntryRules.model_json_schema()["properties"]["answers_kept"]["maximum"]
    assert timedelta(seconds=longest) <= timedelta(days=consent.KEPT_DAYS)
    assert f"{consent.KEPT_DAYS} 天" in consent.TEXT
