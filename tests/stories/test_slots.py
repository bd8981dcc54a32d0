"""A leader looks at what is going to be posted, and decides about single posts."""

from datetime import timedelta

import pytest

from handlers.content.deciding import PostRefused, Refusal
from models.content import Post, PostState, Voice
from models.events import (
    ItemApproved,
    PostApproved,
    PostDecision,
    PostedNow,
    PostSkipped,
    PostSwapped,
)
from models.ids import GroupId
from models.messages import Kind
from models.people import Role
from models.stores.unit import Unit
from tests.stories.library import (
    DRY,
    ONLY_DRY,
    PRENATAL,
    item,
    local,
    opens,
    plenty,
    posted,
    posts,
)
from tests.world import World, shanghai

TUESDAY, WEDNESDAY = "2026-03-03", "2026-03-04"
ELEVEN, FOUR = 11 * 60, 16 * 60


@pytest.fixture
async def led(world: World) -> World:
    """The morning of a Tuesday, with a monitor and much to say."""
    await world.rules(content=ONLY_DRY)
    await world.until("2026-03-02 23:10")
    await world.stocks(*plenty(DRY, count=60))
    await opens(world, PRENATAL)
    await world.becomes("班长", Role.MONITOR, PRENATAL)
    await world.until(f"{TUESDAY} 09:00")
    return world


async def slot(world: World, minute: int, day: str = TUESDAY) -> Post:
    (found,) = [each for each in await posts(world, PRENATAL, day) if each.slot == minute]
    return found


async def decides(
    world: World, kind: type[PostDecision], minute: int, day: str = TUESDAY, **more: str
) -> None:
    """An operator, over HTTP; what is wrong with it is raised."""
    now = world.clock.now()
    decision = kind(
        at=now,
        by="运营小王",
        group=GroupId(PRENATAL),
        day=shanghai(f"{day} 00:00").date(),
        slot=minute,
        **more,
    )
    await world.simulation.dispatcher.decide(decision, now)
    await world.simulation.look_again()
    await world.passes(seconds=0)


async def refused(
    world: World, kind: type[PostDecision], minute: int, day: str = TUESDAY, **more: str
) -> Refusal:
    with pytest.raises(PostRefused) as error:
        await decides(world, kind, minute, day, **more)
    return error.value.refusal


async def types(world: World, text: str) -> str:
    return await world.types("班长", text, PRENATAL)


# What is going to be posted


async def test_the_calendar_shows_today_and_tomorrow_numbered(led: World) -> None:
    today = await posts(led, PRENATAL)
    told = await types(led, "/日历")
    lines = told.splitlines()
    assert lines[0] == "今天"
    assert lines[1].startswith(f"1. {local(today[0].said_at):%H:%M} 干货「{today[0].item}的正文」")
    assert lines[2].strip() == today[0].why
    assert "明天" in lines
    assert [each[:2] for each in lines if each[:1].isdigit()] == [f"{n}." for n in range(1, 7)]
    assert "/换 2" in lines[-1]
    assert "/同意" not in told


async def test_it_shows_what_became_of_them(led: World) -> None:
    await types(led, "/跳过 3")
    await led.until(f"{TUESDAY} 12:00")
    told = await types(led, "/日历")
    assert "已发" in told
    assert "跳过" in told


async def test_only_leaders_may_see_and_decide(led: World) -> None:
    for command in ("/日历", "/跳过 1", "/换 1", "/现在发 1", "/同意 1"):
        assert "要班长或小助手来发" in await led.types("豆豆妈", command, PRENATAL)
    assert {each.state for each in await posts(led, PRENATAL)} == {PostState.PLANNED}


async def test_what_was_shown_as_tomorrows_is_what_comes(led: World) -> None:
    told = await types(led, "/日历")
    await led.until(f"{WEDNESDAY} 23:00")
    for each in posted(led, PRENATAL):
        assert f"{each.message.text}" in told
        assert f"{local(each.at):%H:%M}" in told


# Over midnight


@pytest.fixture
async def late(led: World) -> World:
    """The evening of a group that is awake until two."""
    await led.rules(hours={"prenatal": ["23:00-02:00"]}, delivery={"quiet_hours": "03:00-07:00"})
    await led.until(f"{TUESDAY} 22:00")
    return led


