"""What a look at many groups goes by, read for all of them at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.context import Context
from handlers.growth import policy
from models.groups import Group
from models.growth import Neighbour
from models.ids import GroupId
from models.people import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """How many members of a group spoke in a week, how many messages each role said in it, and
    in which hour a member spoke last. `neighbours` are the other groups of its cohort, where it
    matters which there are."""

    active: int
    said: Mapping[Role, int]
    last_heard: datetime | None
    neighbours: Sequence[Neighbour]


async def weeks_of(groups: Collection[Group], ctx: Context) -> dict[GroupId, Week]:
    """Also reads ahead whatever else a look asks for, so that the number of statements does not
    depend on that of the groups."""
    facts = ctx.facts
    ids = [each.id for each in groups]
    await facts.rules.load(groups)
    await facts.lives.load((group,) for group in ids)
    await facts.notices.read(ids)
    await facts.members.read_monitors(ids)
    await facts.past_stays.read(ids, policy.leaving_since(ctx.now))
    last_heard = await facts.activity.last_heard(ids)
    await _read_ahead(groups, last_heard, ctx)
    active = await facts.activity.active(ids, ctx.now - policy.WEEK)
    said = await facts.activity.by_role(ids, ctx.now - policy.WEEK)
    beside = await facts.groups.beside(await _looking_around(groups, ctx))
    return {
        group: Week(
            active=active.get(group, 0),
            said=said.get(group, {}),
            last_heard=last_heard.get(group),
            neighbours=beside.get(group, ()),
        )
        for group in ids
    }


async def _read_ahead(
    groups: Collection[Group], last_heard: Mapping[GroupId, datetime], ctx: Context
) -> None:
    """Who joined those whose growth is foretold, and what their accounts did not hear: as far
    back as it is asked for of any of them."""
    joining, spells_since = {}, policy.leaving_since(ctx.now)
    for group in groups:
        life = await ctx.facts.lives.get(group.id)
        if life is None:
            continue
        rules = await ctx.facts.rules.in_force(group)
        if policy.is_forecast(life, ctx.today, rules.growth):
            joining[group.id] = policy.counted_since(life, life.opened_on)
        silent_since = policy.silent_since(last_heard.get(group.id), life)
        spells_since = min(spells_since, silent_since, joining.get(group.id, silent_since))
    if joining:
        await ctx.facts.joins.read(joining, min(joining.values()))
    await ctx.facts.deaf_spells.read({each.account for each in groups}, spells_since)


async def _looking_around(groups: Collection[Group], ctx: Context) -> list[Group]:
    found = []
    for group in groups:
        life = await ctx.facts.lives.get(group.id)
        rules = await ctx.facts.rules.in_force(group)
        if life and policy.looks_around(group.members, life, ctx.today, rules.growth):
            found.append(group)
    return found
