"""Whether an account can say all that is planned for its groups on a day, and what goes if not."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from config.daily import ZONE
from handlers.content import mix, slots
from handlers.content.choice import Library
from handlers.content.planning import AFTER_WET, UNSAID, DayPlan, due_at, letters
from handlers.content.slots import Slot
from models.content import ContentKind, Post, PostState, Voice

MINUTE = timedelta(minutes=1)
OVER = UNSAID | {PostState.POSTED}
"""An account has nothing to say any more for posts in these states."""
NO_ROOM = "这个时段账号忙不过来，这次不发"

Hours = tuple[datetime, datetime]
Rank = tuple[bool, int, int, int]


@dataclass(frozen=True, slots=True)
class Overbooked:
    """In these hours `wanted` groups were to be posted to: `dropped` of them are not, `moved` are
    at another hour of the day. `added` are others, who were moved here."""

    opens_at: datetime
    closes_at: datetime
    wanted: int
    dropped: int
    moved: int = 0
    added: int = 0


@dataclass(frozen=True, slots=True)
class Fitted:
    plans: tuple[DayPlan, ...]
    overbooked: tuple[Overbooked, ...] = ()


def cost(post: Post) -> int:
    """In messages: what is handed to the monitor comes with an introduction."""
    return 2 if post.voice is Voice.MONITOR else 1


def fit(
    plans: Sequence[DayPlan],
    library: Library,
    *,
    per_minute: int,
    share: float,
    now: datetime,
    booked: Iterable[Post] = (),
) -> Fitted:
    """The plans of all groups of one account for one day. Of what the account can't say in its
    hours, the least important is moved to hours that its group does not use, or else DROPPED.
    `booked` are posts of the account that were planned earlier; like those that somebody decided
    on, they stay as they are."""
    booked = tuple(booked)
    book = _Book(plans, per_minute * share, now)
    for post in (*booked, *(each for plan in plans for each in plan.posts)):
        if post.state not in OVER and now < post.closes_at:
            book.take(post)
    if not book.is_overdrawn:
        return Fitted(tuple(plans))
    fitting = _Fitting(plans, library, book)
    fitting.run()
    return Fitted(fitting.plans(), fitting.overbooked(booked))


def told(account: str, overbooked: Overbooked) -> str:
    """`账号「A」20:00-21:00 要发的 700 个群能照顾 610 个，90 个这次不发`."""
    opens, closes = (
        f"{each.astimezone(ZONE):%H:%M}" for each in (overbooked.opens_at, overbooked.closes_at)
    )
    served = overbooked.wanted - overbooked.dropped - overbooked.moved
    parts = [
        f"账号「{account}」{opens}-{closes} 要发的 {overbooked.wanted} 个群能照顾 {served} 个",
        f"{overbooked.moved} 个挪到别的时段" if overbooked.moved else "",
        f"{overbooked.dropped} 个这次不发" if overbooked.dropped else "",
    ]
    added = f"（还有 {overbooked.added} 个从别的时段挪来）" if overbooked.added else ""
    return "，".join(part for part in parts if part) + added


class _Book:
    """How much more an account can say, from any hour's beginning to any hour's end.

    Hours may overlap: what is to be said within 20:00-20:30 also takes of 20:00-21:00. As long as
    none of these is overdrawn, everything can be said within its own hours.
    """

    def __init__(self, plans: Iterable[DayPlan], pace: float, now: datetime) -> None:
        self.now = now
        places = {self._hours(each) for plan in plans for each in _where_to(plan, now)}
        self._room = {
            (opens, closes): int(pace * ((closes - opens) / MINUTE) + 1e-6)
            for opens in {opens for opens, _ in places}
            for closes in {closes for _, closes in places}
            if opens < closes
        }
        self._around: dict[Hours, tuple[Hours, ...]] = {}

    @property
    def is_overdrawn(self) -> bool:
        return any(room < 0 for room in self._room.values())

    def has_room(self, place: Post | Slot, messages: int) -> bool:
        return all(self._room[each] >= messages for each in self._those_around(place))

    def take(self, post: Post) -> None:
        self._take(post, cost(post))

    def give_back(self, post: Post) -> None:
        self._take(post, -cost(post))

    def _take(self, post: Post, messages: int) -> None:
        for each in self._those_around(post):
            self._room[each] -= messages

    def _those_around(self, place: Post | Slot) -> tuple[Hours, ...]:
        hours = opens, closes = self._hours(place)
        if hours not in self._around:
            self._around[hours] = tuple(
                each for each in self._room if each[0] <= opens and closes <= each[1]
            )
        return self._around[hours]

    def _hours(self, place: Post | Slot) -> Hours:
        return max(place.opens_at, self.now), place.closes_at


class _Fitting:
    """Posts are let in by their rank, each where it was planned, or where else there is room."""

    def __init__(self, plans: Sequence[DayPlan], library: Library, book: _Book) -> None:
        self._before = plans
        self._posts = [list(plan.posts) for plan in plans]
        self._spare = [list(plan.spare) for plan in plans]
        self._book = book
        self._queue = sorted(
            (_rank(post, plan, library), number, place)
            for number, plan in enumerate(plans)
            for place, post in enumerate(plan.posts)
            if _is_movable(post, book.now)
        )

    def run(self) -> None:
        for _, number, place in self._queue:
            self._book.give_back(self._posts[number][place])
        for _, number, place in self._queue:
            if not self._let_in(number, place):
                self._drop(number, place, NO_ROOM)
        self._part_wet()
        for _, number, place in self._queue:
            self._restore(number, place)

    def plans(self) -> tuple[DayPlan, ...]:
        return tuple(
            plan if list(plan.posts) == posts else _changed(plan, posts, spare)
            for plan, posts, spare in zip(self._before, self._posts, self._spare, strict=True)
        )

    def overbooked(self, booked: Iterable[Post]) -> tuple[Overbooked, ...]:
        wanted: Counter[Hours] = Counter()
        dropped: Counter[Hours] = Counter()
        moved: Counter[Hours] = Counter()
        added: Counter[Hours] = Counter()
        for before, after in self._each_post(booked):
            hours = before.opens_at, before.closes_at
            wanted[hours] += before.state not in UNSAID
            dropped[hours] += before.state is not after.state
            moved[hours] += before.slot != after.slot
            added[after.opens_at, after.closes_at] += before.slot != after.slot
        return tuple(
            Overbooked(*hours, wanted[hours], dropped[hours], moved[hours], added[hours])
            for hours in sorted(wanted)
            if dropped[hours] or moved[hours]
        )

    def _each_post(self, booked: Iterable[Post]) -> Iterator[tuple[Post, Post]]:
        """Before and after."""
        for post in booked:
            yield post, post
        for plan, posts in zip(self._before, self._posts, strict=True):
            yield from zip(plan.posts, posts, strict=True)

    def _let_in(self, number: int, place: int) -> bool:
        post = self._posts[number][place]
        if self._book.has_room(post, cost(post)):
            self._book.take(post)
            return True
        for slot in sorted(self._spare[number], key=lambda each: _distance(each, post)):
            moved = _moved(post, slot)
            if self._book.has_room(slot, cost(post)) and self._keeps_wet_apart(
                number, place, moved
            ):
                self._spare[number].remove(slot)
                self._posts[number][place] = moved
                self._book.take(moved)
                return True
        return False

    def _restore(self, number: int, place: int) -> None:
        """Room that was given back goes to what had been dropped for want of it."""
        post, planned = self._posts[number][place], self._before[number].posts[place]
        if post.state is PostState.DROPPED:
            self._posts[number][place] = planned
            if not (self._keeps_wet_apart(number, place, planned) and self._let_in(number, place)):
                self._posts[number][place] = post

    def _part_wet(self) -> None:
        """What was dropped may have stood between two wet ones; then the second goes too."""
        for number, posts in enumerate(self._posts):
            places = sorted(range(len(posts)), key=lambda place: posts[place].opens_at)
            after_wet = _follows_wet(self._before[number])
            for place in places:
                if posts[place].state in UNSAID:
                    continue
                if (
                    after_wet
                    and _is_wet(posts[place])
                    and _is_movable(posts[place], self._book.now)
                ):
                    self._book.give_back(posts[place])
                    self._drop(number, place, AFTER_WET)
                    continue
                after_wet = _is_wet(posts[place])

    def _drop(self, number: int, place: int, why: str) -> None:
        planned = self._before[number].posts[place]
        self._posts[number][place] = replace(
            planned, state=PostState.DROPPED, due_at=None, why=why
        )

    def _keeps_wet_apart(self, number: int, place: int, post: Post) -> bool:
        posts = [*self._posts[number]]
        posts[place] = post
        said = [each for each in _in_order(posts) if each.state not in UNSAID]
        if said and _is_wet(said[0]) and _follows_wet(self._before[number]):
            return False
        return not any(_is_wet(first) and _is_wet(then) for first, then in pairwise(said))


def _rank(post: Post, plan: DayPlan, library: Library) -> Rank:
    """What is due by week first, the soonest first, then the heavier; then in an order that is
    another one in every slot, so that it is not always the same groups that go without."""
    item = library.get(post.item) if post.item else None
    last = item.to_week if item and plan.week is not None else None
    left = last - plan.week if last is not None and plan.week is not None else 0
    drawn = slots.number(f"{post.group} {post.day} {post.slot}")
    return (last is None, left, -item.weight if item else 0, drawn)


def _where_to(plan: DayPlan, now: datetime) -> Iterator[Post | Slot]:
    yield from (each for each in plan.posts if _is_movable(each, now))
    yield from plan.spare


def _is_movable(post: Post, now: datetime) -> bool:
    return post.state is PostState.PLANNED and post.pinned_by is None and now < post.closes_at


def _is_wet(post: Post) -> bool:
    return post.kind is ContentKind.WET


def _follows_wet(plan: DayPlan) -> bool:
    return mix.ends_wet(_before(plan))


def _before(plan: DayPlan) -> str:
    return plan.programme.recent.rpartition(",")[0]


def _in_order(posts: Iterable[Post]) -> list[Post]:
    return sorted(posts, key=lambda each: each.opens_at)


def _distance(slot: Slot, post: Post) -> tuple[timedelta, datetime]:
    return abs(slot.opens_at - post.opens_at), slot.opens_at


def _moved(post: Post, slot: Slot) -> Post:
    crowded = f"{post.opens_at.astimezone(ZONE):%H:%M}"
    return replace(
        post,
        slot=slot.minute,
        opens_at=slot.opens_at,
        closes_at=slot.closes_at,
        said_at=slot.said_at,
        due_at=due_at(slot, post.voice),
        why=f"{post.why} · {crowded}那一场排满了，挪过来的",
    )


def _changed(plan: DayPlan, posts: Iterable[Post], spare: Iterable[Slot]) -> DayPlan:
    ordered = _in_order(posts)
    recent = mix.with_day(_before(plan), letters(ordered))
    return replace(
        plan,
        posts=tuple(ordered),
        programme=replace(plan.programme, recent=recent),
        spare=tuple(spare),
    )
