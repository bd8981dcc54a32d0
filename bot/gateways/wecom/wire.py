"""One request to WeCom and its answer: the one place where httpx's failures get their meaning."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from bot.gateways.wecom.failures import NoAnswer, NotReached, WeComError
from bot.gateways.wecom.secrecy import without_secrets

Params = Mapping[str, str | int]

_SURELY_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_NOT_TAKEN = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}
"""Statuses by which a server says that it did nothing; of the others only those from 400 to 499
do."""


async def ask(
    http: httpx.AsyncClient, path: str, params: Params, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A POST of `body`, or a GET where there is none. The answer's `errcode` is a number, 0 where
    WeCom left it out; raises NotReached or NoAnswer."""
    if http.is_closed:
        raise NotReached(f"the connection was closed before {path} was asked")
    method = "GET" if body is None else "POST"
    try:
        response = await http.request(
            method, f"/cgi-bin/{path}", params=dict(params), json=body, follow_redirects=False
        )
    except (httpx.RequestError, httpx.InvalidURL) as error:
        failure = _failure(error, path, params)
    else:
        answer = _answer(response)
        if answer is not None:
            answer["errmsg"] = without_secrets(str(answer.get("errmsg", "")), params)
            return answer
        failure = _nonsense(response, path)
    # Raised here, so that nobody finds the address with its secrets in what it came from.
    raise failure


def _failure(error: Exception, path: str, params: Params) -> WeComError:
    kind, why = type(error).__name__, without_secrets(str(error), params)
    told = f"{kind}: {why}" if why else kind
    if isinstance(error, (*_SURELY_NOT_SENT, httpx.InvalidURL)):
        return NotReached(f"WeCom could not be reached for {path}: {told}")
    return NoAnswer(f"WeCom did not answer {path}: {told}")


def _nonsense(response: httpx.Response, path: str) -> WeComError:
    told = f"HTTP {response.status_code} without an errcode, for {path}"
    if response.is_client_error or response.status_code in _NOT_TAKEN:
        return NotReached(f"something between us and WeCom answered {told}")
    return NoAnswer(f"WeCom, or something between us, answered {told}")


def _answer(response: httpx.Response) -> dict[str, Any] | None:
    """Only the errcode decides, whatever the status; without one it is success (doc 90664)."""
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    if "errcode" not in found:
        return {**found, "errcode": 0} if response.is_success else None
    errcode = found["errcode"]
    try:
        number = int(errcode) if isinstance(errcode, int | str) else None
    except ValueError:
        number = None
    return None if number is None else {**found, "errcode": number}
