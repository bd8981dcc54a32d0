"""The ready-made groups of the demo, and how its rooms are found again after a restart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import func, select

from bot.gateways.simulated import SimulatedGateway
from config.daily import ZONE
from config.rules import GroupRules, GrowthRules
from handlers import naming
from handlers.nickname.judge import example
from models.cohort import MONTHS, BirthWindow, shift_months
from models.events import GroupAdopted
from models.groups import Group
from models.ids import AccountId, GroupId, PersonId
from models.people import Profile, Role
from models.rewards import Reward
from models.scopes import EVERYWHERE
from models.stores.office import Beat
from models.stores.unit import Unit
from models.tables import (
    AccountRow,
    ErrandRow,
    GroupRow,
    JoinRow,
    MemberRow,
    MessageRow,
    OutboxRow,
    VisitorRow,
)

ACCOUNT = AccountId("demo")
CITY, CHANNEL = "杭州", "妇幼"
RULES = GroupRules()


@dataclass(frozen=True, slots=True)
class Regular:
    """Somebody who is in a group from the beginning. `early`: by how many days her baby comes
    before (or after) the middle of the window; None where she has set no nickname yet."""

    name: str
    called: str
    early: int | None
    role: Role = Role.MEMBER


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a group is when it is first looked at: for how long it has been open, and how many are
    in it besides the regulars, whom one can't be and who just read along."""

    age: timedelta
    readers: int
    regulars: Sequence[Regular]


BEGINNINGS = (
    Beginning(
        timedelta(days=5),
        18,
        (
            Regular("小雨妈妈", "小雨", 3, Role.MONITOR),
            Regular("一颗桃子", "桃子", -16, Role.KOC),
            Regular("Lynn", "琳琳", 20),
            Regular("汤圆麻麻", "汤圆", -5),
            Regular("向日葵", "", None),
        ),
    ),
    Beginning(
        timedelta(weeks=9),
        172,
        (
            Regular("可乐妈", "可乐", 12, Role.MONITOR),
            Regular("安安的妈妈", "安安", -8, Role.KOC),
            Regular("阿宁", "阿宁", 18),
            Regular("小满", "小满", 2),
            Regular("七七", "", None),
        ),
    ),
    Beginning(
        timedelta(weeks=20),
        221,
        (
            Regular("年年妈妈", "年年", -10, Role.MONITOR),
            Regular("米粒妈", "米粒", 15, Role.KOC),
            Regular("Cici", "西西", 0),
            Regular("小树苗", "小树", -20),
            Regular("芒果布丁", "", None),
        ),
    ),
)
"""Of a group that still gathers, one that grows, and one that is settled."""

LIVELY_HOURS = (11, 16, 20)
READER = "reader"
"""What the ids of those who only read along say of them."""

TEAM = {PersonId("staff-1"): "运营小王", PersonId("staff-2"): "运营小陈"}
"""Of the operator: who may be in a room from its first minute."""

REWARDS = (
    Reward(id="demo-sample", name="试用装", scope=EVERYWHERE, cost=20, stock=5),
    Reward(id="demo-bags", name="母乳储存袋", scope=EVERYWHERE, cost=30),
    Reward(id="demo-book", name="绘本一册", scope=EVERYWHERE, cost=50),
)

LOOK = Path(__file__).parent / "look"
NEWCOMERS = (LOOK / "names.txt").read_text(encoding="utf-8").split()
"""What a newcomer is called until she says otherwise."""
READERS = [
    pattern.format(word)
    for pattern in ("小{0}的妈妈", "大{0}宝妈", "{0}宝的麻麻", "{0}儿妈咪")
    for word in (LOOK / "words.txt").read_text(encoding="utf-8").strip()
]


@dataclass(frozen=True, slots=True)
class ReadyMade:
    id: GroupId
    name: str
    window: BirthWindow
    beginning: Beginning

    def people(self, today: date) -> Iterator[tuple[PersonId, Profile, Role]]:
        for number, each in enumerate(self.beginning.regulars):
            profile = Profile(each.name, _nickname(self.window, each, today))
            yield PersonId(f"{self.id}-{number}"), profile, each.role
        for person, name in zip(self.readers, READERS, strict=False):
            yield person, Profile(name), Role.MEMBER

    @property
    def readers(self) -> list[PersonId]:
        numbers = range(self.beginning.readers)
        return [PersonId(f"{self.id}-{READER}-{number}") for number in numbers]

    def adopted(self, at: datetime) -> GroupAdopted:
        """What its name does not tell: since when it is open."""
        opened_on = at.astimezone(ZONE).date() - self.beginning.age
        return GroupAdopted(at=at, by="demo", group=self.id, opened_on=opened_on)


