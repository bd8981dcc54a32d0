"""A page in place of the phones of everybody: what waits for whose tap, and who comes and goes."""

import random
import re
from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from tests.gateways.wecom.fake.corp import Corp
from tests.gateways.wecom.fake.office import Chat, Notice, Said, Staff
from tests.gateways.wecom.fake.pusher import Pusher
from tests.gateways.wecom.fake.sample import strangers
from tests.gateways.wecom.fake.sends import CHINA, GroupSend
from tests.gateways.wecom.fake.ways import ScanRefused

WAVE = 12
SHOWN = 20
LINK = re.compile(r"https?://[^\s<>\"']+")
AGAIN = """
setInterval(() => {
  const writes = document.activeElement.matches("textarea, button");
  const reads = document.querySelector("details[open]");
  const wrote = [...document.querySelectorAll("textarea")].some((each) => each.value);
  if (!writes && !reads && !wrote) location.reload();
}, 3000);
"""
"""What comes in is seen without asking, unless somebody is just at it."""

STYLE = """
body { font: 16px/1.6 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
section { border: 1px solid #ccc; border-radius: 8px; padding: 0 1rem 1rem; margin: 1rem 0; }
form { display: inline; } button { font: inherit; padding: .3rem .8rem; }
pre { font: inherit; white-space: pre-wrap; background: #f5f5f5; padding: .5rem; }
li, pre { overflow-wrap: anywhere; }
textarea { font: inherit; width: 100%; box-sizing: border-box; }
.bad { color: #b00020; } .fine { color: #00692b; }
"""

Value = Annotated[str, Form()]


