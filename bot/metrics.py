"""Figures for Prometheus: what passed through this process, and what waits in the database."""

import asyncio
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.accounts import AccountState
from bot.transactions import Transactions
from models.events import Event
from models.ids import AccountId
from models.stores.unit import Unit
from models.tables import DeadLetterRow, ErrandRow, OutboxRow

PATIENCE = 2.0
"""Seconds until a database that does not answer counts as away."""


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._events = Counter(
            "qunzhu_events", "Events handled", ["kind"], registry=self._registry
        )
        self._outbox = Gauge(
            "qunzhu_outbox", "Messages by what became of them", ["state"], registry=self._registry
        )
        self._errands = Gauge(
            "qunzhu_errands", "Errands by what became of them", ["state"], registry=self._registry
        )
        self._dead = Gauge("qunzhu_dead_letters", "Events put aside", registry=self._registry)
        self._up = Gauge(
            "qunzhu_gateway_up",
            "Whether the account is connected",
            ["account"],
            registry=self._registry,
        )

        self._database_up = Gauge(
            "qunzhu_database_up", "Whether the database answers", registry=self._registry
        )

    def handled(self, event: Event) -> None:
        self._events.labels(type(event).__name__).inc()

    async def collect(
        self, transactions: Transactions, states: Mapping[AccountId, AccountState]
    ) -> CollectorRegistry:
        """Everything as of now; what the database would have told is left out where it is away."""
        for account, state in states.items():
            self._up.labels(account).set(state.held and state.well)
        try:
            async with asyncio.timeout(PATIENCE):
                outbox, errands, dead = await transactions.read(_counts)
        except (SQLAlchemyError, OSError):
            self._database_up.set(0)
            self._outbox.clear()
            self._errands.clear()
            return self._registry
        self._database_up.set(1)
        for gauge, counts in ((self._outbox, outbox), (self._errands, errands)):
            for name, count in counts.items():
                gauge.labels(name).set(count)
        self._dead.set(dead)
        return self._registry


async def _counts(facts: Unit) -> tuple[dict[str, int], dict[str, int], int]:
    outbox, errands = [
        await facts.connection.execute(select(row.state, func.count()).group_by(row.state))
        for row in (OutboxRow, ErrandRow)
    ]
    dead = await facts.connection.scalar(select(func.count()).select_from(DeadLetterRow))
    return dict(outbox.all()), dict(errands.all()), dead or 0
