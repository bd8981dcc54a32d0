"""What a group is posted on a day: a function of the group, the day, its history, the library
and the rules."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from config.daily import DailySpan
from config.mix import Mix
from config.rules import Rules
from handlers.content import choice, mix, slots
from handlers.content.choice import Lack, Library
from handlers.content.slots import Slot
from models.cohort import Stage
from models.content import ContentKind, Item, Post, PostState, Programme, Voice
from models.groups import Group
from models.phase import Phase

UNSAID = frozenset({PostState.EMPTY, PostState.DROPPED, PostState.SKIPPED, PostState.LAPSED})
"""In these states a post has its place in the mix, but the group hears nothing of it."""

AFTER_WET = "前一条也是湿货，不连着发"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the plan of one group's day depends on.

    `phase`, `stage`, `week` and `spans` (the cohort's active hours) are that day's; `rules` are
    those in force for the group. `pinned` are that day's posts that stay, by slot: somebody
    decided on them, or their hours are over. `reserved` are items that are promised to the group
    otherwise (pinned on another day, or still on their way) and so are not chosen.
    `needs_confirmation`: its account says nothing there that a person has not confirmed.
    """

    group: Group
    programme: Programme
    phase: Phase
    stage: Stage
    week: int | None
    spans: tuple[DailySpan, ...]
    has_monitor: bool
    rules: Rules
    pinned: Mapping[int, Post] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    needs_confirmation: bool = False

    @property
    def mix(self) -> Mix:
        shares = self.rules.content
        match self.phase:
            case Phase.FORMING:
                return shares.forming
            case Phase.GROWING:
                return shares.growing
            case Phase.MATURE:
                return shares.mature
            case Phase.FADING:
                return shares.fading

    def choose(self, candidates: Iterable[Item], had: Container[str]) -> Item | None:
        """The first that it has not had, and that somebody is there to say."""
        return choice.choose(
            candidates, had, self.has_monitor, needs_confirmation=self.needs_confirmation
        )

    def lacks_monitor_for(self, item: Item) -> bool:
        return not self.has_monitor and choice.needs_monitor(item, self.needs_confirmation)

    def voice_of(self, item: Item) -> Voice:
        return choice.voice_of(item, self.needs_confirmation)

    def candidates(self, kind: ContentKind, day: date, library: Library) -> Sequence[Item]:
        """What of a kind fits the group on this day, had or not, the best first."""
        group = self.group
        return library.candidates(
            kind, self.stage, self.phase, self.week, group.city, group.channel, day
        )


@dataclass(frozen=True, slots=True)
class DayPlan:
    """`posts` has one for each slot that is used, in order, with those that stay empty and those
    that were pinned. `programme` has moved on to that day, except for `seen`: what is only
    planned has not been seen. `short` are the kinds of which there was nothing, `unvoiced` those
    of which there was only what a monitor would have to say, where there is none. `spare` are the
    day's slots that are not used, `week` is the baby's on that day."""

    posts: tuple[Post, ...]
    programme: Programme
    short: tuple[ContentKind, ...] = ()
    unvoiced: tuple[ContentKind, ...] = ()
    spare: tuple[Slot, ...] = ()
    week: int | None = None


def plan_day(ground: Ground, day: date, library: Library, now: datetime) -> DayPlan:
    """Slots whose hours are over at `now` are left out; in those that have begun the post comes
    in what is left of them. An item that somebody chose stays, as what the library has it for
    now. The same input gives the same plan."""
    pinned = [_as_it_is_now(each, ground, library, now) for each in ground.pinned.values()]
    found = slots.of_day(
        day,
        ground.spans,
        ground.rules,
        ground.group.id,
        ground.pinned,
        needs_confirmation=ground.needs_confirmation,
    )
    places: list[Slot | Post] = [*_still_open(found.used, now), *pinned]
    places.sort(key=lambda each: each.opens_at)
    history = _history(ground, day)
    kinds = mix.kinds_of_day(
        history,
        ground.mix,
        [each.kind if isinstance(each, Post) else None for each in places],
        wet_daily=ground.rules.content.wet_daily,
        turn=_turn(ground) + day.toordinal(),
    )
    posts, lacking = _filled(ground, day, places, kinds, library, mix.ends_wet(history))
    moved_on = Programme(
        group=ground.programme.group,
        plan_at=ground.programme.plan_at,
        planned_on=day,
        phase=ground.phase,
        recent=mix.with_day(history, letters(posts)),
        seen=ground.programme.seen,
    )
    spare = tuple(_still_open(found.spare, now))
    return DayPlan(
        tuple(posts),
        moved_on,
        short=tuple(kind for kind, lack in lacking if lack is Lack.ITEM),
        unvoiced=tuple(kind for kind, lack in lacking if lack is Lack.MONITOR),
        spare=spare,
        week=ground.week,
    )


