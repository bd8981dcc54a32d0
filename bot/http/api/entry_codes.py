"""Entry codes: making them, changing and closing them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, case, literal

from bot.http.addresses import code_address, poster_address, qr_address, site_of
from bot.http.api.office import About, Asks, Edits, Look, Office, Once
from bot.http.api.paging import Paged, Q, Row, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.door import Asker
from bot.http.values import Absent, GivenChannel, GivenCode, GivenLine, GivenName
from models.access import Access, Holder
from models.entry import EntryCode, Template
from models.events import Decision, EntryCodeChanged, EntryCodeMade
from models.groups import of_channel
from models.ids import Code
from models.stores.codes import new_code
from models.stores.funnel import By, FunnelStore
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import EntryCodeRow

Referrer = Annotated[
    GivenLine,
    Field(max_length=30, description="Whose code it is, as she is called on its page and poster."),
]
Headline = Annotated[GivenLine, Field(max_length=60, description="On its poster.")]
GivenTemplate = Annotated[Template, Field(description="How its poster looks.")]


class EntryCodeView(View):
    """A permanent way in. What members are called who have one of their own (`referrer`,
    `headline`) is told to those in charge of its channel."""

    code: str = Field(examples=["k7m2pq9xwd"])
    channel: str
    city: str | None
    referrer: str | None
    member: str | None
    group: str | None
    headline: str | None
    template: Template
    created_at: Time
    created_by: str
    closed_at: Time | None
    link: str = Field(examples=["https://q.example.com/j/k7m2pq9xwd"])
    poster: str = Field(examples=["https://q.example.com/j/k7m2pq9xwd/poster.png"])
    qr: str = Field(
        description="Its QR alone, as a picture.",
        examples=["https://q.example.com/j/k7m2pq9xwd/qr.png"],
    )


class EntryCodeInFull(EntryCodeView):
    """With what came of it so far: how many people scanned it, answered, saw how to get in, and
    joined."""

    scans: int
    surveys: int
    shown: int
    joined: int
    volatile = frozenset({"link", "poster", "qr", "scans", "surveys", "shown", "joined"})


class NewEntryCode(Given):
    """A code as it is made; what it is called is for us to choose, so that nobody guesses it."""

    channel: GivenName
    city: GivenName | None = Field(None, description="Nobody is asked for hers then.")
    referrer: Referrer = ""
    headline: Headline = ""
    template: GivenTemplate = Template.MOTHER


class EntryCodeChange(Given):
    """A JSON merge patch: what is not given stays, null unsets. Where a code belongs never
    changes: it is printed."""

    # The defaults only say that none of these must be given; what is not given is not looked at.
    referrer: Referrer | None = None
    headline: Headline | None = None
    template: GivenTemplate | None = None

    def changes(self) -> dict[str, Any]:
        unset = {"referrer": "", "headline": "", "template": Template.MOTHER}
        given = self.model_dump(exclude_unset=True)
        return {name: unset[name] if value is None else value for name, value in given.items()}


COLUMNS = list(EntryCode.__dataclass_fields__)
CODES = Listing(
    rows=rows_of(EntryCodeRow, COLUMNS),
    key=[EntryCodeRow.code],
    sorts={"created_at": EntryCodeRow.created_at, "channel": EntryCodeRow.channel},
    default="-created_at",
    filters={"channel": EntryCodeRow.channel, "city": EntryCodeRow.city},
    words=[EntryCodeRow.code, EntryCodeRow.referrer, EntryCodeRow.headline],
)
IS_MEMBERS = EntryCodeRow.member.is_not(None)
UNNAMED = replace(
    CODES,
    words=[
        EntryCodeRow.code,
        *(
            case((IS_MEMBERS, literal("")), else_=each)
            for each in (EntryCodeRow.referrer, EntryCodeRow.headline)
        ),
    ],
)
"""For those who may not know what members are called, and so may not find them by it."""


def entry_codes_api(office: Office) -> Routes:
    api = Routes(office.door, "entry")

    @api.viewer.get("/entry-codes", **lists(EntryCodeView))
    async def codes(
        request: Request,
        holder: Asker,
        asked: Annotated[Paged, paged(CODES)],
        channel: GivenChannel | Absent = None,
        city: GivenChannel | Absent = None,
        is_open: Annotated[bool | Absent, Query(alias="open", description="Not closed.")] = None,
        members: Annotated[
            bool, Query(description="Those that members have of their own.")
        ] = False,
        q: Q | Absent = None,
    ) -> Any:
        """All that were ever made, the newest first; closed ones stay known. Those of members,
        of which there may be very many, are a list of their own."""

        async def show(facts: Unit, rows: Sequence[Row]) -> list[EntryCodeView]:
            await facts.rules.load(of_channel(each["channel"]) for each in rows)
            codes = [_code(each) for each in rows]
            return [
                EntryCodeView.model_validate(await _told(each, facts, request, holder))
                for each in codes
            ]

        if holder.access < Access.ADMIN:
            asked = replace(asked, listing=UNNAMED)
        return await office.list(
            "entry-codes",
            asked,
            EntryCodeView,
            *_where(is_open, members=members),
            show=show,
            channel=channel,
            city=city,
            q=q,
        )

    def look(code: Code, request: Request, holder: Holder) -> Look[EntryCodeInFull]:
        async def read(facts: Unit) -> EntryCodeInFull | None:
            known = await facts.entry_codes.get(code)
            if known is None:
                return None
            came = await FunnelStore(facts.connection).counted(By.CODE, office.now(), code=code)
            counts = ("scans", "surveys", "shown", "joined")
            told = await _told(known, facts, request, holder)
            return EntryCodeInFull.model_validate(
                told | {name: getattr(came.totals, name) for name in counts}
            )

        return read

    async def change(
        code: Code, request: Request, asks: Asks, changes: dict[str, Any], action: str
    ) -> EntryCodeInFull:
        known = await office.read(lambda facts: facts.entry_codes.get(code))
        about = About(kind="entry code", id=code, person=known.member if known else None)
        within = [_scope(known.channel)] if known else []
        event: Decision = EntryCodeChanged(
            at=office.now(), by=asks.holder.name, code=code, changes=changes
        )
        return await office.edit(
            asks,
            event,
            look(code, request, asks.holder),
            about,
            within=lambda _: within,
            action=action,
        )

    @api.operator.post("/entry-codes", status_code=201)
    async def make(given: NewEntryCode, request: Request, asks: Once) -> EntryCodeInFull:
        """A permanent way in, whatever groups open and close behind it."""
        now, by = office.now(), asks.holder.name
        code = EntryCode(code=new_code(), created_at=now, created_by=by, **given.model_dump())
        return await office.make(
            asks,
            EntryCodeMade(at=now, by=by, code=code),
            look(code.code, request, asks.holder),
            About(kind="entry code", id=code.code),
            within=_scope(code.channel),
        )

    @api.viewer.get("/entry-codes/{code}")
    async def one(
        code: GivenCode, request: Request, holder: Asker, response: Response
    ) -> EntryCodeInFull:
        """With what came of it so far."""
        about = About(kind="entry code", id=code)
        return await office.one(look(code, request, holder), about, response)

    @api.operator.patch("/entry-codes/{code}")
    async def patch(
        code: GivenCode, given: EntryCodeChange, request: Request, asks: Edits
    ) -> EntryCodeInFull:
        """What it says of itself; whoever has it printed keeps the old poster."""
        return await change(code, request, asks, given.changes(), "entry_code_changed")

    @api.operator.post("/entry-codes/{code}/close")
    async def close(code: GivenCode, request: Request, asks: Edits) -> EntryCodeInFull:
        """It leads nowhere from now on, and says so; one that is closed stays so."""
        closed = {"closed_at": office.now()}
        return await change(code, request, asks, closed, "entry_code_closed")

    @api.operator.post("/entry-codes/{code}/reopen")
    async def reopen(code: GivenCode, request: Request, asks: Edits) -> EntryCodeInFull:
        return await change(code, request, asks, {"closed_at": None}, "entry_code_reopened")

    return api


def _scope(channel: str) -> str:
    return f"channel:{channel}"


def _where(is_open: bool | None, *, members: bool) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [IS_MEMBERS if members else EntryCodeRow.member.is_(None)]
    if is_open is not None:
        closed_at = EntryCodeRow.closed_at
        where.append(closed_at.is_(None) if is_open else closed_at.is_not(None))
    return where


def _code(row: Row) -> EntryCode:
    given = {name: row[name] for name in COLUMNS}
    return EntryCode(**given | {"template": Template(row["template"])})


async def _told(code: EntryCode, facts: Unit, request: Request, holder: Holder) -> dict[str, Any]:
    """Its addresses are by the rules of its channel, as its poster has them."""
    site = site_of(await facts.rules.in_force(of_channel(code.channel)), request)
    told: dict[str, Any] = {name: getattr(code, name) for name in COLUMNS}
    if code.member is not None and not holder.covers(_scope(code.channel)):
        # A nurse's or a shop's name stands on its poster; what members are called does not.
        told |= {"referrer": None, "headline": None}
    return told | {
        "link": code_address(site, code.code),
        "poster": poster_address(site, code.code),
        "qr": qr_address(site, code.code),
    }
