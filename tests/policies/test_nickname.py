"""The nickname judge: tables of what people write, and what must hold for anything they write."""

from datetime import date, timedelta
from itertools import permutations
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.nickname.judge import Judgement, Verdict, example, judge
from models.cohort import BirthWindow, shift_months
from models.places import CITIES, PROVINCES

FITS, MISSING, CONTRADICTS = Verdict.FITS, Verdict.MISSING, Verdict.CONTRADICTS

SPRING = BirthWindow(2026, 3)
EXPECTING = date(2026, 1, 20)  # 27 weeks, if due in the middle of the window
NURSING = date(2026, 7, 20)  # three months old
WALKING = date(2027, 6, 20)  # fourteen months old


def judged(nickname: str, on: date = EXPECTING, city: str | None = "杭州") -> Judgement:
    return judge(nickname, city=city, window=SPRING, on=on)


@pytest.mark.parametrize(
    "nickname",
    [
        "杭州-孕28周-小雨",
        "杭州–孕28周–小雨",
        "杭州—孕28周—小雨",
        "杭州——孕28周——小雨",
        "杭州·孕28周·小雨",
        "杭州.孕28周.小雨",
        "杭州+孕28周+小雨",
        "杭州_孕28周_小雨",
        "杭州|孕28周|小雨",
        "杭州/孕28周/小雨",
        "杭州：孕28周：小雨",
        "杭州，孕28周，小雨",
        "杭州、孕28周、小雨",
        "杭州~孕28周~小雨",
        "杭州 孕28周 小雨",
        "杭州　孕28周　小雨",
        "杭州－孕２８周－小雨",
        " 杭州 - 孕 28 周 - 小雨 ",
        "【杭州】孕28周(小雨)",
        "杭州孕28周小雨",
        "杭州小雨孕28周",
        "小雨杭州孕28周",
        "孕28周小雨杭州",
        "杭\u200b州-孕2\u200d8周-\u202e小雨\u202c",
        "杭州市-孕28周-小雨",
        "浙江杭州-孕28周-小雨",
        "浙江省杭州市西湖区孕28周小雨",
        "浙江-杭州-孕28周-小雨",
    ],
)
def test_separators_and_the_spelling_of_the_city(nickname: str) -> None:
    assert judged(nickname) == Judgement(FITS, FITS, FITS, "小雨")


@pytest.mark.parametrize(
    ("age", "on"),
    [
        ("孕28周", EXPECTING),
        ("孕28周+3", EXPECTING),
        ("孕28周3天", EXPECTING),
        ("孕28+3", EXPECTING),
        ("28+3", EXPECTING),
        ("28+3周", EXPECTING),
        ("怀孕28周", EXPECTING),
        ("孕28", EXPECTING),
        ("28周", EXPECTING),
        ("28w", EXPECTING),
        ("28W+3D", EXPECTING),
        ("孕28周多", EXPECTING),
        ("孕二十八周", EXPECTING),
        ("孕7个月", EXPECTING),
        ("孕七个月", EXPECTING),
        ("孕7月", EXPECTING),
        ("7个月", EXPECTING),
        ("孕晚期", EXPECTING),
        ("孕中期", EXPECTING),
        ("预产期4月", EXPECTING),
        ("预产期四月", EXPECTING),
        ("预产期:4月", EXPECTING),
        ("预产期4月12日", EXPECTING),
        ("预产期4月12号", EXPECTING),
        ("预产期4月底", EXPECTING),
        ("预产期4.12", EXPECTING),
        ("预产期0412", EXPECTING),
        ("预产期20260412", EXPECTING),
        ("预产期2026-04-12", EXPECTING),
        ("预产期2026年4月", EXPECTING),
        ("预产期26年4月12日", EXPECTING),
        ("4月预产", EXPECTING),
        ("4月12日预产期", EXPECTING),
        ("2026年4月", EXPECTING),
        ("4月", EXPECTING),
        ("3月龄", NURSING),
        ("三月龄", NURSING),
        ("3个月", NURSING),
        ("三个月", NURSING),
        ("3个半月", NURSING),
        ("3个月大", NURSING),
        ("3个月10天", NURSING),
        ("3M", NURSING),
        ("百天", NURSING),
        ("96天", NURSING),
        ("产后96天", NURSING),
        ("14周", NURSING),
        ("十四周", NURSING),
        ("预产期4月", date(2026, 5, 20)),
        ("2026年4月出生", NURSING),
        ("4月12日出生", NURSING),
        ("满月", date(2026, 5, 20)),
        ("刚出生", date(2026, 4, 20)),
        ("1岁2个月", WALKING),
        ("一岁两个月", WALKING),
        ("1岁2月", WALKING),
        ("1y2m", WALKING),
        ("14个月", WALKING),
        ("1岁", WALKING),
        ("一周岁", WALKING),
        ("1岁半", date(2027, 10, 20)),
        ("1.5岁", date(2027, 10, 20)),
        ("两岁", date(2028, 6, 20)),
        ("2岁半", date(2028, 11, 20)),
    ],
)
@pytest.mark.parametrize("form", ["杭州-{}-小雨", "杭州{}小雨", "小雨 {} 杭州"])
def test_ages_that_fit(form: str, age: str, on: date) -> None:
    assert judged(form.format(age), on) == Judgement(FITS, FITS, FITS, "小雨")


