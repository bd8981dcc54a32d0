"""Entry codes, who scanned them, and how one gets into a group."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class EntryCodeRow(Base):
    __tablename__ = "entry_code"
    __table_args__ = (
        Index(
            "ix_entry_code_member",
            "member",
            "channel",
            unique=True,
            postgresql_where=text("member IS NOT NULL"),
        ),
        Index("ix_entry_code_channel", "channel", "code"),
        Index("ix_entry_code_made", "created_at", "code", postgresql_where=text("member IS NULL")),
        Index(
            "ix_entry_code_of_member",
            "created_at",
            "code",
            postgresql_where=text("member IS NOT NULL"),
        ),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    city: Mapped[str | None]
    referrer: Mapped[str]
    member: Mapped[str | None]
    group: Mapped[str | None] = mapped_column("group_id")
    headline: Mapped[str]
    template: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    closed_at: Mapped[datetime | None]


class VisitorRow(Base):
    """One person on her way in; a row stays for the figures when what she told is forgotten."""

    __tablename__ = "visitor"
    __table_args__ = (
        Index(
            "ix_visitor_ticket", "ticket", unique=True, postgresql_where=text("ticket IS NOT NULL")
        ),
        Index(
            "ix_visitor_awaited",
            "group_id",
            "placed_at",
            postgresql_where=text(
                "group_id IS NOT NULL AND (joined_at IS NULL OR left_at IS NOT NULL)"
            ),
        ),
        Index(
            "ix_visitor_waiting",
            "city",
            "channel",
            "birth_window",
            "waiting_since",
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
        Index("ix_visitor_person", "person", postgresql_where=text("person IS NOT NULL")),
        Index(
            "ix_visitor_kept",
            "answered_at",
            postgresql_where=text("day IS NOT NULL AND joined_at IS NULL"),
        ),
        Index(
            "ix_visitor_left",
            "left_at",
            postgresql_where=text("day IS NOT NULL AND left_at IS NOT NULL"),
        ),
        Index(
            "ix_visitor_ticket_until",
            "ticket_until",
            postgresql_where=text("ticket IS NOT NULL"),
        ),
        Index("ix_visitor_joined_in", "joined_in", postgresql_where=text("joined_in IS NOT NULL")),
        Index("ix_visitor_alike", "day", "city", postgresql_where=text("day IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(index=True)
    scanned_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    channel: Mapped[str | None]
    city: Mapped[str | None]
    birth_window: Mapped[str | None]
    baby: Mapped[str | None]
    day: Mapped[date | None]
    name: Mapped[str]
    consent: Mapped[str | None]
    ticket: Mapped[str | None]
    ticket_until: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    group: Mapped[str | None] = mapped_column("group_id")
    placed_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
    person: Mapped[str | None]
    account: Mapped[str | None]
    joined_in: Mapped[str | None]
    joined_at: Mapped[datetime | None]
    matched_by: Mapped[str | None]
    left_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class WayRow(Base):
    __tablename__ = "way"

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    kind: Mapped[str]
    got_at: Mapped[datetime]
    by: Mapped[str]
    content: Mapped[str | None]
    image: Mapped[bytes | None]
    valid_until: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)


class AccountCardRow(Base):
    __tablename__ = "account_card"

    account: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    name: Mapped[str]
    got_at: Mapped[datetime]


class OpeningRow(Base):
    __tablename__ = "opening"
    __table_args__ = (
        Index("ix_opening_pending", "name", postgresql_where=text("state IN ('room', 'asked')")),
    )

    city: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    birth_window: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    asked_at: Mapped[datetime]
    account: Mapped[str | None]
    group: Mapped[str | None] = mapped_column("group_id")
    opened_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)


class ReferralRow(Base):
    __tablename__ = "referral"
    __table_args__ = (Index("ix_referral_joined_at", "joined_at", "group_id", "person_id"),)

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    person: Mapped[str] = mapped_column("person_id", primary_key=True, index=True)
    joined_at: Mapped[datetime]
    code: Mapped[str | None]
    visitor: Mapped[str | None] = mapped_column(index=True)
    by_link: Mapped[str | None] = mapped_column(index=True)
    by_name: Mapped[str]
    by_platform: Mapped[str | None] = mapped_column(index=True)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    credited: Mapped[str | None] = mapped_column(index=True)
    credited_in: Mapped[str | None]
    why_not: Mapped[str]
    left_at: Mapped[datetime | None]


class ShortLinkRow(Base):
    __tablename__ = "short_link"
    __table_args__ = (
        Index("ix_short_link_post", "group_id", "day", "slot", "target", unique=True),
        Index("ix_short_link_made_at", "made_at", "slug"),
    )

    slug: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str]
    group: Mapped[str] = mapped_column("group_id")
    day: Mapped[date]
    slot: Mapped[int]
    item: Mapped[str]
    made_at: Mapped[datetime]


class ClickRow(Base):
    __tablename__ = "click"

    slug: Mapped[str] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(primary_key=True, index=True)
    first_at: Mapped[datetime]
    times: Mapped[int]
