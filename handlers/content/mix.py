"""Which kinds of content a day's slots get, so that any two weeks have the mix of the rule.

A day is looked at as a whole. All ways to fill it are compared by what they make of the windows
that end with it: the last fourteen days, and every shorter one, since it will be part of windows
to come. The best leaves the fewest of them, the longest first, more than one post off the rule;
among equals, the one that lets the least pile up counts.

That keeps each fourteen days, and all days of a phase that is younger, within one post wherever
the slots of a day are the same in every week. (Every shorter window as well can't be had: there
is no such sequence for 60:15:25 with three posts a day.)
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from config.mix import Mix
from models.content import ContentKind

DAYS = 14
"""How far back the mix is kept, today included; also how far `Programme.recent` goes."""

FAR = 2
"""A window that is further off than so many posts goes back to when the rule was another, or
people chose otherwise. What was then is left as it is: days of nothing but one kind would be no
remedy."""

LETTERS = {ContentKind.DRY: "d", ContentKind.WET: "w", ContentKind.WARM: "m"}
KINDS = {letter: kind for kind, letter in LETTERS.items()}
FREE = "."
AFTER_WET = "v"
"""All that has to be known of what no longer counts: the last that was said of it is wet."""
SAID_ONLY = str.maketrans("", "", ",DWM")
"""What was planned, and so counts, but was not to be said, is written in capitals."""

NOISE = 1e-9
"""Of sums of fractions."""

Counts = tuple[int, int, int]
Errors = tuple[float, float, float]
"""Of dry, wet and warm."""


def kinds_of_day(
    history: str,
    mix: Mix,
    fixed: Sequence[ContentKind | None],
    *,
    wet_daily: int,
    turn: int = 0,
) -> tuple[ContentKind, ...]:
    """The kinds of a day's slots, in order of time.

    `fixed` has the kind of each slot that somebody decided on, and None for the others. `turn` is
    which of the possible orders is taken, so that a kind does not always come at the same hour.
    """
    given = "".join(LETTERS[each] if each else FREE for each in fixed)
    places = _places_for_wet(given, ends_wet(history))
    most_wet = max(0, min(len(places[-1]), wet_daily - given.count("w")))
    filled = _filled(_days(history), mix, given, most_wet, wet_daily)
    order = _in_order(given, filled, places, turn, spare_the_end=mix.wet > 100 / 3)
    return tuple(KINDS[each] for each in order)


def history(recent: str, days: int, *, same_phase: bool) -> str:
    """What counts for the day that is `days` after the last one of `recent`; 0: for that one,
    which is planned anew."""
    if days <= 0:
        recent = recent.rpartition(",")[0]
    if not same_phase:
        return AFTER_WET if ends_wet(recent) else ""
    return recent + "," * min(days - 1, DAYS) if recent else ""


def with_day(history: str, today: str) -> str:
    """`Programme.recent`, when today has these letters."""
    pieces = [*history.split(","), today] if history else [today]
    recent = ",".join(pieces[-DAYS:])
    if ends_wet(",".join(pieces)) and not ends_wet(recent):
        return AFTER_WET + recent
    return recent


def letter(kind: ContentKind, *, is_said: bool) -> str:
    return LETTERS[kind] if is_said else LETTERS[kind].upper()


def ends_wet(history: str) -> bool:
    """Whether the last that there was to say is wet, so that something else must come next."""
    return history.translate(SAID_ONLY).endswith(("w", AFTER_WET))


def _days(history: str) -> tuple[str, ...]:
    """Those that count, each in alphabetical order: the same for more groups than as it was."""
    return tuple(_day(each) for each in history.split(",")[1 - DAYS :])


@lru_cache(maxsize=1 << 12)
def _day(piece: str) -> str:
    return "".join(sorted(piece.lower().replace(AFTER_WET, "")))


# How many of each


@lru_cache(maxsize=1 << 14)
def _filled(days: tuple[str, ...], mix: Mix, given: str, most_wet: int, wet_daily: int) -> Counts:
    """How many of each kind fill the free slots of the day after `days`."""
    windows = _windows(days, mix, given, wet_daily)
    lowest = [min(errors) for errors in zip(*windows, strict=True)]
    highest = [max(errors) for errors in zip(*windows, strict=True)]
    ways = list(_ways(given.count(FREE), most_wet))
    left = [way for way in ways if _within_one(lowest, highest, way)] or _least_off(windows, ways)
    return min(left, key=lambda way: (_piled_up(lowest, highest, way), way))


def _windows(days: Sequence[str], mix: Mix, given: str, wet_daily: int) -> list[Errors]:
    """For each window that ends today, the longest first: of each kind, how many posts it has
    more than it should, before the free slots are filled."""
    dry, wet, warm = (given.count(each) for each in "dwm")
    slots, room = len(given), _room_for_wet(given, wet_daily)
    windows = [_errors(dry, wet, warm, slots, room, mix)]
    for day in reversed(days):
        if day:
            dry += day.count("d")
            wet += day.count("w")
            warm += day.count("m")
            slots += len(day)
            room += _room_for_wet(day, wet_daily)
            errors = _errors(dry, wet, warm, slots, room, mix)
            before = (abs(both - now) for both, now in zip(errors, windows[0], strict=True))
            if max(before) > FAR:
                break
            windows.append(errors)
    return windows[::-1]


def _errors(dry: int, wet: int, warm: int, slots: int, room_for_wet: int, mix: Mix) -> Errors:
    """Where the limits leave no room for as much wet as the mix has, the others share the rest."""
    due = min(mix.wet * slots / 100, room_for_wet)
    others = (slots - due) / (100 - mix.wet)
    return dry - others * mix.dry, wet - due, warm - others * mix.warm


def _room_for_wet(day: str, wet_daily: int) -> int:
    return min(wet_daily, (len(day) + 1) // 2)


def _ways(slots: int, most_wet: int) -> Iterator[Counts]:
    for wet in range(min(slots, most_wet) + 1):
        for warm in range(slots - wet + 1):
            yield slots - wet - warm, wet, warm


def _within_one(lowest: Sequence[float], highest: Sequence[float], way: Counts) -> bool:
    dry, wet, warm = way
    return (
        max(highest[0] + dry, highest[1] + wet, highest[2] + warm) <= 1 + NOISE
        and min(lowest[0] + dry, lowest[1] + wet, lowest[2] + warm) >= -1 - NOISE
    )


def _least_off(windows: Iterable[Errors], ways: list[Counts]) -> list[Counts]:
    """Those that leave the longest windows within one post of the rule, or nearest to that."""
    for dry, wet, warm in windows:
        if len(ways) == 1:
            break
        off = [
            max(1 + NOISE, abs(dry + more[0]), abs(wet + more[1]), abs(warm + more[2]))
            for more in ways
        ]
        least = min(off) + NOISE
        ways = [way for way, each in zip(ways, off, strict=True) if each <= least]
    return ways


def _piled_up(lowest: Sequence[float], highest: Sequence[float], way: Counts) -> float:
    """The most by which two windows, of which one may be empty, differ in a kind."""
    piled_up = max(
        max(0, high + more) - min(0, low + more)
        for low, high, more in zip(lowest, highest, way, strict=True)
    )
    return round(piled_up, 9)


# In which order


@lru_cache(maxsize=1 << 10)
def _places_for_wet(given: str, after_wet: bool) -> tuple[tuple[int, ...], ...]:
    """All sets of free slots that can be wet without two wet ones being neighbours, the smallest
    first."""
    padded = ("w" if after_wet else FREE) + given
    free = [
        place
        for place, each in enumerate(given)
        if each == FREE and padded[place] != "w" and given[place + 1 : place + 2] != "w"
    ]
    return tuple(
        places
        for size in range(len(free) + 1)
        for places in combinations(free, size)
        if all(later - sooner > 1 for sooner, later in pairwise(places))
    )


def _in_order(
    given: str,
    filled: Counts,
    places: Sequence[tuple[int, ...]],
    turn: int,
    spare_the_end: bool,
) -> str:
    """The day's letters. Where there is much wet to come it is kept from the day's last slot, if
    it can be, or tomorrow has less room for it."""
    _, wet, warm = filled
    last = len(given) - 1
    fitting = [each for each in places if len(each) == wet]
    if spare_the_end:
        fitting = [each for each in fitting if last not in each] or fitting
    letters = list(given)
    for place in fitting[turn % len(fitting)]:
        letters[place] = "w"
    left = [place for place, each in enumerate(letters) if each == FREE]
    warm_ones = {left[(turn + nth * len(left) // warm) % len(left)] for nth in range(warm)}
    for place in left:
        letters[place] = "m" if place in warm_ones else "d"
    return "".join(letters)
