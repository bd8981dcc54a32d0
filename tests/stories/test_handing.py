"""What the monitor is to say reaches her ready to paste, and counts once she has said it."""

from datetime import date, timedelta

import pytest

from models.content import Post, PostState, Voice
from models.delivery import Refused
from models.events import PostApproved, PostSwapped
from models.growth import Concern
from models.messages import Kind
from models.people import Role
from tests.stories.library import DRY, PRENATAL, WET, item, noticed, opens, posted, posts
from tests.world import Heard, World, shanghai

TEXT = (
    "姐妹们，宝宝湿疹反复别急着换奶粉～洗完澡三分钟内抹保湿霜。"
    "我家用的身体乳这周有团购，一支59元，想要的在群里接龙"
)
ELEVEN, TWELVE = shanghai("2026-03-03 11:00"), shanghai("2026-03-03 12:00")
OTHER = "另外一条，说的是完全不同的事情"
FIRST_DAY = date(2026, 3, 3)
LINK = "https://example.com/buy"


@pytest.fixture
async def selling(world: World) -> World:
    """Midnight before a group's first day, on which its first post is the monitor's to say."""
    await world.rules(content={"forming": "50:50:0"})
    await world.stocks(
        item("w1", WET, text=TEXT, voice=Voice.MONITOR, weight=5),
        item("w2", WET, text=OTHER, voice=Voice.MONITOR),
    )
    await world.until("2026-03-02 23:00")
    await opens(world, PRENATAL)
    await world.becomes("班长", Role.MONITOR, PRENATAL)
    await world.until("2026-03-03 00:00")
    return world


async def wet(world: World) -> Post:
    """The one that is handed over first."""
    return next(each for each in await posts(world, PRENATAL) if each.voice is Voice.MONITOR)


def private(world: World, to: str = "班长") -> list[Heard]:
    """What she was handed."""
    notices = world.heard(Kind.STAFF_NOTICE)
    return [
        each
        for each in notices
        if each.message.to == to and each.message.key.startswith("handed:")
    ]


async def handed(world: World) -> Post:
    post = await wet(world)
    await world.until(post.opens_at + timedelta(minutes=1))
    return await wet(world)


async def of_slot(world: World, post: Post) -> Post:
    """As it is by now."""
    found = await posts(world, PRENATAL, str(post.day))
    return next(each for each in found if each.slot == post.slot)


async def number(world: World, post: Post) -> int:
    """In the calendar of its day."""
    return [each.slot for each in await posts(world, PRENATAL, str(post.day))].index(post.slot) + 1


async def comes_again(world: World, item: str, until: str = "2026-03-06 00:00") -> list[Post]:
    """On a day after the first."""
    await world.until(until)
    found = await posts(world, PRENATAL)
    return [each for each in found if each.item == item and each.day > FIRST_DAY]


async def test_it_reaches_her_as_its_hours_begin_the_text_by_itself(selling: World) -> None:
    post = await wet(selling)
    await selling.until(post.opens_at - timedelta(seconds=1))
    assert private(selling) == []
    post = await handed(selling)
    introduction, text = private(selling)
    assert introduction.at == post.opens_at
    assert text.message.text == TEXT
    assert timedelta(seconds=2) <= text.at - introduction.at < timedelta(seconds=10)
    assert "班长" in introduction.message.text
    assert TEXT not in introduction.message.text
    assert (post.state, post.handed_to) == (PostState.HANDED, "班长")
    assert posted(selling, PRENATAL) == []


async def test_said_by_her_with_a_few_changes_it_is_posted(selling: World) -> None:
    await handed(selling)
    await selling.says("班长", "姐妹们早上好呀", PRENATAL)
    assert (await wet(selling)).state is PostState.HANDED
    message = await selling.says("班长", TEXT.replace("59元", "五十九块") + "🌷", PRENATAL)
    post = await wet(selling)
    assert (post.state, post.message) == (PostState.POSTED, message)
    assert post.posted_at == selling.clock.now()
    await selling.until("2026-03-04 00:00")
    assert posted(selling, PRENATAL) == []
    assert (await wet(selling)).state is PostState.POSTED


async def test_another_leader_may_say_it_a_host_or_a_member_may_not(selling: World) -> None:
    await selling.becomes("阿芳", Role.HOST, PRENATAL)
    await selling.becomes("小雨", Role.ASSISTANT, PRENATAL)
    await handed(selling)
    await selling.says("阿芳", TEXT, PRENATAL)
    await selling.says("豆豆妈", TEXT, PRENATAL)
    assert (await wet(selling)).state is PostState.HANDED
    await selling.says("小雨", TEXT, PRENATAL)
    assert (await wet(selling)).state is PostState.POSTED


