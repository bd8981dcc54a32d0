"""What accounts are to do other than speak."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class ErrandRow(Base):
    """`state`: waiting, doing, then one of done, unsure, failed, lapsed. `epoch` is the lease
    under which it is being done."""

    __tablename__ = "errand"
    __table_args__ = (
        Index(
            "ix_errand_waiting",
            "account",
            "due_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_errand_doing", "account", "epoch", postgresql_where=text("state = 'doing'")),
        Index("ix_errand_settled_at", "account", "settled_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    account: Mapped[str]
    group: Mapped[str | None] = mapped_column("group_id")
    person: Mapped[str | None] = mapped_column("person_id")
    people: Mapped[list[str]]
    detail: Mapped[str]
    state: Mapped[str]
    epoch: Mapped[int | None]
    attempts: Mapped[int]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None]
