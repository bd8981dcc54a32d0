"""The description of the API, complete enough to make a client from it."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from bot.http.problems import MEDIA_TYPE

API = "/api/v1"
ABOUT = """\
Everything the service knows and does. Conventions, alike everywhere:

- **Who may**: `Authorization: Bearer TOKEN`, or the cookie of `POST /session`. `x-role` of a route
  is the least role it needs; an operator's token changes only what concerns her groups.
- **Lists** come in pages: `items`, and `next`, which is sent as `cursor` for what follows. `sort`
  (`-` the other way round), `limit`, `count`, `q`, `since`, `until` and `format=csv` mean the
  same in each.
- **Errors** are `application/problem+json` (RFC 9457); `errors` names each field, what is wrong
  with it and what it was.
- **Editing**: what is shown alone has an `ETag`; sent back as `If-Match`, a change is made only if
  nobody else made one meanwhile (412). PATCH is a JSON merge patch.
- **Once**: with an `Idempotency-Key`, a request that may have been lost can be sent again.
- **Times** come in with any offset and go out with +08:00; durations are seconds.
- What is not known is null, and never 0.
"""

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "An answer other than the one asked for (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "examples": ["Unprocessable Entity"]},
        "status": {"type": "integer", "examples": [422]},
        "detail": {"type": "string", "examples": ["the request is not valid"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "description": "One field that is not as it should be; `says` is the problem in "
                "Chinese, where it is told in it.",
                "examples": [
                    {"field": "cost", "problem": "Field required", "value": {"name": "试用装"}}
                ],
            },
        },
    },
}

TAGS = {
    "session": "Signing in and out in a browser.",
    "tokens": "Who may come in, as what.",
    "audit": "Who changed what.",
    "groups": "Rooms: which are ours, and what they are.",
    "members": "Who is in which group, and as what.",
    "staff": "Who runs all groups.",
    "people": "What is kept of a person.",
    "accounts": "The bots' logins, and whether they hear and speak; what gateways can do.",
    "overview": "How yesterday was, and what waits for somebody.",
    "notices": "What groups need somebody for.",
    "growth": "How groups grow.",
    "entry": "Ways into groups: codes, who came by them, and rooms that are to be opened.",
    "links": "Short links in what is said, and how often they were followed.",
    "referrals": "Who brought whom.",
    "activity": "Who speaks when, and at which hours posts come.",
    "questions": "What members asked, and who answered.",
    "tasks": "What groups are asked to do, and who did it.",
    "kocs": "Members who carry their group.",
    "outbox": "What was promised to be said, and what became of it.",
    "proposals": "What owners of groups are asked to say, or to let be said.",
    "dead letters": "Events that could not be handled.",
    "points": "The ledger of points, balances, and putting right what is wrong.",
    "rewards": "What points can be spent on.",
    "redemptions": "What members chose for their points, and handing it over.",
    "content": "The library: what may be posted.",
    "calendars": "What comes when in which group, and why.",
    "posts": "What was and is to be posted, decisions on it, and what came of it.",
    "rules": "What can be tuned while it runs, layer by layer, and what that would have changed.",
    "texts": "What is said, in which words.",
}
"""What the parts of the API are for, in the order in which they are shown."""

ALWAYS = {
    "401": "No token, or one that is not good.",
    "403": "The token may not do this.",
    "422": "The request is not valid.",
    "503": "The database does not answer.",
}
METHODS = ("get", "post", "put", "patch", "delete")


class Described(FastAPI):
    """It describes its API like this, and nothing else of what it serves."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _described(self)
        return self.openapi_schema


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description=ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": told} for name, told in TAGS.items()],
    )
    schema["paths"] = {
        path: item for path, item in schema["paths"].items() if path.startswith(API)
    }
    schemas = schema["components"]["schemas"]
    schemas |= {"Problem": PROBLEM}
    for gone in ("HTTPValidationError", "ValidationError"):
        schemas.pop(gone, None)
    for path, method, operation in _operations(schema):
        operation["responses"] |= {
            status: refusal(why) for status, why in _errors(path, method, operation).items()
        }
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _errors(path: str, method: str, operation: dict[str, Any]) -> dict[str, str]:
    headers = {each["name"].lower() for each in operation.get("parameters", ())}
    given = {
        "400": "The body can't be read." if "requestBody" in operation else "",
        "404": "There is no such thing." if "{" in path or "cursor" in headers else "",
        "409": "What is there stands in the way." if method != "get" else "",
        "413": "The body is too long." if "requestBody" in operation else "",
        "412": "It was changed meanwhile." if "if-match" in headers else "",
        "429": "Too many tries." if operation.get("x-role") == "public" else "",
    }
    return ALWAYS | {status: why for status, why in given.items() if why}


def refusal(why: str) -> dict[str, Any]:
    """An answer of a route, as its description tells of it."""
    return {
        "description": why,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


MAY_BE_MISSING: dict[int | str, dict[str, Any]] = {404: refusal("There is no such thing.")}
"""Of a route that names something otherwise than in its path."""
