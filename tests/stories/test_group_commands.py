"""Who runs a group does it by typing one line; who is in it can ask what we know of her."""

from datetime import timedelta

import pytest

from models.delivery import NotSent
from models.events import GroupAdopted
from models.ids import GroupId
from models.messages import Kind
from models.people import Role
from tests.world import GROUP, NAME, World

MONITOR, ASSISTANT, HOST = "小雨妈妈", "朵朵妈", "阿宁"
OLD = (MONITOR, ASSISTANT, HOST, "可可妈", "可可妈妈")


@pytest.fixture
async def led(world: World) -> World:
    """A group with people in charge, in which everybody has been greeted."""
    await world.opens(GROUP, NAME, people=OLD)
    await world.becomes(MONITOR, Role.MONITOR)
    await world.becomes(ASSISTANT, Role.ASSISTANT)
    await world.becomes(HOST, Role.HOST)
    await world.passes(minutes=30)
    world.said.clear()
    return world


async def answers(world: World, name: str, text: str, at: tuple[str, ...] = ()) -> str:
    """What is answered to this command; time for the pace is left."""
    before = len(world.replies)
    await world.says(name, text, at=at)
    await world.passes(seconds=10)
    assert len(world.replies) == before + 1
    return world.replies[-1]


async def test_a_group_that_is_not_opened_yet_has_no_day(world: World) -> None:
    now = world.clock.now()
    opened_on = now.date() + timedelta(days=9)
    adopted = GroupAdopted(at=now, by="运营小王", group=GroupId(GROUP), opened_on=opened_on)
    await world.happens(adopted)
    await world.joins(MONITOR)
    await world.becomes(MONITOR, Role.MONITOR)
    told = await world.types(MONITOR, "/群况")
    assert "还没开群" in told
    assert "近1天进1人" in told


# What we know of me


async def test_she_asks_what_we_know_of_her(led: World) -> None:
    await led.joins("豆豆妈", nickname="杭州-孕36周-豆豆")
    assert await answers(led, "豆豆妈", "/我的") == (
        "大家叫你：杭州-孕36周-豆豆\n"
        "进群：2026年3月2日\n"
        "身份：成员，积分：0\n"
        "你发的消息，原文留30天就删\n"
        "叫法不对，改群昵称就会更新\n"
        "想看全部或者删掉，私信我发 /我的信息 或 /删除我的信息"
    )


