"""The corp as a web service: the API under /cgi-bin, pictures of QR codes, and the phone page."""

import asyncio
import io
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import segno
from fastapi import FastAPI, HTTPException, Request, Response
from starlette.datastructures import UploadFile

from tests.gateways.wecom.fake.corp import Corp, Incoming, NoSuchApi
from tests.gateways.wecom.fake.phone import Phone
from tests.gateways.wecom.fake.pusher import Pusher
from tests.gateways.wecom.fake.routes import Answer, Upload


def create_app(
    corp: Corp, pusher: Pusher | None = None, rng: random.Random | None = None
) -> FastAPI:
    """With a pusher the callback's URL is verified at the start, and from then on events are
    delivered as they happen; without one, whoever made the app delivers them. `rng` decides who
    comes in by the phone page."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if pusher is None:
            yield
            return
        delivering = asyncio.create_task(pusher.deliver_for_ever())
        yield
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    @app.api_route("/cgi-bin/{path:path}", methods=["GET", "POST"])
    async def call(path: str, request: Request) -> Answer:
        incoming = await _incoming(path, request)
        try:
            return corp.answer(incoming)
        except NoSuchApi as error:
            raise HTTPException(404, f"there is no API /cgi-bin/{path} here") from error

    @app.get("/wwpic/{config_id}/0")
    async def picture(config_id: str, request: Request) -> Response:
        """What the code says is where it can be scanned here: on the phone page."""
        drawn = io.BytesIO()
        segno.make(str(request.url_for("scan", config_id=config_id))).save(
            drawn, kind="png", scale=8
        )
        return Response(drawn.getvalue(), media_type="image/png")

    app.include_router(Phone(corp, pusher, rng or random.Random(1)).router)
    return app


async def _incoming(path: str, request: Request) -> Incoming:
    is_form = request.headers.get("content-type", "").startswith("multipart/")
    return Incoming(
        path=path,
        method=request.method,
        query=dict(request.query_params),
        body=b"" if is_form else await request.body(),
        upload=await _upload(request) if is_form else None,
        ip=request.client.host if request.client else "",
    )


async def _upload(request: Request) -> Upload | None:
    async with request.form() as form:
        sent = form.get("media")
        if not isinstance(sent, UploadFile):
            return None
        return Upload(sent.filename or "", await sent.read())
