"""Rooms over HTTP: which there are, which of them are ours, and what they are."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import ColumnElement, func, literal, select

from bot.http.api.knowing import untold_of
from bot.http.api.office import About, Asks, Edits, Look, Office, in_group
from bot.http.api.paging import Paged, Q, Row, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.problems import Problem
from bot.http.values import Day, GivenGroup, GivenLine, GivenName, GivenText
from config.daily import ZONE
from models.cohort import BirthWindow, Stage
from models.events import (
    Decision,
    GroupAdopted,
    GroupCorrected,
    GroupPaused,
    GroupReleased,
    GroupResumed,
    RenameAsked,
)
from models.groups import Group, NotOurs, Standing, Unable, stage_of
from models.growth import Concern
from models.ids import GroupId
from models.scopes import EVERYWHERE
from models.stores.community import IS_MONITOR, IS_UNTOLD
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow, MemberRow, NoticeRow

LONG_AGO = literal(date.min)
KEPT = (
    *("id", "account", "name", "standing", "city", "channel", "birth_window", "opened_on"),
    *("checked_at", "paused_at"),
)
"""What is told as it is kept."""

Window = Annotated[
    str,
    StringConstraints(pattern=r"^(19\d\d|20\d\d|21\d\d|2200)-(0[1-9]|1[0-2])$"),
    AfterValidator(lambda v: str(BirthWindow.parse(v))),
    Field(description="The first of its three months, YYYY-MM.", examples=["2026-03"]),
]
OpenedOn = Annotated[Day, Field(description="Not later than today.")]


class GroupView(View):
    """A room that an account of ours is in. `standing` is `ours`, `listed` (left in peace) or
    `released` (was ours). What its name did not tell, and nobody said, is null; `stage` follows
    from the birth window and today's date. `members` are counted without us, null where nobody
    has looked since it became ours; `checked_at` is when somebody last did. While it is paused we
    are silent, replies apart. `monitor` is who runs it. `renaming` is the name that its account
    was asked to give it, until it is done, or could not be. `hears`: whether its account is told
    what members say; where not, whatever is counted from that is unknown. `concerns`
    are what it needs somebody for now."""

    id: str = Field(examples=["R:10900123456789@chatroom"])
    account: str
    name: str = Field(examples=["杭州·2026年3-5月·妇幼·01"])
    standing: Standing
    city: str | None = Field(examples=["杭州"])
    channel: str | None = Field(examples=["妇幼"])
    birth_window: str | None = Field(examples=["2026-03"])
    stage: Stage | None
    members: int | None
    opened_on: date | None
    checked_at: Time | None
    paused_at: Time | None
    monitor: str | None
    renaming: str | None
    hears: bool
    concerns: list[Concern] = Field(examples=[["at_risk"]])
    volatile = frozenset({"stage", "members", "checked_at", "renaming", "hears", "concerns"})


class Adoption(Given):
    """What the group's name does not tell, or tells wrongly."""

    city: GivenName | None = None
    channel: GivenName | None = None
    birth_window: Window | None = None
    opened_on: OpenedOn | None = None


class Correction(Adoption):
    """A JSON merge patch: what is not given stays, null is unknown from now on."""


class NewName(Given):
    name: Annotated[
        GivenLine,
        StringConstraints(min_length=1, max_length=60, pattern=r"\S"),
        Field(examples=["杭州·2026年3-5月·妇幼·02"]),
    ]


GROUPS = Listing(
    rows=rows_of(GroupRow, ["id"]),
    key=[GroupRow.id],
    sorts={
        "id": GroupRow.id,
        "name": GroupRow.name,
        "members": GroupRow.members,
        "opened_on": func.coalesce(GroupRow.opened_on, LONG_AGO),
    },
    default="name",
    filters={
        "standing": GroupRow.standing,
        "account": GroupRow.account,
        "channel": GroupRow.channel,
        "city": GroupRow.city,
        "birth_window": GroupRow.birth_window,
    },
    words=[GroupRow.name, GroupRow.id],
)
HAS_MONITOR = (
    select(literal(1)).where(MemberRow.group == GroupRow.id, IS_MONITOR, MemberRow.present)
).exists()


def _needing(concern: Concern | None = None) -> ColumnElement[bool]:
    """Those that need somebody, for this."""
    of_group = (NoticeRow.group == GroupRow.id, NoticeRow.ended_at.is_(None))
    this = () if concern is None else (NoticeRow.concern == concern,)
    return select(literal(1)).where(*of_group, *this).exists()


