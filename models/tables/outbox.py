"""Every message we have promised to say, and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base

LOOSE = "state = 'proposed' AND proposal IS NULL"


class OutboxRow(Base):
    """`state`: held (an earlier step of its round comes first), waiting, paused (it was due while
    its group is paused), sending, or proposed (part of a `proposal`, or about to be), then one of
    sent, unsure, parked, lapsed. `epoch` is the lease under which it is being sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "account",
            "priority",
            "due_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_outbox_lapses_at",
            "account",
            "lapses_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_outbox_sending", "account", "epoch", postgresql_where=text("state = 'sending'")),
        Index("ix_outbox_settled_at", "account", "settled_at"),
        Index(
            "ix_outbox_unsaid",
            "settled_at",
            postgresql_where=text("state IN ('parked', 'unsure')"),
        ),
        Index("ix_outbox_group_id", "group_id", "id"),
        Index(
            "ix_outbox_open",
            "due_at",
            "id",
            postgresql_where=text("state IN ('held', 'paused', 'waiting')"),
        ),
        Index("ix_outbox_wants", "id", postgresql_where=text("state IN ('parked', 'unsure')")),
        Index("ix_outbox_promised_at", "promised_at"),
        Index("ix_outbox_due_at", "due_at", "id"),
        Index("ix_outbox_proposal", "proposal", postgresql_where=text("proposal IS NOT NULL")),
        Index("ix_outbox_loose", "account", "id", postgresql_where=text(LOOSE)),
        Index("ix_outbox_to_person", "to_person", postgresql_where=text("to_person IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    account: Mapped[str]
    kind: Mapped[str]
    priority: Mapped[int]
    group: Mapped[str | None] = mapped_column("group_id")
    to: Mapped[str | None] = mapped_column("to_person")
    text: Mapped[str]
    mentions: Mapped[list[str]]
    round: Mapped[int | None]
    step: Mapped[int]
    state: Mapped[str]
    epoch: Mapped[int | None]
    attempts: Mapped[int]
    promised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    attachment: Mapped[dict[str, Any] | None]
    proposal: Mapped[str | None]
