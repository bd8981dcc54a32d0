"""Which item of the library is posted: what fits, is due soonest, and the group has not had."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import date
from enum import Enum
from functools import lru_cache

from config.texts import printed_by
from models.cohort import STAGE_NAMES, Stage, week_told
from models.content import KIND_NAMES, ContentKind, Item, Voice
from models.phase import Phase


class Library:
    """All items, in the order in which they are chosen. Thousands of groups of one cohort ask
    for the same, so each answer is kept for as long as the library is."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = {each.id: each for each in items if each.withdrawn_at is None}
        self._of_kind: dict[ContentKind, list[Item]] = defaultdict(list)
        for each in sorted(self._items.values(), key=order):
            self._of_kind[each.kind].append(each)
        self._answers: dict[tuple[object, ...], tuple[Item, ...]] = {}

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self._items)

    def get(self, item: str) -> Item | None:
        return self._items.get(item)

    def candidates(
        self,
        kind: ContentKind,
        stage: Stage,
        phase: Phase,
        week: int | None,
        city: str | None,
        channel: str | None,
        day: date,
    ) -> Sequence[Item]:
        """What fits a group like this on this day, the best first."""
        asked = (kind, stage, phase, week, city, channel, day)
        if asked not in self._answers:
            self._answers[asked] = tuple(
                each
                for each in self._of_kind[kind]
                if fits(each, stage, phase, week, city, channel, day)
            )
        return self._answers[asked]


def order(item: Item) -> tuple[bool, int, int, str]:
    """What has a last week comes first, the soonest first: later it is of no use to the group.
    Then the heavier, then by id, so that the order is the same whoever asks."""
    return (item.to_week is None, item.to_week or 0, -item.weight, item.id)


def fits(
    item: Item,
    stage: Stage,
    phase: Phase,
    week: int | None,
    city: str | None,
    channel: str | None,
    day: date,
) -> bool:
    """A group that has no week, or no city, gets nothing that is bound to one, or prints it."""
    if item.from_week is not None and (week is None or week < item.from_week):
        return False
    if item.to_week is not None and (week is None or week > item.to_week):
        return False
    return (
        (not item.stages or stage in item.stages)
        and (not item.phases or phase in item.phases)
        and (not item.cities or city in item.cities)
        and (not item.channels or channel in item.channels)
        and (item.valid_from is None or item.valid_from <= day)
        and (item.valid_to is None or day <= item.valid_to)
        and has_words(item, stage, week, city, channel)
    )


def has_words(
    item: Item, stage: Stage, week: int | None, city: str | None, channel: str | None
) -> bool:
    """Whether there is all that its text prints; a monitor is asked for when it is chosen."""
    return printed_by(item.text) <= _known(stage, week, city, channel)


@lru_cache(maxsize=1 << 12)
def _known(
    stage: Stage, week: int | None, city: str | None, channel: str | None
) -> frozenset[str]:
    values = {
        "city": city,
        "channel": channel,
        "window": week is not None,
        "week": week is not None and week_told(stage, week),
        "monitor": True,
    }
    return frozenset(name for name, value in values.items() if value)


class Lack(Enum):
    """What it is that there is none of where nothing was chosen."""

    ITEM = "item"
    MONITOR = "monitor"


def choose(
    candidates: Iterable[Item],
    had: Container[str],
    has_monitor: bool,
    *,
    needs_confirmation: bool = False,
) -> Item | None:
    """The first that the group has not had, and that somebody is there to say."""
    for each in candidates:
        if each.id not in had and (has_monitor or not needs_monitor(each, needs_confirmation)):
            return each
    return None


def voice_of(item: Item, needs_confirmation: bool) -> Voice:
    """Where all that the account says is confirmed by a person nothing is handed over: it goes
    out in her name anyway, and what the monitor said by herself would not be heard."""
    return Voice.ASSISTANT if needs_confirmation else item.voice


def needs_monitor(item: Item, needs_confirmation: bool = False) -> bool:
    """Whether she says it, or is named in it."""
    says_it = voice_of(item, needs_confirmation) is Voice.MONITOR
    return says_it or "monitor" in printed_by(item.text)


def lack(candidates: Iterable[Item], had: Container[str]) -> Lack:
    """Of what nothing was chosen."""
    return Lack.ITEM if all(each.id in had for each in candidates) else Lack.MONITOR


def why(item: Item, stage: Stage, week: int | None) -> str:
    """Why this one, for people: `孕28周 · 孕26-28周要看的 · 干货轮到`."""
    stands = week_told(stage, week) if week is not None else ""
    parts = [
        stands or STAGE_NAMES[stage],
        _weeks(item.from_week, item.to_week),
        f"{KIND_NAMES[item.kind]}轮到",
    ]
    return " · ".join(part for part in parts if part)


@lru_cache(maxsize=1 << 12)
def _weeks(first: int | None, last: int | None) -> str:
    """For which weeks the item is; "" where that is all, or nobody counts them."""
    if first is not None and first == last:
        return "这周要看的"
    begins, ends = _week(first), _week(last)
    if not ends:
        return f"从{begins}起看的" if begins else ""
    if not begins:
        return f"到{ends}为止"
    if first != 0 and begins[0] == ends[0]:
        return f"{begins.removesuffix('周')}-{ends.lstrip('孕宝')}要看的"
    return f"{begins}到{ends}要看的"


def _week(week: int | None) -> str:
    if week is None:
        return ""
    return week_told(Stage.PRENATAL if week < 0 else Stage.POSTNATAL, week)


def why_none(
    kind: ContentKind, candidates: Sequence[Item], seen: Container[str], had: Container[str]
) -> str:
    """Why nothing, for people: `没有合适的湿货了：15条都轮过了`. `had` are those that were `seen`,
    said or skipped, or are planned already; what is in neither would need a monitor."""
    sent = sum(each.id in seen for each in candidates)
    planned = sum(each.id in had for each in candidates) - sent
    unsaid = len(candidates) - sent - planned
    parts = [
        f"{sent}条{'都' if sent > 1 else ''}轮过了" if sent else "",
        f"{planned}条已经排上了" if planned else "",
        f"有{unsaid}条要班长来发，可这个群没有班长" if unsaid else "",
    ]
    reasons = "，".join(part for part in parts if part)
    name = KIND_NAMES[kind]
    return f"没有合适的{name}了：{reasons}" if reasons else f"库里没有适合这个群的{name}"
