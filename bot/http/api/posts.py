"""Posts over HTTP: what was and is to be posted, decisions on it, and what came of it."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import Field
from sqlalchemy import Boolean, ColumnElement, Float, func, literal, select, type_coerce
from sqlalchemy.orm import aliased

from bot.http.api.office import About, Asks, Edits, Look, Office, in_group
from bot.http.api.paging import Paged, Row, lists, paged
from bot.http.api.post_views import PostView, shown
from bot.http.api.routes import Routes
from bot.http.api.views import Given, View
from bot.http.door import Asker
from bot.http.problems import Problem, told_as_missing
from bot.http.values import Absent, Day, GivenChannel, GivenGroup, GivenLine
from config.numbers import WHOLE
from config.rules import Rules
from handlers.content import agenda
from handlers.content.deciding import PostRefused, Refusal
from handlers.context import Context
from models.access import Holder
from models.content import ContentKind, Post, PostState
from models.events import PostApproved, PostDecision, PostedNow, PostSkipped, PostSwapped
from models.ids import GroupId, PersonId
from models.scopes import EVERYWHERE
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow, ItemRow, PostRow, RuleLayerRow

NOT_FOUND = (Refusal.NO_SLOT, Refusal.NO_ITEM)
"""The others are of things that are there, and stand in the way."""
MOST_AT_ONCE = 200
SLOTS = 2 * 24 * 60

Slot = Annotated[int, Path(ge=0, lt=SLOTS, description="The minute its hours begin.")]


class Swap(Given):
    item: GivenLine | None = Field(None, description="Null: whatever is the next choice.")


class Named(Given):
    """What names a post."""

    group: GivenGroup
    day: Day
    slot: Annotated[int, Field(ge=0, lt=SLOTS), WHOLE]


class Several(Given):
    posts: list[Named] = Field(min_length=1, max_length=MOST_AT_ONCE)


class NotApproved(View):
    """Which was not, and why, with the status that it would have been answered by itself."""

    group: str
    day: date
    slot: int
    status: int = Field(examples=[409])
    why: str = Field(examples=["it has been posted"])


class Approvals(View):
    approved: list[PostView]
    refused: list[NotApproved]


POSTS = Listing(
    rows=rows_of(PostRow, Post.__dataclass_fields__).join_from(
        PostRow, GroupRow, GroupRow.id == PostRow.group
    ),
    key=[PostRow.group, PostRow.slot],
    sorts={"day": PostRow.day},
    default="-day",
    filters={
        "group": PostRow.group,
        "channel": GroupRow.channel,
        "day": PostRow.day,
        "state": PostRow.state,
        "kind": PostRow.kind,
    },
)
_by_chance = func.sqrt(PostRow.usual_heard + 1, type_=Float)
"""What chance makes of such a number."""
_unusual = func.abs(PostRow.heard - PostRow.usual_heard, type_=Float).op("/")(_by_chance)
REVIEW = Listing(
    rows=POSTS.rows.where(PostRow.posted_at.is_not(None)),
    key=[PostRow.posted_at, PostRow.group, PostRow.day, PostRow.slot],
    sorts={"unusual": func.coalesce(type_coerce(_unusual, Float), -1.0, type_=Float)},
    default="-unusual",
    filters={"group": PostRow.group, "channel": GroupRow.channel, "kind": PostRow.kind},
)


def posts_api(office: Office) -> Routes:
    api = Routes(office.door, "posts")

    @api.viewer.get("/posts", **lists(PostView))
    async def posts(
        holder: Asker,
        asked: Annotated[Paged, paged(POSTS)],
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        day: Day | Absent = None,
        day_from: Day | Absent = None,
        day_to: Annotated[Day | Absent, Query(description="That day included.")] = None,
        state: PostState | None = None,
        kind: ContentKind | None = None,
        awaiting_approval: Annotated[bool | None, Query(description="Those that do.")] = None,
    ) -> Any:
        """What is planned and what was posted, the last day first. A day is planned when it
        begins; before, `GET /calendars` tells what would be posted."""
        where: list[ColumnElement[bool]] = []
        where += [] if day_from is None else [PostRow.day >= day_from]
        where += [] if day_to is None else [PostRow.day <= day_to]
        if awaiting_approval is not None:
            where.append(_awaits(office, awaiting=awaiting_approval))
        return await office.list(
            "posts",
            asked,
            PostView,
            *where,
            show=_shown_to(holder, office),
            group=group,
            channel=channel,
            day=day,
            state=state,
            kind=kind,
        )

    @api.viewer.get("/posts/review", **lists(PostView))
    async def review(
        holder: Asker,
        asked: Annotated[Paged, paged(REVIEW)],
        days: Annotated[int, Query(ge=1, le=90)] = 7,
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        kind: ContentKind | None = None,
    ) -> Any:
        """What members said in the hour after each post, against what is usual: the furthest
        from it first, those of which it is unknown last."""
        since = PostRow.posted_at >= office.now() - timedelta(days=days)
        return await office.list(
            "review",
            asked,
            PostView,
            since,
            show=_shown_to(holder, office),
            group=group,
            channel=channel,
            kind=kind,
        )

    @api.operator.post("/posts/approve")
    async def approve_several(given: Several, holder: Asker) -> Approvals:
        """Each is judged by itself: those that can be are approved, and why the others can't be
        is told."""
        approved: list[PostView] = []
        refused: list[NotApproved] = []
        for each in given.posts:
            name = {"group": each.group, "day": each.day, "slot": each.slot}
            event = PostApproved(
                at=office.now(),
                by=holder.name,
                group=each.group,
                day=each.day,
                slot=each.slot,
            )
            try:
                approved.append(await decide(event, Asks(holder=holder)))
            except Problem as error:
                refused.append(NotApproved(**name, status=error.status, why=error.detail))
        return Approvals(approved=approved, refused=refused)

    @api.viewer.get("/groups/{group:id}/posts/{day}/{slot}")
    async def one(
        group: GivenGroup, day: Day, slot: Slot, holder: Asker, response: Response
    ) -> PostView:
        """Also one that is not planned yet, as it would be by now."""
        look = _look(group, day, slot, holder, office)
        return await office.one(look, _about(group, day, slot), response)

    @api.operator.post("/groups/{group:id}/posts/{day}/{slot}/approve")
    async def approve(group: GivenGroup, day: Day, slot: Slot, asks: Edits) -> PostView:
        """It may be posted where the rule `content.approval` asks for somebody's approval."""
        now, by = office.now(), asks.holder.name
        return await decide(PostApproved(at=now, by=by, group=group, day=day, slot=slot), asks)

    @api.operator.post("/groups/{group:id}/posts/{day}/{slot}/skip")
    async def skip(group: GivenGroup, day: Day, slot: Slot, asks: Edits) -> PostView:
        """Nothing is posted in this slot."""
        now, by = office.now(), asks.holder.name
        return await decide(PostSkipped(at=now, by=by, group=group, day=day, slot=slot), asks)

    @api.operator.post("/groups/{group:id}/posts/{day}/{slot}/swap")
    async def swap(
        group: GivenGroup, day: Day, slot: Slot, asks: Edits, given: Swap | None = None
    ) -> PostView:
        """Another item is posted in this slot."""
        now, by, item = office.now(), asks.holder.name, given.item if given else None
        event = PostSwapped(at=now, by=by, group=group, day=day, slot=slot, item=item)
        return await decide(event, asks)

    @api.operator.post("/groups/{group:id}/posts/{day}/{slot}/now")
    async def post_now(group: GivenGroup, day: Day, slot: Slot, asks: Edits) -> PostView:
        """It is said, or handed to the monitor, at once; the slot is used up by it."""
        now, by = office.now(), asks.holder.name
        return await decide(PostedNow(at=now, by=by, group=group, day=day, slot=slot), asks)

    async def decide(event: PostDecision, asks: Asks) -> PostView:
        group, day, slot = event.group, event.day, event.slot
        look = _look(group, day, slot, asks.holder, office)
        # What is said in the group may call the monitor by her name.
        monitor = await office.read(lambda facts: facts.members.monitor(group))
        about = _about(group, day, slot, monitor.person if monitor else None)
        with _refused(), told_as_missing("group"):
            return await office.edit(asks, event, look, about, within=in_group(group))

    return api


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except PostRefused as error:
        status = 404 if error.refusal in NOT_FOUND else 409
        raise Problem(status, error.english) from error


