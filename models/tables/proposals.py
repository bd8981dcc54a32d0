"""What people are asked to say, or to let be said; and where they see it."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base

IS_PENDING = "state IN ('gathering', 'handing', 'open')"


class ProposalRow(Base):
    __tablename__ = "proposal"
    __table_args__ = (
        Index("ix_proposal_due", "account", "due_at", postgresql_where=text(IS_PENDING)),
        Index("ix_proposal_owner", "owner", postgresql_where=text(IS_PENDING)),
        Index("ix_proposal_made_at", "made_at", "key"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    owner: Mapped[str]
    means: Mapped[str]
    state: Mapped[str]
    hour: Mapped[datetime]
    digest: Mapped[str]
    made_at: Mapped[datetime]
    ready_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]
    platform_id: Mapped[str | None]
    handed_at: Mapped[datetime | None]
    reminders: Mapped[int]
    reminded_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None]


class OwnerPageRow(Base):
    __tablename__ = "owner_page"

    account: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
