"""What is said in a group of the past, at the hours at which its cohort is awake."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from bot import scenario_lines as script
from bot.demo.past.people import Mother, called
from bot.demo.past.plots import Place, Trait
from bot.demo.past.words import CONVERSATIONS, MORNINGS, SMALL_TALK, TASKS, Conversation
from config.daily import ZONE
from models.cohort import Stage, stage_on

HOURS = {Stage.PRENATAL: (11, 16, 20, 20), Stage.POSTNATAL: (11, 13, 14, 16, 21, 22)}
WEEK = 7
HELPERS = 3
"""So many of a group answer most of what is asked, and earn most of the points:"""
HELPED = 0.6
"""of what is asked, as much."""
ASKED = 0.5
"""Of the times at which they talk, so often it begins with a question."""
SILENT_DAYS = 11
GREETS = 0.5
"""Of the days, on which a monitor says good morning."""
TASK_DAY = 2
"""Wednesday."""


@dataclass(frozen=True, slots=True)
class Present:
    """Who is in the group on a day, by what she is called there; `leads` is its monitor."""

    leads: Mother | None
    helpers: Sequence[Mother]
    talkers: Sequence[Mother]


class Talk:
    """Of one group."""

    def __init__(self, place: Place, today: date, rng: Random) -> None:
        self._place = place
        self._group = place.id
        self._plot = place.plot
        self._today = today
        self._rng = rng
        self._said = 0
        self._stock: dict[Stage, list[Conversation]] = {each: [] for each in Stage}

    def of_day(self, day: date, present: Present) -> Iterator[script.SaidLine]:
        if self._plot.has(Trait.SILENT) and (self._today - day).days <= SILENT_DAYS:
            return
        stage = stage_on(self._place.window, day)
        if present.leads is not None and not self._plot.has(Trait.MONITOR_QUIET):
            yield from self._led(day, present.leads, present)
        if len(present.talkers) < HELPERS:
            return
        hours = self._rng.sample(HOURS[stage], self._conversations())
        for hour in sorted(set(hours)):
            minutes = self._rng.randint(0, 50)
            yield from self._talked(self._at(day, hour, minutes), stage, present)

    def say(
        self, at: datetime, who: Mother, text: str, quotes: str | None = None, *more: Mother
    ) -> script.SaidLine:
        self._said += 1
        return script.SaidLine(
            type="said",
            at=at,
            group=self._group,
            member=who.person,
            id=f"{self._group}-m{self._said}",
            text=text,
            mentions=tuple(each.person for each in more),
            quotes=quotes,
        )

    def award(self, at: datetime, leads: Mother, whom: Mother, nickname: str) -> script.SaidLine:
        return self.say(at, leads, f"/加分 {called(whom, nickname)}10 热心帮忙", None, whom)

    def _conversations(self) -> int:
        """How many this day has."""
        share = self._plot.talk / WEEK
        return int(share) + (self._rng.random() < share % 1)

    def _talked(self, at: datetime, stage: Stage, present: Present) -> Iterator[script.SaidLine]:
        asked = self._rng.random() < ASKED
        conversation = self._next(stage) if asked else ()
        cast = self._cast(conversation, present) if asked else {}
        first: str | None = None
        for remark in conversation:
            line = self.say(at, cast[remark.by], remark.text, first if remark.quotes else None)
            first = first or line.id
            yield line
            at += timedelta(seconds=self._rng.randint(20, 150))
        for _ in range(self._rng.randint(9, 24)):
            speaker = self._rng.choice(present.talkers)
            yield self.say(at, speaker, self._rng.choice(SMALL_TALK))
            at += timedelta(seconds=self._rng.randint(10, 110))

    def _cast(self, conversation: Conversation, present: Present) -> dict[str, Mother]:
        """Who asks is anybody, who answers often one of the few who like to help."""
        asks, *answer = dict.fromkeys(each.by for each in conversation)
        asking = self._rng.choice(present.talkers)
        ready = [each for each in present.helpers if each != asking]
        others = [each for each in present.talkers if each not in (asking, *ready)]
        self._rng.shuffle(ready)
        self._rng.shuffle(others)
        helped = self._rng.random() < HELPED
        answering = [*ready, *others] if helped else [*others, *ready]
        return {asks: asking, **dict(zip(answer, answering, strict=False))}

    def _next(self, stage: Stage) -> Conversation:
        """None is had again before all others were."""
        if not self._stock[stage]:
            self._stock[stage] = CONVERSATIONS[stage].copy()
            self._rng.shuffle(self._stock[stage])
        return self._stock[stage].pop()

    def _led(self, day: date, leads: Mother, present: Present) -> Iterator[script.SaidLine]:
        if self._rng.random() < GREETS:
            yield self.say(self._at(day, 9, self._rng.randint(0, 59)), leads, self._morning())
        if day.weekday() == TASK_DAY and self._plot.talk >= 5:
            yield from self._task(day, leads, present)

    def _morning(self) -> str:
        return self._rng.choice(MORNINGS)

    def _task(self, day: date, leads: Mother, present: Present) -> Iterator[script.SaidLine]:
        task = self._rng.choice(TASKS)
        keyword = task.partition("关键词=")[2].split()[0]
        at = self._at(day, 10, self._rng.randint(0, 50))
        yield self.say(at, leads, f"/任务 {task}")
        for each in present.talkers[: self._rng.randint(3, 9)]:
            at += timedelta(minutes=self._rng.randint(3, 40))
            yield self.say(at, each, keyword)

    def _at(self, day: date, hour: int, minutes: int) -> datetime:
        seconds = timedelta(seconds=self._rng.randint(0, 59))
        return datetime.combine(day, time(hour, minutes), ZONE) + seconds