async def test_not_said_in_its_hours_it_lapses_and_may_come_again(selling: World) -> None:
    post = await handed(selling)
    await selling.until(post.closes_at)
    lapsed = await wet(selling)
    assert lapsed.state is PostState.LAPSED
    assert "没有发" in lapsed.why
    assert len(await comes_again(selling, "w1")) > 0


async def test_said_after_its_hours_it_is_posted_after_all_and_never_again(
    selling: World,
) -> None:
    post = await handed(selling)
    await selling.until(post.closes_at + timedelta(minutes=10))
    message = await selling.says("班长", TEXT, PRENATAL)
    late = await wet(selling)
    assert (late.state, late.message) == (PostState.POSTED, message)
    assert late.posted_at == selling.clock.now()
    assert "过了时段" in late.why
    assert await comes_again(selling, "w1") == []


async def test_said_though_it_was_skipped_it_is_posted_and_never_again(selling: World) -> None:
    post = await handed(selling)
    await selling.types("班长", f"/跳过 {await number(selling, post)}", PRENATAL)
    assert (await of_slot(selling, post)).state is PostState.SKIPPED
    await selling.says("班长", TEXT, PRENATAL)
    assert (await of_slot(selling, post)).state is PostState.POSTED
    assert await comes_again(selling, "w1") == []


async def test_swapped_and_swapped_back_she_gets_each_of_them(selling: World) -> None:
    post = await handed(selling)
    swap = f"/换 {await number(selling, post)}"
    assert OTHER[:10] in await selling.types("班长", swap, PRENATAL)
    await selling.passes(seconds=10)
    assert (await of_slot(selling, post)).state is PostState.HANDED
    await selling.types("班长", swap, PRENATAL)
    await selling.passes(seconds=10)
    texts = [each.message.text for each in private(selling)]
    assert texts[1::2] == [TEXT, OTHER, TEXT]
    back = await of_slot(selling, post)
    assert (back.state, back.item) == (PostState.HANDED, "w1")


async def test_said_though_it_was_swapped_it_never_comes_again(selling: World) -> None:
    post = await handed(selling)
    await selling.types("班长", f"/换 {await number(selling, post)}", PRENATAL)
    await selling.says("班长", TEXT, PRENATAL)
    swapped = await of_slot(selling, post)
    assert (swapped.item, swapped.state) == ("w2", PostState.HANDED)
    await selling.says("班长", OTHER, PRENATAL)
    assert (await of_slot(selling, post)).state is PostState.POSTED
    assert await comes_again(selling, "w1") == []


async def test_what_she_says_late_makes_room_for_something_else(selling: World) -> None:
    """It is planned for the next day by then."""
    await handed(selling)
    (again,) = await comes_again(selling, "w1", until="2026-03-04 08:00")
    assert again.state is PostState.PLANNED
    await selling.says("班长", TEXT, PRENATAL)
    await selling.passes(minutes=1)
    again = await of_slot(selling, again)
    assert (again.state, again.item) == (PostState.PLANNED, "w2")
    assert "w1" not in [each.item for each in await posts(selling, PRENATAL, "2026-03-04")]


async def test_what_she_says_late_is_not_handed_to_her_where_somebody_chose_it(
    selling: World,
) -> None:
    await handed(selling)
    (again,) = await comes_again(selling, "w1", until="2026-03-04 08:00")
    await selling.happens(
        PostApproved(
            at=selling.clock.now(),
            by="运营小王",
            group=again.group,
            day=again.day,
            slot=again.slot,
        )
    )
    await selling.says("班长", TEXT, PRENATAL)
    await selling.until(again.closes_at)
    again = await of_slot(selling, again)
    assert again.state is PostState.LAPSED
    assert "已经" in again.why
    assert [each.message.text for each in private(selling)].count(TEXT) == 1


async def test_said_in_two_messages_it_is_posted(selling: World) -> None:
    await handed(selling)
    half = len(TEXT) // 2
    await selling.says("班长", TEXT[:half], PRENATAL)
    await selling.says("豆豆妈", "这个好用吗", PRENATAL)
    assert (await wet(selling)).state is PostState.HANDED
    await selling.passes(seconds=40)
    message = await selling.says("班长", TEXT[half:], PRENATAL)
    post = await wet(selling)
    assert (post.state, post.message) == (PostState.POSTED, message)


async def test_halves_of_it_with_a_long_time_between_them_are_something_else(
    selling: World,
) -> None:
    await handed(selling)
    half = len(TEXT) // 2
    await selling.says("班长", TEXT[:half], PRENATAL)
    await selling.passes(minutes=6)
    await selling.says("班长", TEXT[half:], PRENATAL)
    assert (await wet(selling)).state is PostState.HANDED


