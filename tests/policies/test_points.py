"""What points are worth, as plain calls and as invariants."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.daily import ZONE
from config.rules import DeliveryRules, PointsRules
from handlers.points import policy
from handlers.points.policy import History
from models.events import AnswerAccepted, AnswerFact, AnswerGiven
from models.ids import GroupId, MessageId, PersonId
from models.people import Role
from models.points import ANSWERED, Balance, Entry, EntryKind, PraiseDesk, booked, clawback

RULES = PointsRules()
NOW = datetime(2026, 3, 2, 20, tzinfo=ZONE)
GROUP, HELPER, ASKER = GroupId("g1"), PersonId("u1"), PersonId("u2")


def entry(
    points: int, key: str = "k", kind: EntryKind = EntryKind.GIVEN, person: PersonId = HELPER
) -> Entry:
    return Entry(
        key=key,
        group=GROUP,
        person=person,
        kind=kind,
        points=points,
        at=NOW,
        by="rules",
        cause=key,
    )


def fact(
    kind: type[AnswerFact] = AnswerGiven, text: str = "可以先物理降温", asker: PersonId = ASKER
) -> AnswerFact:
    return kind(
        at=NOW,
        group=GROUP,
        message=MessageId("m1"),
        helper=HELPER,
        question=MessageId("q1"),
        asker=asker,
        text=text,
        by="rules",
    )


def history(today: int = 0, had: int = 0, pair: int = 0) -> History:
    return History(
        today=[entry(today)] if today else [],
        of_answer=[entry(had)] if had else [],
        of_pair=pair,
    )


@pytest.mark.parametrize(
    ("said", "past", "points"),
    [
        (fact(), history(), 2),
        (fact(AnswerAccepted), history(), 5),
        (fact(AnswerAccepted), history(today=2, had=2), 3),
        (fact(), history(today=2, had=2), 0),
        (fact(AnswerAccepted), history(had=5), 0),
        (fact(AnswerAccepted), history(today=18), 2),
        (fact(AnswerAccepted), history(today=20), 0),
        (fact(), history(pair=2), 0),
        (fact(AnswerAccepted), history(today=2, had=2, pair=2), 3),
        (fact(asker=HELPER), history(), 0),
        (fact(text="不可以"), history(), 0),
        (fact(text="不可以的"), history(), 2),
    ],
)
def test_what_an_answer_earns(said: AnswerFact, past: History, points: int) -> None:
    assert policy.answer_worth(said, Role.MEMBER, past, RULES).points == points


@pytest.mark.parametrize("role", [each for each in Role if each.is_staff])
def test_staff_earn_nothing(role: Role) -> None:
    assert policy.answer_worth(fact(AnswerAccepted), role, history(), RULES).points == 0


@given(
    points=st.integers(0, 20),
    today=st.integers(0, 40),
    had=st.integers(0, 10),
    pair=st.integers(0, 5),
    accepted=st.booleans(),
)
def test_no_answer_breaks_the_limits(
    points: int, today: int, had: int, pair: int, accepted: bool
) -> None:
    rules = PointsRules(accepted=20, given=points)
    said = fact(AnswerAccepted if accepted else AnswerGiven)
    worth = policy.answer_worth(said, Role.MEMBER, history(today, had, pair), rules)
    assert worth.points >= 0
    assert today + worth.points <= max(rules.daily_most, today)
    assert had + worth.points <= max(rules.accepted, had)
    assert worth.points == 0 or had or pair < rules.pair_daily
    assert worth.points > 0 or worth.why


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("好的", 2),
        ("[强][强][玫瑰]", 0),
        ("👍👍👍👍", 0),
        ("@小雨妈妈\u2005嗯", 1),
        ("@杭州-孕36周-小雨 可以的哦", 4),
        ("……！！！", 0),
        ("38.5度", 4),
    ],
)
def test_letters_are_what_says_something(text: str, letters: int) -> None:
    assert policy.letters(text) == letters


# The ledger


@given(st.lists(st.integers(-30, 30), max_size=40))
def test_a_balance_is_never_below_zero_and_always_the_sum(moves: list[int]) -> None:
    balance, entries = Balance(group=GROUP, person=HELPER), []
    for points in moves:
        written, after = booked(entry(points), balance)
        assert after.points >= 0
        assert written.shortfall >= 0
        assert written.points - written.shortfall == points
        assert written.shortfall == 0 or after.points == 0
        entries.append(written)
        balance = after
    assert balance.points == sum(each.points for each in entries)


# The news


@given(
    said=st.integers(0, 7200) | st.none(),
    due=st.integers(-600, 7200) | st.none(),
    now=st.integers(0, 86_400),
)
def test_the_group_hears_of_points_at_most_once_in_ten_minutes(
    said: int | None, due: int | None, now: int
) -> None:
    start = NOW.replace(hour=8)
    moment = start + timedelta(seconds=now)
    said_at = None if said is None else moment - timedelta(seconds=said)
    due_at = None
    if due is not None:
        earliest = said_at + RULES.announce_gap if said_at else moment
        due_at = max(moment + timedelta(seconds=due), earliest)
    desk = PraiseDesk(group=GROUP, said_at=said_at, due_at=due_at)
    quiet = DeliveryRules()
    found = policy.praise_due(desk, moment, RULES, quiet)
    assert found is not None
    assert found >= moment
    assert said_at is None or found - said_at >= RULES.announce_gap
    assert not quiet.quiet_hours.covers(found)


def test_nothing_else_is_due_while_something_is_being_told() -> None:
    desk = PraiseDesk(group=GROUP, telling=3)
    assert policy.praise_due(desk, NOW, RULES, DeliveryRules()) is None


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from("abc"), st.booleans()), max_size=12))
def test_praise_adds_up_to_what_stands(given_: list[tuple[int, str, bool]]) -> None:
    entries: list[Entry] = []
    standing = 0
    for n, (points, person, undone) in enumerate(given_):
        one = entry(points, f"k{n}", ANSWERED[n % 2], PersonId(person))
        entries.append(one)
        if undone:
            entries.append(clawback(one, NOW, "rules", "撤回"))
        else:
            standing += points
    found = policy.praises(entries)
    assert sum(each.points for each in found) == standing
    assert len({each.person for each in found}) == len(found)
    assert all(each.accepted + each.given > 0 for each in found)


def test_tasks_and_bonuses_are_no_news() -> None:
    silent = [entry(5, "a", EntryKind.TASK), entry(5, "b", EntryKind.BONUS)]
    assert policy.praises(silent) == []


def test_a_clawback_says_what_it_takes_back() -> None:
    one = replace(entry(5), message=MessageId("m1"), counterpart=ASKER)
    back = clawback(one, NOW, "rules", "撤回")
    assert (back.points, back.reverses, back.message) == (-5, "k", "m1")
