"""The ledger, the balances beside it, and when a group hears of points."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class LedgerRow(Base):
    """Append-only: a trigger refuses to change or delete what is written."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint("shortfall >= 0", name="shortfall"),
        Index("ix_ledger_person", "group_id", "person_id", "id"),
        Index("ix_ledger_at", "group_id", "at"),
        Index("ix_ledger_newest", "at", "id"),
        Index("ix_ledger_newest_of_person", "person_id", "at", "id"),
        Index("ix_ledger_newest_of_kind", "kind", "at", "id"),
        Index("ix_ledger_id", "group_id", "id"),
        Index(
            "ix_ledger_message",
            "group_id",
            "message",
            postgresql_where=text("message IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    group: Mapped[str] = mapped_column("group_id")
    person: Mapped[str] = mapped_column("person_id")
    kind: Mapped[str]
    points: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str]
    message: Mapped[str | None]
    cause: Mapped[str | None]
    counterpart: Mapped[str | None]
    note: Mapped[str]
    shortfall: Mapped[int]
    reverses: Mapped[str | None] = mapped_column(unique=True)


class BalanceRow(Base):
    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("points >= 0", name="never_below_zero"),
        Index("ix_balance_points", "points", "group_id", "person_id"),
        Index("ix_balance_person", "person_id", "group_id"),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    person: Mapped[str] = mapped_column("person_id", primary_key=True)
    points: Mapped[int]


class PraiseDeskRow(Base):
    __tablename__ = "praise_desk"

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    told: Mapped[int] = mapped_column(BigInteger)
    telling: Mapped[int | None] = mapped_column(BigInteger)
    said_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
