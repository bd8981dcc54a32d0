"""The demo's chats as HTML: the list of them, their lines, and what stands above."""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from bot.demo import wording
from bot.demo.chats import Moved, Said
from bot.demo.community import TEAM
from bot.demo.hints import Hint
from bot.demo.view import Scene, Sight
from bot.demo.wording import ASSISTANT
from bot.gateways.simulated import BOT
from handlers.context import STAFF
from models.cohort import STAGE_NAMES
from models.ids import PersonId
from models.messages import MENTION_END

LOOK = Path(__file__).parent / "look"
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


def page(name: str, **values: Any) -> str:
    return _pages.get_template(f"{name}.j2").render(values)


# The list of chats


def cards(sight: Sight, *, private: bool, is_unread: bool) -> str:
    """The groups, and below them what is between her one is and the bot."""
    scene = sight.scene
    said = [each for each in sight.private if isinstance(each, Said)]
    return page(
        "cards",
        cards=sight.cards,
        chosen=scene.group.id if scene and not private else None,
        stages=STAGE_NAMES,
        me=shown_name(scene, sight.me) if scene and sight.me else None,
        private=private,
        is_unread=is_unread,
        last=preview(said[-1].text) if said else None,
    )


# A chat


def chat(scene: Scene, me: PersonId | None) -> list[Line]:
    return _lines(scene.chat, scene, me, in_group=True)


def private_chat(private: Sequence[Said | Moved], scene: Scene, me: PersonId) -> list[Line]:
    return _lines(private, scene, me, in_group=False)


def _lines(
    moments: Iterable[Said | Moved], scene: Scene, me: PersonId | None, *, in_group: bool
) -> list[Line]:
    lines: list[Line] = []
    last: datetime | None = None
    mention = _mention(scene)
    for each in _crowded(moments):
        first = each[0]
        time = None
        if last is None or first.at - last > QUIET:
            time = wording.when(first.at, scene.now)[:-3]
        last = each[-1].at
        if isinstance(first, Said):
            line = _bubble(first, scene, me, mention) | {"in_group": in_group}
        else:
            line = {"notice": _notice([m for m in each if isinstance(m, Moved)], scene)}
        lines.append((first.id, page("line", line=line | {"time": time})))
    return lines


def title(scene: Scene) -> str:
    stage = STAGE_NAMES[scene.stage]
    left = scene.days_left
    if left is not None and left > 0:
        stage += f"，{left}天后转产后"
    paused = Markup(" · <em>暂停中</em>") if scene.group.paused_at else ""
    return Markup("<b>{}</b><span>{} · {}人{}</span>").format(
        scene.group.name, stage, scene.group.members, paused
    )


def private_title(scene: Scene, me: PersonId) -> str:
    return Markup("<b>{}</b><span>和 {} 的私聊，群里看不到</span>").format(
        ASSISTANT, shown_name(scene, me)
    )


def quote(scene: Scene, message: str) -> str:
    """Who said what, in one line; empty where it is not on the page any more."""
    found = scene.message(message)
    return f"{shown_name(scene, found.by)}：{preview(found.text)}" if found else ""


def hints(offered: Sequence[Hint]) -> str:
    return page("hints", hints=offered)


def shown_name(scene: Scene, person: PersonId) -> str:
    if person == BOT:
        return ASSISTANT
    if person == STAFF or person in TEAM:
        return TEAM.get(person, "运营")
    member = scene.people.get(person)
    return member.shown if member else "新朋友"


def preview(text: str | None, length: int = PREVIEW) -> str:
    if text is None:
        return "（内容已经清除）"
    line = " ".join(text.replace(MENTION_END, " ").split())
    return line if len(line) <= length else line[: length - 1] + "…"


def names(people: Sequence[PersonId], scene: Scene) -> str:
    first = "、".join(shown_name(scene, each) for each in people[:NAMES_SHOWN])
    return f"{first} 等" if len(people) > NAMES_SHOWN else f"{first} "


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
    who = [shown_name(scene, each.who) for each in moves]
    if len(who) > 1:
        return f"{'、'.join(who[:NAMES_SHOWN])} 等{len(who)}人加入了群聊"
    (move,) = moves
    if move.came:
        return f"{who[0]} 加入了群聊"
    return f"{who[0]} 被移出了群聊" if move.removed else f"{who[0]} 退出了群聊"


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
        "attachment": said.attachment,
        "quote": quote(scene, said.quotes) if said.quotes else None,
    }


def _mention(scene: Scene) -> re.Pattern[str]:
    """`@name`, closed as platforms close it, or the name of somebody who is known here."""
    called = {each.shown for each in scene.people.values()} | {ASSISTANT}
    known = "|".join(map(re.escape, sorted(called, key=len, reverse=True)))
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
