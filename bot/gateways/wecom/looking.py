"""Groups as they are now, by `groupchat/list` and `groupchat/get` (docs 92120, 92122)."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.gateways.base import Unreachable
from bot.gateways.wecom import rooms
from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.failures import WeComError
from bot.gateways.wecom.letters import Letters
from bot.gateways.wecom.people import People
from bot.gateways.wecom.rooms import Seen
from models.ids import GroupId

A_PAGE = 1000
MOST_OWNERS = 100
LAG = timedelta(seconds=6)
"""After a change, in which `groupchat/get` may still show the group as it was: doc 92130 says
about two seconds."""
PAUSE = 2.0


class Looking:
    """`owners` are the colleagues whose groups are ours to look at; all whom the app may see where
    there are none, which WeCom refuses from 1,000 of them on (81017)."""

    def __init__(
        self,
        client: WeComClient,
        people: People,
        letters: Letters,
        owners: Sequence[str],
        clock: Callable[[], datetime],
        wait: Callable[[float], Awaitable[None]],
    ) -> None:
        self._client = client
        self._people = people
        self._letters = letters
        self._owners = owners
        self._clock = clock
        self._wait = wait
        self._expected: dict[GroupId, tuple[str, datetime]] = {}

    async def try_it(self) -> None:
        """Whether we may look at groups at all; raises WeComError."""
        await self._client.call("externalcontact/groupchat/list", {**self._filter(), "limit": 1})

    async def groups(self) -> list[GroupId]:
        """Raises WeComError."""
        found: dict[GroupId, None] = {}
        for asked in self._filters():
            cursor = ""
            while True:
                answer = await self._client.call(
                    "externalcontact/groupchat/list",
                    {**asked, "status_filter": 0, "limit": A_PAGE, "cursor": cursor},
                )
                listed = answer.get("group_chat_list") or ()
                found |= dict.fromkeys(GroupId(each["chat_id"]) for each in listed)
                cursor = answer.get("next_cursor") or ""
                if not cursor or not listed:
                    break
        return list(found)

    async def look(self, group: GroupId) -> Seen:
        """Not as it was before a change that we have heard of. Raises WeComError."""
        while True:
            seen = await self._get(group)
            expected, since = self._expected.get(group, (seen.version, self._clock()))
            if seen.version == expected or self._clock() - since > LAG:
                self._expected.pop(group, None)
                return seen
            await self._wait(PAUSE)

    async def look_and_note(self, group: GroupId) -> Seen:
        """Raises WeComError; from here on we know the group up to this version."""
        seen = await self.look(group)
        await self._letters.note(group, seen.version)
        return seen

    async def seen(self, group: GroupId, *, unless_unreachable: bool = False) -> Seen | None:
        """None, or Unreachable, where WeCom does not show it."""
        try:
            return await self._get(group)
        except WeComError as error:
            if unless_unreachable:
                return None
            raise Unreachable(str(error)) from error

    def expect(self, group: GroupId, version: str, now: datetime) -> None:
        """A look before long may still show it without what led to this version."""
        self._expected[group] = (version, now)

    async def _get(self, group: GroupId) -> Seen:
        answer: Mapping[str, Any] = await self._client.call(
            "externalcontact/groupchat/get", {"chat_id": group, "need_name": 1}
        )
        return rooms.read(answer["group_chat"], self._people)

    def _filters(self) -> Iterator[dict[str, Any]]:
        if not self._owners:
            yield {}
        for start in range(0, len(self._owners), MOST_OWNERS):
            yield {"owner_filter": {"userid_list": self._owners[start : start + MOST_OWNERS]}}

    def _filter(self) -> dict[str, Any]:
        return next(self._filters())
