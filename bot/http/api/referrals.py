"""Who brought whom: a list, and a tree."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field
from sqlalchemy import ColumnElement, or_, select

from bot.http.api.office import Office, in_group
from bot.http.api.paging import Paged, Row, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.door import Asker
from bot.http.problems import Problem
from bot.http.values import Absent, GivenChannel, GivenCode, GivenGroup, GivenPerson
from handlers.referrals.policy import key
from models.access import Access, Holder
from models.ids import PersonId
from models.points import Entry
from models.referrals import Referral
from models.stores.bulk import among
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow, MemberRow, ReferralRow

MOST_SHOWN = 2_000
"""People in one tree; more are counted as cut off."""


class ReferralView(View):
    """Somebody who joined `group` and who brought her: by an entry code (`by_link` is whose), by
    an invitation that the platform told of (`by_platform`), or both. Where they differ (`agrees`
    false), the code counts, and its owner is the `referrer`. `judged_at` is when it will be
    decided about points, null once it is. Names of members are for those in charge of a group
    that they are in."""

    group: str
    group_name: str | None
    person: str
    name: str | None
    joined_at: Time
    left_at: Time | None
    code: str | None
    by_link: str | None
    by_link_name: str | None
    by_platform: str | None
    by_platform_name: str | None
    agrees: bool | None
    referrer: str | None
    judged_at: Time | None
    credited: str | None
    credited_in: str | None
    points: int
    why_not: str | None = Field(examples=["staff earn no points"])


class LevelView(View):
    """How many are counted for who stands above them, and for how many of those points stand."""

    level: int
    brought: int
    credited: int


class Branch(View):
    """Somebody who was brought by who stands above her. `counts` tells whether that is who brought
    her, or somebody else's code is; `has_more`, whether she brought others, who are not shown."""

    person: str
    name: str | None
    group: str
    joined_at: Time
    left_at: Time | None
    by: list[Literal["link", "platform"]]
    counts: bool
    credited: str | None
    why_not: str | None
    brought: list["Branch"]
    has_more: bool


class TreeView(View):
    person: str
    name: str | None
    levels: list[LevelView]
    brought: list[Branch]
    cut: int = Field(description="People who are not shown because there are too many.")


COLUMNS = list(Referral.__dataclass_fields__)
REFERRALS = Listing(
    rows=rows_of(ReferralRow, COLUMNS),
    key=[ReferralRow.group, ReferralRow.person],
    sorts={"joined_at": ReferralRow.joined_at},
    default="-joined_at",
    filters={
        "group": ReferralRow.group,
        "person": ReferralRow.person,
        "code": ReferralRow.code,
    },
    at=ReferralRow.joined_at,
)


def referrals_api(office: Office) -> Routes:
    api = Routes(office.door, "referrals")

    @api.viewer.get("/referrals", **lists(ReferralView))
    async def referrals(
        holder: Asker,
        asked: Annotated[Paged, paged(REFERRALS)],
        referrer: Annotated[
            GivenPerson | Absent, Query(description="Whose code or invitation it was.")
        ] = None,
        person: Annotated[GivenPerson | Absent, Query(description="Who was brought.")] = None,
        group: GivenGroup | Absent = None,
        channel: GivenChannel | Absent = None,
        code: GivenCode | Absent = None,
        since: Since | Absent = None,
        until: Until | Absent = None,
    ) -> Any:
        """Who joined, and who brought her, the newest first."""

        async def show(facts: Unit, rows: Sequence[Row]) -> list[ReferralView]:
            found = [Referral(**{name: each[name] for name in COLUMNS}) for each in rows]
            people = {each for one in found for each in _people(one)}
            known = await _names(facts, people, holder)
            entries = await facts.ledger.by_keys(key(each.person) for each in found)
            groups = await facts.groups.peek_at({each.group for each in found})
            called = {each.id: each.name for each in groups}
            return [_shown(each, called.get(each.group), known, entries) for each in found]

        return await office.list(
            "referrals",
            asked,
            ReferralView,
            *_where(referrer, channel),
            show=show,
            person=person,
            group=group,
            code=code,
            since=since,
            until=until,
        )

    @api.viewer.get("/referrals/tree/{person:id}")
    async def tree(
        holder: Asker,
        person: GivenPerson,
        depth: Annotated[int, Query(ge=1, le=10)] = 3,
    ) -> TreeView:
        """Whom somebody brought, whom those brought, and so on."""

        async def work(facts: Unit) -> TreeView:
            grown = await _grown(facts, person, depth)
            if not grown.levels and not await _is_known(facts, person):
                raise Problem(404, f"there is nobody {person}")
            names = (await _names(facts, grown.seen, holder)).of
            return TreeView(
                person=person,
                name=names.get(person),
                levels=[
                    LevelView(level=level, brought=brought, credited=credited)
                    for level, (brought, credited) in enumerate(grown.levels, 1)
                ],
                brought=_branches(person, grown, names),
                cut=grown.cut,
            )

        return await office.read(work)

    return api


# The list


@dataclass(frozen=True, slots=True)
class Names:
    """What people are called, as far as who asks may know: `all`, or those of her groups."""

    of: Mapping[PersonId, str]
    all: bool = False


