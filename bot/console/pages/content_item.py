"""One item of the library: written beside how it will look in a group."""

from typing import Any
from uuid import uuid4

from nicegui import ui

from bot.console import library, wording
from bot.console.bubble import bubble
from bot.console.client import Refused, at
from bot.console.forms import Field, Form, Misfilled, Values
from bot.console.frame import Console, Visit, button, card, sure, trouble
from bot.console.pages.content import item_page
from bot.console.picking import groups, picker

LIST = "/console/content"
ONLY_ADMINS = "只有管理员能改内容库。"
SAYS = "可以写 " + "、".join(f"{{{{ {name} }}}}" for name in library.PLACES)
MEANS = "，分别是" + "、".join(library.PLACES.values())
WEEKS = "孕28周写 -12，刚出生写 0，宝宝4周写 4"
NOT_SAID = "这个群里说不出来：正文要提的，这个群没有（比如没有班长、没有城市）"
REST = 0.4
"""Seconds between two looks at what is typed."""


def content_item_pages(console: Console) -> None:
    @console.page("/content/new")
    async def new(visit: Visit) -> None:
        if visit.may("admin"):
            await Writing(visit, {}).show()
        else:
            trouble(ONLY_ADMINS)

    @console.page("/content/items/{item:path}")
    async def one(visit: Visit, item: str) -> None:
        known, tag = await visit.api.tagged(at("content", item))
        await Writing(visit, known, tag).show()


class Writing:
    """`known` is the item as it was read, nothing where it is new."""

    def __init__(self, visit: Visit, known: dict[str, Any], tag: str = "") -> None:
        self._visit, self._known, self._tag = visit, known, tag
        self._may = visit.may("admin")
        self._group: str | None = None
        self._asked = 0

    async def show(self) -> None:
        ui.link("← 内容库", LIST).classes("faint")
        with ui.element("div").classes("two"):
            if self._may:
                self._write()
            with card("群里看到的", name="preview"):
                self._choose_group()
                self._place = ui.element("div").classes("preview")
                if not self._may:
                    told = f"{library.called(self._known)}：发给 {library.for_whom(self._known)}"
                    ui.label(told).classes("faint")
        await self._look()

    # What is written

    def _write(self) -> None:
        known = self._known
        with card(library.called(known) if known else "新内容", name="item"):
            if known:
                with ui.element("div").classes("tags"):
                    self._tag_of(wording.KINDS[known["kind"]], "")
                    self._tag_of(library.approval(known), library.tone(known))
            with ui.element("div").classes("form"):
                self._form = Form(fields(known))
            self._form.on_change(self._typed)
            self._trouble = ui.label().classes("after-trouble").props("role=alert")
            with ui.row().classes("answers"):
                self._buttons()

    def _tag_of(self, text: str, tone: str) -> None:
        ui.label(text).classes(f"tag {tone}")

    def _buttons(self) -> None:
        known = self._known
        if known and not known["withdrawn_at"]:
            button("撤下", self._withdraw, "withdraw")
            if not known["approved_by"]:
                button("审核通过", self._approve, "approve")
        button(
            "放回内容库" if known.get("withdrawn_at") else "保存", self._save, "save", main=True
        )

    async def _save(self) -> None:
        self._form.clear()
        self._trouble.set_text("")
        try:
            draft = self._form.values()
            item = self._known.get("id") or draft.pop("id", None) or uuid4().hex[:12]
            path = at("content", item)
            await self._visit.api.change("PUT", path, draft, tag=self._tag)
        except Misfilled as fault:
            self._form.tell(fault)
        except Refused as why:
            self._trouble.set_text(self._form.tell_refused(why))
        else:
            ui.notify("存好了", type="positive", position="top")
            ui.navigate.to(item_page(item))

    async def _approve(self) -> None:
        path = f"{at('content', self._known['id'])}/approve"
        if await self._visit.attempt(lambda: self._visit.api.post(path), "审过了"):
            ui.navigate.reload()

    async def _withdraw(self) -> None:
        question = "撤下以后不再发了，已经排好的日历会换成别的。以后还可以放回来。"
        path = at("content", self._known["id"])
        if await sure(question, "撤下") and await self._visit.attempt(
            lambda: self._visit.api.change("DELETE", path, tag=self._tag), "撤下了"
        ):
            ui.navigate.to(LIST)

    # How it looks

    def _choose_group(self) -> None:
        async def chosen(event: Any) -> None:
            self._group = event.value
            await self._look()

        picker("放到哪个群里看", groups(self._visit.api), changed=chosen).props(
            "dense outlined data-testid=preview-group"
        )

    async def _typed(self) -> None:
        """Looked at once she rests."""
        self._asked += 1
        asked = self._asked
        with self._place:
            ui.timer(REST, lambda: self._look_after(asked), once=True)

    async def _look_after(self, asked: int) -> None:
        if asked == self._asked:
            await self._look()

    async def _look(self) -> None:
        draft = self._draft()
        told: dict[str, Any] | Refused | None = None
        if draft is not None:
            body = {"item": draft, "group": self._group}
            try:
                told = await self._visit.api.post("/content-preview", body)
            except Refused as why:
                told = why
        self._place.clear()
        with self._place:
            self._show(told, draft)

    def _show(self, told: dict[str, Any] | Refused | None, draft: Values | None) -> None:
        if isinstance(told, Refused):
            trouble(self._form.tell_refused(told) if self._may else wording.refused(told))
        elif told is None or draft is None:
            ui.label("写上正文，这里就有了").classes("empty")
        elif told["text"] is None:
            ui.label(NOT_SAID).classes("empty")
        else:
            ui.label(_where(told)).classes("faint")
            bubble(told["text"], title=told["title"], image=draft["image"], link=draft["link"])
        if draft is not None and self._may:
            ui.label(f"发给：{library.for_whom(draft)}").classes("faint")

    def _draft(self) -> Values | None:
        """What would be put, None before there is a text."""
        if not self._may:
            return {name: self._known[name] for name in SAID}
        self._form.clear()
        try:
            draft = self._form.values()
        except Misfilled:
            return None
        draft.pop("id", None)
        return draft