@pytest.mark.parametrize(
    ("age", "on"),
    [
        ("孕8周", EXPECTING),
        ("孕早期", EXPECTING),
        ("孕2个月", EXPECTING),
        ("预产期8月", EXPECTING),
        ("预产期2027年4月", EXPECTING),
        ("3月龄", EXPECTING),
        ("1岁", EXPECTING),
        ("40天", EXPECTING),
        ("28岁", EXPECTING),
        ("孕60周", EXPECTING),
        ("预产期13月", EXPECTING),
        ("孕28周", NURSING),
        ("8月龄", NURSING),
        ("9个月大", NURSING),
        ("满月", WALKING),
        ("两岁半", WALKING),
    ],
)
def test_ages_that_contradict(age: str, on: date) -> None:
    assert judged(f"杭州-{age}-小雨", on) == Judgement(FITS, CONTRADICTS, FITS, "小雨")


@pytest.mark.parametrize(
    ("born", "verdict"),
    [
        (date(2026, 1, 31), CONTRADICTS),
        (date(2026, 2, 1), FITS),
        (date(2026, 6, 30), FITS),
        (date(2026, 7, 1), CONTRADICTS),
    ],
)
def test_a_month_off_the_window_is_allowed(born: date, verdict: Verdict) -> None:
    on = born + timedelta(days=300)
    assert judged("杭州-300天-小雨", on).age is verdict


def test_the_tolerance_is_the_groups() -> None:
    on = date(2026, 7, 20)
    assert judge("杭州-40天-雨", city="杭州", window=SPRING, on=on).age is FITS
    strict = judge("杭州-40天-雨", city="杭州", window=SPRING, on=on, tolerance_months=0)
    assert strict.age is CONTRADICTS


@pytest.mark.parametrize("on", [date(2026, 3, 20), date(2026, 12, 20)])
def test_bare_months_are_pregnancy_or_baby(on: date) -> None:
    assert judged("杭州-8个月-小雨", on).fits


def test_bare_weeks_are_pregnancy_or_baby() -> None:
    assert judged("杭州-6周-小雨", date(2025, 8, 20)).fits
    assert judged("杭州-6周-小雨", date(2026, 6, 1)).fits
    assert not judged("杭州-孕6周-小雨", date(2026, 6, 1)).fits


@pytest.mark.parametrize("age", ["2026年4月生", "4月12日生"])
def test_a_birthday_ends_its_part(age: str) -> None:
    assert judged(f"杭州-{age}-小雨", NURSING) == Judgement(FITS, FITS, FITS, "小雨")


def test_one_of_two_ages_is_enough() -> None:
    assert judged("杭州-大宝2岁半-孕28周-小雨").age is FITS
    assert judged("杭州-大宝2岁半-孕8周-小雨").age is CONTRADICTS


@pytest.mark.parametrize(
    ("nickname", "expected"),
    [
        ("", Judgement(MISSING, MISSING, MISSING, "")),
        ("---", Judgement(MISSING, MISSING, MISSING, "")),
        ("小雨", Judgement(MISSING, MISSING, FITS, "小雨")),
        ("杭州", Judgement(FITS, MISSING, MISSING, "")),
        ("孕28周", Judgement(MISSING, FITS, MISSING, "")),
        ("杭州-孕28周", Judgement(FITS, FITS, MISSING, "")),
        ("杭州-孕28周-...", Judgement(FITS, FITS, MISSING, "")),
        ("杭州-孕28周-！？", Judgement(FITS, FITS, MISSING, "")),
        ("杭州-孕28周-\u3164", Judgement(FITS, FITS, MISSING, "")),
        ("杭州-孕28周-\u200d\u200b", Judgement(FITS, FITS, MISSING, "")),
        ("杭州西湖区-孕28周", Judgement(FITS, FITS, MISSING, "")),
        ("杭州-小雨", Judgement(FITS, MISSING, FITS, "小雨")),
        ("孕28周-小雨", Judgement(MISSING, FITS, FITS, "小雨")),
        ("上海-孕28周-小雨", Judgement(CONTRADICTS, FITS, FITS, "小雨")),
        ("上海市-孕28周-小雨", Judgement(CONTRADICTS, FITS, FITS, "小雨")),
        ("江苏南京-孕28周-小雨", Judgement(CONTRADICTS, FITS, FITS, "小雨")),
        ("上海孕28周小雨", Judgement(CONTRADICTS, FITS, FITS, "小雨")),
        ("上海小雨-孕28周", Judgement(MISSING, FITS, FITS, "上海小雨")),
        ("杭州-孕28周-安康", Judgement(FITS, FITS, FITS, "安康")),
        ("安康-孕28周-杭州", Judgement(FITS, FITS, FITS, "安康")),
        ("上海-孕28周-安康", Judgement(CONTRADICTS, FITS, FITS, "安康")),
        ("上海-安康-孕28周", Judgement(CONTRADICTS, FITS, FITS, "安康")),
        ("吉林长春-孕28周-小雨", Judgement(CONTRADICTS, FITS, FITS, "小雨")),
        ("浙江-孕28周-小雨", Judgement(MISSING, FITS, FITS, "浙江 小雨")),
    ],
)
def test_what_is_missing_and_what_contradicts(nickname: str, expected: Judgement) -> None:
    assert judged(nickname) == expected
    assert expected.fits is (expected.city == expected.age == expected.name == FITS)


