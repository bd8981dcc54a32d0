"""Everything one transaction may read and write: read once, changed in memory, written once."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from config.daily import ZONE
from models.events import (
    Event,
    GroupEvent,
    MemberJoined,
    MemberLeft,
    MessageReceived,
    NicknameChanged,
)
from models.ids import GroupId, PersonId
from models.stores.activity import ActivityStore
from models.stores.audit import AuditStore
from models.stores.community import (
    AccountStore,
    GroupStore,
    JoinStore,
    MemberStore,
    StaffStore,
)
from models.stores.content import ItemStore, LearnedHoursStore, PostStore, ProgrammeStore
from models.stores.entry import EntryCodeStore, VisitorStore
from models.stores.errands import ErrandStore
from models.stores.growth import DeafSpellStore, LifeStore, NoticeStore, PastStayStore
from models.stores.helping import (
    AnswerStore,
    KocTermStore,
    QuestionDeskStore,
    QuestionStore,
    TaskResponseStore,
    TaskStore,
)
from models.stores.inbox import InboxStore
from models.stores.links import ClickStore, ShortLinkStore
from models.stores.mind import Mind
from models.stores.months import MonthStore
from models.stores.office import BeatStore
from models.stores.onboarding import DeskStore, NewcomerStore
from models.stores.openings import OpeningStore
from models.stores.outbox import OutboxStore
from models.stores.people import PersonStore
from models.stores.platform_ways import ContactWayStore, JoinWayStore, WelcomeTemplateStore
from models.stores.points import BalanceStore, LedgerStore, PraiseDeskStore
from models.stores.proposals import OwnerPageStore, ProposalStore
from models.stores.referrals import ReferralStore
from models.stores.rewards import RedemptionStore, RewardStore
from models.stores.rules import RuleStore
from models.stores.shelf import Shelf
from models.stores.talk import TalkStore
from models.stores.totals import TotalStore
from models.stores.ways import AccountCardStore, WayStore


class Unit:
    def __init__(self, connection: AsyncConnection, mind: Mind | None = None) -> None:
        """`mind` is the process's own, where it lives longer than this."""
        self.connection = connection
        self.mind = mind or Mind()
        self._open(connection)

    def _open(self, connection: AsyncConnection) -> None:
        self.accounts = AccountStore(connection)
        self.groups = GroupStore(connection)
        self.members = MemberStore(connection)
        self.joins = JoinStore(connection)
        self.staff = StaffStore(connection)
        self.past_stays = PastStayStore(connection)
        self.deaf_spells = DeafSpellStore(connection)
        self.newcomers = NewcomerStore(connection)
        self.desks = DeskStore(connection)
        self.outbox = OutboxStore(connection)
        self.proposals = ProposalStore(connection)
        self.owner_pages = OwnerPageStore(connection)
        self.inbox = InboxStore(connection)
        self.rules = RuleStore(connection, self.groups)
        self.talk = TalkStore(connection)
        self.activity = ActivityStore(connection)
        self.lives = LifeStore(connection)
        self.notices = NoticeStore(connection)
        self.items = ItemStore(connection)
        self.programmes = ProgrammeStore(connection)
        self.posts = PostStore(connection)
        self.learned_hours = LearnedHoursStore(connection)
        self.questions = QuestionStore(connection)
        self.answers = AnswerStore(connection)
        self.question_desks = QuestionDeskStore(connection)
        self.tasks = TaskStore(connection)
        self.task_responses = TaskResponseStore(connection)
        self.koc_terms = KocTermStore(connection)
        self.balances = BalanceStore(connection)
        self.ledger = LedgerStore(connection, self.balances)
        self.praise_desks = PraiseDeskStore(connection)
        self.rewards = RewardStore(connection)
        self.redemptions = RedemptionStore(connection)
        self.entry_codes = EntryCodeStore(connection)
        self.visitors = VisitorStore(connection)
        self.ways = WayStore(connection)
        self.account_cards = AccountCardStore(connection)
        self.join_ways = JoinWayStore(connection)
        self.contact_ways = ContactWayStore(connection)
        self.welcome_templates = WelcomeTemplateStore(connection)
        self.openings = OpeningStore(connection)
        self.referrals = ReferralStore(connection)
        self.short_links = ShortLinkStore(connection)
        self.clicks = ClickStore(connection)
        self.errands = ErrandStore(connection)
        self.beats = BeatStore(connection)
        self.totals = TotalStore(connection)
        self.people = PersonStore(connection)
        self.months = MonthStore(connection)
        self.audit = AuditStore(connection)
        self._in_order = (
            self.accounts,
            self.groups,
            self.members,
            self.joins,
            self.past_stays,
            self.deaf_spells,
            self.newcomers,
            self.desks,
            self.talk,
            self.activity,
            self.lives,
            self.notices,
            self.items,
            self.programmes,
            self.posts,
            self.learned_hours,
            self.questions,
            self.answers,
            self.question_desks,
            self.tasks,
            self.task_responses,
            self.koc_terms,
            self.balances,
            self.ledger,
            self.praise_desks,
            self.rewards,
            self.redemptions,
            self.entry_codes,
            self.visitors,
            self.ways,
            self.account_cards,
            self.join_ways,
            self.contact_ways,
            self.welcome_templates,
            self.openings,
            self.referrals,
            self.short_links,
            self.clicks,
            self.totals,
            self.beats,
            self.errands,
            self.proposals,
            self.owner_pages,
            self.inbox,
            self.outbox,
        )
        """In which they are written, so that no two transactions wait for each other."""

    async def start_afresh(self) -> None:
        """Write what changed and hold nothing of what was read: rows will be changed past the
        stores. Locks are kept."""
        await self.flush()
        self.mind.clear()
        self._open(self.connection)

    async def prepare(self, events: Sequence[Event]) -> None:
        """Read what most of these events will ask for, in one statement a table."""
        about = [each for each in events if isinstance(each, GroupEvent | MessageReceived)]
        await self.groups.load({(each.group,) for each in about if each.group is not None})
        known = [each for each in self.groups.held() if each.is_ours]
        await self.rules.load(known)
        ours = {each.id for each in known}
        moves, invited = _movers(events, ours), _invited(events, ours)
        inviters = {(group, inviter) for group, _, inviter in invited}
        await self.members.load(_speakers(events, ours) | moves | inviters)
        await self.prepare_moves(moves)
        await self.referrals.read_beginnings(person for _, person, _ in invited)
        await self._prepare_talk(events, ours)

    async def prepare_moves(self, moves: Collection[tuple[GroupId, PersonId]]) -> None:
        """The same for people of whom it turns out that they came into a group, or left it."""
        groups = sorted({group for group, _ in moves})
        await self.newcomers.load(moves)
        await self.referrals.load(moves)
        await self.visitors.read_people(person for _, person in moves)
        await self.desks.load((group,) for group in groups)
        await self.lives.load((group,) for group in groups)
        await self.newcomers.read_waiting(groups)

    async def _prepare_talk(self, events: Sequence[Event], ours: set[GroupId]) -> None:
        said = [each for each in events if isinstance(each, MessageReceived)]
        if not said:
            return
        heard = [each for each in said if each.group is None or each.group in ours]
        await self.talk.load({(each.group or each.sender, each.id) for each in heard})
        groups = sorted({each.group for each in heard if each.group is not None})
        await self.tasks.read_open(groups)
        await self.questions.read_live(groups)
        await self.posts.read_given(groups, max(each.at for each in said).astimezone(ZONE).date())

    def soonest(self) -> datetime | None:
        """The soonest of what this transaction made due, before it is written."""
        times = [
            self.desks.soonest_change(),
            self.outbox.soonest_promise(),
            self.praise_desks.soonest("due_at"),
            self.question_desks.soonest("due_at"),
            self.tasks.soonest("closes_at"),
            self.redemptions.soonest("lapses_at"),
            self.koc_terms.soonest("until"),
            self.lives.soonest("look_at"),
            self.notices.soonest("due_at"),
            self.programmes.soonest("plan_at"),
            self.posts.soonest("due_at"),
            self.ways.soonest("due_at"),
            self.join_ways.soonest("due_at"),
            self.contact_ways.soonest("due_at"),
            self.openings.soonest("due_at"),
            self.referrals.soonest("due_at"),
            self.errands.soonest_asked(),
        ]
        return min((at for at in times if at is not None), default=None)

    async def flush(self) -> None:
        for each in self._in_order:
            if not isinstance(each, Shelf) or each.has_changed:
                await each.flush()


def _speakers(events: Sequence[Event], ours: set[GroupId]) -> set[tuple[GroupId, PersonId]]:
    return {
        (each.group, each.sender)
        for each in events
        if isinstance(each, MessageReceived) and each.group in ours
    }


def _movers(events: Sequence[Event], ours: set[GroupId]) -> set[tuple[GroupId, PersonId]]:
    return {
        (each.group, each.person)
        for each in events
        if isinstance(each, MemberJoined | MemberLeft | NicknameChanged) and each.group in ours
    }


def _invited(
    events: Sequence[Event], ours: set[GroupId]
) -> set[tuple[GroupId, PersonId, PersonId]]:
    """Who joined which group, and by whom she was invited."""
    return {
        (each.group, each.person, each.inviter)
        for each in events
        if isinstance(each, MemberJoined) and each.group in ours and each.inviter is not None
    }
