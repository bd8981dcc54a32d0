"""`/s/{slug}`: from a post to where it leads."""

from fastapi import APIRouter

from bot.clock import Clock
from bot.intake import Intake
from bot.transactions import Transactions


def link_pages(transactions: Transactions, intake: Intake, clock: Clock) -> APIRouter:
    return APIRouter(include_in_schema=False)
