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
from models.tables.content import ItemRow, LearnedHoursRow, PostRow, ProgrammeRow
from models.tables.entry import (
    AccountCardRow,
    ClickRow,
    EntryCodeRow,
    OpeningRow,
    ReferralRow,
    ShortLinkRow,
    VisitorRow,
    WayRow,
)
from models.tables.errands import ErrandRow
from models.tables.growth import (
    ActivityRow,
    DayTotalRow,
    DeafSpellRow,
    LifeRow,
    NoticeRow,
    PastStayRow,
    SpeakerRow,
)
from models.tables.helping import (
    AnswerRow,
    KocTermRow,
    QuestionDeskRow,
    QuestionRow,
    TaskResponseRow,
    TaskRow,
)
from models.tables.inbox import InboxRow
from models.tables.months import MONTHLY
from models.tables.office import (
    AuditRow,
    BeatRow,
    DeadLetterRow,
    OnceRow,
    RuleChangeRow,
    RuleLayerRow,
    SessionRow,
    TokenRow,
)
from models.tables.onboarding import DeskRow, NewcomerRow
from models.tables.outbox import OutboxRow
from models.tables.platform_ways import ContactWayRow, JoinWayRow, WelcomeTemplateRow
from models.tables.points import BalanceRow, LedgerRow, PraiseDeskRow
from models.tables.proposals import OwnerPageRow, ProposalRow
from models.tables.rewards import RedemptionRow, RewardRow
from models.tables.wecom import WeComChatRow, WeComTokenRow

__all__ = [
    "MONTHLY",
    "AccountCardRow",
    "AccountRow",
    "ActivityRow",
    "AnswerRow",
    "AuditRow",
    "BalanceRow",
    "Base",
    "BeatRow",
    "ClickRow",
    "ContactWayRow",
    "DayTotalRow",
    "DeadLetterRow",
    "DeafSpellRow",
    "DeskRow",
    "EntryCodeRow",
    "ErrandRow",
    "GroupRow",
    "InboxRow",
    "ItemRow",
    "JoinRow",
    "JoinWayRow",
    "KocTermRow",
    "LearnedHoursRow",
    "LeaseRow",
    "LedgerRow",
    "LifeRow",
    "MemberRow",
    "MessageRow",
    "NewcomerRow",
    "NoticeRow",
    "OnceRow",
    "OpeningRow",
    "OutboxRow",
    "OwnerPageRow",
    "PastStayRow",
    "PostRow",
    "PraiseDeskRow",
    "ProgrammeRow",
    "ProposalRow",
    "QuestionDeskRow",
    "QuestionRow",
    "RedemptionRow",
    "ReferralRow",
    "RewardRow",
    "RuleChangeRow",
    "RuleLayerRow",
    "SessionRow",
    "ShortLinkRow",
    "SpeakerRow",
    "StaffRow",
    "TaskResponseRow",
    "TaskRow",
    "TokenRow",
    "VisitorRow",
    "WayRow",
    "WeComChatRow",
    "WeComTokenRow",
    "WelcomeTemplateRow",
]
