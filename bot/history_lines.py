"""What is known of groups, told as the lines of a scenario. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.gateways.simulated import BOT
from config.daily import ZONE
from handlers.addressed import OUR_NAME, WORDS, read, without_address
from models.content import Item
from models.groups import Group, Origin
from models.ids import GroupId, PersonId
from models.people import Role
from models.rewards import Reward
from models.stores.history import Face, Message, Stay

A_MOMENT = timedelta(minutes=1)
SETTINGS = ("设置", "set")
NOBODY = Face(name="", nickname="", role=Role.MEMBER, fits=True, reminded_at=None)

Line = dict[str, Any]
Faces = Mapping[tuple[GroupId, PersonId], Face]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Tells what lies after `since`. Names are only told of `speakers`: others may speak of them,
    while nobody who is silent needs one. `us` are our own accounts."""

    since: datetime
    groups: Mapping[GroupId, Group]
    faces: Faces
    speakers: Collection[tuple[GroupId, PersonId]]
    us: Collection[PersonId]

    def members(self, stays: Iterable[Stay]) -> Iterator[Line]:
        """Those who were there all along."""
        known = {(each.group, each.person): each for each in stays if self._was_there(each)}
        for each in known.values():
            face, name = self._face(each)
            place: Line = {"type": "member", "group": each.group, "member": each.person}
            yield place | {"name": name, "nickname": face.nickname, "role": face.role.value}

    def moves(self, stays: Iterable[Stay]) -> Iterator[Line]:
        """Who came, as what, and who went."""
        for each in stays:
            if self._is_ours(each):
                continue
            place = {"group": each.group, "member": each.person}
            if self._is_seen_coming(each):
                assert each.began_at is not None
                yield from self._coming(each, each.began_at)
            if each.ended_at is not None:
                by = {"by": self._person(each.left_by)} if each.left_by else {}
                yield {"type": "left", "at": each.ended_at, **place, **by}

    def said(self, message: Message) -> Line:
        quotes = {"quotes": message.quotes} if message.quotes else {}
        return {
            "type": "said",
            "at": message.said_at,
            "group": message.group,
            "member": message.sender,
            "id": message.id,
            "text": message.text,
            "mentions": [self._person(each) for each in message.mentions],
            **quotes,
        }

    def _coming(self, stay: Stay, at: datetime) -> Iterator[Line]:
        """Where she was asked for another nickname and then took one that fits, she had none until
        then."""
        face, name = self._face(stay)
        place: Line = {"at": at, "group": stay.group, "member": stay.person}
        is_later = face.fits and face.reminded_at is not None and face.reminded_at > at
        inviter = {"inviter": self._person(stay.inviter)} if stay.inviter else {}
        nickname = "" if is_later else face.nickname
        yield {"type": "joined", **place, "name": name, "nickname": nickname, **inviter}
        if face.role is not Role.MEMBER:
            yield {"type": "role", **place, "role": face.role.value}
        if is_later and face.reminded_at is not None:
            then = place | {"at": face.reminded_at + A_MOMENT}
            yield {"type": "nickname", **then, "nickname": face.nickname}

    def _was_there(self, stay: Stay) -> bool:
        """Or may have been, where nobody saw her come."""
        return not self._is_ours(stay) and not self._is_seen_coming(stay)

    def _is_seen_coming(self, stay: Stay) -> bool:
        is_late = stay.began_at is not None and stay.began_at > self.since
        return is_late and stay.origin is Origin.JOINED

    def _is_ours(self, stay: Stay) -> bool:
        return stay.person in self.us or self._face(stay)[0].role is Role.BOT

    def _face(self, stay: Stay) -> tuple[Face, str]:
        """With the name that is told."""
        key = (stay.group, stay.person)
        face = self.faces.get(key, NOBODY)
        return face, face.name if key in self.speakers or face.role.is_staff else ""

    def _person(self, person: PersonId) -> PersonId:
        return BOT if person in self.us else person


def group(known: Group) -> Line:
    told = {
        "city": known.city,
        "channel": known.channel,
        "birth_window": known.birth_window,
        "opened_on": known.opened_on,
    }
    return {"type": "group", "group": known.id, "name": known.name, **_known(told)}


def item(known: Item) -> Line:
    told = asdict(known)
    del told["withdrawn_at"]
    return {"type": "content", "content": told.pop("id"), **_known(told)}


def reward(known: Reward) -> Line:
    told = asdict(known)
    del told["withdrawn"]
    return {"type": "reward", "reward": told.pop("id"), **_known(told)}


def deaf(since: datetime, until: datetime) -> Line:
    return {"type": "deaf", "at": since, "until": _at(until)}


def is_setting(message: Message) -> bool:
    """Whether it changes, or asks for, a rule: that of now is in force all along."""
    text, addressed = without_address(message.text, [OUR_NAME], is_mentioned=False)
    typed = read(text, WORDS, addressed=addressed)
    return typed is not None and typed.word is not None and typed.word.casefold() in SETTINGS


def in_charge(faces: Faces, staff: Mapping[PersonId, Role]) -> Faces:
    """With the roles that people have in every group, which a scenario gives in each."""
    return {
        key: face
        if face.role.is_staff or key[1] not in staff
        else replace(face, role=staff[key[1]])
        for key, face in faces.items()
    }


def in_order(
    events: Iterable[Line], groups: Mapping[GroupId, Group], until: datetime
) -> list[Line]:
    """By time, without what lies outside of it: before a group was opened nothing happens."""
    lived = [each for each in events if each["at"] <= until and not _is_too_soon(each, groups)]
    lived.sort(key=lambda each: each["at"])
    return [{**each, "at": _at(each["at"])} for each in [*lived, {"type": "until", "at": until}]]


def _is_too_soon(event: Line, groups: Mapping[GroupId, Group]) -> bool:
    known = groups.get(event.get("group", ""))
    opened_on = known.opened_on if known else None
    return opened_on is not None and event["at"].astimezone(ZONE).date() < opened_on


def _at(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat()


def _known(told: Mapping[str, Any]) -> Line:
    """Without what is empty: it is left out. Days and moments as they are written."""
    return {
        name: _at(value)
        if isinstance(value, datetime)
        else value.isoformat()
        if hasattr(value, "isoformat")
        else value
        for name, value in told.items()
        if value not in (None, "", ())
    }
