"""Who joined is who filled in the form: by her name, and only where it tells her from others."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.daily import ZONE
from config.rules import Rules
from handlers.entry.answers import Faults, check, window_of
from handlers.entry.matching import suggested_nickname, tells_apart, who
from handlers.nickname.judge import judge
from handlers.nickname.suggest import age_told
from models.cohort import BirthWindow
from models.entry import Baby, EntryCode, Visitor
from models.groups import Group, Member
from models.ids import AccountId, Code, GroupId, PersonId, VisitorId
from models.people import ANYBODY

TODAY = date(2026, 3, 2)
RULES = Rules()
SPRING = BirthWindow(2026, 3)


def in_group(city: str = "杭州", window: BirthWindow = SPRING) -> Group:
    return Group(
        id=GroupId("g1"),
        account=AccountId("a"),
        name=f"{city}·{window.label}·妇幼·01",
        city=city,
        channel="妇幼",
        birth_window=str(window),
    )


def awaited(
    name: str, day: date = date(2026, 4, 10), *, baby: Baby = Baby.DUE, called: str | None = None
) -> Visitor:
    return Visitor(
        id=VisitorId(called or name),
        code=Code("k7m2pq9xwd"),
        scanned_at=datetime(2026, 3, 1, tzinfo=ZONE),
        answered_at=datetime(2026, 3, 1, tzinfo=ZONE),
        baby=baby,
        day=day,
        name=name,
    )


def joins(name: str, nickname: str = "") -> Member:
    return Member(group=GroupId("g1"), person=PersonId("p"), name=name, nickname=nickname)


def found(member: Member, *visitors: Visitor, on: date = TODAY) -> str | None:
    hers = who(member, in_group(), visitors, on, RULES)
    return hers.id if hers else None


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("小雨", joins("小雨")),
        ("小雨", joins("小雨🌸")),
        ("小雨🌸", joins("小雨")),
        ("小雨", joins("小 雨")),
        ("小雨", joins("「小雨」")),
        ("Amy", joins("ａｍｙ")),
        ("amy", joins("AMY!")),
        ("小雨", joins("wxid 123", "小雨")),
        ("小雨", joins("wxid 123", "杭州-孕34周-小雨")),
        ("小雨", joins("wxid 123", "杭州 孕34周 小雨")),
        ("小雨", joins("wxid 123", "小雨杭州孕34周")),
        ("小雨", joins("杭州-孕34周-小雨")),
        ("小雨", joins("小雨", "杭州-孕34周-别的名字")),
        ("小雨", joins("小\u3164雨")),
        # names that would themselves be read as a city or an age
        ("5月小雨", joins("wxid 123", "杭州-孕34周-5月小雨")),
        ("3岁", joins("wxid 123", "杭州-孕34周-3岁妈妈")),
    ],
)
def test_she_is_found_by_her_name(name: str, member: Member) -> None:
    others = (awaited("豆豆妈"), awaited("大雨"))
    assert found(member, awaited(name), *others) == name


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("小雨", joins("小雨妈妈")),
        ("小雨", joins("雨")),
        ("雨", joins("小雨")),
        ("小雨", joins("wxid 123", "杭州-孕34周-大雨")),
        ("妈妈", joins("妈妈")),
        ("宝妈", joins("宝 妈🌸")),
        ("妈妈", joins("wxid 123", "杭州-孕34周-妈妈")),
        ("🌸", joins("🌸")),
        ("🌸", joins("")),
        ("小雨", joins("")),
        # an age that is none of this group's: another 小雨
        ("小雨", joins("小雨", "杭州-3岁-小雨")),
    ],
)
def test_she_stays_unknown_where_a_name_does_not_tell(name: str, member: Member) -> None:
    assert found(member, awaited(name)) is None


@pytest.mark.parametrize("name", sorted(ANYBODY))
def test_what_anybody_is_called_tells_nobody(name: str) -> None:
    assert not tells_apart(name)
    assert not tells_apart(f" {name}🌸")
    assert found(joins(name), awaited(name)) is None


@pytest.mark.parametrize(
    ("name", "copied"),
    [
        ("🌸🐼", "杭州-孕34周-🌸🐼"),
        ("👨‍👩‍👧‍👦", "杭州-孕34周-👨‍👩‍👧‍👦"),
        ("3个月", "杭州-孕34周-3个月妈妈"),
    ],
)
def test_who_has_copied_her_nickname_is_known_by_it(name: str, copied: str) -> None:
    assert suggested_nickname(awaited(name), in_group(), TODAY) == copied
    assert found(joins("wxid 123", copied), awaited(name), awaited("小雨")) == name


def test_also_by_that_of_the_day_on_which_she_answered() -> None:
    """A week later 12月 would be an age that is none of the group's."""
    newborn = awaited("12月妈妈", date(2026, 2, 28), baby=Baby.BORN)
    copied = suggested_nickname(newborn, in_group(), date(2026, 3, 1))
    assert copied == "杭州-刚出生-12月妈妈"
    assert found(joins("wxid 123", copied), newborn, on=date(2026, 3, 8)) == "12月妈妈"


def test_a_name_that_reads_as_an_age_is_not_taken_for_one() -> None:
    newborn = awaited("孕30周", TODAY, baby=Baby.BORN)
    assert suggested_nickname(newborn, in_group(), TODAY) == "杭州-刚出生-宝妈"


