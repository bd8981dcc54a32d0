"""The groups of the community: where each is, how old, how large, and what there is about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from bot.demo.community import RULES, later, next_to_turn
from handlers import naming
from models.cohort import BirthWindow
from models.ids import GroupId

WEEKS = 8
"""Of the past that are lived through."""
AROUND = "around"
"""What the ids of its groups say of them."""


class Trait(Enum):
    """What makes a group one to look at."""

    SILENT = auto()
    LEADERLESS = auto()
    MISNAMED = auto()
    PAUSED = auto()
    MONITOR_QUIET = auto()
    APPROVAL = auto()
    LOSING = auto()
    SLOW = auto()
    """Hardly anybody joins any more."""
    REDEEMS = auto()
    ASKS = auto()


@dataclass(frozen=True, slots=True)
class Plot:
    """`window`: how many windows after (or before) the one that turns postnatal next. `age`: in
    days, today. `members`: at the beginning of the past, or when it was opened since, and now.
    `talk`: conversations a week."""

    city: str
    channel: str
    window: int
    age: int
    members: tuple[int, int]
    talk: float
    traits: Sequence[Trait] = ()
    number: int = 1

    @property
    def is_new(self) -> bool:
        """Whether it was opened within the past."""
        return self.age < WEEKS * 7

    def has(self, trait: Trait) -> bool:
        return trait in self.traits


PLOTS = (
    Plot("上海", "妇幼", 1, 9, (22, 96), 6, (Trait.ASKS,)),
    Plot("上海", "妇幼", 0, 26, (30, 163), 6, (Trait.ASKS,)),
    Plot("上海", "妇幼", -1, 84, (214, 236), 5),
    Plot("上海", "爱婴坊", 1, 15, (16, 39), 3, (Trait.SLOW,)),
    Plot("上海", "爱婴坊", 0, 36, (24, 98), 3, (Trait.REDEEMS,)),
    Plot("上海", "爱婴坊", -1, 98, (338, 353), 7, (Trait.REDEEMS,)),
    Plot("上海", "爱婴坊", -1, 19, (26, 118), 4, (Trait.ASKS,), 2),
    Plot("成都", "妇幼", 1, 6, (20, 58), 5),
    Plot("成都", "妇幼", 0, 47, (28, 174), 9, (Trait.MONITOR_QUIET,)),
    Plot("成都", "妇幼", -2, 140, (258, 262), 4),
    Plot("成都", "社区医院", 0, 31, (18, 84), 2, (Trait.SLOW,)),
    Plot("成都", "社区医院", -1, 77, (160, 168), 2, (Trait.SILENT,)),
    Plot("广州", "妇幼", 1, 3, (12, 27), 4),
    Plot("广州", "妇幼", 0, 40, (30, 206), 6, (Trait.ASKS,)),
    Plot("广州", "妇幼", -1, 91, (226, 232), 4, (Trait.APPROVAL,)),
    Plot("广州", "爱婴坊", 0, 18, (24, 92), 3, (Trait.LEADERLESS,)),
    Plot("广州", "爱婴坊", -1, 63, (170, 181), 3, (Trait.PAUSED, Trait.REDEEMS)),
    Plot("广州", "社区医院", -1, 70, (182, 191), 3, (Trait.MISNAMED, Trait.REDEEMS)),
    Plot("武汉", "妇幼", 0, 20, (26, 66), 3, (Trait.LOSING,)),
    Plot("武汉", "妇幼", -1, 119, (306, 321), 5),
    Plot("武汉", "爱婴坊", -2, 168, (268, 270), 0.4),
)
"""Beside the three that are ready-made."""


@dataclass(frozen=True, slots=True)
class Place:
    """A plot on its day."""

    id: GroupId
    name: str
    window: BirthWindow
    plot: Plot
    opened_on: date


def places(today: date) -> Iterator[Place]:
    turning = next_to_turn(today)
    for number, plot in enumerate(PLOTS, 1):
        window = later(turning, plot.window)
        name = naming.GroupName(plot.city, window, plot.channel, plot.number)
        yield Place(
            id=GroupId(f"{AROUND}-{number:02}"),
            name=naming.write(name, RULES.name_template),
            window=window,
            plot=plot,
            opened_on=today - timedelta(days=plot.age),
        )


def is_around(group: GroupId) -> bool:
    """Whether it is of the community, and none of those to play in."""
    return group.startswith(f"{AROUND}-")
