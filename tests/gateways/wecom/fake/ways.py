"""Ways into a group (doc 92229) and to a member of staff (doc 92228), and who comes by them."""

from dataclasses import dataclass, field, replace
from typing import Any

from tests.gateways.wecom.fake.errors import Refused
from tests.gateways.wecom.fake.fields import Fields
from tests.gateways.wecom.fake.groups import Groups
from tests.gateways.wecom.fake.office import BY_QR, App, Chat, Office
from tests.gateways.wecom.fake.routes import Answer, Asked, Routes, post

SCAN_STOPS_AT = 200
"""Members, above which a QR code leads to the next group (community figure, no document)."""
MOST_CHATS = 5
LONGEST_REMARK = 30
LONGEST_STATE = 30
LONGEST_ROOM_NAME = 40
MOST_USERS = 100
QUOTA = 500_000
"""Of both kinds together."""

FULL, DISSOLVED = -3009, -3010


class ScanRefused(Exception):
    """What a phone shows instead of a group; `code` is of doc 93884."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class JoinWay:
    config_id: str
    app: App
    scene: int
    remark: str
    auto_create_room: int
    room_base_name: str
    room_base_id: int
    chat_id_list: tuple[str, ...]
    state: str
    mark_source: bool
    rooms_made: int = 0

    def shown(self, qr_code: str) -> Answer:
        return {
            "config_id": self.config_id,
            "scene": self.scene,
            "remark": self.remark,
            "auto_create_room": self.auto_create_room,
            "room_base_name": self.room_base_name,
            "room_base_id": self.room_base_id,
            "chat_id_list": list(self.chat_id_list),
            "qr_code": qr_code,
            "state": self.state,
            "mark_source": self.mark_source,
        }

    @property
    def next_room(self) -> str:
        return f"{self.room_base_name}{self.room_base_id + self.rooms_made}"


@dataclass(slots=True)
class ContactWay:
    config_id: str
    app: App
    created_at: int
    given: dict[str, Any] = field(default_factory=dict)


class Ways:
    def __init__(self, office: Office, groups: Groups) -> None:
        self.quota = QUOTA
        self.site = "https://wework.qpic.cn"
        """Where pictures of QR codes are."""
        self.tells_of_new_rooms = True
        """Whether a group made automatically is told as `create`; the documents don't say."""
        self.join: dict[str, JoinWay] = {}
        self.contact: dict[str, ContactWay] = {}
        chat, contact = "externalcontact/groupchat/", "externalcontact/"
        self.routes: Routes = {
            f"{chat}add_join_way": post(self._add),
            f"{chat}get_join_way": post(self._get),
            f"{chat}update_join_way": post(self._update),
            f"{chat}del_join_way": post(self._delete),
            f"{contact}add_contact_way": post(self._add_contact),
            f"{contact}get_contact_way": post(self._get_contact),
            f"{contact}list_contact_way": post(self._list_contact),
            f"{contact}update_contact_way": post(self._update_contact),
            f"{contact}del_contact_way": post(self._delete_contact),
        }
        self._office = office
        self._groups = groups

    # Into a group

    def _add(self, asked: Asked) -> Answer:
        self._check_quota()
        config_id = self._office.new_id("")
        self.join[config_id] = self._read(asked, config_id)
        return {"config_id": config_id}

    def _get(self, asked: Asked) -> Answer:
        way = self._own(asked)
        return {"join_way": way.shown(self.picture(way.config_id))}

    def _update(self, asked: Asked) -> Answer:
        """The whole of it: what isn't given is as if it had never been."""
        way = self._own(asked)
        self.join[way.config_id] = self._read(asked, way.config_id)
        return {}

    def _delete(self, asked: Asked) -> Answer:
        del self.join[self._own(asked).config_id]
        return {}

    def _read(self, asked: Asked, config_id: str) -> JoinWay:
        fields = asked.fields
        chats = fields.texts("chat_id_list", most=MOST_CHATS, else_code=41091)
        if not chats:
            raise Refused(41091, "chat_id_list is required")
        for chat_id in chats:
            self._office.colleague(asked.app, self._office.chat(chat_id).owner)
        return JoinWay(
            config_id=config_id,
            app=asked.app,
            scene=fields.number("scene", least=1, most=2),
            remark=fields.text("remark", "")[:LONGEST_REMARK],
            auto_create_room=fields.number("auto_create_room", 1, most=1),
            room_base_name=fields.text("room_base_name", "", longest=LONGEST_ROOM_NAME),
            room_base_id=fields.number("room_base_id", 1),
            chat_id_list=tuple(chats),
            state=fields.text("state", "", longest=LONGEST_STATE),
            mark_source=fields.flag("mark_source", True),
        )

    def _own(self, asked: Asked) -> JoinWay:
        way = self.join.get(asked.fields.text("config_id"))
        if way is None or way.app != asked.app:
            raise Refused(40058, "invalid config_id")
        return way

    def picture(self, config_id: str) -> str:
        return f"{self.site}/wwpic/{config_id}/0"

    # Who scans it

    def scan(self, config_id: str, person: str, name: str) -> Chat:
        """Raises ScanRefused where no group takes her in."""
        if config_id not in self.join:
            raise ScanRefused(DISSOLVED)
        way = self.join[config_id]
        chats = [self._office.chats[each] for each in way.chat_id_list]
        open_chats = [each for each in chats if not each.dismissed]
        for chat in open_chats:
            if person in chat.members:
                return chat
        for chat in open_chats:
            if len(chat.members) < SCAN_STOPS_AT:
                return self._let_in(chat, way, person, name)
        if not way.auto_create_room:
            raise ScanRefused(FULL if open_chats else DISSOLVED)
        return self._let_in(self._next_room(way, chats[-1]), way, person, name)

    def _let_in(self, chat: Chat, way: JoinWay, person: str, name: str) -> Chat:
        newcomer = self._groups.newcomer(person, name, BY_QR, state=way.state)
        self._office.add(chat, [newcomer])
        return chat

    def _next_room(self, way: JoinWay, last: Chat) -> Chat:
        """The list stays within 5, so the first gives way; what WeCom does then is not told."""
        chat_id, told = self._office.new_id("wr"), self.tells_of_new_rooms
        chat = self._groups.open(chat_id, way.next_room, last.owner, {}, told=told)
        chats = (*way.chat_id_list, chat.chat_id)[-MOST_CHATS:]
        changed = replace(way, chat_id_list=chats, rooms_made=way.rooms_made + 1)
        self.join[way.config_id] = changed
        return chat

    # To a member of staff

    def _add_contact(self, asked: Asked) -> Answer:
        self._check_quota()
        kind = asked.fields.number("type", least=1, most=2)
        scene = asked.fields.number("scene", least=1, most=2)
        given: dict[str, Any] = {
            "type": kind,
            "scene": scene,
            "style": asked.fields.number("style", 1),
        }
        given |= {"skip_verify": True, "remark": "", "state": "", "party": []}
        given |= self._checked(asked, kind)
        if not given.get("user") and not given.get("party"):
            raise Refused(40058, "user or party is required")
        config_id = self._office.new_id("")
        now = int(self._office.clock().timestamp())
        self.contact[config_id] = ContactWay(config_id, asked.app, now, given)
        picture = {"qr_code": self.picture(config_id)} if scene == 2 else {}
        return {"config_id": config_id, **picture}

    def _get_contact(self, asked: Asked) -> Answer:
        way = self._own_contact(asked)
        picture = {"qr_code": self.picture(way.config_id)} if way.given["scene"] == 2 else {}
        return {"contact_way": {"config_id": way.config_id, **way.given, **picture}}

    def _list_contact(self, asked: Asked) -> Answer:
        size = asked.fields.number("limit", 100, least=1, most=1000)
        rows = [{"config_id": e.config_id} for e in self.contact.values() if e.app == asked.app]
        page, cursor = self._office.page(rows, asked.fields.text("cursor", ""), size)
        return {"contact_way": page, "next_cursor": cursor}

    def _update_contact(self, asked: Asked) -> Answer:
        """What is given takes the place of what was (doc 92228)."""
        way = self._own_contact(asked)
        way.given |= self._checked(asked, way.given["type"])
        return {}

    def _delete_contact(self, asked: Asked) -> Answer:
        del self.contact[self._own_contact(asked).config_id]
        return {}

    def _checked(self, asked: Asked, kind: int) -> dict[str, Any]:
        fields = asked.fields
        read: dict[str, Any] = {}
        if "user" in fields:
            read["user"] = self._users(asked, fields, kind)
        if "remark" in fields:
            read["remark"] = fields.text("remark", "", longest=LONGEST_REMARK)
        if "state" in fields:
            read["state"] = fields.text("state", "", longest=LONGEST_STATE)
        if "skip_verify" in fields:
            read["skip_verify"] = fields.flag("skip_verify", True)
        if "party" in fields:
            read["party"] = fields.given["party"]
        return read

    def _users(self, asked: Asked, fields: Fields, kind: int) -> list[str]:
        users = fields.texts("user", most=MOST_USERS, else_code=41041)
        if kind == 1 and len(users) != 1:
            raise Refused(40058, "type 1 is for exactly one user")
        if not set(users) <= asked.app.visible:
            raise Refused(40031)
        return users

    def _own_contact(self, asked: Asked) -> ContactWay:
        way = self.contact.get(asked.fields.text("config_id"))
        if way is None or way.app != asked.app:
            raise Refused(40058, "invalid config_id")
        return way

    def _check_quota(self) -> None:
        if len(self.join) + len(self.contact) >= self.quota:
            raise Refused(41045)
