"""A random community: who is in which group, and what everybody does when. Pure: a script."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from models.content import ContentKind, Item, Voice
from models.ids import GroupId, MessageId, PersonId
from models.rewards import Reward

MONITOR = "班长"
NAMES = ("小雨", "豆豆妈", "米粒妈", "团团妈", "安安妈", "糖糖妈", "果果妈", "多多妈", "朵朵妈")
NICKNAMES = ("杭州-孕30周-{}", "杭州 孕8月 {}", "{}来报到", "")
QUESTIONS = (
    "孕晚期晚上总醒怎么办呀",
    "宝宝38度5要不要吃退烧药呀？",
    "预产期过了还没动静，要去医院吗",
    "建档要带什么材料呢",
)
ANSWERS = (
    "38度5以上才需要吃退烧药，可以先物理降温",
    "我当时过了五天医生让住院的，别拖",
    "睡前泡泡脚，左侧卧会舒服很多",
    "身份证和结婚证都要带，最好再带医保卡",
)
CHATTER = ("早呀", "今天天气真好", "哈哈哈", "收到", "我家昨天也是这样", "已喝", "谢谢大家")
THANKS = ("谢谢{}，我试试", "太感谢了，很有用")
ASKED_BY_ANYBODY = (
    "/积分",
    "/排行",
    "/兑换",
    "/兑换 试用装",
    "/兑换 试用装",
    "/群规",
    "/我的",
    "/帮助",
)
ASKED_BY_THE_MONITOR = (
    "/任务 打卡 今天喝水了吗 关键词=已喝 分=2",
    "/任务",
    "/任务 结束",
    "/问题",
    "/群况",
    "/欢迎",
    "/日历",
    "/跳过 1",
    "/换 1",
    "/现在发 1",
    "/暂停",
    "/恢复",
    "/设置 凑人等待 5",
    "/KOC",
)
BONUS = "/加分 @{} {} 热心解答"
DEDUCTION = "/扣分 @{} {} 加错了"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    at: datetime
    group: GroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins(Act):
    person: PersonId
    nickname: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves(Act):
    person: PersonId
    by: PersonId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls(Act):
    """She calls herself something else."""

    person: PersonId
    nickname: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Says(Act):
    person: PersonId
    id: MessageId
    text: str
    mentions: tuple[PersonId, ...] = ()
    quotes: MessageId | None = None
    privately: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalls(Act):
    id: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsOver(Act):
    """The monitor types the code that a member shows her."""

    id: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Pastes(Act):
    """The monitor says in her group what she was handed to say."""

    id: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """`founders` are in each group before anybody looks; so is its monitor."""

    begins: datetime
    ends: datetime
    names: dict[GroupId, str]
    founders: dict[GroupId, list[PersonId]]
    rules: dict[str, dict[str, Any]]
    library: list[Item]
    reward: Reward
    acts: list[Act]


def monitor_of(group: GroupId) -> PersonId:
    return PersonId(f"{MONITOR}-{group}")


def gather(rng: Random) -> Community:
    """Hours to days of one to four groups."""
    begins = datetime.fromisoformat("2026-03-02T00:00:00+08:00") + timedelta(
        hours=rng.randrange(24), minutes=rng.randrange(60)
    )
    length = timedelta(hours=rng.choice((1, 3, 8, 24, 48)))
    groups = [GroupId(f"g{n}") for n in range(1, rng.choice((2, 2, 3, 4, 5)))]
    founders = {each: _people(each, rng.randrange(6)) for each in groups}
    life = Life(rng, {each: [*founders[each], monitor_of(each)] for each in groups})
    return Community(
        begins=begins,
        ends=begins + length,
        names={each: f"杭州·2026年3-5月·妇幼·{n:02}" for n, each in enumerate(groups, 1)},
        founders=founders,
        rules=_rules(rng),
        library=_library(rng.randrange(12)),
        reward=Reward(
            id="r1",
            name="试用装",
            scope="everywhere",
            cost=rng.randint(2, 8),
            stock=rng.randint(1, 3),
        ),
        acts=list(life.lived(sorted(_moments(begins, length, rng)))),
    )


def _people(group: GroupId, count: int) -> list[PersonId]:
    return [PersonId(f"{NAMES[n]}-{group}") for n in range(count)]


def _moments(begins: datetime, length: timedelta, rng: Random) -> Iterator[datetime]:
    """When somebody does something: in bursts, as people do."""
    for _ in range(rng.randint(4, 12)):
        burst = begins + length * rng.random()
        spread = rng.choice((2, 60, 900))
        for _ in range(rng.randint(1, 7)):
            yield burst + timedelta(seconds=round(rng.random() * spread, 1))


def _rules(rng: Random) -> dict[str, dict[str, Any]]:
    gaps = sorted(rng.sample((0, 2, 10, 60, 300, 900, 1800), 3))
    quiet = rng.choice(("23:00-07:30", "00:00-00:00", "12:30-14:00", "21:00-09:00"))
    return {
        "onboarding": {
            "calm_delay": rng.choice((0, 2, 8, 60)),
            "min_gap": gaps[0],
            "peak_interval": gaps[1],
            "surge_interval": gaps[2],
            "peak_joins": rng.choice((2, 5)),
            "surge_joins": rng.choice((6, 20)),
            "remind_after": rng.choice((1800, 86400)),
            "remind_gap": 3600,
            "quiet_hours": quiet,
        },
        "delivery": {
            "group_gap": rng.choice((0.5, 1.5, 30)),
            "per_minute": rng.choice((2, 6, 20)),
            "daily_budget": rng.choice((1, 3, 12)),
            "max_attempts": rng.choice((2, 6)),
            "quiet_hours": quiet,
            "reply_lapses": rng.choice((30, 600)),
            "onboarding_lapses": rng.choice((300, 7200)),
        },
        "content": {"posts_daily": rng.choice((0, 3, 6)), "approval": rng.random() < 0.2},
        "rewards": {"code_lasts": 86400},
        "points": {"announce_gap": rng.choice((60, 600))},
    }


def _library(count: int) -> list[Item]:
    voices = (Voice.ASSISTANT, Voice.ASSISTANT, Voice.MONITOR)
    return [
        Item(
            id=f"{kind}{n}",
            kind=kind,
            text=f"{kind}的第{n}条，今天也要好好照顾自己",
            voice=voices[n % len(voices)],
        )
        for kind in ContentKind
        for n in range(count)
    ]


@dataclass(slots=True)
class Life:
    """Who is where as the script is written, and what was said last."""

    rng: Random
    present: dict[GroupId, list[PersonId]]
    gone: dict[GroupId, list[PersonId]] = field(default_factory=dict)
    said: dict[GroupId, list[Says]] = field(default_factory=dict)
    newcomers: int = 0
    messages: int = 0

    def lived(self, moments: list[datetime]) -> Iterator[Act]:
        joining = 0.25 + 0.5 * self.rng.random()
        for at in moments:
            group = self.rng.choice(sorted(self.present))
            if self.rng.random() < joining * 0.6:
                yield self._joins(at, group)
            else:
                yield self._acts(at, group)

    def _joins(self, at: datetime, group: GroupId) -> Act:
        gone = self.gone.setdefault(group, [])
        if gone and self.rng.random() < 0.4:
            person = gone.pop(self.rng.randrange(len(gone)))
        else:
            self.newcomers += 1
            name = NAMES[self.newcomers % len(NAMES)]
            person = PersonId(f"{name}{self.newcomers}-{group}")
        self.present[group].append(person)
        return Joins(at=at, group=group, person=person, nickname=self._nickname(person))

    def _acts(self, at: datetime, group: GroupId) -> Act:
        rng, members = self.rng, self._members(group)
        said = self.said.setdefault(group, [])
        if not members or rng.random() < 0.25:
            return self._monitor_acts(at, group)
        person = rng.choice(members)
        match rng.randrange(10):
            case 0 | 1 if rng.random() < 0.7:
                self.present[group].remove(person)
                self.gone.setdefault(group, []).append(person)
                by = monitor_of(group) if rng.random() < 0.3 else None
                return Leaves(at=at, group=group, person=person, by=by)
            case 2:
                return Calls(at=at, group=group, person=person, nickname=self._nickname(person))
            case 3 if said:
                return Recalls(at=at, group=group, id=rng.choice(said[-3:]).id)
            case 4 | 5:
                return self._says(at, group, person, rng.choice(QUESTIONS))
            case 6 | 7 if said:
                return self._says(at, group, person, rng.choice(ANSWERS), rng.choice(said[-3:]))
            case 8 if said:
                to = said[-1].person
                return self._says(at, group, person, rng.choice(THANKS).format(to))
            case 9:
                text = rng.choice(ASKED_BY_ANYBODY)
                return self._says(at, group, person, text, privately=rng.random() < 0.2)
            case _:
                return self._says(at, group, person, rng.choice(CHATTER))

    def _monitor_acts(self, at: datetime, group: GroupId) -> Act:
        rng, monitor, members = self.rng, monitor_of(group), self._members(group)
        said = self.said.setdefault(group, [])
        match rng.randrange(8):
            case 0 | 1 | 2 if members:
                person = rng.choice(members)
                wording = DEDUCTION if rng.random() < 0.2 else BONUS
                text = wording.format(person, rng.randint(1, 10))
                return self._says(at, group, monitor, text, mentions=(person,))
            case 3:
                return HandsOver(at=at, group=group, id=self._number())
            case 4:
                return Pastes(at=at, group=group, id=self._number())
            case 5 if said:
                return self._says(at, group, monitor, "/采纳", rng.choice(said[-3:]))
            case _:
                return self._says(at, group, monitor, rng.choice(ASKED_BY_THE_MONITOR))

    def _says(
        self,
        at: datetime,
        group: GroupId,
        person: PersonId,
        text: str,
        quoted: Says | None = None,
        **more: Any,
    ) -> Says:
        quotes = quoted.id if quoted else None
        said = Says(
            at=at, group=group, person=person, id=self._number(), text=text, quotes=quotes, **more
        )
        if not said.privately:
            self.said.setdefault(group, []).append(said)
        return said

    def _members(self, group: GroupId) -> list[PersonId]:
        return [each for each in self.present[group] if each != monitor_of(group)]

    def _nickname(self, person: PersonId) -> str:
        return self.rng.choice(NICKNAMES).format(person)

    def _number(self) -> MessageId:
        self.messages += 1
        return MessageId(f"m{self.messages}")
