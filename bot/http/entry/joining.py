"""`/j/{code}`: what this is, the form, and her group."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import Request, Response

from bot.http.entry import show
from bot.http.entry.forms import Form, read_form
from bot.http.entry.group import group_page, is_way, may_be_gone, ways_of
from bot.http.entry.reading import Offer, Seen, read_code, read_offer, read_seen, read_visitor
from bot.http.entry.reception import Reception, address_of
from bot.http.entry.safety import comes_from_us, is_token, token_for
from bot.http.visitors import cookie_of, is_person, new_cookie, set_cookie, visitor_of
from config.daily import ZONE
from handlers.entry import answers, consent
from models.entry import EntryCode, Visitor
from models.events import AnswersGiven, CodeScanned, PlaceAsked, WayShown
from models.ids import Code
from models.stores.unit import Unit

LONGEST_CODE = 40
LONGEST_FORM = 8_192
"""Bytes."""
BROWSERS_SHARE = 12
"""A single browser may send this part of what an address may."""
HEADLINE = "找到你的妈妈群"
ASKED = ("baby", "day", "city", "name", "consent")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came with which code; None where it is none of ours, or nothing is known of her."""

    code: EntryCode | None
    visitor: Visitor | None


class JoinPages:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    # The form

    async def look(self, request: Request) -> Response:
        cookie = cookie_of(request)
        arrival = await self._arrival(request, cookie)
        code, visitor = arrival.code, arrival.visitor
        if code is None:
            return show.unknown_code()
        is_closed = code.closed_at is not None
        again = "again" in request.query_params and not is_closed
        if visitor is not None and visitor.is_known and (not again or visitor.is_in):
            return show.onward(_group_path(code.code))
        if is_closed:
            return show.closed_code()
        if not is_person(request):
            return await self._form(code, "", {})
        cookie = cookie or new_cookie()
        if visitor is None:
            at = self._reception.clock.now()
            scan = CodeScanned(at=at, visitor=visitor_of(cookie), code=code.code)
            await self._reception.submit(scan)
        page = await self._form(code, cookie, _told_before(visitor))
        set_cookie(page, cookie, request)
        return page

    async def send(self, request: Request) -> Response:
        rules = await self._reception.rules()
        cookie = cookie_of(request)
        self._reception.spend(f"form {address_of(request)}", rules.answers_most)
        if cookie is not None:
            share = max(1, rules.answers_most // BROWSERS_SHARE)
            self._reception.spend(f"form of {visitor_of(cookie)}", share)
        found = await self._opened(request)
        if found is None:
            return show.unknown_code()
        code, offer = found
        if code.closed_at is not None:
            return show.closed_code()
        back = f"/j/{code.code}"
        form = await read_form(request, LONGEST_FORM)
        if cookie is None:
            return show.no_cookie(back)
        if not comes_from_us(request, rules.site) or not is_token(
            form["token"], cookie, code.code
        ):
            return show.strange_form(back)
        return await self._take(code, offer, cookie, form)

    async def _take(self, code: EntryCode, offer: Offer, cookie: str, form: Form) -> Response:
        now = self._reception.clock.now()
        checked = answers.check(form.fields, code, offer.cities, self._today, offer.rules)
        if isinstance(checked, answers.Faults):
            faults = {field.value: text for field, text in checked.texts.items()}
            return await self._form(code, cookie, form.fields, faults)
        given = AnswersGiven(
            at=now,
            visitor=visitor_of(cookie),
            code=code.code,
            answers=checked,
            seed=secrets.token_hex(16),
        )
        await self._reception.submit(given)
        return show.onward(_group_path(code.code))

    # Her group

    async def group(self, request: Request) -> Response:
        cookie = cookie_of(request)
        code = code_of(request)
        if code is None:
            return show.unknown_code()
        seen = await self._seen(cookie)
        if seen is None:
            return show.onward(f"/j/{code}")
        now = self._reception.clock.now()
        visitor = seen.visitor
        if is_person(request) and may_be_gone(seen, now):
            await self._reception.submit(PlaceAsked(at=now, visitor=visitor.id))
            seen = await self._seen(cookie) or seen
        if is_person(request) and visitor.shown_at is None and is_way(ways_of(seen, now)):
            await self._reception.submit(WayShown(at=now, visitor=visitor.id))
        return await group_page(seen, code, now)

    # What is read

    async def _arrival(self, request: Request, cookie: str | None) -> Arrival:
        given, visitor = code_of(request), visitor_of(cookie) if cookie else None

        async def work(facts: Unit) -> Arrival:
            code = await read_code(facts, given)
            return Arrival(code, await read_visitor(facts, visitor) if code else None)

        return await self._reception.transactions.read(work)

    async def _opened(self, request: Request) -> tuple[EntryCode, Offer] | None:
        """The code that was come by, and what its form asks with."""
        given = code_of(request)

        async def work(facts: Unit) -> tuple[EntryCode, Offer] | None:
            code = await read_code(facts, given)
            return (code, await read_offer(facts, code)) if code is not None else None

        return await self._reception.transactions.read(work)

    async def _seen(self, cookie: str | None) -> Seen | None:
        if cookie is None:
            return None
        visitor = visitor_of(cookie)
        return await self._reception.transactions.read(lambda facts: read_seen(facts, visitor))

    async def _offer(self, code: EntryCode) -> Offer:
        return await self._reception.transactions.read(lambda facts: read_offer(facts, code))

    @property
    def _today(self) -> date:
        return self._reception.clock.now().astimezone(ZONE).date()

    async def _form(
        self,
        code: EntryCode,
        cookie: str,
        given: Mapping[str, str],
        faults: Mapping[str, str] | None = None,
    ) -> Response:
        """`given` is what she wrote, to be kept in its place."""
        faults = faults or {}
        offer = await self._offer(code)
        if not offer.cities:
            return show.nowhere_yet()
        earliest, latest = answers.days(self._today, offer.rules)
        return show.page(
            "form",
            422 if faults else 200,
            code=code.code,
            headline=code.headline or HEADLINE,
            channel=code.channel,
            referrer=code.referrer,
            city=code.city,
            cities=offer.cities,
            city_given=answers.city_among(given.get("city", ""), offer.cities),
            given={name: given.get(name, "") for name in ASKED},
            faults={name: faults[name] for name in ASKED if name in faults},
            first_fault=next((name for name in ASKED if name in faults), ""),
            earliest=earliest.isoformat(),
            latest=latest.isoformat(),
            consent=consent.TEXT,
            token=token_for(cookie, code.code) if cookie else "",
        )


def code_of(request: Request) -> Code | None:
    """The one in the address, where it may be one of ours."""
    given = str(request.path_params["code"])
    is_plain = given.isascii() and given.replace("-", "").replace("_", "").isalnum()
    return Code(given) if is_plain and len(given) <= LONGEST_CODE else None


def _told_before(visitor: Visitor | None) -> dict[str, str]:
    """What she may correct; she agrees anew."""
    if visitor is None or not visitor.is_known:
        return {}
    return {
        "baby": visitor.baby or "",
        "day": visitor.day.isoformat() if visitor.day else "",
        "city": visitor.city or "",
        "name": visitor.name,
    }


def _group_path(code: Code) -> str:
    return f"/j/{code}/group"
