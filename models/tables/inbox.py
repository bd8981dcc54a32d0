"""What a platform told us at our own address, kept before anything is made of it."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class InboxRow(Base):
    """`digest` is the same for a repeat. The `body` is forgotten once it is handled; the row stays
    for a while, so that a repeat is known for one."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("ix_inbox_digest", "account", "digest", unique=True),
        Index("ix_inbox_waiting", "account", "id", postgresql_where=text("handled_at IS NULL")),
        Index("ix_inbox_handled_at", "handled_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account: Mapped[str]
    digest: Mapped[str]
    body: Mapped[str | None]
    came_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
