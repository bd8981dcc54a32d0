"""The way in, as a scenario plays it: what mothers do on the public pages, and what came of it."""

from collections.abc import Sequence
from typing import Any

from bot.scenario_lines import AnsweredLine, BefriendsLine, ScannedLine
from handlers.entry import consent
from models.entry import Answers, EntryCode, Visitor
from models.events import AnswersGiven, CodeScanned
from models.ids import Code, VisitorId
from models.openings import Opening
from models.stores.unit import Unit


def scanned(line: ScannedLine) -> CodeScanned:
    return CodeScanned(at=line.at, visitor=VisitorId(line.visitor), code=Code(line.code))


def answered(line: AnsweredLine) -> AnswersGiven:
    """Her ticket is made of who she is, so that the same scenario gives the same."""
    return AnswersGiven(
        at=line.at,
        visitor=VisitorId(line.visitor),
        code=Code(line.code),
        answers=Answers(
            baby=line.baby,
            day=line.day,
            city=line.city or "",
            name=line.name,
            consent=consent.VERSION,
        ),
        seed=line.visitor,
    )


async def hello_of(facts: Unit, line: BefriendsLine) -> str:
    """Her ticket, where she shows it; "" where she has none any more."""
    if line.visitor is None:
        return line.hello
    visitor = await facts.visitors.get(VisitorId(line.visitor))
    return (visitor and visitor.ticket) or ""


async def closing_lines(facts: Unit) -> list[dict[str, Any]]:
    """Of each code how far its visitors came, then each visitor, then the groups asked for."""
    codes = sorted(await facts.entry_codes.find(), key=lambda each: each.code)
    visitors = sorted(await facts.visitors.find(), key=lambda each: each.id)
    openings = sorted(await facts.openings.find(), key=lambda each: each.name)
    return [
        *(_of_code(each, [one for one in visitors if one.code == each.code]) for each in codes),
        *map(_of_visitor, visitors),
        *map(_of_opening, openings),
    ]


def _of_code(code: EntryCode, visitors: Sequence[Visitor]) -> dict[str, Any]:
    return {
        "type": "entry",
        "code": code.code,
        "scanned": len(visitors),
        "answered": sum(each.has_answered for each in visitors),
        "waiting": sum(each.waiting_since is not None for each in visitors),
        "placed": sum(each.placed_at is not None for each in visitors),
        "joined": sum(each.has_joined for each in visitors),
        "left": sum(each.left_at is not None for each in visitors),
    }


def _of_visitor(visitor: Visitor) -> dict[str, Any]:
    return {
        "type": "visitor",
        "visitor": visitor.id,
        "code": visitor.code,
        "city": visitor.city,
        "birth_window": visitor.birth_window,
        "ticket": visitor.ticket,
        "waits": visitor.waiting_since is not None,
        "group": visitor.group,
        "member": visitor.person,
        "joined": visitor.joined_in,
        "matched_by": visitor.matched_by,
        "left": visitor.left_at is not None,
    }


def _of_opening(opening: Opening) -> dict[str, Any]:
    return {
        "type": "opening",
        "name": opening.name,
        "state": opening.state.value,
        "group": opening.group,
    }
