"""How long what is sent may be: a body is read before it is known who sends it."""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 1_000_000
"""Bytes; nothing but files is longer."""


class BoundedBodies:
    """Below `beginning`, but for addresses that end like one of `files`: those read theirs when
    they know who sends it, and have bounds of their own."""

    def __init__(self, app: ASGIApp, beginning: str, files: Sequence[str]) -> None:
        self._app = app
        self._beginning = beginning
        self._files = tuple(files)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_bounded(scope):
            receive = _bounded(receive)
        await self._app(scope, receive, send)

    def _is_bounded(self, scope: Scope) -> bool:
        if scope["type"] != "http":
            return False
        path: str = scope["path"]
        return path.startswith(self._beginning) and not path.endswith(self._files)


def _bounded(receive: Receive) -> Receive:
    read = 0

    async def some() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LONGEST:
            detail = f"a body has at most {LONGEST} bytes"
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        return message

    return some
