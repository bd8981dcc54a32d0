"""What can happen to us: the inbound vocabulary, the same for every gateway.

`at` is when the platform says it happened (aware). It orders late and repeated events; how long
somebody has waited is counted from when we first saw them, which is the dispatcher's business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from models.cohort import BirthWindow, Cohort
from models.content import Item
from models.entry import Answers, EntryCode
from models.errands import Errand
from models.groups import Ability
from models.growth import Concern
from models.ids import (
    AccountId,
    Code,
    GroupId,
    InboxId,
    MessageId,
    OutboxId,
    PersonId,
    Slug,
    VisitorId,
)
from models.people import Profile, Role
from models.rewards import Reward
from models.talk import Quoted
from models.ways import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime


# What a gateway reports


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayEvent(Event):
    """`account` heard it. A group listens to one account; other accounts' copies are dropped.
    `receipt`: the row of the inbox that is done with once this is handled, where there is one."""

    account: AccountId
    receipt: InboxId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUp(GatewayEvent):
    """The account is connected and logged in as `person`; what happened before was not heard.
    `abilities` is what its gateway can do beside speaking."""

    person: PersonId
    abilities: frozenset[Ability] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDown(GatewayEvent):
    """From now on nothing is heard. `heard_until` is until when all was, where that is earlier:
    what was said on a line that is lost may be lost with it."""

    why: str
    heard_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEvent(GatewayEvent):
    group: GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStirred(GroupEvent):
    """Something changed in the group and the gateway can't tell what: look at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSeen(GroupEvent):
    """The group as it was at `at`: everyone in it, with profiles of those asked for."""

    name: str
    present: frozenset[PersonId]
    profiles: Mapping[PersonId, Profile] = field(default_factory=dict)
    staff: Mapping[PersonId, Role] = field(default_factory=dict)
    owner: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRenamed(GroupEvent):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDissolved(GroupEvent):
    """There is no such room any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(GroupEvent):
    """`state` is what the way in carried, where the platform hands it on (WeCom)."""

    person: PersonId
    profile: Profile
    inviter: PersonId | None = None
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(GroupEvent):
    """`by` is who removed them; None where they went themselves or nobody can tell."""

    person: PersonId
    by: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NicknameChanged(GroupEvent):
    person: PersonId
    nickname: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(GatewayEvent):
    """`group` is None for a private message to us; `quotes` is known where the platform tells."""

    id: MessageId
    group: GroupId | None
    sender: PersonId
    text: str
    name: str = ""
    mentions: tuple[PersonId, ...] = ()
    quotes: MessageId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecalled(GroupEvent):
    id: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendAsked(GatewayEvent):
    """Somebody wants to be the account's friend. `request` is what accepting needs; `hello` is
    what she wrote."""

    request: str
    person: PersonId
    hello: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendMade(GatewayEvent):
    """The account and she are friends, whoever asked. `state` is what the way carried by which
    she added it, where the platform hands it on (WeCom)."""

    person: PersonId
    state: str = ""


# What people do on the public pages


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeScanned(Event):
    visitor: VisitorId
    code: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersGiven(Event):
    """`seed` is unguessable: her ticket is made of it."""

    visitor: VisitorId
    code: Code
    answers: Answers = field(repr=False)
    seed: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAsked(Event):
    """She looks for her group again: the place she had may be gone."""

    visitor: VisitorId


@dataclass(frozen=True, slots=True, kw_only=True)
class WayShown(Event):
    """She saw how to get into her group."""

    visitor: VisitorId


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorErased(Event):
    """She wants what she told us to be forgotten."""

    visitor: VisitorId


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFollowed(Event):
    slug: Slug
    visitor: VisitorId


# How errands went


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandSettled(Event):
    """`group` is that of the errand."""

    errand: Errand
    group: GroupId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandDone(ErrandSettled):
    """Or (`unsure`) it may have been. `result` is what was fetched: the content of a QR code, the
    id of a room; "" where there is nothing or it is unknown."""

    result: str = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandFailed(ErrandSettled):
    """It surely was not done, and is not tried again."""

    why: str


# What follows from these, told by one feature to the others within the same transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipFact(Event):
    group: GroupId
    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class StayBegan(MembershipFact):
    """Somebody who was not in the group is in it; `since` is when we first saw it.

    Told for those who joined, not for those who were there before we looked.
    """

    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StayEnded(MembershipFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class NicknameSet(MembershipFact):
    nickname: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSet(MembershipFact):
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """A message in one of our groups, or (`group` None) in private to us, seen for the first
    time. `text` is without the block that a reply quotes; `quoted` is what that block stands
    for; its id is none that we know where we have not seen it in that chat."""

    account: AccountId
    id: MessageId
    group: GroupId | None
    sender: PersonId
    text: str
    mentions: tuple[PersonId, ...] = ()
    quoted: Quoted | None = None

    @property
    def chat(self) -> str:
        return self.group or self.sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Chatted(Said):
    """What was said in a group and is no command: what members say to one another."""

    group: GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFact(Event):
    """`helper` answered with `message`, saying `text`; whom and what is unknown where a person
    in charge accepted what nobody was seen to ask, and so is when. `by` accepted it, or RULES
    judged it. `repeats`: she, or somebody else to the same question, has said the same before."""

    group: GroupId
    message: MessageId
    helper: PersonId
    question: MessageId | None
    asker: PersonId | None
    text: str
    by: str
    asked_at: datetime | None = None
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven(AnswerFact):
    """Somebody answered an open question, as far as we can judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAccepted(AnswerFact):
    """The asker thanked for it, or somebody in charge accepted it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone(MembershipFact):
    """A member responded to a task for the first time."""

    task: int
    points: int
    message: MessageId
    by: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTakenIn(Event):
    """The group was not ours and is from now on, or was adopted anew with other facts."""

    group: GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardAgain(Event):
    """The account is connected again after it had heard nothing since `since`."""

    account: AccountId
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CameByCode(MembershipFact):
    """She joined by a way that carries an entry code, and which of those who came by it she is
    can't be told."""

    code: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Event):
    """A place in `group` is kept for the visitor; she `waited` for it, or has it at once."""

    visitor: VisitorId
    group: GroupId
    waited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLost(Event):
    """The place in `group` that was kept for the visitor is hers no more: she has another, waits
    for one, joined elsewhere, or the group is not ours any more."""

    visitor: VisitorId
    group: GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketShown(Event):
    """Somebody let the account know in chat who of the visitors she is, and waits for help.
    `key` is that of the answer, which is said once."""

    visitor: VisitorId
    account: AccountId
    person: PersonId
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWanted(Event):
    """No group of the cohort takes anybody any more, and somebody waits; or (`ahead`) this is
    about to be so, and nobody does yet."""

    cohort: Cohort
    ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLed(Event):
    """An entry code leads to the groups of the channel that was not there, or was closed."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorJoined(MembershipFact):
    """Who joined the group is who filled in the form."""

    visitor: VisitorId


# What the people in charge decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Event):
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChanged(Decision):
    """A JSON merge patch of one layer of the rules; `expected` is the version it was made from."""

    scope: str
    changes: Mapping[str, Any]
    expected: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven(Decision):
    """In one group, or in every group (`group` None)."""

    group: GroupId | None
    person: PersonId
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAdopted(Decision):
    """The group is ours; what is None is read from its name."""

    group: GroupId
    city: str | None = None
    channel: str | None = None
    window: BirthWindow | None = None
    opened_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReleased(Decision):
    group: GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPaused(Decision):
    """We are silent in the group from now on, replies apart."""

    group: GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResumed(Decision):
    """What was held back may be said, as in the morning."""

    group: GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCorrected(Decision):
    """`changes` are of its city, channel, birth_window and opened_on, and what they are from now
    on, whatever its name tells."""

    group: GroupId
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameAsked(Decision):
    """The group's account is to give it this name."""

    group: GroupId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardOffered(Decision):
    reward: Reward


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardChanged(Decision):
    """`changes` are fields of the reward and what they are from now on."""

    reward: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsPut(Decision):
    """These items of the library are as they are here from now on, whether or not they were."""

    items: Sequence[Item]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWithdrawn(Decision):
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemApproved(Decision):
    """What the item says may be posted."""

    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDecision(Decision):
    """About the slot of a group on a day, planned already or not."""

    group: GroupId
    day: date
    slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostApproved(PostDecision):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSkipped(PostDecision):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSwapped(PostDecision):
    """`item` is posted instead; None: whatever would be the next choice."""

    item: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedNow(PostDecision):
    """It is said at once, or handed over at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased(Decision):
    """Whatever tells who she is is forgotten, in every group."""

    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCodeMade(Decision):
    code: EntryCode


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCodeChanged(Decision):
    """`changes` are fields of the code and what they are from now on."""

    code: Code
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayGiven(Decision):
    """How one gets into the group from now on."""

    group: GroupId
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class WayTaken(Decision):
    """There is none any more, until another is given or fetched."""

    group: GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningDropped(Decision):
    """The group that was asked for is not needed."""

    cohort: Cohort
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOpened(Decision):
    """The group's next task, of which this is the `number`. `points` and `closes_at` are as usual
    where they are None."""

    group: GroupId
    number: int
    title: str
    keyword: str | None = None
    points: int | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded(Decision):
    """Nobody can take part any more."""

    group: GroupId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionClosed(Decision):
    """Nobody needs to answer it any more."""

    group: GroupId
    question: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettled(Decision):
    """Somebody has seen to what the group needed somebody for."""

    group: GroupId
    concern: Concern


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseDecision(Decision):
    """About one message that we promised to say."""

    message: OutboxId


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCancelled(PromiseDecision):
    """It is not said; what follows from that does, as where its time passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseHurried(PromiseDecision):
    """It is due now, ahead of its hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRetried(PromiseDecision):
    """What was refused is said after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseResolved(PromiseDecision):
    """Somebody looked whether what may have been said was `said`."""

    said: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecision(Decision):
    """About what a person was asked to say, or to let be said (models/proposals.py)."""

    proposal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDone(ProposalDecision):
    """She did it. `named` is whom the text that she pasted named; None: all whom it would name
    now."""

    named: tuple[PersonId, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDeclined(ProposalDecision):
    """It is not said this time. What the platform shows her is withdrawn there first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsAdjusted(Decision):
    """A member is given points, or they are taken from her; `id` is chosen anew for each time."""

    id: str
    group: GroupId
    person: PersonId
    points: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReversed(Decision):
    """A line of the group's ledger is taken back."""

    group: GroupId
    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeHandedOver(Decision):
    """What the code was given for is with its owner now."""

    group: GroupId
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTakenBack(Decision):
    """It was not handed over after all."""

    group: GroupId
    code: str
