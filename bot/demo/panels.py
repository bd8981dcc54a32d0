"""What stands beside the phone, as HTML: what waits to be said and why then, points, and rules."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.demo import wording
from bot.demo.markup import names, page, preview, shown_name
from bot.demo.view import Promise, Scene, Waiting
from models.delivery import State

SCORES_SHOWN = 5
QUESTION_PREVIEW = 40


# The round


def round_panel(scene: Scene) -> str:
    desk, waiting = scene.desk, scene.waiting
    remind = desk.remind_at
    return page(
        "round",
        waiting=waiting,
        greeting=desk.rounds if desk.greeting else None,
        **(_round(waiting, scene) if waiting else {}),
        **(_reminder(remind, scene) if remind else {}),
    )


def _round(waiting: Waiting, scene: Scene) -> dict[str, Any]:
    return {
        "due": wording.when(waiting.due_at, scene.now),
        "due_ms": _ms(waiting.due_at),
        "countdown": wording.countdown(waiting.due_at - scene.now),
        "names": names([each.person for each in waiting.people], scene),
        "people": len(waiting.people),
        "why": list(_why(waiting, scene)),
    }


def _reminder(at: datetime, scene: Scene) -> dict[str, Any]:
    return {
        "remind_due": wording.when(at, scene.now),
        "remind_ms": _ms(at),
        "remind_countdown": wording.countdown(at - scene.now),
        "remind_names": names(scene.to_remind, scene),
        "remind_people": len(scene.to_remind),
    }


def _why(waiting: Waiting, scene: Scene) -> Iterator[str]:
    """Why the round is due when it is."""
    rules = scene.rules.onboarding
    if waiting.hurried:
        yield f"班长发了 /欢迎：高峰也不等，两轮只隔 {wording.span(rules.min_gap)}"
    else:
        yield f"第一位等满 {wording.span(rules.calm_delay)}，这期间进来的一起欢迎"
    if waiting.last_said_at is not None and not waiting.hurried:
        window = wording.span(rules.peak_window)
        yield f"上一轮是 {wording.when(waiting.last_said_at, scene.now)} 说的"
        yield (
            f"{window}内最多一起来了 {waiting.most_at_once} 人，"
            f"所以两轮至少隔 {wording.span(waiting.gap)}"
        )
    if waiting.held_until is not None and waiting.held_until > scene.now:
        yield f"上次没发出去，{wording.when(waiting.held_until, scene.now)} 再试"
    if waiting.in_quiet_hours:
        yield f"夜里 {rules.quiet_hours} 不打扰，早上一起欢迎"


# Points


def points_panel(scene: Scene) -> str:
    points = scene.points
    return page(
        "points",
        scores=[
            (shown_name(scene, each.person), each.earned, each.balance)
            for each in points.scores[:SCORES_SHOWN]
        ],
        more=len(points.scores) - SCORES_SHOWN,
        questions=[
            {
                "who": shown_name(scene, each.asker),
                "text": preview(each.text, QUESTION_PREVIEW),
                "asked_ms": _ms(each.asked_at),
                "waited": wording.countdown(scene.now - each.asked_at),
            }
            for each in points.questions
        ],
        tasks=[
            {"task": each, "done": done, "until": wording.when(each.closes_at, scene.now)[:-3]}
            for each, done in points.tasks
        ],
        rewards=points.rewards,
        codes=[(each, shown_name(scene, each.person)) for each in points.codes],
    )


# The outbox


def outbox_panel(scene: Scene) -> str:
    return page(
        "outbox",
        promised=[_promise(each, _due(each, scene.now), scene) for each in scene.promised],
        settled=[
            _promise(each, wording.when(each.settled_at, scene.now), scene)
            for each in scene.settled
            if each.settled_at
        ],
    )


def _promise(each: Promise, when: str, scene: Scene) -> dict[str, Any]:
    return {
        "kind": wording.kind(each.kind),
        "text": preview(each.text),
        "to": shown_name(scene, each.to) if each.to else None,
        "state": each.state.value,
        "state_name": wording.state(each.state),
        "reason": wording.REASONS.get(each.reason, each.reason) if each.reason else None,
        "when": when,
    }


def _due(each: Promise, now: datetime) -> str:
    if each.state is not State.WAITING:
        return wording.state(each.state)
    return wording.when(max(each.due_at, now), now)


# The rules


def rules_panel(scene: Scene) -> str:
    return page("rules", rules=_rules(scene), group=scene.group.id, **_turning(scene))


def _rules(scene: Scene) -> list[tuple[str, str, str]]:
    """Name, value and meaning of those that one watches at work here."""
    onboarding, delivery = scene.rules.onboarding, scene.rules.delivery
    span = wording.span
    return [
        ("calm_delay", span(onboarding.calm_delay), "第一位等多久"),
        ("peak_window", span(onboarding.peak_window), "多久内算一起来"),
        ("min_gap", span(onboarding.min_gap), "两轮间隔，平时"),
        (
            "peak_interval",
            span(onboarding.peak_interval),
            f"两轮间隔，{onboarding.peak_joins}人起",
        ),
        (
            "surge_interval",
            span(onboarding.surge_interval),
            f"两轮间隔，{onboarding.surge_joins}人起",
        ),
        ("names_shown", f"{onboarding.names_shown}位", "点名几位"),
        ("remind_after", span(onboarding.remind_after), "多久后提醒改昵称"),
        ("quiet_hours", str(onboarding.quiet_hours), "夜里不打扰"),
        ("daily_budget", f"{delivery.daily_budget}条", "一天最多主动说"),
    ]


def _turning(scene: Scene) -> dict[str, Any]:
    if scene.turns_on is None:
        return {}
    left = scene.days_left or 0
    date = f"{scene.turns_on.year}年{scene.turns_on.month}月{scene.turns_on.day}日"
    if left > 0:
        return {"turns": f"本群现在是孕期群，{left}天后（{date}）转为产后群。", "can_jump": True}
    return {"turns": f"本群是产后群，{date}从孕期群转来。"}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
