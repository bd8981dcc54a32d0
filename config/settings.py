"""What the deployment decides. Read once at start; changing it means a restart."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

OFF = "off"


class Settings(BaseSettings):
    """From the environment (prefix `BOT_`) or a `.env` file. The two names of the Wechaty
    ecosystem are enough to add a Wechaty account."""

    model_config = SettingsConfigDict(env_prefix="BOT_", env_file=".env", extra="ignore")

    database_url: str | None = Field(
        None, description="postgresql://user:password@host/name; absent: embedded."
    )
    data: Path | None = Field(None, description="Where the embedded database keeps its data.")
    http: str = Field("127.0.0.1:8000", description="Where HTTP is served, or `off`.")
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
