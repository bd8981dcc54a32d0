"""The way in, as a mother sees it: what this is, a short form, and her group."""

from fastapi import APIRouter

from bot.clock import Clock
from bot.intake import Intake
from bot.transactions import Transactions


def entry_pages(transactions: Transactions, intake: Intake, clock: Clock) -> APIRouter:
    return APIRouter(include_in_schema=False)
