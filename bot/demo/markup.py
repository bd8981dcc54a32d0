"""The scene as HTML: lines of chat, cards and panels."""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from bot.demo import wording
from bot.demo.view import Card, Moved, Promise, Said, Scene, Waiting
from bot.gateways.simulated import BOT
from models.ids import PersonId
from models.messages import MENTION_END
from models.stores.outbox import State

LOOK = Path(__file__).parent / "look"
ASSISTANT = "小助手"
QUIET = timedelta(minutes=5)
"""After this long without a word the time stands above the next line, as in WeChat."""
TOGETHER = timedelta(seconds=60)
CROWD = 4
"""From this many joins in a row they are told in one line."""
NAMES_SHOWN = 3
PREVIEW = 60

_pages = Environment(
    loader=FileSystemLoader(LOOK), autoescape=True, trim_blocks=True, lstrip_blocks=True
)

Line = tuple[str, str]
"""The key of a line of chat, and its HTML."""


def _html(page: str, **values: Any) -> str:
    return _pages.get_template(f"{page}.j2").render(values)


def cards(shown: Sequence[Card], chosen: str) -> str:
    return _html("cards", cards=shown, chosen=chosen, stages=wording.STAGES)


# The chat


def chat(scene: Scene, me: PersonId | None) -> list[Line]:
    lines: list[Line] = []
    last: datetime | None = None
    mention = _mention(scene)
    for each in _crowded(scene.chat):
        first = each[0]
        time = None
        if last is None or first.at - last > QUIET:
            time = wording.when(first.at, scene.now)[:-3]
        last = each[-1].at
        if isinstance(first, Said):
            line = _bubble(first, scene, me, mention)
        else:
            line = {"notice": _notice([m for m in each if isinstance(m, Moved)], scene)}
        lines.append((first.id, _html("line", line=line | {"time": time})))
    return lines


def title(scene: Scene) -> str:
    stage = wording.STAGES[scene.stage]
    left = _days_left(scene)
    if left is not None and left > 0:
        stage += f"，{left}天后转产后"
    return Markup("<b>{}</b><span>{} · {}人</span>").format(
        scene.group.name, stage, len(scene.present) + 1
    )


def quote(scene: Scene, message: str) -> str:
    """Who said what, in one line; empty where it is not on the page any more."""
    said = (each for each in scene.chat if isinstance(each, Said) and each.id == message)
    found = next(said, None) or scene.quoted.get(message)
    return f"{shown_name(scene, found.by)}：{preview(found.text)}" if found else ""


def shown_name(scene: Scene, person: PersonId) -> str:
    if person == BOT:
        return ASSISTANT
    member = scene.people.get(person)
    return member.shown if member else "新朋友"


