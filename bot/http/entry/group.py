"""`/j/{code}/group`: her group, how she gets into it, and what happens while there is none."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from fastapi import Response

from bot.http.entry import pictures, show
from bot.http.entry.reading import Seen
from config.daily import ZONE
from handlers.entry.matching import suggested_nickname
from handlers.ways.showing import (
    Shown,
    ShownQr,
    ToStaff,
    shown,
    shown_while_waiting,
    takes_by_qr,
)
from models.entry import Visitor
from models.groups import Group

LOOKED_AGAIN = 60
"""Seconds until the page looks by itself whether something has come of it."""


@dataclass(frozen=True, slots=True)
class Helper:
    """An account that knows what to do about her ticket: its code, and its name there."""

    content: str
    name: str


def ways_of(seen: Seen, now: datetime) -> Shown:
    if seen.group is None:
        return shown_while_waiting(seen.join_way, seen.led_to, seen.rules.growth)
    return shown(
        seen.group,
        seen.way,
        seen.card,
        seen.account,
        now,
        seen.rules,
        seen.join_way,
        seen.contact_way,
    )


def may_be_gone(seen: Seen, now: datetime) -> bool:
    """Whether the place she has been given may not be hers any more, so that it is worth asking
    for another: as far as it can be told without looking at anybody else's."""
    visitor, group = seen.visitor, seen.group
    if visitor.is_in or visitor.waiting_since is not None:
        return False
    if group is None or not group.is_ours or visitor.placed_at is None:
        return True
    if now >= visitor.placed_at + seen.rules.entry.seat_kept:
        return True
    return not takes_by_qr(group, seen.rules.growth) and not ways_of(seen, now).leads_in


def is_way(ways: Shown) -> bool:
    return ways.leads_in


async def group_page(seen: Seen, code: str, now: datetime) -> Response:
    """`code` is the one by which she came to this page."""
    visitor, group = seen.visitor, seen.group
    ways = ways_of(seen, now)
    helper = _helper(seen, ways, now)
    state = _state(visitor, group)
    return show.page(
        "group",
        state=state,
        code=code,
        name=visitor.name,
        group=group.name if group else "",
        nickname=_nickname(visitor, group, now),
        qr=await _drawn(ways.qr) if ways.qr else "",
        shot=ways.qr is not None and ways.qr.content is None,
        until=_until(ways.qr),
        number=visitor.ticket or "",
        ticket=(visitor.ticket or "") if helper else "",
        account=helper.name if helper else "",
        account_qr=pictures.drawn(helper.content) if helper else "",
        staff_qr=await _drawn(ways.to_staff) if ways.to_staff and not helper else "",
        scan=_on_this_site(ways.qr.content if ways.qr else None, seen),
        account_scan=_on_this_site(helper.content if helper else None, seen),
        promise="群一开好就拉你进去" if state == "waiting" else "会拉你进群",
        refreshed=LOOKED_AGAIN if state != "joined" and ways.qr is None else 0,
    )


def _state(visitor: Visitor, group: Group | None) -> str:
    if visitor.is_in:
        return "joined"
    return "waiting" if group is None else "placed"


def _helper(seen: Seen, ways: Shown, now: datetime) -> Helper | None:
    """Where her ticket is not worth anything any more, there is nothing to say to anybody."""
    visitor = seen.visitor
    if visitor.ticket is None or visitor.ticket_until is None or visitor.ticket_until <= now:
        return None
    if ways.by_friend is not None:
        return Helper(ways.by_friend.content, ways.by_friend.name)
    if seen.group is None and seen.card is not None and seen.account is not None:
        return Helper(seen.card.content, seen.card.name)
    return None


def _nickname(visitor: Visitor, group: Group | None, now: datetime) -> str:
    if group is None:
        return ""
    return suggested_nickname(visitor, group, now.astimezone(ZONE).date())


async def _drawn(qr: ShownQr | ToStaff) -> str:
    if qr.content is not None:
        return pictures.drawn(qr.content)
    # A photograph takes its time, the first time.
    return await asyncio.to_thread(pictures.lightened, qr.image) if qr.image is not None else ""


def _on_this_site(content: str | None, seen: Seen) -> str:
    """The path that a code leads to, where that is on this site, as in the demo: what one sees
    there can be seen without a second phone. "" elsewhere."""
    site = seen.rules.entry.site
    if not site or content is None or not content.startswith(f"{site}/"):
        return ""
    # Of several slashes, either way, a browser would make the address of another site.
    path = content.removeprefix(site).lstrip("/\\")
    return f"/{path}"


def _until(qr: ShownQr | None) -> str:
    if qr is None or qr.valid_until is None:
        return ""
    at = qr.valid_until.astimezone(ZONE)
    return f"{at.month}月{at.day}日 {at:%H:%M}"
