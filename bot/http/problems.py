"""Errors as `application/problem+json` (RFC 9457), with the field, its bounds and the value."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match

from bot.transactions import is_passing
from config.rules import BEYOND_A_SCHEMA, Rules
from config.written import Senseless
from models.stores.rules import RulesRefused, StaleVersion
from models.text import storable

MEDIA_TYPE = "application/problem+json"
NOT_ALLOWED = 405
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LONGEST_VALUE = 200
BOUNDS = (
    *("minimum", "exclusiveMinimum", "maximum", "maxLength", "minItems", "maxItems", "pattern"),
    "unit",
)


class Problem(Exception):
    """An answer other than the one asked for."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers

    @classmethod
    def of(cls, field: str, problem: str, value: Any, *, status: int = 422) -> "Problem":
        """One field is not as it should be."""
        fault = {"field": field, "problem": problem, "value": value}
        return cls(status, f"{field}: {problem}", errors=[fault])


@contextmanager
def told_as_missing(what: str) -> Iterator[None]:
    """Where a decision is about something that is not there: `there is no group g1`."""
    try:
        yield
    except LookupError as error:
        raise Problem(404, f"there is no {what} {error.args[0]}") from error


def refusal(error: RulesRefused, status: int | None = None) -> Problem:
    """422 for what the schema of the rules forbids; 409 for what it allows and yet makes no sense,
    by itself or beside other rules, of this layer or of another."""
    faults = error.error.errors(include_url=False)
    fields = [field for each in faults for field in _refused(each["loc"], each)]
    where = " + ".join(error.scopes)
    problems = dict.fromkeys(f"{each['field']}: {each['problem']}" for each in fields)
    status = status or (409 if all(map(_is_senseless, faults)) else 422)
    return Problem(status, f"under {where}: {'; '.join(problems)}", errors=fields)


def _is_senseless(fault: Any) -> bool:
    is_ours = isinstance(fault.get("ctx", {}).get("error"), Senseless)
    return is_ours or fault["type"] in BEYOND_A_SCHEMA


def answer(problem: Problem) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = problem.errors
    return Response(
        storable(json.dumps(body, ensure_ascii=False)),
        problem.status,
        headers=dict(problem.headers or {}),
        media_type=MEDIA_TYPE,
    )


def install(api: FastAPI, page: Callable[[int], Response]) -> None:
    """`page` is what people see in a browser, for the status of an address where nothing is."""

    @api.exception_handler(Problem)
    async def ours(_: Request, problem: Problem) -> Response:
        return answer(problem)

    @api.exception_handler(HTTPException)
    async def theirs(request: Request, error: HTTPException) -> Response:
        if _is_looked_at(request):
            return page(error.status_code)
        headers = _allowing(request) if error.status_code == NOT_ALLOWED else error.headers
        return answer(Problem(error.status_code, str(error.detail), headers=headers))

    @api.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        faults = error.errors()
        fields = [_field(_place(each), each) for each in faults]
        if all(map(_is_senseless, faults)):
            return answer(
                Problem(
                    409, "the request is well formed, but what it says can't be", errors=fields
                )
            )
        return answer(Problem(422, "the request is not valid", errors=fields))

    @api.exception_handler(RulesRefused)
    async def refused(_: Request, error: RulesRefused) -> Response:
        return answer(refusal(error))

    @api.exception_handler(StaleVersion)
    async def stale(_: Request, error: StaleVersion) -> Response:
        return answer(Problem(412, f"{error}; read it again and repeat your change"))

    async def unavailable(_: Request, error: Exception) -> Response:
        if not is_passing(error):
            raise error
        return answer(Problem(503, "the database does not answer", headers={"Retry-After": "2"}))

    for kind in (DBAPIError, PoolTimeout, OSError):
        api.add_exception_handler(kind, unavailable)

    @api.exception_handler(Exception)
    async def failed(_: Request, __: Exception) -> Response:
        return answer(Problem(500, "this is a fault of the service, and is in its log"))


def _allowing(request: Request) -> dict[str, str]:
    """Every method of the address, where each is a route of its own."""
    routes = request.app.routes
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    allowed = [
        method
        for method, scope in scopes.items()
        if any(each.matches(scope)[0] is Match.FULL for each in routes)
    ]
    return {"Allow": ", ".join(allowed)}


def _is_looked_at(request: Request) -> bool:
    accepts = request.headers.get("accept", "")
    return "text/html" in accepts and not request.url.path.startswith("/api/")


def _place(error: Any) -> Sequence[int | str]:
    """Without whether it is the body or the query; bad JSON is bad as a whole."""
    return () if error["type"] == "json_invalid" else error["loc"][1:]


def _field(place: Sequence[int | str], error: Any) -> dict[str, Any]:
    chinese = (error.get("ctx") or {}).get("chinese")
    return {
        "field": ".".join(str(each) for each in place),
        "problem": str(error["msg"]).removeprefix("Value error, "),
        "value": _shown(error.get("input")),
        **({"says": chinese} if chinese else {}),
    }


def _refused(place: Sequence[int | str], error: Any) -> Iterator[dict[str, Any]]:
    """The rule that is not as it should be, or each of those that do not go together."""
    values: Mapping[str, Any] = error.get("ctx", {}).get("values", {})
    for name, value in values.items():
        of = (*place, name)
        yield _field(of, error) | {"value": value} | _bounds(of)
    if not values:
        yield _field(place, error) | _bounds(place)


def _shown(value: object) -> object:
    """As JSON can tell it, and not longer than one wants to read."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, int | float) and abs(value) < 1e15:
        return value
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _bounds(place: Sequence[int | str]) -> dict[str, Any]:
    """The bounds of a rule as its schema states them."""
    if len(place) < 2:
        return {}
    schema = Rules.model_json_schema()
    section = schema["properties"].get(str(place[0]), {})
    name = str(section.get("$ref", "")).rpartition("/")[2]
    rule = schema["$defs"].get(name, {}).get("properties", {}).get(str(place[1]), {})
    bounds = {key: rule[key] for key in BOUNDS if key in rule}
    return {"bounds": bounds} if bounds else {}
