"""Nobody gets points twice for the same newcomer, in a circle, or beyond a month's share."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules import ReferralRules
from handlers.referrals import policy
from handlers.referrals.policy import Credit, Grounds, NoCredit, Stay, judge
from models.groups import Account, Group, Member, PastStay
from models.ids import AccountId, Code, GroupId, PersonId, VisitorId
from models.people import Role
from models.points import Balance, Entry, EntryKind, booked
from models.referrals import Alike, Referral
from tests.world import shanghai

GROUP = GroupId("g1")
NOW = shanghai("2026-03-10 12:00")
RULES = ReferralRules()
NEW, SHE, OTHER = PersonId("new"), PersonId("she"), PersonId("other")
REFERRAL = Referral(group=GROUP, person=NEW, joined_at=NOW - timedelta(days=7), by_platform=SHE)
GROUNDS = Grounds(home=GROUP, roles=(Role.MEMBER, Role.KOC))


def worth(referral: Referral = REFERRAL, grounds: Grounds = GROUNDS) -> Credit | NoCredit:
    return judge(referral, grounds, RULES)


def credited(**more: Any) -> Referral:
    blank = Referral(group=GroupId("g2"), person=OTHER, joined_at=NOW, credited=OTHER)
    return replace(blank, **more)


def test_who_brings_somebody_who_stays_gets_points() -> None:
    assert worth() == Credit(3, SHE, GROUP)


def test_a_link_counts_before_an_invitation() -> None:
    by_both = replace(REFERRAL, by_link=OTHER)
    assert worth(by_both) == Credit(3, OTHER, GROUP)
    by_nurse = replace(REFERRAL, by_name="王护士")
    assert worth(by_nurse) == NoCredit(policy.NOT_OURS)


BROWSER = VisitorId("b")


@pytest.mark.parametrize(
    ("referral", "grounds", "why"),
    [
        (REFERRAL, replace(GROUNDS, is_ours=False), policy.LET_GO),
        (REFERRAL, replace(GROUNDS, was_there=False), policy.LEFT),
        (replace(REFERRAL, by_platform=NEW), GROUNDS, policy.HERSELF),
        (
            replace(REFERRAL, visitor=BROWSER),
            replace(GROUNDS, others=[credited(person=SHE, credited=None, visitor=BROWSER)]),
            policy.HERSELF,
        ),
        (
            REFERRAL,
            replace(GROUNDS, name="豆 豆", alike=[Alike(SHE, "豆豆", False)]),
            policy.HERSELF,
        ),
        (REFERRAL, replace(GROUNDS, above={NEW, OTHER}), policy.CIRCLE),
        (REFERRAL, replace(GROUNDS, others=[credited(person=NEW)]), policy.HAD_PERSON),
        (
            replace(REFERRAL, visitor=BROWSER),
            replace(GROUNDS, others=[credited(visitor=BROWSER)]),
            policy.HAD_BROWSER,
        ),
        (
            REFERRAL,
            replace(GROUNDS, name="ＡＮＮ", alike=[Alike(OTHER, "ann", True)]),
            policy.HAD_ANSWERS,
        ),
        (REFERRAL, replace(GROUNDS, home=None), policy.NO_HOME),
        (REFERRAL, replace(GROUNDS, roles=(Role.MEMBER, Role.HOST)), policy.STAFF),
        (REFERRAL, replace(GROUNDS, roles=(Role.BOT,)), policy.STAFF),
        (REFERRAL, replace(GROUNDS, had=30), policy.ENOUGH),
        (REFERRAL, replace(GROUNDS, had=300), policy.ENOUGH),
    ],
)
def test_nobody_gets_points(referral: Referral, grounds: Grounds, why: str) -> None:
    assert worth(referral, grounds) == NoCredit(why)


@pytest.mark.parametrize(
    "grounds",
    [
        replace(GROUNDS, others=[credited(person=SHE)]),
        replace(GROUNDS, others=[credited(person=NEW, credited=None)]),
        replace(GROUNDS, name="豆豆", alike=[Alike(OTHER, "豆豆", False)]),
        replace(GROUNDS, name="豆豆", alike=[Alike(OTHER, "米粒", True)]),
        replace(GROUNDS, name="", alike=[Alike(OTHER, "", True)]),
        replace(GROUNDS, above={OTHER}),
    ],
)
def test_what_only_looks_like_it_stands_in_nobodys_way(grounds: Grounds) -> None:
    """Two browsers of which nothing is known are not the same."""
    assert worth(REFERRAL, grounds) == Credit(3, SHE, GROUP)


def test_a_rule_may_say_that_it_is_worth_nothing() -> None:
    nothing = ReferralRules(points=0)
    assert judge(REFERRAL, GROUNDS, nothing) == NoCredit(policy.NO_POINTS)
    assert judge(REFERRAL, GROUNDS, ReferralRules(monthly_most=0)) == NoCredit(policy.ENOUGH)


# Any sequence


@dataclass
class Ledger:
    """What handler and stores do, in memory."""

    rules: ReferralRules
    referrals: list[Referral] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    balances: dict[PersonId, int] = field(default_factory=lambda: defaultdict(int))

    def above(self, person: PersonId) -> set[PersonId]:
        up = {person}
        while more := {
            by
            for each in self.referrals
            if each.person in up
            for by in (each.by_link, each.by_platform)
            if by is not None and by not in up
        }:
            up |= more
        return up - {person}

    def judge(self, index: int, now: datetime) -> None:
        referral = self.referrals[index]
        referrer = referral.referrer
        month = now.replace(day=1, hour=0, minute=0)
        people = {referral.person, referrer}
        grounds = Grounds(
            home=GROUP,
            others=[
                each
                for n, each in enumerate(self.referrals)
                if n != index
                and (each.person in people or (each.visitor and each.visitor == referral.visitor))
            ],
            above=self.above(referrer) if referrer else (),
            had=sum(e.points for e in self.entries if e.person == referrer and e.at >= month),
        )
        match judge(referral, grounds, self.rules):
            case Credit() as credit:
                self._book(referral, credit, index, now)

    def _book(self, referral: Referral, credit: Credit, index: int, now: datetime) -> None:
        entry = policy.entry(referral, credit, now)
        before = Balance(group=GROUP, person=credit.person, points=self.balances[credit.person])
        written, after = booked(entry, before)
        self.entries.append(written)
        self.balances[credit.person] = after.points
        self.referrals[index] = replace(referral, credited=credit.person, credited_in=credit.group)


people = st.sampled_from([PersonId(each) for each in "abcdef"])
browsers = st.none() | st.sampled_from([VisitorId(each) for each in "xyz"])
arrivals = st.lists(
    st.tuples(people, st.none() | people, st.none() | people, browsers, st.integers(0, 20)),
    max_size=15,
)


@given(arrivals, st.integers(0, 5), st.integers(0, 8))
def test_any_sequence_keeps_the_rules(
    came: list[tuple[PersonId, PersonId | None, PersonId | None, VisitorId | None, int]],
    points: int,
    most: int,
) -> None:
    ledger = Ledger(ReferralRules(points=points, monthly_most=most))
    now = NOW
    for n, (person, by_link, by_platform, visitor, days) in enumerate(came):
        now += timedelta(days=days)
        referral = Referral(
            group=GroupId(f"g{n}"),
            person=person,
            joined_at=now,
            code=Code("c") if by_link else None,
            visitor=visitor,
            by_link=by_link,
            by_platform=by_platform,
        )
        ledger.referrals.append(referral)
        ledger.judge(n, now)
    newcomers = [each.counterpart for each in ledger.entries]
    assert len(newcomers) == len(set(newcomers))
    used = [each.visitor for each in ledger.referrals if each.credited and each.visitor]
    assert len(used) == len(set(used))
    monthly: dict[tuple[PersonId, int, int], int] = defaultdict(int)
    for each in ledger.entries:
        monthly[each.person, each.at.year, each.at.month] += each.points
    assert all(total <= most for total in monthly.values())
    edges = {(each.person, each.counterpart) for each in ledger.entries}
    assert not any(_reaches(edges, each, each) for each in newcomers if each)
    for person, balance in ledger.balances.items():
        assert balance == sum(e.points for e in ledger.entries if e.person == person)


def _reaches(edges: set[tuple[PersonId, PersonId | None]], start: PersonId, end: PersonId) -> bool:
    """Whether she brought, herself or through others, this one."""
    reached, frontier = set[PersonId](), {start}
    while frontier:
        frontier = {who for by, who in edges if by in frontier and who} - reached
        reached |= frontier
    return end in reached


# Who was there


def member(**more: Any) -> Member:
    blank = Member(group=GROUP, person=NEW, seen_at=NOW, present=True)
    return replace(blank, **more)


def past(seen: int, gone: int, left: int | None = None) -> PastStay:
    """In hours from now."""
    return PastStay(
        group=GROUP,
        person=NEW,
        origin=member().origin,
        seen_at=hour(seen),
        gone_at=hour(gone),
        left_at=None if left is None else hour(left),
    )


def hour(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def test_a_stay_is_what_lies_between_coming_and_going() -> None:
    (stay,) = policy.stays(member(), [])
    assert (stay.covers(hour(-1)), stay.covers(NOW), stay.covers(hour(99))) == (False, True, True)
    gone = policy.stays(member(present=False, gone_at=hour(9), left_at=hour(5)), [past(0, 9)])
    assert gone == [Stay(NOW, hour(5))]
    assert [each.covers(hour(5)) for each in gone] == [False]
    assert policy.stays(member(seen_at=None, present=False), []) == []


def test_what_was_told_of_an_earlier_stay_does_not_end_this_one() -> None:
    stale = member(present=False, gone_at=hour(9), left_at=hour(-5))
    assert policy.stays(stale, []) == [Stay(NOW, hour(9), is_dated=False)]


def test_who_was_missed_may_have_left_long_before() -> None:
    (stay,) = policy.stays(member(present=False, gone_at=hour(30)), [])
    assert not stay.covers(hour(24))


def test_every_stay_counts() -> None:
    found = policy.stays(member(seen_at=hour(20)), [past(0, 5, 4), past(8, 12, 12)])
    there = [at for at in range(30) if any(each.covers(hour(at)) for each in found)]
    assert there == [0, 1, 2, 3, 8, 9, 10, 11, *range(20, 30)]


def entry_at(at: datetime) -> Entry:
    return Entry(
        key="referral:new",
        group=GROUP,
        person=SHE,
        kind=EntryKind.REFERRAL,
        points=3,
        at=at,
        by="rules",
    )


@pytest.mark.parametrize(
    ("left", "back", "had_left"),
    [
        (None, None, False),
        (20, None, True),
        (24, None, False),
        (26, None, False),
        (20, 22, False),
        (20, 25, True),
    ],
)
def test_she_had_left_where_she_was_gone_when_it_was_judged(
    left: int | None, back: int | None, had_left: bool
) -> None:
    day = ReferralRules(stayed=timedelta(days=1))
    one = replace(REFERRAL, joined_at=NOW, left_at=None if left is None else hour(left))
    found = [] if back is None else [Stay(hour(back), None)]
    assert policy.had_left(one, entry_at(hour(24)), found, day) is had_left


def test_a_longer_rule_takes_nothing_back() -> None:
    """She left after the day that was asked of her, and before the week that is asked now."""
    one = replace(REFERRAL, joined_at=NOW, left_at=hour(48))
    assert not policy.had_left(one, entry_at(hour(24)), [], RULES)


ACCOUNT = Account(id=AccountId("a"), up_at=NOW)
ROOM = Group(id=GROUP, account=AccountId("a"), name="g", checked_at=NOW)


@pytest.mark.parametrize(
    ("account", "checked", "minutes", "waits"),
    [
        (ACCOUNT, 0, 1, False),
        (ACCOUNT, -1, 1, True),
        (ACCOUNT, None, 1, True),
        (ACCOUNT, -1, 16, False),
        (replace(ACCOUNT, down_why="line lost"), 0, 999, True),
        (replace(ACCOUNT, up_at=None), -1, 1, False),
        (None, -1, 1, False),
    ],
)
def test_who_is_there_is_not_judged_before_somebody_has_looked(
    account: Account | None, checked: int | None, minutes: int, waits: bool
) -> None:
    room = replace(ROOM, checked_at=None if checked is None else hour(checked))
    now = NOW + timedelta(minutes=minutes)
    later = policy.look_again(account, room, now)
    assert (later is not None) == waits
    assert later is None or later > now


# What she is told


def test_only_those_who_count_for_her_are_told_of() -> None:
    others = replace(REFERRAL, person=OTHER, by_link=OTHER)
    waiting = replace(REFERRAL, due_at=NOW)
    stands = replace(REFERRAL, credited=SHE)
    back = replace(REFERRAL, credited=SHE, why_not=policy.TAKEN_BACK)
    counts = policy.tally(SHE, [others, waiting, stands, back])
    assert (counts.brought, counts.waiting, counts.credited) == (3, 1, 1)


def test_she_is_not_promised_what_there_is_not() -> None:
    for rules in (ReferralRules(points=0), ReferralRules(monthly_most=0)):
        told = policy.invitation("https://q/j/x", policy.Tally(), Role.MEMBER, rules)
        assert "分" not in told.splitlines()[-1]
    staff = policy.invitation("https://q/j/x", policy.Tally(), Role.MONITOR, RULES)
    assert "不参加积分" in staff
