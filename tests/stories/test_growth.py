"""A group gathers, fills, falls silent or loses people, and those in charge hear of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event, text

from bot.timetable import Beat
from config.daily import ZONE
from handlers.features import ROUTER
from handlers.growth.telling import NOTICES_A_BEAT
from handlers.router import Tick
from models.content import ContentKind, Item, Post, PostState, Voice
from models.growth import Concern, Life, Notice
from models.ids import AccountId, GroupId
from models.messages import Kind
from models.people import Role
from models.phase import Phase
from models.stores.unit import Unit
from tests.stories.quiet import without_posts
from tests.world import ACCOUNT, EVENING, GROUP, NAME, World, shanghai

SECOND, SECOND_NAME = "g2", "杭州·2026年3-5月·妇幼·02"
MORNING = shanghai("2026-03-03 08:30")


def mothers(count: int, first: int = 1) -> tuple[str, ...]:
    return tuple(f"妈妈{n:03}" for n in range(first, first + count))


@pytest.fixture
async def world(world: World) -> World:
    return await without_posts(world)


@pytest.fixture
async def led(world: World) -> World:
    """It has a monitor."""
    await world.joins("班长")
    await world.becomes("班长", Role.MONITOR)
    return world


def told(world: World, words: str = "", to: str | None = None) -> list[str]:
    """What was said in private, the time first."""
    return [
        f"{each.at.astimezone(ZONE):%m-%d %H:%M} {each.message.text}"
        for each in world.heard(Kind.STAFF_NOTICE)
        if words in each.message.text and to in (None, each.message.to)
    ]


async def life_of(world: World, group: str = GROUP) -> Life:
    async def work(facts: Unit) -> Life | None:
        return await facts.lives.get(GroupId(group))

    life = await world.transactions.read(work)
    assert life is not None
    return life


async def open_concerns(world: World, group: str = GROUP) -> list[Concern]:
    async def work(facts: Unit) -> list[Notice]:
        return await facts.notices.open_of(GroupId(group))

    return [each.concern for each in await world.transactions.read(work)]


async def grows_daily(world: World, days: int, joins: int) -> None:
    """So many join each evening, and some say something."""
    for _ in range(days):
        at = world.clock.now()
        await world.joins(*(f"{at:%m%d}-{n}" for n in range(joins)))
        await world.says(f"{at:%m%d}-0", "大家好呀")
        await world.says("班长", "欢迎新来的妈妈")
        await world.until(at + timedelta(days=1))


def tick(name: str) -> Tick:
    (found,) = (each for each in ROUTER.ticks if each.name == name)
    return found


# Taken in, let go


async def test_a_group_is_watched_from_when_it_is_taken_in(world: World) -> None:
    life = await life_of(world)
    assert life.since == EVENING
    assert life.opened_on == date(2026, 3, 2)
    assert life.look_at is not None
    assert shanghai("2026-03-03 06:00") <= life.look_at <= shanghai("2026-03-03 08:00")


async def test_a_group_that_is_let_go_is_not_looked_at_until_it_is_taken_in_again(
    world: World,
) -> None:
    async with world.admin() as http:
        await http.post(f"/api/v1/groups/{GROUP}/release")
        assert (await life_of(world)).look_at is None
        await world.passes(days=3)
        opened = {"opened_on": "2026-02-20"}
        await http.post(f"/api/v1/groups/{GROUP}/adopt", json=opened)
    life = await life_of(world)
    assert life.opened_on == date(2026, 2, 20)
    assert life.since == EVENING + timedelta(days=3), "nothing was heard of it meanwhile"
    assert life.look_at is not None


async def test_what_it_had_reached_when_we_came_is_no_news(world: World) -> None:
    await world.opens(SECOND, SECOND_NAME, mothers(250))
    await world.passes(days=2)
    assert (await life_of(world, SECOND)).formed_at == EVENING
    assert told(world) == []


async def test_nor_is_what_a_room_had_reached_that_is_adopted(led: World) -> None:
    await led.opens("g5", "周末爬山群", mothers(250))
    async with led.admin() as http:
        await http.post("/api/v1/groups/g5/adopt")
    await led.looks("g5")
    await led.passes(days=2)
    assert (await life_of(led, "g5")).formed_at is not None
    assert told(led) == []


async def test_nobody_is_told_of_a_group_that_was_let_go(led: World) -> None:
    await led.rules(growth={"formed_at": 5})
    await led.joins(*mothers(5))
    assert await open_concerns(led) == [Concern.FORMED]
    async with led.admin() as http:
        await http.post(f"/api/v1/groups/{GROUP}/release")
    await led.passes(days=2)
    assert told(led) == []
    assert await open_concerns(led) == []


# It gathers


async def test_a_group_at_risk_is_told_of_early_with_what_to_do(led: World) -> None:
    await grows_daily(led, 5, joins=2)
    (first,) = told(led)
    assert first.startswith(f"03-05 08:30 「{NAME}」现在7人，预计3月30日")
    assert first.endswith(
        "可能到不了150人。可以在妇幼再放一次群二维码，或请老成员每人带一两位朋友来"
    )
    assert await open_concerns(led) == [Concern.AT_RISK]


async def test_a_group_that_gathers_well_is_not(led: World) -> None:
    await grows_daily(led, 12, joins=9)
    assert told(led) == []
    assert "有望到150人" in await led.types("班长", "/群况")


async def test_it_is_told_again_only_after_a_week(led: World) -> None:
    await grows_daily(led, 18, joins=1)
    assert [each[:11] for each in told(led, "可能到不了")] == [
        "03-05 08:30",
        "03-12 08:30",
        "03-19 08:30",
    ]


async def test_a_week_is_a_week_though_it_was_told_a_little_late(led: World) -> None:
    await led.until("2026-03-05 08:20")
    led.clock.set(shanghai("2026-03-05 08:40"))
    await led.simulation.dispatcher.tick(tick("tell_concerns"), led.clock.now())
    await led.until("2026-03-12 09:00")
    assert [each[:11] for each in told(led, "可能到不了")] == ["03-05 08:40", "03-12 08:30"]


async def test_who_is_at_risk_no_more_hears_nothing_until_it_is_formed(led: World) -> None:
    await grows_daily(led, 4, joins=2)
    assert await open_concerns(led) == [Concern.AT_RISK]
    await grows_daily(led, 5, joins=20)
    assert await open_concerns(led) == []
    await grows_daily(led, 2, joins=25)
    assert told(led)[1:] == [
        f"03-13 08:30 「{NAME}」满150人，成群啦🎉 可以开始留意爱帮忙的妈妈了，"
        "看中谁就在群里发：/KOC @谁"
    ]
    life = await life_of(led)
    assert life.formed_at == shanghai("2026-03-12 19:00")
    await led.leaves(*(f"0312-{n}" for n in range(10)))
    await grows_daily(led, 3, joins=10)
    assert len(told(led, "成群啦")) == 1


async def test_days_on_which_nobody_heard_make_no_group_at_risk(led: World) -> None:
    """Nine a day until we hear nothing any more: there is no reason to think they stopped."""
    await grows_daily(led, 8, joins=9)
    assert told(led) == []
    await led.goes_deaf()
    await led.passes(days=4)
    await led.hears_again()
    await led.passes(days=1)
    assert told(led, "可能到不了") == []


async def test_days_on_which_nobody_joined_do(led: World) -> None:
    await grows_daily(led, 8, joins=9)
    assert told(led) == []
    await led.passes(days=5)
    assert len(told(led, "可能到不了")) == 1


async def test_an_overdue_group_hears_with_whom_it_could_merge(led: World) -> None:
    async with led.admin() as http:
        opened = {"opened_on": "2026-02-03"}
        await http.post(f"/api/v1/groups/{GROUP}/adopt", json=opened)
    await led.joins(*mothers(40))
    for n, size in (("02", 50), ("03", 300), ("04", 338), ("05", 20), ("06", 120)):
        await led.opens(f"g{n}", f"杭州·2026年3-5月·妇幼·{n}", mothers(size))
    await led.opens("g9", "杭州·2026年3-5月·母婴店·01", mothers(60))
    await led.until(MORNING)
    assert told(led, to="班长") == [
        f"03-03 08:30 「{NAME}」开群28天了，现在41人，还没到150人。"
        "可以和「杭州·2026年3-5月·妇幼·03」（300人）、「杭州·2026年3-5月·妇幼·06」（120人）合并，"
        "合起来不超过350人"
    ]


# It fills


async def test_at_two_hundred_the_way_in_changes_once(led: World) -> None:
    await led.rules(growth={"formed_at": 2, "qr_until": 20})
    await led.joins(*mothers(18))
    assert told(led, "二维码") == []
    assert "扫群二维码进群" in await led.types("班长", "/群况")
    await led.joins("第二十位")
    await led.leaves("第二十位")
    await led.passes(days=1)
    await led.joins("第二十位")
    await led.passes(days=2)
    assert told(led, "满20人了，群二维码扫不进来了") == told(led, "二维码")
    assert len(told(led, "二维码")) == 1
    assert "邀请进群" in await led.types("班长", "/群况")


async def test_the_next_group_is_asked_for_at_once(led: World) -> None:
    await led.rules(growth={"formed_at": 2, "full_at": 20, "qr_until": 400})
    await led.joins(*mothers(16))
    await led.passes(minutes=1)
    assert told(led) == []
    await led.joins("又一位")
    await led.passes(minutes=1)
    assert told(led, to="班长") == [
        f"03-02 19:01 「{NAME}」18人，快满了（20人满群），"
        "同城市、同渠道、同月龄没有别的群能进人了，请尽快建下一个群"
    ]
    await led.joins("再一位")
    await led.passes(hours=2)
    assert len(told(led)) == 1
    await led.joins("最后一位")
    await led.passes(minutes=1)
    assert told(led)[1:] == [
        f"03-02 21:02 「{NAME}」20人，满群了，不再进人，"
        "同城市、同渠道、同月龄没有别的群能进人了，请尽快建下一个群"
    ]
    await led.leaves("最后一位")
    await led.joins("最后一位")
    await led.passes(days=3)
    assert "已满，不再进人" in await led.types("班长", "/群况")
    assert len(told(led, "下一个群")) == 2


async def test_groups_that_are_full_when_we_come_are_told_of_together(led: World) -> None:
    """They are looked at one by one in the hours before the morning; nobody is woken for each."""
    await led.becomes("小王", Role.ASSISTANT, None)
    for n in range(1, 6):
        name = f"杭州·2026年3-5月·渠道{n}·01"
        await led.opens(f"h{n}", name, mothers(340))
    await led.until("2026-03-03 12:00")
    (letter,) = told(led, to="小王")
    assert letter.startswith("03-03 08:30 有5个群想请你看一眼：")
    assert "请尽快建下一个群" in letter


async def test_where_another_group_has_room_it_can_wait_until_the_morning(led: World) -> None:
    await led.rules(growth={"formed_at": 2, "full_at": 20, "qr_until": 400})
    await led.opens(SECOND, SECOND_NAME, mothers(3))
    await led.joins(*mothers(17))
    await led.until("2026-03-03 08:29")
    assert told(led) == []
    await led.until(MORNING)
    (notice,) = told(led, to="班长")
    assert f"18人，快满了（20人满群），新来的妈妈请引到「{SECOND_NAME}」（3人）" in notice
    await led.passes(minutes=1)
    await led.joins("又一位", "再一位")
    await led.until("2026-03-04 09:00")
    assert told(led, to="班长")[1:] == [
        f"03-04 08:30 「{NAME}」20人，满群了，不再进人，新来的妈妈请引到「{SECOND_NAME}」（3人）"
    ]
    await led.leaves("又一位", "再一位", by="班长")
    await led.leaves("妈妈001")
    await led.passes(days=1)
    assert Concern.NEARLY_FULL in await open_concerns(led), "one is not room"
    await led.leaves("妈妈002", by="班长")
    await led.passes(days=1)
    assert Concern.NEARLY_FULL not in await open_concerns(led)


# It falls silent


async def test_silence_is_told_of_after_a_week(led: World) -> None:
    await led.rules(growth={"formed_at": 3})
    await led.joins(*mothers(3))
    await led.until("2026-03-03 12:00")
    await led.says("妈妈001", "大家好")
    await led.until("2026-03-10 08:00")
    await led.says("班长", "我来说两句")
    await led.until("2026-03-11 08:29")
    assert told(led, "没有成员说话") == []
    await led.until("2026-03-11 08:31")
    assert told(led, "没有成员说话") == [
        f"03-11 08:30 「{NAME}」7天没有成员说话了，起个话头、发个小任务，热热场吧"
    ]
    await led.says("妈妈001", "我在的")
    await led.passes(days=1)
    assert Concern.SILENT not in await open_concerns(led)


async def test_what_nobody_heard_is_no_silence(led: World) -> None:
    await led.joins(*mothers(3))
    await led.says("妈妈001", "大家好")
    await led.goes_deaf()
    await led.passes(days=6)
    await led.hears_again()
    await led.passes(days=4)
    assert told(led, "没有成员说话") == []
    assert (await life_of(led)).active is None
    assert "有多少人说话还不知道" in await led.types("班长", "/群况")


async def test_nor_is_it_however_long_ago(led: World) -> None:
    """Of thirty days without a word we were away for the first twenty-four, in two spells."""
    await led.joins(*mothers(3))
    await led.says("妈妈001", "大家好")
    for _ in range(2):
        await led.goes_deaf()
        await led.passes(days=12)
        await led.hears_again()
    await led.passes(days=6)
    assert told(led, "没有成员说话") == []
    await led.passes(days=2)
    assert len(told(led, "没有成员说话")) == 1


async def test_who_spoke_in_a_week_is_counted(led: World) -> None:
    await led.joins(*mothers(8))
    await led.becomes("妈妈008", Role.HOST)
    for _ in range(8):
        for name in ("妈妈001", "妈妈002", "妈妈008", "班长"):
            await led.says(name, "今天天气真好")
        await led.passes(days=1)
    life = await life_of(led)
    assert (life.active, life.active_of) == (2, 9)
    assert "2位说过话（22%）" in await led.types("班长", "/群况")


async def test_a_monitor_who_says_little_is_reminded(led: World) -> None:
    await led.rules(growth={"formed_at": 3})
    await led.joins(*mothers(3))
    for n in range(9):
        for name in ("妈妈001", "妈妈002", "妈妈003"):
            await led.says(name, f"今天第{n}天")
        await led.passes(days=1)
    assert [each[6:] for each in told(led, "班长近7天")] == [
        f"08:30 「{NAME}」班长近7天还没在群里说过话，每天出来聊几句，大家会更愿意开口"
    ]
    for _ in range(4):
        await led.says("班长", "我来啦")
    await led.passes(days=1)
    assert Concern.MONITOR_QUIET not in await open_concerns(led)


async def test_a_monitor_who_is_quiet_every_other_day_is_told_once_a_week(led: World) -> None:
    """Just under the mark and just over it, from day to day."""
    await led.rules(growth={"formed_at": 3})
    await led.joins(*mothers(3))

    async def looks(monitor_share: float) -> bool:
        """Whether she is quiet, by what is asked of her in the morning that follows."""
        await led.rules(growth={"monitor_share": monitor_share})
        for name in (*mothers(3), "班长"):
            await led.says(name, f"今天{led.clock.now():%m%d}")
        await led.passes(days=1)
        return Concern.MONITOR_QUIET in await open_concerns(led)

    for _ in range(9):
        assert not await looks(0.1)
    for _ in range(4):
        assert await looks(0.3)
        assert not await looks(0.1)
    assert await looks(0.3)
    assert [each[:11] for each in told(led, "班长近7天")] == ["03-12 08:30", "03-20 08:30"]


# Many leave


async def test_when_many_leave_somebody_hears_at_once_and_once_a_day(led: World) -> None:
    await led.joins(*mothers(60))
    await led.passes(days=1)
    start = shanghai("2026-03-03 19:00")

    async def post(facts: Unit) -> None:
        facts.items.put(
            Item(
                id="c1",
                kind=ContentKind.WET,
                text="{{ city }}的妈妈们，新到的纸尿裤今天下单有优惠",
                voice=Voice.ASSISTANT,
            )
        )
        facts.posts.put(
            Post(
                group=GroupId(GROUP),
                day=date(2026, 3, 3),
                slot=1080,
                account=ACCOUNT,
                phase=Phase.FORMING,
                kind=ContentKind.WET,
                state=PostState.POSTED,
                opens_at=start,
                closes_at=start,
                said_at=start,
                due_at=None,
                item="c1",
                posted_at=start - timedelta(minutes=30),
            )
        )

    await led.transactions.run(post)
    await led.leaves("妈妈001", "妈妈002")
    await led.passes(minutes=10)
    assert told(led) == []
    await led.leaves("妈妈003")
    await led.passes(minutes=1)
    (first,) = told(led, to="班长")
    assert first == (
        f"03-03 19:10 「{NAME}」一天里退了3人，还有58人。今天19点多开始的，"
        "之前发过「杭州的妈妈们，新到的纸尿裤今天…」。请去群里看看怎么了"
    )
    await led.leaves("妈妈004", "妈妈005", "妈妈006")
    await led.passes(hours=20)
    assert len(told(led, "一天里退了")) == 1
    await led.passes(hours=6)
    await led.leaves("妈妈007", "妈妈008", "妈妈009")
    await led.passes(minutes=1)
    assert len(told(led, "一天里退了")) == 2
    await led.passes(days=2)
    assert Concern.LEAVING not in await open_concerns(led)


async def test_where_it_gets_much_worse_it_is_told_again(led: World) -> None:
    await led.joins(*mothers(200))
    await led.passes(days=1)
    await led.leaves(*mothers(7))
    await led.passes(hours=3)
    assert len(told(led, "一天里退了7人")) == 1
    await led.leaves(*mothers(6, first=8))
    await led.passes(minutes=5)
    assert len(told(led, "一天里退了")) == 1
    await led.leaves(*mothers(10, first=14))
    await led.passes(minutes=5)
    assert len(told(led, "一天里退了")) == 2


async def test_who_is_removed_by_the_monitor_does_not_leave(led: World) -> None:
    await led.joins(*mothers(60))
    await led.leaves(*mothers(20), by="班长")
    await led.passes(minutes=5)
    assert told(led) == []


# Deaf, misnamed


async def test_what_nobody_heard_is_told_of_for_all_groups_together(led: World) -> None:
    await led.opens(SECOND, SECOND_NAME, ("班长",))
    await led.becomes("班长", Role.MONITOR, SECOND)
    await led.goes_deaf()
    await led.passes(minutes=80)
    await led.hears_again()
    await led.goes_deaf()
    await led.passes(minutes=9)
    await led.hears_again()
    await led.until(MORNING)
    assert told(led) == [
        "03-03 08:30 有2个群想请你看一眼：\n"
        f"「{NAME}」「{SECOND_NAME}」：这段时间的消息和进群我没看到（掉线）：3月2日19:00-20:20"
    ]
    assert await open_concerns(led) == []
    await led.passes(days=2)
    assert len(told(led, "掉线")) == 1


async def test_a_group_that_is_renamed_against_the_rule_is_told_of(led: World) -> None:
    led.gateway.retitle(GroupId(GROUP), "开心一家人")
    await led.passes(seconds=0)
    led.gateway.retitle(GroupId(GROUP), "开心大家庭")
    await led.until(MORNING)
    assert told(led) == [
        f"03-03 08:30 「开心大家庭」群名改过以后，看不出城市、月龄和渠道了，"
        f"麻烦改回「{NAME}」这样的写法"
    ]
    led.gateway.retitle(GroupId(GROUP), SECOND_NAME)
    await led.passes(seconds=0)
    assert await open_concerns(led) == []


async def test_a_name_that_was_put_right_by_the_morning_is_not(led: World) -> None:
    led.gateway.retitle(GroupId(GROUP), "开心一家人")
    await led.passes(seconds=0)
    led.gateway.retitle(GroupId(GROUP), NAME)
    await led.until("2026-03-04 12:00")
    assert told(led) == []


async def test_a_name_that_tells_of_another_cohort_is_told_of(led: World) -> None:
    led.gateway.retitle(GroupId(GROUP), "上海·2025年12-2月·妇幼·07")
    await led.until(MORNING)
    assert told(led) == [
        "03-03 08:30 「上海·2025年12-2月·妇幼·07」群名改过以后，写的是上海、2025年12-2月，"
        "可这个群我一直当杭州、2026年3-5月的（新名字才对的话，请运营重新接管），"
        f"麻烦改回「{NAME}」这样的写法"
    ]
    async with led.admin() as http:
        answer = await http.post(f"/api/v1/groups/{GROUP}/adopt")
    assert answer.json()["city"] == "上海"
    assert await open_concerns(led) == []


async def test_a_group_that_was_adopted_with_other_facts_is_called_what_it_likes(
    led: World,
) -> None:
    async with led.admin() as http:
        await http.post(f"/api/v1/groups/{GROUP}/adopt", json={"city": "苏州"})
    led.gateway.retitle(GroupId(GROUP), "杭州·2026年3-5月·妇幼·03")
    await led.passes(seconds=0)
    assert await open_concerns(led) == []


# One message a morning


async def test_one_person_hears_of_all_her_groups_in_one_message(led: World) -> None:
    await led.becomes("小王", Role.ASSISTANT, None)
    await led.rules(growth={"formed_at": 3})
    for n in range(2, 42):
        await led.opens(f"h{n:02}", f"杭州·2026年3-5月·妇幼·{n:02}", mothers(1))
    for n in range(2, 42):
        await led.joins("妈妈901", "妈妈902", group=f"h{n:02}")
    await led.joins("妈妈901", "妈妈902")
    await led.until("2026-03-04 08:29")
    assert [each[:11] for each in told(led)] == ["03-03 08:30"] * 2
    (hers,) = told(led, to="班长")
    assert "有1个群" not in hers
    (theirs,) = told(led, to="小王")
    assert theirs.splitlines()[0] == "03-03 08:30 有40个群想请你看一眼："
    assert len(theirs.splitlines()) <= 20
    assert theirs.count("成群啦") == 1


async def due_in_the_morning(world: World, *groups: str, account: str = ACCOUNT) -> None:
    """Groups of ours, made where there are none, of which something is to be told."""

    async def work(facts: Unit) -> None:
        like = await facts.groups.get(GroupId(GROUP))
        assert like is not None
        for each in map(GroupId, groups):
            known = await facts.groups.get(each) or replace(like, id=each, name=each)
            facts.groups.put(replace(known, account=AccountId(account)))
            silent = Notice(
                group=each, concern=Concern.SILENT, found_at=EVENING, text="静", due_at=MORNING
            )
            facts.notices.put(silent)

    await world.transactions.run(work)


async def promised(world: World) -> list[tuple[str, str]]:
    """(account, addressee) of the letters, in order."""
    async with world.engine.connect() as connection:
        letters = text(
            "SELECT account, to_person FROM outbox WHERE key LIKE 'growth:%' ORDER BY id"
        )
        return [(account, person) for account, person in await connection.execute(letters)]


async def test_nobody_hears_twice_in_a_morning_however_much_there_is_to_tell(led: World) -> None:
    await led.becomes("小王", Role.ASSISTANT, None)
    await led.opens("z1", "杭州·2026年3-5月·妇幼·99", ("班长",))
    await led.becomes("班长", Role.MONITOR, "z1")
    await due_in_the_morning(led, GROUP, "z1", *(f"m{n:04}" for n in range(NOTICES_A_BEAT + 1)))
    for beat in range(3):
        at = MORNING + timedelta(seconds=10 * beat)
        await led.simulation.dispatcher.tick(tick("tell_concerns"), at)
    assert await promised(led) == [(ACCOUNT, "班长"), (ACCOUNT, "小王")]


async def test_nor_where_her_groups_are_with_two_accounts(led: World) -> None:
    """The one that reached her tells her; the other was refused, though it has more to tell."""
    for group in (SECOND, "g3"):
        await led.opens(group, SECOND_NAME, ("班长",))
        await led.becomes("班长", Role.MONITOR, group)
    for account, state in (("another", "parked"), (ACCOUNT, "sent")):
        await due_in_the_morning(led, GROUP)
        await led.simulation.dispatcher.tick(tick("tell_concerns"), MORNING)
        async with led.engine.begin() as connection:
            last = "UPDATE outbox SET account = :account, state = :state WHERE state = 'waiting'"
            await connection.execute(text(last), {"account": account, "state": state})
        led.clock.set(led.clock.now() + timedelta(seconds=1))
    before = await promised(led)
    await due_in_the_morning(led, GROUP)
    await due_in_the_morning(led, SECOND, "g3", account="another")
    await led.simulation.dispatcher.tick(tick("tell_concerns"), MORNING + timedelta(minutes=1))
    assert (await promised(led))[len(before) :] == [(ACCOUNT, "班长")]


async def test_a_letter_that_fails_does_not_keep_the_others_from_theirs(led: World) -> None:
    await led.becomes("小王", Role.ASSISTANT, None)
    await due_in_the_morning(led, GROUP, *(f"m{n}" for n in range(5)))
    async with led.engine.begin() as connection:
        refused = "ALTER TABLE outbox ADD CONSTRAINT not_to_him CHECK (to_person <> '小王')"
        await connection.execute(text(refused))
    led.clock.set(MORNING)
    await Beat(tick("tell_concerns"), led.simulation.dispatcher, led.clock).strike()
    assert await promised(led) == [(ACCOUNT, "班长")]


async def test_what_was_due_while_we_were_away_is_told_in_the_next_morning(led: World) -> None:
    await led.rules(growth={"formed_at": 3})
    await led.joins("妈妈1", "妈妈2")
    led.clock.set(shanghai("2026-03-03 15:00"))
    await led.simulation.dispatcher.tick(tick("tell_concerns"), led.clock.now())
    await led.passes(hours=1)
    assert told(led) == []
    await led.until("2026-03-04 09:00")
    assert [each[:11] for each in told(led, "成群啦")] == ["03-04 08:30"]


async def test_telling_twice_is_telling_once(led: World) -> None:
    await led.rules(growth={"formed_at": 3})
    await led.joins("妈妈1", "妈妈2")
    led.clock.set(MORNING)
    for _ in range(2):
        await led.simulation.dispatcher.tick(tick("tell_concerns"), MORNING)
    await led.restarts()
    await led.passes(minutes=5)
    assert len(told(led)) == 1


async def test_looking_twice_is_looking_once_and_a_busy_group_has_its_turn_later(
    led: World,
) -> None:
    at = (await life_of(led)).look_at
    assert at is not None
    led.clock.set(at)
    async with led.engine.connect() as busy:
        await busy.execute(text("SELECT 1 FROM chat_group WHERE id = 'g1' FOR NO KEY UPDATE"))
        await led.simulation.dispatcher.tick(tick("look_at_groups"), at)
        await busy.rollback()
    assert (await life_of(led)).look_at == at
    await led.simulation.dispatcher.tick(tick("look_at_groups"), at)
    looked = await life_of(led)
    assert looked.look_at == at + timedelta(days=1)
    await led.simulation.dispatcher.tick(tick("look_at_groups"), at)
    assert await life_of(led) == looked


async def test_many_groups_are_looked_at_in_as_few_statements_as_two(led: World) -> None:
    """Of every kind: small, at risk, overdue, nearly full, led and not."""
    await led.rules(growth={"formed_at": 4, "full_at": 9, "form_within": 7 * 24 * 3600})
    for n in range(12):
        await led.opens(f"h{n:02}", f"杭州·2026年3-5月·渠道{n % 3}·{n:02}", mothers(2 + n % 9))
        await led.becomes("妈妈001", Role.MONITOR, f"h{n:02}")
        await led.says("妈妈001", "大家好", group=f"h{n:02}")
        await led.joins("又一位", group=f"h{n:02}")
    await led.passes(days=4)
    look, statements = tick("look_at_groups"), list[str]()

    def note(_: object, __: object, statement: str, *more: object) -> None:
        statements.append(statement)

    async def looks_at(count: int, days: int) -> int:
        """So many of them, so many days later."""
        now = led.clock.now() + timedelta(days=days)
        async with led.engine.begin() as connection:
            due = text("UPDATE life SET look_at = :at WHERE group_id LIKE 'h%' AND group_id < :n")
            await connection.execute(due, {"at": now, "n": f"h{count:02}"})
        statements.clear()
        await led.simulation.dispatcher.tick(look, now)
        return len(statements)

    async with led.engine.begin() as connection:
        await connection.execute(text("UPDATE life SET look_at = NULL"))
    event.listen(led.engine.sync_engine, "before_cursor_execute", note)
    for days in (0, 4):
        few, many = await looks_at(3, days), await looks_at(12, days)
        assert many <= few + 2, days


# Asked


async def test_a_leader_asks_how_the_group_is_doing(led: World) -> None:
    assert await led.types("班长", "/群况") == (
        "孕期群，孕33周。组建期，开群第1天\n"
        "1人，扫群二维码进群\n"
        "近1天进1人、退0人，有多少人说话还不知道\n"
        "3月30日前要到150人，过几天再看得出来\n"
        "没有要操心的事"
    )
    await led.joins("豆豆妈")
    assert "要班长或小助手来发" in await led.types("豆豆妈", "/群况")


async def test_what_was_found_in_the_morning_is_told_as_that(led: World) -> None:
    await grows_daily(led, 5, joins=2)
    await led.joins("又一位", "再一位")
    lines = (await led.types("班长", "/群况")).splitlines()
    assert lines[1].startswith("13人")
    assert lines[3] == "要留意（我上次看的时候）："
    assert lines[4].startswith("· 现在11人，")


@pytest.mark.parametrize(
    ("opened_on", "last"),
    [
        ("2026-01-20", "过了2月17日，还没到150人"),
        ("2026-02-05", "预计3月5日2-68人，可能到不了150人"),
        ("2026-02-26", "3月26日前要到150人，过几天再看得出来"),
    ],
)
async def test_nobody_is_reassured_of_a_group_that_may_not_form(
    led: World, opened_on: str, last: str
) -> None:
    """Before its first morning; of one that we have just met, next to nothing is known."""
    async with led.admin() as http:
        await http.post(f"/api/v1/groups/{GROUP}/adopt", json={"opened_on": opened_on})
    await led.joins(*mothers(2))
    await led.passes(hours=2)
    assert (await led.types("班长", "/群况")).splitlines()[-1] == last


async def test_a_group_whose_name_says_nothing_is_taken_to_have_its_babies(led: World) -> None:
    await led.opens("g5", "周末爬山群", ("班长",))
    async with led.admin() as http:
        await http.post("/api/v1/groups/g5/adopt")
    await led.becomes("班长", Role.MONITOR, "g5")
    answer = await led.types("班长", "/群况", "g5")
    assert answer.startswith("看不出宝宝月龄，先当产后群。组建期，开群第1天")