async def test_what_she_chats_after_it_is_not_taken_for_it(selling: World) -> None:
    """She did not say it the first time, and was handed it again."""
    first = await handed(selling)
    (again,) = await comes_again(selling, "w1", until="2026-03-04 08:00")
    await selling.until(again.opens_at + timedelta(minutes=1))
    await selling.says("班长", TEXT, PRENATAL)
    await selling.says("班长", "有问题随时找我哈", PRENATAL)
    await selling.says("班长", TEXT, PRENATAL)
    assert (await of_slot(selling, again)).state is PostState.POSTED
    assert (await of_slot(selling, first)).state is PostState.LAPSED


async def test_what_she_was_handed_counts_though_the_item_says_something_else_by_now(
    selling: World,
) -> None:
    await handed(selling)
    await selling.stocks(item("w1", WET, text=f"全新的写法：{OTHER[::-1]}", voice=Voice.MONITOR))
    message = await selling.says("班长", TEXT, PRENATAL)
    post = await wet(selling)
    assert (post.state, post.message) == (PostState.POSTED, message)


async def test_swapped_before_it_reached_her_she_gets_only_what_it_is_by_then(
    selling: World,
) -> None:
    post = await wet(selling)
    await selling.until(post.opens_at - timedelta(minutes=1))
    selling.gateway.disconnect()
    assert (await handed(selling)).state is PostState.HANDED
    now = selling.clock.now()
    await selling.happens(
        PostSwapped(at=now, by="运营小王", group=post.group, day=post.day, slot=post.slot)
    )
    selling.gateway.connect()
    await selling.passes(minutes=2)
    _, text = private(selling)
    assert text.message.text == OTHER
    assert (await of_slot(selling, post)).state is PostState.HANDED


async def refused(world: World) -> Post:
    """The first hand-over, since she is no friend of the account; staff are there."""
    await world.becomes("王姐", Role.ASSISTANT, None)
    post = await wet(world)
    await world.until(post.opens_at - timedelta(minutes=1))
    world.gateway.failures.append(Refused("no friend"))
    await world.until(post.opens_at + timedelta(minutes=1))
    return await of_slot(world, post)


async def test_where_she_can_not_be_reached_she_is_not_blamed_and_staff_hear_of_it(
    selling: World,
) -> None:
    post = await refused(selling)
    assert post.state is PostState.LAPSED
    assert "没能交给班长" in post.why
    assert private(selling) == []
    await selling.until("2026-03-04 09:59")
    told = [each for each in selling.heard(Kind.STAFF_NOTICE) if "私信" in each.message.text]
    assert [each.message.to for each in told] == ["王姐"]
    assert len(await comes_again(selling, "w1")) > 0


async def test_once_she_is_reached_nobody_need_do_anything(selling: World) -> None:
    await refused(selling)
    notice = await noticed(selling, Concern.UNREACHED, PRENATAL)
    assert notice is not None
    assert notice.is_open
    await comes_again(selling, "w1", until="2026-03-07 00:00")
    assert private(selling) != []
    notice = await noticed(selling, Concern.UNREACHED, PRENATAL)
    assert notice is not None
    assert not notice.is_open


async def test_of_another_monitor_it_is_not_known_whether_she_can_be_reached(
    selling: World,
) -> None:
    await refused(selling)
    await selling.becomes("小雨", Role.MONITOR, PRENATAL)
    notice = await noticed(selling, Concern.UNREACHED, PRENATAL)
    assert notice is not None
    assert not notice.is_open


async def test_what_is_hers_by_now_is_not_said_by_the_assistant(selling: World) -> None:
    """Somebody chose it when it was the assistant's to say."""
    post = await wet(selling)
    await selling.stocks(item("d9", DRY, text="早点睡，晚安啦姐妹们"))
    await selling.types("班长", f"/换 {await number(selling, post)} d9", PRENATAL)
    await selling.stocks(item("d9", WET, text=TEXT, voice=Voice.MONITOR))
    await selling.until(post.closes_at - timedelta(minutes=1))
    assert posted(selling, PRENATAL) == []
    assert private(selling)[-1].message.text == TEXT
    hers = await of_slot(selling, post)
    assert (hers.state, hers.kind, hers.voice) == (PostState.HANDED, WET, Voice.MONITOR)


async def replaced(world: World) -> Post:
    """By another monitor, after it was handed over."""
    post = await handed(world)
    await world.becomes("小雨", Role.MONITOR, PRENATAL)
    await world.passes(minutes=1)
    assert private(world, "小雨") == [], "there are two of them"
    await world.becomes("班长", Role.MEMBER, PRENATAL)
    await world.passes(minutes=1)
    return post


