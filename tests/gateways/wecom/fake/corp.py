"""A corp: what its people do, and what it answers to calls."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.gateways.wecom.fake.contacts import Contacts
from tests.gateways.wecom.fake.errors import Refused
from tests.gateways.wecom.fake.fields import WRONG_JSON, Fields
from tests.gateways.wecom.fake.gate import Breakage, Gate
from tests.gateways.wecom.fake.groups import Groups
from tests.gateways.wecom.fake.media import Media
from tests.gateways.wecom.fake.office import App, Chat, Office, Staff
from tests.gateways.wecom.fake.routes import Answer, Asked, Routes, Upload
from tests.gateways.wecom.fake.sends import Quota, Sends
from tests.gateways.wecom.fake.ways import Ways
from tests.gateways.wecom.fake.welcome import Welcome

GET_TOKEN = "gettoken"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call as it came in; `path` is without the leading `/cgi-bin/`."""

    path: str
    method: str
    query: Mapping[str, str]
    body: bytes = b""
    upload: Upload | None = None
    ip: str = "127.0.0.1"


@dataclass(slots=True)
class Call:
    """A call as it is remembered. `body` is what its URL said where it had no JSON."""

    path: str
    body: dict[str, Any]
    at: datetime
    errcode: int = 0


class NoSuchApi(Exception):
    """Nothing under /cgi-bin has this path, in this corp at least."""


