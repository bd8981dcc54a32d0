"""Taking a table into the library, and giving the library out as one, all or nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path

import config
from bot.dispatcher import Dispatcher
from bot.transactions import Transactions
from handlers.content import sheet
from handlers.content.items import Changes, as_approved_before, compare
from models.content import Item
from models.events import ItemsPut
from models.stores.unit import Unit

SAMPLE = Path(config.__file__).parent / "library" / "sample.csv"
"""Items that show what good ones look like."""
PORTION = 200
"""Rows checked at a time; then whoever waits is told how far it is, and others have a turn."""


async def checked(reading: sheet.Reading) -> AsyncIterator[int]:
    """Check the table, telling after each portion how many rows are done."""
    while reading.step(PORTION):
        yield reading.checked
        await asyncio.sleep(0)


async def take_in(
    items: list[Item],
    transactions: Transactions,
    dispatcher: Dispatcher,
    *,
    by: str,
    now: datetime,
    dry_run: bool = False,
) -> Changes:
    """Put them into the library, and tell what that changed; or (`dry_run`) what it would."""
    changes = await transactions.read(lambda facts: changes_by(items, facts))
    if changes.differing and not dry_run:
        put = [each for each in items if each.id in changes.differing]
        await dispatcher.decide(ItemsPut(at=now, by=by, items=put), now)
    return changes


async def changes_by(items: Sequence[Item], facts: Unit) -> Changes:
    """What the library would become by putting these into it."""
    await facts.items.load((each.id,) for each in items)
    known = {each.id: each for each in facts.items.held()}
    return compare(known, [as_approved_before(each, known.get(each.id)) for each in items])


async def table(transactions: Transactions) -> str:
    """The whole library, without what was withdrawn."""
    return sheet.write(await transactions.read(lambda facts: facts.items.library()))