async def test_another_monitor_is_handed_what_was_not_said_yet(selling: World) -> None:
    post = await replaced(selling)
    introduction, text = private(selling, "小雨")
    assert introduction.message.text.startswith("小雨")
    assert text.message.text == TEXT
    assert (await of_slot(selling, post)).handed_to == "小雨"
    await selling.says("小雨", TEXT, PRENATAL)
    assert (await of_slot(selling, post)).state is PostState.POSTED


async def test_who_was_monitor_when_it_was_handed_over_may_say_it(selling: World) -> None:
    post = await replaced(selling)
    await selling.says("豆豆妈", TEXT, PRENATAL)
    assert (await of_slot(selling, post)).state is PostState.HANDED
    await selling.says("班长", TEXT, PRENATAL)
    assert (await of_slot(selling, post)).state is PostState.POSTED


async def test_where_no_monitor_is_left_nobody_is_blamed(selling: World) -> None:
    post = await handed(selling)
    await selling.becomes("班长", Role.MEMBER, PRENATAL)
    await selling.until(post.closes_at)
    lapsed = await of_slot(selling, post)
    assert (lapsed.state, lapsed.why) == (PostState.LAPSED, "这条要班长来发，群里现在没有班长")


async def test_the_next_monitor_is_handed_it_though_there_was_none_for_a_while(
    selling: World,
) -> None:
    post = await handed(selling)
    await selling.becomes("班长", Role.MEMBER, PRENATAL)
    await selling.passes(minutes=5)
    await selling.becomes("小雨", Role.MONITOR, PRENATAL)
    await selling.passes(minutes=1)
    assert private(selling, "小雨")[-1].message.text == TEXT
    assert (await of_slot(selling, post)).state is PostState.HANDED


async def test_when_she_leaves_another_monitor_is_handed_it(selling: World) -> None:
    post = await handed(selling)
    await selling.becomes("小雨", Role.MONITOR, PRENATAL)
    await selling.leaves("班长", group=PRENATAL)
    await selling.passes(minutes=1)
    assert private(selling, "小雨")[-1].message.text == TEXT
    assert (await of_slot(selling, post)).state is PostState.HANDED


async def test_when_she_leaves_it_lapses(selling: World) -> None:
    await handed(selling)
    await selling.leaves("班长", group=PRENATAL)
    lapsed = await wet(selling)
    assert lapsed.state is PostState.LAPSED
    assert "退群" in lapsed.why


async def test_without_a_monitor_at_its_hour_it_lapses(selling: World) -> None:
    post = await wet(selling)
    await selling.becomes("班长", Role.MEMBER, PRENATAL)
    await selling.until(post.opens_at)
    lapsed = await wet(selling)
    assert lapsed.state is PostState.LAPSED
    assert "没有班长" in lapsed.why
    assert private(selling) == []


async def test_a_group_without_a_monitor_is_not_planned_hers(selling: World) -> None:
    await selling.becomes("班长", Role.MEMBER, PRENATAL)
    await selling.until("2026-03-04 00:01")
    tomorrow = await posts(selling, PRENATAL, "2026-03-04")
    assert [each.item for each in tomorrow if each.kind is WET] in ([None], [None, None])


async def test_with_several_groups_she_hears_which_one(selling: World) -> None:
    await selling.opens("g9", "杭州·2026年6-8月·妇幼·09", ("班长",))
    await selling.becomes("班长", Role.MONITOR, "g9")
    await handed(selling)
    introductions = [each.message.text for each in private(selling) if "「" in each.message.text]
    assert any("妇幼·01" in each for each in introductions)


async def test_what_was_due_while_we_were_down_is_handed_over_late_and_once(
    selling: World,
) -> None:
    post = await wet(selling)
    selling.clock.set(post.opens_at + timedelta(minutes=30))
    await selling.restarts()
    await selling.passes(seconds=5)
    await selling.restarts()
    await selling.passes(seconds=5)
    texts = [each.message.text for each in private(selling)]
    assert texts.count(TEXT) == 1
    assert (await wet(selling)).state is PostState.HANDED


async def test_a_link_comes_with_it(selling: World) -> None:
    post = await wet(selling)
    await selling.stocks(
        item("w1", WET, text=TEXT, voice=Voice.MONITOR, link=LINK, title="身体乳")
    )
    await selling.until(post.opens_at + timedelta(minutes=1))
    text = private(selling)[-1].message
    assert text.attachment is not None
    assert text.attachment.link == LINK
    await selling.says("班长", f"{TEXT}\n{LINK}", PRENATAL)
    assert (await wet(selling)).state is PostState.POSTED
