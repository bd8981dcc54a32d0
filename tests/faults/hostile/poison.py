"""What a mistake of ours costs those whom it is not about: a handler that fails for one message
in so many."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bot.dispatcher import BATCH, Dispatcher
from handlers.context import Context
from handlers.features import ROUTER
from handlers.router import Router
from models.events import Event, MessageReceived
from models.ids import GroupId, MessageId, PersonId
from tests.faults.hostile.texts import CHAT
from tests.world import ACCOUNT, GROUP, World

POISON = "/毒"
PEOPLE = 20


@dataclass(slots=True)
class Faulty:
    """A feature that fails for some messages, until it is mended."""

    is_mended: bool = False

    def router(self, *, ahead: bool = False) -> Router:
        """`ahead`: it fails before any of them is handled, as it reads what it needs for all."""
        router = Router([ROUTER])
        if ahead:
            router.prepares(MessageReceived)(self.stumble_ahead)
        else:
            router.on(MessageReceived)(self.stumble)
        return router

    async def stumble_ahead(self, messages: Sequence[Event], ctx: Context) -> None:
        for each in messages:
            if isinstance(each, MessageReceived):
                await self.stumble(each, ctx)

    async def stumble(self, message: MessageReceived, _: Context) -> None:
        if message.text == POISON and not self.is_mended:
            raise ArithmeticError("the sum does not add up")


def messages(world: World, rng: Random, count: int, poisoned: float) -> list[MessageReceived]:
    return [
        MessageReceived(
            at=world.clock.now(),
            account=ACCOUNT,
            id=MessageId(f"{rng.getrandbits(64)}"),
            group=GroupId(GROUP),
            sender=PersonId(f"p{rng.randint(1, PEOPLE)}"),
            text=POISON if rng.random() < poisoned else rng.choice(CHAT),
        )
        for _ in range(count)
    ]


async def speed(world: World, rng: Random, count: int, poisoned: float) -> float:
    """Messages handled a second, where this part of them is put aside."""
    dispatcher = Dispatcher(world.transactions, Faulty().router())
    arrivals = [world.now(each) for each in messages(world, rng, count, poisoned)]
    began = time.perf_counter()
    for start in range(0, count, BATCH):
        await dispatcher.take(arrivals[start : start + BATCH])
    return count / (time.perf_counter() - began)
