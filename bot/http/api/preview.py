"""What a change of the rules would have changed: the last days run again, old beside new."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import AfterValidator, Field

from bot.history import History, TooMuch, history_of
from bot.http.api.office import Office
from bot.http.api.progress import NDJSON, Told, told
from bot.http.api.routes import Routes
from bot.http.api.rules import RulesPatch, must_be_scope
from bot.http.api.views import Given, Time, View
from bot.http.door import Asker
from bot.http.openapi import MAY_BE_MISSING
from bot.http.problems import Problem
from bot.preview.child import OutOfMemory, ReplayFailed, TooLong
from bot.preview.figures import Day
from bot.preview.previews import BOUNDS, Bounds, Busy, Compared, Previews, Step
from config.numbers import WHOLE
from models.scopes import FORMS
from models.text import storable

LONGEST = 30
"""Days; texts are not kept for longer."""
FEWER = "ask for fewer days or groups"


class WhatIf(Given):
    """A change of one layer, and what it is tried on."""

    scope: Annotated[str, AfterValidator(storable)] = Field(
        max_length=200, description=FORMS, examples=["channel:妇幼"]
    )
    set: RulesPatch = Field(
        description="As in PATCH /rules/{scope}.", examples=[{"onboarding": {"calm_delay": 60}}]
    )
    days: Annotated[int, Field(ge=1, le=LONGEST), WHOLE] = 7
    groups: Annotated[int, Field(ge=1, le=BOUNDS.groups), WHOLE] = Field(
        BOUNDS.groups, description="So many of the scope's groups at most."
    )


class DayFigures(View):
    """`waits` are the seconds from joining to the welcome of those who were greeted on the day,
    null where nobody was; `messages` are those to groups, `posts` those of the library."""

    rounds: int
    messages: int
    posts: int
    points: int
    longest_wait: float | None
    median_wait: float | None


class DatedFigures(DayFigures):
    day: date


class RunFigures(DayFigures):
    """All days together, and day by day. `said` is how many messages of each kind."""

    said: dict[str, int] = Field(examples=[{"onboarding.welcome": 12, "content.dry": 20}])
    a_group_and_day: float = Field(description="Messages that a group heard on a day.")
    days: list[DatedFigures]


class GroupsTaken(View):
    """Where there are more groups than a preview takes, a sample, the same each time."""

    taken: int
    of: int
    chosen: Literal["all", "sample"]


class LeftOut(View):
    """What could not be run again, or not as it was; `count` is null where it is not known."""

    what: str
    count: int | None


class Preview(View):
    """`events` is how much happened in that time that was run again."""

    scope: str
    since: Time
    until: Time
    groups: GroupsTaken
    events: int
    old: RunFigures
    new: RunFigures
    left_out: list[LeftOut]


class PreviewStep(View):
    """How far the `old` or the `new` run is: the moment that it lives through, and the share of
    all that it has done."""

    run: Literal["old", "new"]
    at: Time
    done: float


def preview_api(office: Office, bounds: Bounds = BOUNDS) -> Routes:
    api = Routes(office.door, "rules")
    previews = Previews(bounds)

    @api.operator.post(
        "/rules/preview",
        response_model=Preview,
        responses=MAY_BE_MISSING | {200: {"content": {NDJSON: {"schema": {"type": "string"}}}}},
    )
    async def preview(given: WhatIf, request: Request, holder: Asker) -> Response:
        """Run the last days of real groups again, by the rules of now and by the changed ones. A
        change that PATCH would refuse is refused as there. Nothing is sent, and nothing is kept.

        With `Accept: application/x-ndjson` it tells how far it is (PreviewStep), and at last the
        same answer, a line each. One at a time: 409 while another runs, where it takes too long,
        and where there is nothing to run.
        """
        must_be_scope(given.scope)
        await office.must_cover(holder, given.scope)
        await office.read(lambda facts: facts.rules.try_out(given.scope, given.set.root))
        _must_be_free(previews)
        history = await _history(given)
        return await told(request, steps(given, history))

    async def steps(given: WhatIf, history: History) -> AsyncGenerator[Told, None]:
        where = office.transactions.engine.url.render_as_string(hide_password=False)
        found = previews.compare(history, given.scope, given.set.root, where)
        try:
            async with aclosing(found):
                async for each in found:
                    yield _step(each) if isinstance(each, Step) else _preview(given, each)
        except Busy:
            raise _busy() from None
        except TooLong as error:
            seconds = f"{bounds.seconds:g} s"
            raise Problem(409, f"it was not done within {seconds}; {FEWER}") from error
        except OutOfMemory as error:
            raise Problem(409, f"it takes more than {bounds.memory} MB; {FEWER}") from error
        except ReplayFailed as error:
            detail = "the replay failed; the service's log tells why"
            raise Problem(503, detail) from error

    async def _history(given: WhatIf) -> History:
        until = office.now()
        since = until - timedelta(days=given.days)
        try:
            history = await office.read(
                lambda facts: history_of(
                    facts,
                    given.scope,
                    since,
                    until,
                    most_groups=min(given.groups, bounds.groups),
                    most_messages=bounds.messages,
                )
            )
        except TooMuch as error:
            detail = f"{error}, more than {bounds.messages}; ask for fewer days"
            raise Problem(409, detail) from error
        if not history.groups:
            raise Problem(409, f"no group of ours belongs to {given.scope}")
        return history

    return api


def _must_be_free(previews: Previews) -> None:
    try:
        previews.must_be_free()
    except Busy as error:
        raise _busy() from error


def _busy() -> Problem:
    return Problem(
        409, "another preview is running; wait for its end", headers={"Retry-After": "30"}
    )


def _step(step: Step) -> PreviewStep:
    return PreviewStep(run=step.run, at=step.at, done=step.done)


def _preview(given: WhatIf, found: Compared) -> Preview:
    history = found.history
    taken = len(history.groups)
    chosen: Literal["all", "sample"] = "all" if taken == history.of else "sample"
    old, new = (
        _run(each.days, each.total, taken, history.until - history.since)
        for each in (found.old, found.new)
    )
    return Preview(
        scope=given.scope,
        since=history.since,
        until=history.until,
        groups=GroupsTaken(taken=taken, of=history.of, chosen=chosen),
        events=len(history.events),
        old=old,
        new=new,
        left_out=[
            LeftOut(what=each.what, count=each.count) for each in history.gaps if each.count != 0
        ],
    )


def _run(days: dict[date, Day], total: Day, groups: int, length: timedelta) -> RunFigures:
    told = DayFigures.model_validate(total).model_dump()
    return RunFigures(
        **told,
        said={kind.value: count for kind, count in sorted(total.said.items())},
        a_group_and_day=round(total.messages / groups / (length / timedelta(days=1)), 2),
        days=[
            DatedFigures(day=day, **DayFigures.model_validate(each).model_dump())
            for day, each in sorted(days.items())
        ],
    )
