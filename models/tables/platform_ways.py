"""What a platform keeps for us: ways into groups, ways to staff, welcomes."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class JoinWayRow(Base):
    __tablename__ = "join_way"
    __table_args__ = (Index("ix_join_way_cohort", "city", "channel", "birth_window", "code"),)

    account: Mapped[str] = mapped_column(primary_key=True)
    city: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    birth_window: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    config: Mapped[str]
    groups: Mapped[list[str]]
    base_name: Mapped[str]
    base_id: Mapped[int]
    content: Mapped[str | None]
    image: Mapped[bytes | None]
    got_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    why_not: Mapped[str]
    changed: Mapped[str]


class ContactWayRow(Base):
    __tablename__ = "contact_way"

    account: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    config: Mapped[str]
    content: Mapped[str | None]
    image: Mapped[bytes | None]
    got_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    why_not: Mapped[str]


class WelcomeTemplateRow(Base):
    __tablename__ = "welcome_template"

    account: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    config: Mapped[str]
    text: Mapped[str]
    due_at: Mapped[datetime | None]
    why_not: Mapped[str]