def ready_made(today: date) -> list[ReadyMade]:
    """A prenatal group, the one that turns postnatal next, and a postnatal one."""
    turning = next_to_turn(today)
    windows = (later(turning, 1), turning, later(turning, -1))
    return [
        ReadyMade(GroupId(f"demo-{window}"), _name(window), window, beginning)
        for window, beginning in zip(windows, BEGINNINGS, strict=True)
    ]


def only_reads(person: PersonId) -> bool:
    """Whether she makes up the number and is nobody whom one can be."""
    return f"-{READER}-" in person


def next_to_turn(today: date) -> BirthWindow:
    """Of all windows of the calendar, the one whose middle comes next."""
    month = today.replace(day=1)
    ahead = (
        BirthWindow(day.year, day.month)
        for step in range(-MONTHS, MONTHS + 1)
        for day in [shift_months(month, step)]
    )
    return next(each for each in ahead if each.tiles(RULES.first_month) and each.middle > today)


def settle_in(gateway: SimulatedGateway, group: ReadyMade, today: date) -> None:
    """The room as it was before anybody looked at it."""
    gateway.open_room(group.id, group.name)
    for person, profile, role in group.people(today):
        gateway.enter(group.id, person, profile, role)


async def restore(facts: Unit, gateway: SimulatedGateway) -> list[Group]:
    """Open the rooms that are known already, with the people who are in them, and know those by
    name who showed their tickets."""
    for visitor in await facts.visitors.find(VisitorRow.person.is_not(None)):
        if visitor.person is not None:
            gateway.remember(visitor.person, visitor.name)
    groups = await facts.groups.find(GroupRow.account == ACCOUNT)
    for group in groups:
        gateway.open_room(group.id, group.name)
        for member in await facts.members.present(group.id):
            profile = Profile(member.name, member.nickname)
            gateway.enter(group.id, member.person, profile, member.role)
    return groups


async def recall(facts: Unit, group: ReadyMade, now: datetime) -> None:
    """Who came when since it was opened, and how lively it was, as if we had listened all the
    time; of a group that is long formed nobody needs to know."""
    life = await facts.lives.get(group.id)
    if life is None or group.beginning.age >= GrowthRules().form_within:
        return
    opened_at = now - group.beginning.age
    facts.lives.put(replace(life, since=opened_at))
    for number, reader in enumerate(group.readers, 1):
        share = number / (group.beginning.readers + 1)
        facts.joins.add(group.id, reader, opened_at + group.beginning.age * share)
    today = now.astimezone(ZONE).date()
    regulars = [each for each in group.people(today) if not only_reads(each[0])]
    for ago in range(1, group.beginning.age.days):
        for hour in LIVELY_HOURS:
            at = datetime.combine(today - timedelta(days=ago), time(hour, 30), ZONE)
            for person, _, role in regulars:
                facts.activity.add(group.id, at, person, role)


async def stock_up(facts: Unit) -> None:
    """Something to spend points on, where nothing was ever offered."""
    if not await facts.rewards.find():
        for each in REWARDS:
            facts.rewards.put(each)


async def latest_moment(facts: Unit) -> datetime | None:
    """The latest time that the demo has lived to."""
    times = [
        await facts.connection.scalar(select(func.max(column)))
        for column in (
            AccountRow.heard_at,
            OutboxRow.promised_at,
            OutboxRow.settled_at,
            MessageRow.seen_at,
            MemberRow.gone_at,
            JoinRow.seen_at,
            ErrandRow.settled_at,
            VisitorRow.scanned_at,
            VisitorRow.answered_at,
        )
    ]
    return max((at for at in times if at is not None), default=None)


async def others_live_here(facts: Unit) -> bool:
    """Whether the database holds groups of real accounts, which no virtual clock may touch."""
    accounts = await facts.connection.scalars(
        select(GroupRow.account).where(GroupRow.account != ACCOUNT).distinct()
    )
    found = [AccountId(each) for each in accounts]
    return not all([await facts.beats.get(_mark_of(each)) for each in found])


async def let_in(account: AccountId, facts: Unit, now: datetime) -> None:
    """Its groups live on the demo's clock from the beginning."""
    facts.beats.put(Beat(name=_mark_of(account), done_at=now))


def _mark_of(account: AccountId) -> str:
    return f"{account} beside the demo"


def later(window: BirthWindow, windows: int) -> BirthWindow:
    day = shift_months(window.first_day, windows * MONTHS)
    return BirthWindow(day.year, day.month)


def _name(window: BirthWindow) -> str:
    return naming.write(naming.GroupName(CITY, window, CHANNEL, 1), RULES.name_template)


def _nickname(window: BirthWindow, who: Regular, today: date) -> str:
    if who.early is None:
        return ""
    return example(CITY, window, today + timedelta(days=who.early), who.called)
