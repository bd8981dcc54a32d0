"""How groups grow."""

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from bot.http.api import notices
from bot.http.api.notices import NoticeView
from bot.http.api.office import Office
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.problems import Problem
from bot.http.values import GivenGroup
from config.rules import GrowthRules
from handlers.context import Context
from handlers.growth.forecast import INTERVAL
from handlers.growth.policy import DayCount
from handlers.growth.standing import Standing, sizes_of, standing_of
from models.cohort import Stage
from models.growth import Life, Recruiting, WayIn
from models.ids import GroupId
from models.phase import Phase
from models.stores.unit import Unit


class ForecastView(View):
    """How many members there will be `on` the day by which it should be formed: from `low` to
    `high` with the probability `interval`, formed with the probability `chance`."""

    on: date
    low: int
    likely: int
    high: int
    interval: float = Field(examples=[0.8])
    chance: float = Field(examples=[0.73])


class ActiveView(View):
    """How many members, and which share of them, spoke in the seven days before `looked_on`."""

    looked_on: date | None
    members: int | None
    share: float | None = Field(examples=[0.31])


class DayView(View):
    """Who came and left on a day; of a day of which nothing was heard, what nobody saw is null.
    `heard` is how much of it we were listening, 0 to 1."""

    on: date
    joins: int | None
    leaves: int | None
    heard: float


class SizeView(View):
    """How many were in the group at the end of a day, or today, now; null where nobody heard."""

    on: date
    members: int | None = Field(examples=[148])


class LinesView(View):
    """How many members a group should have: from `formed_at` on it carries itself, from
    `qr_until` on nobody gets in by WeChat's QR code, and at `full_at` recruiting closes."""

    formed_at: int = Field(examples=[150])
    qr_until: int = Field(examples=[200])
    full_at: int = Field(examples=[350])


class GrowthView(View):
    """Where a group stands. `week` is the baby's, null where the birth window is unknown;
    `due_on` the day by which it should be formed. `sizes` are of the days since its opening, but
    of two years at most; `days` of the last four weeks."""

    group: str
    group_name: str
    opened_on: date
    watched_since: Time
    stage: Stage
    week: int | None
    phase: Phase
    recruiting: Recruiting
    way_in: WayIn
    members: int
    formed_at: Time | None
    full_at: Time | None
    due_on: date
    lines: LinesView
    forecast: ForecastView | None = Field(
        description="Null where it is too early to tell, or decided."
    )
    active: ActiveView
    sizes: list[SizeView]
    days: list[DayView]
    notices: list[NoticeView]


def growth_api(office: Office) -> Routes:
    api = Routes(office.door, "growth")

    @api.viewer.get("/groups/{group:id}/growth")
    async def growth(group: GivenGroup) -> GrowthView:
        """Where a group stands, and how it came there; what is not known is null."""
        return await office.read(lambda facts: _growth(facts, group, office))

    return api


async def _growth(facts: Unit, group: GroupId, office: Office) -> GrowthView:
    if await facts.groups.peek(group) is None:
        raise Problem(404, f"there is no group {group}")
    ctx = await Context.open(facts, office.now(), group)
    standing = await standing_of(ctx)
    if standing is None:
        raise Problem(404, f"the group {group} is not ours")
    life = standing.life
    return GrowthView(
        group=group,
        group_name=standing.group.name,
        opened_on=life.opened_on,
        watched_since=life.since,
        stage=standing.stage,
        week=standing.week,
        phase=standing.phase,
        recruiting=standing.recruiting,
        way_in=standing.way_in,
        members=standing.group.members,
        formed_at=life.formed_at,
        full_at=life.full_at,
        due_on=standing.due_on,
        lines=LinesView.model_validate(ctx.rules.growth),
        forecast=_forecast(standing, ctx.rules.growth),
        active=_active(life),
        sizes=_sizes(await sizes_of(standing, ctx)),
        days=[_day(each) for each in standing.days],
        notices=await notices.open_of(group, facts),
    )


def _forecast(standing: Standing, rules: GrowthRules) -> ForecastView | None:
    foretold = standing.foretold
    if foretold is None:
        return None
    return ForecastView(
        on=standing.due_on,
        low=foretold.low,
        likely=foretold.likely,
        high=foretold.high,
        interval=INTERVAL,
        chance=round(foretold.chance(rules.formed_at), 3),
    )


def _active(life: Life) -> ActiveView:
    share = life.active_share
    return ActiveView(
        looked_on=life.looked_on,
        members=life.active,
        share=None if share is None else round(share, 4),
    )


def _sizes(found: Sequence[tuple[date, int | None]]) -> list[SizeView]:
    return [SizeView(on=day, members=members) for day, members in found]


def _day(day: DayCount) -> DayView:
    is_unknown = day.heard == 0
    return DayView(
        on=day.on,
        joins=None if is_unknown and not day.joins else day.joins,
        leaves=None if is_unknown and not day.leaves else day.leaves,
        heard=round(day.heard, 3),
    )
