"""Items for stories, and what became of the slots they were planned for."""

from datetime import date, datetime
from typing import Any

from config.daily import ZONE
from models.content import ContentKind, Item, Post, PostState, Voice
from models.growth import Concern, Notice
from models.ids import GroupId
from models.messages import CONTENT
from models.stores.unit import Unit
from tests.world import GROUP, Heard, World

DRY, WET, WARM = ContentKind.DRY, ContentKind.WET, ContentKind.WARM
PRENATAL, POSTNATAL = "g2", "g3"
NAMES = {PRENATAL: "杭州·2026年6-8月·妇幼·01", POSTNATAL: "杭州·2025年12-2月·妇幼·01"}
ONLY_DRY = {"forming": "100:0:0", "growing": "100:0:0", "mature": "100:0:0"}


def item(id_: str, kind: ContentKind = DRY, **more: Any) -> Item:
    return Item(id=id_, kind=kind, **({"text": f"{id_}的正文", "voice": Voice.ASSISTANT} | more))


def plenty(*kinds: ContentKind, count: int = 40, **more: Any) -> list[Item]:
    return [item(f"{kind}{n:02}", kind, **more) for kind in kinds for n in range(count)]


async def opens(world: World, *groups: str) -> None:
    """Groups of one or the other stage, with a monitor and a few mothers."""
    for group in groups:
        await world.opens(group, NAMES[group], ("班长", "豆豆妈", "小雨"))


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)


def posted(world: World, group: str = GROUP, day: str | None = None) -> list[Heard]:
    """What a group heard, ever or on a day."""
    return [
        each
        for each in world.heard(*CONTENT, group=group)
        if day is None or local(each.at).date() == date.fromisoformat(day)
    ]


async def posts(world: World, group: str = GROUP, day: str | None = None) -> list[Post]:
    """The slots that were planned for a group, in order."""

    async def work(facts: Unit) -> list[Post]:
        found = [each for each in await facts.posts.find() if each.group == group]
        return sorted(found, key=lambda each: (each.day, each.slot))

    found = await world.transactions.read(work)
    return [each for each in found if day is None or each.day == date.fromisoformat(day)]


async def states(world: World, group: str = GROUP, day: str | None = None) -> list[PostState]:
    return [each.state for each in await posts(world, group, day)]


async def noticed(world: World, concern: Concern, group: str = GROUP) -> Notice | None:
    async def work(facts: Unit) -> Notice | None:
        return await facts.notices.get(GroupId(group), concern)

    return await world.transactions.read(work)
