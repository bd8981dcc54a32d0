"""What comes when in which group: of one, of a cohort, and of all of them, page by page."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Path, Query

from bot.http.api.office import Office
from bot.http.api.paging import Paged, Q, Row, lists, paged
from bot.http.api.post_views import PostBrief, PostView, shown
from bot.http.api.routes import Routes
from bot.http.api.views import View
from bot.http.door import Asker
from bot.http.problems import Problem
from bot.http.values import GivenChannel, GivenGroup, GivenScope, GivenText
from handlers.content import agenda, grounds
from handlers.context import Context
from models.access import Holder
from models.cohort import BirthWindow, Cohort
from models.content import ContentKind, Post
from models.groups import Standing
from models.ids import GroupId
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow


def _cohort_of(text: str) -> Cohort:
    """`杭州~妇幼~2026-03`; 404 where it is none."""
    parts = text.split("~")
    try:
        city, channel, window = parts
        return Cohort(city, channel, BirthWindow.parse(window))
    except ValueError as error:
        raise Problem(404, "a cohort is written city~channel~YYYY-MM") from error


GivenCohort = Annotated[GivenScope, Path(examples=["杭州~妇幼~2026-03"])]
Days = Annotated[int, Query(ge=1, le=agenda.DAYS_AHEAD + 1, description="From today on.")]
Past = Annotated[int, Query(ge=0, le=90, description="Days before today.")]
Ahead = Annotated[
    int, Query(ge=0, le=agenda.DAYS_AHEAD, description="How many days ahead: 0 is today.")
]


class Calendar(View):
    """A group's posts, by day and slot."""

    group: str
    name: str
    posts: list[PostView]


class BriefCalendar(View):
    """The same in brief."""

    group: str
    name: str
    posts: list[PostBrief]


class CohortCalendar(View):
    """Those of all groups of a cohort."""

    cohort: str
    groups: list[BriefCalendar]


GROUPS = Listing(
    rows=rows_of(GroupRow, ("id", "name")),
    key=[GroupRow.id],
    sorts={"name": GroupRow.name, "group": GroupRow.id},
    default="name",
    filters={
        "account": GroupRow.account,
        "group": GroupRow.id,
        "channel": GroupRow.channel,
        "city": GroupRow.city,
        "birth_window": GroupRow.birth_window,
    },
    words=[GroupRow.name],
)


def calendars_api(office: Office) -> Routes:
    api = Routes(office.door, "calendars")

    @api.viewer.get("/groups/{group:id}/calendar")
    async def of_group(
        group: GivenGroup, holder: Asker, days: Days = 14, past: Past = 0
    ) -> Calendar:
        """What was and will be posted; days that are not planned yet, as they would be by now.
        What is said after midnight has the day on which its hours began."""

        async def look(facts: Unit) -> Calendar:
            known = await facts.groups.peek(group)
            if known is None:
                raise Problem(404, f"there is no group {group}")
            posts = await _calendar(await Context.open(facts, office.now(), group), days, past)
            told = await shown(posts, holder, office.now(), facts)
            return Calendar(group=group, name=known.name, posts=told)

        return await office.read(look)

    @api.viewer.get("/cohorts/{cohort:id}/calendar")
    async def of_cohort(cohort: GivenCohort, holder: Asker, days: Days = 14) -> CohortCalendar:
        """The same of all groups of a cohort, in brief: what comes when, and why."""

        async def look(facts: Unit) -> CohortCalendar:
            found = await facts.groups.of_cohort(_cohort_of(cohort))
            ids = [each.id for each in sorted(found, key=lambda each: (each.name, each.id))]
            told = await _of_days(ids, 0, days, holder, office.now(), facts)
            groups = [BriefCalendar.model_validate(each) for each in told]
            return CohortCalendar(cohort=cohort, groups=groups)

        return await office.read(look)

    @api.viewer.get("/calendars", **lists(Calendar))
    async def calendars(
        holder: Asker,
        asked: Annotated[Paged, paged(GROUPS)],
        account: GivenText | None = None,
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        city: GivenText | None = None,
        birth_window: GivenText | None = None,
        q: Q | None = None,
        kind: ContentKind | None = None,
        ahead: Ahead = 1,
        awaiting_approval: Annotated[
            bool | None, Query(description="Only posts that do, or don't.")
        ] = None,
    ) -> Any:
        """What many groups get on one day, tomorrow where nothing else is said: planned already,
        or as it would be. Groups that get nothing are left out, so a page may hold fewer than
        its limit. `POST /posts/approve` takes what it tells."""

        async def show(facts: Unit, rows: Sequence[Row]) -> list[Calendar]:
            ids = [GroupId(row["id"]) for row in rows]
            told = await _of_days(ids, ahead, 1, holder, office.now(), facts)
            wanted = (_only(each, kind, awaiting_approval) for each in told)
            return [each for each in wanted if each.posts]

        ours = GroupRow.standing == Standing.OURS
        return await office.list(
            "calendars",
            asked,
            Calendar,
            ours,
            show=show,
            account=account,
            group=group,
            channel=channel,
            city=city,
            birth_window=birth_window,
            q=q,
        )

    return api


async def _calendar(ctx: Context, days: int, past: int) -> list[Post]:
    assert ctx.group is not None
    yesterday = ctx.today - agenda.DAY
    first = ctx.today - timedelta(days=past)
    gone = await ctx.facts.posts.of_days(ctx.group.id, first, yesterday)
    before = [each for each in gone if not agenda.is_of_the_night(each, ctx.today)]
    return [*before, *await agenda.ahead(ctx, await grounds.library(ctx.facts), days)]


async def _of_days(
    ids: Sequence[GroupId], skip: int, days: int, holder: Holder, now: datetime, facts: Unit
) -> list[Calendar]:
    """Of these groups, without the first days, read in a handful of statements."""
    groups = {each.id: each for each in await facts.groups.peek_at(ids)}
    library = await grounds.library(facts)
    today = (await Context.open(facts, now)).today
    await grounds.read_for(list(groups.values()), today, facts)
    first = today + skip * agenda.DAY if skip else date.min
    posts: dict[GroupId, list[Post]] = {}
    for each in ids:
        ctx = await Context.open(facts, now, each)
        found = await agenda.ahead(ctx, library, skip + days)
        posts[each] = [post for post in found if post.day >= first]
    told = await shown([post for each in ids for post in posts[each]], holder, now, facts)
    of_group: dict[str, list[PostView]] = {each: [] for each in ids}
    for view in told:
        of_group[view.group].append(view)
    return [Calendar(group=each, name=groups[each].name, posts=of_group[each]) for each in ids]


def _only(calendar: Calendar, kind: ContentKind | None, awaiting: bool | None) -> Calendar:
    posts = [
        each
        for each in calendar.posts
        if kind in (None, each.kind) and awaiting in (None, each.awaiting_approval)
    ]
    return Calendar(group=calendar.group, name=calendar.name, posts=posts)
