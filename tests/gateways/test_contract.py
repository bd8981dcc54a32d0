"""What every gateway does, whatever its platform: one suite, and each gateway passes it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import pytest

from bot.clock import SystemClock
from bot.gateways import GATEWAYS
from bot.gateways.base import Gateway, Unreachable
from bot.gateways.simulated import SimulatedGateway
from models.delivery import DeliveryError, MaybeSent, NotSent, Refused
from models.events import (
    AccountDown,
    AccountUp,
    FriendAsked,
    FriendMade,
    GatewayEvent,
    GroupRenamed,
    MemberJoined,
    MemberLeft,
    MessageRecalled,
    MessageReceived,
    NicknameChanged,
)
from models.groups import Ability
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.messages import Attachment, Outgoing, mention
from models.people import Profile
from tests.gateways.wechaty.conftest import gateway as wechaty_gateway
from tests.gateways.wechaty.conftest import outgoing
from tests.gateways.wechaty.lab.lab import Lab

E = TypeVar("E", bound=GatewayEvent)

ROOM, TOPIC, NEXT = GroupId("r1"), "杭州·01群", "杭州·02群"
ME, MING, HUA, LI = PersonId("bot"), PersonId("ming"), PersonId("hua"), PersonId("li")
PICTURE = Attachment(image="https://example.org/bag.png")
CARD = Attachment(link="https://example.org/bag", image="https://example.org/s.png", title="清单")
FAILURES: dict[type[DeliveryError], dict[str, Any]] = {
    NotSent: {"message": "slow down", "code": 8},
    MaybeSent: {"message": "socket hang up", "when": "after"},
    Refused: {"message": "kicked", "code": 7},
}


@dataclass(frozen=True)
class Doing:
    """An errand: how it is done, what makes it possible, and the lab's name of it."""

    ability: Ability
    do: Callable[[Gateway, str], Awaitable[object]]
    called: str


DOINGS = {
    "accept": Doing(
        Ability.ACCEPTS_FRIENDS, lambda bot, request: bot.accept(request), "friendshipAccept"
    ),
    "invite": Doing(Ability.INVITES, lambda bot, _: bot.invite(ROOM, LI), "roomAdd"),
    "room_qr": Doing(Ability.SHOWS_QR, lambda bot, _: bot.room_qr(ROOM), "roomQRCode"),
    "own_qr": Doing(Ability.ACCEPTS_FRIENDS, lambda bot, _: bot.own_qr(), "contactSelfQRCode"),
    "create_room": Doing(
        Ability.OPENS_ROOMS, lambda bot, _: bot.create_room(NEXT, [MING, HUA]), "roomCreate"
    ),
    "rename": Doing(Ability.RENAMES, lambda bot, _: bot.rename(ROOM, NEXT), "setTopic"),
}


