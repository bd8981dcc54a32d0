"""What came of scans over HTTP: a funnel, a table of it, and who answered what."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import TypeAdapter
from pydantic.functional_validators import BeforeValidator

from bot.clock import Clock
from bot.http.api.tables import Cell, Format, csv_answer, csv_table
from bot.http.door import Door
from bot.http.problems import Problem
from bot.http.values import GivenChannel, GivenCode, GivenGroup
from bot.scenario_lines import FIRST_YEAR, LAST_YEAR, Day, Moment
from bot.transactions import Transactions
from config.daily import ZONE, midnight
from models.access import Access, Holder
from models.cohort import BirthWindow
from models.entry import Visitor
from models.stores.funnel import ABOUT, By, Counts, Funnel, FunnelStore
from models.stores.registry import Progress, RegistryStore

A_DAY = timedelta(days=1)
_DAY, _MOMENT = TypeAdapter(Day), TypeAdapter(Moment)
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


def _time(value: object) -> date | datetime:
    """A day, or a moment; raises ValueError."""
    if not isinstance(value, str) or len(value) != len("2026-03-02"):
        # A `+` in an address is a space.
        text = value.replace(" ", "+") if isinstance(value, str) else value
        return _MOMENT.validate_python(text)
    day = _DAY.validate_python(value)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"the year lies outside {FIRST_YEAR}-{LAST_YEAR}")
    return day


Time = Annotated[
    date | datetime,
    BeforeValidator(_time),
    Query(description="A day (2026-03-02, as in Asia/Shanghai), or a moment with its offset."),
]


def funnel_api(door: Door, transactions: Transactions, clock: Clock) -> APIRouter:
    api = APIRouter(tags=["entry"])
    Viewer = Annotated[Holder, Depends(door.needs(Access.VIEWER))]
    admin = Depends(door.needs(Access.ADMIN))

    @api.get("/funnel", response_model=None, responses=_CSV)
    async def funnel(
        holder: Viewer,
        by: By = By.CHANNEL,
        since: Time | None = None,
        until: Time | None = None,
        channel: GivenChannel | None = None,
        code: GivenCode | None = None,
        table: Annotated[Format, Query(alias="format")] = Format.JSON,
    ) -> dict[str, Any] | Response:
        """Of those whose first scan was from `since` until `until` (a day counts as a whole): how
        many answered, saw how to get in, joined, and had not left after 7 and after 28 days. Each
        is counted once. `stayed_7` is null where nobody's seven days are over; `of_7` is how many
        people's are. Names of members who have a code of their own are for admins only."""
        now = clock.now()
        first, last = _moment(since), _moment(until, is_end=True)
        if first and last and first >= last:
            raise Problem(422, f"since ({since}) is not before until ({until})")
        found = await transactions.read(
            lambda facts: FunnelStore(facts.connection).counted(
                by, now, since=first, until=last, channel=channel, code=code
            )
        )
        if holder.access < Access.ADMIN:
            found = _unnamed(found)
        if table is Format.CSV:
            today = now.astimezone(ZONE).date()
            return csv_answer(f"funnel-{by}-{today}", _table(by, found))
        return {
            "by": by,
            "since": first,
            "until": last,
            "counted_at": now,
            "rows": [{**each.about, **_told(each.counts)} for each in found.lines],
            "totals": _told(found.totals),
        }

    @api.get("/visitors", dependencies=[admin])
    async def visitors(
        group: Annotated[GivenGroup | None, Query(description="Placed in it, or joined.")] = None,
        code: GivenCode | None = None,
        state: Progress | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> list[dict[str, Any]]:
        """Who filled in the form and what she told, the newest scan first. For admins only."""
        found = await transactions.read(
            lambda facts: RegistryStore(facts.connection).who_answered(
                group=group, code=code, progress=state, limit=limit, offset=offset
            )
        )
        return [_visitor(each) for each in found]

    return api


def _moment(time: date | datetime | None, *, is_end: bool = False) -> datetime | None:
    """A day begins at its midnight, and ends with it."""
    if time is None or isinstance(time, datetime):
        return time
    return midnight(time + A_DAY if is_end else time)


def _unnamed(funnel: Funnel) -> Funnel:
    """Without what members are called."""
    lines = [
        replace(each, about={**each.about, "referrer": None}) if each.about.get("member") else each
        for each in funnel.lines
    ]
    return replace(funnel, lines=lines)


SHARES = {
    "surveys": "scans",
    "shown": "scans",
    "joined": "scans",
    "stayed_7": "of_7",
    "stayed_28": "of_28",
}
"""What each is a share of."""


def _told(counts: Counts) -> dict[str, Any]:
    """What nobody can know yet is null."""
    told: dict[str, Any] = {
        "scans": counts.scans,
        "surveys": counts.surveys,
        "shown": counts.shown,
        "joined": counts.joined,
        "of_7": counts.of_7,
        "stayed_7": counts.there_7 if counts.of_7 else None,
        "of_28": counts.of_28,
        "stayed_28": counts.there_28 if counts.of_28 else None,
    }
    shares = {name: _share(told[name], told[of]) for name, of in SHARES.items()}
    return told | {"shares": shares}


def _share(part: int | None, whole: int) -> float | None:
    return None if part is None or not whole else round(part / whole, 4)


TOTALS = "total"


def _table(by: By, funnel: Funnel) -> str:
    """The totals are its last row."""
    about = ABOUT[by]
    told = _told(funnel.totals)
    counted = [name for name in told if name != "shares"]
    columns = [*about, *counted, *(f"{name}_share" for name in SHARES)]
    total = dict.fromkeys(about) | {about[0]: TOTALS}
    lines = [*((each.about, each.counts) for each in funnel.lines), (total, funnel.totals)]
    return csv_table(columns, (_row(about_it, _told(counts)) for about_it, counts in lines))


def _row(about: Mapping[str, Any], told: Mapping[str, Any]) -> list[Cell]:
    shares = told["shares"]
    return [
        *(_named(name, value) for name, value in about.items()),
        *(value for name, value in told.items() if name != "shares"),
        *(shares[name] for name in SHARES),
    ]


def _named(name: str, value: Any) -> Cell:
    """`2026-03` is a day to Excel."""
    if name == "window" and value not in (None, TOTALS):
        return BirthWindow.parse(value).label
    return None if value is None else str(value)


def _visitor(visitor: Visitor) -> dict[str, Any]:
    """Without her ticket, which opens what she told to whoever has it."""
    told = asdict(visitor)
    del told["ticket"], told["ticket_until"]
    return told
