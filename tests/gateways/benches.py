"""Gateways, each on a bench: the gateway, and what people do on its platform."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import SystemClock
from bot.gateways.base import Gateway
from bot.gateways.simulated import SimulatedGateway
from models.delivery import DeliveryError, MaybeSent, NotSent, Refused
from models.groups import Ability
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.messages import Outgoing
from models.people import Profile
from tests.gateways.wechaty.conftest import gateway as wechaty_gateway
from tests.gateways.wechaty.lab.lab import Lab
from tests.gateways.wecom.fake.office import Notice, Said
from tests.gateways.wecom.office import Office

ROOM, TOPIC, NEXT = GroupId("r1"), "杭州·01群", "杭州·02群"
MING, LI = PersonId(f"wm{'ming':0>30}"), PersonId(f"wm{'li':0>30}")
HUA = PersonId("hua@ww1")
"""By ids as WeCom has them, since to other platforms they are all the same: Ming and Li are
customers there, and Hua is a colleague of theirs whose room it is."""
NAMES = {MING: "明妈", HUA: "花花"}
FAILURES: dict[type[DeliveryError], dict[str, Any]] = {
    NotSent: {"message": "slow down", "code": 8},
    MaybeSent: {"message": "socket hang up", "when": "after"},
    Refused: {"message": "kicked", "code": 7},
}
"""And how the lab is told to fail like that."""


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
    """A gateway, and what people do on its platform. Ming and Hua are in one room, and so are we
    where an account can be. `reached` is whom a private message reaches once she is a friend, and
    `unreached` whom it does not, unless it reaches everybody."""

    me: PersonId
    is_present: bool
    reached: PersonId
    unreached: PersonId

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

    async def confirms(self, proposal: str) -> bool:
        """Hua has it said; False where there is nothing to be confirmed any more."""

    async def times_called(self) -> int:
        """How often Hua was asked to confirm something."""

    async def a_moment_later(self) -> None:
        """When the platform is done with what it was just given."""

    async def goes_down(self) -> None: ...
    async def fails_once(self, how: type[DeliveryError], doing: str = "send") -> None: ...
    async def said(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """What reached people: (room or person, text, mentions)."""

    async def seen(self) -> str:
        """All that reached people, with the addresses of cards and pictures."""


class SpeaksByItself:
    """Nobody confirms anything on its platform."""

    is_present = True
    me, reached, unreached = PersonId("bot"), MING, HUA

    async def confirms(self, proposal: str) -> bool:
        return False

    async def times_called(self) -> int:
        return 0

    async def a_moment_later(self) -> None:
        """Nothing has to settle there."""


class SimulatedBench(SpeaksByItself):
    def __init__(self) -> None:
        self._said: list[Outgoing] = []
        self.gateway = SimulatedGateway(AccountId("assistant"), SystemClock(), self._said.append)
        self.gateway.open_room(ROOM, TOPIC, {who: Profile(name) for who, name in NAMES.items()})
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


class WechatyBench(SpeaksByItself):
    def __init__(self, lab: Lab) -> None:
        lab.fresh()
        for who, name in NAMES.items():
            lab.contact(who, name)
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

QUICK = timedelta(seconds=0.05)
ITS_CODES = {
    "send": ("message/send", 40058),
    "propose": ("externalcontact/add_msg_template", 40201),
    "remind": ("externalcontact/remind_groupmsg_send", 41094),
    "withdraw": ("externalcontact/cancel_groupmsg_send", 41093),
    "find_proposed": ("externalcontact/get_groupmsg_list_v2", 40058),
    "outcome": ("externalcontact/get_groupmsg_task", 40058),
}
"""Of what can be done on WeCom: which call it is, and an errcode that refuses it."""


class AheadClock:
    """The time it is, and what was passed over."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self._ahead

    def passes(self, how_long: timedelta) -> None:
        self._ahead += how_long


class WeComBench:
    """An app is in no room; people write to one another, and it does not hear of it."""

    is_present = False
    reached, unreached = HUA, MING

    def __init__(self, engine: AsyncEngine) -> None:
        self._clock = AheadClock()
        self._office = Office(engine, self._clock, {"hua": NAMES[HUA]}, pulse=QUICK)
        self._corp = self._office.corp
        self._corp.open_chat(ROOM, TOPIC, "hua", {MING: NAMES[MING]})
        self._corp.office.events.clear()
        self.me = self._office.people.app
        self.gateway = self._office.gateway

    async def joins(self, person: str, name: str) -> None:
        self._corp.joins(ROOM, person, name)
        await self._office.calls_us()

    async def leaves(self, person: str, by: str = "") -> None:
        leave = self._corp.removed if by else self._corp.leaves
        leave(ROOM, person)
        await self._office.calls_us()

    async def renames(self, name: str) -> None:
        self._corp.renamed(ROOM, name)
        await self._office.calls_us()

    async def says(self, person: str, text: str, mentions: tuple[str, ...] = ()) -> None:
        self._corp.says(ROOM, person, text)

    async def says_in_private(self, person: str, text: str) -> None:
        """To a colleague, of which nobody else learns."""

    async def takes_back(self, message: MessageId) -> None:
        """Of which nobody learns."""

    async def calls_herself(self, person: str, nickname: str) -> None:
        self._corp.calls_herself(ROOM, person, nickname)

    async def befriends(self, person: str) -> None:
        """A colleague is reached anyway, and a customer never is."""

    async def asks_to_be_friends(self, person: str, name: str, hello: str) -> None:
        """She adds a colleague, and asks nobody."""

    async def talks(self, person: str, times: int) -> None:
        for number in range(times):
            await self.says(person, str(number))

    async def confirms(self, proposal: str) -> bool:
        try:
            self._corp.owner_taps("hua", proposal)
        except ValueError:
            return False
        return True

    async def times_called(self) -> int:
        return len([each for each in self._notices if each.title])

    async def a_moment_later(self) -> None:
        self._clock.passes(timedelta(seconds=3))

    async def goes_down(self) -> None:
        self._corp.gate.trusted_ips = frozenset()

    async def fails_once(self, how: type[DeliveryError], doing: str = "send") -> None:
        path, refusal = ITS_CODES[doing]
        if how is Refused:
            self._corp.fail_next(path, refusal)
        else:
            self._corp.break_next(path, "refused" if how is NotSent else "unanswered")

    async def said(self) -> list[tuple[str, str, tuple[str, ...]]]:
        in_private = [(str(HUA), each.text, ()) for each in self._notices if not each.title]
        return [*in_private, *((ROOM, each.text, ()) for each in self._in_room)]

    async def seen(self) -> str:
        gone_along = (str(each.attachments) for each in self._in_room)
        return "\n".join([*(text for _, text, _ in await self.said()), *gone_along])

    async def aclose(self) -> None:
        await self._office.aclose()

    @property
    def _notices(self) -> Sequence[Notice]:
        """What WeCom itself has to tell comes with a title."""
        return self._corp.office.staff["hua"].notices

    @property
    def _in_room(self) -> Sequence[Said]:
        """By our doing; what Ming says there herself is no matter."""
        return [each for each in self._corp.chats[ROOM].said if each.by == "hua"]


Open = Callable[[pytest.FixtureRequest], Bench]
BENCHES: dict[str, Open] = {
    "simulated": lambda request: SimulatedBench(),
    "wechaty": lambda request: WechatyBench(request.getfixturevalue("contract_lab")),
    "wecom": lambda request: request.getfixturevalue("wecom_bench"),
}
