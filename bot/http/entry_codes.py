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
from bot.http.values import GivenCode, GivenLine, GivenName
from bot.transactions import Transactions
from models.entry import EntryCode, Template
from models.events import EntryCodeChanged, EntryCodeMade
from models.groups import of_channel
from models.ids import Code
from models.stores.codes import new_code
from models.stores.funnel import By, FunnelStore
from models.stores.office import Access, Holder
from models.stores.unit import Unit
from models.tables import EntryCodeRow

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
    viewer = Depends(door.needs(Access.VIEWER))
    Admin = Annotated[Holder, Depends(door.needs(Access.ADMIN))]

    async def one(code: Code, request: Request) -> dict[str, Any]:
        return await transactions.read(lambda facts: _one(facts, code, request, clock))

    async def change(code: Code, by: str, changes: Mapping[str, Any]) -> None:
        now = clock.now()
        event = EntryCodeChanged(at=now, by=by, code=code, changes=changes)
        with told_as_missing("entry code"):
            await dispatcher.decide(event, now)

    @api.get("", dependencies=[viewer])
    async def codes(
        request: Request,
        channel: Annotated[str | None, Query(max_length=50)] = None,
        is_open: Annotated[bool | None, Query(alias="open", description="Not closed.")] = None,
    ) -> list[dict[str, Any]]:
        """All that were ever made, by channel, the newest first; closed ones stay known."""
        return await transactions.read(lambda facts: _codes(facts, channel, is_open, request))

    @api.post("", status_code=201)
    async def make(given: Made, request: Request, holder: Admin) -> dict[str, Any]:
        """A permanent way in, whatever groups open and close behind it."""
        now = clock.now()
        code = EntryCode(
            code=new_code(), created_at=now, created_by=holder.name, **given.model_dump()
        )
        await dispatcher.decide(EntryCodeMade(at=now, by=holder.name, code=code), now)
        return await one(code.code, request)

    @api.get("/{code}", dependencies=[viewer])
    async def read(code: GivenCode, request: Request) -> dict[str, Any]:
        """With what came of it so far."""
        return await one(code, request)

    @api.patch("/{code}")
    async def patch(
        code: GivenCode, given: Change, request: Request, holder: Admin
    ) -> dict[str, Any]:
        """What it says of itself; whoever has it printed keeps the old poster."""
        await change(code, holder.name, given.changes())
        return await one(code, request)

    @api.post("/{code}/close")
    async def close(code: GivenCode, request: Request, holder: Admin) -> dict[str, Any]:
        """It leads nowhere from now on, and says so."""
        if (await one(code, request))["closed_at"] is None:
            await change(code, holder.name, {"closed_at": clock.now()})
        return await one(code, request)

    @api.post("/{code}/reopen")
    async def reopen(code: GivenCode, request: Request, holder: Admin) -> dict[str, Any]:
        await change(code, holder.name, {"closed_at": None})
        return await one(code, request)

    return api


async def _codes(
    facts: Unit, channel: str | None, is_open: bool | None, request: Request
) -> list[dict[str, Any]]:
    where = [EntryCodeRow.channel == channel] if channel is not None else []
    found = await facts.entry_codes.find(*where)
    wanted = [each for each in found if is_open in (None, each.closed_at is None)]
    newest = sorted(wanted, key=lambda each: (each.created_at, each.code), reverse=True)
    in_order = sorted(newest, key=lambda each: each.channel)
    return [_shown(each, await _site(each, facts, request)) for each in in_order]


async def _one(facts: Unit, code: Code, request: Request, clock: Clock) -> dict[str, Any]:
    known = await facts.entry_codes.get(code)
    if known is None:
        raise Problem(404, f"there is no entry code {code}")
    funnel = await FunnelStore(facts.connection).counted(By.CODE, clock.now(), code=code)
    counts = ("scans", "surveys", "shown", "joined")
    site = await _site(known, facts, request)
    return _shown(known, site) | {name: getattr(funnel.totals, name) for name in counts}


async def _site(code: EntryCode, facts: Unit, request: Request) -> str:
    """By the rules of its channel, as its poster has it."""
    return site_of(await facts.rules.in_force(of_channel(code.channel)), request)


def _shown(code: EntryCode, site: str) -> dict[str, Any]:
    return asdict(code) | {
        "link": code_address(site, code.code),
        "poster": poster_address(site, code.code),
    }
