"""Access tokens and secrets travel in addresses (doc 91039), which HTTP clients like to log."""

import logging
import re
from collections.abc import Mapping

_SECRET = re.compile(r"((?:access_token|corpsecret|key|response_code)=)[^&\s\"']+")
_HIDDEN = "***"
SECRETS = frozenset({"access_token", "corpsecret"})


def without_secrets(text: str, params: Mapping[str, str | int] | None = None) -> str:
    """`text` without what stands for a secret in an address, nor those of `params`."""
    for name in SECRETS & set(params or ()):
        value = str((params or {})[name])
        text = text.replace(value, _HIDDEN) if value else text
    return _SECRET.sub(rf"\1{_HIDDEN}", text)


class _Hiding(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = without_secrets(said)
        if hidden != said:
            record.msg, record.args = hidden, ()
        return True


_hiding = _Hiding()


def keep_out_of_logs() -> None:
    """From now on httpx logs addresses without their secrets. May be called again."""
    logging.getLogger("httpx").addFilter(_hiding)
