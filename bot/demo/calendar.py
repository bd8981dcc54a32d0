"""The calendar of the group one looks at, and a line on where it stands, as HTML."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from bot.demo import wording
from bot.demo.markup import page, preview
from bot.demo.outlook import Slot
from bot.demo.view import Scene
from handlers.content.listing import clock_of
from handlers.content.planning import UNSAID
from handlers.content.serving import clock
from handlers.growth.policy import is_at_risk
from handlers.growth.standing import Standing
from handlers.growth.wording import expected
from models.cohort import STAGE_NAMES, week_told
from models.content import PostState, Voice
from models.growth import Concern
from models.phase import PHASE_NAMES

WEEK = timedelta(weeks=1)
OPEN_DAYS = timedelta(days=2)
FORETELL = (Concern.AT_RISK, Concern.OVERDUE)
TEXT_SHOWN = 56
"""Letters of a post: two lines of them."""
SETTLED = (PostState.POSTED, PostState.LAPSED)


def standing_panel(scene: Scene) -> str:
    standing = scene.outlook.standing
    return page(
        "standing",
        stands=" · ".join(_stands(standing, scene)),
        size=" · ".join(_size(standing, scene)),
        expected=_expected(standing, scene) if standing else "",
        concerns=[each.text for each in scene.outlook.concerns],
    )


def _stands(standing: Standing | None, scene: Scene) -> Iterator[str]:
    week = standing.week if standing is not None else None
    told = week_told(scene.stage, week) if week is not None else ""
    yield told or STAGE_NAMES[scene.stage]
    if standing is not None:
        yield PHASE_NAMES[standing.phase]


def _size(standing: Standing | None, scene: Scene) -> Iterator[str]:
    if standing is not None:
        yield f"开群第{(scene.today - standing.life.opened_on) // WEEK + 1}周"
    yield f"{scene.group.members}人"


def _expected(standing: Standing, scene: Scene) -> str:
    """How many there will be once it should be formed; a concern about it says so, too."""
    if standing.foretold is None or any(e.concern in FORETELL for e in scene.outlook.concerns):
        return ""
    rules = scene.rules.growth
    at_risk = is_at_risk(standing.foretold, rules, was_at_risk=False)
    return expected(standing.foretold, standing.due_on, rules, at_risk=at_risk)


def calendar_panel(scene: Scene) -> str:
    is_open = [day < scene.today + OPEN_DAYS for day, _ in scene.outlook.days]
    days = [_day(day, slots, scene) for day, slots in scene.outlook.days]
    return page("calendar", open=days[: sum(is_open)], folded=days[sum(is_open) :])


def _day(day: date, slots: Sequence[Slot], scene: Scene) -> dict[str, Any]:
    return {
        "key": str(day),
        "name": wording.day(day, scene.today),
        "slots": [_slot(each, scene) for each in slots],
    }


def _slot(slot: Slot, scene: Scene) -> dict[str, Any]:
    post = slot.post
    return {
        "day": str(post.day),
        "minute": post.slot,
        "time": _time(slot, scene),
        "kind": post.kind.value,
        "kind_name": wording.kind(post.kind.message),
        "voice": _voice(slot),
        "text": preview(slot.text, TEXT_SHOWN) if slot.text else "",
        "title": slot.text or "",
        "why": post.why,
        "state": post.state.value,
        "state_name": _state(slot, scene),
        "aftermath": _aftermath(slot),
        "acts": list(_acts(slot, scene)),
    }


def _state(slot: Slot, scene: Scene) -> str:
    if slot.needs_consent:
        return "等人同意"
    if slot.post.state is PostState.PLANNED and slot.post.day > scene.today:
        return "预计"
    return wording.POST_STATES[slot.post.state]


def _time(slot: Slot, scene: Scene) -> str:
    """The minute, or the hours where it was not drawn yet: it is as a day is planned."""
    post = slot.post
    if post.posted_at is not None:
        return clock_of(post.posted_at, post.day)
    if post.day <= scene.today and post.voice is Voice.ASSISTANT and post.state not in UNSAID:
        return clock_of(post.said_at, post.day)
    return f"{clock_of(post.opens_at, post.day)}-{clock(post.closes_at)}"


def _voice(slot: Slot) -> str:
    if slot.post.item is None:
        return ""
    return "班长来说" if slot.post.voice is Voice.MONITOR else "小助手说"


def _aftermath(slot: Slot) -> str:
    """What members said in the hour after it."""
    post = slot.post
    if post.heard is None:
        return ""
    often = round(post.usual_heard or 0)
    usual = f"，平时这时候约{often}条" if often else ""
    heard = f"{post.speakers or 0}人说了{post.heard}条" if post.heard else "没有人说话"
    return f"之后一小时{heard}{usual}"


def _acts(slot: Slot, scene: Scene) -> Iterator[tuple[str, str]]:
    """What one can still decide about it."""
    post = slot.post
    if post.state in SETTLED or post.state is PostState.PROMISED or post.closes_at <= scene.now:
        return
    if slot.needs_consent:
        yield "approve", "同意"
    yield "swap", "换一条"
    if post.state is not PostState.SKIPPED:
        yield "skip", "跳过"
    if post.item is not None and post.state is not PostState.HANDED:
        yield "post-now", "现在发"
