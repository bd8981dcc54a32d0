"""Tokens: who may come in over HTTP, as what, and until when."""

from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import AfterValidator, Field
from sqlalchemy import func

from bot.http.api.office import About, Edits, Office
from bot.http.api.paging import Paged, Q, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.problems import Problem
from bot.http.values import Absent, FilledLine, Moment, Number, is_text
from models.access import Access
from models.stores.lists import Listing, rows_of
from models.stores.tokens import TokenStore
from models.stores.unit import Unit
from models.tables import TokenRow

MOST_SCOPES = 200

Role = Literal["viewer", "operator", "admin"]
Name = Annotated[
    FilledLine,
    Field(
        max_length=50, description="Whose it is: changes are signed with it.", examples=["小陈"]
    ),
]
Until = Annotated[Moment | None, Field(description="It is good until then; null: for ever.")]
OperatorScope = Annotated[
    str,
    Field(pattern="^(channel|group):.{1,190}$", examples=["channel:妇幼", "group:g1"]),
    AfterValidator(is_text),
    # As channels and ids are kept.
    AfterValidator(lambda scope: ":".join(each.strip() for each in scope.split(":", 1))),
]


class TokenView(View):
    """A token, but for what it says. `used_at` is known to the minute."""

    id: int
    name: str
    role: Role
    scopes: list[str]
    created_at: Time
    expires_at: Time | None
    used_at: Time | None
    revoked_at: Time | None
    volatile = frozenset({"used_at"})


class TokenMade(TokenView):
    """A new token; what it says is told this once."""

    token: str


class NewOperator(Given):
    """She changes what concerns her scopes: the groups of channels, or groups one by one."""

    name: Name
    role: Literal["operator"]
    scopes: list[OperatorScope] = Field(min_length=1, max_length=MOST_SCOPES)
    expires_at: Until = None


class NewToken(Given):
    """A viewer changes nothing, an admin anything."""

    name: Name
    role: Literal["viewer", "admin"]
    expires_at: Until = None

    @property
    def scopes(self) -> list[str]:
        return []


NewAny = Annotated[NewOperator | NewToken, Field(discriminator="role")]


TOKENS = Listing(
    rows=rows_of(TokenRow, TokenView.model_fields),
    key=[TokenRow.id],
    sorts={
        "name": TokenRow.name,
        "created_at": TokenRow.created_at,
        "used_at": func.coalesce(TokenRow.used_at, TokenRow.created_at),
    },
    default="-created_at",
    filters={"role": TokenRow.role},
    words=[TokenRow.name],
)


def tokens_api(office: Office) -> Routes:
    api = Routes(office.door, "tokens")

    @api.admin.get("/tokens", **lists(TokenView))
    async def tokens(
        asked: Annotated[Paged, paged(TOKENS)],
        role: Role | Absent = None,
        revoked: Annotated[bool | Absent, Query(description="Those that were.")] = None,
        q: Q | Absent = None,
    ) -> Any:
        """All that were ever issued."""
        is_revoked = TokenRow.revoked_at.is_not(None)
        where = [] if revoked is None else [is_revoked if revoked else ~is_revoked]
        return await office.list("tokens", asked, TokenView, *where, role=role, q=q)

    @api.admin.post("/tokens", status_code=201)
    async def issue(given: NewAny, asks: Edits, response: Response) -> TokenMade:
        """A new token. What it says is in the answer, and nowhere else."""
        now = office.now()
        if given.expires_at is not None and given.expires_at <= now:
            raise Problem.of(
                "expires_at", "it lies in the past", str(given.expires_at), status=409
            )
        number = await office.read(lambda facts: TokenStore(facts.connection).next_number())
        secret = ""

        async def token_issued(facts: Unit) -> None:
            nonlocal secret
            secret = await TokenStore(facts.connection).issue(
                given.name,
                Access[given.role.upper()],
                now,
                number=number,
                scopes=given.scopes,
                expires_at=given.expires_at,
            )

        about = About(kind="token", id=str(number))
        made = await office.make(asks, token_issued, _look(number), about)
        response.headers["Cache-Control"] = "no-store"
        return TokenMade(token=secret, **made.model_dump())

    @api.admin.get("/tokens/{token}")
    async def one(token: Number, response: Response) -> TokenView:
        return await office.one(_look(token), About(kind="token", id=str(token)), response)

    @api.admin.delete("/tokens/{token}")
    async def revoke(token: Number, asks: Edits) -> TokenView:
        """Nobody comes in by it from now on, and who did is out. It stays in this list."""
        if token == asks.holder.token:
            raise Problem(409, "this is the token that you came with; let another admin revoke it")
        now = office.now()

        async def token_revoked(facts: Unit) -> None:
            await TokenStore(facts.connection).revoke(token, now)

        about = About(kind="token", id=str(token))
        return await office.edit(asks, token_revoked, _look(token), about)

    return api


def _look(number: int) -> Any:
    async def look(facts: Unit) -> TokenView | None:
        found = await facts.connection.execute(TOKENS.rows.where(TokenRow.id == number))
        row = found.mappings().first()
        return TokenView.model_validate(row) if row else None

    return look
