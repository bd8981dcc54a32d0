"""Which gateways there are, and which accounts the settings ask for."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.gateways.base import Gateway
from bot.gateways.simulated import SimulatedGateway
from bot.gateways.wechaty import WechatyGateway
from bot.gateways.wecom import WeComGateway
from bot.gateways.wecom.crypto import Envelope
from bot.gateways.wecom.letters import Knock
from bot.gateways.wecom.opening import Company, company_of, open_wecom
from config.settings import Settings
from models.ids import AccountId

GATEWAYS: dict[str, type[Gateway]] = {
    "simulated": SimulatedGateway,
    "wechaty": WechatyGateway,
    "wecom": WeComGateway,
}
"""Every one of them is held to the same contract (tests/gateways/test_contract.py)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a gateway may need around it: the time, the database in which what all processes share
    is kept, and a bell that tells an account that something came for it."""

    clock: Clock
    engine: AsyncEngine
    knock: Callable[[AccountId], Knock]


Open = Callable[[Surroundings], Gateway]
Mailboxes = Mapping[AccountId, Envelope]


def wechaty_account(token: str) -> AccountId:
    """The token is the account's identity with its gateway, and a secret."""
    return AccountId(f"wechaty-{sha256(token.encode()).hexdigest()[:8]}")


def accounts(settings: Settings) -> dict[AccountId, Open]:
    """Each configured account, and how to open its gateway, which connects to nothing yet and
    raises ValueError or OSError where its settings make no sense. Raises ValueError, in words,
    where one is configured by half."""
    found: dict[AccountId, Open] = {}
    if settings.wechaty_endpoint and settings.wechaty_token:
        token = settings.wechaty_token.get_secret_value()
        account = wechaty_account(token)
        found[account] = _wechaty(account, settings.wechaty_endpoint, token, settings)
    if (company := company_of(settings)) is not None:
        found[company.account] = _wecom(company)
    return found


def mailboxes(settings: Settings) -> Mailboxes:
    """Of the accounts that are told at our own address what happens, how that is opened."""
    company = company_of(settings)
    if company is None or company.envelope is None:
        return {}
    return {company.account: company.envelope}


def _wechaty(account: AccountId, endpoint: str, token: str, settings: Settings) -> Open:
    def open_it(around: Surroundings) -> Gateway:
        return WechatyGateway(
            account,
            endpoint,
            token,
            clock=around.clock.now,
            rng=random.Random(account),
            tls_ca=settings.wechaty_tls_ca,
            tls_name=settings.wechaty_tls_name,
        )

    return open_it


def _wecom(company: Company) -> Open:
    def open_it(around: Surroundings) -> Gateway:
        knock = around.knock(company.account)
        return open_wecom(company, around.engine, knock, around.clock.now)

    return open_it