async def test_who_was_there_before_us(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", people=OLD)
    await world.says("可可妈", "/我的", "g2")
    await world.passes(seconds=5)
    assert "进群：更早就在了" in world.replies[0]


async def test_what_she_earned_and_how_long_her_words_are_kept(led: World) -> None:
    await answers(led, MONITOR, "/加分 @可可妈妈 5 分享了待产包清单", at=("可可妈妈",))
    await led.rules(privacy={"keep_text": 1.5 * 86400})
    answer = await answers(led, "可可妈妈", "#我的")
    assert "积分：5" in answer
    assert "原文留2天" in answer


async def test_each_asks_in_private_too(led: World) -> None:
    await led.tells_us(ASSISTANT, "me")
    (reply,) = led.heard(Kind.REPLY)
    assert reply.message.to == ASSISTANT
    assert "身份：小助手" in reply.message.text


# Roles


async def test_the_monitor_gives_a_role(led: World) -> None:
    answer = await answers(led, MONITOR, "/角色 @可可妈妈\u2005KOC", at=("可可妈妈",))
    assert answer == "好的，可可妈妈现在是KOC了"
    assert "身份：KOC" in await answers(led, "可可妈妈", "/我的")
    answer = await answers(led, MONITOR, "/role 可可妈妈小助手")
    assert answer == "好的，可可妈妈现在是小助手了，发 /帮助 看看能做什么"
    assert (await answers(led, "可可妈妈", "/暂停")).startswith("好的")


async def test_and_takes_it_back(led: World) -> None:
    await answers(led, MONITOR, "/角色 @朵朵妈 群友")
    assert "要班长或小助手来发" in await answers(led, ASSISTANT, "/暂停")
    assert await answers(led, MONITOR, "/角色 @朵朵妈 成员") == "朵朵妈已经是成员了"


NOT_GIVEN = [
    (MONITOR, "/角色", "要写成：/角色 @谁 小助手（或 KOC、成员）"),
    (MONITOR, "/角色 @可可妈妈", "要写成：/角色 @谁 小助手（或 KOC、成员）"),
    (MONITOR, "/角色 @可可妈妈 大王", "没有「大王」这个角色"),
    (MONITOR, "/角色 @路人 小助手", "群里没找到「路人」"),
    (MONITOR, "/角色 可可 KOC", "有2位对得上"),
    (MONITOR, "/角色 @可可妈妈 班长", "班长由运营设置"),
    (MONITOR, "/角色 @可可妈妈 monitor", "班长由运营设置"),
    (MONITOR, "/角色 @可可妈妈 氛围组", "氛围组由运营设置"),
    (MONITOR, "/角色 @可可妈妈 bot", "机器人由运营设置"),
    (MONITOR, "/角色 @阿宁 成员", "阿宁是氛围组，由运营设置"),
    (MONITOR, "/角色 @小雨妈妈 成员", "自己的角色改不了"),
    (ASSISTANT, "/角色 @朵朵妈 成员", "自己的角色改不了"),
    (ASSISTANT, "/角色 @小雨妈妈 成员", "小雨妈妈是班长，由运营设置"),
    ("可可妈妈", "/角色 @可可妈妈 小助手", "要班长或小助手来发"),
]


async def test_a_role_is_not_given_and_she_hears_why(led: World) -> None:
    for who, typed, why in NOT_GIVEN:
        assert why in await answers(led, who, typed)
    roles = [(MONITOR, "班长"), (ASSISTANT, "小助手"), (HOST, "氛围组"), ("可可妈妈", "成员")]
    for name, role in roles:
        assert f"身份：{role}" in await answers(led, name, "/我的")


async def test_an_assistant_does_not_touch_another_one(led: World) -> None:
    assert "可可妈妈现在是小助手" in await answers(led, ASSISTANT, "/角色 @可可妈妈 小助手")
    assert "要班长来改" in await answers(led, ASSISTANT, "/角色 @可可妈妈 成员")
    assert "可可妈妈现在是成员" in await answers(led, MONITOR, "/角色 @可可妈妈 成员")


async def test_staff_of_every_group_are_the_operators_to_change(led: World) -> None:
    await led.becomes("可可妈妈", Role.ASSISTANT, group=None)
    assert "在每个群都是小助手" in await answers(led, MONITOR, "/角色 @可可妈妈 成员")


# The group's rules


async def test_anybody_reads_the_rules_in_the_words_for_newcomers(led: World) -> None:
    await led.joins("豆豆妈")
    await led.passes(minutes=1)
    (step,) = led.heard(Kind.RULES)
    assert await answers(led, "豆豆妈", "/群规") == step.message.text
    await led.rules("group:g1", texts={"rules": "{{ names }}本群只聊{{ city }}的事"})
    assert await answers(led, "豆豆妈", "/rules") == "@豆豆妈\u2005本群只聊杭州的事"


# Welcome now


async def test_the_monitor_does_not_wait_out_a_peak(led: World) -> None:
    await led.joins(*(f"妈{n}" for n in range(10)))
    await led.passes(seconds=20)
    said = led.heard(Kind.WELCOME)[0].at
    await led.joins(*(f"娃{n}" for n in range(10)))
    await led.passes(minutes=3)
    assert len(led.rounds) == 1
    assert await answers(led, MONITOR, "/欢迎") == "好的，10位新妈妈马上欢迎～"
    assert len(led.rounds) == 2
    assert 180 <= led.seconds_to_welcome(said)[1] <= 220


async def test_but_she_waits_for_the_shortest_gap(led: World) -> None:
    await led.joins("豆豆妈")
    await led.passes(seconds=20)
    said = led.heard(Kind.WELCOME)[0].at
    await led.joins(*(f"妈{n}" for n in range(10)))
    answer = await answers(led, MONITOR, "/welcome")
    assert answer == "别急，还要等2分钟，到时10位新妈妈一起欢迎"
    await led.passes(minutes=5)
    assert led.seconds_to_welcome(said) == [0, 120]


async def test_the_calm_delay_is_not_waited_out_either(led: World) -> None:
    await led.joins("豆豆妈")
    joined = led.clock.now()
    await led.says(MONITOR, "/欢迎")
    await led.passes(seconds=7)
    assert led.greeted == ["豆豆妈"]
    assert led.seconds_to_welcome(joined)[0] < 3


async def test_the_hurry_is_for_one_round(led: World) -> None:
    await led.joins("豆豆妈")
    await led.says(MONITOR, "/欢迎")
    await led.passes(minutes=30)
    joined = led.clock.now()
    await led.joins("米粒妈")
    await led.passes(minutes=1)
    assert led.seconds_to_welcome(joined)[1] == 8


async def test_who_comes_while_it_is_being_said_is_not_hurried(led: World) -> None:
    led.gateway.failures.extend([NotSent("no answer")] * 2)
    await led.joins("豆豆妈")
    await led.says(MONITOR, "/欢迎")
    await led.passes(seconds=3)
    await led.joins(*(f"妈{n}" for n in range(5)))
    await led.passes(minutes=1)
    said = led.heard(Kind.WELCOME)[0].at
    await led.passes(hours=1)
    assert led.seconds_to_welcome(said) == [0, 15 * 60 + 60]


async def test_and_for_those_who_wait(led: World) -> None:
    await led.joins("豆豆妈")
    await led.passes(seconds=30)
    await led.joins("米粒妈")
    await led.says(MONITOR, "/欢迎")
    await led.leaves("米粒妈")
    await led.passes(minutes=30)
    joined = led.clock.now()
    await led.joins("朵儿妈")
    await led.passes(minutes=1)
    assert led.seconds_to_welcome(joined)[1] == 8


async def test_at_night_even_she_waits_for_the_morning(led: World) -> None:
    await led.until("2026-03-02 23:30")
    await led.joins("豆豆妈")
    assert await answers(led, MONITOR, "/欢迎") == "现在不打扰大家，1位新妈妈07:30一起欢迎"
    await led.until("2026-03-03 07:29:59")
    assert led.greeted == []
    await led.until("2026-03-03 07:31")
    assert led.greeted == ["豆豆妈"]


async def test_when_there_is_nothing_to_hurry(led: World) -> None:
    assert await answers(led, MONITOR, "/欢迎") == "现在没有等着欢迎的新妈妈"
    await led.rules("group:g1", delivery={"group_gap": 30})
    await led.says(MONITOR, "/我的")
    await led.joins("豆豆妈")
    await led.passes(seconds=9)
    await led.joins("米粒妈")
    await led.says(MONITOR, "/欢迎")
    await led.passes(minutes=2)
    assert led.replies[-1] == "正在欢迎一批新妈妈，后来的1位随后一起欢迎"


async def test_while_paused_she_resumes_first(led: World) -> None:
    await led.joins("豆豆妈")
    await answers(led, MONITOR, "/暂停")
    assert "/恢复" in await answers(led, MONITOR, "/欢迎")
    await led.passes(minutes=10)
    assert led.greeted == []


# Settings


async def test_the_monitor_sets_a_rule_of_her_group(led: World) -> None:
    await led.opens("g2", "杭州·2026年3-5月·妇幼·02")
    assert await answers(led, MONITOR, "/设置 calm_delay 60") == (
        "好的，calm_delay（凑人等待）现在是 1分钟（本群单独设置），原来是 8秒"
    )
    joined = led.clock.now()
    await led.joins("豆豆妈")
    await led.joins("米粒妈", group="g2")
    await led.passes(minutes=2)
    assert [(each.at - joined).total_seconds() for each in led.heard(Kind.WELCOME)] == [8, 60]
    async with led.admin() as http:
        layer = (await http.get("/api/v1/rules/group:g1")).json()
        changes = (await http.get("/api/v1/rules/group:g1/changes")).json()
    assert layer["set"] == {"onboarding": {"calm_delay": 60}}
    assert changes["items"][0]["changed_by"] == f"{MONITOR} ({MONITOR})"


async def test_a_changed_rule_holds_for_those_who_wait_already(led: World) -> None:
    await led.rules("group:g1", onboarding={"calm_delay": 600})
    await led.joins("豆豆妈")
    await led.passes(seconds=30)
    await answers(led, MONITOR, "/设置 凑人等待 默认")
    assert led.greeted == ["豆豆妈"]


async def test_she_looks_at_what_is_set(led: World) -> None:
    assert (await answers(led, MONITOR, "/设置")).startswith("本群还没有单独设置")
    await led.rules(onboarding={"min_gap": 60})
    await led.rules("channel:妇幼", questions={"brought_after": 600})
    assert await answers(led, MONITOR, "/设置 提醒次数=1") == (
        "好的，remind_times（提醒次数）现在是 1（本群单独设置），原来是 2"
    )
    await answers(led, MONITOR, "/设置 孕期活跃时段 11：00～12：00、20:00-21:30")
    overview = await answers(led, MONITOR, "/设置")
    assert overview.startswith(
        "本群单独设置了：\n提醒次数：1\n孕期活跃时段：11:00-12:00、20:00-21:30\n改：/设置"
    )
    for typed, answer in (
        ("calm_delay", "calm_delay（凑人等待）：8秒（默认），可设 0 到 600 秒"),
        ("最短欢迎间隔", "min_gap（最短欢迎间隔）：1分钟（运营统一设置），可设 0 到 60 分钟"),
        (
            "无人回答等待",
            "brought_after（无人回答等待）：10分钟（渠道「妇幼」统一设置），可设 1分钟 到 1天",
        ),
        ("remind_times", "remind_times（提醒次数）：1（本群单独设置），可设 0 到 5"),
        ("每周加分额度", "bonus_budget（每周加分额度）：200（默认），这条由运营统一设置"),
    ):
        assert await answers(led, MONITOR, f"/设置 {typed}") == answer


REFUSED = [
    ("calm_delay 601", "calm_delay（凑人等待）要在 0 到 600 秒之间"),
    ("calm_delay -1", "calm_delay（凑人等待）要在 0 到 600 秒之间"),
    ("calm_delay 999999999天", "calm_delay（凑人等待）要在 0 到 600 秒之间"),
    ("calm_delay 快点", "calm_delay（凑人等待）要写时长，例如 30秒、5分钟、1.5小时"),
    ("提醒次数 6", "remind_times（提醒次数）要在 0 到 5之间"),
    ("名单存疑比例 120%", "doubt（名单存疑比例）要在 0% 到 100%之间"),
    ("欢迎休息时段 23:00", "要写时段，例如 23:00-07:30"),
    (
        "最短欢迎间隔 20分钟",
        "最短欢迎间隔、高峰欢迎间隔、最长欢迎间隔要一个比一个大（可以相等），"
        "这样改会变成 20分钟、15分钟、30分钟",
    ),
    ("高峰人数 20", "高峰人数、大高峰人数要一个比一个大，这样改会变成 20、20"),
    (
        "孕期活跃时段 " + " ".join(f"{n:02}:00-{n:02}:30" for n in range(13)),
        "prenatal（孕期活跃时段）最多写12段",
    ),
    ("产后活跃时段 11:00-11:05 20:00-21:00", "11:00-11:05 太短了，发不了内容，每段至少10分钟"),
    ("quiet_hours 23:00-07:30", "欢迎休息时段（onboarding.quiet_hours）、免打扰时段"),
    ("calm_dely 5", "没有「calm_dely」这条，是想设 calm_delay（凑人等待）吗？"),
    ("=5", "没看懂要设哪条"),
    ("每周加分额度 10000", "这条由运营统一设置"),
    ("points.bonus_budget 10000", "这条由运营统一设置"),
    ("per_minute 100", "这条由运营统一设置"),
    ("欢迎语 大家好", "这条由运营统一设置"),
    ("keep_text 1天", "这条由运营统一设置"),
    ("群名格式 随便", "这条由运营统一设置"),
]


async def test_a_setting_is_refused_and_nothing_changes(led: World) -> None:
    for typed, why in REFUSED:
        assert why in await answers(led, MONITOR, f"/设置 {typed}")
    async with led.admin() as http:
        assert (await http.get("/api/v1/rules/group:g1")).json()["version"] == 0


async def test_setting_the_same_again_changes_nothing(led: World) -> None:
    await answers(led, MONITOR, "/设置 daily_budget 5条")
    assert await answers(led, MONITOR, "/设置 每日条数 5") == (
        "daily_budget（每日条数）已经是 5（本群单独设置）"
    )
    assert await answers(led, MONITOR, "/设置 凑人等待 默认") == (
        "calm_delay（凑人等待）已经是 8秒（默认）"
    )
    async with led.admin() as http:
        assert (await http.get("/api/v1/rules/group:g1")).json()["version"] == 1


async def test_two_settings_at_the_same_moment(led: World) -> None:
    """One transaction; the second is checked against the first."""
    await led.says(MONITOR, "/设置 最长欢迎间隔 15分钟")
    await led.says(ASSISTANT, "/设置 高峰欢迎间隔 20分钟")
    await led.passes(seconds=10)
    assert led.replies[0].startswith("好的")
    assert "要一个比一个大" in led.replies[1]


async def test_in_private_it_is_the_chosen_group_that_is_set(led: World) -> None:
    await led.tells_us(MONITOR, "设置 凑人等待 5")
    async with led.admin() as http:
        layer = (await http.get("/api/v1/rules/group:g1")).json()
    assert layer["set"] == {"onboarding": {"calm_delay": 5}}


async def test_members_and_hosts_set_nothing(led: World) -> None:
    for name in ("可可妈妈", HOST):
        assert "要班长或小助手来发" in await answers(led, name, "/设置 凑人等待 5")
