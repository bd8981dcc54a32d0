"""Welcomes: the library for groups (doc 92366), and the one message to a new contact (92137)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.gateways.wecom.fake.attachments import (
    KnownMedia,
    check_attachment,
    read_attachments,
)
from tests.gateways.wecom.fake.errors import Refused
from tests.gateways.wecom.fake.office import App, Chat, Customer, Member, Notice, Office, Said
from tests.gateways.wecom.fake.routes import Answer, Asked, Routes, post

MOST_TEMPLATES = 100
LONGEST_TEXT = 3000
LONGEST_WELCOME = 4000
KINDS = ("image", "link", "miniprogram", "file", "video")
"""In the order in which the first given one counts."""
CODE_LIVES = timedelta(seconds=20)
BY_ITSELF = "入群欢迎语"
"""Who says a group's welcome."""


@dataclass(frozen=True, slots=True)
class Template:
    template_id: str
    app: App
    text: str
    given: dict[str, Any]


@dataclass(slots=True)
class Code:
    customer: Customer
    at: datetime
    used: bool = False


class Welcome:
    def __init__(self, office: Office, known_media: KnownMedia) -> None:
        self.templates: dict[str, Template] = {}
        library = "externalcontact/group_welcome_template"
        self.routes: Routes = {
            f"{library}/add": post(self._add),
            f"{library}/edit": post(self._edit),
            f"{library}/get": post(self._get),
            f"{library}/del": post(self._delete),
            "externalcontact/send_welcome_msg": post(self._send),
        }
        self._codes: dict[str, Code] = {}
        self._office = office
        self._known_media = known_media
        office.on_join.append(self._greet)

    # The library

    def _add(self, asked: Asked) -> Answer:
        if len(self.templates) >= MOST_TEMPLATES:
            raise Refused(41055)
        template_id = self._office.new_id("msg")
        self.templates[template_id] = self._read(asked, template_id)
        if asked.fields.number("notify", 1, most=1):
            for userid in asked.app.visible:
                notice = Notice(self._office.clock(), "有新的入群欢迎语可用", BY_ITSELF)
                self._office.staff[userid].notices.append(notice)
        return {"template_id": template_id}

    def _edit(self, asked: Asked) -> Answer:
        template_id = self._own(asked).template_id
        self.templates[template_id] = self._read(asked, template_id)
        return {}

    def _get(self, asked: Asked) -> Answer:
        return self._found(asked).given

    def _delete(self, asked: Asked) -> Answer:
        del self.templates[self._own(asked).template_id]
        return {}

    def _read(self, asked: Asked, template_id: str) -> Template:
        """Of several kinds beside the text only the first counts."""
        given = asked.fields.part("text")
        text = given.text("content", "", bytes_at_most=LONGEST_TEXT) if given else ""
        kind = next((each for each in KINDS if each in asked.fields), None)
        if kind:
            check_attachment(kind, asked.fields, self._known_media)
        if not text and not kind:
            raise Refused(40058, "text and every other kind are empty")
        shown: dict[str, Any] = {"text": {"content": text}} if text else {}
        if kind:
            shown[kind] = asked.fields.given[kind]
        return Template(template_id, asked.app, text, shown)

    def _found(self, asked: Asked) -> Template:
        found = self.templates.get(asked.fields.text("template_id"))
        if found is None:
            raise Refused(40058, "invalid template_id")
        return found

    def _own(self, asked: Asked) -> Template:
        found = self._found(asked)
        if found.app != asked.app:
            raise Refused(41058)
        return found

    # What comes of it in a group

    def apply(self, chat_id: str, template_id: str) -> None:
        """The owner does so, on her phone; there is no API for it."""
        self._office.chat(chat_id).welcome = self.templates[template_id].template_id

    def _greet(self, chat: Chat, members: Sequence[Member]) -> None:
        template = self.templates.get(chat.welcome or "")
        for member in members if template else ():
            if member.external and template:
                text = template.text.replace("%NICKNAME%", member.name)
                chat.said.append(Said(self._office.clock(), BY_ITSELF, text))

    # To a new contact

    def code_for(self, customer: Customer) -> str:
        code = self._office.new_id("welcome")
        self._codes[code] = Code(customer, self._office.clock())
        return code

    def _send(self, asked: Asked) -> Answer:
        code = self._codes.get(asked.fields.text("welcome_code"))
        if code is None or self._office.clock() >= code.at + CODE_LIVES:
            raise Refused(41050)
        if code.used:
            raise Refused(41051)
        given = asked.fields.part("text")
        text = given.text("content", "", bytes_at_most=LONGEST_WELCOME) if given else ""
        if not read_attachments(asked.fields, self._known_media) and not text:
            raise Refused(40058, "text and attachments are both empty")
        code.used = True
        code.customer.told.append(text)
        return {}
