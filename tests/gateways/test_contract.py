"""What every gateway does, whatever its platform: one suite, and each gateway passes it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime

import pytest

from bot.gateways import GATEWAYS
from bot.gateways.base import Outcome, Proposes, Unreachable
from models.database import open_engine
from models.delivery import DeliveryError, MaybeSent, NotSent, Refused
from models.events import (
    AccountDown,
    AccountUp,
    FriendAsked,
    FriendMade,
    GroupRenamed,
    MemberJoined,
    MemberLeft,
    MessageRecalled,
    MessageReceived,
    NicknameChanged,
)
from models.groups import Ability
from models.ids import GroupId, PersonId
from models.messages import Attachment, mention
from models.people import Profile
from tests.gateways.benches import (
    BENCHES,
    DOINGS,
    FAILURES,
    HUA,
    LI,
    MING,
    NAMES,
    NEXT,
    ROOM,
    TOPIC,
    Bench,
    WeComBench,
)
from tests.gateways.listening import Listener, listening
from tests.gateways.wechaty.conftest import outgoing
from tests.gateways.wechaty.lab.lab import Lab

PICTURE = Attachment(image="https://example.org/bag.png")
CARD = Attachment(link="https://example.org/bag", image="https://example.org/s.png", title="清单")


@pytest.fixture(scope="module")
def contract_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
async def wecom_bench(database: str) -> AsyncIterator[WeComBench]:
    engine = open_engine(database)
    bench = WeComBench(engine)
    yield bench
    await bench.aclose()
    await engine.dispose()


@pytest.fixture(params=sorted(BENCHES))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bench(kind: str, request: pytest.FixtureRequest) -> Bench:
    return BENCHES[kind](request)


@pytest.fixture
async def listener(bench: Bench) -> AsyncIterator[Listener]:
    async with listening(bench.gateway) as listener:
        yield listener


def test_no_gateway_is_left_out() -> None:
    assert BENCHES.keys() == GATEWAYS.keys()


async def test_each_bench_is_of_its_own_gateway(bench: Bench, kind: str) -> None:
    assert type(bench.gateway) is GATEWAYS[kind]
    await bench.gateway.aclose()


def present(bench: Bench, *people: PersonId) -> frozenset[PersonId]:
    """These, and we ourselves where we are in the room."""
    return frozenset({*people, bench.me} if bench.is_present else people)


async def all_so_far_is_heard(bench: Bench, listener: Listener) -> None:
    if bench.gateway.capabilities.hears:
        await bench.says(MING, "改好了")
        await listener.hears(MessageReceived)
    else:
        await bench.renames(NEXT)
        await listener.hears(GroupRenamed)


# Hearing


async def test_a_connection_begins_with_who_we_are(bench: Bench, listener: Listener) -> None:
    (up,) = listener.all(AccountUp)
    assert listener.heard[0] is up
    assert up.person == bench.me
    assert bench.gateway.link.up
    assert bench.gateway.link.person == bench.me


async def test_a_join_is_told_with_her_profile(bench: Bench, listener: Listener) -> None:
    await bench.joins(LI, "李妈🌸")
    (joined,) = await listener.hears(MemberJoined)
    assert (joined.group, joined.person, joined.profile.name) == (ROOM, LI, "李妈🌸")
    assert joined.at.tzinfo is not None


async def test_a_leave_is_told(bench: Bench, listener: Listener) -> None:
    await bench.leaves(MING)
    (left,) = await listener.hears(MemberLeft)
    assert (left.group, left.person, left.by) == (ROOM, MING, None)


async def test_a_removal_is_told_where_it_can_be_seen(bench: Bench, listener: Listener) -> None:
    await bench.leaves(MING, by=HUA)
    (left,) = await listener.hears(MemberLeft)
    assert left.by == (HUA if bench.gateway.capabilities.sees_removals else None)


async def test_a_new_name_of_the_room_is_told(bench: Bench, listener: Listener) -> None:
    await bench.renames("杭州·02群")
    (renamed,) = await listener.hears(GroupRenamed)
    assert (renamed.group, renamed.name) == (ROOM, "杭州·02群")


async def test_a_message_is_told_with_whom_it_mentions(bench: Bench, listener: Listener) -> None:
    if not bench.gateway.capabilities.hears:
        return
    text = f"{mention(NAMES[HUA])}在吗"
    await bench.says(MING, text, (HUA,))
    (message,) = await listener.hears(MessageReceived)
    assert (message.group, message.sender, message.text) == (ROOM, MING, text)
    assert message.mentions == (HUA,)
    assert message.id


async def test_a_private_message_is_of_no_group(bench: Bench, listener: Listener) -> None:
    if not bench.gateway.capabilities.hears:
        return
    await bench.says_in_private(MING, "你好")
    (message,) = await listener.hears(MessageReceived)
    assert (message.group, message.sender, message.text) == (None, MING, "你好")


async def test_what_we_say_ourselves_is_not_told(bench: Bench, listener: Listener) -> None:
    if not bench.gateway.capabilities.hears:
        return
    await bench.gateway.send(outgoing("大家好", group=ROOM))
    await bench.says(MING, "你好")
    assert [each.text for each in await listener.hears(MessageReceived)] == ["你好"]


async def test_who_does_not_hear_tells_nothing_of_what_is_said(
    bench: Bench, listener: Listener
) -> None:
    if not bench.gateway.capabilities.hears:
        await bench.says(MING, "你好")
        await bench.says_in_private(MING, "你好")
        await all_so_far_is_heard(bench, listener)
        assert listener.all(MessageReceived) == []


async def test_order_is_kept(bench: Bench, listener: Listener) -> None:
    if not bench.gateway.capabilities.hears:
        return
    await bench.talks(MING, 400)
    heard = await listener.hears(MessageReceived, 400)
    assert [each.text for each in heard] == [str(number) for number in range(400)]
    assert len({each.id for each in heard}) == 400


async def test_a_message_taken_back_is_told_where_it_can_be_seen(
    bench: Bench, listener: Listener
) -> None:
    if bench.gateway.capabilities.sees_recalls:
        await bench.says(MING, "写错了")
        (message,) = await listener.hears(MessageReceived)
        await bench.takes_back(message.id)
        (recalled,) = await listener.hears(MessageRecalled)
        assert (recalled.group, recalled.id) == (ROOM, message.id)


async def test_a_new_nickname_is_told_or_at_least_seen(bench: Bench, listener: Listener) -> None:
    able = bench.gateway.capabilities
    await bench.calls_herself(MING, "杭州-孕28周-小明")
    await all_so_far_is_heard(bench, listener)
    told = [(each.person, each.nickname) for each in listener.all(NicknameChanged)]
    assert told == ([(MING, "杭州-孕28周-小明")] if able.hears_nicknames else [])
    if able.sees_nicknames:
        profile = await bench.gateway.profile(ROOM, MING)
        assert profile == Profile(NAMES[MING], "杭州-孕28周-小明")


# Speaking


async def says(bench: Bench, text: str) -> None:
    """In the room; to a friend where the room would need somebody to confirm it."""
    if bench.gateway.capabilities.needs_confirmation:
        await bench.befriends(bench.reached)
        await bench.gateway.send(outgoing(text, to=bench.reached))
    else:
        await bench.gateway.send(outgoing(text, group=ROOM))


async def test_a_message_arrives_with_whom_it_mentions(bench: Bench, listener: Listener) -> None:
    if bench.gateway.capabilities.needs_confirmation:
        return
    text = f"{mention(NAMES[MING])}{mention(NAMES[HUA])}欢迎👏\n第二行"
    await bench.gateway.send(outgoing(text, group=ROOM, mentions=(MING, HUA)))
    assert await bench.said() == [(ROOM, text, (MING, HUA))]


async def test_nothing_is_said_in_a_room_that_has_to_be_confirmed(
    bench: Bench, listener: Listener
) -> None:
    if bench.gateway.capabilities.needs_confirmation:
        with pytest.raises(Refused, match=r"\w+ \w+"):
            await bench.gateway.send(outgoing("大家好", group=ROOM))
        assert await bench.said() == []


async def test_a_private_message_arrives(bench: Bench, listener: Listener) -> None:
    await bench.befriends(bench.reached)
    await bench.gateway.send(outgoing("新成员3位", to=bench.reached))
    assert await bench.said() == [(bench.reached, "新成员3位", ())]


@pytest.mark.parametrize("attachment", [PICTURE, CARD], ids=["picture", "card"])
async def test_what_goes_along_arrives_or_its_address_does(
    bench: Bench, listener: Listener, attachment: Attachment
) -> None:
    if bench.gateway.capabilities.needs_confirmation:
        return
    await bench.gateway.send(
        outgoing("待产包清单", group=ROOM, mentions=(MING,), attachment=attachment)
    )
    ((where, text, mentions),) = await bench.said()
    assert (where, mentions) == (ROOM, (MING,))
    await came_along(bench, text, attachment)


@pytest.mark.parametrize("attachment", [PICTURE, CARD], ids=["picture", "card"])
async def test_what_goes_along_in_private_arrives_or_its_address_does(
    bench: Bench, listener: Listener, attachment: Attachment
) -> None:
    await bench.befriends(bench.reached)
    await bench.gateway.send(outgoing("待产包清单", to=bench.reached, attachment=attachment))
    ((where, text, _),) = await bench.said()
    assert where == bench.reached
    assert text.startswith("待产包清单")
    assert (await bench.seen()).count(address_of(attachment)) == 1


def address_of(attachment: Attachment) -> str:
    return str(attachment.link or attachment.image)


async def came_along(bench: Bench, text: str, attachment: Attachment) -> None:
    able = bench.gateway.capabilities
    goes_along = able.sends_cards if attachment.link else able.sends_images
    assert text == ("待产包清单" if goes_along else f"待产包清单\n{address_of(attachment)}")
    assert (await bench.seen()).count(address_of(attachment)) == 1


async def test_a_private_message_that_reaches_nobody_is_refused(
    bench: Bench, listener: Listener
) -> None:
    if bench.gateway.capabilities.reaches_strangers:
        return
    with pytest.raises(Refused):
        await bench.gateway.send(outgoing("新成员3位", to=bench.unreached))
    assert await bench.said() == []


@pytest.mark.parametrize("how", FAILURES, ids=lambda how: str(how.__name__))
async def test_what_did_not_arrive_is_told_for_what_it_is(
    bench: Bench, listener: Listener, how: type[DeliveryError]
) -> None:
    await bench.fails_once(how)
    with pytest.raises(how):
        await says(bench, "一")
    await says(bench, "二")
    assert "二" in [text for _, text, _ in await bench.said()]


async def test_who_was_never_connected_says_nothing(bench: Bench) -> None:
    for where in (outgoing("大家好", group=ROOM), outgoing("新成员3位", to=bench.reached)):
        with pytest.raises(NotSent):
            await bench.gateway.send(where)
    assert await bench.said() == []
    await bench.gateway.aclose()


async def test_who_is_down_says_so_and_neither_speaks_nor_looks(
    bench: Bench, listener: Listener
) -> None:
    await bench.goes_down()
    (down,) = await listener.hears(AccountDown)
    assert down.why
    gateway = bench.gateway
    assert not gateway.link.up
    assert gateway.link.why
    for where in (outgoing("大家好", group=ROOM), outgoing("新成员3位", to=bench.reached)):
        with pytest.raises(NotSent):
            await gateway.send(where)
    assert await bench.said() == []
    for ask in (
        gateway.rooms(),
        gateway.look(ROOM),
        gateway.profile(ROOM, MING),
        gateway.reaches(MING),
    ):
        with pytest.raises(Unreachable):
            await ask


# Proposing


async def test_what_has_to_be_confirmed_can_be_proposed(bench: Bench) -> None:
    needs_it = bench.gateway.capabilities.needs_confirmation
    assert isinstance(bench.gateway, Proposes) is needs_it
    await bench.gateway.aclose()


async def test_what_is_proposed_is_said_once_its_owner_confirms_it(
    bench: Bench, listener: Listener
) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        proposed = await proposing.propose(HUA, [ROOM], "孕28周要做什么", None)
        assert proposed.id
        assert not proposed.refused
        assert await proposing.outcome(proposed.id, HUA) == Outcome(confirmed=False)
        await bench.a_moment_later()
        assert await bench.said() == []
        assert await proposing.outcome(proposed.id, HUA) == Outcome(confirmed=False)
        assert await bench.confirms(proposed.id)
        assert await bench.said() == [(ROOM, "孕28周要做什么", ())]
        outcome = await proposing.outcome(proposed.id, HUA)
        assert outcome == Outcome(confirmed=True, sent=frozenset({ROOM}))


@pytest.mark.parametrize("attachment", [PICTURE, CARD], ids=["picture", "card"])
async def test_what_is_proposed_along_arrives_or_its_address_does(
    bench: Bench, listener: Listener, attachment: Attachment
) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        proposed = await proposing.propose(HUA, [ROOM], "待产包清单", attachment)
        assert await bench.confirms(proposed.id)
        ((_, text, _),) = await bench.said()
        await came_along(bench, text, attachment)


async def test_rooms_that_a_proposal_will_not_go_to_are_told(
    bench: Bench, listener: Listener
) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        proposed = await proposing.propose(HUA, [ROOM, GroupId("r9")], "早上好", None)
        assert proposed.refused == {GroupId("r9")}
        assert await bench.confirms(proposed.id)
        await bench.a_moment_later()
        assert (await proposing.outcome(proposed.id, HUA)).sent == {ROOM}


async def test_what_would_go_to_no_room_or_has_no_owner_is_refused_in_words(
    bench: Bench, listener: Listener
) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        for owner, room in ((HUA, GroupId("r9")), (MING, ROOM), (PersonId("nobody@ww1"), ROOM)):
            with pytest.raises(Refused, match=r"\w+ \w+"):
                await proposing.propose(owner, [room], "早上好", None)
        assert await bench.times_called() == 0


async def test_its_owner_is_reminded_of_what_waits_for_her(
    bench: Bench, listener: Listener
) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        proposed = await proposing.propose(HUA, [ROOM], "早上好", None)
        before = await bench.times_called()
        await proposing.remind(proposed.id)
        assert await bench.times_called() == before + 1
        assert await bench.said() == []


async def test_what_is_withdrawn_is_never_said(bench: Bench, listener: Listener) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        proposed = await proposing.propose(HUA, [ROOM], "早上好", None)
        await proposing.withdraw(proposed.id)
        assert not await bench.confirms(proposed.id)
        await bench.a_moment_later()
        assert not (await proposing.outcome(proposed.id, HUA)).confirmed
        assert await bench.said() == []


async def test_a_proposal_that_nobody_answered_is_found_again(
    bench: Bench, listener: Listener
) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        since = (await listener.hears(AccountUp))[0].at
        first = await proposing.propose(HUA, [ROOM], "早上好", None)
        await bench.fails_once(MaybeSent, "propose")
        with pytest.raises(MaybeSent):
            await proposing.propose(HUA, [ROOM], "早上好", CARD)
        await bench.a_moment_later()
        found = await proposing.find_proposed("早上好", since, {first.id})
        assert found not in (None, first.id)
        assert await proposing.find_proposed("早上好", since, {first.id, str(found)}) is None
        assert await proposing.find_proposed("早上", since, set()) is None
        assert await bench.confirms(str(found))


PROPOSING: dict[str, Callable[[Proposes, str, datetime], Awaitable[object]]] = {
    "propose": lambda bot, _, now: bot.propose(HUA, [ROOM], "早上好", None),
    "remind": lambda bot, proposal, _: bot.remind(proposal),
    "withdraw": lambda bot, proposal, _: bot.withdraw(proposal),
}
FOLLOWING_UP: dict[str, Callable[[Proposes, str, datetime], Awaitable[object]]] = {
    "find_proposed": lambda bot, _, now: bot.find_proposed("早上好", now, set()),
    "outcome": lambda bot, proposal, _: bot.outcome(proposal, HUA),
}


@pytest.mark.parametrize("doing", PROPOSING)
@pytest.mark.parametrize("how", FAILURES, ids=lambda how: str(how.__name__))
async def test_a_proposal_that_fails_is_told_for_what_it_is(
    bench: Bench, listener: Listener, how: type[DeliveryError], doing: str
) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        (up,) = listener.all(AccountUp)
        proposed = await proposing.propose(HUA, [ROOM], "早上好", None)
        called = await bench.times_called()
        await bench.fails_once(how, doing)
        with pytest.raises(how):
            await PROPOSING[doing](proposing, proposed.id, up.at)
        assert proposing.link.up
        if how is not MaybeSent:
            assert await bench.times_called() == called
            await PROPOSING[doing](proposing, proposed.id, up.at)


@pytest.mark.parametrize("doing", FOLLOWING_UP)
@pytest.mark.parametrize("how", FAILURES, ids=lambda how: str(how.__name__))
async def test_a_question_about_a_proposal_that_fails_is_asked_again(
    bench: Bench, listener: Listener, how: type[DeliveryError], doing: str
) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        (up,) = listener.all(AccountUp)
        proposed = await proposing.propose(HUA, [ROOM], "早上好", None)
        await bench.a_moment_later()
        await bench.fails_once(how, doing)
        with pytest.raises(Unreachable, match=r"\w+ \w+"):
            await FOLLOWING_UP[doing](proposing, proposed.id, up.at)
        assert await FOLLOWING_UP[doing](proposing, proposed.id, up.at)


async def test_who_is_down_proposes_nothing(bench: Bench, listener: Listener) -> None:
    if isinstance(proposing := bench.gateway, Proposes):
        (up,) = listener.all(AccountUp)
        proposed = await proposing.propose(HUA, [ROOM], "早上好", None)
        await bench.goes_down()
        await listener.hears(AccountDown)
        for does in PROPOSING.values():
            with pytest.raises(NotSent):
                await does(proposing, proposed.id, up.at)
        for asks in FOLLOWING_UP.values():
            with pytest.raises(Unreachable):
                await asks(proposing, proposed.id, up.at)


# Errands


async def test_what_it_can_do_beside_speaking_is_told(bench: Bench, listener: Listener) -> None:
    (up,) = listener.all(AccountUp)
    assert up.abilities == bench.gateway.capabilities.abilities


async def asked(bench: Bench, listener: Listener) -> FriendAsked:
    await bench.asks_to_be_friends(LI, "李妈🌸", "我是李妈 123456")
    return (await listener.hears(FriendAsked))[-1]


async def ready_for_anything(bench: Bench, listener: Listener) -> str:
    """Ming, Hua and Li are friends; the id of a request of Li's."""
    for person in (MING, HUA, LI):
        await bench.befriends(person)
    if Ability.ACCEPTS_FRIENDS not in bench.gateway.capabilities.abilities:
        return "none"
    return (await asked(bench, listener)).request