@pytest.mark.parametrize(
    "name",
    [
        "宝妈",
        "二宝",
        "A",
        "7",
        "🌸",
        "👨\u200d👩\u200d👧",
        "❤️雨",
        "O'Neil",
        "M",
        "小雨(二宝妈)",
        "五月",
        "满月",
        "百天妈妈",
        "5月",
        "مريم",
        "שרה",
        "dave.*+?",
        "$^[a-z]{9}",
        "周周",
        "上海",
    ],
)
def test_names(name: str) -> None:
    assert judged(f"杭州-孕28周-{name}").fits
    assert judged(f"{name}-孕28周-杭州").fits
    assert judged(f"杭州 孕28周+3 {name}").fits


def test_a_name_keeps_its_own_punctuation() -> None:
    assert judged("杭州-孕28周-O'Neil").called == "O'Neil"
    assert judged("杭州-孕28周-小雨-二宝妈").called == "小雨-二宝妈"
    assert judged("小雨-杭州-孕28周-二宝妈").called == "小雨 二宝妈"


def test_a_name_holds_nothing_that_cannot_be_stored() -> None:
    assert judged("杭州-孕28周-小\ud800雨\x00").called == "小雨"


def test_the_own_city_is_taken_once() -> None:
    assert judged("安康-孕28周-安康", city="安康").called == "安康"
    assert judged("安康妹-孕28周-安康", city="安康").called == "安康妹"


@pytest.mark.parametrize("city", ["昆山", "周口", "六安", "Hangzhou", "杭州市", "a.b*"])
def test_any_city_can_be_the_groups_own(city: str) -> None:
    assert judged(f"{city}-孕28周-小雨", city=city) == Judgement(FITS, FITS, FITS, "小雨")
    assert judged(f"小雨 28 {city}", city=city).city is FITS


@pytest.mark.parametrize(
    ("nickname", "expected"),
    [
        ("上海-孕28周-小雨", Judgement(FITS, FITS, FITS, "小雨")),
        ("上海小雨孕28周", Judgement(FITS, FITS, FITS, "小雨")),
        ("昆山-孕28周-小雨", Judgement(FITS, FITS, FITS, "小雨")),
        ("昆山孕28周小雨", Judgement(FITS, FITS, FITS, "小雨")),
        ("孕28周-小雨", Judgement(MISSING, FITS, FITS, "小雨")),
        ("孕28周-安康", Judgement(FITS, FITS, MISSING, "")),
    ],
)
@pytest.mark.parametrize("city", [None, "", " "])
def test_a_group_whose_city_is_unknown(
    nickname: str, expected: Judgement, city: str | None
) -> None:
    assert judged(nickname, city=city) == expected


def test_a_group_whose_window_is_unknown_still_asks_for_an_age() -> None:
    assert judge("杭州-9岁-小雨", city="杭州", window=None, on=EXPECTING).fits
    assert judge("杭州-小雨", city="杭州", window=None, on=EXPECTING).age is MISSING


def test_the_cities_are_those_of_the_country() -> None:
    assert len(CITIES) == 349
    assert len(PROVINCES) == 34
    assert all(2 <= len(city) <= 5 and city.isalpha() for city in CITIES)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 5, 1), "杭州-预产期2026年4月-小雨"),
        (date(2025, 7, 20), "杭州-孕4周-小雨"),
        (EXPECTING, "杭州-孕27周-小雨"),
        (date(2026, 4, 14), "杭州-孕39周-小雨"),
        (date(2026, 4, 15), "杭州-1月龄-小雨"),
        (NURSING, "杭州-3月龄-小雨"),
        (date(2027, 4, 20), "杭州-1岁-小雨"),
        (WALKING, "杭州-1岁2个月-小雨"),
    ],
)
def test_example(on: date, expected: str) -> None:
    assert example("杭州", SPRING, on) == expected


