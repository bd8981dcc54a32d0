"""Who comes in by which code, who waits, and what staff and the account are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.demo.community import ACCOUNT
from bot.demo.past.plots import OPERATOR
from models.entry import EntryCode, Visitor
from models.errands import ErrandKind
from models.openings import Opening, OpeningState
from models.stores.unit import Unit
from models.tables import EntryCodeRow, ErrandRow, GroupRow, OpeningRow, StaffRow, VisitorRow

PEOPLE_TO_OPEN_WITH = 2
ERRANDS_SHOWN = 8
WAITING_SHOWN = 8


@dataclass(frozen=True, slots=True)
class CodeFunnel:
    """A code, and how far people came by it."""

    code: EntryCode
    scanned: int
    answered: int
    shown: int
    joined: int


@dataclass(frozen=True, slots=True)
class Chore:
    """Something the account is to do, for whom or with what."""

    kind: ErrandKind
    about: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Entrance:
    """`opens_alone`: the account opens rooms by itself, since there are people to put in."""

    codes: Sequence[CodeFunnel]
    waiting: Sequence[Visitor]
    openings: Sequence[Opening]
    chores: Sequence[Chore]
    opens_alone: bool


async def read_entrance(facts: Unit) -> Entrance:
    """Without the codes of the community around, which would crowd out those to play with."""
    staff = await facts.connection.scalar(select(func.count()).select_from(StaffRow))
    codes = await _funnels(facts)
    return Entrance(
        codes=codes,
        waiting=sorted(
            await facts.visitors.find(
                VisitorRow.waiting_since.is_not(None),
                VisitorRow.code.in_([each.code.code for each in codes]),
            ),
            key=lambda each: (each.waiting_since, each.id),
        ),
        openings=sorted(
            await facts.openings.find(
                OpeningRow.state.in_((OpeningState.ROOM, OpeningState.ASKED))
            ),
            key=lambda each: each.asked_at,
        ),
        chores=await _chores(facts),
        opens_alone=(staff or 0) >= PEOPLE_TO_OPEN_WITH,
    )


async def _funnels(facts: Unit) -> list[CodeFunnel]:
    counted = await facts.connection.execute(
        select(
            VisitorRow.code,
            func.count(),
            func.count(VisitorRow.answered_at),
            func.count(VisitorRow.shown_at),
            func.count(VisitorRow.joined_at),
        ).group_by(VisitorRow.code)
    )
    counts = {code: tuple(each) for code, *each in counted}
    codes = sorted(
        await facts.entry_codes.find(EntryCodeRow.created_by != OPERATOR),
        key=lambda each: (each.created_at, each.channel, each.code),
    )
    return [CodeFunnel(each, *counts.get(each.code, (0, 0, 0, 0))) for each in codes]


async def _chores(facts: Unit) -> list[Chore]:
    rows = await facts.connection.execute(
        select(ErrandRow.kind, ErrandRow.person, ErrandRow.detail, ErrandRow.due_at, GroupRow.name)
        .outerjoin(GroupRow, GroupRow.id == ErrandRow.group)
        .where(ErrandRow.account == ACCOUNT, ErrandRow.state.in_(("waiting", "doing")))
        .order_by(ErrandRow.due_at, ErrandRow.id)
        .limit(ERRANDS_SHOWN)
    )
    found = list(rows)
    people = [row.person_id for row in found if row.person_id]
    names = {
        each.person: each.name for each in await facts.visitors.find(VisitorRow.person.in_(people))
    }
    return [
        Chore(
            ErrandKind(row.kind),
            _about(ErrandKind(row.kind), names.get(row.person_id), row.detail, row.name),
            row.due_at,
        )
        for row in found
    ]


def _about(kind: ErrandKind, person: str | None, detail: str, group: str | None) -> str:
    match kind:
        case ErrandKind.OPEN_ROOM:
            return detail
        case ErrandKind.ACCEPT:
            return person or "新朋友"
        case ErrandKind.INVITE:
            return f"{person or '新朋友'} → {group or ''}"
        case _:
            return group or ""