async def test_a_friend_request_is_told_with_what_she_wrote(
    bench: Bench, listener: Listener
) -> None:
    if bench.gateway.capabilities.accepts_friends:
        told = await asked(bench, listener)
        assert (told.person, told.hello) == (LI, "我是李妈 123456")
        assert told.request


async def test_who_is_accepted_is_a_friend_at_once(bench: Bench, listener: Listener) -> None:
    if bench.gateway.capabilities.accepts_friends:
        await bench.gateway.accept((await asked(bench, listener)).request)
        await bench.gateway.send(outgoing("你好呀", to=LI))
        assert await bench.said() == [(LI, "你好呀", ())]
        (made,) = await listener.hears(FriendMade)
        assert made.person == LI


async def test_who_is_invited_joins(bench: Bench, listener: Listener) -> None:
    if bench.gateway.capabilities.invites:
        await bench.befriends(LI)
        await bench.gateway.invite(ROOM, LI)
        (joined,) = await listener.hears(MemberJoined)
        assert (joined.group, joined.person, joined.inviter) == (ROOM, LI, bench.me)
        assert LI in (await bench.gateway.look(ROOM)).members


async def test_the_code_of_a_room_is_shown_afresh(bench: Bench, listener: Listener) -> None:
    if bench.gateway.capabilities.shows_qr:
        codes = [await bench.gateway.room_qr(ROOM) for _ in range(2)]
        assert all(codes)
        assert codes[0] != codes[1]