def letters(posts: Iterable[Post]) -> str:
    """A day, as `Programme.recent` has it."""
    return "".join(mix.letter(each.kind, is_said=each.state not in UNSAID) for each in posts)


def _turn(ground: Ground) -> int:
    """Groups take turns, unless what they get is to be alike."""
    return 0 if ground.needs_confirmation else slots.number(ground.group.id)


def _still_open(found: Iterable[Slot], now: datetime) -> list[Slot]:
    return [slots.from_now_on(each, now) for each in found if now < each.closes_at]


def _as_it_is_now(post: Post, ground: Ground, library: Library, now: datetime) -> Post:
    """What is still to come of an item whose kind or voice is another by now. What was withdrawn
    is not said, and lapses when its time has come."""
    item = library.get(post.item) if post.item and post.state is PostState.PLANNED else None
    now_is = as_its_item(post, item, ground.needs_confirmation)
    if post.closes_at <= now or now_is == post:
        return post
    return replace(now_is, due_at=due_at(now_is, now_is.voice))


def as_its_item(post: Post, item: Item | None, needs_confirmation: bool = False) -> Post:
    """With the kind and voice that its item has by now."""
    if item is None:
        return post
    return replace(post, kind=item.kind, voice=choice.voice_of(item, needs_confirmation))


def _history(ground: Ground, day: date) -> str:
    programme = ground.programme
    return mix.history(
        programme.recent,
        (day - programme.planned_on).days if programme.planned_on else 1,
        same_phase=programme.phase is ground.phase,
    )


def _filled(
    ground: Ground,
    day: date,
    places: Sequence[Slot | Post],
    kinds: Sequence[ContentKind],
    library: Library,
    after_wet: bool,
) -> tuple[list[Post], list[tuple[ContentKind, Lack]]]:
    """The posts, and the kinds of which there was nothing, each with what it lacks. Where what
    lies between two wet posts stays empty, the second does as well."""
    seen = ground.programme.seen
    had = {*seen, *ground.reserved, *(each.item for each in ground.pinned.values() if each.item)}
    posts: list[Post] = []
    lacking: list[tuple[ContentKind, Lack]] = []
    for place, kind in zip(places, kinds, strict=True):
        if isinstance(place, Post):
            post = place
        elif kind is ContentKind.WET and after_wet:
            post = _post(ground, day, place, kind, None, AFTER_WET)
        else:
            candidates = ground.candidates(kind, day, library)
            item = ground.choose(candidates, had)
            if item is None:
                lacking.append((kind, choice.lack(candidates, had)))
                why = choice.why_none(kind, candidates, frozenset(seen), had)
            else:
                had.add(item.id)
                why = choice.why(item, ground.stage, ground.week)
            post = _post(ground, day, place, kind, item, why)
        posts.append(post)
        if post.state not in UNSAID:
            after_wet = post.kind is ContentKind.WET
    return posts, lacking


def _post(
    ground: Ground, day: date, slot: Slot, kind: ContentKind, item: Item | None, why: str
) -> Post:
    voice = ground.voice_of(item) if item else Voice.ASSISTANT
    return Post(
        group=ground.group.id,
        day=day,
        slot=slot.minute,
        account=ground.group.account,
        phase=ground.phase,
        kind=kind,
        state=PostState.PLANNED if item else PostState.EMPTY,
        opens_at=slot.opens_at,
        closes_at=slot.closes_at,
        said_at=slot.said_at,
        due_at=due_at(slot, voice) if item else None,
        item=item.id if item else None,
        voice=voice,
        why=why,
    )


def due_at(place: Slot | Post, voice: Voice) -> datetime:
    """The monitor has what she is to say from the beginning of the hours."""
    return place.opens_at if voice is Voice.MONITOR else place.said_at


def calendar(
    ground_on: Callable[[date], Ground],
    first_day: date,
    days: int,
    library: Library,
    now: datetime,
) -> list[Post]:
    """The posts of the days to come as they would be planned if all goes well: what is planned
    does not come again. `ground_on` gives each day's phase, stage, week, hours and what is pinned
    on it; its programme matters for the first day only."""
    posts: list[Post] = []
    programme: Programme | None = None
    for day in (first_day + timedelta(days=n) for n in range(days)):
        ground = ground_on(day)
        said = {each.item for each in posts if each.item and each.state not in UNSAID}
        ground = replace(
            ground, programme=programme or ground.programme, reserved=ground.reserved | said
        )
        plan = plan_day(ground, day, library, now)
        programme = plan.programme
        posts += plan.posts
    return posts
