"""Who brought whom, over HTTP."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from bot.http.api.tables import Format, cell, csv_answer, csv_table
from bot.http.door import Door
from bot.http.problems import Problem
from bot.http.values import GivenGroup, GivenPerson
from bot.transactions import Transactions
from config.daily import midnight
from handlers.referrals.policy import key
from models.access import Access, Holder
from models.ids import PersonId
from models.points import Entry
from models.referrals import Referral
from models.stores.bulk import among
from models.stores.unit import Unit
from models.tables import MemberRow, ReferralRow

A_DAY = timedelta(days=1)
MOST_SHOWN = 2_000
"""People in one tree; more are counted as cut off."""
COLUMNS = (
    *("group", "person", "name", "joined_at", "left_at", "code"),
    *("by_link", "by_link_name", "by_platform", "by_platform_name", "agrees", "referrer"),
    *("judged_at", "credited", "credited_in", "points", "why_not"),
)

Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2100, 1, 1))]


def referrals_api(door: Door, transactions: Transactions) -> APIRouter:
    """Names of members are for admins only."""
    api = APIRouter(tags=["referrals"])
    Viewer = Annotated[Holder, Depends(door.needs(Access.VIEWER))]

    @api.get("/referrals", response_model=list[dict[str, Any]])
    async def referrals(
        holder: Viewer,
        referrer: GivenPerson | None = None,
        group: GivenGroup | None = None,
        since: Day | None = None,
        until: Day | None = None,
        table: Annotated[Format, Query(alias="format")] = Format.JSON,
        limit: Annotated[int, Query(ge=1, le=100_000)] = 1000,
    ) -> list[dict[str, Any]] | Response:
        """Who joined from `since` to `until` (both included), and who brought her: by an entry
        code, by an invitation that the platform told of, or both; the newest first. Where both
        are there and differ (`agrees` false), the code counts. `judged_at` is when it will be
        decided about points, null once it is."""
        if since and until and since > until:
            raise Problem(422, f"since ({since}) is after until ({until})")

        async def work(facts: Unit) -> list[dict[str, Any]]:
            found = await facts.referrals.listed(
                referrer,
                group,
                midnight(since) if since else None,
                midnight(until + A_DAY) if until else None,
                limit,
            )
            people = {each for one in found for each in _people(one)}
            names = await _names(facts, people, holder)
            entries = await facts.ledger.by_keys(key(each.person) for each in found)
            return [_shown(each, names, entries, holder) for each in found]

        rows = await transactions.read(work)
        if table is Format.CSV:
            cells = ([cell(row[name]) for name in COLUMNS] for row in rows)
            return csv_answer("referrals", csv_table(COLUMNS, cells))
        return rows

    @api.get("/referrals/tree/{person:path}")
    async def tree(
        holder: Viewer,
        person: GivenPerson,
        depth: Annotated[int, Query(ge=1, le=10)] = 3,
    ) -> dict[str, Any]:
        """Whom somebody brought, whom those brought, and so on. `counts` tells whether she is
        taken for who brought them, or somebody else's code is; `levels` count those who do.
        `cut` is how many are not shown because there are too many."""

        async def work(facts: Unit) -> dict[str, Any]:
            grown = await _grown(facts, person, depth)
            if not grown.levels and not await _is_known(facts, person):
                raise Problem(404, f"there is nobody {person}")
            names = await _names(facts, grown.seen, holder)
            return {
                "person": person,
                "name": names.get(person),
                "levels": [
                    {"level": level, "brought": brought, "credited": credited}
                    for level, (brought, credited) in enumerate(grown.levels, 1)
                ],
                "brought": _branches(person, grown, names),
                "cut": grown.cut,
            }

        return await transactions.read(work)

    return api


# The list


def _people(referral: Referral) -> Collection[PersonId]:
    found = (referral.person, referral.by_link, referral.by_platform)
    return [each for each in found if each is not None]


async def _names(
    facts: Unit, people: Collection[PersonId], holder: Holder
) -> Mapping[PersonId, str]:
    """What they are called, as far as one may know; in a group they are in rather than in one
    they left."""
    if holder.access < Access.ADMIN or not people:
        return {}
    found = await facts.members.find(among(MemberRow.person, people))
    by_presence = sorted(found, key=lambda each: (each.present, each.group))
    return {each.person: each.shown for each in by_presence if not each.erased}


def _shown(
    referral: Referral,
    names: Mapping[PersonId, str],
    entries: Mapping[str, Entry],
    holder: Holder,
) -> dict[str, Any]:
    entry = entries.get(key(referral.person))
    is_credited = referral.credited is not None and entry is not None
    # Of a code that is no member's it is a nurse's or a shop's, and stands on its poster.
    may_name = holder.access >= Access.ADMIN or referral.by_link is None
    return {
        "group": referral.group,
        "person": referral.person,
        "name": names.get(referral.person),
        "joined_at": referral.joined_at,
        "left_at": referral.left_at,
        "code": referral.code,
        "by_link": referral.by_link,
        "by_link_name": (referral.by_name or None) if may_name else None,
        "by_platform": referral.by_platform,
        "by_platform_name": names.get(referral.by_platform) if referral.by_platform else None,
        "agrees": referral.agrees,
        "referrer": referral.referrer,
        "judged_at": referral.due_at,
        "credited": referral.credited,
        "credited_in": referral.credited_in,
        "points": entry.points if is_credited and not referral.why_not and entry else 0,
        "why_not": referral.why_not or None,
    }


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


def _branches(
    person: PersonId, grown: Grown, names: Mapping[PersonId, str]
) -> list[dict[str, Any]]:
    return [
        {
            "person": each.person,
            "name": names.get(each.person),
            "group": each.group,
            "joined_at": each.joined_at,
            "left_at": each.left_at,
            "by": _edges(each, person),
            "counts": each.referrer == person,
            "credited": each.credited,
            "why_not": each.why_not or None,
            "brought": _branches(each.person, grown, names),
            "has_more": each.person in grown.has_more,
        }
        for each in grown.under.get(person, ())
    ]


def _edges(referral: Referral, by: PersonId) -> list[str]:
    edges = {"link": referral.by_link, "platform": referral.by_platform}
    return [name for name, person in edges.items() if person == by]