async def test_the_account_shows_its_own_code(bench: Bench, listener: Listener) -> None:
    if bench.gateway.capabilities.accepts_friends:
        assert await bench.gateway.own_qr()


async def test_a_room_is_created_with_its_name_and_people(
    bench: Bench, listener: Listener
) -> None:
    if bench.gateway.capabilities.opens_rooms:
        await ready_for_anything(bench, listener)
        created = await bench.gateway.create_room(NEXT, [MING, HUA, MING, bench.me])
        room = await bench.gateway.look(created)
        assert (room.name, room.members) == (NEXT, frozenset({bench.me, MING, HUA}))
        assert set(await bench.gateway.rooms()) == {ROOM, created}


async def test_a_room_is_called_as_it_was_renamed(bench: Bench, listener: Listener) -> None:
    if bench.gateway.capabilities.renames:
        for name in (NEXT, TOPIC, NEXT):
            await bench.gateway.rename(ROOM, name)
            assert (await bench.gateway.look(ROOM)).name == name


@pytest.mark.parametrize("blank", ["", "  ", "\n"], ids=repr)
async def test_no_room_loses_its_name(bench: Bench, listener: Listener, blank: str) -> None:
    with pytest.raises(Refused):
        await bench.gateway.rename(ROOM, blank)
    assert (await bench.gateway.look(ROOM)).name == TOPIC


