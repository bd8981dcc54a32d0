"""Entry codes over HTTP: making them, changing and closing them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.addresses import code_address, poster_address, site_of
from bot.http.door import Door
from bot.http.problems import Problem, told_as_missing
from bot.http.values import GivenChannel, GivenCode, GivenLine, GivenName
from bot.transactions import Transactions
from models.access import Access, Holder
from models.entry import EntryCode, Template
from models.events import EntryCodeChanged, EntryCodeMade
from models.groups import of_channel
from models.ids import Code
from models.stores.codes import new_code
from models.stores.funnel import By, FunnelStore
from models.stores.unit import Unit

Referrer = Annotated[
    GivenLine,
    StringConstraints(max_length=30),
    Field(description="Whose code it is, as she is called on its page and poster."),
]
Headline = Annotated[
    GivenLine, StringConstraints(max_length=60), Field(description="On its poster.")
]
GivenTemplate = Annotated[Template, Field(description="How its poster looks.")]


class Made(BaseModel):
    """A code as it is made; what it is called is for us to choose, so that nobody guesses it."""

    model_config = ConfigDict(extra="forbid")

    channel: GivenName
    city: GivenName | None = Field(None, description="Nobody is asked for hers then.")
    referrer: Referrer = ""
    headline: Headline = ""
    template: GivenTemplate = Template.MOTHER


class Change(BaseModel):
    """A JSON merge patch: what is not given stays, null unsets. Where a code belongs never
    changes: it is printed."""

    model_config = ConfigDict(extra="forbid")

    # The defaults only say that none of these must be given; what is not given is not looked at.
    referrer: Referrer | None = None
    headline: Headline | None = None
    template: GivenTemplate | None = None

    def changes(self) -> dict[str, Any]:
        unset = {"referrer": "", "headline": "", "template": Template.MOTHER}
        given = self.model_dump(exclude_unset=True)
        return {name: unset[name] if value is None else value for name, value in given.items()}


def entry_codes_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    api = APIRouter(prefix="/entry-codes", tags=["entry"])
    Viewer = Annotated[Holder, Depends(door.needs(Access.VIEWER))]
    Admin = Annotated[Holder, Depends(door.needs(Access.ADMIN))]

    async def one(code: Code, request: Request, holder: Holder) -> dict[str, Any]:
        return await transactions.read(lambda facts: _one(facts, code, request, holder, clock))

    async def change(code: Code, by: str, changes: Mapping[str, Any]) -> None:
        now = clock.now()
        event = EntryCodeChanged(at=now, by=by, code=code, changes=changes)
        with told_as_missing("entry code"):
            await dispatcher.decide(event, now)

    @api.get("")
    async def codes(
        request: Request,
        holder: Viewer,
        channel: GivenChannel | None = None,
        is_open: Annotated[bool | None, Query(alias="open", description="Not closed.")] = None,
        members: Annotated[
            bool, Query(description="Those that members have of their own.")
        ] = False,
        limit: Annotated[int, Query(ge=1, le=500)] = 500,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> list[dict[str, Any]]:
        """All that were ever made, by channel, the newest first; closed ones stay known. Those of
        members, of which there may be very many, are a list of their own."""

        async def work(facts: Unit) -> list[dict[str, Any]]:
            found = await facts.entry_codes.listed(
                channel, limit, offset, is_open=is_open, of_members=members
            )
            await facts.rules.load(of_channel(each) for each in {each.channel for each in found})
            return [_shown(each, await _site(each, facts, request), holder) for each in found]

        return await transactions.read(work)

    @api.post("", status_code=201)
    async def make(given: Made, request: Request, holder: Admin) -> dict[str, Any]:
        """A permanent way in, whatever groups open and close behind it."""
        now = clock.now()
        code = EntryCode(
            code=new_code(), created_at=now, created_by=holder.name, **given.model_dump()
        )
        await dispatcher.decide(EntryCodeMade(at=now, by=holder.name, code=code), now)
        return await one(code.code, request, holder)

    @api.get("/{code}")
    async def read(code: GivenCode, request: Request, holder: Viewer) -> dict[str, Any]:
        """With what came of it so far."""
        return await one(code, request, holder)

    @api.patch("/{code}")
    async def patch(
        code: GivenCode, given: Change, request: Request, holder: Admin
    ) -> dict[str, Any]:
        """What it says of itself; whoever has it printed keeps the old poster."""
        await change(code, holder.name, given.changes())
        return await one(code, request, holder)

    @api.post("/{code}/close")
    async def close(code: GivenCode, request: Request, holder: Admin) -> dict[str, Any]:
        """It leads nowhere from now on, and says so."""
        if (await one(code, request, holder))["closed_at"] is None:
            await change(code, holder.name, {"closed_at": clock.now()})
        return await one(code, request, holder)

    @api.post("/{code}/reopen")
    async def reopen(code: GivenCode, request: Request, holder: Admin) -> dict[str, Any]:
        await change(code, holder.name, {"closed_at": None})
        return await one(code, request, holder)

    return api


async def _one(
    facts: Unit, code: Code, request: Request, holder: Holder, clock: Clock
) -> dict[str, Any]:
    known = await facts.entry_codes.get(code)
    if known is None:
        raise Problem(404, f"there is no entry code {code}")
    funnel = await FunnelStore(facts.connection).counted(By.CODE, clock.now(), code=code)
    counts = ("scans", "surveys", "shown", "joined")
    site = await _site(known, facts, request)
    return _shown(known, site, holder) | {name: getattr(funnel.totals, name) for name in counts}


async def _site(code: EntryCode, facts: Unit, request: Request) -> str:
    """By the rules of its channel, as its poster has it."""
    return site_of(await facts.rules.in_force(of_channel(code.channel)), request)


def _shown(code: EntryCode, site: str, holder: Holder) -> dict[str, Any]:
    told = asdict(code)
    if code.member is not None and holder.access < Access.ADMIN:
        # A nurse's or a shop's name stands on its poster; what members are called is for admins.
        told |= {"referrer": None, "headline": None}
    return told | {
        "link": code_address(site, code.code),
        "poster": poster_address(site, code.code),
    }
