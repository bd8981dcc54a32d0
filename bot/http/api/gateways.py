"""Gateways over HTTP: what each of them can and can't do, and which accounts are with it."""

from collections.abc import Mapping, Sequence

from pydantic import Field
from sqlalchemy import select

from bot.gateways import GATEWAYS
from bot.gateways.abilities import FIELDS, Can, can, gateway_of, link_of, source_of
from bot.http.api.office import Office
from bot.http.api.routes import Routes
from bot.http.api.views import View
from models.stores.unit import Unit
from models.tables import AccountRow


class CanView(View):
    """What a gateway may be able to do, and whether it `can`: `confirmed` once a person confirms
    it, `archived` only where the paid message archive (会话存档) is connected. Where `is_limit`,
    yes is the lesser. `source` is where it is known from, `link` the official document, if any."""

    name: str = Field(examples=["hears"])
    label: str = Field(examples=["听到群里的话"])
    does: str = Field(examples=["hear what members say"])
    is_limit: bool
    can: Can
    source: str = Field(examples=["doc 91774"])
    link: str | None


class GatewayView(View):
    """`accounts` are those of ours that were ever connected by it."""

    name: str = Field(examples=["wechaty"])
    accounts: list[str] = Field(examples=[["wechaty-1f0c2a9b"]])
    abilities: list[CanView]


def gateways_api(office: Office) -> Routes:
    api = Routes(office.door, "accounts")

    @api.viewer.get("/gateways")
    async def gateways() -> list[GatewayView]:
        """What each gateway can and can't do, those first that accounts of ours are with."""
        return told(await office.read(_connected))

    return api


async def _connected(facts: Unit) -> Sequence[str]:
    found = await facts.connection.scalars(
        select(AccountRow.id).where(AccountRow.up_at.is_not(None)).order_by(AccountRow.id)
    )
    return found.all()


def told(connected: Sequence[str]) -> list[GatewayView]:
    names = list(GATEWAYS)
    accounts: Mapping[str, list[str]] = {
        name: [each for each in connected if gateway_of(each, names) == name] for name in names
    }
    in_order = sorted(names, key=lambda name: not accounts[name])
    return [
        GatewayView(name=name, accounts=accounts[name], abilities=_abilities(name))
        for name in in_order
    ]


def _abilities(name: str) -> list[CanView]:
    able = GATEWAYS[name].capabilities
    return [
        CanView(
            name=each.name,
            label=each.label,
            does=each.does,
            is_limit=each.is_limit,
            can=can(name, able, each),
            source=source_of(name, each),
            link=link_of(source_of(name, each)),
        )
        for each in FIELDS
    ]
