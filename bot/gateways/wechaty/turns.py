"""So many questions at a time, and no more."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class InTurn:
    def __init__(self, at_once: int) -> None:
        self._turns = asyncio.Semaphore(at_once)

    async def __call__(
        self, ask: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async with self._turns:
            return await ask(*args, **kwargs)
