"""Rewards, and what was redeemed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class RewardRow(Base):
    __tablename__ = "reward"
    __table_args__ = (
        CheckConstraint("cost > 0", name="cost"),
        CheckConstraint("stock >= 0", name="stock"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    scope: Mapped[str]
    cost: Mapped[int]
    stock: Mapped[int | None]
    limit_each: Mapped[int | None]
    valid_until: Mapped[datetime | None]
    withdrawn: Mapped[bool]


class RedemptionRow(Base):
    __tablename__ = "redemption"
    __table_args__ = (
        Index("ix_redemption_lapses_at", "lapses_at", postgresql_where=text("state = 'ready'")),
        Index("ix_redemption_person", "person_id", "group_id"),
        Index("ix_redemption_newest", "at", "group_id"),
        Index("ix_redemption_soonest", "lapses_at", "group_id"),
        Index("ix_redemption_reward", "reward", "at"),
        Index("ix_redemption_code", "code"),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column("person_id")
    reward: Mapped[str]
    name: Mapped[str]
    cost: Mapped[int]
    at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    state: Mapped[str]
    handed_at: Mapped[datetime | None]
    handed_by: Mapped[str | None]
