"""How much of a time was heard, and at which hours a group is spoken to."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules import effective
from models.cohort import Stage
from models.content import LearnedHours
from models.coverage import Spell, heard, heard_hours, unheard, untold
from models.groups import Account
from models.hours import active_spans, parse_spans, spans_text
from models.stores.activity import hour_of
from tests.world import ACCOUNT, shanghai

EIGHT = shanghai("2026-03-02 08:00")
HOUR = timedelta(hours=1)
LONG_AGO = EIGHT - timedelta(days=30)


def at(clock: str) -> datetime:
    return shanghai(f"2026-03-02 {clock}")


def spell(since: str, until: str) -> Spell:
    return at(since), at(until)


@pytest.mark.parametrize(
    ("spells", "since", "share"),
    [
        ([], "07:00", 1),
        ([("08:00", "09:00")], "07:00", 0),
        ([("06:00", "12:00")], "05:00", 0),
        ([("08:15", "08:45")], "07:00", 0.5),
        ([("07:00", "08:15"), ("08:45", "10:00")], "06:00", 0.5),
        ([("08:30", "08:45"), ("08:00", "08:15")], "07:00", 0.5),
        ([("08:00", "08:30"), ("08:15", "08:45")], "07:00", 0.25),
        ([("07:00", "08:00"), ("09:00", "10:00")], "06:00", 1),
        ([], "08:45", 0.25),
        ([], "09:00", 0),
        ([], "10:00", 0),
        ([("08:30", "08:45")], "08:30", 0.25),
        ([("08:00", "08:45")], "08:30", 0.25),
    ],
)
def test_what_was_heard_of_an_hour(
    spells: list[tuple[str, str]], since: str, share: float
) -> None:
    assert heard([spell(*each) for each in spells], at(since), EIGHT, EIGHT + HOUR) == share


def test_of_no_time_nothing_was_heard() -> None:
    assert heard([], LONG_AGO, EIGHT, EIGHT) == 0
    assert heard([], LONG_AGO, EIGHT, EIGHT - HOUR) == 0


minutes = st.integers(-90, 150).map(lambda m: EIGHT + timedelta(minutes=m))
spells_anyhow = st.lists(st.tuples(minutes, minutes).map(sorted).map(tuple), max_size=6)


@given(spells_anyhow, minutes)
def test_heard_is_what_is_left_minute_by_minute(spells: list[Spell], since: datetime) -> None:
    each = [EIGHT + timedelta(minutes=m) for m in range(60)]
    known = [m for m in each if m >= since and not any(a <= m < b for a, b in spells)]
    assert heard(spells, since, EIGHT, EIGHT + HOUR) == pytest.approx(len(known) / 60)


def test_an_hour_that_has_not_ended_was_heard_up_to_now() -> None:
    hours = dict(heard_hours([spell("09:30", "09:45")], at("08:15"), EIGHT, at("10:30")))
    assert hours == {at("08:00"): 0.75, at("09:00"): 0.75, at("10:00"): 0.5}


def test_hours_are_whole_ones() -> None:
    assert list(heard_hours([], LONG_AGO, at("08:20"), at("10:00"))) == [(at("09:00"), 1.0)]
    assert list(heard_hours([], LONG_AGO, at("08:00"), at("08:00"))) == []


def test_an_hour_is_the_same_wherever_the_clock_hangs() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert hour_of(at("08:40").astimezone(india)) == EIGHT == hour_of(EIGHT)


def test_who_is_deaf_now_has_been_since_it_went_deaf() -> None:
    before = spell("06:00", "06:30")
    account = Account(id=ACCOUNT, up_at=at("06:30"), heard_at=at("08:00"))
    assert unheard([before], account, at("09:00")) == [before]
    assert unheard([before], None, at("09:00")) == [before]
    deaf = replace(account, down_why="gone")
    assert unheard([before], deaf, at("09:00")) == [before, spell("08:00", "09:00")]
    assert heard(unheard([], deaf, at("09:00")), LONG_AGO, at("07:30"), at("08:30")) == 0.5


def test_who_is_told_nothing_never_heard_what_members_say() -> None:
    up = Account(id=ACCOUNT, up_at=at("06:00"), heard_at=at("06:00"))
    told_nothing = replace(up, abilities=("shows_qr",))
    for account in (up, replace(up, abilities=("hears", "shows_qr")), None):
        assert untold([], account, at("09:00")) == unheard([], account, at("09:00")) == []
    spells = untold([], told_nothing, at("09:00"))
    assert heard(spells, LONG_AGO, at("07:30"), at("08:30")) == 0
    hours = heard_hours(spells, LONG_AGO, at("06:00"), at("09:00"))
    assert {share for _, share in hours} == {0}
    assert unheard([], told_nothing, at("09:00")) == [], "who came and went was seen"


# Which hours are in use

LEARNED = LearnedHours(
    cohort="杭州~妇幼~2026-03",
    stage=Stage.PRENATAL,
    spans="09:00-11:00,19:00-20:00",
    shares=(1 / 24,) * 24,
    known=0.9,
    learned_on=date(2026, 3, 2),
)
GIVEN_BEFORE = "11:00-12:00,16:00-17:00,20:00-21:00"
GIVEN_AFTER = "11:00-12:00,13:00-15:00,16:00-17:00,21:00-23:00"


@pytest.mark.parametrize(
    ("rule", "stage", "learned", "spans"),
    [
        ("given", Stage.PRENATAL, LEARNED, GIVEN_BEFORE),
        ("given", Stage.POSTNATAL, LEARNED, GIVEN_AFTER),
        ("learned", Stage.PRENATAL, LEARNED, LEARNED.spans),
        ("learned", Stage.PRENATAL, None, GIVEN_BEFORE),
        ("learned", Stage.POSTNATAL, LEARNED, GIVEN_AFTER),
    ],
)
def test_hours_in_use(rule: str, stage: Stage, learned: LearnedHours | None, spans: str) -> None:
    rules = effective([{"content": {"hours": rule}}])
    assert spans_text(active_spans(stage, learned, rules)) == spans


def test_hours_are_kept_as_text() -> None:
    assert spans_text(parse_spans("09:00-11:00,23:00-00:00")) == "09:00-11:00,23:00-00:00"
    assert parse_spans("") == ()
