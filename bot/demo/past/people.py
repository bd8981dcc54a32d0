"""Who is in a group of the past, who comes, who goes, and what each is called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from bot.demo.past.plots import Place, Trait
from bot.demo.past.words import NAMES
from config.daily import ZONE
from handlers.nickname.judge import example
from models.ids import PersonId
from models.messages import mention

PEAKS = (time(10, 40), time(15, 20), time(20, 10))
"""When many come at once: after a ward round, an afternoon class, a post in the evening."""
NAMED = 0.93
"""Of those who are there, or come, so many call themselves as one should."""
BUSY = 0.3
"""Of a group's days, on which somebody joins."""
SPREAD = 40
"""Days by which a baby comes before or after the middle of its window."""


@dataclass(frozen=True, slots=True)
class Mother:
    person: PersonId
    name: str
    baby: str
    early: int

    def nickname(self, place: Place, on: date) -> str:
        return example(place.plot.city, place.window, on + timedelta(days=self.early), self.baby)


@dataclass(frozen=True, slots=True)
class Coming:
    """`renamed_at`: when she calls herself as she should, if she does."""

    at: datetime
    mother: Mother
    renamed_at: datetime | None


class People:
    """Of one group. Who is made first leads it and talks, so that who leaves was silent."""

    def __init__(self, place: Place, rng: Random) -> None:
        self.place = place
        self._rng = rng
        self._names = NAMES.copy()
        rng.shuffle(self._names)
        self._made = 0

    def mother(self) -> Mother:
        name, baby = self._names[self._made % len(self._names)]
        self._made += 1
        person = PersonId(f"{self.place.id}-{self._made:03}")
        return Mother(person, name, baby, self._rng.randint(-SPREAD, SPREAD))

    def is_named(self) -> bool:
        return self._rng.random() < NAMED

    def coming(self, first: date, days: int, count: int) -> Iterator[Coming]:
        """So many within these days, most of them in peaks."""
        if not count:
            return
        busy = max(1, min(round(days * BUSY), count // 3))
        weights = [self._rng.uniform(0.4, 1.6) for _ in range(busy)]
        if self.place.plot.has(Trait.SLOW):
            weights = [each / (1 + number) for number, each in enumerate(weights)]
        chosen = sorted(self._rng.sample(range(days), busy)) if busy < days else range(days)
        left = count
        for number, (day, weight) in enumerate(zip(chosen, weights, strict=False)):
            share = round(left * weight / sum(weights[number:]))
            left -= share
            yield from self._peak(first + timedelta(days=day), share)

    def _peak(self, day: date, count: int) -> Iterator[Coming]:
        minutes = self._rng.randint(0, 40)
        at = datetime.combine(day, self._rng.choice(PEAKS), ZONE) + timedelta(minutes=minutes)
        for _ in range(count):
            at += timedelta(seconds=self._rng.randint(4, 70))
            renamed = None
            if self.is_named():
                renamed = at + timedelta(minutes=self._rng.choice((4, 9, 26, 75, 600, 1_300)))
            yield Coming(at, self.mother(), renamed)


def called(mother: Mother, nickname: str) -> str:
    """How she is addressed in the group."""
    return mention(nickname or mother.name)