@pytest.mark.parametrize("people", [[], [MING], [MING, MING]], ids=len)
@pytest.mark.parametrize("with_us", [False, True], ids=["others", "and us"])
async def test_a_room_of_fewer_than_three_is_refused_in_words(
    bench: Bench, listener: Listener, people: list[PersonId], with_us: bool
) -> None:
    await ready_for_anything(bench, listener)
    with pytest.raises(Refused, match=r"\w+ \w+"):
        await bench.gateway.create_room(NEXT, [*people, bench.me] if with_us else people)
    assert list(await bench.gateway.rooms()) == [ROOM]


async def test_strangers_are_not_put_into_rooms(bench: Bench, listener: Listener) -> None:
    if bench.gateway.capabilities.reaches_strangers:
        return
    await bench.befriends(MING)
    with pytest.raises(Refused, match="friend"):
        await bench.gateway.create_room(NEXT, [MING, HUA])
    with pytest.raises(Refused, match="friend"):
        await bench.gateway.invite(ROOM, HUA)
    assert list(await bench.gateway.rooms()) == [ROOM]


async def test_what_is_not_there_surely_was_not_done(bench: Bench, listener: Listener) -> None:
    await bench.befriends(LI)
    gateway = bench.gateway
    for ask in (
        gateway.accept("none"),
        gateway.invite(GroupId("r9"), LI),
        gateway.room_qr(GroupId("r9")),
        gateway.rename(GroupId("r9"), NEXT),
    ):
        with pytest.raises((NotSent, Refused)):
            await ask


