"""Which gateways there are, and which accounts the settings ask for."""

import random
from collections.abc import Callable
from hashlib import sha256

from bot.clock import Clock
from bot.gateways.base import Gateway
from bot.gateways.simulated import SimulatedGateway
from bot.gateways.wechaty import WechatyGateway
from config.settings import Settings
from models.ids import AccountId

GATEWAYS: dict[str, type[Gateway]] = {
    "simulated": SimulatedGateway,
    "wechaty": WechatyGateway,
}
"""Every one of them is held to the same contract (tests/gateways/test_contract.py)."""

Open = Callable[[], Gateway]


def wechaty_account(token: str) -> AccountId:
    """The token is the account's identity with its gateway, and a secret."""
    return AccountId(f"wechaty-{sha256(token.encode()).hexdigest()[:8]}")


def accounts(settings: Settings, clock: Clock) -> dict[AccountId, Open]:
    """Each configured account, and how to open its gateway."""
    if not (settings.wechaty_endpoint and settings.wechaty_token):
        return {}
    token = settings.wechaty_token.get_secret_value()
    account = wechaty_account(token)
    endpoint = settings.wechaty_endpoint

    def open_wechaty() -> Gateway:
        return WechatyGateway(
            account,
            endpoint,
            token,
            clock=clock.now,
            rng=random.Random(account),
            tls_ca=settings.wechaty_tls_ca,
            tls_name=settings.wechaty_tls_name,
        )

    return {account: open_wechaty}
