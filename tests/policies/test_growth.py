"""How far a group has come, what is worth telling of it, and how it is put."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.daily import DailySpan, midnight
from config.rules import GrowthRules
from handlers.growth import letters, policy, wording
from handlers.growth.forecast import Forecast, forecast
from handlers.growth.policy import DAY, HOUR
from models.growth import (
    Concern,
    Departure,
    Life,
    Neighbour,
    Notice,
    Recruiting,
    WayIn,
    recruiting,
    way_open,
)
from models.ids import GroupId
from models.people import Role
from tests.world import shanghai

RULES = GrowthRules()
OPENED = date(2026, 3, 2)
NOW = shanghai("2026-03-20 15:00")
LIFE = Life(
    group=GroupId("g1"), since=shanghai("2026-03-02 09:00"), opened_on=OPENED, look_at=None
)


def lived(formed_at: datetime | None = None, full_at: datetime | None = None) -> Life:
    return replace(LIFE, formed_at=formed_at, full_at=full_at)


# How far it has come


@pytest.mark.parametrize(
    ("members", "day", "life", "state", "way_in"),
    [
        (20, 0, LIFE, Recruiting.RECRUITING, WayIn.QR_CODE),
        (149, 27, LIFE, Recruiting.RECRUITING, WayIn.QR_CODE),
        (149, 28, LIFE, Recruiting.OVERDUE, WayIn.QR_CODE),
        (150, 28, LIFE, Recruiting.FORMED, WayIn.QR_CODE),
        (120, 28, lived(formed_at=NOW), Recruiting.FORMED, WayIn.QR_CODE),
        (199, 10, lived(formed_at=NOW), Recruiting.FORMED, WayIn.QR_CODE),
        (200, 10, lived(formed_at=NOW), Recruiting.FORMED, WayIn.INVITATION),
        (349, 10, lived(formed_at=NOW), Recruiting.FORMED, WayIn.INVITATION),
        (350, 10, lived(formed_at=NOW), Recruiting.FULL, WayIn.CLOSED),
        (349, 10, lived(formed_at=NOW, full_at=NOW), Recruiting.FULL, WayIn.CLOSED),
        (314, 10, lived(formed_at=NOW, full_at=NOW), Recruiting.FORMED, WayIn.INVITATION),
    ],
)
def test_a_group_recruits_until_it_is_formed_and_then_until_it_is_full(
    members: int, day: int, life: Life, state: Recruiting, way_in: WayIn
) -> None:
    found = recruiting(members, life, OPENED + day * DAY, RULES)
    assert found is state
    assert way_open(found, members, RULES) is way_in


def test_what_was_reached_first_stays() -> None:
    formed = policy.reached(LIFE, 150, NOW, RULES)
    assert (formed.formed_at, formed.full_at) == (NOW, None)
    full = policy.reached(formed, 350, NOW + DAY, RULES)
    assert (full.formed_at, full.full_at) == (NOW, NOW + DAY)
    assert policy.reached(full, 20, NOW + 2 * DAY, RULES) == full


def test_it_merges_with_the_largest_that_together_are_not_full() -> None:
    beside = [Neighbour(GroupId(f"g{n}"), f"{n}群", n) for n in (0, 30, 251, 250, 90, 60)]
    assert [each.members for each in policy.mergers(100, beside, RULES)] == [250, 90, 60]
    assert policy.mergers(100, beside[2:3], RULES) == []


def test_newcomers_go_to_the_fullest_group_that_has_room() -> None:
    beside = [Neighbour(GroupId(f"g{n}"), f"{n}群", n) for n in (20, 315, 314, 350)]
    assert [each.members for each in policy.with_room(beside, RULES)] == [314, 20]


# When it is looked at


@given(
    group=st.text(min_size=1, max_size=30),
    minute=st.integers(0, 3 * 24 * 60),
    morning=st.sampled_from(["08:30-11:00", "00:30-02:00", "23:00-01:00", "06:00-06:00"]),
)
def test_it_is_looked_at_once_a_day_before_the_morning_begins(
    group: str, minute: int, morning: str
) -> None:
    rules = GrowthRules(morning=DailySpan.parse(morning))
    life = Life(group=GroupId(group), since=NOW, opened_on=OPENED, look_at=None)
    now = NOW + timedelta(minutes=minute)
    at = policy.look_after(now, life, rules)
    assert now < at <= now + DAY
    assert policy.look_after(at, life, rules) == at + DAY
    assert policy.look_after(at - timedelta(seconds=1), life, rules) == at
    to_morning = rules.morning.next_start(at) - at
    assert timedelta(minutes=30) <= to_morning <= timedelta(hours=2, minutes=30)


def test_ten_thousand_are_looked_at_a_few_at_a_time() -> None:
    looks: dict[datetime, int] = {}
    for n in range(10_000):
        life = Life(group=GroupId(f"{n}@chatroom"), since=NOW, opened_on=OPENED, look_at=None)
        at = policy.look_after(NOW, life, RULES)
        beat = at - timedelta(seconds=at.second % 10)
        looks[beat] = looks.get(beat, 0) + 1
    assert max(looks.values()) < 50


# What is known


def test_days_are_counted_in_local_time_and_deaf_ones_are_unknown() -> None:
    joins = [
        shanghai("2026-03-18 00:10"),
        shanghai("2026-03-18 23:50"),
        shanghai("2026-03-20 09:00"),
    ]
    left = [Departure(shanghai("2026-03-18 08:00"))]
    spells = [(shanghai("2026-03-18 12:00"), shanghai("2026-03-20 00:00"))]
    days = policy.by_day(joins, left, spells, LIFE, date(2026, 3, 18), NOW)
    assert [(each.on.day, each.joins, each.leaves) for each in days] == [
        (18, 2, 1),
        (19, 0, 0),
        (20, 1, 0),
    ]
    assert [each.heard for each in days] == [0.5, 0.0, 15 / 24]


def test_days_before_we_watched_are_unknown() -> None:
    days = policy.by_day([], [], [], LIFE, date(2026, 3, 1), shanghai("2026-03-03 00:00"))
    assert [each.heard for each in days] == [0.0, 15 / 24, 0.0]


def test_after_a_short_absence_who_came_is_known_and_after_a_long_one_not() -> None:
    short, long = (NOW - 3 * DAY, NOW - 3 * DAY + HOUR), (NOW - 2 * DAY, NOW)
    assert policy.long_spells([short, long], DAY) == [long]
    found = Departure(NOW + timedelta(minutes=1), was_seen=False)
    told = Departure(NOW + timedelta(minutes=1))
    later = Departure(NOW + 5 * HOUR, was_seen=False)
    assert policy.seen_leaving([found, told, later], [long]) == [told, later]


@pytest.mark.parametrize(
    ("last", "deaf", "is_silent"),
    [
        (8 * DAY, None, True),
        (6 * DAY, None, False),
        (8 * DAY, (5 * DAY, 3 * DAY), False),
        (10 * DAY, (5 * DAY, 3 * DAY), True),
        (8 * DAY, (7 * DAY, timedelta(0)), False),
        (None, None, True),
        (None, (18 * DAY, 5 * DAY), False),
    ],
)
def test_only_what_was_listened_to_is_silence(
    last: timedelta | None, deaf: tuple[timedelta, timedelta] | None, is_silent: bool
) -> None:
    spells = [(NOW - deaf[0], NOW - deaf[1])] if deaf else []
    heard = NOW - last if last is not None else None
    assert policy.is_silent(heard, spells, LIFE, NOW, RULES) is is_silent


def test_a_group_that_is_watched_since_yesterday_is_not_silent_yet() -> None:
    life = Life(group=LIFE.group, since=NOW - DAY, opened_on=OPENED, look_at=None)
    assert not policy.is_silent(None, [], life, NOW, RULES)


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ({Role.MEMBER: 90, Role.KOC: 6, Role.MONITOR: 4}, 0.04),
        ({Role.MEMBER: 20, Role.HOST: 500, Role.BOT: 80, Role.ASSISTANT: 9}, 0.0),
        ({Role.MEMBER: 18, Role.MONITOR: 1}, None),
        ({}, None),
    ],
)
def test_the_monitors_share_is_of_what_she_and_members_say(
    said: dict[Role, int], share: float | None
) -> None:
    assert policy.monitor_share(said) == share


# Many leave


def gone(*ago: float, **more: bool) -> list[Departure]:
    """So many hours ago each."""
    return sorted((Departure(NOW - each * HOUR, **more) for each in ago), key=lambda x: x.at)


@pytest.mark.parametrize(
    ("people", "members", "is_leaving"),
    [(6, 194, False), (7, 193, True), (2, 10, False), (3, 60, True), (3, 97, False)],
)
def test_more_than_three_in_a_hundred_within_a_day(
    people: int, members: int, is_leaving: bool
) -> None:
    left = gone(*(1 + n / 10 for n in range(people)))
    life = Life(group=LIFE.group, since=NOW - 2 * DAY, opened_on=OPENED, look_at=None)
    found = policy.leaving(left, members, [], life, NOW, RULES)
    assert (found is not None) is is_leaving


def test_or_three_times_as_many_as_usual() -> None:
    usual = [26 + 12 * n for n in range(32)]
    assert policy.leaving(gone(*usual, 1, 1, 1, 1, 1), 300, [], LIFE, NOW, RULES) is None
    found = policy.leaving(gone(*usual, 1, 1, 1, 1, 1, 1, 1), 300, [], LIFE, NOW, RULES)
    assert found is not None
    assert found.people == 7
    assert found.usual == pytest.approx(2, abs=0.2)


def test_what_is_usual_is_unknown_in_the_first_week() -> None:
    life = Life(group=LIFE.group, since=NOW - 5 * DAY, opened_on=OPENED, look_at=None)
    assert policy.leaving(gone(1, 1, 1, 1), 300, [], life, NOW, RULES) is None
    found = policy.leaving(gone(1, 1, 1, 1), 300, [], LIFE, NOW, RULES)
    assert found is not None
    assert found.usual == 0


def test_who_is_removed_does_not_leave() -> None:
    assert policy.leaving(gone(*[1] * 20, was_removed=True), 100, [], LIFE, NOW, RULES) is None


def test_who_is_found_gone_after_a_week_did_not_all_leave_in_a_day() -> None:
    spell = (NOW - 7 * DAY, NOW - HOUR)
    found = gone(*[0.9] * 12, was_seen=False)
    assert policy.leaving(found, 200, [spell], LIFE, NOW, RULES) is None
    assert policy.leaving(found, 200, [], LIFE, NOW, RULES) is not None
    seen = gone(*[0.9] * 12)
    assert policy.leaving(seen, 200, [spell], LIFE, NOW, RULES) is not None


@pytest.mark.parametrize(
    ("ago", "began"),
    [
        ([20, 1, 1, 1, 1, 1, 1, 1], 1),
        ([5, 4.5, 4, 3.5, 3, 2.5, 2, 1.5], 5),
        ([21, 18, 15, 12, 9, 6, 3, 0.1], 21),
        ([22, 13, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], 0.6),
    ],
)
def test_it_began_when_most_began_to_leave(ago: list[float], began: float) -> None:
    found = policy.leaving(gone(*ago), 100, [], LIFE, NOW, RULES)
    assert found is not None
    assert found.since == NOW - began * HOUR


# How it is put


def test_a_forecast_is_put_in_one_line() -> None:
    foretold = forecast(80, policy.as_days([policy.DayCount(OPENED, 4, 0, 1.0)] * 18), 11)
    assert foretold is not None
    text = wording.expected(foretold, date(2026, 11, 30), RULES, at_risk=True)
    assert text == f"预计11月30日{foretold.low}-{foretold.high}人，可能到不了150人"


@pytest.mark.parametrize(
    ("low", "high", "helps"),
    [(0, 340, False), (74, 301, False), (75, 340, True), (0, 300, True)],
)
def test_what_may_be_anything_is_not_foretold(low: int, high: int, helps: bool) -> None:
    foretold = Forecast(low, 100, high, mean=100, deviation=50, skew=0)
    assert policy.is_at_risk(foretold, RULES, was_at_risk=False) is helps
    text = wording.expected(foretold, date(2026, 11, 30), RULES, at_risk=helps)
    assert (f"{low}-{high}人" in text) is helps
    assert helps or text == "11月30日前要到150人，过几天再看得出来"


@pytest.mark.parametrize(
    ("hours", "long"), [(24, "1天"), (36, "36小时"), (7 * 24, "7天"), (60.5, "60小时")]
)
def test_silence_is_as_long_as_the_rule_says(hours: float, long: str) -> None:
    assert wording.silent(timedelta(hours=hours)).startswith(f"{long}没有成员说话了")


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.0, "还没在群里说过话"), (0.004, "说话不多（不到1%）"), (0.0499, "说话不多（占4%）")],
)
def test_a_share_short_of_the_mark_never_reads_as_if_it_reached_it(
    share: float, told: str
) -> None:
    text = wording.monitor_quiet(share, RULES)
    assert text.startswith(f"班长近7天{told}")
    assert ("占到5%" in text) == (share > 0)


def test_several_spells_are_told_as_one_thing() -> None:
    first = wording.deaf(shanghai("2026-03-02 14:00"), shanghai("2026-03-02 15:20"), None)
    assert first == "这段时间的消息和进群我没看到（掉线）：3月2日14:00-15:20"
    second = wording.deaf(shanghai("2026-03-02 23:00"), shanghai("2026-03-03 01:00"), first)
    assert second == f"{first}、3月2日23:00-3月3日01:00"
    third = wording.deaf(shanghai("2026-03-03 05:00"), shanghai("2026-03-03 06:00"), second)
    fourth = wording.deaf(shanghai("2026-03-03 06:10"), shanghai("2026-03-03 06:30"), third)
    fifth = wording.deaf(shanghai("2026-03-03 07:10"), shanghai("2026-03-03 07:30"), fourth)
    assert fifth == fourth == f"{third}等"


def notice(group: str, concern: Concern, text: str) -> Notice:
    return Notice(group=GroupId(group), concern=concern, found_at=NOW, text=text, due_at=NOW)


def names(count: int) -> dict[GroupId, str]:
    return {GroupId(f"g{n:03}"): f"杭州·{n:03}" for n in range(count)}


def test_one_thing_of_one_group_is_a_sentence() -> None:
    told = letters.letter([notice("g000", Concern.FORMED, "成群啦")], names(1))
    assert told == "「杭州·000」成群啦"


def test_several_things_of_one_group_are_in_order_of_weight() -> None:
    told = letters.letter(
        [notice("g000", Concern.SILENT, "没人说话"), notice("g000", Concern.OVERDUE, "没成群")],
        names(1),
    )
    assert told == "「杭州·000」有2件事：\n· 没成群\n· 没人说话"


def test_what_is_the_same_for_several_groups_is_said_once() -> None:
    told = letters.letter(
        [
            notice("g000", Concern.DEAF, "我没看到"),
            notice("g001", Concern.DEAF, "我没看到"),
            notice("g001", Concern.OVERDUE, "没成群"),
            notice("g002", Concern.OVERDUE, "没成群，76人"),
        ],
        names(3),
    )
    assert told.splitlines() == [
        "有3个群想请你看一眼：",
        "「杭州·000」「杭州·001」：我没看到",
        "「杭州·001」没成群",
        "「杭州·002」没成群，76人",
    ]


@pytest.mark.parametrize(("groups", "lines"), [(19, 20), (20, 2)])
def test_more_than_twenty_lines_are_drawn_together(groups: int, lines: int) -> None:
    notices = [notice(f"g{n:03}", Concern.OVERDUE, f"没成群，{n}人") for n in range(groups)]
    assert len(letters.letter(notices, names(groups)).splitlines()) == lines


def test_of_hundreds_of_groups_only_the_first_are_named() -> None:
    notices = [notice(f"g{n:03}", Concern.OVERDUE, f"没成群，{n}人") for n in range(300)]
    notices += [notice(f"g{n:03}", Concern.DEAF, "我没看到") for n in range(300)]
    told = letters.letter(notices, names(300))
    assert told.splitlines() == [
        "有300个群想请你看一眼：",
        "· 到期还没成群：「杭州·000」「杭州·001」「杭州·002」等300个群",
        "· 我没看到：「杭州·000」「杭州·001」「杭州·002」等300个群",
    ]


@given(
    of=st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from(Concern), st.integers(0, 3)),
        min_size=1,
        max_size=200,
        unique_by=lambda each: each[:2],
    )
)
def test_a_letter_is_never_longer_than_anybody_reads(
    of: list[tuple[int, Concern, int]],
) -> None:
    notices = [notice(f"g{group:03}", concern, f"第{n}种") for group, concern, n in of]
    told = letters.letter(notices, names(61))
    assert len(told.splitlines()) <= letters.MOST_LINES
    if len({each.group for each in notices}) == 1:
        assert all(each.text in told for each in notices)


def test_every_concern_has_a_name_for_when_many_have_it() -> None:
    assert letters.LABELS.keys() == set(Concern)


# How many were in it


@given(
    st.lists(st.tuples(st.integers(0, 400), st.none() | st.integers(1, 200)), max_size=30),
)
def test_the_size_of_a_group_is_how_many_stays_there_were(
    stays: list[tuple[int, int | None]],
) -> None:
    """Told from those who are in it now, going back; each stay from and for so many hours."""
    spans = [
        (LIFE.since + each * HOUR, LIFE.since + (each + lasts) * HOUR if lasts else None)
        for each, lasts in stays
        if LIFE.since + (each + (lasts or 0)) * HOUR <= NOW
    ]
    began = [since for since, until in spans if until is None]
    ended = [(since, until) for since, until in spans if until is not None]
    found = policy.sizes(len(began), began, ended, [], LIFE, OPENED, NOW)
    assert [day for day, _ in found] == [OPENED + n * DAY for n in range(19)]
    for day, members in found:
        at = min(midnight(day + DAY), NOW)
        assert members == sum(
            since <= at and (until is None or at < until) for since, until in spans
        )


def test_of_days_that_ended_unheard_no_size_is_known() -> None:
    spells = [(shanghai("2026-03-05 20:00"), shanghai("2026-03-06 20:00"))]
    found = dict(policy.sizes(7, [], [], spells, LIFE, OPENED - DAY, NOW))
    assert found[OPENED - DAY] is None, "nobody watched it"
    assert [found[OPENED + n * DAY] for n in range(2, 6)] == [7, None, 7, 7]
