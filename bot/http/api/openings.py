"""Groups that are asked for because those of their cohort take nobody any more."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, and_

from bot.http.addresses import opening_address, site_of
from bot.http.api.office import About, Edits, Look, Office
from bot.http.api.paging import Paged, Row, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.door import Asker
from bot.http.problems import Problem
from bot.http.values import Absent, GivenChannel, GivenScope, GivenText
from models.access import Holder
from models.cohort import BirthWindow, Cohort
from models.events import OpeningDropped
from models.openings import Opening, OpeningState
from models.stores.lists import Listing, rows_of
from models.stores.openings import IS_PENDING
from models.stores.registry import RegistryStore
from models.stores.unit import Unit
from models.tables import OpeningRow

Seq = Annotated[int, Path(ge=1, le=10_000)]
GivenCohort = Annotated[GivenScope, Path(examples=["杭州~妇幼~2026-03"])]


class OpeningView(View):
    """The `seq`th group of a cohort, by its exact `name`. `state` is room (the account is opening
    it by itself), asked (staff was asked to), open, or dropped. `page` is where staff says that
    it is there: whoever has that address can act, so those are told it who may decide here."""

    cohort: str = Field(examples=["杭州~妇幼~2026-03"])
    city: str
    channel: str
    birth_window: str = Field(examples=["2026-03"])
    seq: int
    name: str
    state: OpeningState
    waiting: int = Field(description="Those who wait for a group of this cohort.")
    asked_at: Time
    told_at: Time | None
    account: str | None
    group: str | None
    opened_at: Time | None
    page: str | None
    volatile = frozenset({"waiting", "told_at", "page"})


COLUMNS = list(Opening.__dataclass_fields__)
KEY = [OpeningRow.city, OpeningRow.channel, OpeningRow.birth_window, OpeningRow.seq]
OPENINGS = Listing(
    rows=rows_of(OpeningRow, COLUMNS),
    key=KEY,
    sorts={"asked_at": OpeningRow.asked_at, "name": OpeningRow.name},
    default="asked_at",
    filters={
        "city": OpeningRow.city,
        "channel": OpeningRow.channel,
        "birth_window": OpeningRow.birth_window,
        "state": OpeningRow.state,
    },
)


def openings_api(office: Office) -> Routes:
    api = Routes(office.door, "entry")

    @api.viewer.get("/openings", **lists(OpeningView))
    async def openings(
        request: Request,
        holder: Asker,
        asked: Annotated[Paged, paged(OPENINGS)],
        channel: GivenChannel | Absent = None,
        city: GivenChannel | Absent = None,
        birth_window: GivenText | Absent = None,
        state: Annotated[
            list[OpeningState] | Absent,
            Query(description="Any of these; else those that are not there yet."),
        ] = None,
    ) -> Any:
        """Groups that were asked for, the longest first."""

        async def show(facts: Unit, rows: Sequence[Row]) -> list[OpeningView]:
            return await _shown(facts, rows, request, holder)

        return await office.list(
            "openings",
            asked,
            OpeningView,
            *([] if state else [IS_PENDING]),
            show=show,
            channel=channel,
            city=city,
            birth_window=birth_window,
            state=state or None,
        )

    def look(
        cohort: str, seq: int, request: Request, holder: Holder | None = None
    ) -> Look[OpeningView]:
        async def read(facts: Unit) -> OpeningView | None:
            named = _is(cohort, seq)
            if named is None:
                return None
            found = await facts.connection.execute(OPENINGS.rows.where(named))
            shown = await _shown(facts, found.mappings().all(), request, holder)
            return shown[0] if shown else None

        return read

    @api.viewer.get("/openings/{cohort:id}/{seq}")
    async def one(
        cohort: GivenCohort, seq: Seq, request: Request, holder: Asker, response: Response
    ) -> OpeningView:
        return await office.one(look(cohort, seq, request, holder), _about(cohort, seq), response)

    @api.operator.post("/openings/{cohort:id}/{seq}/drop")
    async def drop(cohort: GivenCohort, seq: Seq, request: Request, asks: Edits) -> OpeningView:
        """It is not needed; its number is free again."""
        about = _about(cohort, seq)
        named = _cohort(cohort)
        if named is None:
            raise about.missing
        event = OpeningDropped(at=office.now(), by=asks.holder.name, cohort=named, seq=seq)
        try:
            return await office.edit(
                asks,
                event,
                look(cohort, seq, request),
                about,
                within=f"cohort:{named}",
            )
        except LookupError as error:
            raise Problem(409, f"the group {seq} of {cohort} is there already") from error

    return api


def _about(cohort: str, seq: int) -> About:
    return About(kind="opening", id=f"{cohort}/{seq}")


def _cohort(text: str) -> Cohort | None:
    """`杭州~妇幼~2026-03`; nothing else is one."""
    city, channel, window = [*text.split("~"), "", ""][:3]
    try:
        cohort = Cohort(city, channel, BirthWindow.parse(window))
    except ValueError:
        return None
    return cohort if str(cohort) == text else None


def _is(cohort: str, seq: int) -> ColumnElement[bool] | None:
    named = _cohort(cohort)
    if named is None:
        return None
    return and_(
        OpeningRow.city == named.city,
        OpeningRow.channel == named.channel,
        OpeningRow.birth_window == str(named.window),
        OpeningRow.seq == seq,
    )


async def _shown(
    facts: Unit, rows: Sequence[Row], request: Request, holder: Holder | None
) -> list[OpeningView]:
    """Without a holder, as it is noted: without the page."""
    waiting = await RegistryStore(facts.connection).waiting()
    site = site_of(await facts.rules.in_force(), request)
    return [_told(_opening(each), waiting, site, holder) for each in rows]


def _opening(row: Row) -> Opening:
    given = {name: row[name] for name in COLUMNS}
    return Opening(**given | {"state": OpeningState(row["state"])})


def _told(
    opening: Opening, waiting: dict[Cohort, int], site: str, holder: Holder | None
) -> OpeningView:
    cohort = opening.cohort
    decides = holder is not None and holder.covers(f"cohort:{cohort}")
    told = {name: getattr(opening, name) for name in COLUMNS} | {
        "cohort": str(cohort),
        "waiting": waiting.get(cohort, 0),
        "page": opening_address(site, opening.token) if decides else None,
    }
    return OpeningView.model_validate(told)
