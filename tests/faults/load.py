"""What people do in the groups while something dies, and who did it when."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from bot.clock import SystemClock
from models.messages import MENTION_END
from tests.faults.service import Service
from tests.gateways.wechaty.lab.lab import Lab

QUICK: Mapping[str, Mapping[str, Any]] = {
    "onboarding": {
        "calm_delay": 1,
        "min_gap": 0,
        "peak_interval": 1,
        "surge_interval": 1,
        "quiet_hours": "00:00-00:00",
    },
    "delivery": {
        "group_gap": 0,
        "jitter": 0,
        "per_minute": 100_000,
        "daily_budget": 500,
        "replies_each": 100,
        "reply_lapses": 86_400,
        "quiet_hours": "00:00-00:00",
    },
    "points": {"bonus_budget": 10_000, "daily_most": 200, "pair_daily": 50, "announce_delay": 1},
    "content": {"posts_daily": 12, "lively_rest": 0},
    "hours": {"prenatal": ["00:00-23:59"], "postnatal": ["00:00-23:59"]},
}
"""Nothing is slowed down or held back: what is promised is said at once. On a machine that is busy
with other things it may take some time, and is said all the same."""

REWARD = "绘本"
RULER = "- - - - - - - - - - - - - - -"


class Did(StrEnum):
    TALKED = "talked"
    ASKED = "asked"
    ANSWERED = "answered"
    THANKED = "thanked"
    LOOKED = "looked at her points"
    GAVE = "gave a point"
    REDEEMED = "redeemed"
    POSTED = "had something posted"
    JOINED = "joined"
    LEFT = "left"


COMMANDS = (Did.LOOKED, Did.GAVE, Did.REDEEMED, Did.POSTED)


@dataclass(frozen=True, slots=True)
class Deed:
    """`message` is what was said, by its id; `began` and `ended` enclose the moment."""

    did: Did
    who: str
    room: str
    began: datetime
    ended: datetime
    message: str = ""


class Community:
    """Groups of ours with a monitor and regulars each, and mothers who come and go."""

    def __init__(
        self, lab: Lab, rng: random.Random, name: str, rooms: int = 3, regulars: int = 5
    ) -> None:
        self.deeds: list[Deed] = []
        self.is_open = True
        """Whether anybody joins by herself."""
        self._lab = lab
        self._rng = rng
        self._clock = SystemClock()
        self._rooms = {
            f"{name}{n}": [f"{name}{n}-regular{m}" for m in range(regulars)] for n in range(rooms)
        }
        self._guests: list[tuple[str, str]] = []
        self._count = 0

    @property
    def rooms(self) -> list[str]:
        return list(self._rooms)

    def gather(self) -> None:
        """They are there before the service looks for the first time."""
        self._lab.contact("bot", name="小助手")
        for number, (room, regulars) in enumerate(self._rooms.items()):
            monitor = _monitor(room)
            self._lab.contact(monitor, name=f"班长{number}", friend=True)
            for who in regulars:
                self._lab.contact(who, name=_name(who))
            name = f"杭州·2026年12-2月·妇幼·{number + 1:02}"
            self._lab.room(room, name, members=[monitor, *regulars], owner=monitor)

    def act(self) -> None:
        """One thing that somebody does."""
        room = self._rng.choice(self.rooms)
        who = self._rng.choice(self._rooms[room])
        acts: dict[Callable[[str, str], None], int] = {
            self._talk: 4,
            self._help: 3,
            self.look: 3,
            self.give: 3,
            self._redeem: 2,
            self._post: 1,
            self._join: 4 if self.is_open else 0,
            self._leave: 2,
        }
        (act,) = self._rng.choices(list(acts), weights=list(acts.values()))
        act(room, who)

    def look(self, room: str, who: str) -> None:
        """At her points: she is answered."""
        self._says(Did.LOOKED, who, "/积分", room)

    def give(self, room: str, who: str) -> None:
        """The monitor gives her a point."""
        text = f"/加分 @{_name(who)}{MENTION_END}1 第{self._next()}次帮忙"
        self._says(Did.GAVE, _monitor(room), text, room, mentions=(who,))

    def join(self, room: str) -> str:
        """Somebody whom nobody knows yet; who."""
        who = f"{room}-mother{self._next()}"
        self._lab.contact(who, name=_name(who))
        began = self._clock.now()
        self._lab.joins(who, room)
        self._did(Did.JOINED, who, room, began)
        self._guests.append((who, room))
        return who

    def join_unheard(self, room: str) -> str:
        """While the gateway is down; who."""
        who, began = f"{room}-mother{self._next()}", self._clock.now()
        self._lab.joins_meanwhile(who, room)
        self._did(Did.JOINED, who, room, began)
        return who

    def _talk(self, room: str, who: str) -> None:
        self._says(Did.TALKED, who, f"今天第{self._next()}次出门，天气真好", room)

    def _help(self, room: str, who: str) -> None:
        """A question, its answer, which quotes it, and thanks."""
        helper = self._rng.choice([each for each in self._rooms[room] if each != who])
        number = self._next()
        question = f"宝宝第{number}次夜里哭闹，要去医院吗"
        self._says(Did.ASKED, who, question, room)
        quote = f"「{_name(who)}：{question}」\n{RULER}\n"
        answer = f"{quote}我家第{number}次也这样，抱起来拍拍嗝就好了"
        self._says(Did.ANSWERED, helper, answer, room)
        thanks = f"@{_name(helper)}{MENTION_END}谢谢你，我试试"
        self._says(Did.THANKED, who, thanks, room, mentions=(helper,))

    def _redeem(self, room: str, who: str) -> None:
        self._says(Did.REDEEMED, who, f"/兑换 {REWARD}", room)

    def _post(self, room: str, _: str) -> None:
        self._says(Did.POSTED, _monitor(room), "/现在发 1", room)

    def _join(self, room: str, _: str) -> None:
        self.join(room)

    def _leave(self, *_: str) -> None:
        """A mother who came, if any is still there."""
        if self._guests:
            who, room = self._guests.pop(self._rng.randrange(len(self._guests)))
            began = self._clock.now()
            self._lab.leaves(who, room)
            self._did(Did.LEFT, who, room, began)

    def _says(
        self, did: Did, who: str, text: str, room: str, mentions: tuple[str, ...] = ()
    ) -> None:
        began = self._clock.now()
        message = self._lab.says(who, text, room=room, mentions=mentions)
        self._did(did, who, room, began, message)

    def _did(self, did: Did, who: str, room: str, began: datetime, message: str = "") -> None:
        self.deeds.append(Deed(did, who, room, began, self._clock.now(), message))

    def _next(self) -> int:
        self._count += 1
        return self._count


class Bustle:
    """The community acts, so often a second, until the end of the block."""

    def __init__(self, community: Community, a_second: float) -> None:
        self._community = community
        self._pause = 1 / a_second
        self._over = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            while not self._over.wait(self._pause):
                self._community.act()
        except Exception as failure:
            self._failure = failure

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure


def furnish(service: Service) -> None:
    """What the people in charge set up before anybody does anything, once it is ready."""
    assert service.token  # takes as long as the service needs to start
    service.becomes_ready()
    service.patch("everywhere", QUICK)
    service.asks("POST", "/rewards", {"id": "book", "name": REWARD, "cost": 1})
    for number, kind in enumerate(("dry", "wet", "warm") * 5):
        service.asks("PUT", f"/content/item{number}", {"kind": kind, "text": f"第{number}条"})


def _monitor(room: str) -> str:
    return f"{room}-monitor"


def _name(who: str) -> str:
    return f"{who}妈"