class Bench(Protocol):
    """A gateway, and what people do on its platform. Ming and Hua are in one room with us."""

    @property
    def gateway(self) -> Gateway: ...

    async def joins(self, person: str, name: str) -> None: ...
    async def leaves(self, person: str, by: str = "") -> None: ...
    async def renames(self, name: str) -> None: ...
    async def says(self, person: str, text: str, mentions: tuple[str, ...] = ()) -> None: ...
    async def says_in_private(self, person: str, text: str) -> None: ...
    async def takes_back(self, message: MessageId) -> None: ...
    async def calls_herself(self, person: str, nickname: str) -> None: ...
    async def befriends(self, person: str) -> None: ...
    async def asks_to_be_friends(self, person: str, name: str, hello: str) -> None: ...
    async def talks(self, person: str, times: int) -> None:
        """Says "0", "1" and so on, without a pause."""

    async def goes_down(self) -> None: ...
    async def fails_once(self, how: type[DeliveryError], doing: str = "send") -> None: ...
    async def said(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """What reached people: (room or person, text, mentions)."""

    async def seen(self) -> str:
        """All that reached people, with the addresses of cards and pictures."""


class SimulatedBench:
    def __init__(self) -> None:
        self._said: list[Outgoing] = []
        self.gateway = SimulatedGateway(AccountId("assistant"), SystemClock(), self._said.append)
        self.gateway.open_room(ROOM, TOPIC, {MING: Profile("ming"), HUA: Profile("hua")})
        self._count = 0

    async def joins(self, person: str, name: str) -> None:
        self.gateway.join(ROOM, PersonId(person), Profile(name))

    async def leaves(self, person: str, by: str = "") -> None:
        self.gateway.leave(ROOM, PersonId(person), PersonId(by) if by else None)

    async def renames(self, name: str) -> None:
        self.gateway.retitle(ROOM, name)

    async def says(self, person: str, text: str, mentions: tuple[str, ...] = ()) -> None:
        self._say(ROOM, person, text, mentions)

    async def says_in_private(self, person: str, text: str) -> None:
        self._say(None, person, text)

    async def takes_back(self, message: MessageId) -> None:
        self.gateway.recall(ROOM, message)

    async def calls_herself(self, person: str, nickname: str) -> None:
        self.gateway.call(ROOM, PersonId(person), nickname)

    async def befriends(self, person: str) -> None:
        """Everybody can be reached anyway."""

    async def asks_to_be_friends(self, person: str, name: str, hello: str) -> None:
        self.gateway.ask_friend(PersonId(person), name, hello)

    async def talks(self, person: str, times: int) -> None:
        for number in range(times):
            self._say(ROOM, person, str(number))

    async def goes_down(self) -> None:
        self.gateway.disconnect("pulled the plug")

    async def fails_once(self, how: type[DeliveryError], doing: str = "send") -> None:
        self.gateway.failures.append(how("on purpose"))

    async def said(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(each.group or each.to or "", each.text, each.mentions) for each in self._said]

    async def seen(self) -> str:
        return "\n".join(each.plain for each in self._said)

    def _say(
        self, group: GroupId | None, person: str, text: str, mentions: tuple[str, ...] = ()
    ) -> None:
        self._count += 1
        people = tuple(PersonId(each) for each in mentions)
        message = MessageId(f"m{self._count}")
        self.gateway.say(group, PersonId(person), message, text, people)


class WechatyBench:
    def __init__(self, lab: Lab) -> None:
        lab.fresh()
        lab.room(ROOM, TOPIC, members=[MING, HUA])
        self._lab = lab
        self.gateway = wechaty_gateway(lab)

    async def joins(self, person: str, name: str) -> None:
        await asyncio.to_thread(self._lab.contact, person, name)
        await asyncio.to_thread(self._lab.joins, person, ROOM)

    async def leaves(self, person: str, by: str = "") -> None:
        await asyncio.to_thread(self._lab.leaves, person, ROOM, by=by)

    async def renames(self, name: str) -> None:
        await asyncio.to_thread(self._lab.renames, ROOM, name)

    async def says(self, person: str, text: str, mentions: tuple[str, ...] = ()) -> None:
        await asyncio.to_thread(self._lab.says, person, text, room=ROOM, mentions=mentions)

    async def says_in_private(self, person: str, text: str) -> None:
        await asyncio.to_thread(self._lab.says, person, text)

    async def takes_back(self, message: MessageId) -> None:
        await asyncio.to_thread(self._lab.says, MING, message, room=ROOM, kind=RECALLED)

    async def calls_herself(self, person: str, nickname: str) -> None:
        await asyncio.to_thread(self._lab.sets_nickname, person, ROOM, nickname)

    async def befriends(self, person: str) -> None:
        await asyncio.to_thread(self._lab.contact, person, friend=True)

    async def asks_to_be_friends(self, person: str, name: str, hello: str) -> None:
        await asyncio.to_thread(self._lab.contact, person, name)
        await asyncio.to_thread(self._lab.asks_to_be_friends, person, hello)

    async def talks(self, person: str, times: int) -> None:
        await asyncio.to_thread(self._lab.burst, person, ROOM, times)

    async def goes_down(self) -> None:
        await asyncio.to_thread(self._lab.logs_out)

    async def fails_once(self, how: type[DeliveryError], doing: str = "send") -> None:
        method = "sendText" if doing == "send" else DOINGS[doing].called
        failure = FAILURES[how]
        await asyncio.to_thread(lambda: self._lab.fails(method, **failure))

    async def said(self) -> list[tuple[str, str, tuple[str, ...]]]:
        actions = await asyncio.to_thread(self._lab.actions, "say")
        return [(each.where, each.text or "", each.mentions) for each in actions]

    async def seen(self) -> str:
        actions = await asyncio.to_thread(self._lab.actions)
        return "\n".join(f"{each.text} {each.address or ''}" for each in actions)


RECALLED = 13
"""The type of a Wechaty message whose text is the id of the one that was taken back."""

Open = Callable[[pytest.FixtureRequest], Bench]
BENCHES: dict[str, Open] = {
    "simulated": lambda request: SimulatedBench(),
    "wechaty": lambda request: WechatyBench(request.getfixturevalue("contract_lab")),
}


class Listener:
    """Writes down what a gateway tells."""

    def __init__(self, gateway: Gateway) -> None:
        self.heard: list[GatewayEvent] = []
        self._gateway = gateway
        self._changed = asyncio.Condition()
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self._gateway.events():
            async with self._changed:
                self.heard.append(event)
                self._changed.notify_all()

    def all(self, kind: type[E]) -> list[E]:
        return [each for each in self.heard if isinstance(each, kind)]

    async def hears(self, kind: type[E], count: int = 1) -> list[E]:
        try:
            async with asyncio.timeout(10), self._changed:
                await self._changed.wait_for(lambda: len(self.all(kind)) >= count)
        except TimeoutError:
            raise AssertionError(f"heard only {self.heard[-5:]}") from None
        return self.all(kind)


@pytest.fixture(scope="module")
def contract_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(params=sorted(BENCHES))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bench(kind: str, request: pytest.FixtureRequest) -> Bench:
    return BENCHES[kind](request)


@asynccontextmanager
async def listening(gateway: Gateway) -> AsyncIterator[Listener]:
    listener = Listener(gateway)
    try:
        await listener.hears(AccountUp)
        yield listener
    finally:
        await gateway.aclose()
        await listener.reading


@pytest.fixture
async def listener(bench: Bench) -> AsyncIterator[Listener]:
    async with listening(bench.gateway) as listener:
        yield listener


def test_no_gateway_is_left_out() -> None:
    assert BENCHES.keys() == GATEWAYS.keys()


async def test_each_bench_is_of_its_own_gateway(bench: Bench, kind: str) -> None:
    assert type(bench.gateway) is GATEWAYS[kind]
    await bench.gateway.aclose()


# Hearing


async def test_a_connection_begins_with_who_we_are(bench: Bench, listener: Listener) -> None:
    (up,) = listener.all(AccountUp)
    assert listener.heard[0] is up
    assert up.person == ME
    assert bench.gateway.link.up
    assert bench.gateway.link.person == ME


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
    text = f"{mention('hua')}在吗"
    await bench.says(MING, text, (HUA,))
    (message,) = await listener.hears(MessageReceived)
    assert (message.group, message.sender, message.text) == (ROOM, MING, text)
    assert message.mentions == (HUA,)
    assert message.id


async def test_a_private_message_is_of_no_group(bench: Bench, listener: Listener) -> None:
    await bench.says_in_private(MING, "你好")
    (message,) = await listener.hears(MessageReceived)
    assert (message.group, message.sender, message.text) == (None, MING, "你好")


async def test_what_we_say_ourselves_is_not_told(bench: Bench, listener: Listener) -> None:
    await bench.gateway.send(outgoing("大家好", group=ROOM))
    await bench.says(MING, "你好")
    assert [each.text for each in await listener.hears(MessageReceived)] == ["你好"]


async def test_order_is_kept(bench: Bench, listener: Listener) -> None:
    await bench.talks(MING, 400)
    heard = await listener.hears(MessageReceived, 400)
    assert [each.text for each in heard] == [str(number) for number in range(400)]
    assert len({each.id for each in heard}) == 400


async def test_a_message_taken_back_is_told_where_it_can_be_seen(
    bench: Bench, listener: Listener
) -> None:
    await bench.says(MING, "写错了")
    (message,) = await listener.hears(MessageReceived)
    if bench.gateway.capabilities.sees_recalls:
        await bench.takes_back(message.id)
        (recalled,) = await listener.hears(MessageRecalled)
        assert (recalled.group, recalled.id) == (ROOM, message.id)


async def test_a_new_nickname_is_told_or_at_least_seen(bench: Bench, listener: Listener) -> None:
    able = bench.gateway.capabilities
    await bench.calls_herself(MING, "杭州-孕28周-小明")
    await bench.says(MING, "改好了")
    await listener.hears(MessageReceived)
    told = [(each.person, each.nickname) for each in listener.all(NicknameChanged)]
    assert told == ([(MING, "杭州-孕28周-小明")] if able.hears_nicknames else [])
    if able.sees_nicknames:
        profile = await bench.gateway.profile(ROOM, MING)
        assert profile == Profile("ming", "杭州-孕28周-小明")


# Speaking


async def test_a_message_arrives_with_whom_it_mentions(bench: Bench, listener: Listener) -> None:
    text = f"{mention('ming')}{mention('hua')}欢迎👏\n第二行"
    await bench.gateway.send(outgoing(text, group=ROOM, mentions=(MING, HUA)))
    assert await bench.said() == [(ROOM, text, (MING, HUA))]


async def test_a_private_message_arrives(bench: Bench, listener: Listener) -> None:
    await bench.befriends(MING)
    await bench.gateway.send(outgoing("新成员3位", to=MING))
    assert await bench.said() == [(MING, "新成员3位", ())]


@pytest.mark.parametrize("attachment", [PICTURE, CARD], ids=["picture", "card"])
async def test_what_goes_along_arrives_or_its_address_does(
    bench: Bench, listener: Listener, attachment: Attachment
) -> None:
    await bench.gateway.send(
        outgoing("待产包清单", group=ROOM, mentions=(MING,), attachment=attachment)
    )
    ((where, text, mentions),) = await bench.said()
    able = bench.gateway.capabilities
    goes_along = able.sends_cards if attachment.link else able.sends_images
    address = attachment.link or attachment.image
    assert (where, mentions) == (ROOM, (MING,))
    assert text == ("待产包清单" if goes_along else f"待产包清单\n{address}")
    assert (await bench.seen()).count(str(address)) == 1


async def test_a_private_message_that_reaches_nobody_is_refused(
    bench: Bench, listener: Listener
) -> None:
    if bench.gateway.capabilities.reaches_strangers:
        return
    with pytest.raises(Refused):
        await bench.gateway.send(outgoing("新成员3位", to=HUA))
    assert await bench.said() == []


@pytest.mark.parametrize("how", FAILURES, ids=lambda how: str(how.__name__))
async def test_what_did_not_arrive_is_told_for_what_it_is(
    bench: Bench, listener: Listener, how: type[DeliveryError]
) -> None:
    await bench.fails_once(how)
    with pytest.raises(how):
        await bench.gateway.send(outgoing("一", group=ROOM))
    await bench.gateway.send(outgoing("二", group=ROOM))
    assert "二" in [text for _, text, _ in await bench.said()]


async def test_who_was_never_connected_says_nothing(bench: Bench) -> None:
    with pytest.raises(NotSent):
        await bench.gateway.send(outgoing("大家好", group=ROOM))
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
    with pytest.raises(NotSent):
        await gateway.send(outgoing("大家好", group=ROOM))
    assert await bench.said() == []
    for ask in (
        gateway.rooms(),
        gateway.look(ROOM),
        gateway.profile(ROOM, MING),
        gateway.reaches(MING),
    ):
        with pytest.raises(Unreachable):
            await ask


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
        assert (joined.group, joined.person, joined.inviter) == (ROOM, LI, ME)
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
        created = await bench.gateway.create_room(NEXT, [MING, HUA, MING, ME])
        room = await bench.gateway.look(created)
        assert (room.name, room.members) == (NEXT, frozenset({ME, MING, HUA}))
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


@pytest.mark.parametrize("people", [[], [MING], [MING, MING, ME]], ids=len)
async def test_a_room_of_fewer_than_three_is_refused_in_words(
    bench: Bench, listener: Listener, people: list[PersonId]
) -> None:
    await ready_for_anything(bench, listener)
    with pytest.raises(Refused, match=r"\w+ \w+"):
        await bench.gateway.create_room(NEXT, people)
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
        assert (await gateway.look(ROOM)).members == {ME, MING, HUA}
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
    assert (room.name, room.members) == (TOPIC, frozenset({ME, MING, HUA}))
    await bench.leaves(HUA)
    await bench.joins(LI, "李妈")
    await bench.renames("杭州·02群")
    room = await bench.gateway.look(ROOM)
    assert (room.name, room.members) == ("杭州·02群", frozenset({ME, MING, LI}))


async def test_a_room_that_is_not_there_cannot_be_looked_at(
    bench: Bench, listener: Listener
) -> None:
    with pytest.raises(Unreachable):
        await bench.gateway.look(GroupId("r9"))


async def test_the_rooms_are_those_we_are_in(bench: Bench, listener: Listener) -> None:
    assert list(await bench.gateway.rooms()) == [ROOM]


async def test_who_can_be_reached_is_told(bench: Bench, listener: Listener) -> None:
    await bench.befriends(MING)
    assert await bench.gateway.reaches(MING)
    assert await bench.gateway.reaches(HUA) is bench.gateway.capabilities.reaches_strangers


async def test_a_try_finds_rooms_and_who_is_not_reached(bench: Bench, listener: Listener) -> None:
    await bench.befriends(MING)
    probe = await bench.gateway.probe([MING, HUA])
    assert probe.rooms == 1
    assert probe.unreached == (() if bench.gateway.capabilities.reaches_strangers else (HUA,))
    assert bench.gateway.link.up


async def test_a_try_needs_nobody_to_listen(bench: Bench) -> None:
    assert (await bench.gateway.probe([])).rooms == 1
    await bench.gateway.aclose()


async def test_closing_ends_what_is_told(bench: Bench) -> None:
    async with listening(bench.gateway) as listener:
        await bench.says(MING, "你好")
        await listener.hears(MessageReceived)
        async with asyncio.timeout(5):
            await bench.gateway.aclose()
            await listener.reading
        await bench.gateway.aclose()
