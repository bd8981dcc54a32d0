"""Dead letters: events whose handling failed by itself, to be run again or thrown away."""

import logging
import re
import traceback
from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated, Any

from fastapi import Response
from pydantic import Field, TypeAdapter, ValidationError

from bot.http.api.office import About, Edits, Look, Office
from bot.http.api.paging import Paged, Row, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.problems import Problem
from bot.http.values import Absent, GivenText, Number
from bot.transactions import is_passing
from models import events
from models.events import Event
from models.stores.lists import Listing, rows_of
from models.stores.office import DeadLetterStore
from models.stores.unit import Unit
from models.tables import DeadLetterRow

log = logging.getLogger(__name__)

NAMES_AN_ERROR = re.compile(r"(?=\S*[a-z])[\w.]+(:|$)")
KINDS = {
    name: each
    for name, each in vars(events).items()
    if isinstance(each, type) and issubclass(each, Event)
}


class NotedLetter(View):
    """What is noted of a letter: not what people said, which it may hold."""

    id: int
    kind: str = Field(examples=["MessageReceived"])
    seen_at: Time
    tried_at: Time | None = Field(description="When somebody last ran it again, and it failed.")


class DeadLetterView(NotedLetter):
    """`error` is what its traceback ends with."""

    error: str = Field(examples=["ZeroDivisionError: division by zero"])


class DeadLetterInFull(DeadLetterView):
    event: dict[str, Any]
    traceback: str
    volatile = frozenset({"error", "event", "traceback"})


class FailedAgain(Exception):
    """Its cause is what a handler, or the database, said."""


DEAD_LETTERS = Listing(
    rows=rows_of(DeadLetterRow, [*NotedLetter.model_fields, "traceback"]),
    key=[DeadLetterRow.id],
    sorts={"seen_at": DeadLetterRow.seen_at},
    default="-seen_at",
    filters={"kind": DeadLetterRow.kind},
    at=DeadLetterRow.seen_at,
)


def dead_letters_api(office: Office) -> Routes:
    """For admins: what members said is in them."""
    api = Routes(office.door, "dead letters")

    @api.admin.get("/dead-letters", **lists(DeadLetterView))
    async def dead_letters(
        asked: Annotated[Paged, paged(DEAD_LETTERS)],
        kind: GivenText | Absent = None,
        since: Since | Absent = None,
        until: Until | Absent = None,
    ) -> Any:
        """Events that could not be handled, the newest first; the others went on."""
        return await office.list(
            "dead-letters", asked, DeadLetterView, show=_shown, kind=kind, since=since, until=until
        )

    @api.admin.get("/dead-letters/{letter}")
    async def one(letter: Number, response: Response) -> DeadLetterInFull:
        return await office.one(_in_full(letter), _about(letter), response)

    @api.admin.post("/dead-letters/{letter}/run", status_code=204)
    async def run(letter: Number, asks: Edits) -> None:
        """The event is handled now, and its letter is gone. Where it fails again, the letter
        stays with the new traceback, and nothing else has happened."""
        found = await office.read(_in_full(letter))
        if found is None:
            raise _about(letter).missing
        event, now = _event(found), office.now()

        async def dead_letter_run(facts: Unit) -> None:
            try:
                await office.dispatcher.handle(facts, event, now)
                await facts.flush()
            except Exception as error:
                if is_passing(error):
                    raise
                raise FailedAgain from error
            await DeadLetterStore(facts.connection).drop(letter)

        try:
            await office.remove(asks, dead_letter_run, _noted(letter), _about(letter))
        except FailedAgain as error:
            cause = error.__cause__
            log.warning("dead letter %s failed again: %s", letter, type(cause).__name__)
            trace = "".join(traceback.format_exception(cause))
            await office.transactions.run(
                lambda facts: DeadLetterStore(facts.connection).failed_again(letter, trace, now)
            )
            raise Problem(409, f"it failed again: {_error(trace)}") from cause

    @api.admin.delete("/dead-letters/{letter}", status_code=204)
    async def drop(letter: Number, asks: Edits) -> None:
        """It is never handled."""

        async def dead_letter_dropped(facts: Unit) -> None:
            await DeadLetterStore(facts.connection).drop(letter)

        await office.remove(asks, dead_letter_dropped, _noted(letter), _about(letter))

    return api


def _about(letter: int) -> About:
    return About(kind="dead letter", id=str(letter))


def _event(letter: DeadLetterInFull) -> Event:
    """As it happened. What people told us is not kept in letters, so that what is made of it
    can't be run again."""
    kind = KINDS.get(letter.kind)
    if kind is None:
        raise Problem(409, f"there is no event {letter.kind} in this version")
    if any(not each.repr for each in fields(kind)):
        raise Problem(409, "what somebody told us belongs to it, and is not kept")
    try:
        event: Event = TypeAdapter(kind).validate_python(letter.event)
    except ValidationError as error:
        raise Problem(409, f"it is no {letter.kind} as this version knows it") from error
    return event


def _noted(letter: int) -> Look[NotedLetter]:
    async def look(facts: Unit) -> NotedLetter | None:
        found = await facts.connection.execute(
            rows_of(DeadLetterRow, NotedLetter.model_fields).where(DeadLetterRow.id == letter)
        )
        row = found.mappings().first()
        return NotedLetter.model_validate(row) if row is not None else None

    return look


def _in_full(letter: int) -> Look[DeadLetterInFull]:
    async def look(facts: Unit) -> DeadLetterInFull | None:
        found = await facts.connection.execute(
            DEAD_LETTERS.rows.add_columns(DeadLetterRow.event).where(DeadLetterRow.id == letter)
        )
        row = found.mappings().first()
        if row is None:
            return None
        return DeadLetterInFull.model_validate({**row, "error": _error(row["traceback"])})

    return look


async def _shown(_: Unit, rows: Sequence[Row]) -> list[DeadLetterView]:
    return [
        DeadLetterView.model_validate({**each, "error": _error(each["traceback"])})
        for each in rows
    ]


def _error(trace: str) -> str:
    """The line that names what was raised; its text may go on below."""
    lines = reversed(trace.splitlines())
    return next((each for each in lines if NAMES_AN_ERROR.match(each)), "")
