"""会话存档, from the boundary on: decrypted messages as JSON lines become events (doc 91774).

WeCom hands them out through a native library alone, which stays outside: whatever uses it pipes
what it decrypted into `python -m bot archive`. A customer who has not agreed to be archived is not
heard, whatever the line says (doc 91782).
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.failures import WeComError
from bot.gateways.wecom.people import People
from models.events import GatewayEvent, MessageRecalled, MessageReceived
from models.ids import AccountId, GroupId, MessageId, PersonId

log = logging.getLogger(__name__)

QUOTES = "这是一条引用/回复消息："
ASKED_AGAIN, ASKED_SOON = timedelta(minutes=10), timedelta(minutes=1)
"""After which what WeCom said of a group is old; and of somebody who had not agreed by then."""
AGREED = "Agree"
PARTS = ("text", "revoke", "agree", "disagree")
"""What is read of a message, by its `msgtype`."""
LONGEST_ID = 200
LAST_MOMENT = 10**13
"""In the year 2286."""


class BadLine(Exception):
    """It is no message of the archive; says in words why."""


def is_line(body: str) -> bool:
    """Whether a letter of the inbox is one, and no callback."""
    return body.startswith("{")


def checked(line: str) -> str:
    """The `msgid` of a line; raises BadLine."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"it is no JSON: {error}") from None
    if not isinstance(message, dict):
        raise BadLine("it is no object")
    id_ = message.get("msgid")
    if not isinstance(id_, str) or not id_:
        raise BadLine('"msgid" is missing')
    if not id_.isascii() or not id_.isprintable() or len(id_) > LONGEST_ID:
        raise BadLine('"msgid" is none of WeCom\'s')
    if message.get("action") != "switch" and not _is_moment(message.get("msgtime")):
        raise BadLine('"msgtime" is no number of milliseconds')
    for part in PARTS:
        if not isinstance(message.get(part) or {}, dict):
            raise BadLine(f'"{part}" is no object')
    return id_


def _is_moment(number: object) -> bool:
    if not isinstance(number, int) or isinstance(number, bool):
        return False
    return 0 <= number <= LAST_MOMENT


class Consents:
    """Who of a group's customers agreed to be archived, as WeCom says (`check_room_agree`)."""

    def __init__(self, client: WeComClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[datetime, frozenset[str]]] = {}

    async def has_agreed(self, room: str, person: str) -> bool:
        """Not where WeCom does not tell."""
        asked_at, agreed = self._known.get(room, (None, frozenset[str]()))
        now, lasts = self._clock(), ASKED_AGAIN if person in agreed else ASKED_SOON
        if asked_at is None or now - asked_at >= lasts:
            agreed = await self._ask(room)
            self._known[room] = (now, agreed)
        return person in agreed

    def heed(self, room: str, person: str, *, agrees: bool) -> None:
        """She has just said so."""
        asked_at, agreed = self._known.get(room, (self._clock(), frozenset[str]()))
        changed = agreed | {person} if agrees else agreed - {person}
        self._known[room] = (asked_at, changed)

    async def _ask(self, room: str) -> frozenset[str]:
        try:
            answer = await self._client.call("msgaudit/check_room_agree", {"roomid": room})
        except WeComError as error:
            log.warning(
                "nobody is heard in %s, since WeCom does not tell who agreed: %s", room, error
            )
            return frozenset()
        # WeCom spells it like this.
        return frozenset(
            str(each["exteranalopenid"])
            for each in answer.get("agreeinfo") or ()
            if each.get("agree_status") == AGREED
        )


async def told(
    line: str, account: AccountId, people: People, consents: Consents
) -> list[GatewayEvent]:
    """What is said in groups; private conversations of staff are none of ours."""
    message: Mapping[str, Any] = json.loads(line)
    room, sender = str(message.get("roomid") or ""), str(message.get("from") or "")
    kind = message.get("msgtype")
    if kind in ("agree", "disagree"):
        who = str((message.get(kind) or {}).get("userid") or sender)
        consents.heed(room, who, agrees=kind == "agree")
        return []
    if not room or not sender or message.get("action") not in ("send", "recall"):
        return []
    person = people.guessed(sender)
    if people.userid(person) is None and not await consents.has_agreed(room, sender):
        return []
    at = datetime.fromtimestamp(message["msgtime"] / 1000, UTC)
    if kind == "revoke":
        recalled = MessageId(str((message.get("revoke") or {}).get("pre_msgid") or ""))
        return [MessageRecalled(account=account, at=at, group=GroupId(room), id=recalled)]
    return [_said(message, account, GroupId(room), person, at)]


def _said(
    message: Mapping[str, Any], account: AccountId, group: GroupId, person: PersonId, at: datetime
) -> MessageReceived:
    """What is no text is said, and has no words."""
    text = str((message.get("text") or {}).get("content") or "")
    return MessageReceived(
        account=account,
        at=at,
        id=MessageId(str(message["msgid"])),
        group=group,
        sender=person,
        text=text.removeprefix(QUOTES),
    )
