"""Ways into groups: pictures of QR codes, and WeCom's join ways."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from bot import images
from bot.http.api.office import About, Asks, Edits, Look, Office, in_group
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.entry.forms import WITH_FILE, BadForm, Form, read_form
from bot.http.problems import Problem
from bot.http.values import Absent, GivenGroup, Moment
from bot.images import NotAPicture
from models.events import WayGiven, WayTaken
from models.groups import Group
from models.ids import GroupId
from models.stores.unit import Unit
from models.ways import Way, WayKind

PICTURES = ("image/png", "image/jpeg", "application/octet-stream")
AROUND = 10_000
"""Bytes of a form beside its file."""
_MOMENT = TypeAdapter(Moment)

_IMAGE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "type": "object",
    "properties": {
        "file": _IMAGE["schema"],
        "valid_until": {"type": "string", "format": "date-time"},
    },
}
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}


class WayView(View):
    """How one gets into a group: `content` is what its QR code says; null where it is a picture,
    which is under `image.png`."""

    group: str
    kind: WayKind
    content: str | None = Field(examples=["https://work.weixin.qq.com/gm/abc"])
    has_image: bool
    got_at: Time
    by: str
    valid_until: Time | None
    is_valid: bool
    volatile = frozenset({"is_valid"})


class JoinWay(Given):
    """WeCom's own, which does not lapse by itself."""

    content: Annotated[
        str,
        StringConstraints(pattern="^https://[!-~]+$", max_length=500),
        Field(description="What its QR code says: the address it leads to."),
    ]
    valid_until: Moment | None = None


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "image/png": _IMAGE,
            "image/jpeg": _IMAGE,
            "multipart/form-data": {"schema": _FORM},
            "application/json": {"schema": JoinWay.model_json_schema()},
        },
    }
}


def ways_api(office: Office) -> Routes:
    api = Routes(office.door, "entry")

    @api.viewer.get("/groups/{group:id}/way/image.png", response_class=Response, responses=_PNG)
    async def picture(group: GivenGroup) -> Response:
        """What was uploaded."""
        way = await office.read(lambda facts: facts.ways.get(group))
        if way is None or way.image is None:
            raise Problem(404, f"no picture was uploaded for the group {group}")
        return Response(way.image, media_type="image/png")

    def look(group: GroupId) -> Look[WayView]:
        async def read(facts: Unit) -> WayView | None:
            way = await facts.ways.get(group)
            return _shown(way, office.now()) if way is not None else None

        return read

    @api.viewer.get("/groups/{group:id}/way")
    async def one(group: GivenGroup, response: Response) -> WayView:
        """How one gets into the group now, if it is valid."""
        return await office.one(look(group), _about(group), response)

    @api.operator.put("/groups/{group:id}/way", openapi_extra=_BODY)
    async def give(
        group: GivenGroup,
        request: Request,
        asks: Edits,
        valid_until: Annotated[
            Moment | Absent,
            Query(description="Of a picture, else by the rule entry.qr_lasts: as it says itself."),
        ] = None,
    ) -> WayView:
        """A picture of its QR code (PNG or JPEG, at most 2 MB and 4000 pixels a side), or WeCom's
        join way: shown to those who have a place in the group, until it lapses."""
        known = await office.read(lambda facts: _group(facts, group))
        await office.must_cover(asks.holder, in_group(group))
        now = office.now()
        way = await _given(request, known, valid_until, asks, office)
        if not way.is_valid(now):
            raise Problem.of("valid_until", "it has passed", str(way.valid_until), status=409)
        event = WayGiven(at=now, by=asks.holder.name, group=group, way=way)
        about = _about(group)
        return await office.make(asks, event, look(group), about, within=in_group(group))

    @api.operator.delete("/groups/{group:id}/way", status_code=204)
    async def take(group: GivenGroup, asks: Edits) -> None:
        """It is shown to nobody any more; where the account can fetch one, it does."""
        await office.read(lambda facts: _group(facts, group))
        event = WayTaken(at=office.now(), by=asks.holder.name, group=group)
        await office.remove(asks, event, look(group), _about(group), within=in_group(group))

    return api


def _about(group: GroupId) -> About:
    return About(kind="way", id=group, group=group)


# What is sent


async def _given(
    request: Request, group: Group, until: datetime | None, asks: Asks, office: Office
) -> Way:
    now, by = office.now(), asks.holder.name
    if _kind_of(request) == "application/json":
        given = _join_way(await _body_of(request, AROUND))
        return Way(
            group=group.id,
            kind=WayKind.JOIN_WAY,
            got_at=now,
            by=by,
            content=given.content,
            valid_until=given.valid_until or until,
        )
    data, said = await _picture_in(request)
    rules = await office.read(lambda facts: facts.rules.in_force(group))
    return Way(
        group=group.id,
        kind=WayKind.IMAGE,
        got_at=now,
        by=by,
        image=await _drawn(data),
        valid_until=until or said or now + rules.entry.qr_lasts,
    )


def _kind_of(request: Request) -> str:
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


async def _picture_in(request: Request) -> tuple[bytes, datetime | None]:
    """The body, or the file of a form, which may say until when it is valid."""
    kind = _kind_of(request)
    if kind == WITH_FILE:
        form = await _form_of(request)
        if not form.file:
            raise Problem.of("file", "the form holds no file", None)
        return form.file, _until(form["valid_until"])
    if kind not in PICTURES:
        raise Problem(415, f"send image/png, image/jpeg, or a form with a file, not {kind!r}")
    return await _body_of(request, images.LARGEST), None


async def _form_of(request: Request) -> Form:
    most = images.LARGEST + AROUND
    try:
        return await read_form(request, most, with_file=True)
    except BadForm as error:
        why = {413: f"at most {most} bytes are taken", 408: "the form did not come to its end"}
        raise Problem(error.status, why.get(error.status, "the form can't be read")) from error


def _until(given: str) -> datetime | None:
    if not given.strip():
        return None
    with _refusing("valid_until"):
        return _MOMENT.validate_python(given.strip())


def _join_way(body: bytes) -> JoinWay:
    with _refusing(""):
        return JoinWay.model_validate_json(body)


async def _body_of(request: Request, most: int) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        _must_be_small(len(body), most)
    return bytes(body)


def _must_be_small(size: int, most: int) -> None:
    if size > most:
        raise Problem(413, f"at most {most} bytes are taken")


async def _drawn(data: bytes) -> bytes:
    try:
        return await asyncio.to_thread(images.as_png, data)
    except NotAPicture as error:
        raise Problem.of("file", str(error), None) from error


@contextmanager
def _refusing(field: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        told = error.errors(include_url=False)
        problems = [
            {
                "field": ".".join([field, *map(str, each["loc"])]).strip("."),
                "problem": each["msg"].removeprefix("Value error, "),
                "value": None,
            }
            for each in told
        ]
        raise Problem(422, "the request is not valid", errors=problems) from error


# What is told


async def _group(facts: Unit, group: GroupId) -> Group:
    known = await facts.groups.peek(group)
    if known is None:
        raise Problem(404, f"there is no group {group}")
    return known


def _shown(way: Way, now: datetime) -> WayView | None:
    """None where it only says that there is none."""
    if way.content is None and way.image is None:
        return None
    return WayView(
        group=way.group,
        kind=way.kind,
        content=way.content,
        has_image=way.image is not None,
        got_at=way.got_at,
        by=way.by,
        valid_until=way.valid_until,
        is_valid=way.is_valid(now),
    )
