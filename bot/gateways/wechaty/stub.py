# ruff: noqa: UP045  (betterproto does not understand `str | None`)
"""The stub of `wechaty-grpc`, with the deadlines, failures and newer requests it lacks.

0.20.19 is the newest for Python. Gateways since have moved the texts of a few requests to new
field numbers, and take a request without its text for a question: a rename comes back as a
success and changes nothing, or clears the name. Those requests carry both fields.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Optional

import betterproto
from grpclib.client import Channel
from grpclib.const import Cardinality
from grpclib.exceptions import GRPCError
from grpclib.protocol import H2Protocol
from wechaty_grpc.wechaty import PuppetStub, puppet

from bot.gateways.wechaty.codec import Garbled

log = logging.getLogger(__name__)


class LineFailure(Exception):
    """The gateway gave no answer."""


class NotAsked(LineFailure):
    """The request was not written out: nothing can have come of it."""


class Unanswered(LineFailure):
    """The request was written, then time ran out or the line broke."""


@dataclass
class RoomTopicRequest(betterproto.Message):
    id: str = betterproto.string_field(1)
    topic_before_0_33: Optional[str] = betterproto.message_field(2, wraps=betterproto.TYPE_STRING)
    topic: str = betterproto.string_field(3)


@dataclass
class RoomAnnounceRequest(betterproto.Message):
    id: str = betterproto.string_field(1)
    text_before_0_33: Optional[str] = betterproto.message_field(2, wraps=betterproto.TYPE_STRING)
    text: str = betterproto.string_field(3)


class Line(Channel):
    """A channel that connects once; what happens when it is lost is ours to decide."""

    _spent = False

    async def _create_connection(self) -> H2Protocol:
        if self._spent:
            raise ConnectionError("the line is lost")
        self._spent = True
        return await super()._create_connection()


class Stub(PuppetStub):  # type: ignore[misc]  # wechaty_grpc ships no types, so to mypy its class may be anything
    """Every question passes here: it has a deadline, and its failure tells what we know."""

    heard_at = 0.0

    def _heard(self) -> None:
        self.heard_at = asyncio.get_running_loop().time()

    async def _unary_unary(
        self, route: str, request: Any, response_type: Any, **options: Any
    ) -> Any:
        written = False
        try:
            async with self.channel.request(
                route,
                Cardinality.UNARY_UNARY,
                type(request),
                response_type,
                timeout=options.get("timeout") or self.timeout,
                metadata=self.metadata,
            ) as stream:
                await stream.send_message(request, end=True)
                written = True
                reply = await stream.recv_message()
        except GRPCError:
            self._heard()
            raise
        except Exception as error:
            reason = str(error) or type(error).__name__
            raise (Unanswered if written else NotAsked)(reason) from error
        self._heard()
        if reply is None:
            raise Unanswered("an answer without content")
        return reply

    async def listen(self) -> AsyncGenerator[Any, None]:
        async with self.channel.request(
            "/wechaty.Puppet/Event",
            Cardinality.UNARY_STREAM,
            puppet.EventRequest,
            puppet.EventResponse,
            metadata=self.metadata,
        ) as stream:
            await stream.send_message(puppet.EventRequest(), end=True)
            while True:
                try:
                    event = await stream.recv_message()
                except Garbled as error:
                    log.warning("an event was not understood: %s", error)
                    continue
                if event is None:
                    return
                self._heard()
                yield event
