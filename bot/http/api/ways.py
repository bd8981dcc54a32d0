"""Ways into groups, and groups that are asked for, over HTTP."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from bot import images
from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.http.addresses import opening_address, site_of
from bot.http.api.calendars import GivenCohort, cohort_of
from bot.http.door import Door
from bot.http.entry.forms import WITH_FILE, BadForm, Form, read_form
from bot.http.problems import Problem, told_as_missing
from bot.http.values import GivenGroup
from bot.images import NotAPicture
from bot.scenario_lines import Moment
from bot.transactions import Transactions
from models.access import Access, Holder
from models.events import Decision, OpeningDropped, WayGiven, WayTaken
from models.groups import Group
from models.ids import GroupId
from models.openings import Opening
from models.stores.registry import RegistryStore
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


def _is_web(address: str) -> str:
    if not address.isprintable() or " " in address:
        raise ValueError("an address is written https://…, in one line without spaces")
    return address


class JoinWay(BaseModel):
    """WeCom's own, which does not lapse by itself."""

    model_config = ConfigDict(extra="forbid")

    content: Annotated[
        str,
        StringConstraints(pattern="^https://", max_length=500),
        AfterValidator(_is_web),
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


def ways_api(
    door: Door, transactions: Transactions, dispatcher: Dispatcher, clock: Clock
) -> APIRouter:
    api = APIRouter(tags=["entry"])
    viewer = Depends(door.needs(Access.VIEWER))
    Viewer = Annotated[Holder, viewer]
    Operator = Annotated[Holder, Depends(door.needs(Access.OPERATOR))]

    async def decide(event: Decision) -> None:
        with told_as_missing("group"):
            await dispatcher.decide(event, event.at)

    @api.get(
        "/groups/{group:path}/way/image.png",
        dependencies=[viewer],
        response_class=Response,
        responses=_PNG,
    )
    async def picture(group: GivenGroup) -> Response:
        """What was uploaded."""
        way = await transactions.read(lambda facts: _way(facts, group))
        if way.image is None:
            raise Problem(404, f"no picture was uploaded for the group {group}")
        return Response(way.image, media_type="image/png")

    @api.get("/groups/{group:path}/way", dependencies=[viewer])
    async def read(group: GivenGroup) -> dict[str, Any]:
        """How one gets into the group now, if it is valid."""
        way = await transactions.read(lambda facts: _way(facts, group))
        return _shown(way, clock.now())

    @api.put("/groups/{group:path}/way", openapi_extra=_BODY)
    async def give(
        group: GivenGroup,
        request: Request,
        holder: Operator,
        valid_until: Annotated[
            Moment | None,
            Query(description="Of a picture, else by the rule entry.qr_lasts: as it says itself."),
        ] = None,
    ) -> dict[str, Any]:
        """A picture of its QR code (PNG or JPEG, at most 2 MB and 4000 pixels a side), or WeCom's
        join way: shown to those who have a place in the group, until it lapses."""
        known = await transactions.read(lambda facts: _group(facts, group))
        now = clock.now()
        if _kind_of(request) == "application/json":
            given = _join_way(await _body_of(request, AROUND))
            way = Way(
                group=group,
                kind=WayKind.JOIN_WAY,
                got_at=now,
                by=holder.name,
                content=given.content,
                valid_until=given.valid_until or valid_until,
            )
        else:
            data, until = await _picture_in(request)
            rules = await transactions.read(lambda facts: facts.rules.in_force(known))
            way = Way(
                group=group,
                kind=WayKind.IMAGE,
                got_at=now,
                by=holder.name,
                image=await _drawn(data),
                valid_until=valid_until or until or now + rules.entry.qr_lasts,
            )
        if not way.is_valid(now):
            raise _refused("valid_until", "it has passed", str(way.valid_until))
        await decide(WayGiven(at=now, by=holder.name, group=group, way=way))
        return _shown(await transactions.read(lambda facts: _way(facts, group)), now)

    @api.delete("/groups/{group:path}/way", status_code=204)
    async def take(group: GivenGroup, holder: Operator) -> None:
        """It is shown to nobody any more; where the account can fetch one, it does."""
        await transactions.read(lambda facts: _group(facts, group))
        await decide(WayTaken(at=clock.now(), by=holder.name, group=group))

    @api.get("/openings")
    async def openings(
        request: Request, holder: Viewer, limit: Annotated[int, Query(ge=1, le=1000)] = 200
    ) -> list[dict[str, Any]]:
        """Groups that were asked for and are not there yet, the longest first. The page for staff
        is told admins only: whoever has its address can act there."""
        is_admin = holder.access >= Access.ADMIN
        return await transactions.read(
            lambda facts: _openings(facts, limit, request, with_page=is_admin)
        )

    @api.post("/openings/{cohort:path}/{seq}/drop", status_code=204)
    async def drop(
        cohort: GivenCohort, seq: Annotated[int, Path(ge=1, le=10_000)], holder: Operator
    ) -> None:
        """It is not needed; its number is free again."""
        now = clock.now()
        event = OpeningDropped(at=now, by=holder.name, cohort=cohort_of(cohort), seq=seq)
        try:
            await dispatcher.decide(event, now)
        except LookupError as error:
            detail = f"no group {seq} of {cohort} is asked for"
            raise Problem(404, detail) from error

    return api


# What is sent


def _kind_of(request: Request) -> str:
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


async def _picture_in(request: Request) -> tuple[bytes, datetime | None]:
    """The body, or the file of a form, which may say until when it is valid."""
    kind = _kind_of(request)
    if kind == WITH_FILE:
        form = await _form_of(request)
        if not form.file:
            raise _refused("file", "the form holds no file", None)
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
        raise _refused("file", str(error), None) from error


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


def _refused(field: str, problem: str, value: str | None) -> Problem:
    return Problem(
        422,
        f"{field}: {problem}",
        errors=[{"field": field, "problem": problem, "value": value}],
    )


# What is told


async def _group(facts: Unit, group: GroupId) -> Group:
    known = await facts.groups.peek(group)
    if known is None:
        raise Problem(404, f"there is no group {group}")
    return known


async def _way(facts: Unit, group: GroupId) -> Way:
    await _group(facts, group)
    way = await facts.ways.get(group)
    if way is None or (way.content is None and way.image is None):
        raise Problem(404, f"there is no way into the group {group} yet")
    return way


def _shown(way: Way, now: datetime) -> dict[str, Any]:
    return {
        "group": way.group,
        "kind": way.kind,
        "content": way.content,
        "has_image": way.image is not None,
        "got_at": way.got_at,
        "by": way.by,
        "valid_until": way.valid_until,
        "is_valid": way.is_valid(now),
    }


async def _openings(
    facts: Unit, limit: int, request: Request, *, with_page: bool
) -> list[dict[str, Any]]:
    pending = await facts.openings.pending(limit)
    waiting = await RegistryStore(facts.connection).waiting()
    site = site_of(await facts.rules.in_force(), request)
    told = [_opening(each, waiting.get(each.cohort, 0)) for each in pending]
    if with_page:
        for each, opening in zip(told, pending, strict=True):
            each["page"] = opening_address(site, opening.token)
    return told


def _opening(opening: Opening, waiting: int) -> dict[str, Any]:
    return {
        "cohort": str(opening.cohort),
        "seq": opening.seq,
        "name": opening.name,
        "state": opening.state,
        "waiting": waiting,
        "asked_at": opening.asked_at,
        "told_at": opening.told_at,
        "account": opening.account,
    }
