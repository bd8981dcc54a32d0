"""Wire payloads to our events. Pure; a payload that makes no sense makes no event."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.gateways.wechaty.payloads import (
    Friendship,
    FriendshipKind,
    Kind,
    Memory,
    RoomCard,
    Said,
)
from models.events import (
    FriendAsked,
    FriendMade,
    GatewayEvent,
    GroupRenamed,
    GroupStirred,
    MemberJoined,
    MemberLeft,
    MessageRecalled,
    MessageReceived,
)
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.people import Profile, Role

_MILLISECONDS_BEGIN = 2_145_888_000
"""2038 in seconds: no time on the wire is later, so a larger number counts milliseconds."""
_WECHAT_BEGINS = datetime(2011, 1, 1, tzinfo=UTC)
_CLOCKS_DIFFER_BY = timedelta(days=1)


def fields(payload: str) -> dict[str, Any]:
    """The fields of an event; none where it is not a JSON object."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def text_of(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def people_of(data: Mapping[str, Any], name: str) -> tuple[PersonId, ...]:
    value = data.get(name)
    if not isinstance(value, list):
        return ()
    return tuple(
        PersonId(id_) for id_ in dict.fromkeys(value_ for value_ in value if _is_id(value_))
    )


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value != ""


def moment(timestamp: object, now: datetime) -> datetime:
    """When the platform says it was, in seconds or milliseconds; `now` where that is absurd."""
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float):
        return now
    try:
        seconds = timestamp / 1000 if timestamp > _MILLISECONDS_BEGIN else timestamp
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return at if _WECHAT_BEGINS <= at <= now + _CLOCKS_DIFFER_BY else now


def message(
    said: Said, account: AccountId, me: PersonId, now: datetime
) -> MessageReceived | MessageRecalled | None:
    """None for our own words, and for notices nobody said."""
    if said.talker in ("", me):
        return None
    at = moment(said.timestamp, now)
    group = GroupId(said.room) if said.room else None
    if said.kind == Kind.RECALLED and group and said.text:
        # The text of a recall is the id of what was recalled.
        return MessageRecalled(at=at, account=account, group=group, id=MessageId(said.text))
    return MessageReceived(
        at=at,
        account=account,
        id=MessageId(said.id),
        group=group,
        sender=PersonId(said.talker),
        # What others carry as text is XML, or a file in base64.
        text=said.text if said.kind == Kind.TEXT else "",
        mentions=tuple(PersonId(id_) for id_ in said.mentions if id_),
    )


def joined(
    data: Mapping[str, Any],
    profiles: Mapping[PersonId, Profile],
    account: AccountId,
    me: PersonId,
    now: datetime,
) -> list[GatewayEvent]:
    group = text_of(data, "roomId")
    if not group:
        return []
    at = moment(data.get("timestamp"), now)
    invitees = people_of(data, "inviteeIdList")
    inviter = text_of(data, "inviterId")
    events: list[GatewayEvent] = []
    if not invitees or me in invitees:
        events.append(GroupStirred(at=at, account=account, group=GroupId(group)))
    events.extend(
        MemberJoined(
            at=at,
            account=account,
            group=GroupId(group),
            person=person,
            profile=profiles.get(person, Profile("")),
            inviter=PersonId(inviter) if inviter not in ("", person) else None,
        )
        for person in invitees
        if person != me
    )
    return events


def left(data: Mapping[str, Any], account: AccountId, now: datetime) -> list[GatewayEvent]:
    group = text_of(data, "roomId")
    if not group:
        return []
    at = moment(data.get("timestamp"), now)
    remover = text_of(data, "removerId")
    gone = people_of(data, "removeeIdList")
    if not gone:
        return [GroupStirred(at=at, account=account, group=GroupId(group))]
    return [
        MemberLeft(
            at=at,
            account=account,
            group=GroupId(group),
            person=person,
            by=PersonId(remover) if remover not in ("", person) else None,
        )
        for person in gone
    ]


def renamed(data: Mapping[str, Any], account: AccountId, now: datetime) -> list[GatewayEvent]:
    group = text_of(data, "roomId")
    if not group:
        return []
    at = moment(data.get("timestamp"), now)
    name = text_of(data, "newTopic")
    if not name:
        return [GroupStirred(at=at, account=account, group=GroupId(group))]
    return [GroupRenamed(at=at, account=account, group=GroupId(group), name=name)]


def befriended(
    friendship: Friendship, account: AccountId, me: PersonId, now: datetime
) -> FriendAsked | FriendMade | None:
    """None for what asks nothing of us and makes no friend."""
    person = PersonId(friendship.person)
    if person in ("", me):
        return None
    if friendship.kind == FriendshipKind.RECEIVE:
        return FriendAsked(
            at=now,
            account=account,
            request=friendship.id,
            person=person,
            hello=friendship.hello,
        )
    if friendship.kind == FriendshipKind.CONFIRM:
        return FriendMade(at=now, account=account, person=person)
    return None


def dirtied(data: Mapping[str, Any], account: AccountId, now: datetime) -> list[GatewayEvent]:
    """Some puppets name a member `person@@@room`, most only the room."""
    dirty = text_of(data, "payloadId")
    if data.get("payloadType") not in (Memory.ROOM, Memory.MEMBER) or not dirty:
        return []
    group = dirty.partition("@@@")[2] or dirty
    return [GroupStirred(at=now, account=account, group=GroupId(group))]


def staff(card: RoomCard, me: PersonId | None) -> dict[PersonId, Role]:
    """The owner and admins; what we are ourselves is not the platform's to say."""
    return {PersonId(id_): Role.MONITOR for id_ in (card.owner, *card.admins) if id_ and id_ != me}
