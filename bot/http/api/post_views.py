"""How posts are told: with what is said in the group, and by names only to those who may know
them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from pydantic import Field

from bot.http.api.knowing import may_know, signed
from bot.http.api.views import Time, View
from config.rules import Rules
from handlers.content.serving import waits_for_approval
from handlers.wording import known_by, worded
from models.access import Holder
from models.content import ContentKind, Item, Post, PostState, Voice
from models.groups import Group, Member
from models.ids import GroupId
from models.phase import Phase
from models.stores.unit import Unit

LONGEST_TITLE = 50
MONITOR = "班长"
"""What a monitor is called to those who may not know her name."""


class PostBrief(View):
    """What comes when, and why. `title` is by what people know it."""

    day: date
    slot: int = Field(description="The minute of the day at which its hours begin.")
    said_at: Time
    kind: ContentKind
    state: PostState
    item: str | None
    title: str = Field(examples=["叶酸怎么吃"])
    why: str = Field(examples=["孕28周 · 孕26-28周要看的 · 干货轮到"])
    awaiting_approval: bool


class PostView(PostBrief):
    """One slot of one group on one day, and what is posted in it: `text` is what is said there.

    Group, day and slot name it for ever. It is said at `said_at`, within `opens_at` and
    `closes_at`. `planned` is whether the slot is settled on; else it is as it would be planned
    now. `awaiting_approval` is whether it is not said before somebody approves. What members said
    in the hour after it (`heard`, by how many `speakers`) is kept beside what they say in that
    hour otherwise; null is unknown.
    """

    group: str
    group_name: str
    account: str
    phase: Phase
    opens_at: Time
    closes_at: Time
    due_at: Time | None
    text: str
    voice: Voice
    planned: bool
    pinned_by: str | None
    approved_by: str | None
    handed_to: str | None
    given: tuple[str, ...]
    message: str | None
    posted_at: Time | None
    heard: int | None
    speakers: int | None
    usual_heard: float | None
    usual_speakers: float | None


@dataclass(frozen=True, slots=True)
class Around:
    """The group of a post, as it is told to one who asks. `planned_on` is the last day that is
    planned."""

    group: Group
    rules: Rules
    monitor: Member | None
    planned_on: date | None
    names: bool
    now: datetime


async def shown(
    posts: Sequence[Post], holder: Holder, now: datetime, facts: Unit
) -> list[PostView]:
    """In the same order."""
    around = await _around({each.group for each in posts}, holder, now, facts)
    items = await _items(posts, facts)
    return [_view(each, items.get(each.item), around[each.group]) for each in posts]


async def _around(
    groups: Iterable[GroupId], holder: Holder, now: datetime, facts: Unit
) -> dict[GroupId, Around]:
    found = await facts.groups.peek_at(groups)
    ids = [each.id for each in found]
    await facts.rules.load(found)
    await facts.members.read_monitors(ids)
    await facts.programmes.load((each,) for each in ids)
    return {each.id: await _of(each, holder, now, facts) for each in found}


async def _of(group: Group, holder: Holder, now: datetime, facts: Unit) -> Around:
    names = may_know(holder, group)
    monitor = await facts.members.monitor(group.id)
    if monitor is not None and not names:
        monitor = replace(monitor, name=MONITOR, nickname="")
    programme = await facts.programmes.get(group.id)
    return Around(
        group=group,
        rules=await facts.rules.in_force(group),
        monitor=monitor,
        planned_on=programme.planned_on if programme else None,
        names=names,
        now=now,
    )


async def _items(posts: Iterable[Post], facts: Unit) -> dict[str | None, Item]:
    """What these posts say, by id, withdrawn or not."""
    names = {each.item for each in posts if each.item}
    await facts.items.load((each,) for each in names)
    found = [await facts.items.get(each) for each in names]
    return {each.id: each for each in found if each is not None}


def _view(post: Post, item: Item | None, around: Around) -> PostView:
    said = post if around.names else _nameless(post)
    told = (around.group, post.worded_on, around.monitor, around.rules)
    settled = around.planned_on is not None and post.day <= around.planned_on
    waits = waits_for_approval(post, item, around.rules.content)
    approved_by = said.approved_by or (item.approved_by if item else None)
    return PostView(
        **asdict(said)
        | {
            "group_name": around.group.name,
            "title": known_by(item, *told)[:LONGEST_TITLE] if item else "",
            "text": (worded(item, *told) or "") if item else "",
            "planned": settled or post.pinned_by is not None,
            "awaiting_approval": waits and around.now < post.closes_at,
            "approved_by": approved_by if around.names else signed(approved_by),
        }
    )


def _nameless(post: Post) -> Post:
    """Where somebody of the group decided on it, by her id."""
    name, is_signed, _ = (post.pinned_by or "").rpartition(" (")
    why = post.why.replace(name, str(signed(post.pinned_by))) if is_signed else post.why
    return replace(
        post,
        why=why,
        pinned_by=signed(post.pinned_by),
        approved_by=signed(post.approved_by),
    )
