"""Who shows her ticket in chat is let in by hand: accepted, answered by name, and invited."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from config.daily import ZONE
from models.delivery import Refused
from models.entry import MatchedBy, Visitor
from models.errands import ErrandKind
from models.events import FriendMade, MessageReceived, VisitorErased
from models.groups import Account, Group, Standing
from models.growth import Concern
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.messages import Outgoing
from models.people import Role
from models.stores.unit import Unit
from models.tables import DeadLetterRow, ErrandRow, OutboxRow
from tests.stories.quiet import without_posts
from tests.world import ACCOUNT, GROUP, NAME, World

SECOND = "杭州·2026年3-5月·妇幼·02"
SITE = "https://q.example.com"
HOUR = timedelta(hours=1)


@pytest.fixture
async def world(world: World) -> World:
    """A mother who scans the code has a place in the group."""
    await without_posts(world)
    await world.makes_code()
    await world.passes(minutes=1)
    return world


async def asks(world: World, name: str, hello: str) -> None:
    """To be our friend."""
    world.gateway.ask_friend(PersonId(name), name, hello)
    await world.passes(seconds=0)


def said_to(world: World, name: str) -> list[str]:
    return [each.text for each in letters(world, name)]


def letters(world: World, name: str) -> list[Outgoing]:
    return [each.message for each in world.said if each.message.to == name]


async def ticket_of(world: World, browser: str = "b1", name: str = "豆豆妈") -> str:
    visitor = await world.answers(browser, name)
    assert visitor.ticket is not None
    return visitor.ticket


async def errands(world: World, *kinds: ErrandKind) -> list[tuple[str, str]]:
    """(whom it is about, how it went) of what was asked for, in order."""
    wanted = kinds or (ErrandKind.ACCEPT, ErrandKind.INVITE)
    async with world.engine.connect() as connection:
        found = await connection.execute(
            select(ErrandRow.person, ErrandRow.state)
            .where(ErrandRow.kind.in_(wanted))
            .order_by(ErrandRow.id)
        )
        return [(person or "", state) for person, state in found]


async def fills_up(world: World) -> None:
    """Nobody fits into the group any more."""
    await world.rules(growth={"formed_at": 2, "full_at": 3, "qr_until": 3, "nearly_full": 1.0})
    await world.joins("妈妈1", "妈妈2", "妈妈3")


async def room_is_made(world: World, name: str = SECOND, group: str = "g2") -> None:
    world.gateway.open_room(GroupId(group), name, {})
    await world.looks(group)


def hello(ticket: str) -> str:
    return f"我是豆豆妈 {ticket}"


# By a friend request


async def test_who_asks_with_her_ticket_is_accepted_answered_and_invited(world: World) -> None:
    ticket = await ticket_of(world)
    await asks(world, "wx1", hello(ticket))
    assert await errands(world, ErrandKind.ACCEPT) == [("wx1", "done")]
    await world.passes(minutes=1)
    (text,) = said_to(world, "wx1")
    assert text.startswith("豆豆妈你好呀，我是小助手～")
    assert NAME in text
    assert ticket not in text
    assert world.gateway.invited == [(GROUP, "wx1")]
    visitor = await world.visitor("b1")
    assert (visitor.person, visitor.account) == ("wx1", ACCOUNT)
    assert (visitor.joined_in, visitor.matched_by) == (GROUP, MatchedBy.TICKET)


@pytest.mark.parametrize("text", ["你好", "", "我是豆豆妈", "13812345678", "我是豆豆妈 999999 1"])
async def test_requests_without_a_ticket_are_left_alone(world: World, text: str) -> None:
    await ticket_of(world)
    await asks(world, "wx1", text)
    await world.passes(hours=2)
    assert await errands(world) == []
    assert said_to(world, "wx1") == []


async def test_a_ticket_serves_one_person(world: World) -> None:
    ticket = await ticket_of(world)
    await asks(world, "wx1", hello(ticket))
    await asks(world, "wx2", hello(ticket))
    await world.tells_us("wx3", ticket)
    await world.passes(minutes=5)
    assert {person for person, _ in await errands(world)} == {"wx1"}
    assert "没找到" in "".join(said_to(world, "wx3"))


async def test_a_ticket_that_lapsed_or_was_erased_opens_nothing(world: World) -> None:
    ticket = await ticket_of(world)
    other = await ticket_of(world, "b2", "果果妈")
    visitor = await world.visitor("b2")
    await world.happens(VisitorErased(at=world.clock.now(), visitor=visitor.id))
    await asks(world, "wx2", hello(other))
    await world.passes(days=31)
    await asks(world, "wx1", hello(ticket))
    await world.passes(hours=1)
    assert await errands(world) == []


async def test_who_asks_twice_is_accepted_once(world: World) -> None:
    """The first request waits for its turn when the second one comes."""
    await world.rules(entry={"hourly": 1})
    first, ticket = await ticket_of(world, "b0", "果果妈"), await ticket_of(world)
    await world.tells_us("wx0", first)
    await world.passes(minutes=1)
    await asks(world, "wx1", hello(ticket))
    await asks(world, "wx1", hello(ticket))
    await world.passes(hours=4)
    assert await errands(world, ErrandKind.ACCEPT) == [("wx1", "done")]
    assert world.gateway.invited == [(GROUP, "wx0"), (GROUP, "wx1")]
    assert len(said_to(world, "wx1")) == 1


async def test_and_helped_again_where_she_asks_after_it(world: World) -> None:
    await fills_up(world)
    ticket = await ticket_of(world)
    await asks(world, "wx1", hello(ticket))
    await world.passes(minutes=5)
    await asks(world, "wx1", hello(ticket))
    await world.passes(minutes=5)
    assert await errands(world, ErrandKind.ACCEPT) == [("wx1", "done")]
    assert len(said_to(world, "wx1")) == 2


async def test_who_was_accepted_by_hand_is_helped_as_well(world: World) -> None:
    world.gateway.failures.append(Refused("not now"))
    ticket = await ticket_of(world)
    await asks(world, "wx1", hello(ticket))
    assert await errands(world) == [("wx1", "failed")]
    await world.happens(FriendMade(at=world.clock.now(), account=ACCOUNT, person=PersonId("wx1")))
    await world.passes(minutes=1)
    assert world.gateway.invited == [(GROUP, "wx1")]
    assert len(said_to(world, "wx1")) == 1


# By a message


async def test_a_message_that_is_her_ticket_does_the_same(world: World) -> None:
    ticket = await ticket_of(world)
    spaced = f"{ticket[:3]} {ticket[3:]}"
    wide = "".join(chr(ord(each) + 0xFEE0) if each.isdigit() else each for each in spaced)
    await world.tells_us("wx1", wide)
    await world.passes(minutes=1)
    assert world.gateway.invited == [(GROUP, "wx1")]
    assert await errands(world, ErrandKind.ACCEPT) == []
    assert "豆豆妈你好呀" in said_to(world, "wx1")[0]


async def test_a_member_of_another_group_is_heard_by_nobody_else(world: World) -> None:
    """The front desk would answer that it does not know what this means."""
    await world.opens("g5", "宁波·2026年3-5月·一院·01", ("wx1",))
    ticket = await ticket_of(world)
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    (text,) = said_to(world, "wx1")
    assert NAME in text
    assert world.gateway.invited == [(GROUP, "wx1")]


async def test_whoever_is_none_of_ours_and_says_anything_else_stays_unanswered(
    world: World,
) -> None:
    for text in ("在吗", "怎么进群", "我的号码是300001", "/帮助", "12345", "1234567"):
        await world.tells_us("wx1", text)
    await world.passes(hours=1)
    assert said_to(world, "wx1") == []


async def test_who_is_not_in_yet_may_say_her_ticket_in_a_sentence(world: World) -> None:
    """What a member writes may hold six digits of something else."""
    ticket = await ticket_of(world)
    await world.joins("wx2")
    await world.tells_us("wx2", f"订单{ticket}到了吗")
    await world.tells_us("wx1", f"你好，我的号码是{ticket}")
    await world.passes(minutes=1)
    assert world.gateway.invited == [(GROUP, "wx1")]
    assert said_to(world, "wx1")[0].startswith("豆豆妈你好呀")


async def test_nor_is_a_ticket_found_by_guessing_in_sentences(world: World) -> None:
    ticket = await ticket_of(world)
    for number in range(5):
        await world.tells_us("wx9", f"我的号码是{300_000 + number}")
    await world.tells_us("wx9", ticket)
    await world.passes(minutes=1)
    assert world.gateway.invited == []


async def test_what_is_told_twice_is_answered_once(world: World) -> None:
    ticket = await ticket_of(world)
    message = MessageReceived(
        at=world.clock.now(),
        account=ACCOUNT,
        id=MessageId("m-again"),
        group=None,
        sender=PersonId("wx1"),
        text=ticket,
    )
    await world.happens(message, message)
    await world.restarts()
    await world.happens(message)
    await world.passes(hours=1)
    assert world.gateway.invited == [(GROUP, "wx1")]
    assert len(said_to(world, "wx1")) == 1


async def test_wrong_tickets_are_answered_kindly_five_times_a_day(world: World) -> None:
    ticket = await ticket_of(world)
    wrong = [f"{n:06}" for n in range(8) if f"{n:06}" != ticket][:7]
    for each in wrong:
        await world.tells_us("wx1", each)
        await world.passes(seconds=30)
    texts = said_to(world, "wx1")
    assert len(texts) == 5
    assert "没找到" in texts[0]
    assert "明天" not in texts[0]
    assert "今天先到这里" in texts[4]
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    assert world.gateway.invited == [], "nobody finds one by trying"
    await world.passes(days=1)
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    assert world.gateway.invited == [(GROUP, "wx1")]


async def test_nor_are_they_found_by_friend_requests(world: World) -> None:
    ticket = await ticket_of(world)
    for number in range(5):
        await asks(world, "wx9", f"我的号是{300_000 + number}")
    await asks(world, "wx9", hello(ticket))
    await world.passes(minutes=5)
    assert await errands(world) == []
    assert said_to(world, "wx9") == []
    await world.passes(days=1)
    await asks(world, "wx9", hello(ticket))
    assert await errands(world, ErrandKind.ACCEPT) == [("wx9", "done")]


async def test_who_is_in_already_is_told_so(world: World) -> None:
    ticket = await ticket_of(world)
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    assert "已经在" in said_to(world, "wx1")[-1]
    assert world.gateway.invited == [(GROUP, "wx1")]


async def test_who_joined_before_she_says_so_is_known_from_then_on(world: World) -> None:
    ticket = await ticket_of(world)
    await world.joins("wx1")
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    assert "已经在" in said_to(world, "wx1")[-1]
    assert world.gateway.invited == []
    assert (await world.visitor("b1")).joined_in == GROUP


async def test_whose_seat_lapsed_is_placed_anew(world: World) -> None:
    ticket = await ticket_of(world)
    await world.passes(days=5)
    await fills_up(world)
    await room_is_made(world)
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    assert world.gateway.invited == [("g2", "wx1")]
    assert SECOND in said_to(world, "wx1")[-1]


# Whose group is not there yet


async def test_who_waits_hears_so_and_is_invited_once_it_is_there(world: World) -> None:
    await fills_up(world)
    ticket = await ticket_of(world)
    await asks(world, "wx1", hello(ticket))
    await world.passes(minutes=1)
    assert "还在准备" in said_to(world, "wx1")[-1]
    assert world.gateway.invited == []
    await room_is_made(world)
    await world.passes(minutes=1)
    assert f"「{SECOND}」开好啦" in said_to(world, "wx1")[-1]
    assert world.gateway.invited == [("g2", "wx1")]
    assert len(said_to(world, "wx1")) == 2


async def test_she_is_not_woken_for_it_unless_she_has_only_just_asked(world: World) -> None:
    await fills_up(world)
    await world.until("2026-03-02 22:00")
    early = await ticket_of(world)
    await world.tells_us("wx1", early)
    await world.until("2026-03-03 00:30")
    late = await ticket_of(world, "b2", "果果妈")
    await world.tells_us("wx2", late)
    await world.until("2026-03-03 00:40")
    await room_is_made(world)
    await world.passes(minutes=5)
    assert world.gateway.invited == [("g2", "wx2")]
    await world.until("2026-03-03 07:31")
    assert world.gateway.invited == [("g2", "wx2"), ("g2", "wx1")]
    at = [each.at for each in world.said if "开好啦" in each.message.text]
    assert [f"{each.astimezone(ZONE):%H:%M}" for each in at] == ["00:40", "07:30"]


# Who can't be invited


async def test_who_could_not_be_invited_hears_how_she_gets_in_all_the_same(
    world: World,
) -> None:
    await world.becomes("运营小李", Role.ASSISTANT, None)
    await world.rules(entry={"site": SITE})
    ticket = await ticket_of(world)
    world.gateway.failures.append(Refused("not a friend"))
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    last = letters(world, "wx1")[-1]
    assert last.attachment is not None
    assert last.attachment.link == f"{SITE}/j/k7m2pq9xwd"
    assert "没能把你拉进" in last.text
    notices = await world.transactions.read(lambda facts: facts.notices.open_of(GroupId(GROUP)))
    assert [each.concern for each in notices] == [Concern.UNINVITED]
    assert "豆豆妈" not in notices[0].text
    await world.until("2026-03-03 09:00")
    texts = said_to(world, "运营小李")
    assert len([each for each in texts if "没能邀请进来" in each]) == 1


async def test_without_an_address_nothing_in_chat_holds_a_link(world: World) -> None:
    ticket = await ticket_of(world)
    world.gateway.failures.append(Refused("not a friend"))
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    last = letters(world, "wx1")[-1]
    assert last.attachment is None
    assert "刚才填信息的页面" in last.text


async def test_another_account_than_her_groups_tells_her_where_to_go(world: World) -> None:
    """It is not in that room, so it can't invite anybody."""
    await world.rules(entry={"site": SITE})
    ticket = await ticket_of(world)
    await moves_to_other_account(world)
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    (letter,) = letters(world, "wx1")
    assert NAME in letter.text
    assert letter.attachment is not None
    assert letter.attachment.link == f"{SITE}/j/k7m2pq9xwd"
    assert await errands(world) == []


