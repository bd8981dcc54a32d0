"""Who speaks when in a group, and the hours of each cohort."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field
from sqlalchemy import RowMapping, Text, func, select

from bot.http.api.office import Office
from bot.http.api.paging import Paged, Q, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.problems import Problem
from bot.http.values import GivenChannel, GivenGroup
from config.daily import ZONE, DailySpan
from config.rules import Rules
from handlers.growth.policy import ENOUGH_HEARD, monitor_share
from models.activity import HourCount, usual_week
from models.cohort import BirthWindow, Cohort, Stage, stage_on
from models.content import LearnedHours
from models.coverage import Spell, heard, heard_hours, untold
from models.groups import Group, Standing, stage_of
from models.hours import active_spans, given_spans, parse_spans, typical
from models.ids import GroupId
from models.people import Role
from models.stores.activity import hour_of
from models.stores.lists import Listing
from models.stores.unit import Unit
from models.tables import GroupRow

LONGEST = 92
DIGITS = 4

Days = Annotated[int, Query(ge=1, le=LONGEST, description="Up to now.")]


class RoleHour(View):
    """Null where nobody heard: what reached us late is known all the same."""

    messages: int | None
    speakers: int | None


class ByRole(View):
    """Members and KOCs make a group's own activity; a host's words are shown, and never count."""

    member: RoleHour
    koc: RoleHour
    monitor: RoleHour
    assistant: RoleHour
    host: RoleHour


class HourView(View):
    """`heard` is which share of the hour was heard up to now, 0 to 1."""

    hour: Time
    heard: float
    roles: ByRole


class ActivityView(View):
    group: str
    since: Time
    until: Time
    hours: list[HourView]


class UsualHour(View):
    """How many messages members say in this hour of the week on average; null where it was never
    heard."""

    weekday: int = Field(ge=1, le=7, description="1 is Monday.")
    hour: int = Field(ge=0, le=23)
    messages: float | None = Field(examples=[4.25])


class PostingHours(View):
    """When posts come, as by the rules in force."""

    stage: Stage
    in_use: Literal["given", "learned"]
    spans: list[str] = Field(examples=[["11:00-12:00", "20:00-21:00"]])


class MonitorShare(View):
    """The monitor's part in what members and monitors said, null where too little was heard or
    said to tell; activity is best where it reaches the `line`."""

    share: float | None = Field(examples=[0.08])
    line: float = Field(examples=[0.05])
    messages: int | None = Field(description="Of monitors; null where too little was heard.")
    of: int | None = Field(description="Of members and monitors together.")


class RhythmView(View):
    """How a group's week usually is: all 168 hours of it, Monday first."""

    group: str
    since: Time
    until: Time
    week: list[UsualHour]
    posting: PostingHours
    monitor: MonitorShare


class CohortHours(View):
    """The hours at which a cohort is awake, at its present stage: the `given` ones, those
    `learned` from its activity, and which of them posts go by (`active`). `known` is how much of
    the learned ones is observation, `shares` what each hour from 0 to 23 has of a day's activity,
    smoothed towards the given hours where little is known. A group's own rules may say
    otherwise."""

    cohort: str = Field(examples=["杭州~妇幼~2026-03"])
    city: str
    channel: str
    birth_window: str
    stage: Stage
    given: list[str]
    learned: list[str] | None
    known: float | None
    shares: list[float] | None
    learned_on: date | None
    in_use: Literal["given", "learned"]
    active: list[str]


_cohorts = (
    select(
        GroupRow.city,
        GroupRow.channel,
        GroupRow.birth_window,
        func.concat_ws(
            "~", GroupRow.city, GroupRow.channel, GroupRow.birth_window, type_=Text(collation="C")
        ).label("name"),
    )
    .distinct()
    .where(
        GroupRow.standing == Standing.OURS,
        GroupRow.city.is_not(None),
        GroupRow.channel.is_not(None),
        GroupRow.birth_window.is_not(None),
    )
    .subquery("cohorts")
)
COHORTS = Listing(
    rows=select(_cohorts.c.city, _cohorts.c.channel, _cohorts.c.birth_window),
    key=[],
    sorts={"cohort": _cohorts.c.name},
    default="cohort",
    filters={
        "city": _cohorts.c.city,
        "channel": _cohorts.c.channel,
        "birth_window": _cohorts.c.birth_window,
    },
    words=[_cohorts.c.name],
)


def activity_api(office: Office) -> Routes:
    api = Routes(office.door, "activity")

    @api.viewer.get("/groups/{group:id}/activity")
    async def activity(group: GivenGroup, days: Days = 7) -> ActivityView:
        """Messages and speakers of each hour by role, and the share of the hour that was heard,
        oldest first. What nobody heard is null, and not 0."""
        now = office.now()
        since = hour_of(now - timedelta(days=days))
        return await office.read(lambda facts: _activity(facts, group, since, now))

    @api.viewer.get("/groups/{group:id}/rhythm")
    async def rhythm(group: GivenGroup, days: Days = 28) -> RhythmView:
        """At which hours of the week members speak, at which hours posts come, and how much the
        monitor has to do with it, over the last days."""
        now = office.now()
        since = hour_of(now - timedelta(days=days))
        return await office.read(lambda facts: _rhythm(facts, group, since, now))

    @api.viewer.get("/hours", **lists(CohortHours))
    async def hours(
        asked: Annotated[Paged, paged(COHORTS)],
        city: GivenChannel | None = None,
        channel: GivenChannel | None = None,
        birth_window: GivenChannel | None = None,
        q: Q | None = None,
    ) -> Any:
        """The hours of every cohort that groups of ours belong to."""
        today = office.now().astimezone(ZONE).date()

        async def show(facts: Unit, rows: Sequence[RowMapping]) -> list[CohortHours]:
            return await _hours(rows, facts, today)

        return await office.list(
            "hours",
            asked,
            CohortHours,
            show=show,
            city=city,
            channel=channel,
            birth_window=birth_window,
            q=q,
        )

    return api


