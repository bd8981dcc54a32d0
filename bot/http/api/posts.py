"""What is posted where and when over HTTP: calendars, decisions on single posts, and what came of
them."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.door import Door
from bot.http.problems import Problem
from bot.http.values import GivenGroup, GivenLine, GivenScope
from bot.transactions import Transactions
from handlers.content import agenda, grounds
from handlers.content.deciding import PostRefused, Refusal
from handlers.context import Context
from handlers.wording import known_by, worded
from models.access import Access, Holder
from models.cohort import BirthWindow, Cohort
from models.content import Item, Post
from models.events import PostApproved, PostDecision, PostedNow, PostSkipped, PostSwapped
from models.groups import Group
from models.ids import GroupId
from models.stores.unit import Unit

NOT_FOUND = (Refusal.NO_SLOT, Refusal.NO_ITEM)
"""The others are of things that are there, and stand in the way."""


def _is_cohort(text: str) -> str:
    cohort_of(text)
    return text


def cohort_of(text: str) -> Cohort:
    """`杭州~妇幼~2026-03`; raises ValueError."""
    parts = text.split("~")
    if len(parts) != 3 or not all(parts):
        raise ValueError("a cohort is written city~channel~YYYY-MM")
    return Cohort(parts[0], parts[1], BirthWindow.parse(parts[2]))


GivenCohort = Annotated[GivenScope, AfterValidator(_is_cohort)]
Days = Annotated[int, Query(ge=1, le=agenda.DAYS_AHEAD + 1, description="From today on.")]
Past = Annotated[int, Query(ge=0, le=90, description="Days before today.")]
GivenSlot = Annotated[int, Field(ge=0, lt=2 * 24 * 60, description="The minute its hours begin.")]


class Swap(BaseModel):
    model_config = ConfigDict(extra="forbid")

    item: GivenLine | None = Field(None, description="None: whatever is the next choice.")


def posts_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    api = APIRouter(tags=["posts"])
    viewer = Depends(door.needs(Access.VIEWER))
    Operator = Annotated[Holder, Depends(door.needs(Access.OPERATOR))]

    async def decide(decision: PostDecision) -> dict[str, Any]:
        try:
            await dispatcher.decide(decision, decision.at)
        except LookupError as error:
            raise Problem(404, f"there is no group {decision.group}") from error
        except PostRefused as error:
            status = 404 if error.refusal in NOT_FOUND else 409
            raise Problem(status, error.english) from error
        return await transactions.read(lambda facts: _one(facts, decision))

    @api.get("/groups/{group:path}/calendar", dependencies=[viewer])
    async def calendar(group: GivenGroup, days: Days = 14, past: Past = 0) -> dict[str, Any]:
        """What was and will be posted; days that are not planned yet, as they would be by now.
        What is said after midnight has the day on which its hours began."""
        return await transactions.read(
            lambda facts: _calendar(facts, group, days, past, clock.now())
        )

    @api.get("/cohorts/{cohort:path}/calendar", dependencies=[viewer])
    async def calendars(cohort: GivenCohort, days: Days = 14) -> dict[str, Any]:
        """The same of all groups of a cohort, in brief: what comes when, and why."""
        return await transactions.read(
            lambda facts: _calendars(facts, cohort_of(cohort), days, clock.now())
        )

    @api.get("/posts/review", dependencies=[viewer])
    async def review(
        days: Annotated[int, Query(ge=1, le=90)] = 7,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[dict[str, Any]]:
        """What members said in the hour after each post, against what is usual: the furthest
        from it first, those of which it is unknown last."""
        since = clock.now() - timedelta(days=days)
        return await transactions.read(lambda facts: _review(facts, since, limit))

    @api.post("/groups/{group:path}/posts/{day}/{slot}/approve")
    async def approve(
        group: GivenGroup, day: date, slot: GivenSlot, holder: Operator
    ) -> dict[str, Any]:
        """It may be posted where the rule `content.approval` asks for somebody's approval."""
        now = clock.now()
        return await decide(PostApproved(at=now, by=holder.name, group=group, day=day, slot=slot))

    @api.post("/groups/{group:path}/posts/{day}/{slot}/skip")
    async def skip(
        group: GivenGroup, day: date, slot: GivenSlot, holder: Operator
    ) -> dict[str, Any]:
        """Nothing is posted in this slot."""
        now = clock.now()
        return await decide(PostSkipped(at=now, by=holder.name, group=group, day=day, slot=slot))

    @api.post("/groups/{group:path}/posts/{day}/{slot}/swap")
    async def swap(
        group: GivenGroup, day: date, slot: GivenSlot, holder: Operator, given: Swap | None = None
    ) -> dict[str, Any]:
        """Another item is posted in this slot."""
        now, item = clock.now(), given.item if given else None
        return await decide(
            PostSwapped(at=now, by=holder.name, group=group, day=day, slot=slot, item=item)
        )

    @api.post("/groups/{group:path}/posts/{day}/{slot}/now")
    async def post_now(
        group: GivenGroup, day: date, slot: GivenSlot, holder: Operator
    ) -> dict[str, Any]:
        """It is said, or handed to the monitor, at once; the slot is used up by it."""
        now = clock.now()
        return await decide(PostedNow(at=now, by=holder.name, group=group, day=day, slot=slot))

    return api