def test_namesakes_are_told_apart_by_the_age() -> None:
    early = awaited("小雨", date(2026, 3, 5), called="early")
    late = awaited("小雨", date(2026, 5, 28), called="late")
    assert found(joins("x", "杭州-孕39周-小雨"), early, late) == "early"
    assert found(joins("x", "杭州-孕27周-小雨"), early, late) == "late"
    assert found(joins("x", "杭州-预产期5月28-小雨"), early, late) == "late"
    assert found(joins("小雨"), early, late) is None
    assert found(joins("x", "杭州-孕33周-小雨"), early, late) is None


def test_namesakes_of_one_age_stay_unknown() -> None:
    one, other = awaited("小雨", called="one"), awaited("小雨", date(2026, 4, 12), called="other")
    assert found(joins("x", "杭州-孕34周-小雨"), one, other) is None


def test_one_whose_names_are_those_of_two_stays_unknown() -> None:
    assert found(joins("大雨", "杭州-孕34周-小雨"), awaited("大雨"), awaited("小雨")) is None


@pytest.mark.parametrize(
    ("baby", "day", "age"),
    [
        (Baby.DUE, "2026-04-10", "孕34周"),
        (Baby.DUE, "2026-03-02", "孕40周"),
        (Baby.DUE, "2026-02-25", "孕40周"),
        (Baby.DUE, "2026-02-09", "孕43周"),
        (Baby.DUE, "2026-02-08", "出生3周"),
        (Baby.DUE, "2026-01-20", "1月龄"),
        (Baby.DUE, "2026-11-09", "孕4周"),
        (Baby.DUE, "2026-11-10", "预产期2026年11月"),
        (Baby.DUE, "2026-12-27", "预产期2026年12月"),
        (Baby.BORN, "2026-03-02", "刚出生"),
        (Baby.BORN, "2026-02-20", "出生1周"),
        (Baby.BORN, "2026-02-02", "1月龄"),
        (Baby.BORN, "2025-09-01", "6月龄"),
        (Baby.BORN, "2025-03-02", "1岁"),
        (Baby.BORN, "2024-12-15", "1岁2个月"),
    ],
)
def test_the_age_in_her_nickname_is_her_own_babys(baby: Baby, day: str, age: str) -> None:
    visitor = awaited("小雨", date.fromisoformat(day), baby=baby)
    group = in_group(window=window_of(date.fromisoformat(day), 3))
    assert suggested_nickname(visitor, group, TODAY) == f"杭州-{age}-小雨"


def test_nothing_is_suggested_once_her_answers_are_forgotten() -> None:
    bare = replace(awaited("小雨"), day=None, baby=None, name="")
    assert suggested_nickname(bare, in_group(), TODAY) == ""


CODE = EntryCode(
    code=Code("k7m2pq9xwd"),
    channel="妇幼",
    city="杭州",
    created_at=datetime(2026, 1, 1, tzinfo=ZONE),
    created_by="运营小王",
)
PIECES = st.sampled_from(
    [
        "小雨",
        "妈妈",
        "杭州",
        "北京",
        "3岁",
        "5月",
        "孕28周",
        "预产期",
        "天津",
        "-",
        " ",
        "·",
        "1",
        "🌸",
        "M",
    ]
)
names = st.one_of(st.text(min_size=1, max_size=20), st.lists(PIECES, max_size=5).map("".join))


@settings(max_examples=400)
@given(
    names,
    st.sampled_from(Baby),
    st.integers(0, 1400),
    st.integers(1, 12),
    st.sampled_from(["杭州", "天津", "吉林", "延边", "长沙县"]),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 60),
)
def test_what_is_suggested_fits_and_is_found_again(
    name: str, baby: Baby, ago: int, first_month: int, city: str, today: date, later: int
) -> None:
    days = today - timedelta(days=ago - 300)
    form = {"baby": baby.value, "day": days.isoformat(), "name": name, "consent": "yes"}
    told = check(form, replace(CODE, city=city), (), today, RULES)
    if isinstance(told, Faults):
        return
    window = window_of(told.day, first_month)
    group = in_group(city, window)
    visitor = awaited(told.name, told.day, baby=baby)
    nickname = suggested_nickname(visitor, group, today)
    judged = judge(nickname, city=city, window=window, on=today, tolerance_months=0)
    assert judged.fits, (nickname, judged)
    if tells_apart(told.name) and not nickname.endswith("-宝妈"):
        on = today + timedelta(days=later)
        hers = who(joins("x", nickname), group, [visitor, awaited("别人")], on, RULES)
        assert hers in (visitor, None)
        if later <= 14:
            assert hers == visitor, nickname


@given(
    st.sampled_from(Baby), st.integers(-300, 1200), st.dates(date(2026, 1, 1), date(2027, 1, 1))
)
def test_an_age_reads_back_as_her_day(baby: Baby, ago: int, today: date) -> None:
    day = today - timedelta(days=ago)
    if baby is Baby.BORN and ago < 0:
        return
    window = window_of(day, 3)
    nickname = f"杭州-{age_told(baby, day, today)}-小雨"
    assert judge(nickname, city="杭州", window=window, on=today, tolerance_months=0).fits
