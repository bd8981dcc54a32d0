"""What a load balancer, an orchestrator and Prometheus ask."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy import text

from bot.gateways.base import Link
from bot.metrics import Metrics
from bot.transactions import Transactions

PATIENCE = 2.0
"""Seconds until a database that does not answer counts as away."""

Links = Callable[[], Mapping[str, Link]]


def health_api(transactions: Transactions, links: Links, metrics: Metrics) -> APIRouter:
    api = APIRouter(tags=["health"])

    @api.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process runs."""
        return {"status": "ok"}

    @api.get("/readyz")
    async def ready(response: Response) -> dict[str, Any]:
        """The database answers, and each gateway is connected; 503 otherwise, and why."""
        database = await _database(transactions)
        gateways = {account: {"up": link.up, "why": link.why} for account, link in links().items()}
        is_ready = database == "ok" and all(link.up for link in links().values())
        response.status_code = 200 if is_ready else 503
        return {"ready": is_ready, "database": database, "gateways": gateways}

    @api.get("/metrics")
    async def figures() -> Response:
        """In the Prometheus text format."""
        registry: CollectorRegistry = await metrics.collect(transactions, links())
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return api


async def _database(transactions: Transactions) -> str:
    try:
        async with asyncio.timeout(PATIENCE), transactions.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception as error:
        return f"away: {type(error).__name__}"
    return "ok"
