"""The morning's page: how yesterday was, and what waits for somebody."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from pydantic import Field

from bot.http.api.office import Office
from bot.http.api.routes import Routes
from bot.http.api.views import View
from bot.http.values import GivenChannel
from config.daily import ZONE
from handlers.growth.letters import LABELS
from handlers.growth.policy import ENOUGH_HEARD
from models.growth import Concern
from models.stores.overview import OverviewStore
from models.stores.unit import Unit
from models.totals import DayTotal

A_DAY = timedelta(days=1)
WEEK = 7 * A_DAY

Day = Sequence[DayTotal]
"""What a day came to, channel by channel."""
Value = Callable[[DayTotal], int]


class Figure(View):
    """Of yesterday; `week_before` is that of the same weekday before, `usual` the mean of the
    seven days before yesterday, as far as they are known."""

    value: float | None = Field(examples=[412])
    week_before: float | None = Field(examples=[388])
    usual: float | None = Field(examples=[401.5])


class FiguresView(View):
    """`joined`, `left`, `messages` (of members) and `answered` are null for a day of which too
    little was heard, all are for one that was not counted: it is as soon as it is over, and until
    noon again. `messages`, `answered` and `points` are null, too, where the accounts of too many
    groups are not told what members say. `answered` is the share of the questions asked that day
    that were answered before the monitor had to be told; `said` are posts, the monitors' among
    them; `points` are those given, less what was taken back."""

    joined: Figure
    left: Figure
    messages: Figure
    answered: Figure
    said: Figure
    points: Figure


class ConcernCount(View):
    """How many groups need somebody for it."""

    concern: Concern
    label: str = Field(examples=["快满了"])
    urgent: bool
    groups: int


class OutboxCounts(View):
    """What waits to be said now, what a person is asked to say or to let be said (proposed), and
    what of the last seven days was refused (parked), or may not have arrived (unsure). Messages to
    single people belong to no channel."""

    waiting: int
    proposed: int
    parked: int
    unsure: int


class ConfirmationCounts(View):
    """What owners of groups are asked for now, and what nobody did in time since yesterday at this
    hour."""

    open: int
    lapsed: int


class QuestionCounts(View):
    """Those that nobody answered yet; overdue are those of which the monitor should have heard by
    now (`questions.brought_after`). Null where no group's account is told what members say."""

    open: int | None
    overdue: int | None


class AccountCounts(View):
    up: int
    deaf: int


class GroupCounts(View):
    """Those that are ours; of them, those that are paused, those without a monitor, and those
    whose account is not told what members say (`untold`)."""

    ours: int
    paused: int
    without_monitor: int
    untold: int


class UnapprovedPosts(View):
    """Planned posts that nobody has approved of, where the rules ask for it. A day is planned at
    its beginning: of tomorrow, only what somebody chose by hand is there already."""

    today: int
    tomorrow: int


class OverviewView(View):
    """`day` is yesterday; `heard` is how much of it was heard, 0 to 1, over all groups."""

    day: date
    heard: float | None = Field(examples=[0.98])
    figures: FiguresView
    concerns: list[ConcernCount]
    outbox: OutboxCounts
    confirmations: ConfirmationCounts
    questions: QuestionCounts
    accounts: AccountCounts
    groups: GroupCounts
    unapproved: UnapprovedPosts


def overview_api(office: Office) -> Routes:
    api = Routes(office.door, "overview")

    @api.viewer.get("/overview")
    async def overview(channel: GivenChannel | None = None) -> OverviewView:
        """Of all groups, or those of one channel."""
        return await office.read(lambda facts: _overview(facts, channel, office.now()))

    return api


async def _overview(facts: Unit, channel: str | None, now: datetime) -> OverviewView:
    today = now.astimezone(ZONE).date()
    yesterday = today - A_DAY
    counted = await facts.totals.of_days(yesterday - WEEK, yesterday, channel)
    rules = await facts.rules.in_force()
    counts = OverviewStore(facts.connection, channel)
    concerns = await counts.concerns()
    unapproved = await counts.unapproved(today, today + A_DAY, now)
    groups = GroupCounts.model_validate(await counts.groups())
    return OverviewView(
        day=yesterday,
        heard=_rounded(_heard([each for each in counted if each.day == yesterday])),
        figures=_figures(counted, yesterday, is_told=_is_told(groups)),
        concerns=[_concern(each, concerns[each]) for each in Concern if each in concerns],
        outbox=OutboxCounts.model_validate(await counts.outbox(now - WEEK)),
        confirmations=ConfirmationCounts.model_validate(await counts.confirmations(now - A_DAY)),
        questions=_questions(await counts.questions(now - rules.questions.brought_after), groups),
        accounts=AccountCounts.model_validate(await counts.accounts()),
        groups=groups,
        unapproved=UnapprovedPosts(
            today=unapproved.get(today, 0), tomorrow=unapproved.get(today + A_DAY, 0)
        ),
    )


def _concern(concern: Concern, groups: int) -> ConcernCount:
    return ConcernCount(
        concern=concern, label=LABELS[concern], urgent=concern.is_urgent, groups=groups
    )


def _is_told(groups: GroupCounts) -> bool:
    """Whether what members say reaches us from enough of the groups to speak of all."""
    return groups.ours - groups.untold >= ENOUGH_HEARD * groups.ours


def _questions(counted: Mapping[str, int], groups: GroupCounts) -> QuestionCounts:
    if groups.untold and groups.untold == groups.ours and not counted["open"]:
        return QuestionCounts(open=None, overdue=None)
    return QuestionCounts.model_validate(counted)


def _figures(counted: Iterable[DayTotal], yesterday: date, *, is_told: bool) -> FiguresView:
    days = [yesterday - n * A_DAY for n in range(8)]
    totals = list(counted)
    by_day = [[each for each in totals if each.day == day] for day in days]
    heard = [each if _is_heard(each) else [] for each in by_day]
    told = heard if is_told else [[] for _ in days]
    return FiguresView(
        joined=_figure(heard, lambda each: each.joined),
        left=_figure(heard, lambda each: each.gone),
        messages=_figure(told, lambda each: each.messages),
        answered=_share(told, lambda each: each.answered, lambda each: each.asked),
        said=_figure(by_day, lambda each: each.said),
        points=_figure(by_day if is_told else told, lambda each: each.points),
    )


def _figure(days: Sequence[Day], value: Value) -> Figure:
    sums = [_sum(each, value) for each in days]
    before = [each for each in sums[1:] if each is not None]
    usual = sum(before) / len(before) if before else None
    return Figure(value=sums[0], week_before=sums[7], usual=_rounded(usual))


def _share(days: Sequence[Day], part: Value, whole: Value) -> Figure:
    before = [each for day in days[1:] for each in day]
    shares = [_part(each, part, whole) for each in (days[0], days[7], before)]
    return Figure(value=shares[0], week_before=shares[1], usual=shares[2])


def _part(day: Day, part: Value, whole: Value) -> float | None:
    """Of nothing it is unknown."""
    together = _sum(day, whole)
    return _rounded((_sum(day, part) or 0) / together) if together else None


def _sum(day: Day, value: Value) -> int | None:
    return sum(map(value, day)) if day else None


def _is_heard(day: Day) -> bool:
    share = _heard(day)
    return share is not None and share >= ENOUGH_HEARD


def _heard(day: Day) -> float | None:
    """None where there were no groups, or nobody counted."""
    groups = sum(each.groups for each in day)
    return sum(each.groups * each.heard for each in day) / groups if groups else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