async def test_what_is_said_after_midnight_is_told_beneath_its_own_day(late: World) -> None:
    first, second, third = await posts(late, PRENATAL, TUESDAY)
    evening, *nights = (f"{local(each.said_at):%H:%M}" for each in (first, second, third))
    told = (await types(late, "/日历")).splitlines()
    assert [each[3:].split()[0] for each in told[1:6:2]] == [
        evening,
        *(f"次日{n}" for n in nights),
    ]
    await late.until(f"{WEDNESDAY} 00:00")
    told = (await types(late, "/日历")).splitlines()
    assert told[0] == "昨天"
    assert [each.split("「")[0] for each in told[1:4:2]] == [
        f"{n}. 次日{clock} 干货" for n, clock in enumerate(nights, 1)
    ]
    assert told[5] == "今天"


async def test_the_night_is_decided_about_by_the_numbers_that_were_shown(late: World) -> None:
    """Also where one of them was said since."""
    _, second, third = await posts(late, PRENATAL, TUESDAY)
    await late.until(f"{WEDNESDAY} 00:00")
    await types(late, "/日历")
    await late.until(second.said_at + timedelta(minutes=1))
    assert await types(late, "/跳过 2") == f"好的，今天{local(third.said_at):%H:%M}的干货不发了"
    await late.until(f"{WEDNESDAY} 02:00")
    states = [each.state for each in await posts(late, PRENATAL, TUESDAY)]
    assert states == [PostState.POSTED, PostState.POSTED, PostState.SKIPPED]


async def test_over_http_the_night_is_there_once(late: World) -> None:
    await late.until(f"{WEDNESDAY} 00:00")
    told = []
    async with late.admin() as http:
        for params in ({"days": 1}, {"days": 1, "past": 1}):
            answer = await http.get(f"/api/v1/groups/{PRENATAL}/calendar", params=params)
            told.append([each["day"] for each in answer.json()["posts"]])
    assert told == [[TUESDAY] * 2 + [WEDNESDAY] * 3, [TUESDAY] * 3 + [WEDNESDAY] * 3]


# Skipped


async def test_what_is_skipped_does_not_come_by_itself_any_more(led: World) -> None:
    first = await slot(led, ELEVEN)
    assert await types(led, "/跳过 1") == (f"好的，今天{local(first.said_at):%H:%M}的干货不发了")
    await led.until("2026-03-06 23:00")
    assert [local(each.at).hour for each in posted(led, PRENATAL, TUESDAY)] == [16, 20]
    skipped = await slot(led, ELEVEN)
    assert skipped.state is PostState.SKIPPED
    assert skipped.pinned_by == "班长 (班长)"
    assert f"{first.item}的正文" not in [each.message.text for each in posted(led, PRENATAL)]


async def test_what_was_skipped_is_posted_where_somebody_asks_for_it_by_name(led: World) -> None:
    skipped = await slot(led, ELEVEN)
    await types(led, "/跳过 1")
    assert "换好了" in await types(led, f"/换 4 {skipped.item}")
    await led.until(f"{WEDNESDAY} 12:00")
    assert posted(led, PRENATAL)[-1].message.text == f"{skipped.item}的正文"
    assert await refused(led, PostSwapped, FOUR, WEDNESDAY, item=skipped.item or "") is (
        Refusal.SEEN
    )


async def test_what_was_skipped_is_posted_now_where_somebody_says_so(led: World) -> None:
    skipped = await slot(led, ELEVEN)
    await types(led, "/跳过 1")
    assert "这就发" in await types(led, "/现在发 1")
    assert [each.message.text for each in posted(led, PRENATAL)] == [f"{skipped.item}的正文"]
    assert (await slot(led, ELEVEN)).state is PostState.POSTED


async def test_a_slot_of_a_day_to_come_is_skipped_too(led: World) -> None:
    await decides(led, PostSkipped, FOUR, "2026-03-10")
    assert {each.state for each in await posts(led, PRENATAL, TUESDAY)} == {PostState.PLANNED}
    await led.until("2026-03-11 00:00")
    assert [local(each.at).hour for each in posted(led, PRENATAL, "2026-03-10")] == [11, 20]


