"""The rules over HTTP: what is in force and why, changing one layer of it, and undoing that."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import Path, Query, Response
from pydantic import ConfigDict, Field, JsonValue, RootModel
from sqlalchemy import func, select, true

from bot.http import openapi
from bot.http.api.knowing import known_groups, signed
from bot.http.api.office import About, Asks, Edits, Look, Office
from bot.http.api.paging import Paged, Q, Row, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, V, View
from bot.http.door import Asker
from bot.http.problems import Problem, refusal
from bot.http.values import Absent, GivenGroup, GivenText
from config.numbers import WHOLE
from config.rule_names import NAMES, SECTIONS
from config.rule_reasons import REASONS
from config.rules import Overrides, Rules, compatible, effective, patch_between, patch_schema
from models.access import Holder
from models.events import RulesChanged
from models.ids import GroupId
from models.scopes import EVERYWHERE, FORMS, check_scope, group_of, scopes_of, scopes_under
from models.stores.lists import Listing
from models.stores.rules import RulesRefused
from models.stores.unit import Unit
from models.tables import GroupRow, RuleChangeRow, RuleLayerRow

DEFAULT = "default"
VERSION = re.compile("[0-9]{1,9}")
LATEST = 2**31 - 1
ONE_OF = openapi.MAY_BE_MISSING | {409: openapi.refusal("Both a group and a scope are named.")}
Layers = Mapping[str, tuple[int, Overrides]]

Scope = Annotated[
    str,
    Path(max_length=200, description=FORMS, examples=["everywhere", "cohort:杭州~妇幼~2026-03"]),
]


InScope = Annotated[
    GivenText | Absent,
    Query(max_length=200, description=f"Instead of a group: {FORMS}", examples=["channel:妇幼"]),
]


def _as_patch(schema: dict[str, Any]) -> None:
    told = {key: schema[key] for key in ("title", "description")}
    schema.clear()
    schema |= told | patch_schema()


class RulesPatch(RootModel[dict[str, Any]]):
    """Section, rule, value: what a layer sets, or how it is changed (a JSON merge patch: null
    unsets a value or a section). Durations are seconds."""

    model_config = ConfigDict(frozen=True, json_schema_extra=_as_patch, title="RulesPatch")


class RulesSchema(RootModel[dict[str, JsonValue]]):
    """JSON Schema, 2020-12."""


class RulesInForce(View):
    """`layers` tells where each value comes from (`onboarding.calm_delay`: `channel:妇幼`), and
    `versions` how often each layer was changed. A layer that contradicts those below it, since
    its group moved there, is `left_out`."""

    group: str | None
    rules: Rules
    layers: dict[str, str] = Field(examples=[{"onboarding.calm_delay": "channel:妇幼"}])
    versions: dict[str, int] = Field(examples=[{"everywhere": 3, "group:g1": 0}])
    left_out: list[str]


class RuleLayer(View):
    """What one layer sets; its version is 0 where it never set anything."""

    scope: str
    version: int
    set: RulesPatch


class RuleLayerInList(View):
    """`values` is how many rules it sets; `group_name` is of the group that it is for, where it is
    for one that is known."""

    scope: str
    group_name: str | None
    version: int
    changed_at: Time
    changed_by: str
    values: int


class RuleChange(View):
    """What the layer set before and after; the first version is 1."""

    version: int
    changed_at: Time
    changed_by: str
    before: RulesPatch
    after: RulesPatch


class Undo(Given):
    version: Annotated[int, Field(ge=1, le=LATEST), WHOLE] | None = Field(
        None,
        description="Back to how it was before this version; without it, before the last one.",
    )


_SECTION = func.jsonb_each(RuleLayerRow.overrides).table_valued("key", "value")
_VALUES = (
    select(func.count())
    .select_from(
        _SECTION.join(
            func.jsonb_object_keys(_SECTION.c.value).table_valued("rule").lateral(), true()
        )
    )
    .correlate(RuleLayerRow)
    .scalar_subquery()
)
OF_GROUP = "group:"
LAYERS = Listing(
    rows=select(
        RuleLayerRow.scope.label("scope"),
        RuleLayerRow.version.label("version"),
        RuleChangeRow.changed_at.label("changed_at"),
        RuleChangeRow.changed_by.label("changed_by"),
        GroupRow.name.label("group_name"),
        _VALUES.label("values"),
    )
    .join(
        RuleChangeRow,
        (RuleChangeRow.scope == RuleLayerRow.scope)
        & (RuleChangeRow.version == RuleLayerRow.version),
    )
    # By the group's key, so that those of a page are looked up, and not all groups are read.
    .outerjoin(
        GroupRow,
        RuleLayerRow.scope.startswith(OF_GROUP)
        & (GroupRow.id == func.substr(RuleLayerRow.scope, len(OF_GROUP) + 1)),
    ),
    key=[RuleLayerRow.scope],
    sorts={"scope": RuleLayerRow.scope, "changed_at": RuleChangeRow.changed_at},
    default="scope",
    words=[RuleLayerRow.scope],
)
CHANGES = Listing(
    rows=select(
        RuleChangeRow.version.label("version"),
        RuleChangeRow.changed_at.label("changed_at"),
        RuleChangeRow.changed_by.label("changed_by"),
        RuleChangeRow.before.label("before"),
        RuleChangeRow.after.label("after"),
    ),
    key=[RuleChangeRow.version],
    sorts={"version": RuleChangeRow.version},
    default="-version",
    at=RuleChangeRow.changed_at,
)


def rules_api(office: Office) -> Routes:
    api = Routes(office.door, "rules")

    @api.viewer.get("/rules", responses=ONE_OF)
    async def in_force(
        response: Response,
        group: Annotated[
            GivenGroup | Absent, Query(description="A group's id; none: everywhere.")
        ] = None,
        scope: InScope = None,
    ) -> RulesInForce:
        """The rules in force for a group, or for all that a scope tells of one, and which layer
        each value comes from. `versions` is lowest layer first."""
        group = one_of(group, scope)
        layers = await office.read(lambda facts: layers_of(facts, group, scope))
        kept = compatible({scope: overrides for scope, (_, overrides) in layers.items()})
        rules = effective(kept.values())
        response.headers["ETag"] = tag(layers)
        return RulesInForce(
            group=group,
            rules=rules,
            layers=sources(rules, kept),
            versions={scope: version for scope, (version, _) in layers.items()},
            left_out=[scope for scope in layers if scope not in kept],
        )

    @api.viewer.get("/rules/schema")
    async def schema() -> RulesSchema:
        """Every rule with its default, bounds, unit and reason, as JSON Schema; `x-name` and
        `x-reason` are what it, or its section, is called in Chinese, and what it is for."""
        return RulesSchema(schema_in_words())

    @api.viewer.get("/rules/layers", **lists(RuleLayerInList))
    async def all_layers(
        holder: Asker, asked: Annotated[Paged, paged(LAYERS)], q: Q | Absent = None
    ) -> Any:
        """All layers that set something."""
        sets = RuleLayerRow.overrides != {}
        show = _shown_to(holder, RuleLayerInList)
        return await office.list("rule-layers", asked, RuleLayerInList, sets, show=show, q=q)

    @api.viewer.get("/rules/{scope:scope}/changes", **lists(RuleChange))
    async def changes(
        scope: Scope,
        holder: Asker,
        asked: Annotated[Paged, paged(CHANGES)],
        since: Since | Absent = None,
        until: Until | Absent = None,
    ) -> Any:
        """Who changed this layer, when, from what to what; newest first."""
        must_be_scope(scope)
        of_scope = RuleChangeRow.scope == scope
        show = _shown_to(holder, RuleChange, scope)
        return await office.list(
            "rule-changes", asked, RuleChange, of_scope, show=show, since=since, until=until
        )

    @api.viewer.get("/rules/{scope:scope}")
    async def one_layer(scope: Scope, response: Response) -> RuleLayer:
        """What one layer sets."""
        must_be_scope(scope)
        return _tagged(await office.read(_look(scope)), response)

    @api.operator.patch("/rules/{scope:scope}")
    async def change(
        scope: Scope, changes: RulesPatch, asks: Edits, response: Response
    ) -> RuleLayer:
        """Change one layer by a JSON merge patch: null unsets, durations are seconds.

        Holds from the next transaction on, in every process. The ETag of any GET of rules serves
        as `If-Match`, to change any layer that it shows. 409 where the change contradicts another
        rule, of this layer or of another, or where a value makes no sense, such as a template
        that does not render.
        """
        must_be_scope(scope)
        event = RulesChanged(
            at=office.now(),
            by=asks.holder.name,
            scope=scope,
            changes=changes.root,
            expected=expected_version(asks.if_match, scope),
        )
        return await decide(event, asks, response)

    @api.operator.post("/rules/{scope:scope}/undo")
    async def undo(
        scope: Scope, asks: Edits, response: Response, given: Undo | None = None
    ) -> RuleLayer:
        """Take the last change of a layer back, or all from a version on. That is a change, too:
        undone twice, the layer is as it was. 409 where it would contradict another layer now."""
        must_be_scope(scope)
        version, now, before = await office.read(
            lambda facts: _before(facts, scope, given.version if given else None)
        )
        expected = expected_version(asks.if_match, scope)
        event = RulesChanged(
            at=office.now(),
            by=asks.holder.name,
            scope=scope,
            changes=patch_between(now, before),
            expected=version if expected is None else expected,
        )
        try:
            return await decide(event, asks, response, action="rules_undone")
        except RulesRefused as error:
            raise refusal(error, 409) from error

    async def decide(
        event: RulesChanged, asks: Asks, response: Response, action: str = ""
    ) -> RuleLayer:
        """The layer's version is what must match, not what one GET of it looked like."""
        about = About(kind="rules", id=event.scope, group=group_of(event.scope))
        unconditional = replace(asks, if_match=None)
        changed = await office.edit(
            unconditional, event, _look(event.scope), about, within=event.scope, action=action
        )
        return _tagged(changed, response)

    return api


