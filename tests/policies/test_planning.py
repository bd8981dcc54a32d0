"""What a group's day looks like: its hours, its minutes, its items, and the days to come."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.daily import ZONE, DailySpan
from config.rules import Rules, effective
from handlers.content import planning, slots
from handlers.content.choice import Library
from handlers.content.planning import DayPlan, Ground
from models.cohort import Stage
from models.content import ContentKind, Item, Post, PostState, Programme, Voice
from models.groups import Group
from models.ids import AccountId, GroupId
from models.phase import Phase
from tests.world import shanghai

MONDAY = date(2026, 3, 2)
MORNING = shanghai("2026-03-02 06:00")
DAY = timedelta(days=1)
POSTNATAL = Rules().hours.postnatal
DRY, WET, WARM = ContentKind


def rules(**content: Any) -> Rules:
    return effective([{"content": content}])


def quiet(hours: str) -> Rules:
    """With one post a day."""
    return effective([{"delivery": {"quiet_hours": hours}, "content": {"posts_daily": 1}}])


def spans(*texts: str) -> tuple[DailySpan, ...]:
    return tuple(map(DailySpan.parse, texts))


def item(name: str, kind: ContentKind, **fields: Any) -> Item:
    return Item(id=name, kind=kind, text="…", **({"voice": Voice.ASSISTANT} | fields))


def library(dry: int = 60, wet: int = 30, warm: int = 40, **fields: Any) -> Library:
    counts = {DRY: dry, WET: wet, WARM: warm}
    return Library(
        item(f"{kind}{number:02}", kind, **fields)
        for kind, count in counts.items()
        for number in range(count)
    )


def ground(group: str = "g1", in_force: Rules | None = None, **fields: Any) -> Ground:
    programme = Programme(group=GroupId(group), plan_at=None, phase=Phase.MATURE)
    given: dict[str, Any] = {
        "group": Group(id=GroupId(group), account=AccountId("bot"), name="…"),
        "programme": programme,
        "phase": Phase.MATURE,
        "stage": Stage.POSTNATAL,
        "week": 3,
        "spans": POSTNATAL,
        "has_monitor": True,
        "rules": in_force or Rules(),
    }
    return Ground(**(given | fields))


def plan(at: Ground, day: date = MONDAY, now: datetime = MORNING, **counts: int) -> DayPlan:
    return planning.plan_day(at, day, library(**counts), now)


def day_after_day(at: Ground, days: int, items: Library, seen: bool = True) -> list[DayPlan]:
    """What is planned on these days if everything is posted."""
    plans = []
    for day in (MONDAY + number * DAY for number in range(days)):
        plans.append(planning.plan_day(at, day, items, datetime.combine(day, time(0), ZONE)))
        programme = plans[-1].programme
        posted = tuple(each.item for each in plans[-1].posts if each.item and seen)
        at = replace(at, programme=replace(programme, seen=(*programme.seen, *posted)))
    return plans


def hours(found: tuple[slots.Slot, ...]) -> list[str]:
    return [f"{each.opens_at:%H:%M}-{each.closes_at:%H:%M}" for each in found]


def day_of(group: str = "g1", day: date = MONDAY, *texts: str, **content: Any) -> slots.Day:
    return slots.of_day(
        day, spans(*texts) if texts else POSTNATAL, rules(**content), GroupId(group)
    )


# Which hours


def test_as_many_hours_as_posts() -> None:
    found = day_of("g1", MONDAY, "11:00-12:00", "16:00-17:00", "20:00-21:00")
    assert hours(found.used) == ["11:00-12:00", "16:00-17:00", "20:00-21:00"]
    assert found.spare == ()
    assert [each.minute for each in found.used] == [660, 960, 1200]


def test_more_hours_than_posts_take_turns() -> None:
    days = [day_of("g1", MONDAY + number * DAY) for number in range(4)]
    assert all(len(each.used) == 3 and len(each.spare) == 1 for each in days)
    assert len({hours(each.spare)[0] for each in days}) == 4


@given(
    count=st.integers(1, 12),
    posts=st.integers(1, 12),
    days_off=st.sets(
        st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), max_size=6
    ),
    group=st.text("abc", min_size=1, max_size=3),
)
@example(count=7, posts=1, days_off={"sun"}, group="a")
@example(count=6, posts=1, days_off={"sun"}, group="a")
def test_in_time_every_hour_is_used(
    count: int, posts: int, days_off: set[str], group: str
) -> None:
    texts = [f"{8 + number:02}:00-{9 + number:02}:00" for number in range(count)]
    used: Counter[int] = Counter()
    for number in range(7 * count):
        found = day_of(
            group, MONDAY + number * DAY, *texts, posts_daily=posts, days_off=sorted(days_off)
        )
        assert len(found.used) in (0, min(count, posts))
        used.update(each.minute for each in found.used)
    assert len(used) == count


def test_a_day_off_has_none() -> None:
    assert day_of("g1", MONDAY, days_off=["mon"]) == slots.Day()
    assert day_of("g1", MONDAY, days_off=["tue"]).used


@pytest.mark.parametrize(
    ("posts", "texts", "expected"),
    [
        (2, ["13:00-15:00"], ["13:00-14:00", "14:00-15:00"]),
        (5, ["13:00-15:00"], ["13:00-14:00", "14:00-15:00"]),
        (1, ["13:00-15:00"], ["13:00-15:00"]),
        (3, ["11:00-12:00", "13:00-15:00"], ["11:00-12:00", "13:00-14:00", "14:00-15:00"]),
        (4, ["11:00-12:00"], ["11:00-12:00"]),
        (0, ["11:00-12:00"], []),
        (3, ["06:00-08:00", "22:30-00:30"], ["07:30-08:00", "22:30-23:00"]),
        (3, ["07:00-07:35", "23:00-23:30"], []),
        (2, ["11:00-13:00", "12:00-14:00", "12:30-12:50"], ["11:00-13:00", "13:00-14:00"]),
        (3, ["12:00-12:00"], []),
    ],
)
def test_hours_are_divided_kept_apart_and_cut_to_what_is_not_quiet(
    posts: int, texts: list[str], expected: list[str]
) -> None:
    assert hours(day_of("g1", MONDAY, *texts, posts_daily=posts).used) == expected


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    in_force = quiet("02:00-07:00")
    found = slots.of_day(MONDAY, spans("23:00-01:00"), in_force, GroupId("g1")).used[0]
    assert (found.minute, found.closes_at) == (1380, shanghai("2026-03-03 01:00"))


def test_quiet_hours_in_the_middle_leave_the_longer_part() -> None:
    in_force = quiet("12:00-13:00")
    found = slots.of_day(MONDAY, spans("11:30-15:00"), in_force, GroupId("g1"))
    assert hours(found.used) == ["13:00-15:00"]


# Which minute


def test_minutes_are_spread_over_the_first_three_quarters() -> None:
    drawn = [
        day_of(f"g{number}", MONDAY, "20:00-21:00").used[0].said_at - shanghai("2026-03-02 20:00")
        for number in range(3000)
    ]
    assert all(timedelta(0) <= each < timedelta(minutes=45) for each in drawn)
    of_minute = Counter(each // timedelta(minutes=1) for each in drawn)
    assert len(of_minute) == 45
    assert max(of_minute.values()) < 110
    assert max(Counter(drawn).values()) <= 8


def test_a_group_has_another_minute_every_day() -> None:
    days = [day_of("g1", MONDAY + number * DAY, "20:00-21:00") for number in range(10)]
    assert len({each.used[0].said_at.minute for each in days}) > 5


def test_in_hours_that_have_begun_it_comes_in_what_is_left() -> None:
    half = shanghai("2026-03-02 20:50")
    at = [ground(f"g{number}", spans=spans("20:00-21:00")) for number in range(200)]
    said = [plan(each, now=half).posts[0] for each in at]
    assert all(half <= each.said_at < shanghai("2026-03-02 20:58") for each in said)
    assert len({each.said_at for each in said}) > 100
    assert all(each.opens_at == shanghai("2026-03-02 20:00") for each in said)


def test_hours_that_are_over_are_left_out() -> None:
    found = plan(
        ground(spans=spans("11:00-12:00", "20:00-21:00")), now=shanghai("2026-03-02 12:00")
    )
    assert [each.slot for each in found.posts] == [1200]


# Which items


@settings(max_examples=60)
@given(
    posts=st.integers(1, 4),
    dry=st.integers(0, 12),
    wet=st.integers(0, 12),
    warm=st.integers(0, 12),
    phase=st.sampled_from(Phase),
    group=st.text("abc", min_size=1, max_size=3),
)
def test_never_the_same_item_twice_and_never_two_wet_ones_in_a_row(
    posts: int, dry: int, wet: int, warm: int, phase: Phase, group: str
) -> None:
    """Not even where the library is short and the posts between them stay empty."""
    at = ground(group, rules(posts_daily=posts, wet_daily=2), phase=phase)
    plans = day_after_day(at, 21, library(dry, wet, warm))
    said = [each for plan in plans for each in plan.posts if each.state is PostState.PLANNED]
    assert len({each.item for each in said}) == len(said)
    assert not [one.slot for one, then in pairwise(said) if one.kind is WET and then.kind is WET]
    assert all(len(plan.posts) == min(posts, 5) for plan in plans)


def test_the_same_input_gives_the_same_plan() -> None:
    assert plan(ground()) == plan(ground())
    assert plan(ground()).posts != plan(ground("g2")).posts


def test_what_is_planned_says_when_what_and_why() -> None:
    found = plan(ground(spans=spans("20:00-21:00"), week=None), wet=0, warm=0)
    post = found.posts[0]
    assert (post.kind, post.item, post.state) == (DRY, "dry00", PostState.PLANNED)
    assert post.due_at == post.said_at
    assert (post.account, post.phase, post.why) == ("bot", Phase.MATURE, "产后 · 干货轮到")


def test_the_monitor_has_it_from_the_beginning_of_the_hour() -> None:
    at = ground(spans=spans("20:00-21:00"))
    items = library(voice=Voice.MONITOR)
    post = planning.plan_day(at, MONDAY, items, MORNING).posts[0]
    assert (post.voice, post.due_at) == (Voice.MONITOR, shanghai("2026-03-02 20:00"))
    alone = planning.plan_day(replace(at, has_monitor=False), MONDAY, items, MORNING)
    assert alone.posts[0].state is PostState.EMPTY
    assert "可这个群没有班长" in alone.posts[0].why
    assert (alone.short, alone.unvoiced) == ((), (alone.posts[0].kind,))


def test_where_nothing_fits_the_slot_stays_empty_and_counts() -> None:
    found = plan(ground(phase=Phase.FADING), dry=0)
    empty = [each for each in found.posts if each.state is PostState.EMPTY]
    assert [each.kind for each in empty] == [DRY] * len(empty)
    assert (found.short, found.unvoiced) == ((DRY,) * len(empty), ())
    assert all(each.due_at is None and each.item is None for each in empty)
    assert all(each.why == "库里没有适合这个群的干货" for each in empty)
    assert sorted(found.programme.recent.upper()) == ["D", "M", "M"]
    assert "D" in found.programme.recent


def test_items_promised_elsewhere_are_left_alone() -> None:
    at = ground(reserved=frozenset({"dry00", "dry01", "wet00", "warm00"}))
    assert {"dry00", "dry01", "wet00", "warm00"}.isdisjoint(each.item for each in plan(at).posts)


# What somebody decided


def test_decided_posts_stay_as_they_are_and_count_as_what_they_are() -> None:
    usual = plan(ground())
    wet = next(each for each in usual.posts if each.kind is WET)
    skipped = replace(wet, state=PostState.SKIPPED, due_at=None, pinned_by="小雨")
    found = plan(ground(pinned={wet.slot: skipped}))
    assert skipped in found.posts
    assert [each.kind for each in found.posts].count(WET) == 1
    assert "W" in found.programme.recent
    assert [each.slot for each in found.posts] == [each.slot for each in usual.posts]


def test_a_decided_post_in_an_hour_that_was_not_used_takes_the_place_of_another() -> None:
    usual = plan(ground())
    spare = usual.spare[0]
    pinned = replace(
        usual.posts[0],
        slot=spare.minute,
        opens_at=spare.opens_at,
        pinned_by="小雨",
        item="dry33",
        kind=DRY,
    )
    found = plan(ground(pinned={spare.minute: pinned}))
    assert pinned in found.posts
    assert len({each.slot for each in found.posts}) == len(found.posts) == 3
    assert list(found.posts) == sorted(found.posts, key=lambda each: each.opens_at)


def test_a_decided_slot_is_planned_once() -> None:
    for number in range(8):
        for decided in plan(ground(f"g{number}")).posts:
            pinned = replace(decided, pinned_by="小雨")
            found = plan(ground(f"g{number}", pinned={pinned.slot: pinned}))
            assert [each.slot for each in found.posts].count(pinned.slot) == 1
            assert len(found.posts) == 3


def test_an_item_that_somebody_chose_is_what_the_library_has_it_for_now() -> None:
    first, *_ = plan(ground()).posts
    chosen = replace(first, kind=DRY, item="a", pinned_by="小雨")
    now_wet = Library([item("a", WET, voice=Voice.MONITOR), item("b", DRY)])
    found = planning.plan_day(ground(pinned={first.slot: chosen}), MONDAY, now_wet, MORNING)
    post = found.posts[0]
    assert (post.item, post.kind, post.voice) == ("a", WET, Voice.MONITOR)
    assert (post.due_at, post.pinned_by) == (post.opens_at, "小雨")
    gone = planning.plan_day(ground(pinned={first.slot: chosen}), MONDAY, library(), MORNING)
    assert chosen in gone.posts


def test_an_item_that_somebody_chose_for_the_day_is_not_chosen_twice() -> None:
    first, *_ = plan(ground()).posts
    pinned = replace(first, kind=DRY, item="dry00", pinned_by="小雨")
    items = [each.item for each in plan(ground(pinned={first.slot: pinned})).posts]
    assert items.count("dry00") == 1


# What is remembered


def test_a_new_phase_counts_anew() -> None:
    programme = Programme(
        group=GroupId("g1"),
        plan_at=MORNING,
        planned_on=MONDAY - DAY,
        phase=Phase.GROWING,
        recent="ddd,ddd,ddd",
    )
    found = plan(ground(programme=programme)).programme
    assert (found.phase, found.planned_on) == (Phase.MATURE, MONDAY)
    assert len(found.recent) == 3
    assert found.plan_at == MORNING


def test_what_is_only_planned_has_not_been_seen() -> None:
    assert plan(ground()).programme.seen == ()


def test_a_day_planned_twice_counts_once() -> None:
    first = plan(ground())
    again = plan(ground(programme=first.programme))
    assert again == first


def test_missed_days_are_days_without_posts() -> None:
    first = plan(ground()).programme
    later = plan(ground(programme=first), MONDAY + 3 * DAY, shanghai("2026-03-05 06:00"))
    assert [len(each) for each in later.programme.recent.split(",")] == [3, 0, 0, 3]


# The days to come


def of_days(**fields: Any) -> list[Post]:
    return planning.calendar(lambda day: ground(**fields), MONDAY, 14, library(), MORNING)


def test_the_calendar_is_what_will_be_planned() -> None:
    plans = day_after_day(ground(), 14, library())
    assert of_days() == [each for plan in plans for each in plan.posts]


def test_the_calendar_knows_what_changes_on_the_way() -> None:
    turning = MONDAY + 5 * DAY

    def on(day: date) -> Ground:
        if day < turning:
            return ground(stage=Stage.PRENATAL, spans=Rules().hours.prenatal, phase=Phase.GROWING)
        return ground()

    posts = planning.calendar(on, MONDAY, 14, library(), MORNING)
    assert {each.phase for each in posts if each.day < turning} == {Phase.GROWING}
    assert {each.phase for each in posts if each.day >= turning} == {Phase.MATURE}
    assert {each.slot for each in posts if each.day < turning} == {660, 960, 1200}
    assert {each.slot for each in posts if each.day >= turning} == {660, 780, 960, 1260}
    assert len({each.item for each in posts}) == len(posts)


def test_the_calendar_tells_what_is_only_planned_as_planned() -> None:
    one = replace(
        Programme(group=GroupId("g1"), plan_at=None), phase=Phase.MATURE, seen=("dry00",)
    )
    posts = planning.calendar(
        lambda day: ground(programme=one), MONDAY, 7, library(dry=3, wet=0, warm=0), MORNING
    )
    assert [each.why for each in posts if each.kind is DRY][
        -1
    ] == "没有合适的干货了：1条轮过了，2条已经排上了"


def test_the_calendar_respects_what_is_decided() -> None:
    friday = MONDAY + 4 * DAY
    usual = [each for each in of_days() if each.day == friday]
    skipped = replace(usual[1], state=PostState.SKIPPED, due_at=None, pinned_by="小雨")

    def on(day: date) -> Ground:
        return ground(pinned={skipped.slot: skipped} if day == friday else {})

    posts = planning.calendar(on, MONDAY, 14, library(), MORNING)
    assert skipped in posts
    later = [each.item for each in posts if each.day > friday]
    assert skipped.item in later


# Where a person confirms what is said


@pytest.mark.parametrize("phase", list(Phase))
@given(
    daily=st.integers(1, 3),
    posts=st.integers(0, 4),
    group=st.text("abc", min_size=1, max_size=3),
    stage=st.sampled_from([Rules().hours.prenatal, POSTNATAL]),
)
@settings(max_examples=15, deadline=None)
def test_confirmed_posts_are_few_and_have_the_mix_all_the_same(
    phase: Phase, daily: int, posts: int, group: str, stage: tuple[DailySpan, ...]
) -> None:
    in_force = effective([{"confirmation": {"daily": daily}, "content": {"posts_daily": posts}}])
    at = ground(group, in_force, needs_confirmation=True, phase=phase, spans=stage)
    at = replace(at, programme=replace(at.programme, phase=phase))
    plans = day_after_day(at, 30, library(120, 60, 80))
    said = [[each.kind for each in day.posts] for day in plans]
    assert {len(each) for each in said} == {min(daily, posts)}
    for end in range(14, 31):
        window = [kind for day in said[end - 14 : end] for kind in day]
        for kind, share in zip(ContentKind, at.mix.shares, strict=True):
            assert abs(window.count(kind) - share * len(window)) <= 1 + 1e-9


@given(groups=st.sets(st.text("abcdef", min_size=1, max_size=4), min_size=2, max_size=5))
@settings(max_examples=20, deadline=None)
def test_groups_alike_are_asked_for_alike(groups: set[str]) -> None:
    """So that one confirmation is for all of them."""
    items = library()

    def told(group: str) -> list[tuple[Any, ...]]:
        plans = day_after_day(ground(group, needs_confirmation=True), 10, items)
        return [
            (each.day, each.item, each.opens_at, each.said_at, each.closes_at)
            for plan in plans
            for each in plan.posts
        ]

    first, *others = map(told, sorted(groups))
    assert len(first) == 10
    assert all(said_at == opens_at for _, _, opens_at, said_at, _ in first)
    assert others == [first] * len(others)


@pytest.mark.parametrize(
    ("hours", "confirmation", "until"),
    [
        ("11:00-12:00", {}, "12:30"),
        ("11:00-12:00", {"nudge_after": 3600}, "14:00"),
        ("11:00-12:00", {"nudge_times": 0}, "12:00"),
        ("13:00-15:00", {}, "15:00"),
        ("22:00-22:40", {}, "23:00"),
    ],
)
def test_there_is_time_to_confirm_a_post(
    hours: str, confirmation: dict[str, Any], until: str
) -> None:
    in_force = effective([{"confirmation": confirmation}])
    at = ground("g1", in_force, needs_confirmation=True, spans=spans(hours))
    (post,) = plan(at).posts
    assert f"{post.closes_at:%H:%M}" == until


def test_what_is_confirmed_is_not_handed_to_a_monitor() -> None:
    hers = Library([item("hers", DRY, voice=Voice.MONITOR)])
    only_dry = rules(mature="100:0:0")
    at = ground("g1", only_dry, needs_confirmation=True, has_monitor=False)
    (post,) = planning.plan_day(at, MONDAY, hers, MORNING).posts
    assert (post.item, post.voice) == ("hers", Voice.ASSISTANT)
    assert post.due_at == post.said_at == post.opens_at