# Swapped


async def test_swapped_it_is_the_next_choice(led: World) -> None:
    before = [each.item for each in await posts(led, PRENATAL)]
    told = await types(led, "/换 1")
    new = await slot(led, ELEVEN)
    assert f"「{new.item}的正文」" in told
    assert new.item not in before
    await led.until(f"{TUESDAY} 12:00")
    (heard,) = posted(led, PRENATAL)
    assert heard.message.text == f"{new.item}的正文"
    assert local(heard.at).replace(microsecond=0) >= local(new.said_at).replace(microsecond=0)


async def test_swapped_again_and_again_no_item_comes_twice(led: World) -> None:
    had = {(await slot(led, ELEVEN)).item}
    for _ in range(3):
        await types(led, "/换 1")
        had.add((await slot(led, ELEVEN)).item)
    assert len(had) == 4
    await led.until("2026-03-08 00:00")
    texts = [each.message.text for each in posted(led, PRENATAL)]
    assert len(texts) == len(set(texts)) == 15


async def test_a_later_swap_takes_nothing_from_the_days_before(led: World) -> None:
    told = await types(led, "/日历")
    await decides(led, PostSwapped, FOUR, "2026-03-06")
    assert await types(led, "/日历") == told
    swapped = await slot(led, FOUR, "2026-03-06")
    await led.until("2026-03-07 00:00")
    assert f"{swapped.item}的正文" in [
        each.message.text for each in posted(led, PRENATAL, "2026-03-06")
    ]


async def test_swapped_for_a_named_one(led: World) -> None:
    assert await types(led, "/换 2 nothing") == "没有编号是「nothing」的内容，不写编号，我来挑一条"
    await types(led, "/换 2 dry55")
    await decides(led, PostSwapped, ELEVEN, "2026-03-10", item="dry33")
    await led.until("2026-03-11 00:00")
    texts = [each.message.text for each in posted(led, PRENATAL)]
    assert texts[1] == "dry55的正文"
    assert posted(led, PRENATAL, "2026-03-10")[0].message.text == "dry33的正文"
    assert texts.count("dry33的正文") == 1, "it was kept for that day"
    assert len(texts) == len(set(texts))


async def test_what_the_group_had_or_will_have_is_not_put_in_again(led: World) -> None:
    await led.until(f"{TUESDAY} 12:00")
    had, planned = await slot(led, ELEVEN), await slot(led, FOUR)
    assert await refused(led, PostSwapped, 1200, item=had.item or "") is Refusal.SEEN
    assert await refused(led, PostSwapped, 1200, item=planned.item or "") is Refusal.PLANNED


# Now


async def test_said_now_it_is_said_outside_its_hours_and_only_once(led: World) -> None:
    first = await slot(led, ELEVEN)
    assert "这就发" in await types(led, "/现在发 1")
    (heard,) = posted(led, PRENATAL)
    assert heard.message.text == f"{first.item}的正文"
    assert local(heard.at).hour == 9
    await led.until(f"{TUESDAY} 23:00")
    assert [local(each.at).hour for each in posted(led, PRENATAL)] == [9, 16, 20]
    assert await refused(led, PostedNow, ELEVEN) is Refusal.POSTED


async def test_tomorrows_may_be_said_today_and_its_slot_is_used_up(led: World) -> None:
    await types(led, "/现在发 5")
    assert len(posted(led, PRENATAL)) == 1
    assert "5. 3月3日09:00 干货" in await types(led, "/日历"), "it keeps its number"
    await led.until("2026-03-05 00:00")
    assert [local(each.at).hour for each in posted(led, PRENATAL, TUESDAY)] == [9, 11, 16, 20]
    assert [local(each.at).hour for each in posted(led, PRENATAL, WEDNESDAY)] == [11, 20]


