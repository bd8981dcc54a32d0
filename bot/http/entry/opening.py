"""`/o/{token}`: a group that staff is asked to open, and its QR code once it is there."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus

from fastapi import Request, Response

from bot import images
from bot.http.entry import show
from bot.http.entry.forms import BadForm, Form, read_form
from bot.http.entry.reception import Reception
from bot.http.entry.safety import comes_from_us
from config.daily import ZONE, midnight
from handlers.entry.answers import Fault, read_day
from models.events import OpeningDropped, WayGiven
from models.ids import GroupId
from models.openings import Opening
from models.stores.audit import Change
from models.stores.unit import Unit
from models.ways import Way, WayKind

BY = "开群页"
LONGEST_TOKEN = 200
HEAVIEST = images.LARGEST + 20_000
"""Bytes of a form: the picture, and what is around it."""
LONGEST_VALID = timedelta(days=30)
LINK_LASTS = timedelta(days=30)
"""From when the group was opened: a private message stays in many hands for longer."""
LOOKED_AGAIN = 30
"""Seconds until the page looks by itself whether the group is there."""
NO_PICTURE = "请先选一张图片。"
TOO_LARGE = "图片太大了，2 MB 以内才行。截一张图再传就小了。"
UNREADABLE = "这张图读不出来，请换一张 PNG 或 JPEG。"
NO_DATE = "请填上图片上写的有效日期。"
WRONG_DATE = "有效日期应该在明天到 30 天之内，再看看图片上写的。"


@dataclass(frozen=True, slots=True)
class Asked:
    """`takes_picture` while the group is ours, and as long as its link is new."""

    opening: Opening
    waiting: int
    has_way: bool
    takes_picture: bool


class OpeningPages:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def look(self, request: Request) -> Response:
        asked = await self._asked(request)
        if asked is None:
            return show.unknown_opening()
        return await self._page(asked, done="done" in request.query_params)

    async def act(self, request: Request) -> Response:
        asked = await self._asked(request)
        if asked is None:
            return show.unknown_opening()
        path = _path(asked.opening)
        rules = await self._reception.rules()
        if not comes_from_us(request, rules.site):
            return show.strange_form(path)
        try:
            form = await read_form(request, HEAVIEST, with_file=True)
        except BadForm as error:
            if error.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                raise
            return await self._page(asked, fault=TOO_LARGE)
        if form["do"] == "drop":
            await self._drop(asked.opening)
            return show.onward(path)
        # A picture takes its time to come, and the group may have come meanwhile.
        asked = await self._asked(request) or asked
        if form["do"] == "upload" and asked.takes_picture and asked.opening.group is not None:
            return await self._upload(asked, asked.opening.group, form)
        return await self._page(asked)

    async def _drop(self, opening: Opening) -> None:
        if opening.is_pending:
            now = self._reception.clock.now()
            dropped = OpeningDropped(at=now, by=BY, cohort=opening.cohort, seq=opening.seq)
            # It may have been opened just now; the page tells.
            with suppress(LookupError):
                await self._reception.submit(dropped)
                await self._note(opening, "opening_dropped")

    async def _upload(self, asked: Asked, group: GroupId, form: Form) -> Response:
        now = self._reception.clock.now()
        day = _valid_until(form["until"], now)
        fault = _fault(form) or (day.text if isinstance(day, Fault) else "")
        image = None if fault else await _picture(form.file)
        if image is None or isinstance(day, Fault):
            return await self._page(asked, fault=fault or UNREADABLE, until=form["until"])
        way = Way(
            group=group,
            kind=WayKind.IMAGE,
            got_at=now,
            by=BY,
            image=image,
            valid_until=midnight(day),
        )
        await self._reception.submit(WayGiven(at=now, by=BY, group=group, way=way))
        await self._note(asked.opening, "way_given")
        return show.onward(f"{_path(asked.opening)}?done=1")

    async def _note(self, opening: Opening, action: str) -> None:
        """Who has the link is known to be staff, and not by name."""
        change = Change(
            at=self._reception.clock.now(),
            by=BY,
            action=action,
            target=f"opening:{opening.cohort}/{opening.seq}",
            group=opening.group,
        )
        await self._reception.transactions.run(lambda facts: facts.audit.note(change))

    async def _asked(self, request: Request) -> Asked | None:
        token = str(request.path_params["token"])
        if not token.isascii() or len(token) > LONGEST_TOKEN or "\x00" in token:
            return None
        now = self._reception.clock.now()

        async def work(facts: Unit) -> Asked | None:
            opening = await facts.openings.by_token(token)
            if opening is None:
                return None
            waiting = await facts.visitors.count_waiting(opening.cohort)
            if opening.group is None:
                return Asked(opening, waiting, has_way=False, takes_picture=False)
            way = await facts.ways.get(opening.group)
            group = await facts.groups.peek(opening.group)
            is_new = opening.opened_at is not None and now < opening.opened_at + LINK_LASTS
            return Asked(
                opening,
                waiting,
                has_way=way is not None and way.is_valid(now),
                takes_picture=is_new and group is not None and group.is_ours,
            )

        return await self._reception.transactions.read(work)

    async def _page(
        self, asked: Asked, *, done: bool = False, fault: str = "", until: str = ""
    ) -> Response:
        opening = asked.opening
        today = self._reception.clock.now().astimezone(ZONE).date()
        lasts = (await self._reception.rules()).qr_lasts
        return show.page(
            "opening",
            422 if fault else 200,
            state=opening.state.value,
            name=opening.name,
            token=opening.token,
            waiting=asked.waiting,
            has_way=asked.has_way,
            takes_picture=asked.takes_picture,
            done=done,
            fault=fault,
            until=until or (today + lasts).isoformat(),
            soonest=(today + timedelta(days=1)).isoformat(),
            latest=(today + LONGEST_VALID).isoformat(),
            refreshed=LOOKED_AGAIN if opening.is_pending else 0,
        )


async def _picture(file: bytes) -> bytes | None:
    try:
        return await asyncio.to_thread(images.as_png, file)
    except images.NotAPicture:
        return None


def _fault(form: Form) -> str:
    if not form.file:
        return NO_PICTURE
    return TOO_LARGE if len(form.file) > images.LARGEST else ""


def _valid_until(text: str, now: datetime) -> date | Fault:
    """WeChat's code says before which day it is to be used, so it is worth nothing from that
    day on."""
    today = now.astimezone(ZONE).date()
    if not text.strip():
        return Fault(NO_DATE)
    day = read_day(text, today)
    if isinstance(day, Fault) or today < day <= today + LONGEST_VALID:
        return day
    return Fault(WRONG_DATE)


def _path(opening: Opening) -> str:
    return f"/o/{opening.token}"
