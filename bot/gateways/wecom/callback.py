"""What WeCom calls us with, freed from its XML (docs 90930, 92130). Pure."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from config.daily import ZONE

_DEEPEST = 8
"""Levels; what WeCom sends has three."""
_WECOM_BEGINS = datetime(2014, 1, 1, tzinfo=ZONE)
_CLOCKS_DIFFER_BY = timedelta(days=1)
_NOT_THE_EVENTS = ("ToUserName", "AgentID")
"""Whom it is delivered to, which says nothing of what happened."""


class BadCallback(Exception):
    """It can't be read; says in words why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersCame:
    """`people` is empty and `count` None where WeCom did not say. `scene` is 0 for an invitation,
    3 for a QR code (doc 92130; others occur). The versions are those of the member list before
    and after."""

    chat: str
    people: tuple[str, ...]
    count: int | None
    at: datetime
    scene: int | None
    last_version: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersWent:
    """`was_removed`: by the owner or an admin; None where WeCom did not say."""

    chat: str
    people: tuple[str, ...]
    count: int | None
    at: datetime
    was_removed: bool | None
    last_version: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChanged:
    """`what` is `create`, or an UpdateDetail other than members: `change_owner`, `change_name`,
    `change_notice`, one we don't know, or empty. The chat is to be looked at."""

    chat: str
    at: datetime
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDismissed:
    chat: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAdded:
    """`user` is ours, `person` the customer. `is_half`: the member of staff has not accepted yet;
    both may come, and only the first has a welcome code."""

    user: str
    person: str
    state: str
    welcome_code: str | None
    at: datetime
    is_half: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactGone:
    """`by_us`: our user removed the customer, and not the other way round."""

    user: str
    person: str
    at: datetime
    by_us: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nothing for us. `event` is the kind of message where it is no event."""

    event: str
    change: str


Change = (
    MembersCame | MembersWent | ChatChanged | ChatDismissed | ContactAdded | ContactGone | Unknown
)


def encrypted_of(body: bytes) -> str:
    """What is encrypted in a POST's body; raises BadCallback."""
    try:
        xml = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadCallback("the body is no UTF-8") from None
    return _needed(_parsed(xml), "Encrypt")


def read(xml: str, now: datetime) -> Change:
    """What happened; raises BadCallback. It was `now` where WeCom names an absurd time."""
    root = _parsed(xml)
    event, change = _text(root, "Event"), _text(root, "ChangeType")
    reader = _READERS.get((event, change))
    if reader is None:
        return Unknown(event=event or _text(root, "MsgType"), change=change)
    return reader(root, _moment(_text(root, "CreateTime"), now))


def digest(xml: str) -> str:
    """The same for the same event however its XML is written, and another for every other one;
    raises BadCallback. By sender and second alone (doc 90930) two who come in one second would
    be one."""
    root = _parsed(xml)
    fields = sorted(
        [each.tag, _meaning(each)]
        for each in root
        if each.tag not in _NOT_THE_EVENTS and _meaning(each)
    )
    return sha256(json.dumps(fields).encode()).hexdigest()


def _meaning(element: Element) -> str:
    if element.tag == "MemChangeList":
        return ",".join(sorted(_ids(element)))
    if len(element) == 0:
        return (element.text or "").strip()
    return json.dumps(sorted([each.tag, _meaning(each)] for each in element))


_REMOVED = {"0": False, "1": True}


def _came(root: Element, at: datetime) -> MembersCame:
    return MembersCame(
        chat=_needed(root, "ChatId"),
        people=_people(root),
        count=_number(root, "MemChangeCnt"),
        at=at,
        scene=_number(root, "JoinScene"),
        last_version=_text(root, "LastMemVer") or None,
        version=_text(root, "CurMemVer") or None,
    )


