"""What every resource of the API is made with: lists, and changes that are checked, made, and
noted in one transaction."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Generic, TypedDict, TypeVar, Unpack

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import ColumnElement, text

from bot.clock import Clock
from bot.dispatcher import Dispatcher, Handle
from bot.http.api.paging import Paged, Show, listed
from bot.http.api.views import Page, View, in_json
from bot.http.door import Asker, Door, Stranger
from bot.http.problems import Problem
from bot.http.values import Absent
from bot.transactions import Transactions, Work
from models.access import Holder
from models.events import Decision
from models.ids import GroupId, PersonId
from models.scopes import EVERYWHERE, group_of
from models.stores.audit import Change, KeyUsed, OnceStore
from models.stores.tokens import TokenStore
from models.stores.unit import Unit

V = TypeVar("V", bound=View)
T = TypeVar("T")
Look = Callable[[Unit], Awaitable[V | None]]
"""Reads what is changed, None where it is not there."""
Deed = Callable[[Unit], Awaitable[None]]
Within = str | Callable[[V | None], Iterable[str]]
"""The scope that a change concerns, or what tells all of them from what is there."""

SHORTEST_KEY, LONGEST_KEY = 8, 200


class How(TypedDict, Generic[V], total=False):
    """Of a change: the scopes that it concerns, everywhere where nothing is said; and what it is
    noted as, else what the deed is called."""

    within: Within[V]
    action: str


# What comes with a change


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Who asks for a change, on which condition (`if_match`), and the `key` under which the same
    `request` may come again."""

    holder: Holder
    if_match: str | None = None
    key: str | None = None
    request: str = ""


async def _edits(
    holder: Asker,
    if_match: Annotated[
        str | Absent,
        Header(description="The ETag it had when it was looked at: 412 where it changed since."),
    ] = None,
) -> Asks:
    return Asks(holder=holder, if_match=if_match)


async def _once(
    request: Request,
    holder: Asker,
    idempotency_key: Annotated[
        str | Absent,
        Header(
            min_length=SHORTEST_KEY,
            max_length=LONGEST_KEY,
            pattern="^[!-~]+$",
            description="One that is never used for anything else, best a UUID. Sent again with "
            "it within a day, the request is answered as before, and nothing is done twice.",
        ),
    ] = None,
) -> Asks:
    asked = b"\n".join((request.method.encode(), request.url.path.encode(), await request.body()))
    return Asks(holder=holder, key=idempotency_key, request=sha256(asked).hexdigest())


Edits = Annotated[Asks, Depends(_edits)]
"""Of what is there."""
Once = Annotated[Asks, Depends(_once)]
"""Where something is made, or points or goods change hands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is changed: `kind` and `id` as in `reward`, `r1`; the group and the person whom it
    concerns. `forgets`: only that it was changed may be known afterwards, and not what it was."""

    kind: str
    id: str
    group: GroupId | None = None
    person: PersonId | None = None
    forgets: bool = False

    @property
    def target(self) -> str:
        return f"{self.kind}:{self.id}"

    def noted(self, change: Change) -> Change:
        """The change, with what it is about."""
        if self.forgets:
            return replace(change, target=self.kind, before=None, after=None)
        return replace(change, group=self.group, person=self.person)

    @property
    def missing(self) -> Problem:
        return Problem(404, f"there is no {self.kind} {self.id}")


def in_group(group: GroupId) -> str:
    """The scope of a change that concerns one group."""
    return f"group:{group}"


def tag_of(view: View) -> str:
    """The entity tag of what is shown."""
    told = view.model_dump_json(exclude=set(view.volatile))
    return f'"{sha256(told.encode()).hexdigest()[:20]}"'


