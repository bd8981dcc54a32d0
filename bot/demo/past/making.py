"""The community of the demo is made once, on the first start, or not at all.

A start that was stopped in the midst of it begins anew the next time: a mark is set before the
first fact and taken off with the last.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.demo.community import ACCOUNT
from bot.demo.library import fill_library
from bot.demo.past.living import Past, Tell
from bot.demo.past.plots import OPERATOR
from bot.demo.past.rhythm import Fading
from bot.demo.past.story import Story, write
from bot.postgres import empty
from bot.transactions import InHaste, OnlyWriter, Transactions
from models.stores.office import Beat
from models.stores.unit import Unit

log = logging.getLogger(__name__)

MARK = "the past of the demo"
MAKING = "making"


class State(Enum):
    """UNTOUCHED: nothing was ever done in this database. BEGUN: a start was stopped while the past
    was made. SETTLED: it has a past, or a life of its own."""

    UNTOUCHED = auto()
    BEGUN = auto()
    SETTLED = auto()


async def state_of(facts: Unit) -> State:
    mark = await facts.beats.get(MARK)
    if mark is not None:
        return State.BEGUN if mark.cursor == MAKING else State.SETTLED
    known = [
        *await facts.groups.find(limit=1),
        *await facts.items.find(limit=1),
        *await facts.entry_codes.find(limit=1),
    ]
    return State.SETTLED if known else State.UNTOUCHED


async def make_past(
    engine: AsyncEngine, now: datetime, qr_base: str, tell: Tell, begin: Callable[[], None]
) -> None:
    """Where there is none. `begin` hears that it begins, `tell` how much of it is over."""
    transactions = Transactions(engine)
    state = await transactions.read(state_of)
    if state is State.SETTLED:
        return
    begin()
    story = write(now)
    if state is State.BEGUN:
        await empty(engine)
    try:
        await _live(InHaste(engine), story, now, qr_base, tell)
    except Exception:  # in haste nothing can be put aside: once more, step by step
        log.exception("the past of the demo is made anew")
        await empty(engine)
        await _live(OnlyWriter(engine), story, now, qr_base, tell)


async def _live(
    transactions: OnlyWriter, story: Story, now: datetime, qr_base: str, tell: Tell
) -> None:
    async def mark(facts: Unit) -> None:
        facts.beats.put(Beat(name=MARK, done_at=story.start, cursor=MAKING))

    async def unmark(facts: Unit) -> None:
        facts.beats.put(Beat(name=MARK, done_at=now))

    # Thousands of lines of what was said long ago, and of what was meant to go wrong.
    logging.disable(logging.WARNING)
    try:
        await transactions.run(mark)
        rhythm = Fading(story.start, now)
        past = Past(transactions, story, tell, account=ACCOUNT, by=OPERATOR, rhythm=rhythm)
        past.gateway.qr_base = qr_base
        await fill_library(transactions, past.simulation.dispatcher, story.start)
        await past.live(now)
        await transactions.run(unmark)
    finally:
        logging.disable(logging.NOTSET)
        await transactions.aclose()
