"""Ids in addresses: a slash of an id comes as %2F, and never separates."""

import re
from urllib.parse import quote, unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

KEPT = "\ufdd0"
"""Stands for a slash of an id while the address is matched; it is no character of any text."""
_ENCODED = re.compile(rb"%2f", re.IGNORECASE)


class Id(Convertor[str]):
    """`{group:id}`: one part of the path, whatever it holds."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return value.replace(KEPT, "/")

    def to_string(self, value: str) -> str:
        return quote(value, safe="")


class OfScope(Id):
    """`{scope:scope}`: whatever it is meant to be, but for what has a place of its own among the
    rules."""

    regex = "(?!(?:layers|preview|schema)(?:/|$))[^/]+"


register_url_convertor("id", Id())
register_url_convertor("scope", OfScope())


class KeepsSlashes:
    """Servers decode an address before it is matched; of the API's, what was an encoded slash is
    kept apart from the others."""

    def __init__(self, app: ASGIApp, beginning: str) -> None:
        self._app = app
        self._beginning = beginning

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes = scope.get("raw_path") or b""
        if scope["type"] == "http" and scope["path"].startswith(self._beginning):
            kept = _ENCODED.sub(quote(KEPT).encode(), raw)
            scope = {**scope, "path": unquote(kept.decode("ascii")) if kept else scope["path"]}
        await self._app(scope, receive, send)
