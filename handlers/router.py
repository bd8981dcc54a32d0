"""The ways in: something happened, somebody typed a command, time passed, a promise is about to
be kept or was settled."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from handlers.command import Changes, Command, Run, Who
from handlers.context import Context
from models.delivery import Verdict
from models.events import Event
from models.messages import Kind, Outgoing
from models.stores.unit import Unit

E = TypeVar("E", bound=Event)
OnEvent = Callable[[E, Context], Awaitable[None]]
Prepare = Callable[[Sequence[Event], Context], Awaitable[None]]
OnTick = Callable[[Context], Awaitable[None]]
NextDue = Callable[[Unit], Awaitable[datetime | None]]
Render = Callable[[Outgoing, Context], Awaitable[Outgoing | None]]
Hold = Callable[[Outgoing, Context], Awaitable[datetime | None]]
OnSettled = Callable[[Outgoing, Verdict, Context], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tick:
    """`next_due` tells a virtual clock where to jump; None where the beat itself is the time."""

    name: str
    every: timedelta
    run: OnTick
    next_due: NextDue | None


class Router:
    def __init__(self, parts: Iterable["Router"] = ()) -> None:
        self._on: dict[type[Event], list[OnEvent[Any]]] = defaultdict(list)
        self._prepares: list[tuple[tuple[type[Event], ...], Prepare]] = []
        self._renders: dict[Kind, list[Render]] = defaultdict(list)
        self._holds: dict[Kind, Hold] = {}
        self._settled: dict[Kind, list[OnSettled]] = defaultdict(list)
        self.ticks: list[Tick] = []
        self.commands: list[Command] = []
        for part in parts:
            self._include(part)

    def on(self, kind: type[E]) -> Callable[[OnEvent[E]], OnEvent[E]]:
        """What a feature does when this happens."""

        def register(run: OnEvent[E]) -> OnEvent[E]:
            self._on[kind].append(run)
            return run

        return register

    def prepares(self, *kinds: type[Event]) -> Callable[[Prepare], Prepare]:
        """What a feature reads, and locks, at once for all that are handled together of these."""

        def register(run: Prepare) -> Prepare:
            self._prepares.append((kinds, run))
            return run

        return register

    def command(
        self,
        *words: str,
        who: Who,
        usage: str,
        about: str,
        of_group: bool = True,
        changes: Changes = Changes.NEVER,
    ) -> Callable[[Run], Run]:
        """What a feature does when one of these words is typed; what it returns is the reply."""

        def register(run: Run) -> Run:
            self.commands.append(Command(words, who, usage, about, run, of_group, changes))
            return run

        return register

    def every(
        self, *, next_due: NextDue | None = None, **period: float
    ) -> Callable[[OnTick], OnTick]:
        """What a feature does as time passes. Running it twice must be as running it once."""

        def register(run: OnTick) -> OnTick:
            self.ticks.append(Tick(run.__name__, timedelta(**period), run, next_due))
            return run

        return register

    def renders(self, *kinds: Kind) -> Callable[[Render], Render]:
        """How a message is worded when it is about to be said; None where nobody is left. Where
        several features say this kind, each leaves the others' messages as they are."""

        def register(run: Render) -> Render:
            for kind in kinds:
                self._renders[kind].append(run)
            return run

        return register

    def holds(self, *kinds: Kind) -> Callable[[Hold], Hold]:
        """Until when a message is held back that could be said now; None where it is not."""

        def register(run: Hold) -> Hold:
            self._holds |= dict.fromkeys(kinds, run)
            return run

        return register

    def settled(self, *kinds: Kind) -> Callable[[OnSettled], OnSettled]:
        """What follows once a message was said, or surely will not be."""

        def register(run: OnSettled) -> OnSettled:
            for kind in kinds:
                self._settled[kind].append(run)
            return run

        return register

    def handlers_of(self, event: Event) -> Sequence[OnEvent[Any]]:
        return self._on.get(type(event), ())

    async def prepare(self, events: Sequence[Event], ctx: Context) -> None:
        for kinds, run in self._prepares:
            if wanted := [each for each in events if isinstance(each, kinds)]:
                await run(wanted, ctx)

    async def render(self, message: Outgoing, ctx: Context) -> Outgoing | None:
        for run in self._renders.get(message.kind, ()):
            worded = await run(message, ctx)
            if worded is None:
                return None
            message = worded
        return message

    async def held_until(self, message: Outgoing, ctx: Context) -> datetime | None:
        run = self._holds.get(message.kind)
        return await run(message, ctx) if run else None

    async def settle(self, message: Outgoing, verdict: Verdict, ctx: Context) -> None:
        for run in self._settled.get(message.kind, ()):
            await run(message, verdict, ctx)

    def _include(self, part: "Router") -> None:
        for kind, runs in part._on.items():
            self._on[kind].extend(runs)
        self._prepares.extend(part._prepares)
        for rendered, renders in part._renders.items():
            self._renders[rendered].extend(renders)
        self._holds |= part._holds
        for settled, follow in part._settled.items():
            self._settled[settled].extend(follow)
        self.ticks.extend(part.ticks)
        self.commands.extend(part.commands)
