"""How asking WeCom can fail, by what is known of it.

WeComError
  NotReached      surely not carried out: asking again is safe
  NoAnswer        it may have been carried out
  SlowDown        not carried out: a quota is used up; `after` says how long to leave it off
  SecretRefused   not carried out, nor will anything be before `until` or with another secret
  Failed          WeCom answered with an `errcode` that asking again won't change

No text of theirs holds a secret or an access token, nor does an exception that they come from.
"""

from datetime import datetime, timedelta

from bot.gateways.wecom import codes
from config.daily import ZONE


class WeComError(Exception):
    """Base of every way to fail."""


class NotReached(WeComError):
    """WeCom did not get to see it."""


class NoAnswer(WeComError):
    """It was sent, or part of it, and nothing that makes sense came back."""


class SlowDown(WeComError):
    def __init__(self, reason: str, after: timedelta) -> None:
        super().__init__(reason)
        self.after = after


class SecretRefused(WeComError):
    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(
            f"{reason}; WeCom is not asked again before {until.astimezone(ZONE):%Y-%m-%d %H:%M} "
            f"({ZONE.key}) with this secret, since it bans who insists"
        )
        self.until = until


class Failed(WeComError):
    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(codes.in_words(errcode, errmsg))
        self.errcode = errcode
        self.errmsg = errmsg