def groups_api(office: Office) -> Routes:
    api = Routes(office.door, "groups")

    async def decide(asks: Asks, event: Decision, group: GroupId, **more: Any) -> GroupView:
        with _standing_in_the_way(group):
            return await office.edit(asks, event, _look(office, group), _about(group), **more)

    @api.viewer.get("/groups", **lists(GroupView))
    async def groups(
        asked: Annotated[Paged, paged(GROUPS)],
        standing: Standing | None = None,
        account: GivenText | None = None,
        channel: GivenText | None = None,
        city: GivenText | None = None,
        birth_window: Window | None = None,
        paused: Annotated[bool | None, Query(description="Those that are, or aren't.")] = None,
        without_monitor: Annotated[
            bool | None, Query(description="Those nobody runs, or somebody does.")
        ] = None,
        hears: Annotated[
            bool | None, Query(description="Whose accounts are told what members say, or aren't.")
        ] = None,
        needing: Annotated[
            bool | None, Query(description="Those that need somebody, or don't.")
        ] = None,
        concern: Annotated[Concern | None, Query(description="That need somebody for it.")] = None,
        q: Q | None = None,
    ) -> Any:
        """Every room the accounts are in; the ones that are not ours are left in peace."""
        is_paused = GroupRow.paused_at.is_not(None)
        where = [
            *_either(paused, is_paused),
            *_either(without_monitor, ~HAS_MONITOR),
            *_either(hears, ~IS_UNTOLD),
            *_either(needing, _needing()),
            *([] if concern is None else [_needing(concern)]),
        ]

        async def show(facts: Unit, rows: Sequence[Row]) -> list[GroupView]:
            found = await facts.groups.peek_at(row["id"] for row in rows)
            told = {each.id: each for each in await _told(found, office, facts)}
            return [told[row["id"]] for row in rows]

        return await office.list(
            "groups",
            asked,
            GroupView,
            *where,
            show=show,
            standing=standing,
            account=account,
            channel=channel,
            city=city,
            birth_window=birth_window,
            q=q,
        )

    @api.admin.post("/groups/{group:id}/adopt")
    async def adopt(group: GivenGroup, asks: Edits, given: Adoption | None = None) -> GroupView:
        """The group is ours from now on; who is in it already is not greeted."""
        given = given or Adoption()
        _must_be_open(given, office)
        event = GroupAdopted(
            at=office.now(),
            by=asks.holder.name,
            group=group,
            city=given.city,
            channel=given.channel,
            window=BirthWindow.parse(given.birth_window) if given.birth_window else None,
            opened_on=given.opened_on,
        )
        return await decide(asks, event, group)

    @api.admin.post("/groups/{group:id}/release")
    async def release(group: GivenGroup, asks: Edits) -> GroupView:
        """The group is left in peace from now on, whatever its name."""
        event = GroupReleased(at=office.now(), by=asks.holder.name, group=group)
        return await decide(asks, event, group)

    @api.operator.post("/groups/{group:id}/pause")
    async def pause(group: GivenGroup, asks: Edits) -> GroupView:
        """We are silent in it from now on, replies apart. What is due meanwhile is kept."""
        event = GroupPaused(at=office.now(), by=asks.holder.name, group=group)
        return await decide(asks, event, group, within=in_group(group))

    @api.operator.post("/groups/{group:id}/resume")
    async def resume(group: GivenGroup, asks: Edits) -> GroupView:
        """We speak in it again."""
        event = GroupResumed(at=office.now(), by=asks.holder.name, group=group)
        return await decide(asks, event, group, within=in_group(group))

    @api.operator.post("/groups/{group:id}/rename", status_code=202)
    async def rename(group: GivenGroup, given: NewName, asks: Edits) -> GroupView:
        """Its account is asked to give it this name, instead of any that it was asked for before
        and has not begun with: `renaming`, until it is done. Where it can't be done within a day,
        staff is told (concern `unrenamed`). 409 where the account's gateway can't rename."""
        event = RenameAsked(at=office.now(), by=asks.holder.name, group=group, name=given.name)
        return await decide(asks, event, group, within=in_group(group))

    @api.viewer.get("/groups/{group:id}")
    async def one(group: GivenGroup, response: Response) -> GroupView:
        return await office.one(_look(office, group), _about(group), response)

    @api.operator.patch("/groups/{group:id}")
    async def correct(group: GivenGroup, given: Correction, asks: Edits) -> GroupView:
        """What it is from now on, whatever its name tells. It can be taken into another channel
        by whose token is for both, and out of all channels by admins."""
        _must_be_open(given, office)
        changes = given.model_dump(exclude_unset=True)
        event = GroupCorrected(at=office.now(), by=asks.holder.name, group=group, changes=changes)

        def where(known: GroupView | None) -> Iterable[str]:
            yield in_group(group)
            if "channel" in changes and known and changes["channel"] != known.channel:
                yield f"channel:{changes['channel']}" if changes["channel"] else EVERYWHERE

        return await decide(asks, event, group, within=where)

    return api


def _about(group: GroupId) -> About:
    return About(kind="group", id=group, group=group)


def _look(office: Office, group: GroupId) -> Look[GroupView]:
    async def look(facts: Unit) -> GroupView | None:
        known = await facts.groups.peek(group)
        return (await _told([known], office, facts))[0] if known else None

    return look


async def _told(groups: Sequence[Group], office: Office, facts: Unit) -> list[GroupView]:
    ids = [each.id for each in groups]
    await facts.rules.load(groups)
    await facts.members.read_monitors(ids)
    renamings = await facts.errands.renamings(ids)
    concerns = await facts.notices.open_in(ids)
    untold = await untold_of(groups, facts)
    today = office.now().astimezone(ZONE).date()
    told = []
    for group in groups:
        rules = await facts.rules.in_force(group)
        monitor = await facts.members.monitor(group.id)
        told.append(
            GroupView(
                **{name: getattr(group, name) for name in KEPT},
                members=group.members if group.checked_at else None,
                stage=stage_of(group, today, rules.groups) if group.window else None,
                monitor=monitor.person if monitor else None,
                renaming=renamings.get(group.id),
                hears=group.id not in untold,
                concerns=[each for each in Concern if each in concerns.get(group.id, ())],
            )
        )
    return told


def _either(asked: bool | None, holds: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """The condition, or its contrary, or none."""
    return [] if asked is None else [holds if asked else ~holds]


def _must_be_open(given: Adoption, office: Office) -> None:
    today = office.now().astimezone(ZONE).date()
    if given.opened_on is not None and given.opened_on > today:
        problem = "it lies in the future"
        raise Problem.of("opened_on", problem, str(given.opened_on), status=409)


@contextmanager
def _standing_in_the_way(group: GroupId) -> Iterator[None]:
    try:
        yield
    except NotOurs as error:
        raise Problem(409, f"group {group} is none of ours; adopt it first") from error
    except Unable as error:
        raise Problem(409, f"the account {error} can't rename groups") from error
