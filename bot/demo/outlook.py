"""Where the group one looks at stands in its life, and what it is posted in the days to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.content import agenda, grounds
from handlers.content.serving import waits_for_approval
from handlers.context import Context
from handlers.growth.standing import Standing, standing_of
from handlers.wording import worded
from models.content import Item, Post
from models.groups import Group, Member
from models.growth import Notice
from models.ids import PersonId
from models.stores.unit import Unit

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """`text` is what is said, as it is worded that day; None where that is nothing.
    `needs_consent`: it waits until somebody approves of it."""

    post: Post
    text: str | None
    needs_consent: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """`standing` is None where the group is not watched. `concerns` are those that are not over.
    `days` are today and those after it, each with its slots in order, and before them yesterday
    where its last hours ran over midnight. `handed` is what the monitor has been given and has
    not said yet."""

    standing: Standing | None
    concerns: Sequence[Notice]
    days: Sequence[tuple[date, Sequence[Slot]]]
    handed: Sequence[Slot]

    def handed_to(self, person: PersonId | None) -> list[str]:
        """The texts that she may say now."""
        return [each.text for each in self.handed if each.post.handed_to == person and each.text]


async def read_outlook(facts: Unit, group: Group, now: datetime) -> Outlook:
    ctx = Context(now, facts, await facts.rules.in_force(group), group)
    monitor = await facts.members.monitor(group.id)
    posts = await agenda.ahead(ctx, await grounds.library(facts), agenda.DAYS_AHEAD)
    handed = await facts.posts.handed_in(group.id, ctx.today)
    await facts.items.load((each.item,) for each in [*posts, *handed] if each.item)

    async def slot(post: Post) -> Slot:
        item = await facts.items.get(post.item) if post.item else None
        return _slot(post, item, monitor, ctx)

    first = min([ctx.today, *(each.day for each in posts)])
    last = ctx.today + (agenda.DAYS_AHEAD - 1) * DAY
    days = (first + number * DAY for number in range((last - first).days + 1))
    return Outlook(
        standing=await standing_of(ctx),
        concerns=await facts.notices.open_of(group.id),
        days=[(day, [await slot(each) for each in posts if each.day == day]) for day in days],
        handed=[await slot(each) for each in handed],
    )


def _slot(post: Post, item: Item | None, monitor: Member | None, ctx: Context) -> Slot:
    return Slot(
        post,
        _worded(item, post.worded_on, monitor, ctx),
        needs_consent=waits_for_approval(post, item, ctx.rules.content),
    )


def _worded(item: Item | None, day: date, monitor: Member | None, ctx: Context) -> str | None:
    assert ctx.group is not None
    return worded(item, ctx.group, day, monitor, ctx.rules) if item else None