def _shown_to(
    holder: Holder, view: type[V], scope: str | None = None
) -> Callable[[Unit, Sequence[Row]], Awaitable[list[V]]]:
    """Of this scope, or each of its own. A monitor who changed the rules of her group is called
    by name for those who may know it."""

    async def show(facts: Unit, rows: Sequence[Row]) -> list[V]:
        groups = [group_of(scope or row["scope"]) for row in rows]
        known = await known_groups(holder, filter(None, groups), facts)
        told = [
            dict(row) if group in known else {**row, "changed_by": signed(row["changed_by"])}
            for row, group in zip(rows, groups, strict=True)
        ]
        return [view.model_validate(each) for each in told]

    return show


def tag(layers: Layers) -> str:
    """An entity tag that tells the version of each layer, so that it serves to change any."""
    return _tag({scope: version for scope, (version, _) in layers.items()})


def _tag(versions: Mapping[str, int]) -> str:
    told = "&".join(f"{quote(scope, safe='')}={version}" for scope, version in versions.items())
    return f'"{told}"'


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


def one_of(group: GroupId | None, scope: str | None) -> GroupId | None:
    """The group that is asked for, by itself or as a scope."""
    if scope is None:
        return group
    if group is not None:
        raise Problem.of("scope", "either a group or a scope", scope, status=409)
    must_be_scope(scope)
    return group_of(scope)