def _where(told: dict[str, Any]) -> str:
    who = "班长" if told["voice"] == "monitor" else "小助手"
    where = f"在「{told['group_name']}」" if told["group_name"] else "在适合的群里"
    return f"{where}，今天{who}会这样说"


SAID = (
    *("kind", "voice", "text", "image", "link", "title", "stages", "phases", "from_week"),
    *("to_week", "cities", "channels", "valid_from", "valid_to", "weight", "source"),
)


def fields(known: dict[str, Any]) -> list[Field]:
    """Of an item, as it is known; of a new one its id, too."""
    columns, known = library.COLUMNS, {"kind": "dry", "weight": 1, **known}
    is_new = "id" not in known

    def field(name: str, kind: str = "text", **more: Any) -> Field:
        title = more.pop("title", columns[name])
        return Field(name, title, kind, value=known.get(name), **more)

    given = [
        field("kind", options=wording.KINDS, is_needed=True),
        field("voice", options=wording.VOICES, hint="不选：湿货归班长，其余归小助手"),
        field("text", "lines", hint=SAYS + MEANS, is_needed=True),
        field("title", hint="有链接时是卡片的标题", is_left_out=True),
        field("link"),
        field("image", title="图片网址"),
        field("source", hint="依据的指南或机构", is_left_out=True),
        field("stages", "several", options=wording.STAGES, hint="不选就是都发"),
        field("phases", "several", options=wording.PHASES, hint="不选就是都发"),
        field("from_week", "number", hint=WEEKS),
        field("to_week", "number", hint="这一周也算"),
        field("cities", "names", hint="几个用、隔开；不填就是都发"),
        field("channels", "names", hint="几个用、隔开；不填就是都发"),
        field("valid_from", "date"),
        field("valid_to", "date", hint="这一天也算"),
        field("weight", "number", hint="1到100，大的先发", is_left_out=True),
    ]
    fresh = [field("id", hint="可以不填；导入表格时认它是哪一条", is_left_out=True)]
    return [*given, *fresh] if is_new else given
