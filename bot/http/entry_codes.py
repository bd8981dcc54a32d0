"""Entry codes over HTTP: making them, changing and closing them."""

from fastapi import APIRouter

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.door import Door
from bot.transactions import Transactions


def entry_codes_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    return APIRouter(tags=["entry"])
