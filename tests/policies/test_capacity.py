"""What an account can say in a day's hours, and what is moved or dropped if it is too much."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.content import capacity, mix, planning
from handlers.content.capacity import Fitted, Overbooked
from handlers.content.choice import Library
from handlers.content.planning import DayPlan
from handlers.content.slots import Slot
from models.content import ContentKind, Post, PostState, Voice
from models.ids import AccountId, GroupId
from tests.policies.test_planning import MONDAY, MORNING, ground, item, library, rules, spans
from tests.world import shanghai

DRY, WET, WARM = ContentKind
LIBRARY = library()
EVENING = "20:00-21:00"
HOURS = "11:00-12:00", "16:00-17:00", EVENING
MINUTE = timedelta(minutes=1)


def plan(group: str, *hours: str, items: Library = LIBRARY, **fields: Any) -> DayPlan:
    posts = fields.pop("posts", len(hours))
    at = ground(group, rules(posts_daily=posts), spans=spans(*hours), **fields)
    return planning.plan_day(at, MONDAY, items, MORNING)


def plans(count: int, *hours: str, **fields: Any) -> list[DayPlan]:
    return [plan(f"g{number:03}", *hours, **fields) for number in range(count)]


def fit(
    planned: Sequence[DayPlan], a_minute: int = 1, items: Library = LIBRARY, **fields: Any
) -> Fitted:
    given: dict[str, Any] = {"per_minute": a_minute, "share": 0.5, "now": MORNING}
    return capacity.fit(planned, items, **(given | fields))


def posts(fitted: Fitted) -> list[Post]:
    return [each for plan in fitted.plans for each in plan.posts]


def states(fitted: Fitted) -> Counter[PostState]:
    return Counter(each.state for each in posts(fitted))


# Room


def test_what_fits_stays_as_it_is() -> None:
    planned = plans(30, EVENING)
    assert fit(planned) == Fitted(tuple(planned))


def test_what_does_not_fit_is_dropped_and_said_in_advance() -> None:
    fitted = fit(plans(70, EVENING))
    assert states(fitted) == {PostState.PLANNED: 30, PostState.DROPPED: 40}
    dropped = next(each for each in posts(fitted) if each.state is PostState.DROPPED)
    assert (dropped.due_at, dropped.why) == (None, "这个时段账号忙不过来，这次不发")
    evening = shanghai("2026-03-02 20:00"), shanghai("2026-03-02 21:00")
    assert fitted.overbooked == (Overbooked(*evening, wanted=70, dropped=40),)


def test_what_was_missed_in_hours_that_are_over_stays_and_takes_no_room() -> None:
    """It lapses when it is looked at next."""
    eight = shanghai("2026-03-02 20:00")
    missed = plans(31, "11:00-12:00")
    fitted = fit([*missed, *plans(70, EVENING)], now=eight)
    assert fitted.plans[:31] == tuple(missed)
    assert states(fitted)[PostState.PLANNED] == 31 + 30


def test_it_goes_where_its_group_has_an_hour_that_is_not_used() -> None:
    fitted = fit(plans(70, EVENING, "12:00-12:30", posts=1))
    assert states(fitted)[PostState.DROPPED] == 70 - 30 - 15
    moved = [each for each in posts(fitted) if "挪过来的" in each.why]
    assert moved
    assert all(each.opens_at <= each.said_at < each.closes_at for each in posts(fitted))
    assert len({(each.group, each.slot) for each in posts(fitted)}) == 70
    assert all(
        (each.slot == 720) == (each.opens_at == shanghai("2026-03-02 12:00"))
        for each in posts(fitted)
    )


def test_a_half_hour_takes_of_the_hour_around_it() -> None:
    planned = [*plans(20, EVENING), *(plan(f"h{n}", "20:00-20:30") for n in range(15))]
    kept = [each for each in posts(fit(planned)) if each.state is PostState.PLANNED]
    assert len(kept) == 30


def test_what_is_handed_over_costs_two() -> None:
    items = library(voice=Voice.MONITOR)
    planned = plans(40, EVENING, items=items)
    assert states(fit(planned, items=items))[PostState.PLANNED] == 15


def test_what_was_planned_earlier_takes_its_room() -> None:
    earlier = posts(Fitted(tuple(plans(25, EVENING))))
    later = [plan(f"h{number}", EVENING) for number in range(10)]
    assert states(fit(later, booked=earlier))[PostState.PLANNED] == 5


def test_an_hour_that_has_begun_has_less_room() -> None:
    fitted = fit(plans(70, EVENING), now=shanghai("2026-03-02 20:40"))
    assert states(fitted)[PostState.PLANNED] == 10


# Who comes first


def test_what_is_due_by_week_comes_first_then_the_heavier() -> None:
    everything = Library(
        [
            item("due", DRY, to_week=3),
            item("later", DRY, to_week=9, weight=9),
            item("heavy", DRY, weight=5),
            item("light", DRY),
        ]
    )

    def only(group: str, item: str, **fields: Any) -> DayPlan:
        """A plan of this item alone."""
        (post,) = plan(group, EVENING).posts
        post = replace(post, kind=DRY, item=item, state=PostState.PLANNED)
        return replace(plan(group, EVENING), posts=(post,), **fields)

    planned = [
        only("g1", "light"),
        only("g2", "light"),
        only("g3", "heavy"),
        only("g4", "later"),
        only("g5", "due"),
        only("g6", "later", week=8),
    ]
    order = []
    for room in range(1, 7):
        fitted = fit(planned, items=everything, a_minute=room, share=1 / 60)
        said = [each.group for each in posts(fitted) if each.state is PostState.PLANNED]
        order += [each for each in said if each not in order]
    assert order[:4] == ["g5", "g6", "g4", "g3"]


def test_it_is_not_always_the_same_groups_that_go_without() -> None:
    fitted = fit(plans(60, *HOURS))
    without = Counter(each.group for each in posts(fitted) if each.state is PostState.DROPPED)
    assert sum(without.values()) == 90
    assert len(without) > 45


def test_what_somebody_decided_stays() -> None:
    planned = plans(40, EVENING)
    (last,) = planned[-1].posts
    pinned = replace(last, pinned_by="小雨")
    planned[-1] = replace(planned[-1], posts=(pinned,))
    assert pinned in posts(fit(planned, share=1 / 60))


# Two wet ones are never neighbours


def test_what_stood_between_two_wet_ones_takes_the_second_with_it() -> None:
    wet = Library([item(f"w{number}", WET, to_week=9) for number in range(9)] + [item("d", DRY)])
    at = ground("g1", rules(posts_daily=3, wet_daily=2, mature="50:50:0"), spans=spans(*HOURS))
    planned = planning.plan_day(at, MONDAY, wet, MORNING)
    assert [each.kind for each in planned.posts] == [WET, DRY, WET]
    fitted = fit([planned], items=wet, share=1 / 60)
    assert states(fitted)[PostState.PLANNED] == 3
    middle = replace(planned.posts[1], account=AccountId("bot"), group=GroupId("g0"))
    fitted = fit([planned], items=wet, share=1 / 60, booked=[middle])
    assert [each.state for each in fitted.plans[0].posts] == [
        PostState.PLANNED,
        PostState.DROPPED,
        PostState.DROPPED,
    ]
    assert fitted.plans[0].programme.recent == "wDW"


def test_no_wet_one_is_moved_beside_another() -> None:
    at = ground("g1", rules(posts_daily=3, mature="100:0:0"), spans=spans(*HOURS, "12:00-13:00"))
    found = planning.plan_day(at, MONDAY, LIBRARY, MORNING)
    opens = sorted(
        [*(each.opens_at for each in found.posts), *(each.opens_at for each in found.spare)]
    )
    first, second, third, last = (replace(found.posts[0], opens_at=each) for each in opens)
    day = [
        replace(first, kind=WET, slot=1),
        replace(third, slot=3),
        replace(last, kind=WET, slot=4, closes_at=last.opens_at + timedelta(hours=1)),
    ]
    beside = Slot(2, second.opens_at, third.opens_at, second.opens_at)
    other = replace(day[-1], group=GroupId("g0"))
    planned = replace(found, posts=tuple(day), spare=(beside,))
    fitted = fit([planned], share=1 / 60, booked=[other])
    assert [each.state for each in fitted.plans[0].posts] == [
        PostState.PLANNED,
        PostState.PLANNED,
        PostState.DROPPED,
    ]
    assert fitted.plans[0].posts[-1].why == capacity.NO_ROOM


# Whatever there is


SPANS = ("09:00-10:00", "11:00-12:00", "11:30-12:30", "13:00-15:00", "20:00-21:00")


@st.composite
def days(draw: st.DrawFn) -> list[DayPlan]:
    """Of one account's groups, with different hours, histories and libraries."""
    items = [
        item(
            f"{kind}{number}",
            kind,
            voice=draw(st.sampled_from(Voice)),
            weight=draw(st.integers(1, 3)),
            to_week=draw(st.none() | st.integers(3, 6)),
        )
        for kind in ContentKind
        for number in range(2)
    ]
    found = []
    for number in range(draw(st.integers(1, 12))):
        hours = draw(st.lists(st.sampled_from(SPANS), min_size=1, max_size=4, unique=True))
        in_force = rules(posts_daily=draw(st.integers(1, 4)), wet_daily=2, mature="30:40:30")
        at = ground(f"g{number}", in_force, spans=spans(*hours))
        recent = draw(st.sampled_from(["", "ddw", "wdm,ddm"]))
        programme = replace(at.programme, recent=recent, planned_on=MONDAY - timedelta(days=1))
        at = replace(at, programme=programme)
        found.append(planning.plan_day(at, MONDAY, Library(items), MORNING))
    return found


