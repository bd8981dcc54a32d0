"""The demo's chats, line by line: what was said in a group or in private, who came, who went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from bot.demo.community import ACCOUNT, READER
from bot.gateways.simulated import BOT
from models.delivery import State
from models.ids import GroupId, PersonId
from models.messages import Attachment
from models.stores.outbox import SAID
from models.stores.unit import Unit
from models.tables import JoinRow, MemberRow, MessageRow, OutboxRow

CHAT_LENGTH = 150
"""Lines of each sort that are shown; a phone would load the older ones on scrolling."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message, of a member or (`by_bot`) ours; the id of ours is the promise's key, as which it
    can be quoted."""

    id: str
    at: datetime
    by: PersonId
    text: str | None
    quotes: str | None = None
    by_bot: bool = False
    unsure: bool = False
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody came, went, or was removed."""

    id: str
    at: datetime
    who: PersonId
    came: bool
    removed: bool = False


async def read_chat(facts: Unit, group: GroupId) -> list[Said | Moved]:
    return _in_order(
        await _moves(facts, group),
        await _heard(facts, group),
        await _spoken(facts, OutboxRow.group == group),
    )


async def read_private(facts: Unit, person: PersonId) -> list[Said | Moved]:
    """What she and we said to each other."""
    return _in_order(await _heard(facts, person), await _spoken(facts, _to(person)))


async def read_last(facts: Unit, group: GroupId) -> Said | None:
    last = _in_order(
        await _heard(facts, group, 1), await _spoken(facts, OutboxRow.group == group, 1)
    )
    said = [each for each in last if isinstance(each, Said)]
    return said[-1] if said else None


async def read_quoted(
    facts: Unit, group: GroupId, chat: Sequence[Said | Moved]
) -> dict[str, Said]:
    """The messages that others quote, wherever in the chat they are."""
    said = [each for each in chat if isinstance(each, Said)]
    ids = {each.quotes for each in said if each.quotes}
    known = {each.id: each for each in said if each.id in ids}
    missing = ids - known.keys()
    if missing:
        older = [
            *await _heard(facts, group, None, MessageRow.id.in_(missing)),
            *await _spoken(facts, (OutboxRow.group == group) & OutboxRow.key.in_(missing), None),
        ]
        known |= {each.id: each for each in older}
    return known


async def last_written(facts: Unit, group: GroupId) -> dict[PersonId, datetime]:
    """When we last wrote to each of the group's people in private."""
    of_group = select(MemberRow.person).where(MemberRow.group == group)
    found = await facts.connection.execute(
        select(OutboxRow.to, func.max(OutboxRow.settled_at))
        .where(
            OutboxRow.account == ACCOUNT,
            OutboxRow.group.is_(None),
            OutboxRow.to.in_(of_group),
            OutboxRow.state.in_(SAID),
        )
        .group_by(OutboxRow.to)
    )
    return {PersonId(person): at for person, at in found if person and at}


def _in_order(*sorts: Sequence[Said | Moved]) -> list[Said | Moved]:
    """By time, and the last of them. Who comes, speaks, and is answered at one instant does so in
    this order."""
    every = [each for sort in sorts for each in sort]
    return sorted(every, key=lambda each: each.at)[-CHAT_LENGTH:]


async def _heard(
    facts: Unit, chat: str, limit: int | None = CHAT_LENGTH, *where: Any
) -> list[Said]:
    rows = await facts.connection.execute(
        select(MessageRow.__table__)
        .where(MessageRow.chat == chat, *where)
        .order_by(MessageRow.said_at.desc(), MessageRow.id)
        .limit(limit)
    )
    return [_of_member(row) for row in rows][::-1]


async def _spoken(facts: Unit, where: Any, limit: int | None = CHAT_LENGTH) -> list[Said]:
    rows = await facts.connection.execute(
        select(OutboxRow.__table__)
        .where(where, OutboxRow.state.in_(SAID))
        .order_by(OutboxRow.settled_at.desc(), OutboxRow.id.desc())
        .limit(limit)
    )
    return [_of_bot(row) for row in rows][::-1]


def _to(person: PersonId) -> Any:
    private = OutboxRow.group.is_(None) & (OutboxRow.account == ACCOUNT)
    return private & (OutboxRow.to == person)


def _of_member(row: Row[Any]) -> Said:
    return Said(row.id, row.said_at, PersonId(row.sender), row.text, row.quotes)


def _of_bot(row: Row[Any]) -> Said:
    return Said(
        id=row.key,
        at=row.settled_at,
        by=BOT,
        text=row.text,
        by_bot=True,
        unsure=row.state == State.UNSURE,
        attachment=Attachment(**row.attachment) if row.attachment else None,
    )


async def _moves(facts: Unit, group: GroupId) -> list[Moved]:
    """Joins as far as we saw them, and of each person the last time she left. Those who only read
    along came before anybody looked."""
    joins = await facts.connection.execute(
        select(JoinRow.id, JoinRow.person, JoinRow.seen_at)
        .where(JoinRow.group == group, JoinRow.person.not_like(f"%-{READER}-%"))
        .order_by(JoinRow.seen_at.desc(), JoinRow.id.desc())
        .limit(CHAT_LENGTH)
    )
    leaves = await facts.connection.execute(
        select(MemberRow.person, MemberRow.gone_at, MemberRow.left_by)
        .where(MemberRow.group == group, MemberRow.gone_at.is_not(None), ~MemberRow.present)
        .order_by(MemberRow.gone_at.desc(), MemberRow.person)
        .limit(CHAT_LENGTH)
    )
    came = [Moved(f"in-{number}", at, PersonId(who), True) for number, who, at in joins]
    went = [
        Moved(f"out-{who}-{at.timestamp()}", at, PersonId(who), False, removed=by is not None)
        for who, at, by in leaves
        if at is not None
    ]
    return came[::-1] + went[::-1]
