"""Days of a busy community, drawn from a seed: who joins, leaves, talks, asks, answers, thanks,
types a command or scans a code, in which group and at which moment."""

from collections.abc import Iterator
from datetime import timedelta
from enum import Enum, auto
from random import Random

MORNING, NIGHT = timedelta(hours=8), timedelta(hours=22)
QUESTIONS = (
    "孕晚期晚上总醒怎么办呀？",
    "宝宝三个月一天睡几个小时？",
    "有没有推荐的月子中心？",
    "产检要空腹吗？",
    "辅食从几个月开始加比较好？",
)
ANSWERS = (
    "左侧卧会好一点，睡前少喝水，我那时候就是这样",
    "我家一天睡十四个小时左右，每个宝宝不一样",
    "抽血那次要空腹，带点吃的抽完再吃",
    "六个月开始加，先从米粉开始，一次只加一样",
)
SMALL_TALK = ("早呀", "今天降温了大家多穿点", "哈哈哈", "收到", "刚产检回来", "宝宝睡了")
COMMANDS = ("/积分", "/排行", "/我的", "/帮助", "/兑换 试用装")
LED = ("/群况", "/问题", "/日历", "/登记")


class Act(Enum):
    JOIN = auto()
    LEAVE = auto()
    TALK = auto()
    ASK = auto()
    COMMAND = auto()
    LEAD = auto()
    VISIT = auto()


SHARES = {
    Act.JOIN: 8,
    Act.LEAVE: 5,
    Act.TALK: 55,
    Act.ASK: 18,
    Act.COMMAND: 8,
    Act.LEAD: 2,
    Act.VISIT: 4,
}


def day(rng: Random, acts: int) -> Iterator[tuple[timedelta, Act]]:
    """So many, in order, each with the time since midnight."""
    times = sorted(MORNING + (NIGHT - MORNING) * rng.random() for _ in range(acts))
    return zip(times, rng.choices(tuple(SHARES), tuple(SHARES.values()), k=acts), strict=True)
