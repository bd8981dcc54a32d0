"""WeChat through a Wechaty puppet-service gateway."""

from bot.gateways.wechaty.gateway import WechatyGateway
from bot.gateways.wechaty.timings import Timings

__all__ = ["Timings", "WechatyGateway"]
