"""What is posted in the demo: the sample items, where there never were any."""

from datetime import datetime

from bot import content
from bot.dispatcher import Dispatcher
from bot.transactions import Transactions
from handlers.content.sheet import Reading


async def fill_library(transactions: Transactions, dispatcher: Dispatcher, now: datetime) -> None:
    if await transactions.read(lambda facts: facts.items.find(limit=1)):
        return
    reading = Reading(content.SAMPLE.read_bytes())
    async for _ in content.checked(reading):
        pass
    await content.take_in(reading.items, transactions, dispatcher, by="demo", now=now)
