"""What the people in charge set and did, and what went wrong."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
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
    """`digest` is SHA-256 of the token; the token itself is shown once and not kept. `scopes` are
    an operator's channels and groups. `used_at` is known to the minute."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(server_default="[]")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SessionRow(Base):
    """Somebody who signed in with a token in a browser; `digest` is SHA-256 of her cookie."""

    __tablename__ = "session"

    digest: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger, index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AuditRow(Base):
    """What somebody changed: `target` names it (`reward:r1`), `before` and `after` are what it
    looked like; null where it was not there, or tells too much of somebody who was erased.
    `group` and `person` are whom it concerns, `note` is what was typed in chat."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_target", "target", "id"),
        Index(
            "ix_audit_group_id", "group_id", "id", postgresql_where=text("group_id IS NOT NULL")
        ),
        Index("ix_audit_person", "person_id", postgresql_where=text("person_id IS NOT NULL")),
        Index("ix_audit_at", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    token: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str]
    target: Mapped[str]
    group: Mapped[str | None] = mapped_column("group_id")
    person: Mapped[str | None] = mapped_column("person_id")
    note: Mapped[str] = mapped_column(server_default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class OnceRow(Base):
    """What was answered to a request that came with a key of its own, for as long as it may be
    repeated. `request` is the digest of what was asked for."""

    __tablename__ = "once"

    token: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    at: Mapped[datetime] = mapped_column(index=True)


class DeadLetterRow(Base):
    """An event whose handling failed by itself; the others went on. `tried_at` is when somebody
    last ran it again, and it failed."""

    __tablename__ = "dead_letter"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    event: Mapped[dict[str, Any]]
    traceback: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    tried_at: Mapped[datetime | None]


class BeatRow(Base):
    """How far what happens by the calendar has come: `done_at` is the last time it was done for
    every group, `cursor` the group it stopped at, where there are more than one beat can take."""

    __tablename__ = "beat"

    name: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
    cursor: Mapped[str]
