"""Accounts over HTTP: whether each of our logins hears and speaks, and what waits for it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field
from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from bot.http.api.office import About, Look, Office
from bot.http.api.paging import Paged, Q, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.values import GivenText
from models.delivery import State
from models.groups import Ability, Standing
from models.ids import AccountId
from models.stores.lists import Listing
from models.stores.unit import Unit
from models.tables import AccountRow, GroupRow, LeaseRow, OutboxRow
from models.tables.base import Utc

LONG_AGO = literal(datetime.min.replace(tzinfo=UTC), Utc())

Condition = Literal["up", "deaf"]


class AccountView(View):
    """A login of ours. It is `deaf` while it is not connected, or no process holds it: `why`, and
    `since` when. `heard_at` is until when we surely heard everything. `held` tells whether some
    process holds its lease, which is good until `held_until`, by the database's clock. `groups`
    are ours, and `waiting` is how many messages are to be said by it."""

    id: str = Field(examples=["wechaty"])
    person: str | None
    state: Condition
    since: Time | None
    why: str | None = Field(examples=["the phone logged out"])
    heard_at: Time | None
    abilities: list[Ability]
    held: bool
    holder: str | None
    held_until: Time | None
    groups: int
    waiting: int
    volatile = frozenset({"heard_at", "held_until", "groups", "waiting"})


ID = func.coalesce(AccountRow.id, LeaseRow.account)
IS_HELD = func.coalesce(LeaseRow.expires_at > func.clock_timestamp(), False)
WAS_HELD = and_(LeaseRow.account.is_not(None), ~IS_HELD)
WHY = case(
    (AccountRow.up_at.is_(None), func.coalesce(AccountRow.down_why, "it was never connected")),
    (AccountRow.down_why.is_not(None), AccountRow.down_why),
    (WAS_HELD, "no process holds it"),
    else_=None,
)
STATE = case((WHY.is_(None), "up"), else_="deaf")


def _count(of: Any, *where: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(of).where(of.account == ID, *where).scalar_subquery()


IS_WAITING = OutboxRow.state == literal(State.WAITING.value, literal_execute=True)
"""Written into the statement, so that the planner can match the partial index."""
ACCOUNTS = Listing(
    rows=select(
        ID.label("id"),
        AccountRow.person.label("person"),
        STATE.label("state"),
        case((WHY.is_(None), AccountRow.up_at), else_=AccountRow.heard_at).label("since"),
        WHY.label("why"),
        AccountRow.heard_at.label("heard_at"),
        func.coalesce(AccountRow.abilities, literal([], JSONB)).label("abilities"),
        IS_HELD.label("held"),
        case((IS_HELD, LeaseRow.holder)).label("holder"),
        case((IS_HELD, LeaseRow.expires_at)).label("held_until"),
        _count(GroupRow, GroupRow.standing == Standing.OURS).label("groups"),
        _count(OutboxRow, IS_WAITING).label("waiting"),
    ).join_from(AccountRow, LeaseRow, LeaseRow.account == AccountRow.id, full=True),
    key=[ID],
    sorts={"id": ID, "heard_at": func.coalesce(AccountRow.heard_at, LONG_AGO)},
    default="id",
    filters={"id": ID, "state": STATE},
    words=[ID],
)


def accounts_api(office: Office) -> Routes:
    api = Routes(office.door, "accounts")

    @api.viewer.get("/accounts", **lists(AccountView))
    async def accounts(
        asked: Annotated[Paged, paged(ACCOUNTS)],
        state: Condition | None = None,
        q: Q | None = None,
    ) -> Any:
        """Those that were ever connected, or that a process holds."""
        return await office.list("accounts", asked, AccountView, state=state, q=q)

    @api.viewer.get("/accounts/{account:id}")
    async def one(account: GivenText, response: Response) -> AccountView:
        about = About(kind="account", id=account)
        return await office.one(_look(AccountId(account)), about, response)

    return api


def _look(account: AccountId) -> Look[AccountView]:
    async def look(facts: Unit) -> AccountView | None:
        hers = ACCOUNTS.where({"id": account})
        found = await facts.connection.execute(ACCOUNTS.rows.where(*hers))
        row = found.mappings().first()
        return AccountView.model_validate(row) if row else None

    return look
