"""What a failure of WeCom's means to whoever wanted to say or do something. Pure."""

from datetime import datetime

from bot.gateways.wecom import codes
from bot.gateways.wecom.failures import (
    Failed,
    NoAnswer,
    NotReached,
    SecretRefused,
    SlowDown,
    WeComError,
)
from models.delivery import DeliveryError, MaybeSent, NotSent, Refused

OF_THE_ACCOUNT = frozenset({60020, 48002, 81017, 40001, 40013, 40014, 42001, 301002, 301007})
"""Codes that say nothing of what was asked, but that the app is not (or no more) allowed to ask
(doc 90313): an admin has to mend that, and then it can be done."""


def of_account(error: WeComError) -> bool:
    """Whether nothing works before somebody has mended something."""
    if isinstance(error, SecretRefused):
        return True
    return isinstance(error, Failed) and error.errcode in OF_THE_ACCOUNT


def delivery(error: WeComError, now: datetime) -> DeliveryError:
    match error:
        case NoAnswer():
            return MaybeSent(str(error))
        case SlowDown():
            return NotSent(str(error), after=error.after)
        case SecretRefused():
            return NotSent(str(error), after=max(error.until - now, error.until - error.until))
        case NotReached():
            return NotSent(str(error))
        case Failed(errcode=codes.BUSY):
            return NotSent(str(error))
        case _ if of_account(error):
            return NotSent(str(error))
    return Refused(str(error))
