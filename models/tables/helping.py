"""Questions and answers, tasks, and KOCs."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class QuestionRow(Base):
    __tablename__ = "question"
    __table_args__ = (
        Index(
            "ix_question_live", "group_id", "asked_at", postgresql_where=text("closed_at IS NULL")
        ),
        Index("ix_question_kept", "asked_at", postgresql_where=text("text IS NOT NULL")),
        Index("ix_question_asked_at", "asked_at", "group_id", "id"),
        Index("ix_question_of_group", "group_id", "asked_at", "id"),
        Index("ix_question_asker", "asker", "asked_at"),
        Index(
            "ix_question_open",
            "asked_at",
            "group_id",
            "id",
            postgresql_where=text("closed_at IS NULL AND answered_at IS NULL"),
        ),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    asker: Mapped[str]
    text: Mapped[str | None]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    brought_at: Mapped[datetime | None]


class AnswerRow(Base):
    __tablename__ = "answer"
    __table_args__ = (
        Index("ix_answer_question", "group_id", "question"),
        Index("ix_answer_said_at", "group_id", "said_at"),
        Index("ix_answer_helper", "group_id", "helper", "fingerprint"),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    helper: Mapped[str]
    question: Mapped[str | None]
    asker: Mapped[str | None]
    said_at: Mapped[datetime]
    fingerprint: Mapped[str]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class QuestionDeskRow(Base):
    __tablename__ = "question_desk"

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    brought_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)


class TaskRow(Base):
    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_open", "closes_at", "group_id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_task_opened_at", "opened_at", "group_id", "number"),
        Index("ix_task_closes_at", "closes_at", "group_id", "number"),
    )

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    keyword: Mapped[str | None]
    points: Mapped[int]
    by: Mapped[str]
    message: Mapped[str]
    announced: Mapped[str]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class TaskResponseRow(Base):
    __tablename__ = "task_response"

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    task: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column("person_id", primary_key=True)
    at: Mapped[datetime]


class KocTermRow(Base):
    __tablename__ = "koc_term"
    __table_args__ = (Index("ix_koc_term_since", "since", "group_id", "person_id"),)

    group: Mapped[str] = mapped_column("group_id", primary_key=True)
    person: Mapped[str] = mapped_column("person_id", primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None] = mapped_column(index=True)