@pytest.mark.parametrize("doing", DOINGS)
@pytest.mark.parametrize("how", FAILURES, ids=lambda how: str(how.__name__))
async def test_an_errand_that_fails_is_told_for_what_it_is(
    bench: Bench, listener: Listener, how: type[DeliveryError], doing: str
) -> None:
    request = await ready_for_anything(bench, listener)
    errand, gateway = DOINGS[doing], bench.gateway
    if errand.ability not in gateway.capabilities.abilities:
        with pytest.raises(Refused):
            await errand.do(gateway, request)
        return
    await bench.fails_once(how, doing)
    # A room is created in steps, and no error says how far it got.
    expected = (how, MaybeSent) if doing == "create_room" and how is NotSent else how
    with pytest.raises(expected):
        await errand.do(gateway, request)
    if how is not MaybeSent:
        assert (await gateway.look(ROOM)).name == TOPIC
        assert list(await gateway.rooms()) == [ROOM]
        assert (await gateway.look(ROOM)).members == present(bench, MING, HUA)
        assert not listener.all(FriendMade)
        await errand.do(gateway, request)


@pytest.mark.parametrize("doing", DOINGS)
async def test_who_is_down_does_no_errands(bench: Bench, listener: Listener, doing: str) -> None:
    request = await ready_for_anything(bench, listener)
    await bench.goes_down()
    await listener.hears(AccountDown)
    with pytest.raises((NotSent, Refused)):
        await DOINGS[doing].do(bench.gateway, request)


