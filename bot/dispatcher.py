"""Events and ticks in; one transaction out for all that gathered meanwhile."""

import logging
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError

from bot.cleaning import clean
from bot.transactions import Transactions, Work, is_passing
from handlers.context import Context
from handlers.router import Router, Tick
from models.events import Event, GatewayEvent
from models.ids import GroupId
from models.stores.community import Turn
from models.stores.office import DeadLetterStore
from models.stores.unit import Unit

log = logging.getLogger(__name__)

T = TypeVar("T")
Handle = Callable[[Event, datetime], Awaitable[None]]

BATCH = 400
"""Events a transaction; beyond a few hundred nothing is gained (docs/figures.md)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event and when we first saw it: from here on its waiting counts. What a gateway told is
    told in texts that can be kept."""

    event: Event
    now: datetime

    def __post_init__(self) -> None:
        if isinstance(self.event, GatewayEvent):
            object.__setattr__(self, "event", clean(self.event))


@dataclass(frozen=True, slots=True)
class Taken:
    """How many events were handled, and whether anything was promised to be said, or an errand
    was asked for."""

    count: int
    promised: bool = False
    asked: bool = False


class HandlerFailed(Exception):
    """A handler raised; its cause is the reason. `handled` is how many events of the transaction
    were handled before; None where it was not about one of them."""

    handled: int | None = None