async def _one(facts: Unit, decision: PostDecision) -> dict[str, Any]:
    post = await facts.posts.get(decision.group, decision.day, decision.slot)
    assert post is not None
    ctx = await _looking(facts, decision.group, decision.at)
    (shown,) = await _shown([post], ctx)
    return shown


async def _calendar(
    facts: Unit, group: GroupId, days: int, past: int, now: datetime
) -> dict[str, Any]:
    ctx = await _looking(facts, group, now)
    library = await grounds.library(facts)
    yesterday = ctx.today - timedelta(days=1)
    gone = await facts.posts.of_days(group, ctx.today - timedelta(days=past), yesterday)
    before = [each for each in gone if not agenda.is_of_the_night(each, ctx.today)]
    ahead = await agenda.ahead(ctx, library, days)
    return {
        "group": group,
        "name": ctx.group.name if ctx.group else "",
        "posts": await _shown([*before, *ahead], ctx),
    }


async def _calendars(facts: Unit, cohort: Cohort, days: int, now: datetime) -> dict[str, Any]:
    groups = await facts.groups.of_cohort(cohort)
    library = await grounds.library(facts)
    today = (await Context.open(facts, now)).today
    await grounds.read_for(groups, today, facts)
    shown = []
    for group in sorted(groups, key=lambda each: (each.name, each.id)):
        posts = await agenda.ahead(await Context.open(facts, now, group.id), library, days)
        items = await _items(posts, facts)
        brief = [
            {
                "day": each.day,
                "slot": each.slot,
                "said_at": each.said_at.astimezone(UTC),
                "kind": each.kind,
                "state": each.state,
                "item": each.item,
                "title": await _headed(each, items.get(each.item), group, facts),
                "why": each.why,
            }
            for each in posts
        ]
        shown.append({"group": group.id, "name": group.name, "posts": brief})
    return {"cohort": str(cohort), "groups": shown}


async def _review(facts: Unit, since: datetime, limit: int) -> list[dict[str, Any]]:
    found = await facts.posts.most_telling(since, limit)
    seen = await facts.groups.peek_at({each.group for each in found})
    groups = {each.id: each for each in seen}
    items = await _items(found, facts)
    await facts.rules.load(seen)
    await facts.members.read_monitors(groups)
    return [
        {
            "group": each.group,
            "name": groups[each.group].name,
            "title": await _headed(each, items.get(each.item), groups[each.group], facts),
            **_told(each),
        }
        for each in found
    ]


async def _items(posts: Iterable[Post], facts: Unit) -> dict[str | None, Item]:
    """What these posts say, by id, withdrawn or not."""
    names = {each.item for each in posts if each.item}
    await facts.items.load((each,) for each in names)
    found = [await facts.items.get(each) for each in names]
    return {each.id: each for each in found if each is not None}


async def _headed(post: Post, item: Item | None, group: Group, facts: Unit) -> str:
    """By what one knows it."""
    if item is None:
        return ""
    monitor, rules = await facts.members.monitor(group.id), await facts.rules.in_force(group)
    return known_by(item, group, post.worded_on, monitor, rules)[:50]


async def _looking(facts: Unit, group: GroupId, now: datetime) -> Context:
    """Of a group that is not locked: nothing is changed."""
    if await facts.groups.peek(group) is None:
        raise Problem(404, f"there is no group {group}")
    return await Context.open(facts, now, group)


async def _shown(posts: Iterable[Post], ctx: Context) -> list[dict[str, Any]]:
    """With what the item says in this group, and whether the slot is settled on already."""
    assert ctx.group is not None
    facts, group = ctx.facts, ctx.group
    monitor = await facts.members.monitor(group.id)
    programme = await facts.programmes.get(group.id)
    planned_on = programme.planned_on if programme else None
    shown = []
    for post in posts:
        item = await facts.items.get(post.item) if post.item else None
        text = worded(item, group, post.worded_on, monitor, ctx.rules) if item else None
        is_planned = planned_on is not None and post.day <= planned_on
        shown.append(
            {
                **_told(post),
                "approved_by": post.approved_by or (item.approved_by if item else None),
                "title": item.title if item else "",
                "text": text or "",
                "planned": is_planned or post.pinned_by is not None,
            }
        )
    return shown


def _told(post: Post) -> dict[str, Any]:
    """All of it, with times as they are kept, also where it is not planned yet."""
    return {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value
        for name, value in asdict(post).items()
    }