async def test_what_was_said_last_is_told_by_the_clock_not_by_the_slots(led: World) -> None:
    async def last(facts: Unit) -> Post | None:
        await facts.posts.read_last_said([GroupId(PRENATAL)])
        return facts.posts.last_said(GroupId(PRENATAL))

    assert await led.transactions.read(last) is None
    await types(led, "/现在发 5")
    assert await led.transactions.read(last) == await slot(led, FOUR, WEDNESDAY)
    await led.until(f"{TUESDAY} 12:00")
    assert await led.transactions.read(last) == await slot(led, ELEVEN)


async def test_not_while_paused_and_not_at_night(led: World) -> None:
    await types(led, "/暂停")
    assert "暂停" in await types(led, "/现在发 1")
    await types(led, "/恢复")
    await led.until(f"{TUESDAY} 23:30")
    assert "安静时段" in await types(led, "/现在发 4")
    assert len(posted(led, PRENATAL)) == 3


async def test_the_monitors_is_handed_over_now(led: World) -> None:
    text = "姐妹们，今天社区医院发叶酸，记得带身份证和孕检本，上午去人少"
    await led.stocks(item("hers", text=text, voice=Voice.MONITOR))
    await led.becomes("小雨", Role.ASSISTANT, PRENATAL)
    await types(led, "/换 1 hers")
    answer = await led.types("小雨", "/现在发 1", PRENATAL)
    assert answer == "好的，私信发给班长了，请她来发"
    private = [each for each in led.heard(Kind.STAFF_NOTICE) if each.message.text == text]
    assert [each.message.to for each in private] == ["班长"]
    assert await refused(led, PostedNow, ELEVEN) is Refusal.HANDED
    await led.says("班长", text, PRENATAL)
    assert (await slot(led, ELEVEN)).state is PostState.POSTED


async def test_whoever_is_handed_it_herself_is_told_so(led: World) -> None:
    await led.stocks(item("hers", voice=Voice.MONITOR))
    await types(led, "/换 1 hers")
    assert await types(led, "/现在发 1") == "好的，私信发给你了，复制到群里就行"
    introduction = led.heard(Kind.STAFF_NOTICE)[-2].message.text
    assert "想请你在群里发一条" in introduction
    assert "正有空" not in introduction, "nobody knows at that hour"


async def test_what_would_be_maimed_in_this_group_is_not_said_by_order(led: World) -> None:
    await led.stocks(item("named", text="有事找班长{{ monitor }}"))
    await types(led, "/换 1 named")
    await led.leaves("班长", group=PRENATAL)
    await led.becomes("小雨", Role.ASSISTANT, PRENATAL)
    assert "说不完整" in await led.types("小雨", "/现在发 1", PRENATAL)
    assert "没有班长" in await led.types("小雨", "/换 2 named", PRENATAL)
    await led.until(f"{TUESDAY} 12:00")
    assert posted(led, PRENATAL) == []


# Approved


async def test_where_approval_is_needed_a_leader_gives_it(led: World) -> None:
    await led.rules(content={"approval": True})
    assert "还没人同意" in await types(led, "/日历")
    assert "到点就发" in await types(led, "/同意 1")
    await decides(led, PostApproved, FOUR, WEDNESDAY)
    await led.until("2026-03-05 00:00")
    assert [(local(each.at).day, local(each.at).hour) for each in posted(led, PRENATAL)] == [
        (3, 11),
        (4, 16),
    ]


async def test_an_approved_item_waits_for_nobody(led: World) -> None:
    await led.rules(content={"approval": True})
    _, second, _ = await posts(led, PRENATAL, TUESDAY)
    await led.happens(ItemApproved(at=led.clock.now(), by="王医生", item=second.item or ""))
    told = (await types(led, "/日历")).splitlines()
    assert [each.endswith("还没人同意") for each in told[1:6:2]] == [True, False, True]
    assert f"{second.item}的正文" in told[3]
    async with led.admin() as http:
        answer = await http.get(f"/api/v1/groups/{PRENATAL}/calendar", params={"days": 1})
    assert [each["approved_by"] for each in answer.json()["posts"]] == [None, "王医生", None]


