"""What the mothers of the demo can do, and why they sometimes can't, said kindly."""

import re
import uuid
from collections.abc import Iterable, Iterator
from itertools import count, islice

from bot.demo.community import NEWCOMERS
from bot.demo.stage import Stage
from bot.demo.wording import ASSISTANT
from bot.gateways.simulated import BOT, SimulatedGateway
from models.ids import GroupId, MessageId, PersonId
from models.messages import MENTION_END
from models.people import Profile
from models.text import storable

PEAK = 30
LONGEST_NAME = 30
LONGEST_TEXT = 1000
FULL = 500
"""As many as WeChat lets into a group."""


class Awkward(Exception):
    """It can't be done; the text is for the person who tried."""


class Cast:
    def __init__(self, stage: Stage, gateway: SimulatedGateway) -> None:
        self._stage = stage
        self._gateway = gateway

    def suggest(self, group: GroupId, skip: int = 0) -> str:
        """A natural name that nobody in the group has; `skip` asks for another one."""
        return next(islice(_free_names(self._names(group)), skip, None))

    async def join(self, group: GroupId, name: str, nickname: str = "") -> PersonId:
        name, nickname = _line(name), _line(nickname)
        if not name:
            raise Awkward("给她起个名字吧，比如「豆豆妈」")
        _check_length(name, "名字")
        _check_length(nickname, "群昵称")
        async with self._stage.moment():
            self._must_have_room(group, 1)
            return self._enter(group, name, nickname)

    async def peak(self, group: GroupId) -> None:
        """Many join at once."""
        async with self._stage.moment():
            self._must_have_room(group, PEAK)
            for _ in range(PEAK):
                self._stage.a_moment_later()
                self._enter(group, self.suggest(group))

    async def leave(self, group: GroupId, person: PersonId | None) -> None:
        async with self._stage.moment():
            self._gateway.leave(group, self._present(group, person))

    async def call_herself(self, group: GroupId, person: PersonId | None, nickname: str) -> None:
        nickname = _line(nickname)
        _check_length(nickname, "群昵称")
        async with self._stage.moment():
            who = self._present(group, person)
            if self._gateway.people(group)[who].nickname == nickname:
                raise Awkward("和现在的群昵称一样，不用改啦")
            self._gateway.call(group, who, nickname)

    async def say(
        self, group: GroupId, person: PersonId | None, text: str, quotes: str | None = None
    ) -> None:
        text = _sayable(text)
        async with self._stage.moment():
            who = self._present(group, person)
            self._gateway.say(
                group,
                who,
                _new_message(),
                text,
                tuple(self._mentioned(group, text)),
                MessageId(quotes) if quotes else None,
            )

    async def write_to_us(self, group: GroupId, person: PersonId | None, text: str) -> None:
        """In private; `group` is where one met her."""
        text = _sayable(text)
        async with self._stage.moment():
            self._gateway.say(None, self._present(group, person), _new_message(), text)

    def _present(self, group: GroupId, person: PersonId | None) -> PersonId:
        if person is None:
            raise Awkward("先选一位妈妈，或者让一位新妈妈入群")
        if person not in self._gateway.people(group):
            raise Awkward("她已经不在群里了，换一位妈妈吧")
        return person

    def _enter(self, group: GroupId, name: str, nickname: str = "") -> PersonId:
        person = PersonId(f"p-{uuid.uuid4().hex[:12]}")
        self._gateway.join(group, person, Profile(name, nickname))
        return person

    def _must_have_room(self, group: GroupId, more: int) -> None:
        if len(self._gateway.people(group)) + more > FULL:
            raise Awkward(f"群满了：一个群最多 {FULL} 人，换一个群试试")

    def _names(self, group: GroupId) -> set[str]:
        return {each.name for each in self._gateway.people(group).values()}

    def _mentioned(self, group: GroupId, text: str) -> Iterable[PersonId]:
        for person, profile in self._gateway.people(group).items():
            end = f"(?:{MENTION_END}|\\s|$)"
            shown = ASSISTANT if person == BOT else profile.shown
            if shown and re.search(f"@{re.escape(shown)}{end}", text):
                yield person


def _free_names(taken: set[str]) -> Iterator[str]:
    """Names from the list, then the same with a number, without end."""
    for round_ in count(1):
        for name in NEWCOMERS:
            numbered = name if round_ == 1 else f"{name}{round_}"
            if numbered not in taken:
                yield numbered


def _new_message() -> MessageId:
    return MessageId(uuid.uuid4().hex)


def _sayable(text: str) -> str:
    text = storable(text).strip()
    if not text:
        raise Awkward("还没写内容呢，说点什么吧")
    if len(text) > LONGEST_TEXT:
        raise Awkward(f"太长啦，一条消息最多 {LONGEST_TEXT} 个字")
    return text


def _line(text: str) -> str:
    return " ".join(storable(text).split())


def _check_length(text: str, what: str) -> None:
    if len(text) > LONGEST_NAME:
        raise Awkward(f"{what}太长啦，最多 {LONGEST_NAME} 个字")