async def moves_to_other_account(world: World) -> None:
    other = AccountId("other")

    async def work(facts: Unit) -> None:
        group: Group | None = await facts.groups.get(GroupId(GROUP))
        account: Account | None = await facts.accounts.get(ACCOUNT)
        assert group is not None
        assert account is not None
        assert group.standing is Standing.OURS
        facts.groups.put(replace(group, account=other))
        facts.accounts.put(replace(account, id=other))

    await world.transactions.run(work)


async def test_an_invitation_may_be_asked_for_again_later(world: World) -> None:
    """She overlooked the first one; at once it would be a nuisance, and often a danger."""
    world.gateway.taps = False
    ticket = await ticket_of(world)
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    await world.tells_us("wx1", ticket)
    await world.passes(minutes=1)
    assert "已经发给你" in said_to(world, "wx1")[-1]
    assert len(world.gateway.invited) == 1
    for _ in range(6):
        await world.passes(minutes=20)
        await world.tells_us("wx1", ticket)
    await world.passes(minutes=5)
    assert len(world.gateway.invited) == 3


async def test_nobody_is_invited_who_found_her_way_in_meanwhile(world: World) -> None:
    """Her invitation still waits for its turn."""
    await world.rules(entry={"hourly": 1})
    first, second = await ticket_of(world), await ticket_of(world, "b2", "果果妈")
    await world.tells_us("wx1", first)
    await world.passes(minutes=1)
    await world.tells_us("wx2", second)
    await world.passes(minutes=1)
    await world.joins("wx2")
    await world.passes(hours=2)
    assert world.gateway.invited == [(GROUP, "wx1")]
    assert (await world.visitor("b2")).joined_in == GROUP
    assert await errands(world, ErrandKind.INVITE) == [("wx1", "done"), ("wx2", "lapsed")]


