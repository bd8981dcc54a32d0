"""Figures for Prometheus: what passed through this process, and what waits in the database."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute

from bot.accounts import AccountState
from bot.transactions import Transactions
from models.events import Event
from models.ids import AccountId
from models.proposals import ProposalState
from models.stores.unit import Unit
from models.tables import DeadLetterRow, ErrandRow, OutboxRow, ProposalRow

Labels = tuple[str, ...]

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
        self._proposals = Gauge(
            "qunzhu_proposals",
            "What owners are asked for, by how and by what became of it",
            ["means", "outcome"],
            registry=self._registry,
        )
        self._oldest = Gauge(
            "qunzhu_proposal_oldest_timestamp_seconds",
            "When the oldest was made that waits for an owner; nothing where none does",
            ["means"],
            registry=self._registry,
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
                counts = await transactions.read(_counts)
        except (SQLAlchemyError, OSError):
            self._database_up.set(0)
            for each in (self._outbox, self._errands, self._proposals, self._oldest):
                each.clear()
            return self._registry
        self._database_up.set(1)
        _set(self._outbox, counts.outbox)
        _set(self._errands, counts.errands)
        _set(self._proposals, counts.proposals)
        _set(self._oldest, counts.oldest)
        self._dead.set(counts.dead)
        return self._registry


@dataclass(frozen=True, slots=True)
class Counts:
    """By what they are told of; `oldest` in seconds since 1970."""

    outbox: Mapping[Labels, float]
    errands: Mapping[Labels, float]
    proposals: Mapping[Labels, float]
    oldest: Mapping[Labels, float]
    dead: int


def _set(gauge: Gauge, values: Mapping[Labels, float]) -> None:
    """What is gone since it was last told of is gone here as well."""
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)


async def _counts(facts: Unit) -> Counts:
    async def by(*columns: InstrumentedAttribute[str]) -> dict[Labels, float]:
        found = await facts.connection.execute(select(*columns, func.count()).group_by(*columns))
        return {tuple(map(str, labels)): count for *labels, count in found}

    oldest = await facts.connection.execute(
        select(ProposalRow.means, func.min(ProposalRow.made_at))
        .where(ProposalRow.state == ProposalState.OPEN)
        .group_by(ProposalRow.means)
    )
    dead = await facts.connection.scalar(select(func.count()).select_from(DeadLetterRow))
    return Counts(
        outbox=await by(OutboxRow.state),
        errands=await by(ErrandRow.state),
        proposals=await by(ProposalRow.means, ProposalRow.state),
        oldest={(means,): made_at.timestamp() for means, made_at in oldest},
        dead=dead or 0,
    )