def load(found: Iterable[Post]) -> dict[tuple[Any, Any], int]:
    """What is to be said between any opening and any closing."""
    said = [each for each in found if each.state is PostState.PLANNED]
    opens, closes = {each.opens_at for each in said}, {each.closes_at for each in said}
    return {
        (first, last): sum(
            capacity.cost(each)
            for each in said
            if first <= each.opens_at and each.closes_at <= last
        )
        for first in opens
        for last in closes
        if first < last
    }


def fits(found: Iterable[Post], pace: float) -> bool:
    return all(
        messages <= pace * ((last - first) / MINUTE) + 1e-6
        for (first, last), messages in load(found).items()
    )


def wet_apart(plan: DayPlan) -> bool:
    before = mix.ends_wet(plan.programme.recent.rpartition(",")[0])
    said = [each.kind is WET for each in plan.posts if each.state is PostState.PLANNED]
    return not any(one and then for one, then in pairwise([before, *said]))


@settings(max_examples=200)
@given(planned=days(), pace=st.sampled_from([1 / 60, 2 / 60, 5 / 60, 9 / 60]))
def test_never_more_than_there_is_room_and_nothing_is_lost_without_need(
    planned: list[DayPlan], pace: float
) -> None:
    fitted = fit(planned, share=pace)
    assert fits(posts(fitted), pace)
    assert fitted == fit(planned, share=pace)
    said = Counter(
        (each.opens_at, each.closes_at)
        for each in posts(fitted)
        if each.state is PostState.PLANNED
    )
    for each in fitted.overbooked:
        served = each.wanted - each.dropped - each.moved
        assert served + each.added == said[each.opens_at, each.closes_at]
    for before, plan in zip(planned, fitted.plans, strict=True):
        assert wet_apart(plan)
        assert len(plan.posts) == len(before.posts) == len({each.slot for each in plan.posts})
        assert planning.letters(plan.posts) == plan.programme.recent.split(",")[-1]
        for post in plan.posts:
            if post.state is PostState.DROPPED and post.kind is not WET:
                back = replace(post, state=PostState.PLANNED)
                assert not fits([*posts(fitted), back], pace)
                for slot in plan.spare:
                    moved = replace(back, opens_at=slot.opens_at, closes_at=slot.closes_at)
                    rest = [each for each in plan.posts if each is not post]
                    ordered = sorted([*rest, moved], key=lambda each: each.opens_at)
                    there = replace(plan, posts=tuple(ordered))
                    assert not (fits([*posts(fitted), moved], pace) and wet_apart(there))


@given(planned=days())
def test_where_there_is_room_nothing_changes(planned: list[DayPlan]) -> None:
    assert fit(planned, a_minute=20) == Fitted(tuple(planned))


# How it is told


@pytest.mark.parametrize(
    ("dropped", "moved", "added", "text"),
    [
        (90, 0, 0, "能照顾 610 个，90 个这次不发"),
        (0, 10, 0, "能照顾 690 个，10 个挪到别的时段"),
        (
            *(90, 10, 2),
            "能照顾 600 个，10 个挪到别的时段，90 个这次不发（还有 2 个从别的时段挪来）",
        ),
    ],
)
def test_how_it_is_told(dropped: int, moved: int, added: int, text: str) -> None:
    evening = shanghai("2026-03-02 20:00"), shanghai("2026-03-02 21:00")
    found = Overbooked(*evening, 700, dropped, moved, added)
    assert capacity.told("A", found) == f"账号「A」20:00-21:00 要发的 700 个群{text}"
