"""How groups grow and how lively they are."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import BY_PAGES, Base


class LifeRow(Base):
    __tablename__ = "life"

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    since: Mapped[datetime]
    opened_on: Mapped[date]
    look_at: Mapped[datetime | None] = mapped_column(index=True)
    formed_at: Mapped[datetime | None]
    full_at: Mapped[datetime | None]
    looked_on: Mapped[date | None]
    active: Mapped[int | None]
    active_of: Mapped[int]


class NoticeRow(Base):
    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "ix_notice_open",
            "found_at",
            "group_id",
            "concern",
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    concern: Mapped[str] = mapped_column(primary_key=True)
    found_at: Mapped[datetime]
    text: Mapped[str]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class PastStayRow(Base):
    __tablename__ = "past_stay"
    __table_args__ = (
        Index("ix_past_stay_gone_at", "group_id", "gone_at"),
        Index("ix_past_stay_day", "gone_at", **BY_PAGES),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    person: Mapped[str] = mapped_column("person_id", primary_key=True, index=True)
    gone_at: Mapped[datetime] = mapped_column(primary_key=True)
    origin: Mapped[str]
    seen_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    inviter: Mapped[str | None]
    left_at: Mapped[datetime | None]
    left_by: Mapped[str | None]


class DeafSpellRow(Base):
    __tablename__ = "deaf_spell"

    account: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime]


class ActivityRow(Base):
    """Messages of an hour by role, and how many people said them: kept for ever, of nobody in
    particular."""

    __tablename__ = "activity"
    # Rows come in the order of their hours, so the hours of a day are found by ranges of pages.
    __table_args__ = (Index("ix_activity_hour", "hour", **BY_PAGES),)

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    messages: Mapped[int]
    speakers: Mapped[int]


class DayTotalRow(Base):
    """What a day came to in all groups of a channel ("" for none)."""

    __tablename__ = "day_total"

    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    groups: Mapped[int]
    heard: Mapped[float]
    joined: Mapped[int]
    gone: Mapped[int]
    messages: Mapped[int]
    asked: Mapped[int]
    answered: Mapped[int]
    said: Mapped[int]
    points: Mapped[int]
    counted_at: Mapped[datetime]


class SpeakerRow(Base):
    """Who spoke in an hour, and how often: forgotten as soon as texts are."""

    __tablename__ = "speaker"
    __table_args__ = (
        Index("ix_speaker_hour", "hour"),
        {"postgresql_partition_by": "RANGE (hour)"},
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column("person_id", primary_key=True, index=True)
    role: Mapped[str]
    messages: Mapped[int]