async def test_who_chose_it_is_still_known_when_somebody_else_agrees(led: World) -> None:
    """She is named in `why`, and is to be found there when she is erased."""
    await types(led, "/换 1")
    await decides(led, PostApproved, ELEVEN)
    post = await slot(led, ELEVEN)
    assert (post.pinned_by, post.approved_by) == ("班长 (班长)", "运营小王")
    assert "班长" in post.why


async def test_who_has_it_posted_now_agrees_to_it(led: World) -> None:
    await led.rules(content={"approval": True})
    await types(led, "/现在发 1")
    assert len(posted(led, PRENATAL)) == 1
    assert (await slot(led, ELEVEN)).approved_by == "班长 (班长)"


async def test_an_approval_that_comes_in_the_hour_is_in_time(led: World) -> None:
    await led.rules(content={"approval": True})
    first = await slot(led, ELEVEN)
    await led.until(first.said_at + timedelta(minutes=1))
    assert posted(led, PRENATAL) == []
    await types(led, "/同意 1")
    (heard,) = posted(led, PRENATAL)
    assert heard.at - first.said_at < timedelta(minutes=2)


# What can't be


async def test_what_can_not_be_decided_is_said(led: World) -> None:
    assert await refused(led, PostSkipped, 123) is Refusal.NO_SLOT
    assert await refused(led, PostSkipped, ELEVEN, "2026-03-01") is Refusal.NO_SLOT
    assert await refused(led, PostSkipped, ELEVEN, "2026-04-01") is Refusal.NO_SLOT
    assert await refused(led, PostSwapped, ELEVEN, item="nothing") is Refusal.NO_ITEM
    await led.until(f"{TUESDAY} 12:00")
    for kind in (PostSkipped, PostSwapped, PostApproved, PostedNow):
        assert await refused(led, kind, ELEVEN) is Refusal.POSTED
    await decides(led, PostSkipped, FOUR)
    assert await refused(led, PostSkipped, FOUR) is Refusal.SKIPPED
    assert await refused(led, PostApproved, FOUR) is Refusal.SKIPPED
    await led.until(f"{TUESDAY} 17:00")
    assert await refused(led, PostSwapped, FOUR) is Refusal.OVER


async def test_what_is_typed_wrongly_is_answered_with_how(led: World) -> None:
    assert "/跳过 2" in await types(led, "/跳过")
    assert "没有第9条" in await types(led, "/换 9")
    assert "没有第0条" in await types(led, "/现在发 0")
    assert "没看懂" in await types(led, "/跳过 1 2")
    assert {each.state for each in await posts(led, PRENATAL)} == {PostState.PLANNED}


@pytest.mark.parametrize(
    "typed",
    ["第2条", "2条", "二", "第二条", " 第 2 条", "２", "两条", "2。", "2个", "+2"],
)
async def test_a_post_is_meant_as_people_count(led: World, typed: str) -> None:
    assert (await types(led, f"/跳过{typed}")).endswith("不发了")
    assert (await slot(led, FOUR)).state is PostState.SKIPPED


@pytest.mark.parametrize("typed", ["二宝", "1、2", "第2条 3", "2月3日", "第"])
async def test_what_is_no_number_of_a_post_is_none(led: World, typed: str) -> None:
    await types(led, f"/跳过 {typed}")
    assert {each.state for each in await posts(led, PRENATAL)} == {PostState.PLANNED}


async def test_with_a_short_library_there_is_nothing_else_to_choose(world: World) -> None:
    await world.rules(content=ONLY_DRY)
    await world.until("2026-03-02 23:10")
    await world.stocks(item("a"), item("b"))
    await opens(world, PRENATAL)
    await world.until(f"{TUESDAY} 09:00")
    assert await refused(world, PostSwapped, ELEVEN) is Refusal.NOTHING_ELSE
    assert await refused(world, PostedNow, 1200) is Refusal.EMPTY
    assert await refused(world, PostApproved, 1200) is Refusal.EMPTY
    await decides(world, PostSkipped, ELEVEN)
    assert await refused(world, PostSwapped, 1200) is Refusal.NOTHING_ELSE
    await decides(world, PostSwapped, 1200, item="a")
    await world.until(f"{TUESDAY} 22:00")
    assert [each.message.text for each in posted(world, PRENATAL)] == ["b的正文", "a的正文"]
