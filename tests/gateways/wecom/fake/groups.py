"""Customer groups: how they are read (docs 92120, 92122), and what happens in them."""

from collections.abc import Mapping

from tests.gateways.wecom.fake.errors import Refused
from tests.gateways.wecom.fake.office import (
    BY_LINK,
    BY_QR,
    DIRECT,
    Chat,
    Member,
    Office,
    Said,
)
from tests.gateways.wecom.fake.routes import Answer, Asked, Routes, post

MOST_OWNERS = 100
MOST_CHATS = 1000
OWNER_LEFT = 1


class Groups:
    def __init__(self, office: Office) -> None:
        self.too_many_members = False
        """As with more than 1,000 members in range: a list without owner_filter gets 81017."""
        self.routes: Routes = {
            "externalcontact/groupchat/list": post(self._list),
            "externalcontact/groupchat/get": post(self._get),
            "msgaudit/check_room_agree": post(self._agreed),
        }
        self._office = office

    # What can be asked

    def _list(self, asked: Asked) -> Answer:
        size = asked.fields.number("limit", least=1, most=MOST_CHATS)
        status = asked.fields.number("status_filter", 0, most=3)
        owners = self._owners(asked)
        rows = [
            {"chat_id": each.chat_id, "status": OWNER_LEFT if each.owner_left else 0}
            for each in self._office.chats.values()
            if not each.dismissed and each.owner in owners
        ]
        wanted = [row for row in rows if not status or row["status"] == status]
        page, cursor = self._office.page(wanted, asked.fields.text("cursor", ""), size)
        return {"group_chat_list": page, "next_cursor": cursor}

    def _owners(self, asked: Asked) -> frozenset[str]:
        given = asked.fields.part("owner_filter")
        named = given.texts("userid_list", most=MOST_OWNERS) if given else []
        if not named and self.too_many_members:
            raise Refused(81017)
        for userid in named:
            self._office.colleague(asked.app, userid)
        return frozenset(named) or asked.app.visible

    def _get(self, asked: Asked) -> Answer:
        chat = self._office.chat(asked.fields.text("chat_id"))
        named = asked.fields.number("need_name", 0, most=1)
        self._office.colleague(asked.app, chat.owner)
        shown = dict(self._office.seen(chat))
        if not named:
            shown["member_list"] = [
                {name: value for name, value in each.items() if name != "name"}
                for each in shown["member_list"]
            ]
        return {"group_chat": shown}

    def _agreed(self, asked: Asked) -> Answer:
        """Of the archive (doc 91782): who in a group lets her messages be kept. The misspelt
        `exteranalopenid` is theirs."""
        if not asked.app.archive:
            raise Refused(301053)
        chat = self._office.chat(asked.fields.text("roomid"))
        return {
            "agreeinfo": [
                {
                    "status_change_time": int(
                        chat.agreed.get(each.userid, each.joined_at).timestamp()
                    ),
                    "exteranalopenid": each.userid,
                    "agree_status": "Agree" if each.userid in chat.agreed else "Disagree",
                }
                for each in chat.members.values()
                if each.external
            ]
        }

    # What happens

    def open(
        self, chat_id: str, name: str, owner: str, people: Mapping[str, str], *, told: bool = True
    ) -> Chat:
        now = self._office.clock()
        chat = Chat(chat_id, name, owner, now)
        boss = Member(owner, self._office.staff[owner].name, external=False, joined_at=now)
        chat.members[owner] = boss
        for person, called in people.items():
            chat.members[person] = self.newcomer(person, called)
        self._office.chats[chat_id] = chat
        if told:
            self._office.tell_chat(chat, "create")
        return chat

    def newcomer(
        self, person: str, name: str, scene: int = DIRECT, inviter: str = "", state: str = ""
    ) -> Member:
        """`inviter` is told only of a member of the staff (doc 92122)."""
        by_staff = inviter if inviter in self._office.staff else None
        colleague = self._office.staff.get(person)
        called = colleague.name if colleague else self._office.customer(person, name).name
        external = colleague is None
        now = self._office.clock()
        return Member(person, called, external, now, scene, by_staff, state=state)

    def joins(self, chat_id: str, people: Mapping[str, str]) -> None:
        chat = self._office.chat(chat_id)
        self._office.add(chat, [self.newcomer(*each, BY_QR) for each in people.items()])

    def invited_by(
        self, chat_id: str, inviter: str, people: Mapping[str, str], *, by_link: bool
    ) -> None:
        chat = self._office.chat(chat_id)
        scene = BY_LINK if by_link else DIRECT
        self._office.add(chat, [self.newcomer(*each, scene, inviter) for each in people.items()])

    def leaves(self, chat_id: str, person: str, *, removed: bool) -> None:
        self._office.drop(self._office.chat(chat_id), person, removed=removed)

    def renamed(self, chat_id: str, name: str) -> None:
        chat = self._office.chat(chat_id)
        self._office.remember(chat)
        chat.name = name
        self._office.tell_chat(chat, "update", ("UpdateDetail", "change_name"))

    def noticed(self, chat_id: str, notice: str) -> None:
        chat = self._office.chat(chat_id)
        self._office.remember(chat)
        chat.notice = notice
        self._office.tell_chat(chat, "update", ("UpdateDetail", "change_notice"))

    def owner_changes(self, chat_id: str, owner: str) -> None:
        chat = self._office.chat(chat_id)
        self._office.remember(chat)
        chat.owner = owner
        self._office.tell_chat(chat, "update", ("UpdateDetail", "change_owner"))

    def calls_herself(self, chat_id: str, person: str, nickname: str) -> None:
        """A nickname in the group is told by no callback (doc 92130 has none for it)."""
        chat = self._office.chat(chat_id)
        self._office.remember(chat)
        chat.members[person].nickname = nickname

    def dismissed(self, chat_id: str) -> None:
        chat = self._office.chat(chat_id)
        chat.dismissed = True
        self._office.tell_chat(chat, "dismiss")

    def says(self, chat_id: str, person: str, text: str) -> None:
        """No API hears it without the archive."""
        self._office.chat(chat_id).said.append(Said(self._office.clock(), person, text))