def _about(group: GroupId, day: date, slot: int, person: PersonId | None = None) -> About:
    return About(kind="post", id=f"{group}:{day}:{slot}", group=group, person=person)


def _look(group: GroupId, day: date, slot: int, holder: Holder, office: Office) -> Look[PostView]:
    async def look(facts: Unit) -> PostView | None:
        if await facts.groups.peek(group) is None:
            return None
        now = office.now()
        ctx = await Context.open(facts, now, group)
        post = await agenda.find(ctx, day, slot)
        return (await shown([post], holder, now, facts))[0] if post else None

    return look


def _shown_to(
    holder: Holder, office: Office
) -> Callable[[Unit, Sequence[Row]], Awaitable[list[PostView]]]:
    async def show(facts: Unit, rows: Sequence[Row]) -> list[PostView]:
        return await shown(facts.posts.of_rows(rows), holder, office.now(), facts)

    return show


# Which wait for approval, as handlers/content/serving.py has it


def _awaits(office: Office, *, awaiting: bool) -> ColumnElement[bool]:
    # A look-up for each post that is left by then: as a join it was taken for a small one.
    unapproved = func.coalesce(
        select(ItemRow.approved_by.is_(None) & ItemRow.withdrawn_at.is_(None))
        .where(ItemRow.id == PostRow.item)
        .scalar_subquery(),
        False,
        type_=Boolean,
    )
    waits = (
        (PostRow.state == PostState.PLANNED)
        & (PostRow.closes_at > office.now())
        & PostRow.approved_by.is_(None)
        & unapproved
        & _is_asked_for()
    )
    return waits if awaiting else ~waits


def _is_asked_for() -> ColumnElement[bool]:
    """Whether the rule `content.approval` holds in the group, as its highest layer says."""
    channel = literal("channel:") + GroupRow.channel
    parts = (GroupRow.city, GroupRow.channel, GroupRow.birth_window)
    cohort = literal("cohort:") + parts[0] + "~" + parts[1] + "~" + parts[2]
    scopes = (literal("group:") + GroupRow.id, cohort, channel, literal(EVERYWHERE))
    usual = Rules().content.approval
    return func.coalesce(*(_approval_in(each) for each in scopes), usual, type_=Boolean)


def _approval_in(scope: ColumnElement[str]) -> ColumnElement[bool]:
    layer = aliased(RuleLayerRow)
    said = layer.overrides["content"]["approval"].as_boolean()
    return select(said).where(layer.scope == scope).scalar_subquery()
