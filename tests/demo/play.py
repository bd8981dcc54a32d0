"""The demo without its page, played in the city's morning."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from bot.clock import ManualClock
from bot.demo import markup
from bot.demo.chats import Moved, Said
from bot.demo.service import Opened, open_stage
from bot.demo.view import Scene, read_sight
from bot.transactions import Transactions
from config.daily import ZONE
from models.database import open_engine
from models.ids import GroupId, PersonId
from models.people import Role

START = datetime(2026, 3, 2, 10, 0, tzinfo=ZONE)
GROUP = GroupId("demo-2026-03")
SITE = "http://127.0.0.1:8000"


class Play:
    """A stage, and what is to be seen on it."""

    def __init__(self, transactions: Transactions, opened: Opened) -> None:
        self.transactions = transactions
        self.dispatcher = opened.dispatcher
        self.stage = opened.stage
        self.cast = opened.cast
        self.editor = opened.editor
        self.doorway = opened.doorway
        self.clock = opened.clock

    async def scene(self, group: GroupId = GROUP) -> Scene:
        sight = await self.transactions.read(
            lambda facts: read_sight(facts, group, None, self.stage.now())
        )
        assert sight.scene is not None
        return sight.scene

    async def chat(self) -> list[str]:
        return [html for _, html in markup.chat(await self.scene(), None)]

    async def said(self, group: GroupId = GROUP) -> list[str]:
        """In the group, by members and the bot."""
        return _texts((await self.scene(group)).chat)

    async def private(self, person: PersonId, group: GroupId = GROUP) -> list[str]:
        """What she and the bot said to each other."""
        sight = await self.transactions.read(
            lambda facts: read_sight(facts, group, person, self.stage.now())
        )
        return _texts(sight.private)

    async def monitor(self, group: GroupId = GROUP) -> PersonId:
        present = (await self.scene(group)).present
        return next(each.person for each in present if each.role is Role.MONITOR)

    async def last_said(self, words: str) -> str:
        """By which it can be quoted."""
        said = [each for each in (await self.scene()).chat if isinstance(each, Said)]
        return next(each.id for each in reversed(said) if words in (each.text or ""))


def _texts(chat: Sequence[Said | Moved]) -> list[str]:
    return [each.text or "" for each in chat if isinstance(each, Said)]


@asynccontextmanager
async def playing(database: str, real: ManualClock, site: str = SITE) -> AsyncIterator[Play]:
    engine = open_engine(database, pool_size=4)
    transactions = Transactions(engine)
    opened = await open_stage(transactions, real, lambda event: None, site)
    yield Play(transactions, opened)
    await opened.stage.remember()
    await engine.dispose()
