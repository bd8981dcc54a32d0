"""What waits in the inbox goes on waiting while the database is away."""

from bot.gateways.wecom.letters import Letters
from models.database import open_engine
from models.ids import InboxId
from models.stores.inbox import Letter
from tests.gateways.wecom.answers import START
from tests.gateways.wecom.office import ACCOUNT

NOBODY_THERE = "postgresql://nobody@127.0.0.1:1/nothing"


async def test_a_database_that_is_away_ends_nothing() -> None:
    engine = open_engine(NOBODY_THERE)
    letters = Letters(engine, ACCOUNT)
    assert await letters.next() == ()
    assert await letters.version("wr1") is None
    await letters.note("wr1", "v1")
    await letters.done(Letter(InboxId(1), "<xml/>", START), START)
    await engine.dispose()
