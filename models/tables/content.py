"""The library, each group's programme, its posts, and the hours learned from activity."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class ItemRow(Base):
    __tablename__ = "content_item"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    text: Mapped[str]
    voice: Mapped[str]
    image: Mapped[str | None]
    link: Mapped[str | None]
    title: Mapped[str]
    stages: Mapped[list[str]]
    phases: Mapped[list[str]]
    from_week: Mapped[int | None]
    to_week: Mapped[int | None]
    cities: Mapped[list[str]]
    channels: Mapped[list[str]]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    weight: Mapped[int]
    source: Mapped[str]
    approved_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]


class ProgrammeRow(Base):
    __tablename__ = "programme"

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    plan_at: Mapped[datetime | None] = mapped_column(index=True)
    planned_on: Mapped[date | None]
    phase: Mapped[str]
    recent: Mapped[str]
    seen: Mapped[list[str]]


class PostRow(Base):
    __tablename__ = "post"
    __table_args__ = (
        Index("ix_post_account_day", "account", "day", "slot"),
        Index(
            "ix_post_unapproved",
            "day",
            "group_id",
            postgresql_include=["closes_at", "item"],
            postgresql_where=text("state = 'planned' AND approved_by IS NULL"),
        ),
        Index("ix_post_empty", "day", "group_id", postgresql_where=text("state = 'empty'")),
        Index("ix_post_day", "day", "group_id", "slot"),
        Index("ix_post_state", "state", "day", "group_id", "slot"),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    phase: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    said_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    item: Mapped[str | None]
    voice: Mapped[str]
    why: Mapped[str]
    pinned_by: Mapped[str | None]
    approved_by: Mapped[str | None]
    handed_to: Mapped[str | None]
    given: Mapped[list[str]]
    message: Mapped[str | None]
    posted_at: Mapped[datetime | None] = mapped_column(index=True)
    heard: Mapped[int | None]
    speakers: Mapped[int | None]
    usual_heard: Mapped[float | None]
    usual_speakers: Mapped[float | None]


class LearnedHoursRow(Base):
    __tablename__ = "learned_hours"

    cohort: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    spans: Mapped[str]
    shares: Mapped[Any] = mapped_column(JSONB)
    known: Mapped[float]
    learned_on: Mapped[date]
