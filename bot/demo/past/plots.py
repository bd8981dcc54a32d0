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
OPERATOR = "运营小王"
"""Who made its codes and rules."""
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
    days, today. `members`: when the assistant came into it, and now. `talk`: conversations a week.
    `known`: for how many days the assistant has been in it, where it was opened before."""

    city: str
    channel: str
    window: int
    age: int
    members: tuple[int, int]
    talk: float
    traits: Sequence[Trait] = ()
    number: int = 1
    known: int | None = None

    @property
    def days(self) -> int:
        """For which the assistant has been in it."""
        return self.age if self.known is None else self.known

    def has(self, trait: Trait) -> bool:
        return trait in self.traits


PLOTS = (
    Plot("上海", "妇幼", 1, 9, (22, 96), 4, (Trait.ASKS,)),
    Plot("上海", "妇幼", 0, 26, (30, 163), 4, (Trait.ASKS,)),
    Plot("上海", "妇幼", -1, 84, (214, 236), 3, known=55),
    Plot("上海", "爱婴坊", 1, 15, (16, 39), 2, (Trait.SLOW,)),
    Plot("上海", "爱婴坊", 0, 36, (24, 98), 2, (Trait.REDEEMS,)),
    Plot("上海", "爱婴坊", -1, 98, (338, 353), 4, (Trait.REDEEMS,), known=28),
    Plot("上海", "爱婴坊", -1, 19, (26, 118), 3, (Trait.ASKS,), number=2),
    Plot("成都", "妇幼", 1, 6, (20, 58), 4),
    Plot("成都", "妇幼", 0, 47, (28, 174), 5, (Trait.MONITOR_QUIET,)),
    Plot("成都", "妇幼", -2, 140, (258, 262), 2, known=21),
    Plot("成都", "社区医院", 0, 31, (18, 84), 1, (Trait.SLOW,)),
    Plot("成都", "社区医院", -1, 77, (160, 168), 1.5, (Trait.SILENT,), known=21),
    Plot("广州", "妇幼", 1, 3, (12, 27), 3),
    Plot("广州", "妇幼", 0, 40, (30, 206), 4, (Trait.ASKS,)),
    Plot("广州", "妇幼", -1, 91, (226, 232), 2, (Trait.APPROVAL,), known=14),
    Plot("广州", "爱婴坊", 0, 18, (24, 92), 2, (Trait.LEADERLESS,)),
    Plot("广州", "爱婴坊", -1, 63, (170, 181), 2, (Trait.PAUSED, Trait.REDEEMS), known=18),
    Plot("广州", "社区医院", -1, 70, (182, 191), 2, (Trait.MISNAMED, Trait.REDEEMS), known=24),
    Plot("武汉", "妇幼", 0, 20, (26, 66), 2, (Trait.LOSING,)),
    Plot("武汉", "妇幼", -1, 119, (306, 321), 2, known=21),
    Plot("武汉", "爱婴坊", -2, 168, (268, 270), 0.3, known=16),
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
