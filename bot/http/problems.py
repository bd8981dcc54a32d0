"""Errors as `application/problem+json` (RFC 9457), with the field, its bounds and the value."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from config.rules import Rules
from models.stores.rules import RulesRefused, StaleVersion

MEDIA_TYPE = "application/problem+json"


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


def answer(problem: Problem) -> JSONResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = problem.errors
    return JSONResponse(
        body, problem.status, headers=dict(problem.headers or {}), media_type=MEDIA_TYPE
    )


def install(api: FastAPI) -> None:
    @api.exception_handler(Problem)
    async def ours(_: Request, problem: Problem) -> JSONResponse:
        return answer(problem)

    @api.exception_handler(HTTPException)
    async def theirs(_: Request, error: HTTPException) -> JSONResponse:
        return answer(Problem(error.status_code, str(error.detail), headers=error.headers))

    @api.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        fields = [_field(each["loc"][1:], each) for each in error.errors()]
        return answer(Problem(422, "the request is not valid", errors=fields))

    @api.exception_handler(RulesRefused)
    async def refused(_: Request, error: RulesRefused) -> JSONResponse:
        fields = [
            _field(each["loc"], each) | _bounds(each["loc"])
            for each in error.error.errors(include_url=False)
        ]
        where = " + ".join(error.scopes)
        detail = "; ".join(f"{each['field']}: {each['problem']}" for each in fields)
        return answer(Problem(422, f"under {where}: {detail}", errors=fields))

    @api.exception_handler(StaleVersion)
    async def stale(_: Request, error: StaleVersion) -> JSONResponse:
        return answer(Problem(412, f"{error}; read it again and repeat your change"))


def _field(place: Sequence[int | str], error: Any) -> dict[str, Any]:
    value = error.get("input")
    return {
        "field": ".".join(str(each) for each in place),
        "problem": str(error["msg"]).removeprefix("Value error, "),
        "value": value if isinstance(value, str | int | float | bool | None) else str(value),
    }


def _bounds(place: Sequence[int | str]) -> dict[str, Any]:
    """The bounds of a rule as its schema states them."""
    if len(place) < 2:
        return {}
    schema = Rules.model_json_schema()
    section = schema["properties"].get(str(place[0]), {})
    name = str(section.get("$ref", "")).rpartition("/")[2]
    rule = schema["$defs"].get(name, {}).get("properties", {}).get(str(place[1]), {})
    known = ("minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems", "pattern", "unit")
    bounds = {key: rule[key] for key in known if key in rule}
    return {"bounds": bounds} if bounds else {}
