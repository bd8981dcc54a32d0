"""Who is greeted when, and in which words: the numbers behind the law of rounds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.daily import ZONE
from config.rules import OnboardingRules, Rules, effective
from handlers.onboarding import policy
from models.cohort import Stage
from models.groups import Group, Member, stage_of
from models.ids import AccountId, GroupId, PersonId
from models.messages import Kind
from models.onboarding import Desk, Newcomer
from tests.world import shanghai

G1 = GroupId("g1")
RULES = OnboardingRules()
NOON = shanghai("2026-03-02 12:00")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def waits(since: datetime, who: str = "豆豆妈") -> Newcomer:
    return Newcomer(group=G1, person=PersonId(who), waiting_since=since)


def group(city: str | None = "杭州", window: str | None = "2026-03") -> Group:
    return Group(
        id=G1, account=AccountId("a"), name="", city=city, channel="妇幼", birth_window=window
    )


def member(name: str, nickname: str = "") -> Member:
    return Member(group=G1, person=PersonId(name), name=name, nickname=nickname)


def due_at(
    waiting: Sequence[Newcomer],
    joins: Sequence[datetime],
    desk: Desk,
    rules: OnboardingRules = RULES,
    now: datetime = NOON - timedelta(days=1),
) -> datetime | None:
    return policy.round_due(waiting, joins, desk, rules, not_before=now)


# The gap between two rounds


@pytest.mark.parametrize(
    ("joins", "gap"),
    [
        (0, minutes(2)),
        (1, minutes(2)),
        (2, minutes(2) + minutes(13) / 4),
        (3, minutes(8.5)),
        (5, minutes(15)),
        (8, minutes(18)),
        (10, minutes(20)),
        (19, minutes(29)),
        (20, minutes(30)),
        (21, minutes(30)),
        (10_000, minutes(30)),
    ],
)
def test_the_gap_goes_straight_from_point_to_point(joins: int, gap: timedelta) -> None:
    assert policy.gap(joins, RULES) == gap


def gaps() -> st.SearchStrategy[OnboardingRules]:
    def rules(intervals: Sequence[int], joins: Sequence[int]) -> OnboardingRules:
        shortest, peak, surge = sorted(intervals)
        return OnboardingRules.model_validate(
            {
                "min_gap": shortest,
                "peak_interval": peak,
                "surge_interval": surge,
                "peak_joins": min(joins),
                "surge_joins": max(joins),
            }
        )

    return st.builds(
        rules,
        st.lists(st.integers(0, 3600), min_size=3, max_size=3),
        st.lists(st.integers(2, 500), min_size=2, max_size=2, unique=True).filter(
            lambda joins: max(joins) >= 3
        ),
    )


@given(gaps(), st.integers(0, 1000))
def test_the_gap_never_falls_as_more_join_and_stays_within_its_bounds(
    rules: OnboardingRules, joins: int
) -> None:
    assert policy.gap(joins, rules) <= policy.gap(joins + 1, rules)
    assert rules.min_gap <= policy.gap(joins, rules) <= rules.surge_interval
    assert policy.gap(1, rules) == rules.min_gap
    assert policy.gap(rules.peak_joins, rules) == rules.peak_interval
    assert policy.gap(rules.surge_joins, rules) == rules.surge_interval


# How many came at once


@pytest.mark.parametrize(
    ("joined", "since", "most"),
    [
        ([], None, 1),
        ([0], None, 1),
        ([0, 1, 2], None, 3),
        # A join exactly one window before another is no longer in its window.
        ([0, 10], None, 1),
        ([0, 9.99], None, 2),
        # The fullest window counts, not the last one.
        ([0, 1, 2, 30], None, 3),
        # Only windows that end after the last round, but with everyone in them.
        ([0, 1, 2, 3], 2.5, 4),
        ([0, 1, 2, 3], 3, 1),
        ([0, 1, 2, 12.5], 2, 1),
        ([5, 5, 5], 4, 3),
    ],
)
def test_the_most_who_came_at_once(joined: list[float], since: float | None, most: int) -> None:
    start = None if since is None else NOON + minutes(since)
    found = policy.most_at_once([NOON + minutes(at) for at in joined], start, minutes(10))
    assert found == most


joined_at = st.lists(st.integers(0, 7200), max_size=40).map(sorted)


@given(joined_at, st.integers(0, 7200), st.integers(1, 3600))
def test_counting_backwards_from_every_join_finds_the_same(
    joined: list[int], since: int, window: int
) -> None:
    times = [NOON + seconds(at) for at in joined]
    found = policy.most_at_once(times, NOON + seconds(since), seconds(window))
    counts = [sum(end - window < at <= end for at in joined) for end in joined if end > since]
    assert found == max(counts, default=1)


# When a round is due


@pytest.mark.parametrize(
    ("desk", "due"),
    [
        # The first round of a group, eight seconds after the first.
        (Desk(group=G1), NOON + seconds(8)),
        # Somebody was greeted an hour ago: as good as never.
        (
            Desk(group=G1, chosen_at=NOON - minutes(60), said_at=NOON - minutes(60)),
            NOON + seconds(8),
        ),
        # A minute ago: she waits out the two minutes.
        (
            Desk(group=G1, chosen_at=NOON - minutes(1), said_at=NOON - minutes(1)),
            NOON + minutes(1),
        ),
        # The gap runs from when the round was said, joins count from when it was made up.
        (
            Desk(group=G1, chosen_at=NOON - minutes(2), said_at=NOON - minutes(1)),
            NOON + minutes(1),
        ),
        # We were refused, and do not knock again at once.
        (Desk(group=G1, held_until=NOON + minutes(30)), NOON + minutes(30)),
        # A round is being said; the next is not due before it is over.
        (Desk(group=G1, greeting=True), None),
    ],
)
def test_when_one_newcomer_is_greeted(desk: Desk, due: datetime | None) -> None:
    assert due_at([waits(NOON)], [NOON], desk) == due


def test_no_round_where_nobody_waits() -> None:
    assert due_at([], [NOON], Desk(group=G1)) is None
    assert due_at([], [NOON], Desk(group=G1, hurried=True)) is None


@pytest.mark.parametrize(
    ("desk", "due"),
    [
        # Nobody was greeted lately: now.
        (Desk(group=G1), NOON),
        (Desk(group=G1, said_at=NOON - minutes(60)), NOON),
        # A minute ago: the shortest gap holds, however many came.
        (Desk(group=G1, said_at=NOON - minutes(1)), NOON + minutes(1)),
        # We were refused: not even the monitor makes us knock again at once.
        (Desk(group=G1, held_until=NOON + minutes(30)), NOON + minutes(30)),
        (Desk(group=G1, greeting=True), None),
    ],
)
def test_when_a_hurried_round_is_due(desk: Desk, due: datetime | None) -> None:
    hurried = replace(desk, hurried=True, chosen_at=desk.said_at)
    assert due_at([waits(NOON)], [NOON] * 20, hurried) == due


@pytest.mark.parametrize(
    ("joined", "due"),
    [
        ("2026-03-02 22:59:51", "2026-03-02 22:59:59"),
        ("2026-03-02 22:59:52", "2026-03-03 07:30"),
        ("2026-03-02 23:30", "2026-03-03 07:30"),
        ("2026-03-03 03:00", "2026-03-03 07:30"),
        ("2026-03-03 07:29:59", "2026-03-03 07:30:07"),
        ("2026-03-03 07:30", "2026-03-03 07:30:08"),
    ],
)
def test_who_comes_at_night_waits_for_the_morning(joined: str, due: str) -> None:
    first = shanghai(joined)
    assert due_at([waits(first)], [first], Desk(group=G1)) == shanghai(due)


def test_a_round_that_was_missed_in_the_evening_is_not_made_up_at_night() -> None:
    first, now = shanghai("2026-03-02 22:50"), shanghai("2026-03-02 23:30")
    due = due_at([waits(first)], [first], Desk(group=G1), now=now)
    assert due == shanghai("2026-03-03 07:30")


anyone_joined = st.lists(st.integers(1, 3600), min_size=1, max_size=60).map(sorted)


@given(anyone_joined, gaps())
def test_it_never_falls_while_someone_waits_as_more_join(
    joined: list[int], rules: OnboardingRules
) -> None:
    """The last round was at noon; from the first who waits on, each join can only delay it."""
    desk = Desk(group=G1, chosen_at=NOON, said_at=NOON)
    times = [NOON + seconds(at) for at in joined]
    people = [waits(at, f"{n}") for n, at in enumerate(times)]
    due = [
        due_at(people[:count], times[:count], desk, rules) for count in range(1, len(times) + 1)
    ]
    known = [at for at in due if at is not None]
    assert len(known) == len(due)
    assert known == sorted(known)


@given(
    before=st.lists(st.integers(-1200, 0), max_size=40).map(sorted),
    after=anyone_joined,
    rules=gaps(),
    at_night=st.booleans(),
)
def test_nobody_waits_longer_than_the_longest_gap_and_the_calm_delay(
    before: list[int], after: list[int], rules: OnboardingRules, at_night: bool
) -> None:
    start = shanghai("2026-03-02 22:45") if at_night else NOON
    times = [start + seconds(at) for at in before + after]
    desk = Desk(group=G1, chosen_at=start, said_at=start)
    due = due_at([waits(start + seconds(at)) for at in after], times, desk, rules)
    assert due is not None
    assert not rules.quiet_hours.covers(due)
    first = start + seconds(after[0])
    latest = first + rules.surge_interval + rules.calm_delay
    assert first + rules.calm_delay <= due <= rules.quiet_hours.leave(latest)


@given(
    joined=anyone_joined,
    rules=gaps(),
    asked=st.integers(0, 7200),
    at_night=st.booleans(),
)
def test_a_hurried_round_keeps_the_shortest_gap_and_comes_no_later_than_the_law_has_it(
    joined: list[int], rules: OnboardingRules, asked: int, at_night: bool
) -> None:
    said = shanghai("2026-03-02 22:30") if at_night else NOON
    desk = Desk(group=G1, chosen_at=said, said_at=said)
    times = [said + seconds(at) for at in joined]
    people = [waits(at, f"{n}") for n, at in enumerate(times)]
    now = max(said + seconds(asked), times[0])
    due = due_at(people, times, replace(desk, hurried=True), rules, now)
    by_law = due_at(people, times, desk, rules, now)
    assert due is not None
    assert by_law is not None
    assert max(now, said + rules.min_gap) <= due <= by_law
    assert due == rules.quiet_hours.leave(max(now, said + rules.min_gap))


def rounds_of(joined: Sequence[datetime], rules: OnboardingRules) -> list[datetime]:
    """When the rounds are said, if each is said the moment it is due."""
    desk, said, left = Desk(group=G1), [], list(joined)
    while left:
        times = [at for at in joined if at <= left[0]]
        due = due_at([waits(left[0])], times, desk, rules)
        assert due is not None
        while (more := [at for at in joined if at <= due]) != times:
            times = more
            due = due_at([waits(left[0])], times, desk, rules)
            assert due is not None
        said.append(due)
        left = [at for at in left if at > due]
        desk = Desk(group=G1, chosen_at=due, said_at=due)
    return said


few_bursts = st.lists(
    st.sampled_from([0, 5, 600, 601, 1199, 1800, 2400, 3000, 3598, 3599]),
    min_size=120,
    max_size=120,
)
a_trickle_and_a_flood = st.lists(st.integers(0, 3000), min_size=4, max_size=20, unique=True).map(
    lambda trickle: [*trickle, *[3000 + n for n in range(120 - len(trickle))]]
)


@given(few_bursts | a_trickle_and_a_flood)
def test_120_joins_in_an_hour_are_no_flood_however_they_come(joined: list[int]) -> None:
    """A few at a time and far apart is the worst there is: thirteen rounds, not 120."""
    times = sorted(NOON + seconds(at) for at in joined)
    said = rounds_of(times, RULES)
    assert len(said) <= 13
    assert all(later - sooner >= RULES.min_gap for sooner, later in pairwise(said))
    assert said[-1] - times[-1] <= RULES.surge_interval + RULES.calm_delay


@given(st.integers(0, 10**9))
def test_120_joins_spread_over_an_hour_make_three_to_five_rounds(seed: int) -> None:
    chance = Random(seed)
    times = sorted(NOON + seconds(chance.uniform(0, 3600)) for _ in range(120))
    assert 3 <= len(rounds_of(times, RULES)) <= 5


@pytest.mark.parametrize("every", [30, 29, 25])
def test_120_joins_one_after_the_other_make_three_to_five_rounds(every: int) -> None:
    times = [NOON + seconds(n * every) for n in range(120)]
    assert 3 <= len(rounds_of(times, RULES)) <= 5


# Who is greeted again


@pytest.mark.parametrize(
    ("days", "again"), [(0, False), (29.9, False), (30, False), (30.1, True), (400, True)]
)
def test_who_was_greeted_not_long_ago_is_at_home(days: float, again: bool) -> None:
    greeted = Newcomer(group=G1, person=PersonId("u1"), greeted_at=NOON)
    assert policy.is_greeted_again(greeted, NOON + timedelta(days=days), RULES) is again


@pytest.mark.parametrize("newcomer", [None, Newcomer(group=G1, person=PersonId("u1"), here=False)])
def test_who_was_never_greeted_is_greeted(newcomer: Newcomer | None) -> None:
    assert policy.is_greeted_again(newcomer, NOON, RULES)


# Reminders


def greeted(
    at: datetime = NOON, reminders: int = 0, reminded_at: datetime | None = None
) -> Newcomer:
    return Newcomer(
        group=G1,
        person=PersonId("u1"),
        greeted_at=at,
        reminders=reminders,
        reminded_at=reminded_at,
    )


@pytest.mark.parametrize(
    ("newcomer", "hours"),
    [
        (greeted(), 24),
        (greeted(reminders=1, reminded_at=NOON + timedelta(hours=24)), 72),
        (greeted(reminders=2, reminded_at=NOON + timedelta(hours=72)), None),
        (replace(greeted(), fits=True), None),
        (replace(greeted(), here=False), None),
        (waits(NOON), None),
    ],
)
def test_when_somebody_may_be_reminded(newcomer: Newcomer, hours: int | None) -> None:
    ripe = None if hours is None else NOON + timedelta(hours=hours)
    assert policy.reminder_ripe_at(newcomer, RULES) == ripe


def test_no_reminders_where_the_rule_says_none() -> None:
    rules = OnboardingRules.model_validate({"remind_times": 0})
    assert policy.reminder_ripe_at(greeted(), rules) is None


@pytest.mark.parametrize(
    ("moment", "active"),
    [
        # Before birth: 11-12, 16-17, 20-21.
        ("2026-03-02 08:00", "2026-03-02 11:00"),
        ("2026-03-02 11:00", "2026-03-02 11:00"),
        ("2026-03-02 11:59:59", "2026-03-02 11:59:59"),
        ("2026-03-02 12:00", "2026-03-02 16:00"),
        ("2026-03-02 20:30", "2026-03-02 20:30"),
        ("2026-03-02 21:00", "2026-03-03 11:00"),
        # After it: 11-12, 13-15, 16-17, 21-23.
        ("2026-05-02 12:30", "2026-05-02 13:00"),
        ("2026-05-02 20:30", "2026-05-02 21:00"),
        ("2026-05-02 23:00", "2026-05-03 11:00"),
        # The day on which the group turns: the middle of its window, 15 April.
        ("2026-04-14 20:30", "2026-04-14 20:30"),
        ("2026-04-14 21:00", "2026-04-15 11:00"),
        ("2026-04-15 20:30", "2026-04-15 21:00"),
    ],
)
@pytest.mark.parametrize("zone", [ZONE, UTC])
def test_the_next_active_hour(moment: str, active: str, zone: tzinfo) -> None:
    found = policy.next_active(shanghai(moment).astimezone(zone), group(), Rules())
    assert found == shanghai(active)


def spans() -> st.SearchStrategy[list[str]]:
    clock = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 30]))
    return st.lists(st.builds("{}-{}".format, clock, clock), min_size=1, max_size=3)


@given(
    before=spans(),
    after=spans(),
    hour=st.integers(0, 72),
    zone=st.sampled_from([ZONE, UTC]),
)
def test_the_next_active_hour_is_never_in_the_past_nor_far_away(
    before: list[str], after: list[str], hour: int, zone: tzinfo
) -> None:
    rules = effective([{"hours": {"prenatal": before, "postnatal": after}}])
    moment = shanghai("2026-04-13 00:00") + timedelta(hours=hour)
    found = policy.next_active(moment.astimezone(zone), group(), rules)
    assert moment <= found <= moment + timedelta(days=2)
    day = found.astimezone(ZONE).date()
    stage = stage_of(group(), day, rules.groups)
    active = rules.hours.prenatal if stage is Stage.PRENATAL else rules.hours.postnatal
    assert any(span.covers(found) or span.next_start(found) == found for span in active)


def test_all_who_need_a_reminder_are_reminded_when_the_first_may_be() -> None:
    people = [greeted(NOON + minutes(30)), greeted(NOON), replace(greeted(), fits=True)]
    due = policy.reminder_due(people, group(), Rules(), not_before=NOON)
    assert due == shanghai("2026-03-03 16:00")
    late = policy.reminder_due(people, group(), Rules(), not_before=shanghai("2026-03-04 07:00"))
    assert late == shanghai("2026-03-04 11:00")
    assert policy.reminder_due([], group(), Rules(), not_before=NOON) is None


# The stage


@pytest.mark.parametrize(
    ("window", "today", "stage"),
    [
        ("2026-03", date(2026, 4, 14), Stage.PRENATAL),
        ("2026-03", date(2026, 4, 15), Stage.POSTNATAL),
        ("2025-12", date(2026, 1, 14), Stage.PRENATAL),
        ("2025-12", date(2026, 1, 15), Stage.POSTNATAL),
        (None, date(2026, 1, 1), Stage.POSTNATAL),
    ],
)
def test_the_stage_follows_from_the_window_and_the_day(
    window: str | None, today: date, stage: Stage
) -> None:
    assert stage_of(group(window=window), today, Rules().groups) is stage


def test_the_turn_can_be_moved() -> None:
    rules = effective([{"groups": {"postnatal_shift": 10 * 86400}}])
    assert stage_of(group(), date(2026, 4, 24), rules.groups) is Stage.PRENATAL
    assert stage_of(group(), date(2026, 4, 25), rules.groups) is Stage.POSTNATAL


# Names


@pytest.mark.parametrize(
    ("count", "shown", "text"),
    [
        (0, 5, ""),
        (1, 5, "@妈0\u2005"),
        (2, 5, "@妈0\u2005@妈1\u2005"),
        (2, 2, "@妈0\u2005@妈1\u2005"),
        (3, 2, "@妈0\u2005@妈1\u2005等3位"),
        (120, 1, "@妈0\u2005等120位"),
    ],
)
def test_the_first_few_are_named_and_the_rest_are_counted(
    count: int, shown: int, text: str
) -> None:
    assert policy.names([member(f"妈{n}") for n in range(count)], shown) == text


@pytest.mark.parametrize(
    ("name", "nickname", "text"),
    [
        ("豆豆妈", "", "@豆豆妈\u2005"),
        ("豆豆妈", "杭州-孕28周-豆豆", "@杭州-孕28周-豆豆\u2005"),
        ("", "", "@新朋友\u2005"),
        ("  ", "\n", "@新朋友\u2005"),
        ("豆豆\n\n妈", "", "@豆豆 妈\u2005"),
    ],
)
def test_people_are_called_what_the_group_sees_of_them(
    name: str, nickname: str, text: str
) -> None:
    assert policy.names([member(name, nickname)], 5) == text


# Words

STEPS = [Kind.WELCOME, Kind.NICKNAME, Kind.RULES, Kind.REMINDER]
IN_MARCH, IN_JULY = date(2026, 3, 2), date(2026, 7, 20)


def said(
    kind: Kind,
    to: Group | None = None,
    today: date = IN_MARCH,
    monitor: Member | None = None,
) -> str:
    return policy.words(kind, [member("豆豆妈")], to or group(), monitor, today, Rules())


@pytest.mark.parametrize("kind", [Kind.WELCOME, Kind.NICKNAME, Kind.REMINDER])
def test_whom_it_is_for_is_in_it(kind: Kind) -> None:
    assert said(kind).count("@豆豆妈\u2005") == 1


def test_the_welcome_tells_who_she_is_among() -> None:
    text = said(Kind.WELCOME, monitor=member("小雨妈妈"))
    for part in ("杭州", "2026年3-5月", "准妈妈", "班长小雨妈妈"):
        assert part in text
    assert "准妈妈" not in said(Kind.WELCOME, today=IN_JULY)
    assert "班长" not in said(Kind.WELCOME)


@pytest.mark.parametrize("kind", [Kind.NICKNAME, Kind.REMINDER])
@pytest.mark.parametrize(
    ("today", "example"),
    [
        (IN_MARCH, "杭州-孕33周-小雨"),
        (IN_JULY, "杭州-3月龄-小雨"),
        (date(2027, 6, 20), "杭州-1岁2个月-小雨"),
    ],
)
def test_the_example_is_one_of_this_group_today(kind: Kind, today: date, example: str) -> None:
    text = said(kind, today=today)
    assert f"「{example}」" in text
    named = member("小雨", example)
    assert policy.fits(named, group(), today, RULES)


def test_the_rules_are_at_most_five_short_lines() -> None:
    lines = said(Kind.RULES).splitlines()
    assert len(lines) <= 5
    assert max(map(len, lines)) <= 30
    assert "@" not in said(Kind.RULES)


@pytest.mark.parametrize("kind", STEPS)
@pytest.mark.parametrize("city", ["杭州", None])
@pytest.mark.parametrize("window", ["2026-03", None])
@pytest.mark.parametrize("today", [IN_MARCH, IN_JULY])
def test_what_is_unknown_of_a_group_leaves_no_trace(
    kind: Kind, city: str | None, window: str | None, today: date
) -> None:
    text = said(kind, group(city, window), today)
    assert text
    assert text == text.strip()
    for trace in ("None", "{", "}", "来到～", "  ", "--", "「-"):
        assert trace not in text
