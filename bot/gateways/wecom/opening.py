"""A company's app on WeCom, from the settings to an open gateway."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.gateways.wecom.client import Wait, WeComClient
from bot.gateways.wecom.crypto import Envelope
from bot.gateways.wecom.gateway import PULSE, WeComGateway
from bot.gateways.wecom.letters import Knock, Letters
from bot.gateways.wecom.pace import Pace
from bot.gateways.wecom.people import People
from bot.gateways.wecom.pictures import Pictures
from bot.gateways.wecom.shelf import DatabaseShelf
from bot.gateways.wecom.tokens import Tokens
from config.settings import Settings
from models.ids import AccountId

PATIENCE = httpx.Timeout(15, connect=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """`envelope` opens its callbacks; None where none are set up."""

    account: AccountId
    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    envelope: Envelope | None = field(default=None, repr=False)
    owners: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    has_archive: bool = False
    api: str


def company_of(settings: Settings) -> Company | None:
    """None where nothing is said of WeCom. Raises ValueError, in words, where something is
    missing or can't be right."""
    needed = {
        "BOT_WECOM_CORP_ID": settings.wecom_corp_id,
        "BOT_WECOM_AGENT_ID": settings.wecom_agent_id,
        "BOT_WECOM_SECRET": settings.wecom_secret,
    }
    if not any(needed.values()):
        return None
    missing = [name for name, value in needed.items() if not value]
    if missing or not settings.wecom_corp_id or not settings.wecom_agent_id:
        raise ValueError(f"for WeCom these are needed as well: {', '.join(missing)}")
    assert settings.wecom_secret is not None
    return Company(
        account=account_of(settings.wecom_corp_id, settings.wecom_agent_id),
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id,
        secret=settings.wecom_secret.get_secret_value(),
        envelope=_envelope(settings, settings.wecom_corp_id),
        owners=_several(settings.wecom_owners),
        contacts=_several(settings.wecom_contacts),
        has_archive=settings.wecom_archive,
        api=settings.wecom_api,
    )


def account_of(corp_id: str, agent_id: int) -> AccountId:
    return AccountId(f"wecom-{corp_id}-{agent_id}")


def open_wecom(
    company: Company,
    engine: AsyncEngine,
    knock: Knock,
    clock: Callable[[], datetime],
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    wait: Wait = asyncio.sleep,
    pulse: timedelta = PULSE,
) -> WeComGateway:
    http = httpx.AsyncClient(base_url=company.api, timeout=PATIENCE, transport=transport)
    # Without the token, and without the address that it belongs to.
    pictures = httpx.AsyncClient(timeout=PATIENCE, transport=transport)

    async def close() -> None:
        await http.aclose()
        await pictures.aclose()

    tokens = Tokens(
        DatabaseShelf(engine, company.account), http, company.corp_id, company.secret, clock
    )
    return WeComGateway(
        company.account,
        WeComClient(http, tokens, Pace(), wait, clock),
        People(company.corp_id, company.agent_id),
        Letters(engine, company.account),
        knock,
        Pictures(pictures),
        agent_id=company.agent_id,
        owners=company.owners,
        contacts=company.contacts,
        has_archive=company.has_archive,
        clock=clock,
        wait=wait,
        pulse=pulse,
        close=close,
    )


def _envelope(settings: Settings, corp_id: str) -> Envelope | None:
    token, key = settings.wecom_callback_token, settings.wecom_callback_key
    if token is None and key is None:
        return None
    if token is None or key is None:
        raise ValueError(
            "BOT_WECOM_CALLBACK_TOKEN and BOT_WECOM_CALLBACK_KEY belong together: both stand in "
            "接收消息 of the app"
        )
    return Envelope(token.get_secret_value(), key.get_secret_value(), corp_id)


def _several(text: str) -> tuple[str, ...]:
    return tuple(each for each in text.split(",") if each)
