"""`python -m bot archive`: messages of WeCom's 会话存档, as JSON lines, into the inbox."""

import asyncio
from collections.abc import Callable
from typing import BinaryIO

from bot.clock import Clock
from bot.gateways.wecom.archive import BadLine, checked
from bot.transactions import Transactions
from models.ids import AccountId


async def take_in(
    lines: BinaryIO,
    account: AccountId,
    transactions: Transactions,
    clock: Clock,
    tell: Callable[[str], None],
) -> int:
    """Until they end; each is kept at once, since whoever pipes them in may never end. What is
    wrong is told, and how many were is returned."""
    number = faults = 0
    # In a thread of its own: nobody knows when the next line comes.
    while line := await asyncio.to_thread(lines.readline):
        number += 1
        if not line.strip():
            continue
        try:
            body = _text(line)
            message = checked(body)
        except BadLine as error:
            faults += 1
            tell(f"line {number}: {error}")
            continue
        await _keep(account, message, body, transactions, clock)
    return faults


async def _keep(
    account: AccountId, message: str, body: str, transactions: Transactions, clock: Clock
) -> None:
    """One that is there already is not taken in twice."""
    now = clock.now()
    await transactions.run(lambda facts: facts.inbox.add(account, message, body, now))


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise BadLine("it is no UTF-8") from None