async def is_queued(world: World) -> None:
    """Her invitation waits for the next hour."""
    await world.rules(entry={"hourly": 1})
    await world.tells_us("wx0", await ticket_of(world, "b0", "果果妈"))
    await world.passes(minutes=1)
    await world.tells_us("wx1", await ticket_of(world))
    await world.passes(minutes=1)
    assert world.gateway.invited == [(GROUP, "wx0")]


async def test_who_corrects_herself_is_invited_to_her_other_group_only(world: World) -> None:
    await world.opens("g6", "杭州·2026年6-8月·妇幼·01")
    await is_queued(world)
    assert (await world.answers("b1", "豆豆妈", "2026-06-10")).group == "g6"
    await world.passes(hours=2)
    assert world.gateway.invited[1:] == [("g6", "wx1")]
    assert "2026年6-8月" in said_to(world, "wx1")[-1]
    assert (await world.visitor("b1")).joined_in == "g6"


async def test_nobody_is_invited_to_a_group_that_is_ours_no_more(world: World) -> None:
    await is_queued(world)
    await world.opens("g2", SECOND)
    await world.lets_go()
    await world.passes(hours=2)
    assert world.gateway.invited[1:] == [("g2", "wx1")]


async def test_who_joined_another_group_of_hers_is_not_invited_to_the_first(
    world: World,
) -> None:
    await is_queued(world)
    await world.opens("g2", SECOND)
    await world.joins("wx1", group="g2")
    await world.passes(hours=2)
    assert world.gateway.invited == [(GROUP, "wx0")]
    assert (await world.visitor("b1")).joined_in == "g2"


