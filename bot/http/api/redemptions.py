"""What was redeemed, and handing it over."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import Field
from sqlalchemy import func

from bot.http.api.knowing import known_groups, names_in
from bot.http.api.office import About, Asks, Look, Office, Once, in_group
from bot.http.api.paging import Paged, Row, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.door import Asker
from bot.http.problems import Problem, told_as_missing
from bot.http.values import GivenChannel, GivenGroup, GivenPerson, GivenText
from handlers.rewards.policy import HandingRefused
from models.access import Holder
from models.events import CodeHandedOver, CodeTakenBack
from models.ids import GroupId, PersonId
from models.rewards import Redemption, RedemptionState
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow, RedemptionRow

SIX_DIGITS = "^[0-9]{6}$"

GivenCode = Annotated[str, Path(pattern=SIX_DIGITS, examples=["417306"])]


class RedemptionView(View):
    """A piece of a reward that somebody chose, as it was then. `handed_by` is the person who
    handed it over, or an operator's name. What she is called is null to those who may not know
    it."""

    group: str
    group_name: str
    channel: str | None
    code: str = Field(examples=["417306"])
    person: str
    member_name: str | None = Field(examples=["豆豆妈"])
    reward: str
    reward_name: str = Field(examples=["试用装"])
    cost: int
    at: Time
    lapses_at: Time
    state: RedemptionState
    handed_at: Time | None
    handed_by: str | None


REDEMPTIONS = Listing(
    rows=rows_of(
        RedemptionRow, (each for each in Redemption.__dataclass_fields__ if each != "name")
    )
    .add_columns(
        RedemptionRow.name.label("reward_name"),
        func.coalesce(GroupRow.name, "").label("group_name"),
        GroupRow.channel,
    )
    .join_from(RedemptionRow, GroupRow, GroupRow.id == RedemptionRow.group, isouter=True),
    key=[RedemptionRow.group, RedemptionRow.code],
    sorts={"at": RedemptionRow.at, "lapses_at": RedemptionRow.lapses_at},
    default="-at",
    filters={
        "group": RedemptionRow.group,
        "channel": GroupRow.channel,
        "person": RedemptionRow.person,
        "state": RedemptionRow.state,
        "reward": RedemptionRow.reward,
        "code": RedemptionRow.code,
    },
    at=RedemptionRow.at,
)


def redemptions_api(office: Office) -> Routes:
    api = Routes(office.door, "redemptions")

    @api.viewer.get("/redemptions", **lists(RedemptionView))
    async def redemptions(
        holder: Asker,
        asked: Annotated[Paged, paged(REDEMPTIONS)],
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        person: GivenPerson | None = None,
        state: RedemptionState | None = None,
        reward: GivenText | None = None,
        code: Annotated[str | None, Query(pattern=SIX_DIGITS)] = None,
        since: Since | None = None,
        until: Until | None = None,
    ) -> Any:
        """All that was ever redeemed, newest first."""
        return await office.list(
            "redemptions",
            asked,
            RedemptionView,
            show=_shown_to(holder),
            group=group,
            channel=channel,
            person=person,
            state=state,
            reward=reward,
            code=code,
            since=since,
            until=until,
        )

    @api.operator.get("/groups/{group:id}/redemptions/{code}")
    async def one(
        group: GivenGroup, code: GivenCode, holder: Asker, response: Response
    ) -> RedemptionView:
        await office.must_cover(holder, in_group(group))
        return await office.one(_look(group, code, holder), _about(group, code), response)

    @api.operator.post("/groups/{group:id}/redemptions/{code}/hand-over")
    async def hand_over(group: GivenGroup, code: GivenCode, asks: Once) -> RedemptionView:
        """Its owner has it now. As a monitor's `/核销`."""
        now, by = office.now(), asks.holder.name
        decision = CodeHandedOver(at=now, by=by, group=group, code=code)
        return await decide(decision, asks)

    @api.operator.post("/groups/{group:id}/redemptions/{code}/take-back")
    async def take_back(group: GivenGroup, code: GivenCode, asks: Once) -> RedemptionView:
        """It was not handed over after all: it waits again, or lapses where its time has passed
        meanwhile, and the points return."""
        now, by = office.now(), asks.holder.name
        decision = CodeTakenBack(at=now, by=by, group=group, code=code)
        return await decide(decision, asks)

    async def decide(decision: CodeHandedOver | CodeTakenBack, asks: Asks) -> RedemptionView:
        group, code = decision.group, decision.code
        known = await office.read(lambda facts: facts.redemptions.get(group, code))
        about = _about(group, code, known.person if known else None)
        look = _look(group, code, asks.holder)
        with _refused(), told_as_missing("redemption"):
            return await office.edit(asks, decision, look, about, within=in_group(group))

    return api


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except HandingRefused as error:
        raise Problem(409, str(error)) from error


def _about(group: GroupId, code: str, person: PersonId | None = None) -> About:
    return About(kind="redemption", id=f"{group}:{code}", group=group, person=person)


def _look(group: GroupId, code: str, holder: Holder) -> Look[RedemptionView]:
    async def look(facts: Unit) -> RedemptionView | None:
        found = await facts.connection.execute(
            REDEMPTIONS.rows.where(RedemptionRow.group == group, RedemptionRow.code == code)
        )
        shown = await _shown_to(holder)(facts, found.mappings().all())
        return shown[0] if shown else None

    return look


def _shown_to(
    holder: Holder,
) -> Callable[[Unit, Sequence[Row]], Awaitable[list[RedemptionView]]]:
    async def show(facts: Unit, rows: Sequence[Row]) -> list[RedemptionView]:
        known = await known_groups(holder, (row["group"] for row in rows), facts)
        names = await names_in(known, rows, facts)
        return [
            RedemptionView.model_validate(
                {**row, "member_name": names.get((row["group"], row["person"]))}
            )
            for row in rows
        ]

    return show