def test_example_of_a_group_of_which_nothing_is_known() -> None:
    assert example(None, None, EXPECTING) == "城市-孕28周-小雨"


WINDOWS = st.builds(BirthWindow, st.integers(2000, 2100), st.integers(1, 12))
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
ANY_TEXT = st.text(st.characters(), max_size=80)  # lone surrogates too
NAMES = st.text("小雨豆糖果朵妈安琪Lily🌸", min_size=1, max_size=6).filter(lambda n: n != "安")
CITY_NAMES = st.sampled_from(sorted(CITIES))
SEPARATORS = st.sampled_from(["-", "–", "—", "·", ".", "_", "|", "/", ":", "，", "~", " ", "　"])
AGES = st.sampled_from(
    [
        "孕28周",
        "孕28周+3",
        "28w",
        "孕晚期",
        "预产期5月",
        "预产期2026年5月",
        "孕8周",
        "3个月",
        "1岁半",
    ]
)


@given(ANY_TEXT, st.text(max_size=8) | st.none(), WINDOWS | st.none(), DAYS)
def test_any_text_is_judged(
    nickname: str, city: str | None, window: BirthWindow | None, on: date
) -> None:
    verdict = judge(nickname, city=city, window=window, on=on)
    assert bool(verdict.called) is (verdict.name is FITS)
    verdict.called.encode()  # no lone surrogates: it can be stored


@given(
    st.lists(
        st.sampled_from(
            [
                *"孕怀周月岁天年日期预产半个零一两十百0123456789٣.+- :~",
                *"杭州浙江省市区县wmyd\u200d\ud800",
            ]
        )
    )
)
def test_any_mixture_of_what_ages_are_made_of_is_judged(chars: list[str]) -> None:
    for city in ("杭州", None):
        judge("".join(chars), city=city, window=SPRING, on=EXPECTING)


@pytest.mark.parametrize(
    "piece",
    [
        "一",
        "1 ",
        "28周",
        "预产期 ",
        "浙江 ",
        "杭州",
        "\u0315\u0300",
        "\ufdfa",
        "\ud800",
        "(a+)+",
        "-",
    ],
)
def test_long_text_costs_no_more_than_short(piece: str) -> None:
    long = piece * (100_000 // len(piece))
    started = perf_counter()
    for city in ("杭州", None):
        whole = judge(long, city=city, window=SPRING, on=EXPECTING)
        assert whole == judge(long[:200], city=city, window=SPRING, on=EXPECTING)
    assert perf_counter() - started < 1


@given(CITY_NAMES, AGES, NAMES, st.data())
def test_separators_and_order_change_nothing(
    city: str, age: str, name: str, data: st.DataObject
) -> None:
    plain = judge(f"{city}-{age}-{name}", city="杭州", window=SPRING, on=EXPECTING)
    for order in permutations([city, age, name]):
        separator = data.draw(SEPARATORS)
        nickname = separator.join(order)
        assert judge(nickname, city="杭州", window=SPRING, on=EXPECTING) == plain, nickname


@pytest.mark.parametrize("city", ["天水", "天津", "天门"])
def test_a_city_that_begins_like_a_day_is_none(city: str) -> None:
    nickname = f"孕28周+3 {city} 小雨"
    read = judge(nickname, city=city, window=SPRING, on=EXPECTING)
    assert (read.city, read.called) == (FITS, "小雨")


@given(st.none() | CITY_NAMES, st.none() | WINDOWS, DAYS, NAMES)
def test_an_example_always_fits(
    city: str | None, window: BirthWindow | None, on: date, name: str
) -> None:
    shown = example(city, window, on, name)
    assert judge(shown, city=city, window=window, on=on).fits, shown


@given(WINDOWS, DAYS, st.integers(30, 400), st.booleans())
def test_a_window_far_away_contradicts(
    window: BirthWindow, on: date, months: int, later: bool
) -> None:
    moved = shift_months(window.first_day, months if later else -months)
    elsewhere = BirthWindow(moved.year, moved.month)
    shown = example("杭州", window, on)
    verdict = judge(shown, city="杭州", window=elsewhere, on=on)
    assert verdict == Judgement(FITS, CONTRADICTS, FITS, "小雨"), shown


@given(CITY_NAMES, CITY_NAMES)
def test_another_city_contradicts(own: str, other: str) -> None:
    verdict = judge(f"{other}-孕28周-小雨", city=own, window=SPRING, on=EXPECTING).city
    assert verdict is (FITS if own in other else CONTRADICTS)
