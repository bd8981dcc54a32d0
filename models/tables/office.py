"""What the people in charge set, and what went wrong: rules, tokens, dead letters."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class RuleLayerRow(Base):
    __tablename__ = "rule_layer"

    scope: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    overrides: Mapped[dict[str, Any]]


class RuleChangeRow(Base):
    """Every change of a layer, for ever."""

    __tablename__ = "rule_change"

    scope: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class TokenRow(Base):
    """`digest` is SHA-256 of the token; the token itself is shown once and not kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class DeadLetterRow(Base):
    """An event whose handling failed by itself; the others went on."""

    __tablename__ = "dead_letter"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    event: Mapped[dict[str, Any]]
    traceback: Mapped[str]
    seen_at: Mapped[datetime]


class BeatRow(Base):
    """How far what happens by the calendar has come: `done_at` is the last time it was done for
    every group, `cursor` the group it stopped at, where there are more than one beat can take."""

    __tablename__ = "beat"

    name: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
    cursor: Mapped[str]
