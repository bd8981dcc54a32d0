"""Over HTTP: who spoke when in a group, and the hours of each cohort."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from bot.clock import Clock
from bot.http.door import Door
from bot.http.problems import Problem
from bot.http.values import GivenGroup
from bot.transactions import Transactions
from config.daily import ZONE, DailySpan
from models.access import Access
from models.activity import HourCount
from models.cohort import Cohort, Stage, stage_on
from models.content import LearnedHours
from models.coverage import heard_hours, unheard
from models.groups import Group
from models.hours import active_spans, given_spans, parse_spans, typical
from models.ids import GroupId
from models.people import Role
from models.stores.activity import hour_of
from models.stores.unit import Unit

LONGEST = 92
DIGITS = 4
SPEAKING = [role for role in Role if role is not Role.BOT]

Days = Annotated[int, Query(ge=1, le=LONGEST, description="Up to now.")]


def activity_api(door: Door, transactions: Transactions, clock: Clock) -> APIRouter:
    api = APIRouter(tags=["activity"])
    viewer = Depends(door.needs(Access.VIEWER))

    @api.get("/groups/{group:path}/activity", dependencies=[viewer])
    async def activity(group: GivenGroup, days: Days = 7) -> dict[str, Any]:
        """Messages and speakers of each hour by role, and the share of the hour that was heard,
        oldest first. What nobody heard is null, and not 0. Members and KOCs make a group's own
        activity; a host's words are shown, and never count."""
        now = clock.now()
        since = hour_of(now - timedelta(days=days))
        return await transactions.read(lambda facts: _activity(facts, group, since, now))

    @api.get("/hours", dependencies=[viewer])
    async def hours() -> list[dict[str, Any]]:
        """The hours at which each cohort is awake, at its present stage: the given ones, those
        learned from its activity, and which of them posts go by. `known` is how much of the
        learned ones is observation, `shares` what each hour from 0 to 23 has of a day's activity,
        smoothed towards the given hours where little is known. A group's own rules may say
        otherwise."""
        today = clock.now().astimezone(ZONE).date()
        return await transactions.read(lambda facts: _hours(facts, today))

    return api


async def _activity(facts: Unit, group: GroupId, since: datetime, now: datetime) -> dict[str, Any]:
    known = await facts.groups.peek(group)
    if known is None:
        raise Problem(404, f"there is no group {group}")
    heard = await _heard(facts, known, since, now)
    said = await facts.activity.by_hour_and_role(group, since, now)
    return {
        "group": group,
        "since": since.astimezone(UTC),
        "until": now.astimezone(UTC),
        "hours": [
            {
                "hour": hour.astimezone(UTC),
                "heard": round(share, DIGITS),
                "roles": dict(_by_role(said.get(hour, {}), is_known=share > 0)),
            }
            for hour, share in heard.items()
        ],
    }


async def _heard(
    facts: Unit, group: Group, since: datetime, now: datetime
) -> Mapping[datetime, float]:
    """Of each hour; nothing before we began to watch the group, or since we let it go."""
    life = await facts.lives.get(group.id)
    spells = await facts.deaf_spells.between(group.account, since, now)
    deaf = unheard(spells, await facts.accounts.get(group.account), now)
    return dict(heard_hours(deaf, life.since if life and group.is_ours else now, since, now))


def _by_role(
    said: Mapping[Role, HourCount], *, is_known: bool
) -> Iterator[tuple[str, dict[str, float | None]]]:
    """What reached us late is known even of an hour in which we heard nothing."""
    for role in SPEAKING:
        count = said.get(role, HourCount() if is_known else None)
        yield (
            role.value,
            {
                "messages": count.messages if count else None,
                "speakers": count.speakers if count else None,
            },
        )


async def _hours(facts: Unit, today: date) -> list[dict[str, Any]]:
    cohorts = await facts.groups.cohorts()
    await facts.rules.load(map(typical, cohorts))
    await facts.learned_hours.load((str(each), stage) for each in cohorts for stage in Stage)
    return [await _hours_of(facts, each, today) for each in cohorts]


async def _hours_of(facts: Unit, cohort: Cohort, today: date) -> dict[str, Any]:
    rules = await facts.rules.in_force(typical(cohort))
    stage = stage_on(cohort.window, today, rules.groups.postnatal_shift)
    learned: LearnedHours | None = await facts.learned_hours.get(str(cohort), stage)
    goes_by_learned = rules.content.hours == "learned" and learned is not None
    return {
        "cohort": str(cohort),
        "stage": stage.value,
        "given": _shown(given_spans(stage, rules.hours)),
        "learned": _shown(parse_spans(learned.spans)) if learned else None,
        "known": round(learned.known, DIGITS) if learned else None,
        "shares": [round(each, DIGITS) for each in learned.shares] if learned else None,
        "learned_on": learned.learned_on if learned else None,
        "in_use": "learned" if goes_by_learned else "given",
        "active": _shown(active_spans(stage, learned, rules)),
    }


def _shown(spans: Sequence[DailySpan]) -> list[str]:
    return [str(each) for each in spans]