def _where(referrer: PersonId | None, channel: str | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if referrer is not None:
        where.append(or_(ReferralRow.by_link == referrer, ReferralRow.by_platform == referrer))
    if channel is not None:
        groups = select(GroupRow.id).where(GroupRow.channel == channel)
        where.append(ReferralRow.group.in_(groups))
    return where


def _people(referral: Referral) -> Collection[PersonId]:
    found = (referral.person, referral.by_link, referral.by_platform)
    return [each for each in found if each is not None]


async def _names(facts: Unit, people: Collection[PersonId], holder: Holder) -> Names:
    """In a group they are in rather than in one they left."""
    if holder.access < Access.OPERATOR or not people:
        return Names({})
    is_admin = holder.access is Access.ADMIN
    found = await facts.members.find(among(MemberRow.person, people))
    groups = await facts.groups.peek_at({each.group for each in found})
    hers = {each.id for each in groups if holder.covers(in_group(each.id), each)}
    told = [each for each in found if (is_admin or each.group in hers) and not each.erased]
    by_presence = sorted(told, key=lambda each: (each.present, each.group))
    return Names({each.person: each.shown for each in by_presence}, is_admin)


def _shown(
    referral: Referral, group_name: str | None, names: Names, entries: Mapping[str, Entry]
) -> ReferralView:
    entry = entries.get(key(referral.person))
    stands = referral.credited is not None and not referral.why_not and entry is not None
    # Of a code that is no member's it is a nurse's or a shop's, and stands on its poster.
    may_name = referral.by_link is None or names.all or referral.by_link in names.of
    return ReferralView(
        group=referral.group,
        group_name=group_name,
        person=referral.person,
        name=names.of.get(referral.person),
        joined_at=referral.joined_at,
        left_at=referral.left_at,
        code=referral.code,
        by_link=referral.by_link,
        by_link_name=(referral.by_name or None) if may_name else None,
        by_platform=referral.by_platform,
        by_platform_name=names.of.get(referral.by_platform) if referral.by_platform else None,
        agrees=referral.agrees,
        referrer=referral.referrer,
        judged_at=referral.due_at,
        credited=referral.credited,
        credited_in=referral.credited_in,
        points=entry.points if stands and entry else 0,
        why_not=referral.why_not or None,
    )


# The tree


async def _is_known(facts: Unit, person: PersonId) -> bool:
    """Whether she ever was in a group of ours."""
    return bool(
        await facts.members.find(MemberRow.person == person)
        or await facts.referrals.find(ReferralRow.person == person)
    )


@dataclass(slots=True)
class Grown:
    """`under` are those whom each brought; nobody stands in a tree twice. `levels` are how many
    there are of each level, and for how many of them somebody got points."""

    seen: set[PersonId]
    under: dict[PersonId, list[Referral]] = field(default_factory=lambda: defaultdict(list))
    levels: list[tuple[int, int]] = field(default_factory=list)
    has_more: set[PersonId] = field(default_factory=set)
    cut: int = 0


async def _grown(facts: Unit, person: PersonId, depth: int) -> Grown:
    grown, level = Grown({person}), {person}
    while level and len(grown.levels) < depth:
        placed = _grow(grown, level, await facts.referrals.brought_by(level))
        level = {each.person for _, each in placed}
        if placed:
            grown.levels.append(_counted(placed))
    deeper = await facts.referrals.brought_by(level) if level else []
    grown.has_more = {
        by
        for each in deeper
        if each.person not in grown.seen
        for by in (each.by_link, each.by_platform)
        if by is not None and by in level
    }
    return grown


def _grow(
    grown: Grown, level: set[PersonId], found: Collection[Referral]
) -> list[tuple[PersonId, Referral]]:
    """The next level, each with who stands above her: where two of this one brought her, the one
    who counts."""
    taken: dict[PersonId, tuple[PersonId, Referral]] = {}
    for each in found:
        by = next(by for by in (each.referrer, each.by_link, each.by_platform) if by in level)
        known = taken.get(each.person)
        is_better = known is None or (known[0] != known[1].referrer and by == each.referrer)
        if by is not None and is_better and each.person not in grown.seen:
            taken[each.person] = by, each
    placed = list(taken.values())[: max(MOST_SHOWN - len(grown.seen), 0)]
    grown.cut += len(taken) - len(placed)
    for by, each in placed:
        grown.seen.add(each.person)
        grown.under[by].append(each)
    return placed


def _counted(placed: Collection[tuple[PersonId, Referral]]) -> tuple[int, int]:
    """How many are counted for who stands above them, and for how many of those points stand."""
    brought = [each for by, each in placed if each.referrer == by]
    stands = [each for each in brought if each.credited is not None and not each.why_not]
    return len(brought), len(stands)


def _branches(person: PersonId, grown: Grown, names: Mapping[PersonId, str]) -> list[Branch]:
    return [
        Branch(
            person=each.person,
            name=names.get(each.person),
            group=each.group,
            joined_at=each.joined_at,
            left_at=each.left_at,
            by=_edges(each, person),
            counts=each.referrer == person,
            credited=each.credited,
            why_not=each.why_not or None,
            brought=_branches(each.person, grown, names),
            has_more=each.person in grown.has_more,
        )
        for each in grown.under.get(person, ())
    ]


def _edges(referral: Referral, by: PersonId) -> list[Literal["link", "platform"]]:
    found: list[Literal["link", "platform"]] = []
    if referral.by_link == by:
        found.append("link")
    if referral.by_platform == by:
        found.append("platform")
    return found
