"""What the deployment decides. Read once at start; changing it means a restart."""

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


class Settings(BaseSettings):
    """From the environment (prefix `BOT_`) or a `.env` file. The two names of the Wechaty
    ecosystem are enough to add a Wechaty account."""

    model_config = SettingsConfigDict(env_prefix="BOT_", env_file=".env", extra="ignore")

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
