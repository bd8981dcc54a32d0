"""Where the public pages are, for whoever is to be sent there."""

from fastapi import Request

from config.rules import Rules
from models.ids import AccountId, Code


def site_of(rules: Rules, request: Request) -> str:
    """The public address, without a slash at its end; where none is set, that by which we were
    reached."""
    return rules.entry.site or str(request.base_url).rstrip("/")


def code_address(site: str, code: Code) -> str:
    return f"{site}/j/{code}"


def poster_address(site: str, code: Code) -> str:
    return f"{code_address(site, code)}/poster.png"


def qr_address(site: str, code: Code) -> str:
    return f"{code_address(site, code)}/qr.png"


def opening_address(site: str, token: str) -> str:
    """For staff only."""
    return f"{site}/o/{token}"


def callback_address(site: str, account: AccountId) -> str:
    """Where a platform tells us what happens (bot/http/callbacks.py)."""
    return f"{site}/wecom/{account}/callback"