# What was heard of a group


async def _known(facts: Unit, group: GroupId) -> Group:
    known = await facts.groups.peek(group)
    if known is None:
        raise Problem(404, f"there is no group {group}")
    return known


async def _listening(
    facts: Unit, group: Group, since: datetime, now: datetime
) -> tuple[datetime, list[Spell]]:
    """From when we watch it, and when nothing was heard; nothing before we began to watch the
    group, or since we let it go."""
    life = await facts.lives.get(group.id)
    spells = await facts.deaf_spells.between(group.account, since, now)
    deaf = untold(spells, await facts.accounts.get(group.account), now)
    return life.since if life and group.is_ours else now, deaf


async def _activity(facts: Unit, group: GroupId, since: datetime, now: datetime) -> ActivityView:
    watched, deaf = await _listening(facts, await _known(facts, group), since, now)
    said = await facts.activity.by_hour_and_role(group, since, now)
    return ActivityView(
        group=group,
        since=since,
        until=now,
        hours=[
            HourView(
                hour=hour,
                heard=round(share, DIGITS),
                roles=_by_role(said.get(hour, {}), is_known=share > 0),
            )
            for hour, share in heard_hours(deaf, watched, since, now)
        ],
    )


def _by_role(said: Mapping[Role, HourCount], *, is_known: bool) -> ByRole:
    def shown(role: Role) -> RoleHour:
        count = said.get(role, HourCount() if is_known else None)
        return RoleHour(
            messages=int(count.messages) if count else None,
            speakers=int(count.speakers) if count else None,
        )

    return ByRole(
        member=shown(Role.MEMBER),
        koc=shown(Role.KOC),
        monitor=shown(Role.MONITOR),
        assistant=shown(Role.ASSISTANT),
        host=shown(Role.HOST),
    )


async def _rhythm(facts: Unit, group: GroupId, since: datetime, now: datetime) -> RhythmView:
    known = await _known(facts, group)
    watched, deaf = await _listening(facts, known, since, now)
    said = (await facts.activity.by_hour([group], since, now)).get(group, {})
    usual = usual_week(dict(heard_hours(deaf, watched, since, now)), said)
    rules = await facts.rules.in_force(known)
    begun = max(since, watched)
    is_known = heard(deaf, watched, begun, now) >= ENOUGH_HEARD
    roles = (await facts.activity.by_role([group], begun)).get(group, {})
    return RhythmView(
        group=group,
        since=since,
        until=now,
        week=[
            UsualHour(weekday=weekday, hour=hour, messages=_rounded(usual.get((weekday, hour))))
            for weekday in range(1, 8)
            for hour in range(24)
        ],
        posting=await _posting(facts, known, rules, now.astimezone(ZONE).date()),
        monitor=_monitor(roles, rules, is_known=is_known),
    )


async def _posting(facts: Unit, group: Group, rules: Rules, today: date) -> PostingHours:
    stage = stage_of(group, today, rules.groups)
    cohort = group.cohort
    learned = await facts.learned_hours.get(str(cohort), stage) if cohort else None
    return PostingHours(
        stage=stage,
        in_use=_in_use(learned, rules),
        spans=_shown(active_spans(stage, learned, rules)),
    )


def _monitor(said: Mapping[Role, int], rules: Rules, *, is_known: bool) -> MonitorShare:
    line = rules.growth.monitor_share
    if not is_known:
        return MonitorShare(share=None, line=line, messages=None, of=None)
    monitors = said.get(Role.MONITOR, 0)
    together = monitors + sum(count for role, count in said.items() if not role.is_staff)
    return MonitorShare(
        share=_rounded(monitor_share(said)), line=line, messages=monitors, of=together
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


# The hours of cohorts


async def _hours(rows: Sequence[RowMapping], facts: Unit, today: date) -> list[CohortHours]:
    cohorts = [
        Cohort(each["city"], each["channel"], BirthWindow.parse(each["birth_window"]))
        for each in rows
    ]
    await facts.rules.load(map(typical, cohorts))
    await facts.learned_hours.load((str(each), stage) for each in cohorts for stage in Stage)
    return [await _hours_of(facts, each, today) for each in cohorts]


async def _hours_of(facts: Unit, cohort: Cohort, today: date) -> CohortHours:
    rules = await facts.rules.in_force(typical(cohort))
    stage = stage_on(cohort.window, today, rules.groups.postnatal_shift)
    learned = await facts.learned_hours.get(str(cohort), stage)
    return CohortHours(
        cohort=str(cohort),
        city=cohort.city,
        channel=cohort.channel,
        birth_window=str(cohort.window),
        stage=stage,
        given=_shown(given_spans(stage, rules.hours)),
        learned=_shown(parse_spans(learned.spans)) if learned else None,
        known=_rounded(learned.known) if learned else None,
        shares=[round(each, DIGITS) for each in learned.shares] if learned else None,
        learned_on=learned.learned_on if learned else None,
        in_use=_in_use(learned, rules),
        active=_shown(active_spans(stage, learned, rules)),
    )


def _in_use(learned: LearnedHours | None, rules: Rules) -> Literal["given", "learned"]:
    return "learned" if rules.content.hours == "learned" and learned is not None else "given"


def _shown(spans: Sequence[DailySpan]) -> list[str]:
    return [str(each) for each in spans]