class Office:
    def __init__(self, transactions: Transactions, dispatcher: Dispatcher, clock: Clock) -> None:
        self.transactions = transactions
        self.dispatcher = dispatcher
        self.clock = clock
        self.door = Door(transactions, clock)

    def now(self) -> datetime:
        return self.clock.now()

    # Look

    async def read(self, work: Work[T]) -> T:
        return await self.transactions.read(work)

    async def one(self, look: Look[V], about: About, response: Response) -> V:
        """What is there, with its entity tag; 404 where it is not."""
        found = await self.read(look)
        if found is None:
            raise about.missing
        response.headers["ETag"] = tag_of(found)
        return found

    async def list(
        self,
        name: str,
        asked: Paged,
        view: type[V],
        *where: ColumnElement[bool],
        show: Show[V] | None = None,
        **filters: Any,
    ) -> Page[V] | Response:
        """A page of what was asked for; `name` is what it is called as a file, and `filters` are
        the listing's."""
        return await listed(
            self.transactions, name, asked, view, *where, show=show, filters=filters
        )

    # Change

    async def make(
        self,
        asks: Asks,
        deed: Decision | Deed,
        look: Look[V],
        about: About,
        **how: Unpack[How[V]],
    ) -> V:
        """As `edit`, of what is not there yet."""
        made = await self._change(asks, deed, look, about, is_new=True, **how)
        assert made is not None, "what was made is there"
        return made

    async def edit(
        self,
        asks: Asks,
        deed: Decision | Deed,
        look: Look[V],
        about: About,
        **how: Unpack[How[V]],
    ) -> V:
        """Do it, if it is there, is as it was when she looked at it, and she may; what it looks
        like then."""
        changed = await self._change(asks, deed, look, about, **how)
        assert changed is not None, "what was changed is there"
        return changed

    async def remove(
        self,
        asks: Asks,
        deed: Decision | Deed,
        look: Look[V],
        about: About,
        **how: Unpack[How[V]],
    ) -> None:
        """As `edit`, and then it may be gone."""
        await self._change(asks, deed, look, about, **how)

    async def _change(
        self,
        asks: Asks,
        deed: Decision | Deed,
        look: Look[V],
        about: About,
        *,
        within: Within[V] = EVERYWHERE,
        action: str = "",
        is_new: bool = False,
    ) -> V | None:
        now = self.now()

        async def work(facts: Unit, handle: Handle) -> V | None:
            await _lock(about, facts)
            # A body may take its time to come.
            if not await TokenStore(facts.connection).is_good(asks.holder.token, now):
                raise Stranger(has_token=True)
            before = await look(facts)
            is_there = before is not None or is_new
            if is_there:
                scopes = [within] if isinstance(within, str) else within(before)
                await _must_cover(asks.holder, scopes, facts)
            await _must_be_new(asks, facts, now)
            if not is_there:
                raise about.missing
            _must_match(asks, before)
            # What a handler reads it reads under the locks that we have now.
            await facts.start_afresh()
            if isinstance(deed, Decision):
                await handle(deed, now)
            else:
                await deed(facts)
            await facts.start_afresh()
            after = await look(facts)
            change = Change(
                at=now,
                by=asks.holder.name,
                token=asks.holder.token,
                action=action or _name_of(deed),
                target=about.target,
                before=in_json(before) if before else None,
                after=in_json(after) if after else None,
            )
            await facts.audit.note(about.noted(change))
            if asks.key is not None:
                answer = in_json(after) if after else {}
                await OnceStore(facts.connection).answered(asks.holder.token, asks.key, answer)
            return after

        return await self.dispatcher.within(work)

    async def must_cover(self, holder: Holder, *scopes: str) -> None:
        """403 where she may not change what holds in one of these."""
        await self.read(lambda facts: _must_cover(holder, scopes, facts))


class Repeated(Exception):
    """The same request was answered before, with this."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("the request was answered before")
        self.answer = answer


def repeat(api: FastAPI) -> None:
    """Answer as before what is sent again."""

    @api.exception_handler(Repeated)
    async def again(request: Request, repeated: Repeated) -> Response:
        return JSONResponse(repeated.answer, request.scope["route"].status_code or 200)


async def _must_be_new(asks: Asks, facts: Unit, now: datetime) -> None:
    """Raises Repeated."""
    if asks.key is None:
        return
    try:
        answer = await OnceStore(facts.connection).earlier(
            asks.holder.token, asks.key, asks.request, now
        )
    except KeyUsed as error:
        detail = "this Idempotency-Key was used for another request; take a new one"
        fault = {"field": "Idempotency-Key", "problem": "used before", "value": asks.key}
        raise Problem(409, detail, errors=[fault]) from error
    if answer is not None:
        raise Repeated(answer)


async def _lock(about: About, facts: Unit) -> None:
    """So that nobody changes it between our looking at it before and after: a group's row, which
    its changes take turns at, or else a lock of its name."""
    if about.group is not None:
        await facts.groups.get(about.group)
    else:
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:target, 0))")
        await facts.connection.execute(lock, {"target": about.target})


async def _must_cover(holder: Holder, scopes: Iterable[str], facts: Unit) -> None:
    for scope in scopes:
        group = group_of(scope)
        known = await facts.groups.peek(group) if group is not None else None
        if not holder.covers(scope, known):
            raise Problem(403, f"this concerns {scope}; your token is for {holder.reach}")


def _must_match(asks: Asks, before: View | None) -> None:
    if asks.if_match is None or asks.if_match.strip() == "*":
        return
    wanted = {each.strip().removeprefix("W/") for each in asks.if_match.split(",")}
    if before is None or tag_of(before) not in wanted:
        raise Problem(412, "it was changed meanwhile; read it again and repeat your change")


def _name_of(deed: Decision | Deed) -> str:
    """`RewardChanged` -> `reward_changed`"""
    name = type(deed).__name__ if isinstance(deed, Decision) else deed.__name__
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).strip("_")
