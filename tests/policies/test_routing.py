"""Which of a cohort's groups a mother is sent to: the one that most needs her, and never one too
many."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules import GrowthRules
from handlers.entry.routing import Candidate, choose, still_takes_her, takes
from models.growth import Life, Recruiting, WayIn, recruiting, way_open
from models.ids import GroupId

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
RULES = GrowthRules()


def group(
    name: str,
    members: int = 20,
    *,
    seats: int = 0,
    days_old: int = 7,
    formed: bool = False,
    was_full: bool = False,
    invites: bool = False,
    rules: GrowthRules = RULES,
) -> Candidate:
    life = Life(
        group=GroupId(name),
        since=NOW,
        opened_on=TODAY - timedelta(days=days_old),
        look_at=None,
        formed_at=NOW if formed else None,
        full_at=NOW if was_full else None,
    )
    return Candidate(
        id=GroupId(name), members=members, seats=seats, life=life, invites=invites, rules=rules
    )


def test_nobody_is_there() -> None:
    assert choose([], TODAY) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # 130 in 21 days is more a day than 120 in 21
        (group("a", 20), group("b", 30)),
        # 50 in 7 days is more a day than 130 in 27
        (group("a", 100, days_old=21), group("b", 20, days_old=1)),
        # whoever is on her way counts
        (group("a", 30), group("b", 20, seats=15)),
        # in time before overdue, even with next to nothing missing
        (group("a", 149, days_old=27), group("b", 20, days_old=28)),
        # overdue: the one that is nearly there
        (group("a", 140, days_old=40), group("b", 20, days_old=40)),
        # overdue before formed
        (group("a", 20, days_old=40), group("b", 150, formed=True)),
        # formed: the smallest
        (group("a", 151), group("b", 152)),
        # formed once is formed, though it shrank
        (group("a", 140, days_old=40), group("b", 100, formed=True)),
        # seats may be those that form it
        (group("a", 149), group("b", 140, seats=10)),
        # and where nothing tells them apart, its id
        (group("a"), group("b")),
    ],
)
def test_the_first_is_chosen(one: Candidate, other: Candidate) -> None:
    assert choose([one, other], TODAY) == one.id
    assert choose([other, one], TODAY) == one.id


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        (group("a", 199), True),
        (group("a", 200), False),
        (group("a", 150, seats=49), True),
        (group("a", 150, seats=50), False),
        (group("a", 200, invites=True), True),
        (group("a", 349, invites=True), True),
        (group("a", 350, invites=True), False),
        (group("a", 300, seats=49, invites=True), True),
        (group("a", 300, seats=50, invites=True), False),
        # who was full opens again only once there is room
        (group("a", 314, was_full=True, invites=True), True),
        (group("a", 315, was_full=True, invites=True), False),
        # a rule of the group's own
        (group("a", 50, rules=RULES.model_copy(update={"qr_until": 50})), False),
        # full before codes fail
        (group("a", 180, rules=RULES.model_copy(update={"full_at": 180})), False),
    ],
)
def test_never_one_too_many(given: Candidate, is_taken: bool) -> None:
    assert choose([given], TODAY) == (given.id if is_taken else None)


def test_where_she_was_sent_before_is_kept_while_it_takes_her() -> None:
    here, there = group("a", 20), group("b", 100)
    assert choose([here, there], TODAY, there.id) == there.id
    assert choose([here, replace(there, members=200)], TODAY, there.id) == here.id
    assert choose([here], TODAY, GroupId("gone")) == here.id


def test_who_has_a_seat_gets_in_however_many_others_have_one() -> None:
    assert still_takes_her(group("a", 190, seats=30), TODAY)
    assert not still_takes_her(group("a", 200, seats=0), TODAY)


candidates = st.builds(
    group,
    st.text("abcdefgh", min_size=1, max_size=4),
    st.integers(0, 400),
    seats=st.integers(0, 60),
    days_old=st.integers(0, 60),
    formed=st.booleans(),
    was_full=st.booleans(),
    invites=st.booleans(),
)
many = st.lists(candidates, max_size=8, unique_by=lambda each: each.id)


@given(many, st.randoms())
def test_the_order_makes_no_difference(groups: list[Candidate], random: Random) -> None:
    shuffled = list(groups)
    random.shuffle(shuffled)
    assert choose(groups, TODAY) == choose(shuffled, TODAY)


@given(many)
def test_the_limits_hold_and_somebody_is_chosen_where_they_allow_it(
    groups: list[Candidate],
) -> None:
    chosen = next((each for each in groups if each.id == choose(groups, TODAY)), None)
    if chosen is None:
        assert not any(takes(each, TODAY) for each in groups)
        return
    expected = chosen.members + chosen.seats + 1
    assert expected <= (RULES.full_at if chosen.invites else RULES.qr_until)
    state = recruiting(chosen.members, chosen.life, TODAY, RULES)
    assert state is not Recruiting.FULL
    way = way_open(state, chosen.members, RULES)
    assert way is WayIn.QR_CODE or chosen.invites


@given(many)
def test_the_chosen_one_has_the_least_slack(groups: list[Candidate]) -> None:
    """No other that takes her is behind by more a day, as far as both can be formed in time."""
    chosen = next((each for each in groups if each.id == choose(groups, TODAY)), None)
    in_time = [each for each in groups if takes(each, TODAY) and needs_a_day(each) is not None]
    if in_time:
        assert chosen is not None
        most = max(need for each in in_time if (need := needs_a_day(each)) is not None)
        assert needs_a_day(chosen) == most


def needs_a_day(candidate: Candidate) -> float | None:
    """None where it is formed, or had its time."""
    expected = candidate.members + candidate.seats
    left = 28 - (TODAY - candidate.life.opened_on).days
    if candidate.life.formed_at or expected >= 150 or left <= 0:
        return None
    return (150 - expected) / left


@given(many, st.integers(1, 400))
def test_however_many_come_none_is_overfilled(groups: list[Candidate], coming: int) -> None:
    now = {each.id: each for each in groups}
    for _ in range(coming):
        chosen = choose(now.values(), TODAY)
        if chosen is None:
            break
        now[chosen] = replace(now[chosen], seats=now[chosen].seats + 1)
    for before in groups:
        after = now[before.id]
        if after.seats > before.seats:
            limit = RULES.full_at if after.invites else RULES.qr_until
            assert after.members + after.seats <= limit
