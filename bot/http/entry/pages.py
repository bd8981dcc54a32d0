"""The way in, as a mother sees it: what this is, a short form, and her group; what we hold of
her; the page by which staff opens a group; and that on which its owner sees what she is asked to
say."""

from fastapi import APIRouter

from bot.clock import Clock
from bot.http.entry.joining import JoinPages
from bot.http.entry.mine import MyPages
from bot.http.entry.opening import OpeningPages
from bot.http.entry.owner import OwnerPages
from bot.http.entry.reception import Handler, Reception
from bot.intake import Intake
from bot.transactions import Transactions

LOOKS = ["GET", "HEAD"]
SENDS = ["POST"]


def entry_pages(transactions: Transactions, intake: Intake, clock: Clock) -> APIRouter:
    pages = APIRouter(include_in_schema=False)
    reception = Reception(transactions, intake, clock)
    join, mine, opening = JoinPages(reception), MyPages(reception), OpeningPages(reception)
    owner = OwnerPages(reception)
    routes: list[tuple[str, list[str], Handler]] = [
        ("/j/{code}", LOOKS, join.look),
        ("/j/{code}", SENDS, join.send),
        ("/j/{code}/group", LOOKS, join.group),
        ("/me", LOOKS, mine.look),
        ("/me", SENDS, mine.act),
        ("/o/{token}", LOOKS, opening.look),
        ("/o/{token}", SENDS, opening.act),
        ("/d/{token}", LOOKS, owner.look),
        ("/d/{token}", SENDS, owner.act),
    ]
    for path, methods, handle in routes:
        pages.add_api_route(path, reception.guarded(handle), methods=methods)
    return pages
