"""What a load balancer, an orchestrator and Prometheus ask."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy import text

from bot.accounts import AccountState
from bot.metrics import Metrics
from bot.transactions import Transactions
from models.ids import AccountId

PATIENCE = 2.0
"""Seconds until a database that does not answer counts as away."""

States = Callable[[], Mapping[AccountId, AccountState]]


def health_api(transactions: Transactions, states: States, metrics: Metrics) -> APIRouter:
    api = APIRouter(tags=["health"])

    @api.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process runs."""
        return {"status": "ok"}

    @api.get("/readyz")
    async def ready(response: Response) -> dict[str, Any]:
        """The database answers, and each account is connected and has looked at its rooms, or
        another process holds it; 503 otherwise, and why."""
        database = await _database(transactions)
        gateways = {
            account: {"held": state.held, "well": state.well, "why": state.why}
            for account, state in states().items()
        }
        is_ready = database == "ok" and all(state.well for state in states().values())
        response.status_code = 200 if is_ready else 503
        return {"ready": is_ready, "database": database, "gateways": gateways}

    @api.get("/metrics")
    async def figures() -> Response:
        """In the Prometheus text format."""
        registry: CollectorRegistry = await metrics.collect(transactions, states())
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return api


async def _database(transactions: Transactions) -> str:
    try:
        async with asyncio.timeout(PATIENCE), transactions.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception as error:
        return f"away: {type(error).__name__}"
    return "ok"
