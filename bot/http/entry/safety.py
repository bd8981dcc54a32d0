"""What every public page says about itself, and how a form of ours is told from a forged one."""

import hmac
from base64 import b64encode
from hashlib import sha256
from urllib.parse import urlsplit

from fastapi import Request

OURS = ("same-origin", "none")
"""Sec-Fetch-Site where a page of ours, or she herself, sent it."""


def headers_for(style: str, script: str) -> dict[str, str]:
    """Of a page that holds this style and this script, and may do nothing else.

    The referrer stays on this site: with no-referrer, browsers would send our own forms with
    `Origin: null`, which can't be told from a forged one.
    """
    return {
        "Content-Security-Policy": "; ".join(
            (
                "default-src 'none'",
                f"style-src '{_digest(style)}'",
                f"script-src '{_digest(script)}'",
                "img-src 'self' data:",
                "form-action 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            )
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "X-Robots-Tag": "noindex, nofollow",
        "Cache-Control": "no-store",
    }


def comes_from_us(request: Request, site: str) -> bool:
    """Whether a form was sent by a page of ours, as far as the browser tells; `site` is the
    public address, where one is set."""
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched in OURS
    origin = request.headers.get("origin")
    if origin is None:
        return True
    own = (request.headers.get("host", ""), urlsplit(site).netloc)
    return _place(origin) in {each.lower() for each in own if each}


def token_for(secret: str, what: str) -> str:
    """What a form carries to show that it was given to whom it is sent by: nobody else can make
    it, since the `secret` is hers alone."""
    return hmac.new(secret.encode(), what.encode(), sha256).hexdigest()


def is_token(given: str, secret: str, what: str) -> bool:
    return hmac.compare_digest(given.encode(), token_for(secret, what).encode())


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
