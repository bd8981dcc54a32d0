"""Who is proposed as a KOC, in which order, and when that is looked at."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules import KocRules
from handlers.kocs import policy
from handlers.kocs.policy import Candidate, Deeds
from models.groups import Member
from models.ids import GroupId, MessageId, PersonId
from models.questions import Answer
from tests.world import shanghai

RULES = KocRules()
NOW = shanghai("2026-03-09 10:00")


def answer(
    helper: str,
    asker: str | None,
    *,
    days_ago: int = 1,
    accepted: bool = True,
    withdrawn: bool = False,
) -> Answer:
    said_at = NOW - timedelta(days=days_ago)
    return Answer(
        group=GroupId("g1"),
        id=MessageId(f"{helper}>{asker}:{days_ago}"),
        helper=PersonId(helper),
        question=None,
        asker=PersonId(asker) if asker else None,
        said_at=said_at,
        fingerprint="",
        accepted_at=said_at if accepted else None,
        withdrawn_at=said_at if withdrawn else None,
    )


def candidate(
    name: str, accepted: int = 3, helped: int = 2, days_active: int = 5, days_ago: int = 1
) -> Candidate:
    return Candidate(
        Member(group=GroupId("g1"), person=PersonId(name), name=name, present=True),
        Deeds(accepted=accepted, helped=helped, last_at=NOW - timedelta(days=days_ago)),
        days_active,
    )


def names(candidates: list[Candidate], rules: KocRules = RULES) -> list[str]:
    return [each.member.name for each in policy.ranking(candidates, NOW, rules)]


# What she did


def test_only_accepted_answers_that_still_stand_count() -> None:
    found = policy.deeds(
        [
            answer("豆豆妈", "小雨", days_ago=3),
            answer("豆豆妈", "小雨", days_ago=2),
            answer("豆豆妈", "桃子", days_ago=9),
            answer("豆豆妈", "米粒", accepted=False),
            answer("豆豆妈", "安安", withdrawn=True),
            answer("路过", "小雨", accepted=False),
        ]
    )
    assert found == {"豆豆妈": Deeds(accepted=3, helped=2, last_at=NOW - timedelta(days=2))}


def test_whom_nobody_knows_is_no_different_person_and_neither_is_she_herself() -> None:
    found = policy.deeds([answer("豆豆妈", None), answer("豆豆妈", "豆豆妈", days_ago=2)])
    assert found == {"豆豆妈": Deeds(accepted=2, helped=0, last_at=NOW - timedelta(days=1))}


@pytest.mark.parametrize(
    ("accepted", "helped", "is_proven", "is_renewed"),
    [
        (3, 2, True, True),
        (2, 2, False, True),
        (3, 1, False, True),
        (2, 1, False, True),
        (1, 1, False, False),
        (9, 0, False, False),
        (0, 0, False, False),
    ],
)
def test_she_goes_on_with_half_of_what_she_is_proposed_for(
    accepted: int, helped: int, is_proven: bool, is_renewed: bool
) -> None:
    did = Deeds(accepted=accepted, helped=helped, last_at=NOW)
    assert policy.is_proven(did, RULES) is is_proven
    assert policy.is_renewed(did, RULES) is is_renewed


# Who comes first


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (candidate("b", accepted=4), candidate("a")),
        (candidate("b", helped=3), candidate("a")),
        (candidate("b", days_active=6), candidate("a")),
        (candidate("b", days_ago=0), candidate("a")),
        # Two more people count for more than three more answers to the same ones.
        (candidate("b", accepted=5, helped=5), candidate("a", accepted=8, helped=3)),
        # Being around and lately does not outweigh having helped far more.
        (
            candidate("b", accepted=9, helped=5, days_active=0, days_ago=27),
            candidate("a", days_active=28, days_ago=0),
        ),
        # Equal in everything.
        (candidate("a"), candidate("b")),
    ],
)
def test_the_better_one_comes_first(first: Candidate, second: Candidate) -> None:
    expected = [first.member.name, second.member.name]
    assert names([first, second]) == names([second, first]) == expected


def test_only_the_best_few_are_proposed_and_nobody_who_did_too_little() -> None:
    many = [candidate(f"m{n}", accepted=n, helped=min(n, 2)) for n in range(1, 9)]
    assert names(many) == ["m8", "m7", "m6"]
    assert names(many, RULES.model_copy(update={"candidates": 10})) == [
        f"m{n}" for n in range(8, 2, -1)
    ]


people = st.builds(
    candidate,
    name=st.text("abcdef", min_size=1, max_size=2),
    accepted=st.integers(0, 30),
    helped=st.integers(0, 12),
    days_active=st.integers(0, 29),
    days_ago=st.integers(0, 40),
)
crowds = st.lists(people, min_size=1, max_size=8, unique_by=lambda each: each.member.person)
EVERYBODY = RULES.model_copy(update={"candidates": 10})


def more(one: Candidate, of: str) -> Candidate:
    """The same person, having done more of one thing."""
    did = one.deeds
    match of:
        case "accepted":
            return replace(one, deeds=replace(did, accepted=did.accepted + 1))
        case "helped":
            return replace(one, deeds=replace(did, helped=did.helped + 1))
        case "active":
            return replace(one, days_active=one.days_active + 1)
        case _:
            return replace(one, deeds=replace(did, last_at=NOW))


@given(crowds.flatmap(lambda crowd: st.tuples(st.just(crowd), st.permutations(crowd))))
def test_the_order_in_which_they_are_looked_at_changes_nothing(
    crowds: tuple[list[Candidate], list[Candidate]],
) -> None:
    crowd, shuffled = crowds
    assert names(shuffled, EVERYBODY) == names(crowd, EVERYBODY)


@pytest.mark.parametrize("of", ["accepted", "helped", "active", "recent"])
@given(crowd=crowds, data=st.data())
def test_doing_more_never_ranks_lower(
    of: str, crowd: list[Candidate], data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(crowd))
    before = names(crowd, EVERYBODY)
    after = names([more(each, of) if each is one else each for each in crowd], EVERYBODY)
    if one.member.name in before:
        assert after.index(one.member.name) <= before.index(one.member.name)


# When


@pytest.mark.parametrize(
    ("moment", "review"),
    [
        ("2026-03-02 09:59", "2026-03-02 10:00"),
        ("2026-03-02 10:00", "2026-03-09 10:00"),
        ("2026-03-04 12:00", "2026-03-09 10:00"),
        ("2026-03-08 23:59", "2026-03-09 10:00"),
        ("2026-03-09 00:00", "2026-03-09 10:00"),
        ("2026-12-30 08:00", "2027-01-04 10:00"),
    ],
)
def test_the_next_review_is_on_a_monday_at_ten(moment: str, review: str) -> None:
    assert policy.review_after(shanghai(moment)) == shanghai(review)


def test_it_is_ten_in_the_groups_own_time_zone() -> None:
    utc = datetime.fromisoformat("2026-03-09T01:59:59+00:00")
    assert policy.review_after(utc) == shanghai("2026-03-09 10:00")
    assert policy.review_after(utc + timedelta(seconds=1)) == shanghai("2026-03-16 10:00")


@pytest.mark.parametrize(
    ("done_at", "now", "is_too_late"),
    [
        # It was missed on Monday, and it is still the same week.
        ("2026-03-02 10:00", "2026-03-09 10:00", False),
        ("2026-03-02 10:00", "2026-03-15 23:59", False),
        # The week is over, and the next review is today.
        ("2026-03-02 10:00", "2026-03-16 00:00", True),
        ("2026-03-02 10:00", "2026-03-16 09:59", True),
        ("2026-03-02 10:00", "2026-03-16 10:00", False),
        # Two were missed; the second can be made up.
        ("2026-03-02 10:00", "2026-03-17 09:00", False),
        # None was missed.
        ("2026-03-09 10:05", "2026-03-16 09:00", False),
    ],
)
def test_a_missed_review_is_made_up_until_its_week_is_over(
    done_at: str, now: str, is_too_late: bool
) -> None:
    assert policy.is_too_late(shanghai(done_at), shanghai(now)) is is_too_late


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2026-03-09 10:00", "2026-W11"),
        ("2026-03-15 23:59", "2026-W11"),
        ("2026-03-16 00:30", "2026-W11"),
        ("2026-03-16 10:00", "2026-W12"),
        ("2026-12-31 12:00", "2026-W53"),
        ("2027-01-02 12:00", "2026-W53"),
        ("2027-01-04 10:00", "2027-W01"),
    ],
)
def test_a_late_review_is_still_that_of_its_monday(now: str, week: str) -> None:
    assert policy.week_of_review(shanghai(now)) == week