async def test_news_of_the_night_that_is_none_in_the_morning_is_not_told(world: World) -> None:
    await fills_up(world)
    await world.opens("g6", "杭州·2026年6-8月·妇幼·01")
    await world.tells_us("wx1", await ticket_of(world))
    await world.until("2026-03-03 02:00")
    await room_is_made(world)
    await world.until("2026-03-03 06:00")
    await world.answers("b1", "豆豆妈", "2026-06-10")
    await world.until("2026-03-03 09:00")
    assert not [each for each in said_to(world, "wx1") if SECOND in each]
    assert world.gateway.invited == [("g6", "wx1")]


async def test_who_waits_and_answers_again_hears_of_it_too(world: World) -> None:
    """She was told in chat to wait, so she is told there that she need not any more."""
    await fills_up(world)
    await world.opens("g6", "杭州·2026年6-8月·妇幼·01")
    await world.tells_us("wx1", await ticket_of(world))
    await world.answers("b1", "豆豆妈", "2026-06-10")
    await world.passes(minutes=1)
    assert "2026年6-8月" in said_to(world, "wx1")[-1]
    assert world.gateway.invited == [("g6", "wx1")]


# The pace


async def test_thirty_at_once_are_let_in_in_order_and_twenty_an_hour(world: World) -> None:
    people = [f"wx{n:02}" for n in range(30)]
    tickets = [await ticket_of(world, f"b{n}", f"妈妈{n}") for n in range(30)]
    began = world.clock.now()
    for person, ticket in zip(people, tickets, strict=True):
        world.gateway.ask_friend(PersonId(person), person, hello(ticket))
    await world.passes(hours=6)
    assert [person for _, person in world.gateway.invited] == people
    assert set(people) <= set(world.gateway.people(GroupId(GROUP)))
    at = await approached_at(world)
    assert len(at) == 60
    for each in at:
        assert sum(each <= other < each + HOUR for other in at) <= 20
    assert all(later - earlier >= timedelta(seconds=20) for earlier, later in pairwise(at))
    assert at[-1] - began < timedelta(hours=3)
    assert all(len(said_to(world, each)) == 1 for each in people)
    visitors: list[Visitor] = [await world.visitor(f"b{n}") for n in range(30)]
    assert {each.joined_in for each in visitors} == {GROUP}


