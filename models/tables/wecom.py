"""What is kept of WeCom's own: access tokens, and how far we know its groups."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class WeComTokenRow(Base):
    """The access token of an account, or until when WeCom must not be asked for one. `secret` is
    SHA-256 of the corp id and the secret it was asked for with."""

    __tablename__ = "wecom_token"

    account: Mapped[str] = mapped_column(primary_key=True)
    secret: Mapped[str]
    token: Mapped[str]
    expires_at: Mapped[datetime | None]
    refused_why: Mapped[str]
    refused_until: Mapped[datetime | None]


class WeComChatRow(Base):
    """The version of a group's member list up to which we heard, as WeCom calls it."""

    __tablename__ = "wecom_chat"

    account: Mapped[str] = mapped_column(primary_key=True)
    chat: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str]
