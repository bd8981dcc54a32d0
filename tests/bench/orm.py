"""The same work as one would write it first: ORM objects, a session and a commit a message.

Repeats are dropped, messages stored, hours counted, questions opened and answers credited, into
our tables, by our own judges; nothing is told to anybody, and no limits are looked at.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.dispatcher import Arrival
from handlers.questions import answering, asking
from handlers.questions.answering import Turn
from handlers.questions.policy import fingerprint
from models.events import MessageReceived
from models.points import EntryKind
from models.stores.activity import hour_of
from models.stores.talk import REMEMBERED
from models.tables import (
    ActivityRow,
    AnswerRow,
    BalanceRow,
    GroupRow,
    LedgerRow,
    MemberRow,
    MessageRow,
    QuestionRow,
    SpeakerRow,
)

POINTS, DAILY = 2, 20


async def handle_each(engine: AsyncEngine, arrivals: Sequence[Arrival]) -> float:
    """Seconds until the last of them is handled and kept."""
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    begun = time.perf_counter()
    for each in arrivals:
        assert isinstance(each.event, MessageReceived)
        async with sessions.begin() as session:
            await _handle(session, each.event, each)
    return time.perf_counter() - begun


async def _handle(session: AsyncSession, said: MessageReceived, arrival: Arrival) -> None:
    group = await session.get(GroupRow, said.group)
    member = await session.get(MemberRow, (said.group, said.sender))
    if group is None or member is None:
        return
    seen = select(MessageRow.id).where(MessageRow.chat == group.id, MessageRow.id == said.id)
    if await session.scalar(seen) is not None:
        return
    session.add(
        MessageRow(
            chat=group.id,
            id=said.id,
            sender=said.sender,
            text=said.text,
            mentions=[],
            said_at=said.at,
            seen_at=arrival.now,
        )
    )
    await _count(session, said, member.role)
    asks = asking.judge(said.text).is_question
    await _credit(session, said, asks=asks)
    if asks:
        session.add(
            QuestionRow(
                group=group.id, id=said.id, asker=said.sender, text=said.text, asked_at=said.at
            )
        )


async def _count(session: AsyncSession, said: MessageReceived, role: str) -> None:
    hour = hour_of(said.at)
    speaker = await session.get(SpeakerRow, (said.group, hour, said.sender))
    hours = await session.get(ActivityRow, (said.group, hour, role))
    if hours is None:
        hours = ActivityRow(group=said.group, hour=hour, role=role, messages=0, speakers=0)
        session.add(hours)
    hours.messages += 1
    if speaker is None:
        hours.speakers += 1
        speaker = SpeakerRow(
            group=said.group, hour=hour, person=said.sender, role=role, messages=0
        )
        session.add(speaker)
    speaker.messages += 1


async def _credit(session: AsyncSession, said: MessageReceived, *, asks: bool) -> None:
    """Points for the question that it answers, if it does."""
    asked = {
        each.id: each
        for each in await session.scalars(
            select(QuestionRow).where(
                QuestionRow.group == said.group, QuestionRow.closed_at.is_(None)
            )
        )
    }
    if not asked:
        return
    recent = await session.scalars(
        select(MessageRow)
        .where(MessageRow.chat == said.group, MessageRow.id != said.id)
        .order_by(MessageRow.said_at.desc(), MessageRow.id.desc())
        .limit(REMEMBERED)
    )
    before = [
        Turn(each.id, each.sender, each.text or "", each.said_at, asks=each.id in asked)
        for each in reversed(recent.all())
    ]
    turn = Turn(said.id, said.sender, said.text, said.at, asks=asks)
    link = answering.judge(turn, before, asked.keys())
    if link is None or not link.is_confident:
        return
    question = asked[link.question]
    question.answered_at = question.answered_at or said.at
    session.add(
        AnswerRow(
            group=said.group,
            id=said.id,
            helper=said.sender,
            question=question.id,
            asker=question.asker,
            said_at=said.at,
            fingerprint=fingerprint(said.text),
        )
    )
    today = await session.scalar(
        select(func.coalesce(func.sum(LedgerRow.points), 0)).where(
            LedgerRow.group == said.group,
            LedgerRow.person == said.sender,
            LedgerRow.at > said.at - timedelta(days=1),
        )
    )
    if (today or 0) + POINTS > DAILY:
        return
    session.add(
        LedgerRow(
            key=f"answer:{said.group}:{said.sender}:{question.id}",
            group=said.group,
            person=said.sender,
            kind=EntryKind.GIVEN,
            points=POINTS,
            at=said.at,
            by="rules",
            message=said.id,
            cause=question.id,
            note="",
            shortfall=0,
        )
    )
    balance = await session.get(BalanceRow, (said.group, said.sender))
    if balance is None:
        balance = BalanceRow(group=said.group, person=said.sender, points=0)
        session.add(balance)
    balance.points += POINTS
