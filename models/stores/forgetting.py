"""What is left of a person on her way in, once she is erased: what figures are made of.

Her visit stays with its code, city and window, and when she scanned, answered and joined; what
she told goes, and so does all by which she, her browser or her ticket could be known. Her code
stays, since it is printed and hangs somewhere: it leads to the same groups, in nobody's name.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    Text,
    Update,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)

from models.delivery import State
from models.entry import FORGOTTEN
from models.errands import ErrandState
from models.ids import PersonId
from models.people import TOMBSTONE, UNNAMED
from models.stores.outbox import OPEN
from models.tables import (
    ClickRow,
    EntryCodeRow,
    ErrandRow,
    OutboxRow,
    ReferralRow,
    VisitorRow,
)

ERASED = "erased"
"""Why nobody gets points for somebody who was brought."""


class Forgetting:
    """The statements, with tombstones that nobody can compute once the salt is forgotten."""

    def __init__(self, salt: str, now: datetime) -> None:
        self._salt = salt
        self._now = now

    def visits(self, *hers: ColumnElement[bool]) -> list[Update]:
        """Those of which this holds, what her browser did, and what we said to her by the name
        that she told, or were about to say or do. Those that are erased already stay as they
        are."""
        of_hers = and_(VisitorRow.erased_at.is_(None), *hers)
        ids = select(VisitorRow.id).where(of_hers)
        by_name = and_(
            of_hers,
            VisitorRow.person == OutboxRow.to,
            VisitorRow.name != "",
            func.strpos(OutboxRow.text, VisitorRow.name) > 0,
        )
        people = select(VisitorRow.person).where(of_hers)
        to_her = and_(OutboxRow.to.in_(people), select(VisitorRow.id).where(by_name).exists())
        return [
            update(OutboxRow)
            .where(to_her, OutboxRow.state.in_(OPEN))
            .values(state=State.LAPSED, settled_at=self._now),
            update(OutboxRow).where(to_her, OutboxRow.settled_at.is_not(None)).values(text=""),
            update(ErrandRow)
            .where(ErrandRow.person.in_(people), ErrandRow.state == ErrandState.WAITING)
            .values(state=ErrandState.LAPSED, settled_at=self._now),
            update(ClickRow)
            .where(ClickRow.visitor.in_(ids))
            .values(visitor=self._stone(ClickRow.slug.concat(ClickRow.visitor))),
            update(ReferralRow).where(ReferralRow.visitor.in_(ids)).values(visitor=None),
            update(VisitorRow)
            .where(of_hers)
            .values(id=self._stone(VisitorRow.id), erased_at=self._now, **FORGOTTEN),
        ]

    def of_person(self, person: PersonId) -> list[Update]:
        """All of her that is on the way in, her own and that of those whom she brought."""
        return [
            *self.visits(VisitorRow.person == person),
            *self._codes(person),
            *self._errands(person),
            self._referrals(person),
        ]

    def _codes(self, person: PersonId) -> list[Update]:
        unnamed: dict[str, Any] = {"member": None, "group": None, "referrer": "", "headline": ""}
        made = EntryCodeRow.created_by
        signed = or_(made == person, made.endswith(f"({person})", autoescape=True))
        return [
            update(EntryCodeRow).where(EntryCodeRow.member == person).values(**unnamed),
            update(EntryCodeRow).where(signed).values(created_by=UNNAMED),
        ]

    def _errands(self, person: PersonId) -> list[Update]:
        """What was to be done for her is not done any more; of what was done, that it was."""
        hers = ErrandRow.person == person
        with_her = ErrandRow.people.contains([person])
        return [
            update(ErrandRow)
            .where(hers, ErrandRow.state == ErrandState.WAITING)
            .values(state=ErrandState.LAPSED, settled_at=self._now),
            # Should it fail it is not tried again.
            update(ErrandRow)
            .where(hers, ErrandRow.state == ErrandState.DOING)
            .values(lapses_at=self._now),
            update(ErrandRow)
            .where(hers)
            .values(
                key=self._stone(ErrandRow.key),
                person=self._stone(ErrandRow.key),
                detail="",
                reason=None,
            ),
            update(ErrandRow)
            .where(with_her)
            .values(people=ErrandRow.people.op("-")(cast(person, Text))),
        ]

    def _referrals(self, person: PersonId) -> Update:
        """What is not judged yet is not judged any more: nobody can tell whether she stays, or
        whom to credit. Her id in them is replaced as everywhere."""
        by_link, by_platform = ReferralRow.by_link == person, ReferralRow.by_platform == person
        no_link = and_(ReferralRow.by_link.is_(None), ReferralRow.by_name == "")
        undecided = and_(ReferralRow.due_at.is_not(None), ReferralRow.credited.is_(None))
        return (
            update(ReferralRow)
            .where(or_(ReferralRow.person == person, by_link, and_(no_link, by_platform)))
            .values(
                due_at=None,
                why_not=case((undecided, ERASED), else_=ReferralRow.why_not),
                by_name=case((by_link, ""), else_=ReferralRow.by_name),
            )
        )

    def _stone(self, what: SQLColumnExpression[Any]) -> ColumnElement[Any]:
        """Another one for each value, the same for the same."""
        salted = func.convert_to(literal(self._salt).concat(what), "UTF8")
        digest = func.encode(func.sha256(salted), "hex")
        return literal(TOMBSTONE).concat(func.left(digest, 16))
