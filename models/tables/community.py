"""Accounts, groups and who is in them.

No foreign keys between these: they are written with every event, and keys would halve the rate.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import BY_PAGES, Base


class AccountRow(Base):
    __tablename__ = "account"

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str | None]
    up_at: Mapped[datetime | None]
    absent_from: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    down_why: Mapped[str | None]
    abilities: Mapped[list[str]]


class LeaseRow(Base):
    """Who may speak for an account. `expires_at` is by the database's clock."""

    __tablename__ = "lease"

    account: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    epoch: Mapped[int]
    expires_at: Mapped[datetime]


class GroupRow(Base):
    __tablename__ = "chat_group"
    __table_args__ = (
        Index("ix_chat_group_cohort", "city", "channel", "birth_window"),
        Index("ix_chat_group_channel", "channel", postgresql_where=text("standing = 'ours'")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    standing: Mapped[str]
    city: Mapped[str | None]
    channel: Mapped[str | None]
    birth_window: Mapped[str | None]
    opened_on: Mapped[date | None]
    checked_at: Mapped[datetime | None]
    doubted: Mapped[int | None]
    paused_at: Mapped[datetime | None]
    members: Mapped[int]
    owner: Mapped[str | None]


class MemberRow(Base):
    __tablename__ = "member"
    __table_args__ = (
        Index("ix_member_monitor", "group_id", postgresql_where=text("role = 'monitor'")),
        Index("ix_member_inviter", "inviter", postgresql_where=text("inviter IS NOT NULL")),
        Index("ix_member_left_by", "left_by", postgresql_where=text("left_by IS NOT NULL")),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    person: Mapped[str] = mapped_column("person_id", primary_key=True, index=True)
    name: Mapped[str]
    nickname: Mapped[str]
    role: Mapped[str]
    present: Mapped[bool]
    origin: Mapped[str]
    seen_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    inviter: Mapped[str | None]
    left_by: Mapped[str | None]
    erased: Mapped[bool]


class JoinRow(Base):
    """Every join we saw, by our clock: what a peak is measured by."""

    __tablename__ = "join_log"
    __table_args__ = (
        Index("ix_join_log_group_id_seen_at", "group_id", "seen_at"),
        Index("ix_join_log_day", "seen_at", **BY_PAGES),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    group: Mapped[str] = mapped_column("group_id")
    person: Mapped[str] = mapped_column("person_id")
    seen_at: Mapped[datetime]


class StaffRow(Base):
    """Roles that hold in every group."""

    __tablename__ = "staff"

    person: Mapped[str] = mapped_column("person_id", primary_key=True)
    role: Mapped[str]


class MessageRow(Base):
    """What was said; also the inbox: a message seen before is dropped. `chat` is the group, or
    the person for a private message. The text is forgotten after a while, and the row leaves with
    its month."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_chat_said_at", "chat", "said_at"),
        Index("ix_message_kept", "seen_at", postgresql_where=text("text IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (seen_at)"},
    )

    chat: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    sender: Mapped[str]
    text: Mapped[str | None]
    mentions: Mapped[list[str]]
    quotes: Mapped[str | None]
    said_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(primary_key=True)