# Looking


async def test_a_look_shows_the_room_as_it_is(bench: Bench, listener: Listener) -> None:
    room = await bench.gateway.look(ROOM)
    assert (room.name, room.members) == (TOPIC, present(bench, MING, HUA))
    await bench.leaves(MING)
    await bench.joins(LI, "李妈")
    await bench.renames("杭州·02群")
    room = await bench.gateway.look(ROOM)
    assert (room.name, room.members) == ("杭州·02群", present(bench, HUA, LI))


async def test_a_room_that_is_not_there_cannot_be_looked_at(
    bench: Bench, listener: Listener
) -> None:
    with pytest.raises(Unreachable):
        await bench.gateway.look(GroupId("r9"))


async def test_the_rooms_are_those_we_are_in(bench: Bench, listener: Listener) -> None:
    assert list(await bench.gateway.rooms()) == [ROOM]


async def test_who_can_be_reached_is_told(bench: Bench, listener: Listener) -> None:
    await bench.befriends(bench.reached)
    assert await bench.gateway.reaches(bench.reached)
    reaches_everybody = bench.gateway.capabilities.reaches_strangers
    assert await bench.gateway.reaches(bench.unreached) is reaches_everybody


async def test_a_try_finds_rooms_and_who_is_not_reached(bench: Bench, listener: Listener) -> None:
    await bench.befriends(bench.reached)
    probe = await bench.gateway.probe([bench.reached, bench.unreached])
    assert probe.rooms == 1
    reaches_everybody = bench.gateway.capabilities.reaches_strangers
    assert probe.unreached == (() if reaches_everybody else (bench.unreached,))
    assert bench.gateway.link.up


async def test_a_try_needs_nobody_to_listen(bench: Bench) -> None:
    assert (await bench.gateway.probe([])).rooms == 1
    await bench.gateway.aclose()


async def test_closing_ends_what_is_told(bench: Bench) -> None:
    async with listening(bench.gateway) as listener:
        await all_so_far_is_heard(bench, listener)
        async with asyncio.timeout(5):
            await bench.gateway.aclose()
            await listener.reading
        await bench.gateway.aclose()
