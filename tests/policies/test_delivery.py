"""When a message may be said, and what becomes of it after an attempt."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox import policy
from bot.outbox.policy import Pace
from config.rules import DeliveryRules, Rules, effective
from handlers.outbox.policy import NextStep, next_step
from models.delivery import (
    DeliveryError,
    Lapsed,
    MaybeSent,
    NotSent,
    Parked,
    Refused,
    RetryAt,
    Sent,
    Unsure,
    Verdict,
    Withheld,
)
from models.ids import AccountId, GroupId, RoundId
from models.messages import CONTENT, ROUND_STEPS, Kind, Outgoing, Priority
from tests.world import shanghai

RULES = DeliveryRules()
NOON = shanghai("2026-03-02 12:00")
REASON = "the line was cut"


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def message(key: str = "k", group: str | None = "g1", step: int = 0, number: int = 1) -> Outgoing:
    return Outgoing(
        key=key,
        kind=Kind.WELCOME,
        account=AccountId("a"),
        text="",
        due_at=NOON,
        lapses_at=NOON + timedelta(hours=2),
        group=GroupId(group) if group else None,
        round=RoundId(number) if number else None,
        step=step,
    )


# What becomes of it


@pytest.mark.parametrize(
    ("error", "attempts", "verdict"),
    [
        (None, 1, Sent()),
        (None, 6, Sent()),
        (Withheld(REASON), 1, RetryAt(NOON, REASON)),
        (Withheld(REASON), 9, RetryAt(NOON, REASON)),
        (MaybeSent(REASON), 1, Unsure(REASON)),
        (MaybeSent(REASON), 6, Unsure(REASON)),
        (Refused(REASON), 1, Parked(REASON)),
        (NotSent(REASON), 1, RetryAt(NOON + seconds(5), REASON)),
        (NotSent(REASON), 2, RetryAt(NOON + seconds(10), REASON)),
        (NotSent(REASON), 3, RetryAt(NOON + seconds(20), REASON)),
        (NotSent(REASON), 5, RetryAt(NOON + seconds(80), REASON)),
        (NotSent(REASON), 6, Parked(f"gave up after 6 attempts: {REASON}")),
        # The platform told us how long to wait: never less than that, never less than our own.
        (NotSent(REASON, after=seconds(60)), 1, RetryAt(NOON + seconds(60), REASON)),
        (NotSent(REASON, after=seconds(1)), 3, RetryAt(NOON + seconds(20), REASON)),
        (NotSent(REASON, after=timedelta(0)), 1, RetryAt(NOON + seconds(5), REASON)),
    ],
)
def test_what_becomes_of_a_message(
    error: DeliveryError | None, attempts: int, verdict: Verdict
) -> None:
    assert policy.verdict(error, attempts, NOON, RULES) == verdict


@given(st.integers(1, 48))
def test_waits_grow_and_stop_growing(attempts: int) -> None:
    rules = DeliveryRules.model_validate({"max_attempts": 50, "longest_wait": 600})
    waits = []
    for count in (attempts, attempts + 1):
        outcome = policy.verdict(NotSent(REASON), count, NOON, rules)
        assert isinstance(outcome, RetryAt)
        waits.append(outcome.at - NOON)
    assert waits[1] == min(2 * waits[0], timedelta(minutes=10))


# What it means for the rest of its round


@pytest.mark.parametrize(
    ("step", "outcome", "following"),
    [
        (0, Sent(), NextStep(NOON)),
        (0, Unsure(REASON), NextStep(NOON)),
        (0, Parked(REASON), NextStep(None)),
        (0, Lapsed(REASON), NextStep(None)),
        (0, RetryAt(NOON, REASON), None),
        (1, Sent(), NextStep(NOON)),
        (1, Unsure(REASON), NextStep(NOON)),
        (1, Parked(REASON), NextStep(NOON + timedelta(minutes=5))),
        (1, Lapsed(REASON), NextStep(NOON)),
        (1, RetryAt(NOON, REASON), None),
    ],
)
def test_what_the_next_step_does(step: int, outcome: Verdict, following: NextStep | None) -> None:
    assert next_step(message(step=step), outcome, NOON, RULES) == following


@pytest.mark.parametrize("outcome", [Sent(), Parked(REASON), Lapsed(REASON), Unsure(REASON)])
def test_what_is_no_step_of_a_round_has_no_next_one(outcome: Verdict) -> None:
    assert next_step(message(number=0), outcome, NOON, RULES) is None


# Quiet hours and the budget


@pytest.mark.parametrize("kind", [Kind.WELCOME, Kind.NICKNAME, Kind.RULES, Kind.REMINDER])
@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-02 22:59:59", None),
        ("2026-03-02 23:00", "2026-03-03 07:30"),
        ("2026-03-03 03:00", "2026-03-03 07:30"),
        ("2026-03-03 07:29:59", "2026-03-03 07:30"),
        ("2026-03-03 07:30", None),
    ],
)
def test_at_night_nothing_unprompted_is_said(kind: Kind, now: str, until: str | None) -> None:
    found = policy.silent_until(kind, shanghai(now), Rules())
    assert found == (shanghai(until) if until else None)


def test_who_asks_at_night_is_answered() -> None:
    assert policy.silent_until(Kind.REPLY, shanghai("2026-03-03 03:00"), Rules()) is None


def test_onboarding_has_its_own_quiet_hours() -> None:
    rules = effective([{"onboarding": {"quiet_hours": "12:00-13:00"}}])
    for kind in ROUND_STEPS:
        assert policy.silent_until(kind, NOON, rules) == shanghai("2026-03-02 13:00")
        assert policy.silent_until(kind, shanghai("2026-03-03 03:00"), rules) is None
    assert policy.silent_until(Kind.REMINDER, NOON, rules) is None


def test_the_budget_is_for_what_nobody_asked_for_and_no_law_holds_down() -> None:
    budgeted = {kind for kind in Kind if policy.is_budgeted(kind)}
    assert budgeted == {
        *CONTENT,
        Kind.REMINDER,
        Kind.AWARDED,
        Kind.NOTICE,
        Kind.STAFF_NOTICE,
    }


def test_who_is_served_first() -> None:
    order = [Kind.REPLY, *ROUND_STEPS, Kind.REMINDER]
    assert sorted(order, key=lambda kind: kind.priority) == order
    assert sorted(Priority) == [
        Priority.REPLY,
        Priority.ONBOARDING,
        Priority.CONTENT,
        Priority.REMINDER,
    ]


# Chance


@given(st.integers(), st.text())
def test_chance_is_the_same_wherever_it_is_asked(seed: int, key: str) -> None:
    assert 0 <= policy.chance(seed, key) < 1
    assert policy.chance(seed, key) == policy.chance(seed, key)


def test_chance_is_spread_and_depends_on_seed_and_key() -> None:
    drawn = [policy.chance(7, f"k{n}") for n in range(1000)]
    assert len(set(drawn)) == 1000
    assert 0.45 < sum(drawn) / 1000 < 0.55
    assert policy.chance(8, "k0") != drawn[0]
    assert policy.chance(7, "11") != policy.chance(71, "1")


# Pace

rules_of_pace = st.builds(
    lambda per_minute, group_gap, jitter: DeliveryRules.model_validate(
        {"per_minute": per_minute, "group_gap": group_gap, "jitter": jitter}
    ),
    st.integers(1, 20),
    st.sampled_from([0, 0.5, 1.5, 10, 90]),
    st.sampled_from([0, 1, 30]),
)
wishes = st.lists(
    st.tuples(st.sampled_from(["g1", "g2", "g3", None]), st.floats(0, 30)), max_size=60
)


def allowed(pace: Pace, wished: Outgoing, now: datetime, rules: DeliveryRules) -> datetime:
    """The first moment at which the pace lets it be said."""
    while True:
        ready = max(
            pace.account_ready(now, rules.per_minute), pace.group_ready(wished, now, rules)
        )
        if ready <= now:
            return now
        now = ready


@given(rules_of_pace, wishes, st.integers(0, 100), st.booleans())
def test_however_much_there_is_to_say_the_pace_is_kept(
    rules: DeliveryRules, wished: list[tuple[str | None, float]], seed: int, forgets: bool
) -> None:
    pace, now = Pace(seed), NOON
    spoken: list[tuple[datetime, str | None]] = []
    for number, (group, pause) in enumerate(wished):
        asked = now + seconds(pause)
        said = message(f"k{number}", group)
        now = allowed(pace, said, asked, rules)
        assert now - asked <= timedelta(minutes=1) + rules.group_gap + rules.jitter
        if forgets:
            pace.forget(now)
        pace.spoke(now, said.group)
        spoken.append((now, group))
    for at, group in spoken:
        within = [other for other, _ in spoken if at - timedelta(minutes=1) < other <= at]
        assert len(within) <= rules.per_minute
        before = [other for other, where in spoken if where == group and other < at]
        if group is not None and before:
            assert at - before[-1] >= rules.group_gap


def test_a_machines_regularity_does_not_stand_out() -> None:
    ready = []
    for n in range(50):
        pace, at = Pace(seed=1), NOON + seconds(n)
        pace.spoke(at, GroupId("g1"))
        ready.append(pace.group_ready(message("k"), at, RULES) - at)
    assert len(set(ready)) == 50
    assert all(seconds(1.5) <= each <= seconds(2.5) for each in ready)


def test_groups_cool_down_one_by_one() -> None:
    pace = Pace()
    pace.spoke(NOON, GroupId("g1"))
    pace.spoke(NOON + seconds(1), GroupId("g2"))
    pace.spoke(NOON + seconds(1), None)
    assert pace.cooling(NOON + seconds(1), seconds(1.5)) == ["g1", "g2"]
    assert pace.cooling(NOON + seconds(1.5), seconds(1.5)) == ["g2"]
    assert pace.cooling(NOON + seconds(2.5), seconds(1.5)) == []


def test_what_is_long_past_is_forgotten() -> None:
    pace = Pace()
    for n in range(100):
        pace.spoke(NOON + seconds(n), GroupId(f"g{n}"))
    later = NOON + timedelta(hours=2)
    pace.forget(later)
    assert (list(pace.recent), pace.last_in) == ([], {})


def test_a_copy_goes_its_own_way() -> None:
    pace = Pace()
    other = pace.copy()
    other.spoke(NOON, GroupId("g1"))
    assert (list(pace.recent), pace.last_in) == ([], {})


# The soonest


def test_the_soonest_of_what_is_known() -> None:
    assert policy.soonest([]) is None
    assert policy.soonest([None, None]) is None
    assert policy.soonest([NOON + seconds(1), None, NOON]) == NOON


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    pace = Pace()
    pace.spoke(NOON + timedelta(hours=1), GroupId("g1"))
    pace.forget(NOON)
    assert pace.account_ready(NOON, per_minute=1) == NOON + timedelta(minutes=1)
    assert pace.cooling(NOON + seconds(2), seconds(1.5)) == []


def test_nor_does_one_that_was_set_back_while_something_was_being_said() -> None:
    pace = Pace()
    for number in (1, 2):
        pace.spoke(NOON + timedelta(hours=1), GroupId(f"g{number}"))
    pace.spoke(NOON, GroupId("g1"))
    pace.forget(NOON + seconds(1))
    assert pace.cooling(NOON + seconds(1), seconds(0)) == []
    assert pace.account_ready(NOON + seconds(1), per_minute=100) <= NOON + seconds(1)
