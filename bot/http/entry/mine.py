"""`/me`: what we hold of her, and how she has it forgotten.

She is known by her cookie, or by her ticket together with the day she told us: six digits alone
can be guessed.
"""

import hmac
from datetime import date, datetime

from fastapi import Request, Response

from bot.http.entry import show
from bot.http.entry.forms import Form, read_form
from bot.http.entry.reading import Held, read_held, read_held_by_ticket
from bot.http.entry.reception import HOUR, Reception, address_of
from bot.http.entry.safety import comes_from_us, is_token, token_for
from bot.http.visitors import COOKIE, cookie_of, visitor_of
from config.daily import ZONE
from handlers.entry.answers import Fault, read_day
from handlers.tickets import said
from models.entry import Baby, MatchedBy, Visitor
from models.events import VisitorErased

LONGEST_FORM = 2_000
"""Bytes."""
TRIES = 5
"""Of one ticket in an hour, whoever tries: a day has 365 guesses, and nobody gets that far."""
ERASING = "erase"
NO_TICKET = "请填上取号条上的 6 位数字。"
UNKNOWN = "没有找到。看看数字和日期，是不是和当时填的一样。"
LABELS = {Baby.DUE: "预产期", Baby.BORN: "宝宝生日"}
HOW = {
    MatchedBy.TICKET: "凭 6 位数字认出",
    MatchedBy.NICKNAME: "凭名字认出",
    MatchedBy.STATE: "凭二维码认出",
}


class MyPages:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def look(self, request: Request) -> Response:
        held = await self._by_cookie(request)
        return _facts(held) if held is not None else show.page("lookup", given={}, fault="")

    async def act(self, request: Request) -> Response:
        rules = await self._reception.rules()
        if not comes_from_us(request, rules.site):
            return show.strange_form("/me")
        form = await read_form(request, LONGEST_FORM)
        if form["do"] == "find":
            return await self._find(request, form)
        held = await self._shown_before(request, form)
        if held is None:
            return show.strange_form("/me")
        if form["do"] != ERASING:
            return _facts(held, by_ticket=form["ticket"], asked=True)
        await self._reception.submit(
            VisitorErased(at=self._reception.clock.now(), visitor=held.visitor.id)
        )
        return _goodbye(request, held.visitor)

    async def _find(self, request: Request, form: Form) -> Response:
        ticket = said(form["ticket"])
        if ticket is None:
            return _lookup(form, NO_TICKET)
        day = read_day(form["day"], self._reception.clock.now().astimezone(ZONE).date())
        if isinstance(day, Fault):
            return _lookup(form, day.text)
        rules = await self._reception.rules()
        self._reception.spend(f"tickets {address_of(request)}", rules.tickets_most, HOUR)
        self._reception.spend(f"ticket {ticket}", TRIES, HOUR)
        held = await self._by_ticket(ticket)
        if held is None or held.visitor.day != day:
            return _lookup(form, UNKNOWN)
        return _facts(held, by_ticket=ticket)

    async def _shown_before(self, request: Request, form: Form) -> Held | None:
        """Whose facts the form was given out with; its proof can't be guessed, as the ticket
        can."""
        ticket = form["ticket"]
        held = await (self._by_ticket(ticket) if ticket else self._by_cookie(request))
        if held is None or not is_token(form["proof"], held.visitor.id, ERASING):
            return None
        return held

    async def _by_cookie(self, request: Request) -> Held | None:
        cookie = cookie_of(request)
        if cookie is None:
            return None
        visitor = visitor_of(cookie)
        return await self._reception.transactions.read(lambda facts: read_held(facts, visitor))

    async def _by_ticket(self, ticket: str) -> Held | None:
        """Also one that has lapsed, as long as it was not given to somebody else."""
        return await self._reception.transactions.read(
            lambda facts: read_held_by_ticket(facts, ticket)
        )


def _lookup(form: Form, fault: str) -> Response:
    return show.page("lookup", 422, given=form.fields, fault=fault)


def _facts(held: Held, *, by_ticket: str = "", asked: bool = False) -> Response:
    return show.page(
        "mine",
        facts=_told(held),
        asked=asked,
        ticket=by_ticket,
        proof=token_for(held.visitor.id, ERASING),
    )


def _told(held: Held) -> list[tuple[str, str]]:
    visitor = held.visitor
    told = [
        ("称呼", visitor.name),
        (LABELS[visitor.baby] if visitor.baby else "日期", _written(visitor.day)),
        ("城市", visitor.city or ""),
        ("从哪里来", "，".join(each for each in (held.channel, held.referrer) if each)),
        ("第一次扫码", _moment(visitor.scanned_at)),
        ("填表", _moment(visitor.answered_at)),
        ("同意的说明", f"{visitor.consent} 版" if visitor.consent else ""),
        ("6 位数字", visitor.ticket or ""),
        ("群", held.group),
        ("进群", _joined(visitor)),
        ("退群", _moment(visitor.left_at)),
        ("群昵称", held.nickname),
        ("点过群里的链接", f"{held.clicks} 次" if held.clicks else ""),
    ]
    return [(label, value) for label, value in told if value]


def _joined(visitor: Visitor) -> str:
    if visitor.joined_at is None:
        return ""
    how = f"（{HOW[visitor.matched_by]}）" if visitor.matched_by else ""
    return f"{_moment(visitor.joined_at)}{how}"


def _goodbye(request: Request, visitor: Visitor) -> Response:
    page = show.notice(
        200,
        "已经全部删除",
        "你填过的信息，我们这里都没有了。",
        "以后想再来，重新扫码就好。祝你和宝宝一切顺利。",
    )
    cookie = cookie_of(request)
    if cookie is not None and hmac.compare_digest(visitor_of(cookie), visitor.id):
        page.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return page


def _written(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _moment(at: datetime | None) -> str:
    if at is None:
        return ""
    here = at.astimezone(ZONE)
    return f"{_written(here.date())} {here:%H:%M}"
