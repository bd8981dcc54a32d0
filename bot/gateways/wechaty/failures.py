"""What a failed call says about whether it happened: the one place where wire becomes meaning.

The server answers with an error where its puppet threw; it sets no status of its own, so nearly
everything is UNKNOWN, with the stack trace for text. A puppet is often a client itself, and then
passes on its own upstream's status. Hence three questions, in this order:

  did we get the request out, and an answer back?   no request: NotSent; no answer: MaybeSent
  will it fail the same way for ever?               Refused
  had the puppet already spoken to WeChat?          a time-out or a lost line upstream: MaybeSent;
                                                    any other error is thrown before: NotSent
"""

import re

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from bot.gateways.wechaty.stub import LineFailure, NotAsked
from models.delivery import DeliveryError, MaybeSent, NotSent, Refused

_FOR_EVER = {
    Status.INVALID_ARGUMENT,
    Status.NOT_FOUND,
    Status.PERMISSION_DENIED,
    Status.UNIMPLEMENTED,
    Status.FAILED_PRECONDITION,
}
_AFTER_SPEAKING = {Status.DEADLINE_EXCEEDED, Status.CANCELLED, Status.DATA_LOSS}
_SMELLS_OF_A_LOST_LINE = re.compile(
    r"time[ -]?d?[ -]?out|deadline|ECONNRESET|EPIPE|socket hang up|RST_STREAM|GOAWAY|stream closed"
    r"|connection (was )?(lost|reset|closed|dropped|aborted)|disconnected"
    r"|:status = '50[24]'|超时|断开",
    re.IGNORECASE,
)


def meaning(error: LineFailure | GRPCError) -> DeliveryError:
    if isinstance(error, NotAsked):
        return NotSent(f"the gateway could not be reached: {error}")
    if isinstance(error, LineFailure):
        return MaybeSent(f"the gateway did not answer: {error}")
    words = in_words(error)
    if error.status in _FOR_EVER:
        return Refused(words)
    if error.status is Status.UNAUTHENTICATED:
        return NotSent(words)
    if error.status in _AFTER_SPEAKING or _SMELLS_OF_A_LOST_LINE.search(words):
        return MaybeSent(words)
    return NotSent(words)


def meaning_of_steps(error: LineFailure | GRPCError) -> DeliveryError:
    """Of a call that the puppet answers in several steps: an error may come from any of them, so
    that it surely was not done only if it never began."""
    found = meaning(error)
    began = isinstance(error, GRPCError) and error.status is not Status.UNAUTHENTICATED
    if began and isinstance(found, NotSent):
        return MaybeSent(str(found))
    return found


def in_words(error: LineFailure | GRPCError) -> str:
    """The first line: the rest is a stack trace, whose function names smell of anything."""
    if isinstance(error, LineFailure):
        return str(error)
    if error.status is Status.UNAUTHENTICATED:
        return "the gateway refuses the token"  # its own words repeat the token
    if error.status is Status.ALREADY_EXISTS:
        return "the gateway is taken by another client"
    first = (error.message or "").strip().split("\n", 1)[0]
    return f"{error.status.name}: {first}"[:300]
