"""The demo's time and its mothers, without a browser."""

import asyncio
import re
from datetime import date, timedelta

import pytest

from bot.clock import ManualClock
from bot.demo import community
from bot.demo.cast import PEAK, Awkward
from bot.demo.chats import Said
from bot.demo.service import open_stage
from bot.demo.stage import PAUSED
from bot.transactions import Transactions
from handlers import naming
from handlers.nickname.judge import judge
from models.database import open_engine
from models.events import RulesChanged
from models.ids import GroupId, PersonId
from models.people import Role
from tests.demo.play import GROUP, START, Play, playing


@pytest.mark.parametrize("today", [date(2026, 1, 1) + timedelta(days=9 * n) for n in range(60)])
def test_the_ready_made_groups_fit_any_day(today: date) -> None:
    prenatal, turning, postnatal = community.ready_made(today)
    assert postnatal.window.middle <= today < turning.window.middle < prenatal.window.middle
    for group in (prenatal, turning, postnatal):
        read = naming.parse(group.name, community.RULES.name_template, community.RULES.first_month)
        assert isinstance(read, naming.GroupName)
        assert read.window == group.window
        for _, profile, role in group.people(today):
            judged = judge(profile.nickname, city="杭州", window=group.window, on=today)
            assert judged.fits or profile.nickname == "", profile
            assert role is not Role.MONITOR or judged.fits


async def test_nobody_who_was_there_is_greeted(play: Play) -> None:
    await play.stage.jump(START + timedelta(days=1))
    scene = await play.scene()
    assert scene.chat
    assert all(isinstance(each, Said) and each.id.startswith("content:") for each in scene.chat)
    assert scene.waiting is None
    assert not any(each.kind.startswith("onboarding.") for each in scene.settled)


async def test_time_passes_as_fast_as_it_was_set(play: Play, real: ManualClock) -> None:
    await play.stage.set_speed(60)
    real.set(START + timedelta(seconds=1))
    async with play.stage.moment():
        pass
    assert play.stage.now() - START >= timedelta(minutes=1)
    await play.stage.set_speed(PAUSED)
    before = play.stage.now()
    real.set(START + timedelta(hours=1))
    await play.stage.set_speed(1)
    assert play.stage.now() == before


async def test_a_peak_is_one_round_and_the_next_one_waits(play: Play) -> None:
    await play.cast.peak(GROUP)
    waiting = (await play.scene()).waiting
    assert waiting is not None
    assert len(waiting.people) == PEAK
    assert await play.stage.skip()
    assert play.stage.now() == waiting.due_at
    welcome = (await play.scene()).settled[0].text
    assert f"等{PEAK}位" in welcome
    assert re.findall("@(.*?)\u2005", welcome) == community.NEWCOMERS[:5]
    await play.cast.join(GROUP, "迟到的妈妈")
    later = (await play.scene()).waiting
    assert later is not None
    assert later.due_at == waiting.due_at + timedelta(minutes=30)
    assert later.gap == timedelta(minutes=30)


async def test_a_rule_changed_over_http_moves_what_waits(database: str, real: ManualClock) -> None:
    engine = open_engine(database, pool_size=4)
    transactions = Transactions(engine)
    opened = await open_stage(transactions, real, lambda event: None)
    await opened.cast.join(GROUP, "豆豆妈")
    now = opened.stage.now()
    change = {"onboarding": {"calm_delay": 100}}
    event = RulesChanged(at=now, by="operator", scope="everywhere", changes=change)
    await opened.dispatcher.decide(event, now)
    assert await opened.stage.skip()
    assert opened.stage.now() == now + timedelta(seconds=100)
    await engine.dispose()


async def test_actions_keep_their_order_while_time_stands(play: Play) -> None:
    await play.stage.set_speed(PAUSED)
    me = await play.cast.join(GROUP, "豆豆妈")
    await play.cast.say(GROUP, me, "第一句")
    await play.cast.say(GROUP, me, "第二句 @小助手 <b>")
    await play.cast.leave(GROUP, me)
    joined, first, second, answer, left = await play.chat()
    assert "豆豆妈 加入了群聊" in joined
    assert "第一句" in first
    assert '<span class="mention">@小助手</span> &lt;b&gt;' in second
    assert "/帮助" in answer
    assert "豆豆妈 退出了群聊" in left


async def test_many_at_once_take_turns(play: Play) -> None:
    await asyncio.gather(*(play.cast.join(GROUP, f"妈妈{n}") for n in range(20)))
    waiting = (await play.scene()).waiting
    assert waiting is not None
    assert len(waiting.people) == 20


async def test_what_cannot_be_done_is_said_kindly(play: Play) -> None:
    me = await play.cast.join(GROUP, "豆豆妈")
    for awkward, why in (
        (play.cast.say(GROUP, me, "  \n"), "还没写内容"),
        (play.cast.say(GROUP, None, "在吗"), "先选一位妈妈"),
        (play.cast.say(GROUP, PersonId("p-nobody"), "在吗"), "不在群里"),
        (play.cast.say(GROUP, me, "好" * 1001), "太长"),
        (play.cast.leave(GROUP, PersonId("p-nobody")), "不在群里"),
        (play.cast.join(GROUP, " "), "名字"),
        (play.cast.call_herself(GROUP, me, ""), "一样"),
    ):
        with pytest.raises(Awkward, match=why):
            await awkward


async def test_a_restart_goes_on_where_it_was(database: str, real: ManualClock) -> None:
    async with playing(database, real) as play:
        me = await play.cast.join(GROUP, "豆豆妈")
        await play.cast.say(GROUP, me, "大家好")
        await play.stage.jump(START + timedelta(hours=5))
        await play.cast.join(GROUP, "糖糖妈咪")
        before, at = await play.chat(), play.stage.now()
    real.set(START + timedelta(minutes=1))
    async with playing(database, real) as play:
        assert play.stage.now() >= at
        assert await play.chat() == before
        waiting = (await play.scene()).waiting
        assert waiting is not None
        assert len(waiting.people) == 1
        await play.stage.jump(waiting.due_at + timedelta(seconds=30))
        chat = await play.chat()
        assert len(chat) == len(before) + 3
        assert "糖糖妈咪" in chat[-3]


async def test_two_groups_due_within_a_second_are_both_reminded(play: Play) -> None:
    others = GroupId("demo-2025-12")
    await play.stage.jump(START + timedelta(minutes=70))
    await play.cast.join(GROUP, "豆豆妈")
    await play.stage.jump(play.stage.now() + timedelta(seconds=0.4))
    await play.cast.join(others, "糖糖妈咪")
    async with asyncio.timeout(30):
        await play.stage.jump(START + timedelta(days=2))
    for group in (GROUP, others):
        kinds = [each.kind for each in (await play.scene(group)).settled]
        assert "onboarding.reminder" in kinds


def test_the_turning_group_is_found_on_the_day_after_a_turn() -> None:
    assert str(community.next_to_turn(date(2026, 4, 14))) == "2026-03"
    assert str(community.next_to_turn(date(2026, 4, 15))) == "2026-06"