def preview(text: str | None, length: int = PREVIEW) -> str:
    if text is None:
        return "（内容已经清除）"
    line = " ".join(text.replace(MENTION_END, " ").split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _crowded(moments: Iterable[Said | Moved]) -> Iterator[list[Said | Moved]]:
    """One by one, but a crowd of joins together."""
    row: list[Said | Moved] = []
    for each in moments:
        if row and not _goes_on(row[-1], each):
            yield from _split(row)
            row = []
        row.append(each)
    yield from _split(row)


def _split(row: list[Said | Moved]) -> Iterator[list[Said | Moved]]:
    if len(row) >= CROWD:
        yield row
    else:
        yield from ([each] for each in row)


def _goes_on(last: Said | Moved, each: Said | Moved) -> bool:
    return (
        isinstance(last, Moved)
        and isinstance(each, Moved)
        and last.came
        and each.came
        and each.at - last.at <= TOGETHER
    )


def _notice(moves: Sequence[Moved], scene: Scene) -> str:
    names = [shown_name(scene, each.who) for each in moves]
    if len(names) > 1:
        return f"{'、'.join(names[:NAMES_SHOWN])} 等{len(names)}人加入了群聊"
    (move,) = moves
    if move.came:
        return f"{names[0]} 加入了群聊"
    return f"{names[0]} 被移出了群聊" if move.removed else f"{names[0]} 退出了群聊"


def _bubble(
    said: Said, scene: Scene, me: PersonId | None, mention: re.Pattern[str]
) -> dict[str, Any]:
    member = scene.people.get(said.by)
    who = shown_name(scene, said.by)
    return {
        "id": said.id,
        "mine": said.by == me,
        "by_bot": said.by_bot,
        "unsure": said.unsure,
        "who": who,
        "role": wording.ROLES.get(member.role) if member and not said.by_bot else None,
        "hue": zlib.crc32(said.by.encode()) % 360,
        "initial": "助" if said.by_bot else wording.initial(who),
        "text": _highlighted(said.text, mention),
        "quote": quote(scene, said.quotes) if said.quotes else None,
    }


def _mention(scene: Scene) -> re.Pattern[str]:
    """`@name`, closed as platforms close it, or the name of somebody who is known here."""
    names = {each.shown for each in scene.people.values()} | {ASSISTANT}
    known = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(f"@(?:[^@\\n{MENTION_END}]{{1,60}}{MENTION_END}|(?:{known}))")


def _highlighted(text: str | None, mention: re.Pattern[str]) -> Markup:
    if text is None:
        return Markup('<span class="faint">（内容已经清除）</span>')
    parts: list[Markup] = []
    end = 0
    for found in mention.finditer(text):
        parts += [escape(text[end : found.start()])]
        parts += [Markup('<span class="mention">{}</span>').format(found.group())]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


# The panels


def round_panel(scene: Scene) -> str:
    desk, waiting = scene.desk, scene.waiting
    remind = desk.remind_at
    return _html(
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
        "names": _names([each.person for each in waiting.people], scene),
        "people": len(waiting.people),
        "why": list(_why(waiting, scene)),
    }


def _reminder(at: datetime, scene: Scene) -> dict[str, Any]:
    return {
        "remind_due": wording.when(at, scene.now),
        "remind_ms": _ms(at),
        "remind_countdown": wording.countdown(at - scene.now),
        "remind_names": _names(scene.to_remind, scene),
        "remind_people": len(scene.to_remind),
    }


def _why(waiting: Waiting, scene: Scene) -> Iterator[str]:
    """Why the round is due when it is."""
    rules = scene.rules.onboarding
    yield f"第一位等满 {wording.span(rules.calm_delay)}，这期间进来的一起欢迎"
    if waiting.last_said_at is not None:
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


def outbox_panel(scene: Scene) -> str:
    return _html(
        "outbox",
        promised=[_promise(each, _due(each, scene.now)) for each in scene.promised],
        settled=[
            _promise(each, wording.when(each.settled_at, scene.now))
            for each in scene.settled
            if each.settled_at
        ],
    )


def rules_panel(scene: Scene) -> str:
    return _html("rules", rules=_rules(scene), group=scene.group.id, **_turning(scene))


def _promise(each: Promise, when: str) -> dict[str, Any]:
    return {
        "kind": wording.kind(each.kind),
        "text": preview(each.text),
        "state": each.state.value,
        "state_name": wording.STATES[each.state],
        "reason": wording.REASONS.get(each.reason, each.reason) if each.reason else None,
        "when": when,
    }


def _due(each: Promise, now: datetime) -> str:
    if each.state is not State.WAITING:
        return wording.STATES[each.state]
    return wording.when(max(each.due_at, now), now)


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
    left = _days_left(scene) or 0
    date = f"{scene.turns_on.year}年{scene.turns_on.month}月{scene.turns_on.day}日"
    if left > 0:
        return {"turns": f"本群现在是孕期群，{left}天后（{date}）转为产后群。", "can_jump": True}
    return {"turns": f"本群是产后群，{date}从孕期群转来。"}


def _days_left(scene: Scene) -> int | None:
    """Until the group turns postnatal; negative since then, None where that is unknown."""
    return (scene.turns_on - scene.today).days if scene.turns_on else None


def _names(people: Sequence[PersonId], scene: Scene) -> str:
    names = "、".join(shown_name(scene, each) for each in people[:NAMES_SHOWN])
    return f"{names} 等" if len(people) > NAMES_SHOWN else f"{names} "


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
