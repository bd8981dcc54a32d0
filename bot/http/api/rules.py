"""The rules over HTTP: what is in force and why, and changing one layer of it."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Body, Depends, Header, Query, Response

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.door import Door
from bot.http.problems import Problem
from bot.http.values import GivenGroup, GivenScope
from bot.transactions import Transactions
from config.rules import Overrides, Rules, compatible, effective
from models.access import Access, Holder
from models.events import RulesChanged
from models.ids import GroupId
from models.scopes import check_scope, scopes_of
from models.stores.unit import Unit

DEFAULT = "default"
VERSION = re.compile("[0-9]{1,9}")
Layers = Mapping[str, tuple[int, Overrides]]


def rules_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    api = APIRouter(prefix="/rules", tags=["rules"])
    viewer = Depends(door.needs(Access.VIEWER))

    @api.get("", dependencies=[viewer])
    async def in_force(
        response: Response,
        group: Annotated[
            GivenGroup | None, Query(description="A group's id; none: everywhere.")
        ] = None,
    ) -> dict[str, Any]:
        """The rules in force for a group, and which layer each value comes from. A layer that
        contradicts those below it, since its group moved there, is `left_out`."""
        layers = await transactions.read(lambda facts: _layers_of(facts, group))
        kept = compatible({scope: overrides for scope, (_, overrides) in layers.items()})
        rules = effective(kept.values())
        response.headers["ETag"] = tag(layers)
        return {
            "group": group,
            "rules": rules.model_dump(mode="json"),
            "layers": sources(rules, kept),
            "versions": {scope: version for scope, (version, _) in layers.items()},
            "left_out": [scope for scope in layers if scope not in kept],
        }

    @api.get("/schema", dependencies=[viewer])
    async def schema() -> dict[str, Any]:
        """Every rule with its default, bounds, unit and reason, as JSON Schema."""
        return Rules.model_json_schema()

    @api.get("/{scope:path}/changes", dependencies=[viewer])
    async def changes(
        scope: GivenScope, limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> list[dict[str, Any]]:
        """Who changed this layer, when, from what to what; newest first."""
        _must_be_scope(scope)
        return await transactions.read(lambda facts: facts.rules.changes(scope, limit))

    @api.get("/{scope:path}", dependencies=[viewer])
    async def one_layer(scope: GivenScope, response: Response) -> dict[str, Any]:
        """What one layer sets."""
        return await _layer(transactions, scope, response)

    @api.patch("/{scope:path}")
    async def change(
        scope: GivenScope,
        response: Response,
        changes: Annotated[dict[str, Any], Body(examples=[{"onboarding": {"calm_delay": 5}}])],
        holder: Annotated[Holder, Depends(door.needs(Access.ADMIN))],
        if_match: Annotated[str | None, Header()] = None,
    ) -> dict[str, Any]:
        """Change one layer by a JSON merge patch: null unsets, durations are seconds.

        Holds from the next transaction on, in every process. With `If-Match` only if nobody
        changed the layer meanwhile.
        """
        _must_be_scope(scope)
        event = RulesChanged(
            at=clock.now(),
            by=holder.name,
            scope=scope,
            changes=changes,
            expected=expected_version(if_match, scope),
        )
        await dispatcher.decide(event, clock.now())
        return await _layer(transactions, scope, response)

    return api


def tag(layers: Layers) -> str:
    """An entity tag that tells the version of each layer, so that it serves to change any."""
    versions = "&".join(f"{quote(scope, safe='')}={n}" for scope, (n, _) in layers.items())
    return f'"{versions}"'


def expected_version(if_match: str | None, scope: str) -> int | None:
    """The version of the layer that the client saw; None where any will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    for each in re.split("[&,]", if_match):
        name, _, version = each.strip().removeprefix("W/").strip('"').partition("=")
        if unquote(name) == scope and VERSION.fullmatch(version):
            return int(version)
    raise Problem(412, f"If-Match says nothing of {scope}: use the ETag of a GET that shows it")


def sources(rules: Rules, layers: Mapping[str, Overrides]) -> dict[str, str]:
    """`onboarding.calm_delay` -> the layer whose value is in force."""
    found = {
        f"{section}.{name}": DEFAULT
        for section, values in rules.model_dump().items()
        for name in values
    }
    for scope, overrides in layers.items():
        found |= {
            f"{section}.{name}": scope for section, values in overrides.items() for name in values
        }
    return found


async def _layers_of(facts: Unit, group: GroupId | None) -> Layers:
    known = await facts.groups.peek(group) if group is not None else None
    if group is not None and known is None:
        raise Problem(404, f"there is no group {group}")
    return await facts.rules.layers(scopes_of(known))


async def _layer(transactions: Transactions, scope: str, response: Response) -> dict[str, Any]:
    _must_be_scope(scope)
    layers = await transactions.read(lambda facts: facts.rules.layers([scope]))
    response.headers["ETag"] = tag(layers)
    version, overrides = layers[scope]
    return {"scope": scope, "version": version, "set": overrides}


def _must_be_scope(scope: str) -> None:
    try:
        check_scope(scope)
    except ValueError as error:
        raise Problem(404, str(error)) from error
