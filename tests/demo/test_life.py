"""The life of the demo's groups: how old they are, and what they are posted."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update

from bot.clock import ManualClock
from bot.demo import calendar, community, hints, markup
from bot.demo.cast import Awkward
from bot.demo.editor import SlotKey
from bot.demo.outlook import Slot
from bot.demo.view import Scene
from config.daily import ZONE, DailySpan
from models.content import ContentKind, PostState, Voice
from models.events import ItemsPut, ItemWithdrawn, RulesChanged
from models.ids import GroupId
from models.phase import Phase
from models.stores.unit import Unit
from models.tables import GroupRow, ItemRow, LifeRow, PostRow, ProgrammeRow
from tests.demo.play import GROUP, START, Play, playing

FORMING, GROWING, MATURE = GroupId("demo-2026-06"), GROUP, GroupId("demo-2025-12")
PHASES = {FORMING: Phase.FORMING, GROWING: Phase.GROWING, MATURE: Phase.MATURE}
PRENATAL = [DailySpan.parse(each) for each in ("11:00-12:00", "16:00-17:00", "20:00-21:00")]
TODAY = START.date()


def slots(scene: Scene, day: date = TODAY) -> list[Slot]:
    return list(dict(scene.outlook.days)[day])


def key(slot: Slot) -> SlotKey:
    return SlotKey(slot.post.group, slot.post.day, slot.post.slot)


async def phases(play: Play) -> dict[GroupId, Phase]:
    standings = {group: (await play.scene(group)).outlook.standing for group in PHASES}
    return {group: each.phase for group, each in standings.items() if each}


# How old they are


async def test_one_group_gathers_one_grows_and_one_is_settled(play: Play) -> None:
    assert await phases(play) == PHASES
    opened = {group: (await play.scene(group)).group.opened_on for group in PHASES}
    assert opened == {
        FORMING: TODAY - timedelta(days=5),
        GROWING: TODAY - timedelta(weeks=9),
        MATURE: TODAY - timedelta(weeks=20),
    }
    shown = calendar.standing_panel(await play.scene())
    assert re.sub("<[^>]+>", "", shown).startswith("孕33周 · 成长期 开群第10周 · 177人")
    gathering = await play.scene(FORMING)
    assert "预计" in calendar.standing_panel(gathering)
    assert gathering.outlook.standing is not None
    assert sum(each.joins for each in gathering.outlook.standing.days) == 18
    assert gathering.chat == []


async def test_groups_of_an_older_demo_get_their_age_and_a_library(
    database: str, real: ManualClock
) -> None:
    async def forget(facts: Unit) -> None:
        await facts.connection.execute(update(GroupRow).values(opened_on=None))
        for table in (LifeRow, ProgrammeRow, PostRow, ItemRow):
            await facts.connection.execute(delete(table))

    async with playing(database, real) as play:
        await play.transactions.run(forget)
    async with playing(database, real) as play:
        assert await phases(play) == PHASES
        assert all(each.text for each in slots(await play.scene()))


async def test_who_only_reads_along_is_counted_and_nobody_one_can_be(play: Play) -> None:
    scene = await play.scene()
    assert len(scene.present) == 5
    readers = [each for each in scene.people.values() if community.only_reads(each.person)]
    assert scene.group.members == len(readers) + 5
    assert len({each.name for each in scene.people.values()}) == len(scene.people)
    assert not {each.name for each in scene.people.values()} & set(community.NEWCOMERS)


async def test_the_group_that_gathers_was_lively_so_far(play: Play) -> None:
    await play.stage.jump(START + timedelta(days=4))
    texts = [each.text for each in (await play.scene(FORMING)).outlook.concerns]
    assert any("可能到不了150人" in each for each in texts)
    assert not any("没有成员说话" in each for each in texts)


async def test_what_was_said_after_a_post_is_told(play: Play) -> None:
    await play.editor.to_next_post(FORMING)
    me = (await play.scene(FORMING)).present[-1].person
    await play.cast.say(FORMING, me, "收藏了，谢谢")
    await play.stage.jump(play.stage.now() + timedelta(hours=1))
    shown = calendar.calendar_panel(await play.scene(FORMING))
    assert "之后一小时1人说了1条，平时这时候约" in shown


# The calendar


async def test_the_calendar_shows_today_and_the_days_to_come(play: Play) -> None:
    scene = await play.scene()
    assert [day for day, _ in scene.outlook.days] == [TODAY + timedelta(days=n) for n in range(14)]
    for day, planned in scene.outlook.days:
        assert 1 <= len(planned) <= 3, day
        assert all(any(span.covers(s.post.said_at) for span in PRENATAL) for s in planned)
    shown = calendar.calendar_panel(scene)
    assert "今天 3月2日 周一" in shown
    assert "干货" in shown
    today, tomorrow = slots(scene), slots(scene, TODAY + timedelta(days=1))
    assert f"<b>{today[0].post.said_at.astimezone(ZONE):%H:%M}</b>" in shown
    assert all(each.text and each.post.why for each in today)
    assert all(each.text for each in tomorrow)
    expected = re.search("明天 3月3日 周二(.*)再往后", shown, re.DOTALL)
    assert expected is not None
    assert re.findall("<b>(.*?)</b>", expected[1]) == ["11:00-12:00", "16:00-17:00", "20:00-21:00"]


async def test_one_jumps_to_the_next_post_and_sees_it(play: Play) -> None:
    first, second, *_ = slots(await play.scene())
    assert first.post.voice is Voice.ASSISTANT
    post = await play.editor.to_next_post(GROUP)
    assert (post.slot, post.state) == (first.post.slot, PostState.POSTED)
    assert timedelta(0) <= play.stage.now() - first.post.said_at <= timedelta(minutes=1)
    assert await play.said() == [first.text]
    assert (await play.editor.to_next_post(GROUP)).slot == second.post.slot
    assert "已发" in calendar.calendar_panel(await play.scene())


async def test_the_last_of_today_is_followed_by_the_first_of_tomorrow(play: Play) -> None:
    for _ in slots(await play.scene()):
        await play.editor.to_next_post(GROUP)
    following = await play.editor.to_next_post(GROUP)
    assert following.day == TODAY + timedelta(days=1)
    assert play.stage.now().date() == following.day


async def test_after_midnight_the_night_is_still_there(play: Play) -> None:
    now = play.stage.now()
    rules = {"hours": {"prenatal": ["23:00-02:00"]}, "delivery": {"quiet_hours": "03:00-07:00"}}
    await play.dispatcher.decide(
        RulesChanged(at=now, by="operator", scope="everywhere", changes=rules), now
    )
    await play.stage.jump(now + timedelta(minutes=1))
    while play.stage.now().astimezone(ZONE).date() == TODAY:
        await play.editor.to_next_post(GROUP)
    shown = calendar.calendar_panel(await play.scene())
    assert re.search("昨天 3月2日 周一.*<b>次日00:.*<b>次日01:.*今天 3月3日", shown, re.DOTALL)
    assert "<b>23:00-00:00</b>" in shown


async def test_the_monitor_is_handed_a_post_and_says_it(play: Play) -> None:
    for _ in range(40):
        post = await play.editor.to_next_post(MATURE)
        if post.state is PostState.HANDED:
            break
    monitor = await play.monitor(MATURE)
    *_, introduction, text = await play.private(monitor, MATURE)
    assert "长按就能复制" in introduction
    scene = await play.scene(MATURE)
    assert monitor in scene.written
    assert "交给班长了" in calendar.calendar_panel(scene)
    for private in (False, True):
        offered = hints.hints(scene, monitor, None, private=private)
        assert (offered[0].label, offered[0].text) == ("发到群里", text)
        assert 'data-act="to-group"' in markup.hints(offered)
    other = next(each.person for each in scene.present if not each.role.leads)
    assert all(each.label != "发到群里" for each in hints.hints(scene, other, None))

    await play.cast.say(MATURE, monitor, text)
    scene = await play.scene(MATURE)
    said = next(s for s in slots(scene, post.day) if s.post.slot == post.slot)
    assert said.post.state is PostState.POSTED
    assert not scene.outlook.handed


# What one decides


async def test_a_post_is_skipped(play: Play) -> None:
    first, second, *_ = slots(await play.scene())
    await play.editor.decide("skip", key(first))
    assert slots(await play.scene())[0].post.state is PostState.SKIPPED
    with pytest.raises(Awkward, match="跳过"):
        await play.editor.decide("skip", key(first))
    assert (await play.editor.to_next_post(GROUP)).slot == second.post.slot
    assert await play.said() == [second.text]


async def test_a_post_is_swapped_today_and_on_a_day_to_come(play: Play) -> None:
    for day in (TODAY, TODAY + timedelta(days=1)):
        before = slots(await play.scene(), day)[0]
        await play.editor.decide("swap", key(before))
        after = slots(await play.scene(), day)[0]
        assert after.post.item not in (None, before.post.item)
        assert after.post.kind is before.post.kind
    swapped = slots(await play.scene())[0]
    await play.editor.to_next_post(GROUP)
    assert await play.said() == [swapped.text]


async def test_a_post_is_said_now_even_while_time_stands(play: Play) -> None:
    await play.stage.set_speed(0)
    *_, last = slots(await play.scene())
    await play.editor.decide("post-now", key(last))
    assert await play.said() == [last.text]
    with pytest.raises(Awkward, match="发过了"):
        await play.editor.decide("post-now", key(last))
    acts = calendar.calendar_panel(await play.scene())
    assert f'data-day="{TODAY}" data-minute="{last.post.slot}"' not in acts


async def test_where_approval_is_asked_for_nothing_is_said_without_it(play: Play) -> None:
    now = play.stage.now()
    assert "同意" not in calendar.calendar_panel(await play.scene())
    rule = {"content": {"approval": True}}
    await play.dispatcher.decide(
        RulesChanged(at=now, by="operator", scope="everywhere", changes=rule), now
    )
    unapproved = [each for each in slots(await play.scene()) if each.needs_consent]
    assert unapproved
    assert "同意" in calendar.calendar_panel(await play.scene())
    await play.editor.decide("approve", key(unapproved[-1]))
    await play.editor.to_next_post(GROUP)
    assert await play.said() == [unapproved[-1].text]


async def test_without_a_library_nothing_is_waited_for(play: Play) -> None:
    library = await play.transactions.read(lambda facts: facts.items.library())
    assert len(library) >= 60
    now = play.stage.now()
    for each in library:
        await play.dispatcher.decide(ItemWithdrawn(at=now, by="operator", item=each.id), now)
    await play.stage.jump(START + timedelta(days=1))
    with pytest.raises(Awkward, match="没有要发的内容"):
        await play.editor.to_next_post(GROUP)
    assert play.stage.now() == START + timedelta(days=1)
    assert "没有要发的内容" in calendar.calendar_panel(await play.scene())


async def test_the_library_is_filled_once(database: str, real: ManualClock) -> None:
    async with playing(database, real) as play:
        library = await play.transactions.read(lambda facts: facts.items.library())
        now = play.stage.now()
        for each in library:
            await play.dispatcher.decide(ItemWithdrawn(at=now, by="operator", item=each.id), now)
    async with playing(database, real) as play:
        assert not await play.transactions.read(lambda facts: facts.items.library())


async def test_a_card_is_shown_below_the_words_and_leads_there_by_a_short_link(play: Play) -> None:
    library = await play.transactions.read(lambda facts: facts.items.library())
    first = slots(await play.scene())[0]
    item = next(each for each in library if each.id == first.post.item)
    now = play.stage.now()
    card = replace(item, link="https://example.com/a?b=1&c=2", title="看完再走 & 早睡")
    await play.dispatcher.decide(ItemsPut(at=now, by="operator", items=[card]), now)
    await play.editor.to_next_post(GROUP)
    (line,) = await play.chat()
    assert re.search(r'href="http://127\.0\.0\.1:8000/s/[a-z0-9]{10}"', line)
    assert "看完再走 &amp; 早睡" in line


async def test_wet_posts_are_named_as_such(play: Play) -> None:
    scene = await play.scene(MATURE)
    kinds = {s.post.kind for _, day in scene.outlook.days for s in day}
    assert kinds == set(ContentKind)
    shown = calendar.calendar_panel(scene)
    assert all(name in shown for name in ("干货", "湿货", "互动", "班长来说", "小助手说"))
