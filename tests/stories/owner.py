"""A group's owner, who says what the account can't say by itself: when she likes, or never."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, update

from bot.gateways.simulated import BOT
from bot.virtual import Simulation
from handlers.context import Context
from handlers.features import ROUTER
from handlers.outbox.rounds import go_on
from models.delivery import Lapsed, Sent, State, Verdict
from models.events import AccountUp
from models.groups import Ability
from models.ids import OutboxId
from models.messages import Claimed, Outgoing
from models.stores.unit import Unit
from models.tables import OutboxRow
from tests.world import ACCOUNT, World

T = TypeVar("T")

MOST = 1000


class NobodySpeaks:
    """Nothing is claimed, so all that is due waits for whoever puts it before the owner."""

    epoch = 1

    def holds(self) -> bool:
        return True

    async def confirm(self, facts: Unit) -> bool:
        return False


class Owner:
    """Stands between the account and all its groups: what is due in them is put before her, and is
    said when she taps."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.private: list[Outgoing] = []
        """What the account said to single people, which needs nobody's confirmation."""

    async def takes_over(self) -> None:
        """The account may hear and see as before, but says nothing any more."""
        world, now = self.world, self.world.clock.now()
        world.simulation = Simulation(
            world.transactions, ROUTER, world.gateway, world.clock, holding=NobodySpeaks()
        )
        able = frozenset({Ability.NEEDS_CONFIRMATION})
        await self.world.happens(AccountUp(account=ACCOUNT, at=now, person=BOT, abilities=able))

    async def is_asked(self) -> list[Outgoing]:
        """Whatever is due by now is put before her; what she is asked for then."""

        async def work(facts: Unit) -> int:
            now = self.world.clock.now()
            rows = await facts.outbox.due(ACCOUNT, now, [], MOST)
            for row in rows:
                await self._is_asked_for(row, facts, now)
            return len(rows)

        while await self._do(work):
            pass
        return [each.message for each in await self.asked_for()]

    async def looks(self) -> list[Outgoing]:
        """Each text is made for those whom it concerns at this moment, and stays so."""

        async def work(facts: Unit) -> None:
            for row in await self.asked_for():
                ctx = await Context.open(facts, self.world.clock.now(), row.message.group)
                now = await ROUTER.render(row.message, ctx)
                assert now is not None
                await facts.outbox.rewrite(row.id, now.text, now.mentions)

        await self._do(work)
        return [each.message for each in await self.asked_for()]

    async def taps(self) -> None:
        """All that she is asked for is said, as it stood when she looked last."""
        await self._settle(Sent(), await self.asked_for())

    async def lets_lapse(self) -> None:
        """What she has not tapped in its time."""
        now = self.world.clock.now()
        late = [each for each in await self.asked_for() if each.message.lapses_at <= now]
        await self._settle(Lapsed("nobody confirmed it in time"), late)

    async def asked_for(self) -> list[Claimed]:
        async def work(facts: Unit) -> list[Claimed]:
            ids = await facts.connection.scalars(
                select(OutboxRow.id)
                .where(OutboxRow.state == State.PROPOSED)
                .order_by(OutboxRow.id)
            )
            taken = [await facts.outbox.take(OutboxId(each)) for each in ids.all()]
            return [each[0] for each in taken if each is not None]

        return await self.world.transactions.read(work)

    async def _is_asked_for(self, row: Claimed, facts: Unit, now: datetime) -> None:
        if row.message.group is None:
            self.private.append(row.message)
            await _settle(row, Sent(), facts, now)
            return
        ctx = await Context.open(facts, now, row.message.group)
        message = await ROUTER.render(row.message, ctx)
        if message is None:
            await _settle(row, Lapsed("it concerns nobody any more"), facts, now)
            return
        await facts.outbox.rewrite(row.id, message.text, message.mentions)
        proposed = update(OutboxRow).where(OutboxRow.id == row.id).values(state=State.PROPOSED)
        await facts.connection.execute(proposed)
        await go_on(message, Sent(), ctx)

    async def _settle(self, verdict: Verdict, rows: list[Claimed]) -> None:
        async def work(facts: Unit) -> None:
            for row in rows:
                await _settle(row, verdict, facts, self.world.clock.now())

        await self._do(work)

    async def _do(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        done = await self.world.transactions.run(work)
        await self.world.simulation.look_again()
        await self.world.passes(seconds=0)
        return done


async def _settle(row: Claimed, verdict: Verdict, facts: Unit, now: datetime) -> None:
    assert await facts.outbox.settle(row.id, verdict, now)
    ctx = await Context.open(facts, now, row.message.group)
    await ROUTER.settle(row.message, verdict, ctx)
    await go_on(row.message, verdict, ctx)