class Corp:
    """`clock` is whose time it is here: moving it makes tokens, codes and quotas run out."""

    def __init__(self, corp_id: str, clock: Callable[[], datetime]) -> None:
        self.office = Office(corp_id, clock)
        self.gate = Gate(corp_id, clock)
        self.groups = Groups(self.office)
        self.ways = Ways(self.office, self.groups)
        self.media = Media(self.office)
        self.sends = Sends(self.office, self.media.known)
        self.welcome = Welcome(self.office, self.media.known)
        self.contacts = Contacts(self.office, self.welcome)
        self.calls: list[Call] = []
        self._routes: Routes = {
            **self.groups.routes,
            **self.ways.routes,
            **self.media.routes,
            **self.sends.routes,
            **self.welcome.routes,
            **self.contacts.routes,
        }

    @property
    def corp_id(self) -> str:
        return self.office.corp_id

    @property
    def chats(self) -> Mapping[str, Chat]:
        return self.office.chats

    # Calls

    def answer(self, incoming: Incoming) -> Answer:
        """Raises NoSuchApi."""
        body, readable = _read(incoming)
        call = Call(incoming.path, body, self.office.clock())
        self.calls.append(call)
        try:
            return {"errcode": 0, "errmsg": "ok", **self._answer(incoming, body, readable)}
        except Refused as refused:
            call.errcode = refused.errcode
            return refused.answer(incoming.ip)

    def calls_of(self, path: str) -> list[Call]:
        return [each for each in self.calls if each.path == path]

    def _answer(self, incoming: Incoming, body: dict[str, Any], readable: bool) -> Answer:
        self.gate.fail_as_ordered(incoming.path)
        self.gate.count(incoming.path)
        if incoming.path == GET_TOKEN:
            return self._token(incoming)
        app = self.gate.app_of(incoming.query.get("access_token", ""))
        self.gate.admit(app, incoming.path, incoming.ip)
        route = self._routes.get(incoming.path)
        if route is None:
            raise NoSuchApi(incoming.path)
        if incoming.method != route.method:
            raise Refused(43001 if route.method == "GET" else 43002)
        if not readable:
            raise Refused(40058, WRONG_JSON)
        return route.answer(Asked(app, Fields(body), incoming.upload))

    def _token(self, incoming: Incoming) -> Answer:
        corp_id = incoming.query.get("corpid", "")
        secret = incoming.query.get("corpsecret", "")
        if not corp_id or not secret:
            raise Refused(41004 if corp_id else 41002)
        token = self.gate.issue(corp_id, secret, incoming.ip)
        left = token.until - self.office.clock()
        return {"access_token": token.text, "expires_in": int(left.total_seconds())}

    # What is set up

    def hires(self, userid: str, name: str) -> Staff:
        return self.office.staff.setdefault(userid, Staff(userid, name))

    def installs(
        self,
        secret: str,
        *,
        agent_id: int = 1000002,
        visible: Sequence[str] | None = None,
        customer_contact: bool = True,
        archive: bool = True,
    ) -> App:
        """An app; all of the staff hired so far is in its range unless it is said who is.
        Raises KeyError for who was not hired."""
        in_range = self.office.staff if visible is None else visible
        seen = frozenset(self.office.staff[each].userid for each in in_range)
        app = App(agent_id, secret, seen, customer_contact, archive)
        self.gate.register([app])
        return app

    def groups_lag_by(self, lag: timedelta) -> None:
        """How long groupchat/get goes on telling what was."""
        self.office.lag = lag

    def sends_at_most(self, quota: Quota) -> None:
        self.sends.quota = quota

    # What goes wrong

    def fail_next(self, path: str, errcode: int, times: int = 1) -> None:
        self.gate.fail_next(path, errcode, times)

    def break_next(self, path: str, how: Breakage, times: int = 1) -> None:
        """For who calls through `transport.Line`."""
        self.gate.break_next(path, how, times)

    def invalidates_tokens(self) -> None:
        self.gate.invalidate_tokens()

    # What people do in groups; `person` is an external_userid, or a userid of the staff

    def open_chat(
        self, chat_id: str, name: str, owner: str, members: Mapping[str, str] | None = None
    ) -> Chat:
        """`members` are names by person."""
        return self.groups.open(chat_id, name, owner, members or {})

    def joins(self, chat_id: str, person: str, name: str) -> None:
        """By the QR code of the group itself."""
        self.groups.joins(chat_id, {person: name})

    def join_together(self, chat_id: str, people: Mapping[str, str]) -> None:
        """Told in one callback."""
        self.groups.joins(chat_id, people)

    def invited_by(
        self, chat_id: str, inviter: str, person: str, name: str = "", *, by_link: bool = False
    ) -> None:
        self.groups.invited_by(chat_id, inviter, {person: name}, by_link=by_link)

    def leaves(self, chat_id: str, person: str) -> None:
        self.groups.leaves(chat_id, person, removed=False)

    def removed(self, chat_id: str, person: str) -> None:
        self.groups.leaves(chat_id, person, removed=True)

    def renamed(self, chat_id: str, name: str) -> None:
        self.groups.renamed(chat_id, name)

    def noticed(self, chat_id: str, notice: str) -> None:
        self.groups.noticed(chat_id, notice)

    def owner_changes(self, chat_id: str, owner: str) -> None:
        self.groups.owner_changes(chat_id, owner)

    def calls_herself(self, chat_id: str, person: str, nickname: str) -> None:
        self.groups.calls_herself(chat_id, person, nickname)

    def says(self, chat_id: str, person: str, text: str) -> None:
        self.groups.says(chat_id, person, text)

    def dismissed(self, chat_id: str) -> None:
        self.groups.dismissed(chat_id)

    def agrees(self, chat_id: str, person: str) -> None:
        """That her messages are archived."""
        self.office.chat(chat_id).agreed[person] = self.office.clock()

    def scan(self, config_id: str, person: str, name: str) -> Chat:
        """Raises `ways.ScanRefused`."""
        return self.ways.scan(config_id, person, name)

    def adds_staff(
        self,
        person: str,
        name: str,
        userid: str,
        *,
        state: str = "",
        way: str | None = None,
        unconfirmed: bool = False,
    ) -> str:
        """She adds a member of staff, by a contact way or with a state; `unconfirmed` is before
        the colleague took her in, where none of them need to. The welcome code."""
        if way is not None:
            state = self.ways.contact[way].given["state"]
        return self.contacts.adds_staff(person, name, userid, state, unconfirmed=unconfirmed)

    def drops_staff(self, person: str, userid: str) -> None:
        self.contacts.drops_staff(person, userid)

    # What the owner of a group does on her phone

    def owner_taps(self, userid: str, msgid: str, chats: Sequence[str] = ()) -> None:
        """Raises KeyError or ValueError where no such task waits for her."""
        self.sends.tap(userid, msgid, chats)

    def row_ends(self, msgid: str, target: str, status: int) -> None:
        """What becomes of a message in one chat when it is tapped: 2 or 3 of doc 93338."""
        self.sends.sends[msgid].ordered[target] = status

    def owner_applies(self, chat_id: str, template_id: str) -> None:
        self.welcome.apply(chat_id, template_id)


def _read(incoming: Incoming) -> tuple[dict[str, Any], bool]:
    """The fields, and whether they could be read. Secrets and tokens are not among them."""
    hidden = ("access_token", "corpsecret")
    asked = {name: value for name, value in incoming.query.items() if name not in hidden}
    if incoming.upload is not None or not incoming.body:
        return asked, True
    try:
        body = json.loads(incoming.body)
    except ValueError:
        return {}, False
    return (body, True) if isinstance(body, dict) else ({}, False)