class Dispatcher:
    def __init__(
        self,
        transactions: Transactions,
        router: Router,
        handled: Callable[[Event], None] = lambda event: None,
    ) -> None:
        self._transactions = transactions
        self._router = router
        self._handled = handled

    async def take(
        self,
        arrivals: Sequence[Arrival],
        due: datetime | None = None,
        wake: Callable[[datetime], datetime] = lambda due: due,
    ) -> Taken:
        """Handle them in order, in one transaction: facts and promises, all or none.

        Stops before the first that arrives after `due`, or after whatever an earlier one made
        due (as late as that is looked at, by `wake`), if `due` is given. Where a handler fails, or
        the database refuses what it wrote, those before it are taken first; an event that fails
        alone is put aside as a dead letter, and those behind it are taken together again.
        """
        if due is not None:
            return await self._take_first(arrivals, due, wake)
        count, promised, asked = 0, False, False
        while count < len(arrivals):
            taken = await self._take_first(arrivals[count:], None, wake)
            count += taken.count
            promised, asked = promised or taken.promised, asked or taken.asked
        return Taken(count, promised, asked)

    async def decide(self, event: Event, now: datetime) -> None:
        """Carry out one decision; whatever a handler raises is the decider's to hear."""
        await self._transactions.run(lambda facts: self._handle(facts, event, now))

    async def within(self, work: Callable[[Unit, Handle], Awaitable[T]]) -> T:
        """Do `work` in one transaction, in which it may have events handled; whatever it or a
        handler raises is raised, and nothing has happened."""

        async def both(facts: Unit) -> T:
            return await work(facts, lambda event, now: self._handle(facts, event, now))

        return await self._transactions.run(both)

    async def handle(self, facts: Unit, event: Event, now: datetime) -> None:
        """In a transaction that somebody else has open; whatever a handler raises is raised."""
        await self._in_order(facts, [Arrival(event, now)])

    async def decide_all(self, arrivals: Sequence[Arrival]) -> list[Exception | None]:
        """Carry out many decisions in order, in one transaction; what the handler of each raised,
        if it did. Where one fails they are carried out in halves, so that it fails alone."""
        return await self._in_halves(arrivals)

    async def follow_up(self, first: Work[bool], event: Event, now: datetime) -> None:
        """Do `first` and, unless it says that nothing came of it, handle the event, in one
        transaction. Where a handler fails, or the database refuses what it wrote, `first` is done
        all the same, and the event is put aside as a dead letter."""

        async def work(facts: Unit) -> None:
            if await first(facts):
                await self._handle_or_fail(facts, event, now)

        try:
            await self._transactions.run(work)
        except (HandlerFailed, SQLAlchemyError) as error:
            await self._bury(Arrival(event, now), error, first)

    async def tick(self, tick: Tick, now: datetime, turn: Turn | None = None) -> bool:
        """For the groups whose turn it is: all, if nothing is said; whether an errand was asked
        for. Whatever it raises is raised, and nothing has happened."""

        async def work(facts: Unit) -> bool:
            facts.groups.turn = turn or Turn()
            ctx = await Context.open(facts, now)
            await tick.run(ctx)
            await self._follow(ctx)
            return facts.errands.soonest_asked() is not None

        return await self._transactions.run(work)

    async def next_due(self) -> dict[str, datetime]:
        """When each tick will have something to do, by its name; without those that won't."""

        async def work(facts: Unit) -> dict[str, datetime]:
            asked = {each.name: each.next_due for each in self._router.ticks if each.next_due}
            times = {name: await next_due(facts) for name, next_due in asked.items()}
            return {name: at for name, at in times.items() if at is not None}

        return await self._transactions.read(work)

    async def _take_first(
        self,
        arrivals: Sequence[Arrival],
        due: datetime | None,
        wake: Callable[[datetime], datetime],
    ) -> Taken:
        """All of them, or as many of the first as can be handled together."""
        try:
            taken = await self._transactions.run(
                lambda facts: self._all(facts, arrivals, due, wake)
            )
        except (HandlerFailed, SQLAlchemyError) as error:
            if len(arrivals) == 1:
                await self._bury(arrivals[0], error)
                return Taken(1)
            fewer = _before(error, arrivals)
        else:
            for each in arrivals[: taken.count]:
                self._handled(each.event)
            return taken
        return await self._take_first(arrivals[:fewer], due, wake)

    async def _all(
        self,
        facts: Unit,
        arrivals: Sequence[Arrival],
        due: datetime | None,
        wake: Callable[[datetime], datetime],
    ) -> Taken:
        try:
            await self._prepare(facts, arrivals)
        except Exception as error:
            if is_passing(error):
                raise
            raise HandlerFailed from error
        done = 0
        for each in arrivals:
            if due is not None:
                due = min(due, wake(facts.soonest() or due))
                if each.now > due:
                    break
            try:
                await self._handle_or_fail(facts, each.event, each.now)
            except HandlerFailed as failed:
                failed.handled = done
                raise
            done += 1
        promised = facts.outbox.soonest_promise() is not None
        return Taken(done, promised, facts.errands.soonest_asked() is not None)

    async def _in_halves(self, arrivals: Sequence[Arrival]) -> list[Exception | None]:
        try:
            await self._transactions.run(lambda facts: self._in_order(facts, arrivals))
        except Exception as error:  # whatever a handler raises is its decider's to hear
            if len(arrivals) == 1:
                return [error]
        else:
            for each in arrivals:
                self._handled(each.event)
            return [None] * len(arrivals)
        middle = len(arrivals) // 2
        first = await self._in_halves(arrivals[:middle])
        return [*first, *await self._in_halves(arrivals[middle:])]

    async def _in_order(self, facts: Unit, arrivals: Sequence[Arrival]) -> None:
        await self._prepare(facts, arrivals)
        for each in arrivals:
            await self._handle(facts, each.event, each.now)

    async def _prepare(self, facts: Unit, arrivals: Sequence[Arrival]) -> None:
        events = [each.event for each in arrivals]
        await facts.prepare(events)
        if events:
            await self._router.prepare(events, await Context.open(facts, arrivals[0].now))

    async def _handle_or_fail(self, facts: Unit, event: Event, now: datetime) -> None:
        """Raises HandlerFailed, or what passes by itself."""
        try:
            await self._handle(facts, event, now)
        except Exception as error:
            if is_passing(error):
                raise
            raise HandlerFailed from error

    async def _handle(self, facts: Unit, event: Event, now: datetime) -> None:
        group: GroupId | None = getattr(event, "group", None)
        ctx = await Context.open(facts, now, group)
        if isinstance(event, GatewayEvent):
            if event.receipt is not None:
                facts.inbox.done(event.receipt, now)
            if ctx.group and ctx.group.account != event.account:
                return
        for handle in self._router.handlers_of(event):
            await handle(event, ctx)
        await self._follow(ctx)

    async def _follow(self, ctx: Context) -> None:
        """Let features hear what others told, each with the facts as they are by then."""
        told = deque(ctx.told)
        while told:
            fact = told.popleft()
            following = await Context.open(ctx.facts, ctx.now, getattr(fact, "group", None))
            for handle in self._router.handlers_of(fact):
                await handle(fact, following)
            told.extend(following.told)

    async def _bury(
        self, arrival: Arrival, error: Exception, unless_vain: Work[bool] | None = None
    ) -> None:
        """Without what its text form does not show: that is for nobody to read. With `unless_vain`
        done, and not if that says that nothing came of it."""
        kind = type(arrival.event)
        about = {name: getattr(arrival.event, name, None) for name in ("group", "id")}
        log.exception("event put aside: %s", kind.__name__, extra=about)
        hidden = {each.name for each in fields(arrival.event) if not each.repr}
        event = TypeAdapter(kind).dump_python(arrival.event, mode="json", exclude=hidden)
        reason = (error.__cause__ if isinstance(error, HandlerFailed) else None) or error
        trace = "".join(traceback.format_exception(reason))

        async def work(facts: Unit) -> None:
            if unless_vain is not None and not await unless_vain(facts):
                return
            letters = DeadLetterStore(facts.connection)
            await letters.add(kind.__name__, event, trace, arrival.now)
            if (receipt := getattr(arrival.event, "receipt", None)) is not None:
                facts.inbox.done(receipt, arrival.now)

        await self._transactions.run(work)


def _before(error: Exception, arrivals: Sequence[Arrival]) -> int:
    """How many to take first: those before the one that a handler failed for, or that one alone;
    where nobody can tell which it is, half of them."""
    if isinstance(error, HandlerFailed) and error.handled is not None:
        return max(error.handled, 1)
    return len(arrivals) // 2
