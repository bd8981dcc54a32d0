"""Texts: the templates of what is said, what they may use, and what they come to say.

A text is a rule, so it is changed, undone and listed as one: `PATCH /rules/{scope}` with
`{"texts": {"welcome": "..."}}`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from bot.http.api.office import Office, in_group
from bot.http.api.routes import Routes
from bot.http.api.rules import ONE_OF, InScope, layers_of, one_of, sources, tag
from bot.http.api.views import Given, Page, View
from bot.http.door import Asker
from bot.http.openapi import MAY_BE_MISSING
from bot.http.problems import Problem
from bot.http.values import Absent, GivenGroup
from config.daily import ZONE
from config.rule_names import NAMES
from config.rules import compatible, effective
from config.texts import GREETING, LONGEST_TEMPLATE, SAMPLES, BadTemplate, Texts, render, tried
from handlers.onboarding.policy import told_of
from models.access import Holder
from models.ids import GroupId
from models.stores.unit import Unit

Name = Literal["welcome", "nickname", "rules", "reminder", "awarded"]
Values = Mapping[str, str]


class TextView(View):
    """`layer` is where the template comes from, and `uses` is what it may use, with an example of
    each. `says` is what it says now: in the group that was asked for, or in one like the
    example. Who is addressed is an example always."""

    name: Name
    title: str = Field(examples=["欢迎语"])
    about: str
    template: str = Field(examples=["{{ names }}欢迎来到{{ city }}妈妈群～"])
    layer: str = Field(examples=["default", "channel:妇幼"])
    uses: dict[str, str]
    says: str


class Trial(Given):
    name: Name
    template: str = Field(max_length=LONGEST_TEMPLATE, examples=["{{ names }}你好呀"])
    group: GivenGroup | None = Field(None, description="A group to say it in, too.")


class TextVariant(View):
    """What it says on these values; a group may have no monitor, or no city ("")."""

    values: dict[str, str]
    says: str


class TextFault(View):
    """`line` of the template is where it is, null where that can't be told."""

    problem: str
    line: int | None


class Tried(View):
    """Either what the template says in every kind of group, and `in_group` in the one that was
    asked for; or its `fault`."""

    variants: list[TextVariant]
    in_group: str | None
    fault: TextFault | None


def texts_api(office: Office) -> Routes:
    api = Routes(office.door, "texts")

    @api.viewer.get("/texts", responses=ONE_OF)
    async def texts(
        holder: Asker,
        response: Response,
        group: Annotated[
            GivenGroup | Absent, Query(description="As they are in force there.")
        ] = None,
        scope: InScope = None,
    ) -> Page[TextView]:
        """Each template, where it comes from, and what it says now. To change one, PATCH the rules
        of a scope: `{"texts": {"welcome": "..."}}`; the ETag serves for that as `If-Match`."""
        group = one_of(group, scope)
        layers = await office.read(lambda facts: layers_of(facts, group, scope))
        kept = compatible({scope: overrides for scope, (_, overrides) in layers.items()})
        rules = effective(kept.values())
        from_layer = sources(rules, kept)
        values = await values_of(group, holder)
        response.headers["ETag"] = tag(layers)
        items = [
            TextView(
                name=name,
                title=NAMES[f"texts.{name}"],
                about=field.description or "",
                template=getattr(rules.texts, name),
                layer=from_layer[f"texts.{name}"],
                uses=dict(SAMPLES[name]),
                says=render(getattr(rules.texts, name), {**SAMPLES[name], **values}),
            )
            for name, field in Texts.model_fields.items()
        ]
        return Page(items=items, next=None, total=len(items))

    @api.viewer.post("/texts/preview", responses=MAY_BE_MISSING)
    async def preview(given: Trial, holder: Asker) -> Tried:
        """What a template would say, without any change; or what is wrong with it, and where."""
        values = await values_of(given.group, holder)
        try:
            found = tried(given.name, given.template)
        except BadTemplate as error:
            return Tried(
                variants=[], in_group=None, fault=TextFault(problem=str(error), line=error.line)
            )
        said = render(given.template, {**SAMPLES[given.name], **values}) if given.group else None
        variants = [TextVariant(values=dict(each), says=says) for each, says in found]
        return Tried(variants=variants, in_group=said, fault=None)

    async def values_of(group: GroupId | None, holder: Holder) -> Values:
        """What the group's own values are; none where none was asked for."""
        if group is None:
            return {}
        return await office.read(lambda facts: _values(facts, group, holder))

    async def _values(facts: Unit, id_: GroupId, holder: Holder) -> Values:
        group = await facts.groups.peek(id_)
        if group is None:
            raise Problem(404, f"there is no group {id_}")
        monitor = await facts.members.monitor(id_)
        today = office.now().astimezone(ZONE).date()
        told = told_of(group, monitor, today, await facts.rules.in_force(group))
        if told["monitor"] and not holder.covers(in_group(id_), group):
            # Who she is is not for everybody to see.
            told["monitor"] = GREETING["monitor"]
        return told

    return api
