"""The way in beside the phone, as HTML: codes with what came of them, who waits, what is asked."""

from datetime import datetime

from bot.demo import wording
from bot.demo.entrance import WAITING_SHOWN
from bot.demo.markup import page
from bot.demo.view import Scene
from models.entry import Visitor
from models.openings import OpeningState


def entry_panel(scene: Scene) -> str:
    entrance, now = scene.entrance, scene.now
    return page(
        "entry",
        codes=entrance.codes,
        waiting=[
            {
                "name": each.name,
                "cohort": _cohort(each),
                "since_ms": _ms(each.waiting_since),
                "waited": wording.countdown(now - each.waiting_since),
            }
            for each in entrance.waiting[:WAITING_SHOWN]
            if each.waiting_since
        ],
        waiters=len(entrance.waiting),
        openings=[
            {"opening": each, "is_asked": each.state is OpeningState.ASKED}
            for each in entrance.openings
        ],
        chores=[
            {
                "kind": wording.ERRANDS[each.kind],
                "about": each.about,
                "when": wording.when(max(each.due_at, now), now),
            }
            for each in entrance.chores
        ],
        opens_alone=entrance.opens_alone,
    )


def _cohort(visitor: Visitor) -> str:
    cohort = visitor.cohort
    return f"{cohort.city}·{cohort.window.label}·{cohort.channel}" if cohort else ""


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
