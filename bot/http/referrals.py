"""Who brought whom, over HTTP."""

from fastapi import APIRouter

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.door import Door
from bot.transactions import Transactions


def referrals_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    return APIRouter(tags=["referrals"])
