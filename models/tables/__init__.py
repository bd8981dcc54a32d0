"""Every table, so that `Base.metadata` is whole for Alembic and for the tests."""

from models.tables.base import Base
from models.tables.community import (
    AccountRow,
    GroupRow,
    JoinRow,
    LeaseRow,
    MemberRow,
    MessageRow,
    StaffRow,
)
from models.tables.office import DeadLetterRow, RuleChangeRow, RuleLayerRow, TokenRow
from models.tables.onboarding import DeskRow, NewcomerRow
from models.tables.outbox import OutboxRow

__all__ = [
    "AccountRow",
    "Base",
    "DeadLetterRow",
    "DeskRow",
    "GroupRow",
    "JoinRow",
    "LeaseRow",
    "MemberRow",
    "MessageRow",
    "NewcomerRow",
    "OutboxRow",
    "RuleChangeRow",
    "RuleLayerRow",
    "StaffRow",
    "TokenRow",
]