def _went(root: Element, at: datetime) -> MembersWent:
    return MembersWent(
        chat=_needed(root, "ChatId"),
        people=_people(root),
        count=_number(root, "MemChangeCnt"),
        at=at,
        was_removed=_REMOVED.get(_text(root, "QuitScene")),
        last_version=_text(root, "LastMemVer") or None,
        version=_text(root, "CurMemVer") or None,
    )


def _created(root: Element, at: datetime) -> Change:
    return ChatChanged(chat=_needed(root, "ChatId"), at=at, what="create")


def _updated(root: Element, at: datetime) -> Change:
    detail = _text(root, "UpdateDetail")
    if detail == "add_member":
        return _came(root, at)
    if detail == "del_member":
        return _went(root, at)
    return ChatChanged(chat=_needed(root, "ChatId"), at=at, what=detail)


def _dismissed(root: Element, at: datetime) -> Change:
    return ChatDismissed(chat=_needed(root, "ChatId"), at=at)


def _added(root: Element, at: datetime) -> Change:
    return ContactAdded(
        user=_needed(root, "UserID"),
        person=_needed(root, "ExternalUserID"),
        state=_text(root, "State"),
        welcome_code=_text(root, "WelcomeCode") or None,
        at=at,
        is_half=_text(root, "ChangeType") == "add_half_external_contact",
    )


def _gone(root: Element, at: datetime) -> Change:
    return ContactGone(
        user=_needed(root, "UserID"),
        person=_needed(root, "ExternalUserID"),
        at=at,
        by_us=_text(root, "ChangeType") == "del_external_contact",
    )


_CHAT, _CONTACT = "change_external_chat", "change_external_contact"
_READERS: dict[tuple[str, str], Callable[[Element, datetime], Change]] = {
    (_CHAT, "create"): _created,
    (_CHAT, "update"): _updated,
    (_CHAT, "dismiss"): _dismissed,
    (_CONTACT, "add_external_contact"): _added,
    (_CONTACT, "add_half_external_contact"): _added,
    (_CONTACT, "del_external_contact"): _gone,
    (_CONTACT, "del_follow_user"): _gone,
}


def _people(root: Element) -> tuple[str, ...]:
    """Each once, in WeCom's order."""
    found = (id_ for each in root.findall("MemChangeList") for id_ in _ids(each))
    return tuple(dict.fromkeys(found))


def _ids(changed: Element) -> list[str]:
    """As Items, or joined by commas."""
    texts = (changed.text, *(text for each in changed for text in (each.text, each.tail)))
    ids = (id_.strip() for text in texts if text for id_ in text.split(","))
    return [id_ for id_ in ids if id_]


def _text(root: Element, name: str) -> str:
    return (root.findtext(name) or "").strip()


def _needed(root: Element, name: str) -> str:
    found = _text(root, name)
    if not found:
        raise BadCallback(f"<{name}> is missing")
    return found


def _number(root: Element, name: str) -> int | None:
    text = _text(root, name)
    # No more digits than a number of theirs may have: Python refuses thousands of them.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _moment(seconds: str, now: datetime) -> datetime:
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        return now
    at = datetime.fromtimestamp(int(seconds), ZONE)
    return at if _WECOM_BEGINS <= at <= now + _CLOCKS_DIFFER_BY else now


class _Plain(ElementTree.TreeBuilder):
    """Refuses what WeCom never sends and only an attacker would."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def doctype(self, name: str, public_id: str | None, system: str | None) -> None:
        raise BadCallback("the XML brings a DTD along, which WeCom's never does")

    def start(self, tag: str, attrs: dict[Any, Any], /) -> Element:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadCallback(f"the XML is nested more than {_DEEPEST} levels deep")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _parsed(xml: str) -> Element:
    parser = ElementTree.XMLParser(target=_Plain())
    try:
        parser.feed(xml)
        root = parser.close()
    except ElementTree.ParseError as error:
        raise BadCallback(f"the XML is broken: {error}") from None
    except UnicodeEncodeError:
        raise BadCallback("the XML holds half a character") from None
    assert isinstance(root, Element)
    return root
