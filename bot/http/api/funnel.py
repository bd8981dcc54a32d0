"""What came of scans: a funnel, and a table of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field

from bot.http.api.office import Office
from bot.http.api.paging import Since, Until
from bot.http.api.routes import Routes
from bot.http.api.tables import Cell, Format, csv_answer, csv_table
from bot.http.api.views import Time, View
from bot.http.door import Asker
from bot.http.values import Absent, GivenChannel, GivenCode
from config.daily import ZONE
from models.access import Holder
from models.cohort import BirthWindow
from models.stores.funnel import ABOUT, By, Counts, Funnel, FunnelStore, Line

MOST_LINES = 10_000
CAN_BE_MANY = (By.CODE, By.REFERRER)
"""Members may have codes of their own."""

Known = int | None
Share = Annotated[float | None, Field(description="From 0 to 1.", examples=[0.25])]


class SharesView(View):
    """Of `scans`; `stayed_7` and `stayed_28` of `of_7` and `of_28`. A share of nobody is null."""

    surveys: Share
    shown: Share
    joined: Share
    stayed_7: Share
    stayed_28: Share


class CountsView(View):
    """How many people scanned, answered, saw how to get in, joined, and had not left 7 and 28
    days later; `of_7` and `of_28` are of how many that is known. Each is counted once."""

    scans: int
    surveys: int
    shown: int
    joined: int
    of_7: int
    stayed_7: Known
    of_28: int
    stayed_28: Known
    shares: SharesView


class FunnelLine(CountsView):
    """A line says what it counts by what it was asked `by`, and nothing else; null where that is
    not known of these people."""

    code: str | None = None
    channel: str | None = None
    referrer: str | None = None
    member: str | None = None
    city: str | None = None
    window: str | None = Field(None, examples=["2026-03"])
    day: date | None = None


class FunnelView(View):
    by: By
    since: Time | None
    until: Time | None
    counted_at: Time
    rows: list[FunnelLine]
    totals: CountsView = Field(description="Of all, also of those that were cut.")
    cut: int = Field(description="Lines that are not shown, the smallest.", examples=[0])


def funnel_api(office: Office) -> Routes:
    api = Routes(office.door, "entry")

    @api.viewer.get(
        "/funnel",
        response_model=FunnelView,
        response_model_exclude_unset=True,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def funnel(
        holder: Asker,
        by: By = By.CHANNEL,
        since: Since | Absent = None,
        until: Until | Absent = None,
        channel: GivenChannel | Absent = None,
        code: GivenCode | Absent = None,
        limit: Annotated[
            int, Query(ge=1, le=MOST_LINES, description="Lines, by code or by referrer.")
        ] = 500,
        table: Annotated[Format, Query(alias="format")] = Format.JSON,
    ) -> FunnelView | Response:
        """Of those whose first scan was from `since` on and before `until`: how many answered,
        saw how to get in, joined, and had not left after 7 and after 28 days. `stayed_7` is null
        where nobody's seven days are over. Names of members who have a code of their own are for
        those in charge of its channel."""
        now = office.now()
        found = await office.read(
            lambda facts: FunnelStore(facts.connection).counted(
                by,
                now,
                since=since,
                until=until,
                channel=channel,
                code=code,
                limit=limit if by in CAN_BE_MANY else None,
            )
        )
        found = replace(found, lines=[_as_told(each, holder) for each in found.lines])
        if table is Format.CSV:
            today = now.astimezone(ZONE).date()
            return csv_answer(f"funnel-{by}-{today}", _table(by, found))
        return FunnelView(
            by=by,
            since=since,
            until=until,
            counted_at=now,
            rows=[FunnelLine(**each.about, **_told(each.counts)) for each in found.lines],
            totals=CountsView(**_told(found.totals)),
            cut=found.cut,
        )

    return api


def _as_told(line: Line, holder: Holder) -> Line:
    """Without what a member is called, for those who may not know it."""
    about = line.about
    if about.get("member") is None or holder.covers(f"channel:{about['channel']}"):
        return line
    return replace(line, about={**about, "referrer": None})


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
    lines: Sequence[tuple[Mapping[str, Any], Counts]] = [
        *((each.about, each.counts) for each in funnel.lines),
        (total, funnel.totals),
    ]
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
