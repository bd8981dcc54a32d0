"""What the deployment decides. Read once at start; changing it means a restart."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

OFF = "off"
EVERYBODY = "*"


def _are_addresses(text: str) -> str:
    """`10.0.0.5, 172.16.0.0/12`, or `*` where nobody but a proxy reaches us."""
    given = [each.strip() for each in text.split(",") if each.strip()]
    for each in given:
        if each != EVERYBODY:
            ip_network(each)
    return ",".join(given)


Proxies = Annotated[str, AfterValidator(_are_addresses)]


def _are_userids(text: str) -> str:
    """`linyue, zhangmin`."""
    given = [each.strip() for each in text.split(",") if each.strip()]
    for each in given:
        if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._@-]{0,63}", each):
            raise ValueError(f"{each} is no userid: it is seen in WeCom's console, as 账号")
    return ",".join(given)


Userids = Annotated[str, AfterValidator(_are_userids)]


class Settings(BaseSettings):
    """From the environment (prefix `BOT_`) or a `.env` file. The two names of the Wechaty
    ecosystem are enough to add a Wechaty account."""

    model_config = SettingsConfigDict(
        env_prefix="BOT_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    database_url: str | None = Field(
        None, description="postgresql://user:password@host/name; absent: embedded."
    )
    data: Path | None = Field(None, description="Where the embedded database keeps its data.")
    http: str = Field("127.0.0.1:8000", description="Where HTTP is served, or `off`.")
    proxies: Proxies = Field(
        "127.0.0.1,::1",
        description="The addresses or networks of the proxies in front of HTTP: theirs is the "
        "word on whose request it is.",
    )
    log: str = Field("text", pattern="^(text|json)$", description="How log lines look.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    wechaty_endpoint: str | None = Field(
        None,
        validation_alias=AliasChoices("WECHATY_PUPPET_SERVICE_ENDPOINT", "BOT_WECHATY_ENDPOINT"),
        description="host:port of the Wechaty gateway.",
    )
    wechaty_token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("WECHATY_PUPPET_SERVICE_TOKEN", "BOT_WECHATY_TOKEN"),
    )
    wechaty_tls_ca: Path | None = Field(
        None, description="The authority to trust, where the gateway speaks TLS."
    )
    wechaty_tls_name: str | None = Field(
        None, description="The name in the gateway's certificate, where it isn't its host."
    )
    wecom_corp_id: str | None = Field(
        None, pattern="^w[0-9A-Za-z]{1,63}$", description="企业ID of the company on WeCom."
    )
    wecom_agent_id: int | None = Field(None, gt=0, description="AgentId of the self-built app.")
    wecom_secret: SecretStr | None = Field(None, description="Secret of the self-built app.")
    wecom_callback_token: SecretStr | None = Field(
        None, description="Token of its 接收消息; without it nothing is heard before a look."
    )
    wecom_callback_key: SecretStr | None = Field(
        None, description="EncodingAESKey of its 接收消息, 43 characters."
    )
    wecom_owners: Userids = Field(
        "", description="Userids of those whose groups are ours; none: all whom the app may see."
    )
    wecom_contacts: Userids = Field(
        "", description="Userids of those whom mothers may add as a contact, at most 100."
    )
    wecom_archive: bool = Field(
        False, description="Whether 会话存档 is piped into `python -m bot archive`."
    )
    wecom_api: str = Field(
        "https://qyapi.weixin.qq.com", pattern="^https?://", description="WeCom's address."
    )
