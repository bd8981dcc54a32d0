"""What came of scans over HTTP: a funnel, a table of it, and who answered what."""

from fastapi import APIRouter

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.door import Door
from bot.transactions import Transactions


def funnel_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    return APIRouter(tags=["entry"])
