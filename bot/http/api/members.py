"""Who is in which group, over HTTP, and as what."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy import and_, func, literal

from bot.http.api.knowing import untold_of
from bot.http.api.office import About, Edits, Look, Office, in_group
from bot.http.api.paging import Paged, Q, Row, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.door import Asker
from bot.http.openapi import refusal
from bot.http.problems import Problem
from bot.http.values import GivenGroup, GivenPerson
from models.access import Holder
from models.events import RoleGiven
from models.ids import GroupId, PersonId
from models.people import OurAccount, Role
from models.scopes import EVERYWHERE
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import BalanceRow, MemberRow
from models.tables.base import Utc

LONG_AGO = literal(datetime.min.replace(tzinfo=UTC), Utc())
NEITHER = "Neither a group nor a person is named: all members of all groups are no list."


class MemberView(View):
    """A person's stay in a group, or (`present` false) the last one that was. `name` is her own,
    `nickname` the one she uses in this group: told to admins, and to operators whose token covers
    the group; null to others, and where it is unknown. `joined_at` is known where the platform
    told; `seen_at` is when we first saw her there. `points` is her balance in this group;
    null where nothing was booked, and her group's account is not told what members say; staff
    have none."""

    group: str
    person: str = Field(examples=["wxid_doudou7"])
    name: str | None = Field(examples=["豆豆妈"])
    nickname: str | None = Field(examples=["杭州-孕36周-豆豆"])
    role: Role
    present: bool
    joined_at: Time | None
    seen_at: Time | None
    left_at: Time | None = Field(description="When she last left.")
    inviter: str | None
    points: int | None
    volatile = frozenset({"name", "nickname", "points"})


class Part(Given):
    """What somebody is in a group. What our own accounts are is not given."""

    role: Literal[Role.MEMBER, Role.KOC, Role.MONITOR, Role.ASSISTANT, Role.HOST]


KEPT = (
    *("group", "person", "name", "nickname", "role", "present"),
    *("joined_at", "seen_at", "inviter"),
)
"""What is told as it is kept."""
POINTS = func.coalesce(BalanceRow.points, 0)
MEMBERS = Listing(
    rows=rows_of(MemberRow, KEPT)
    .add_columns(
        func.coalesce(MemberRow.left_at, MemberRow.gone_at).label("left_at"),
        BalanceRow.points.label("points"),
    )
    .outerjoin(
        BalanceRow,
        and_(BalanceRow.group == MemberRow.group, BalanceRow.person == MemberRow.person),
    ),
    key=[MemberRow.group, MemberRow.person],
    sorts={
        "joined": func.coalesce(MemberRow.joined_at, MemberRow.seen_at, LONG_AGO),
        "name": func.coalesce(func.nullif(MemberRow.nickname, ""), MemberRow.name),
        "points": POINTS,
    },
    default="-joined",
    filters={
        "group": MemberRow.group,
        "person": MemberRow.person,
        "role": MemberRow.role,
        "present": MemberRow.present,
    },
    words=[MemberRow.nickname, MemberRow.name],
)
_LISTS = lists(MemberView)
_LISTS["responses"] |= {409: refusal(NEITHER)}


def members_api(office: Office) -> Routes:
    api = Routes(office.door, "members")

    @api.viewer.get("/members", **_LISTS)
    async def members(
        holder: Asker,
        asked: Annotated[Paged, paged(MEMBERS)],
        group: GivenGroup | None = None,
        person: GivenPerson | None = None,
        role: Role | None = None,
        present: Annotated[bool, Query(description="false: who is not there any more.")] = True,
        q: Q | None = None,
    ) -> Any:
        """Who is in a group, or in which groups somebody is; one of the two must be named. Only
        who may read the names may look for them (`q`) or sort by them."""
        if group is None and person is None:
            raise Problem(409, f"{NEITHER} Name one of them.")
        if q is not None or asked.page.sort.removeprefix("-") == "name":
            await office.must_cover(holder, in_group(group) if group else EVERYWHERE)

        async def show(facts: Unit, rows: Sequence[Row]) -> list[MemberView]:
            return await _told(facts, rows, holder)

        return await office.list(
            "members",
            asked,
            MemberView,
            show=show,
            group=group,
            person=person,
            role=role,
            present=present,
            q=q,
        )

    @api.viewer.get("/groups/{group:id}/members/{member:id}")
    async def one(
        group: GivenGroup, member: GivenPerson, holder: Asker, response: Response
    ) -> MemberView:
        return await office.one(_look(group, member, holder), _about(group, member), response)

    @api.operator.put("/groups/{group:id}/members/{member:id}/role")
    async def give_role(
        group: GivenGroup, member: GivenPerson, part: Part, asks: Edits
    ) -> MemberView:
        """What somebody is in one group, also before she joins it; staff are not greeted."""
        event = RoleGiven(
            at=office.now(), by=asks.holder.name, group=group, person=member, role=part.role
        )
        # Nobody's name is noted in the audit log.
        unnamed, about = _look(group, member), _about(group, member)
        try:
            await office.make(asks, event, unnamed, about, within=in_group(group))
        except OurAccount as error:
            raise Problem(409, f"{member} is one of our own accounts") from error
        made = await office.read(_look(group, member, asks.holder))
        if made is None:
            raise about.missing
        return made

    return api


def _about(group: GroupId, person: PersonId) -> About:
    return About(kind="member", id=f"{group}:{person}", group=group, person=person)


def _look(group: GroupId, person: PersonId, holder: Holder | None = None) -> Look[MemberView]:
    """As `holder` may see it; without names where there is none."""

    async def look(facts: Unit) -> MemberView | None:
        if await facts.groups.peek(group) is None:
            raise About(kind="group", id=group).missing
        hers = MEMBERS.where({"group": group, "person": person})
        found = await facts.connection.execute(MEMBERS.rows.where(*hers))
        told = await _told(facts, found.mappings().all(), holder)
        return told[0] if told else None

    return look


async def _told(facts: Unit, rows: Sequence[Row], holder: Holder | None) -> list[MemberView]:
    groups = await facts.groups.peek_at({row["group"] for row in rows})
    covered = {
        each.id for each in groups if holder is not None and holder.covers(in_group(each.id), each)
    }
    untold = await untold_of(groups, facts)
    return [
        _view(row, is_named=row["group"] in covered, is_told=row["group"] not in untold)
        for row in rows
    ]


def _view(row: Row, *, is_named: bool, is_told: bool) -> MemberView:
    names = {each: (row[each] or None) if is_named else None for each in ("name", "nickname")}
    is_known = is_told or Role(row["role"]).is_staff
    points = 0 if row["points"] is None and is_known else row["points"]
    return MemberView.model_validate({**row, **names, "points": points})