async def layers_of(facts: Unit, group: GroupId | None, scope: str | None = None) -> Layers:
    """Those of a group; else those that surely are in force in this scope."""
    if group is None:
        return await facts.rules.layers(scopes_under(scope or EVERYWHERE))
    known = await facts.groups.peek(group)
    if known is None:
        raise Problem(404, f"there is no group {group}")
    return await facts.rules.layers(scopes_of(known))


def must_be_scope(scope: str) -> None:
    try:
        check_scope(scope)
    except ValueError as error:
        raise Problem(404, str(error)) from error


async def _before(
    facts: Unit, scope: str, version: int | None
) -> tuple[int, Overrides, Overrides]:
    """The layer's present version, what it sets, and what it set before the other version."""
    now, overrides = (await facts.rules.layers([scope]))[scope]
    if version is None and now == 0:
        raise Problem(409, f"{scope} was never changed; there is nothing to undo")
    before = await facts.rules.before(scope, version or now)
    if before is None:
        raise Problem(404, f"{scope} has no version {version}")
    return now, overrides, before


def _look(scope: str) -> Look[RuleLayer]:
    async def look(facts: Unit) -> RuleLayer:
        version, overrides = (await facts.rules.layers([scope]))[scope]
        return RuleLayer(scope=scope, version=version, set=RulesPatch(dict(overrides)))

    return look


def _tagged(layer: RuleLayer | None, response: Response) -> RuleLayer:
    assert layer is not None, "a layer that sets nothing is one, too"
    response.headers["ETag"] = _tag({layer.scope: layer.version})
    return layer


@cache
def schema_in_words() -> dict[str, Any]:
    """Of all rules; it is the same as long as the process lives."""
    schema = Rules.model_json_schema()
    for section, told in schema["properties"].items():
        told["x-name"], told["x-reason"] = SECTIONS[section]
        rules = schema["$defs"][told["$ref"].rpartition("/")[2]]["properties"]
        for name, rule in rules.items():
            rule["x-name"] = NAMES[f"{section}.{name}"]
            rule["x-reason"] = REASONS[f"{section}.{name}"]
    return schema
