"""What a form brings in: read only as far as it may be long, and only where it is text."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from models.text import storable

PLAIN = "application/x-www-form-urlencoded"
WITH_FILE = "multipart/form-data"
MOST_FIELDS = 20
LONGEST_FIELD = 8_000
"""Bytes."""
PATIENCE = 20.0
"""Seconds until the last of it has come; phones in lifts are slow."""


class BadForm(Exception):
    """Not to be read; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"a form that is answered with {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Form:
    """`file` is what was uploaded; b"" where nothing was chosen."""

    fields: Mapping[str, str] = field(repr=False)
    file: bytes = field(default=b"", repr=False)

    def __getitem__(self, name: str) -> str:
        """As she wrote it; "" where it was left out. Of several the last one counts."""
        return self.fields.get(name, "")


async def read_form(request: Request, most: int, *, with_file: bool = False) -> Form:
    """Raises BadForm: 413 beyond `most` bytes, 415 what no form of ours sends, 400 no text, 408
    where it does not come to an end."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ((PLAIN, WITH_FILE) if with_file else (PLAIN,)):
        raise BadForm(415)
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _body(request, most)
    except (TimeoutError, ClientDisconnect):
        raise BadForm(408) from None
    return _plain(body) if kind == PLAIN else await _with_file(request, body)


async def _body(request: Request, most: int) -> bytes:
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > most:
        raise BadForm(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise BadForm(413)
    return bytes(body)


def _plain(body: bytes) -> Form:
    try:
        text = body.decode()
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise BadForm(400) from None
    return Form(_texts(pairs))


async def _with_file(request: Request, body: bytes) -> Form:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers,
        stream(),
        max_files=1,
        max_fields=MOST_FIELDS,
        max_part_size=LONGEST_FIELD,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, LookupError, ValueError):
        raise BadForm(400) from None
    try:
        items = form.multi_items()
        files = [each for _, each in items if isinstance(each, UploadFile)]
        file = await files[0].read() if files else b""
        return Form(_texts([(name, each) for name, each in items if isinstance(each, str)]), file)
    finally:
        await form.close()


def _texts(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Raises BadForm for what is no text: nobody types a NUL or half a character."""
    if any(storable(each) != each for pair in pairs for each in pair):
        raise BadForm(400)
    return dict(pairs)