async def approached_at(world: World) -> list[datetime]:
    async with world.engine.connect() as connection:
        found = await connection.scalars(
            select(ErrandRow.settled_at)
            .where(ErrandRow.kind.in_((ErrandKind.ACCEPT, ErrandKind.INVITE)))
            .order_by(ErrandRow.settled_at)
        )
        return [each for each in found if each is not None]


async def test_who_is_let_in_is_invited_before_the_next_is_let_in(world: World) -> None:
    await world.rules(entry={"hourly": 2})
    tickets = [await ticket_of(world, f"b{n}", f"妈妈{n}") for n in range(3)]
    for n, ticket in enumerate(tickets):
        world.gateway.ask_friend(PersonId(f"wx{n}"), f"妈妈{n}", hello(ticket))
    await world.passes(minutes=5)
    assert [person for _, person in world.gateway.invited] == ["wx0"]
    assert [state for _, state in await errands(world, ErrandKind.ACCEPT)] == [
        "done",
        "waiting",
        "waiting",
    ]


# What is written down


async def test_no_ticket_and_no_name_stands_where_it_should_not(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = await ticket_of(world)
    with caplog.at_level("DEBUG"):
        await asks(world, "wx1", hello(ticket))
        world.gateway.failures.append(Refused("no"))
        await world.passes(minutes=5)
        await world.tells_us("wx1", ticket)
        await world.passes(minutes=5)
    logged = "".join(f"{each.getMessage()} {each.__dict__}" for each in caplog.records)
    async with world.engine.connect() as connection:
        keys = [*await connection.scalars(select(ErrandRow.key))]
        keys += await connection.scalars(select(OutboxRow.key))
        assert list(await connection.scalars(select(DeadLetterRow.event))) == []
    for secret in (ticket, "豆豆妈"):
        assert secret not in logged
        assert secret not in "".join(keys)
