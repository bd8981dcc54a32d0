"""Newcomers and greeting desks."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class NewcomerRow(Base):
    __tablename__ = "newcomer"
    __table_args__ = (
        Index(
            "ix_newcomer_waiting",
            "group_id",
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
        Index(
            "ix_newcomer_unfit",
            "group_id",
            postgresql_where=text("here AND NOT fits AND greeted_at IS NOT NULL"),
        ),
        Index("ix_newcomer_round", "group_id", "round"),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    person: Mapped[str] = mapped_column("person_id", primary_key=True)
    here: Mapped[bool]
    waiting_since: Mapped[datetime | None]
    round: Mapped[int | None]
    greeted_at: Mapped[datetime | None]
    fits: Mapped[bool]
    reminders: Mapped[int]
    reminded_at: Mapped[datetime | None]


class DeskRow(Base):
    __tablename__ = "desk"

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    rounds: Mapped[int]
    greeting: Mapped[bool]
    chosen_at: Mapped[datetime | None]
    said_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    hurried: Mapped[bool]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    notices: Mapped[int]
    reminding: Mapped[bool]
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
