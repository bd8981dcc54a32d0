"""An account that is told nothing of what members say takes nothing for silence."""

from datetime import datetime, timedelta

import pytest

from handlers.context import Context
from handlers.growth.standing import standing_of
from models.activity import HourCount
from models.content import PostState, Voice
from models.events import TaskOpened
from models.groups import Account
from models.growth import Concern, Life, Notice
from models.ids import GroupId, PersonId
from models.kocs import KocTerm
from models.messages import Kind
from models.people import Role
from models.stores.unit import Unit
from models.tasks import Task
from tests.stories.library import DRY, PRENATAL, WET, item, opens, posts
from tests.stories.quiet import without_posts
from tests.world import ACCOUNT, GROUP, NAME, World, shanghai

UNTOLD = "企业微信没有会话存档，收不到群消息"


@pytest.fixture
async def deaf(world: World) -> World:
    """It has a monitor, and some mothers, and what they say nobody tells us."""
    await world.is_told_nothing()
    await without_posts(world)
    await world.joins("班长", "豆豆妈", "米粒妈")
    await world.becomes("班长", Role.MONITOR)
    return world


def told(world: World, words: str = "") -> list[str]:
    """What the monitor was told in private."""
    said = [each.message.text for each in world.heard(Kind.STAFF_NOTICE)]
    return [each for each in said if words in each]


async def life_of(world: World) -> Life:
    life = await world.transactions.read(lambda facts: facts.lives.get(GroupId(GROUP)))
    assert life is not None
    return life


async def open_concerns(world: World) -> list[Concern]:
    async def work(facts: Unit) -> list[Notice]:
        return await facts.notices.open_of(GroupId(GROUP))

    return [each.concern for each in await world.transactions.read(work)]


async def test_the_account_keeps_what_its_gateway_said(world: World) -> None:
    async def known() -> Account:
        account = await world.transactions.read(lambda facts: facts.accounts.get(ACCOUNT))
        assert account is not None
        return account

    assert (await known()).hears
    await world.is_told_nothing()
    assert not (await known()).hears
    assert (await known()).is_up
    assert Account(id=ACCOUNT).hears, "of whom nothing is known yet"


async def test_nobody_is_told_that_a_group_fell_silent(deaf: World) -> None:
    await deaf.rules(growth={"formed_at": 3})
    await deaf.says("豆豆妈", "大家好")
    await deaf.passes(days=10)
    assert told(deaf, "没有成员说话") == []
    assert Concern.SILENT not in await open_concerns(deaf)
    assert (await life_of(deaf)).active is None


async def test_a_group_that_fell_silent_before_is_no_concern_any_more(world: World) -> None:
    await without_posts(world)
    await world.joins("班长", "豆豆妈", "米粒妈")
    await world.becomes("班长", Role.MONITOR)
    await world.rules(growth={"formed_at": 3})
    await world.passes(days=9)
    assert Concern.SILENT in await open_concerns(world)
    await world.is_told_nothing()
    await world.passes(days=1)
    assert Concern.SILENT not in await open_concerns(world)


async def test_who_comes_and_goes_is_known_all_the_same(deaf: World) -> None:
    await deaf.passes(days=1)
    await deaf.joins("桃子妈")
    await deaf.leaves("米粒妈")

    async def days(facts: Unit) -> list[tuple[int, int, float]]:
        standing = await standing_of(await Context.open(facts, deaf.clock.now(), GroupId(GROUP)))
        assert standing is not None
        return [(each.joins, each.leaves, each.heard) for each in standing.days]

    first, second = await deaf.transactions.read(days)
    assert first[:2] == (3, 0)
    assert second[:2] == (1, 1)
    assert second[2] > 0, "there was somebody to see it"


async def test_what_nobody_heard_is_not_counted(deaf: World) -> None:
    await deaf.says("豆豆妈", "宝宝半夜总醒怎么办呀")
    now = deaf.clock.now()

    async def said(facts: Unit) -> dict[GroupId, dict[datetime, HourCount]]:
        found = await facts.activity.by_hour([GroupId(GROUP)], now - timedelta(days=1), now)
        return {group: dict(each) for group, each in found.items()}

    assert await deaf.transactions.read(said) == {}
    await deaf.passes(hours=3)
    assert told(deaf) == []


async def test_of_a_task_the_monitor_hears_that_nobody_can_tell(deaf: World) -> None:
    now = deaf.clock.now()
    opened = TaskOpened(
        at=now,
        by="运营小王",
        group=GroupId(GROUP),
        number=1,
        title="今天喝水了吗",
        keyword="已喝",
        points=1,
        closes_at=now + timedelta(hours=1),
    )
    await deaf.happens(opened)
    await deaf.says("豆豆妈", "已喝")
    await deaf.passes(hours=2)
    (ended,) = told(deaf, "今天喝水了吗")
    assert UNTOLD in ended
    assert "没有人参加" not in ended
    assert await deaf.points("豆豆妈") == 0

    async def task(facts: Unit) -> Task | None:
        return await facts.tasks.get(GroupId(GROUP), 1)

    closed = await deaf.transactions.read(task)
    assert closed is not None
    assert closed.closed_at is not None


async def test_a_koc_is_not_let_go_for_what_nobody_heard(deaf: World) -> None:
    await deaf.becomes("豆豆妈", Role.KOC)

    async def term(facts: Unit) -> KocTerm | None:
        return await facts.koc_terms.get(GroupId(GROUP), PersonId("豆豆妈"))

    first = await deaf.transactions.read(term)
    assert first is not None
    assert first.until is not None
    await deaf.until(first.until + timedelta(days=1))
    second = await deaf.transactions.read(term)
    assert second is not None
    assert second.until is not None
    assert second.until > first.until
    (said,) = told(deaf, "KOC")
    assert said.startswith(f"「{NAME}」豆豆妈的 KOC 这一期到了。{UNTOLD}")
    assert not [each for each in deaf.heard(Kind.NOTICE) if "当满" in each.message.text]


async def test_whether_the_monitor_said_her_post_is_unknown(world: World) -> None:
    await world.rules(content={"forming": "50:50:0"})
    await world.is_told_nothing()
    await world.stocks(item("w1", WET, text="姐妹们，宝宝湿疹别急着换奶粉", voice=Voice.MONITOR))
    await world.until("2026-03-02 23:00")
    await opens(world, PRENATAL)
    await world.becomes("班长", Role.MONITOR, PRENATAL)
    await world.until(shanghai("2026-03-03 23:30"))
    (post,) = [each for each in await posts(world, PRENATAL) if each.voice is Voice.MONITOR]
    assert (post.state, post.why) == (
        PostState.LAPSED,
        "交给班长了，收不到群消息，不知道发没发",
    )


async def test_what_followed_a_post_is_unknown(world: World) -> None:
    await world.is_told_nothing()
    await world.stocks(item("d1", DRY, text="姐妹们，今天说说待产包"))
    await world.until("2026-03-02 23:00")
    await opens(world, PRENATAL)
    await world.until(shanghai("2026-03-03 23:30"))
    posted = [each for each in await posts(world, PRENATAL) if each.posted_at is not None]
    assert posted
    assert {(each.heard, each.speakers, each.usual_heard) for each in posted} == {
        (None, None, None)
    }
