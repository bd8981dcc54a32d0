"""Who is greeted with whom, when, and in which words.

The law of rounds: a waiting round is due at max(first waiting join + calm_delay, last round +
gap(n)), n being the most joins in any peak_window that ends at a join since the last round. As
long as someone waits n never falls, so a due time never comes earlier because time passes. Where
the monitor hurries it, it is due at last round + min_gap, peak or not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from config.daily import ZONE, DailySpan
from config.rules import OnboardingRules, Rules
from config.texts import render
from handlers.nickname.judge import called, example, judge
from models.groups import Group, Member, stage_of
from models.hours import given_spans
from models.messages import Kind, mention
from models.onboarding import Desk, Newcomer

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def gap(joins: int, rules: OnboardingRules) -> timedelta:
    """Between two rounds: grows linearly through (1, min_gap), (peak_joins, peak_interval),
    (surge_joins, surge_interval), and is flat beyond."""
    points = (
        (1, rules.min_gap),
        (rules.peak_joins, rules.peak_interval),
        (rules.surge_joins, rules.surge_interval),
    )
    for (fewer, shorter), (more, longer) in pairwise(points):
        if joins <= more:
            share = (max(joins, fewer) - fewer) / (more - fewer)
            return shorter + (longer - shorter) * share
    return rules.surge_interval


def most_at_once(
    joins: Sequence[datetime],
    since: datetime | None,
    window: timedelta,
    enough: int | None = None,
) -> int:
    """The most joins in any window that ends at a join after `since`; at least 1.

    `joins` in order of time, from one window before `since` on. A join exactly one window
    before another is no longer in its window. Counting stops at `enough`, where more of them
    would change nothing.
    """
    most, first = 1, 0
    for index, joined in enumerate(joins):
        while joined - joins[first] >= window:
            first += 1
        if since is None or joined > since:
            most = max(most, index + 1 - first)
            if enough is not None and most >= enough:
                break
    return most


def round_due(
    waiting: Sequence[Newcomer],
    joins: Sequence[datetime],
    desk: Desk,
    rules: OnboardingRules,
    *,
    not_before: datetime,
) -> datetime | None:
    """When the people waiting are greeted; None while nobody waits or a round is being said."""
    if desk.greeting or not waiting:
        return None
    first = min(each.waiting_since for each in waiting if each.waiting_since is not None)
    due = first if desk.hurried else first + rules.calm_delay
    if desk.said_at is not None:
        due = max(due, desk.said_at + _gap_now(joins, desk, rules))
    if desk.held_until is not None:
        due = max(due, desk.held_until)
    return rules.quiet_hours.leave(max(due, not_before))


def with_those_taken_in(desk: Desk, greeted: Iterable[Newcomer]) -> Desk:
    """A round may have taken in people after it was chosen. With their greeting their joins are
    over for the law, which looks at those since."""
    joined = (each.waiting_since for each in greeted if each.waiting_since is not None)
    chosen_at = max((at for at in (*joined, desk.chosen_at) if at is not None), default=None)
    return replace(desk, chosen_at=chosen_at)


def _gap_now(joins: Sequence[datetime], desk: Desk, rules: OnboardingRules) -> timedelta:
    if desk.hurried:
        return rules.min_gap
    most = most_at_once(joins, desk.chosen_at, rules.peak_window, enough=rules.surge_joins)
    return gap(most, rules)


def is_greeted_again(newcomer: Newcomer | None, now: datetime, rules: OnboardingRules) -> bool:
    """Who was greeted not long ago and returns is at home already."""
    if newcomer is None or newcomer.greeted_at is None:
        return True
    return now - newcomer.greeted_at > rules.again_after


def fits(member: Member, group: Group, today: date, rules: OnboardingRules) -> bool:
    """Whether what the group sees of her says city, age and name."""
    return judge(
        member.shown,
        city=group.city,
        window=group.window,
        on=today,
        tolerance_months=rules.age_tolerance,
    ).fits


# Reminders


def needs_reminder(newcomer: Newcomer, rules: OnboardingRules) -> bool:
    return (
        newcomer.here
        and newcomer.greeted_at is not None
        and not newcomer.fits
        and newcomer.reminders < rules.remind_times
    )


def reminder_ripe_at(newcomer: Newcomer, rules: OnboardingRules) -> datetime | None:
    """From when on she may be reminded; None where she needs no reminder."""
    if not needs_reminder(newcomer, rules) or newcomer.greeted_at is None:
        return None
    if newcomer.reminded_at is None:
        return newcomer.greeted_at + rules.remind_after
    return newcomer.reminded_at + rules.remind_gap


def reminder_due(
    newcomers: Iterable[Newcomer],
    group: Group,
    rules: Rules,
    *,
    not_before: datetime,
) -> datetime | None:
    """When the next reminder is said: the first active hour after the first one is ripe."""
    ripe = [at for each in newcomers if (at := reminder_ripe_at(each, rules.onboarding))]
    if not ripe:
        return None
    return next_active(max(min(ripe), not_before), group, rules)


def next_active(moment: datetime, group: Group, rules: Rules) -> datetime:
    """`moment`, or the next hour at which this cohort is awake and on the phone, by the stage
    that the group will then be in."""
    moment = moment.astimezone(ZONE)
    while True:
        stage = stage_of(group, moment.date(), rules.groups)
        start = _next_of(moment, given_spans(stage, rules.hours))
        if stage_of(group, start.date(), rules.groups) == stage:
            return start
        moment = start.replace(hour=0, minute=0, second=0, microsecond=0)


def _next_of(moment: datetime, spans: Sequence[DailySpan]) -> datetime:
    if any(span.covers(moment) for span in spans):
        return moment
    return min(span.next_start(moment) for span in spans)


# Words


def words(
    kind: Kind,
    addressed: Sequence[Member],
    group: Group,
    monitor: Member | None,
    today: date,
    rules: Rules,
) -> str:
    """The text of one step, or of a reminder, for these people."""
    templates = {
        Kind.WELCOME: rules.texts.welcome,
        Kind.NICKNAME: rules.texts.nickname,
        Kind.RULES: rules.texts.rules,
        Kind.REMINDER: rules.texts.reminder,
    }
    shown = names(addressed, rules.onboarding.names_shown)
    return render(templates[kind], {"names": shown, **told_of(group, monitor, today, rules)})


def told_of(group: Group, monitor: Member | None, today: date, rules: Rules) -> dict[str, str]:
    """What the templates of a round may tell of the group."""
    return {
        "city": group.city or "",
        "window": group.window.label if group.window else "",
        "stage": stage_of(group, today, rules.groups).value,
        "monitor": called(monitor, group, today) if monitor else "",
        "example": example(group.city, group.window, today),
    }


def hurried(people: int, due: datetime, now: datetime, rules: OnboardingRules) -> str:
    """What the monitor is told who asked for the round now."""
    if due <= now:
        return f"好的，{people}位新妈妈马上欢迎～"
    if rules.quiet_hours.covers(due - timedelta(microseconds=1)):
        return f"现在不打扰大家，{people}位新妈妈{due.astimezone(ZONE):%H:%M}一起欢迎"
    wait = due - now
    left = f"{-(-wait // MINUTE)}分钟" if wait > MINUTE else f"{-(-wait // SECOND)}秒"
    return f"别急，还要等{left}，到时{people}位新妈妈一起欢迎"


def names(addressed: Sequence[Member], shown: int) -> str:
    """`@豆豆妈 @小雨 等12位`: the first few by name, and how many they are together."""
    text = "".join(mention(each.shown) for each in addressed[:shown])
    return text + (f"等{len(addressed)}位" if len(addressed) > shown else "")
