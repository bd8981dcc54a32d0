"""A customer group as `groupchat/get` shows it (doc 92122), read into our words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.gateways.base import Room
from bot.gateways.wecom.people import People
from config.daily import ZONE
from models.ids import PersonId
from models.people import Profile, Role

COLLEAGUE = 1
"""The `type` of a member who is of the corp."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a member came: when, by whose invitation, and what her way in carried."""

    profile: Profile
    at: datetime | None
    inviter: PersonId | None
    state: str


@dataclass(frozen=True, slots=True)
class Seen:
    """`ids` is who stands behind WeCom's id of each member. `version` is that of its member
    list."""

    room: Room
    arrivals: Mapping[PersonId, Arrival]
    ids: Mapping[str, PersonId]
    version: str


def read(chat: Mapping[str, Any], people: People) -> Seen:
    """What WeCom leaves out is left out: an unset nickname, an inviter who is no colleague."""
    members: Sequence[Mapping[str, Any]] = chat.get("member_list") or ()
    ids = {str(each["userid"]): _person(each, people) for each in members}
    arrivals = {ids[str(each["userid"])]: _arrival(each, people) for each in members}
    owner = str(chat.get("owner") or "")
    room = Room(
        name=str(chat.get("name") or ""),
        members=frozenset(arrivals),
        staff=_staff(members, ids, chat, people),
        owner=people.staff(owner) if owner else None,
        profiles={person: each.profile for person, each in arrivals.items()},
    )
    return Seen(room, arrivals, ids, str(chat.get("member_version") or ""))


def _person(member: Mapping[str, Any], people: People) -> PersonId:
    userid = str(member["userid"])
    return people.staff(userid) if member.get("type") == COLLEAGUE else PersonId(userid)


def _arrival(member: Mapping[str, Any], people: People) -> Arrival:
    joined = member.get("join_time")
    inviter = (member.get("invitor") or {}).get("userid")
    return Arrival(
        profile=Profile(str(member.get("name") or ""), str(member.get("group_nickname") or "")),
        at=datetime.fromtimestamp(joined, ZONE) if isinstance(joined, int) else None,
        inviter=people.staff(str(inviter)) if inviter else None,
        state=str(member.get("state") or ""),
    )


def _staff(
    members: Sequence[Mapping[str, Any]],
    ids: Mapping[str, PersonId],
    chat: Mapping[str, Any],
    people: People,
) -> dict[PersonId, Role]:
    """Who is of the corp works here. The owner runs the group, so it is she who is told what it
    needs; its admins help her."""
    colleagues = {
        ids[str(each["userid"])]: Role.HOST for each in members if each.get("type") == COLLEAGUE
    }
    admins = {
        people.staff(str(each["userid"])): Role.ASSISTANT for each in chat.get("admin_list") or ()
    }
    owner = str(chat.get("owner") or "")
    return colleagues | admins | ({people.staff(owner): Role.MONITOR} if owner else {})
