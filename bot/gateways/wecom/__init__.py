"""WeCom (企业微信) by its official API alone."""

from bot.gateways.wecom.gateway import WeComGateway

__all__ = ["WeComGateway"]