class Phone:
    def __init__(self, corp: Corp, pusher: Pusher | None, rng: random.Random) -> None:
        self.router = APIRouter()
        self._corp = corp
        self._pusher = pusher
        self._strangers = strangers(rng)
        self.router.get("/", response_class=HTMLResponse)(self.page)
        self.router.get("/scan/{config_id}", name="scan", response_class=HTMLResponse)(self.scan)
        self.router.post("/scan/{config_id}", response_class=HTMLResponse)(self.scanned)
        self.router.post("/tap")(self.tap)
        self.router.post("/apply")(self.apply)
        self.router.post("/join")(self.join)
        self.router.post("/leave")(self.leave)
        self.router.post("/say")(self.say)

    async def page(self) -> str:
        staff = "".join(self._staff(each) for each in self._corp.office.staff.values())
        chats = "".join(self._chat(each) for each in self._corp.chats.values())
        body = f"{self._callback()}<h2>员工的手机</h2>{staff}<h2>客户群</h2>{chats}"
        return _page(f"{body}<script>{AGAIN}</script>")

    # Buttons

    async def tap(self, userid: Value, msgid: Value) -> RedirectResponse:
        if any(each.msgid == msgid for each in self._corp.sends.pending(userid)):
            self._corp.owner_taps(userid, msgid)
        return _back()

    async def apply(self, chat_id: Value, template_id: Value) -> RedirectResponse:
        if template_id in self._corp.welcome.templates:
            self._corp.owner_applies(chat_id, template_id)
        return _back()

    async def join(self, chat_id: Value, how_many: Annotated[int, Form()]) -> RedirectResponse:
        for _ in range(how_many):
            self._corp.joins(chat_id, *next(self._strangers))
        return _back()

    async def leave(self, chat_id: Value) -> RedirectResponse:
        """The one who came last."""
        members = self._corp.chats[chat_id].members.values()
        mothers = [each.userid for each in members if each.external]
        if mothers:
            self._corp.leaves(chat_id, mothers[-1])
        return _back()

    async def say(self, chat_id: Value, text: Value) -> RedirectResponse:
        """Its owner, by hand, as what she was asked to paste."""
        self._corp.says(chat_id, self._corp.chats[chat_id].owner, text)
        return _back()

    async def scan(self, config_id: str) -> str:
        button = _button(f"/scan/{escape(config_id)}", "一位妈妈扫码进群")
        return _page(f"<h2>入群二维码</h2><p>{button}</p>")

    async def scanned(self, config_id: str) -> str:
        try:
            chat = self._corp.scan(config_id, *next(self._strangers))
        except ScanRefused as refused:
            return _page(f'<p class="bad">进不去：{refused.code}</p>')
        return _page(f"<p>进了「{escape(chat.name)}」</p><p><a href='/'>回首页</a></p>")

    # What is shown

    def _callback(self) -> str:
        verified = self._pusher.verification if self._pusher else None
        if verified is None:
            return "<p>还没有验证回调地址。</p>"
        if not verified.fine:
            what_to_do = "请确认服务已启动，地址、Token 和 EncodingAESKey 都一致；会不断重试。"
            return f'<p class="bad">回调地址验证失败（{escape(verified.why)}）。{what_to_do}</p>'
        arrived = sum(each.arrived for each in self._pusher.deliveries) if self._pusher else 0
        return f'<p class="fine">回调地址验证成功。已送达 {arrived} 条事件。</p>'

    def _staff(self, staff: Staff) -> str:
        sends = self._corp.sends.pending(staff.userid)
        tasks = "".join(self._task(staff, each) for each in sends)
        notices = "".join(_notice(each) for each in reversed(staff.notices[-SHOWN:]))
        return (
            f"<section><h3>{escape(staff.name)}</h3>"
            f"<h4>待发送的群发（{len(sends)}）</h4>{tasks or '<p>没有</p>'}"
            f"<h4>收到的消息</h4><ul>{notices}</ul></section>"
        )

    def _task(self, staff: Staff, send: GroupSend) -> str:
        targets = send.tasks[staff.userid].targets
        names = [self._corp.chats[e].name if e in self._corp.chats else e for e in targets]
        button = _button("/tap", "发送", userid=staff.userid, msgid=send.msgid)
        files = f"（附件 {len(send.attachments)} 个）" if send.attachments else ""
        where = "、".join(names) or "自己的全部客户群"
        return f"<pre>{escape(send.text)}{files}</pre><p>发到：{escape(where)} {button}</p>"

    def _chat(self, chat: Chat) -> str:
        if chat.dismissed:
            return f"<section><h3>{escape(chat.name)}（已解散）</h3></section>"
        who = "、".join(escape(e.nickname or e.name) for e in chat.members.values())
        said = "".join(self._line(each) for each in chat.said[-SHOWN:])
        buttons = (
            _button("/join", "扫码进来一位妈妈", chat_id=chat.chat_id, how_many=1),
            _button("/leave", "一位妈妈退群", chat_id=chat.chat_id),
            _button("/join", f"来一波（{WAVE}位）", chat_id=chat.chat_id, how_many=WAVE),
            *self._welcomes(chat),
        )
        return (
            f"<section><h3>{escape(chat.name)}（{len(chat.members)} 人）</h3>"
            f"<p>{' '.join(buttons)}</p><details><summary>群成员</summary>{who}</details>"
            f"<h4>群消息</h4>{said or '<p>还没有人说话</p>'}{self._pasting(chat)}</section>"
        )

    def _pasting(self, chat: Chat) -> str:
        deed = f"{escape(self._corp.office.staff[chat.owner].name)}发到群里"
        return (
            '<form method="post" action="/say">'
            f'<input type="hidden" name="chat_id" value="{escape(chat.chat_id)}">'
            f'<textarea name="text" rows="2" required aria-label="{deed}"></textarea>'
            f"<button>{deed}</button></form>"
        )

    def _welcomes(self, chat: Chat) -> Iterable[str]:
        for each in self._corp.welcome.templates.values():
            if each.template_id != chat.welcome:
                label = f"用欢迎语「{each.text[:12]}」"
                fields = {"chat_id": chat.chat_id, "template_id": each.template_id}
                yield _button("/apply", label, **fields)

    def _line(self, said: Said) -> str:
        staff = self._corp.office.staff.get(said.by)
        by = staff.name if staff else said.by
        return f"<p>{_time(said.at)} {escape(by)}</p><pre>{escape(said.text)}</pre>"


def _notice(notice: Notice) -> str:
    title = f"<b>{escape(notice.title)}</b> " if notice.title else ""
    link = f' <a href="{escape(notice.url)}">打开</a>' if notice.url else ""
    return f"<li>{_time(notice.at)} {title}{_linked(notice.text)}{link}</li>"


def _linked(text: str) -> str:
    """Where it names an address, that can be opened, as in the app."""
    parts, at = [], 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        parts += [escape(text[at : found.start()]), f'<a href="{address}">{address}</a>']
        at = found.end()
    return "".join([*parts, escape(text[at:])])


def _time(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%m-%d %H:%M}"


def _button(action: str, label: str, **fields: object) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value))}">'
        for name, value in fields.items()
    )
    return f'<form method="post" action="{action}">{hidden}<button>{escape(label)}</button></form>'


def _page(body: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>本地企业微信</title><style>{STYLE}</style></head>"
        f"<body><h1>本地企业微信</h1>{body}</body></html>"
    )


def _back() -> RedirectResponse:
    return RedirectResponse("/", status_code=303)
