"""`/j/{code}/poster.png`, and the code's QR alone."""

from fastapi import APIRouter

from bot.clock import Clock
from bot.transactions import Transactions


def poster_pages(transactions: Transactions, clock: Clock) -> APIRouter:
    return APIRouter(include_in_schema=False)
