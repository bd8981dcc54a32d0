"""Which of a cohort's groups a mother is sent to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from config.rules import GrowthRules
from models.growth import Life, Recruiting, due_on, recruiting
from models.ids import GroupId

ORDER = (Recruiting.RECRUITING, Recruiting.OVERDUE, Recruiting.FORMED)
"""Those that can still be formed in time come first, then those that had their time."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A group of ours. `seats` are kept in it for others who have not joined yet; `invites`:
    its account can bring people in who are too many for a QR code, and they are shown how to
    reach it. `rules` are its own."""

    id: GroupId
    members: int
    seats: int
    life: Life
    invites: bool
    rules: GrowthRules


def choose(
    candidates: Collection[Candidate], today: date, own: GroupId | None = None
) -> GroupId | None:
    """The one that most needs her, or None where none takes anybody. Where she has been sent to
    one before (`own`) and it still takes her, that one: she may have its code at hand."""
    taking = [each for each in candidates if takes(each, today)]
    best = min(taking, key=lambda each: (each.id != own, *urgency(each, today)), default=None)
    return best.id if best else None


def takes(group: Candidate, today: date, *, seats: int | None = None) -> bool:
    """Whether one more fits, once all those have come for whom a seat is kept."""
    expected = group.members + (group.seats if seats is None else seats)
    if not group.invites and expected >= group.rules.qr_until:
        return False
    return recruiting(expected, group.life, today, group.rules) is not Recruiting.FULL


def still_takes_her(group: Candidate, today: date) -> bool:
    """Whether she whose seat is kept gets in, whoever else is expected."""
    return takes(group, today, seats=0)


def urgency(group: Candidate, today: date) -> tuple[int, Fraction, GroupId]:
    """The smallest first. In time: by how many a day it needs to be formed; overdue: by how few
    it lacks; formed: by how few it has."""
    expected = group.members + group.seats
    state = recruiting(expected, group.life, today, group.rules)
    lacks = group.rules.formed_at - expected
    match state:
        case Recruiting.RECRUITING:
            measure = Fraction(-lacks, (due_on(group.life, group.rules) - today).days)
        case Recruiting.OVERDUE:
            measure = Fraction(lacks)
        case _:
            measure = Fraction(expected)
    return ORDER.index(state), measure, group.id
