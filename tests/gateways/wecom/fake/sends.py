"""Sending into groups: proposed by call, done by the owner's tap (docs 92135, 93338, 97610,
97611). What is over a group's quota fails in the call, or at the tap with status 3."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from tests.gateways.wecom.fake.attachments import KnownMedia, read_attachments
from tests.gateways.wecom.fake.errors import Refused
from tests.gateways.wecom.fake.office import App, Chat, Notice, Office, Said, alive
from tests.gateways.wecom.fake.routes import Answer, Asked, Routes, post

CHINA = ZoneInfo("Asia/Shanghai")
DISPATCHED_IN = timedelta(seconds=2)
MOST_CHATS = 2000
MOST_CUSTOMERS = 10_000
LONGEST_TEXT = 4000
MOST_REMINDERS = 3
DAY = timedelta(hours=24)
LONGEST_SPAN = timedelta(days=31)

UNSENT, TAPPED = 0, 2
"""Status of a task."""
SENT, NO_FRIEND, HAD_OTHERS = 1, 2, 3
"""Status of a row: what became of the message in one chat."""

Quota = Literal["month", "week", "day"]
"""As many as the month has days, 7 in a week, 1 in a day: the corp's own choice (doc 92135)."""


@dataclass(slots=True)
class Row:
    target: str
    userid: str
    status: int
    sent_at: datetime | None


@dataclass(slots=True)
class Task:
    userid: str
    targets: tuple[str, ...]
    """Chats or customers; no chats: the owner picks some."""
    tapped_at: datetime | None = None


@dataclass(slots=True)
class GroupSend:
    msgid: str
    app: App
    chat_type: str
    text: str
    attachments: tuple[dict[str, Any], ...]
    created_at: datetime
    tasks: dict[str, Task] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    reminded: list[datetime] = field(default_factory=list)
    cancelled: bool = False
    ordered: dict[str, int] = field(default_factory=dict)
    """Rows that end otherwise: the status by target."""


class Sends:
    def __init__(self, office: Office, known_media: KnownMedia) -> None:
        self.quota: Quota = "month"
        self.sends: dict[str, GroupSend] = {}
        self._got: defaultdict[str, list[datetime]] = defaultdict(list)
        """When each chat or customer got something."""
        self.routes: Routes = {
            "externalcontact/add_msg_template": post(self._add),
            "externalcontact/remind_groupmsg_send": post(self._remind),
            "externalcontact/cancel_groupmsg_send": post(self._cancel),
            "externalcontact/get_groupmsg_list_v2": post(self._list),
            "externalcontact/get_groupmsg_task": post(self._tasks),
            "externalcontact/get_groupmsg_send_result": post(self._results),
        }
        self._office = office
        self._known_media = known_media

    # Proposed

    def _add(self, asked: Asked) -> Answer:
        fields = asked.fields
        kind = fields.text("chat_type", "single")
        if kind not in ("single", "group"):
            raise Refused(40058, "chat_type must be single or group")
        given = fields.part("text")
        text = given.text("content", "", bytes_at_most=LONGEST_TEXT) if given else ""
        attachments = read_attachments(fields, self._known_media)
        if not text and not attachments:
            raise Refused(40058, "text and attachments are both empty")
        tasks, failed = self._for_groups(asked) if kind == "group" else self._for_people(asked)
        if not tasks:
            raise Refused(41048, fail_list=failed)
        msgid, now = self._office.new_id("msg"), self._office.clock()
        send = GroupSend(msgid, asked.app, kind, text, attachments, now)
        send.tasks = {each.userid: each for each in tasks}
        self.sends[msgid] = send
        for task in tasks:
            self._call_to(task)
        return {"fail_list": failed, "msgid": msgid}

    def _for_groups(self, asked: Asked) -> tuple[list[Task], list[str]]:
        sender = asked.fields.text("sender")
        self._office.colleague(asked.app, sender)
        wanted = asked.fields.texts("chat_id_list", most=MOST_CHATS)
        if not wanted:
            return ([Task(sender, ())] if any(self._office.owned_by(sender)) else []), []
        fine = [each for each in dict.fromkeys(wanted) if self._takes(sender, each)]
        failed = [each for each in wanted if each not in fine]
        return ([Task(sender, tuple(fine))] if fine else []), failed

    def _takes(self, sender: str, chat_id: str) -> bool:
        chat = self._office.chats.get(chat_id)
        if chat is None or not alive(chat) or chat.owner != sender:
            return False
        return not self._is_over_quota(chat_id)

    def _for_people(self, asked: Asked) -> tuple[list[Task], list[str]]:
        """Goes to who follows them; of several, to the first."""
        sender = asked.fields.text("sender", "")
        wanted = asked.fields.texts("external_userid", most=MOST_CUSTOMERS)
        if not sender and not wanted:
            raise Refused(40058, "sender and external_userid are both empty")
        if sender:
            self._office.colleague(asked.app, sender)
        if not wanted:
            wanted = [e.external_userid for e in self._office.customers.values() if e.following]
        fine: dict[str, list[str]] = {}
        failed: list[str] = []
        for each in wanted:
            customer = self._office.customers.get(each)
            followers = (
                [e for e in customer.following if e in asked.app.visible] if customer else []
            )
            chosen = [e for e in followers if not sender or e == sender]
            if chosen and not self._is_over_quota(each):
                fine.setdefault(chosen[0], []).append(each)
            else:
                failed.append(each)
        return [Task(userid, tuple(people)) for userid, people in fine.items()], failed

    def _call_to(self, task: Task) -> None:
        notice = Notice(self._office.clock(), "有新的群发任务，请确认发送", "群发助手")
        self._office.staff[task.userid].notices.append(notice)

    # Asked about

    def _remind(self, asked: Asked) -> Answer:
        send = self._own(asked)
        if send.cancelled:
            raise Refused(41093)
        now = self._office.clock()
        send.reminded = [each for each in send.reminded if now < each + DAY]
        if len(send.reminded) >= MOST_REMINDERS:
            raise Refused(41094)
        send.reminded.append(now)
        for task in send.tasks.values():
            if task.tapped_at is None:
                self._call_to(task)
        return {}

    def _cancel(self, asked: Asked) -> Answer:
        """What was sent stays sent (doc 97611)."""
        send = self._own(asked)
        if send.cancelled:
            raise Refused(41093)
        send.cancelled = True
        return {}

    def _list(self, asked: Asked) -> Answer:
        fields = asked.fields
        kind = fields.text("chat_type", "single")
        first, last = fields.number("start_time"), fields.number("end_time")
        if not 0 <= last - first <= LONGEST_SPAN.total_seconds():
            raise Refused(40058, "start_time and end_time must be within one month")
        own = fields.number("filter_type", 2, most=2) == 1 or fields.text("creator", "")
        rows = [
            {
                "msgid": each.msgid,
                "create_time": str(int(each.created_at.timestamp())),
                "create_type": 0,
                "text": {"content": each.text},
                "attachments": list(each.attachments),
            }
            for each in self.sends.values()
            if not own  # all of these were made by call, by nobody in person
            and each.chat_type == kind
            and first <= each.created_at.timestamp() <= last
            and self._is_dispatched(each)
        ]
        page, cursor = self._office.page(
            rows, fields.text("cursor", ""), fields.size("limit", 50, 100)
        )
        return {"next_cursor": cursor, "group_msg_list": page}

    def _tasks(self, asked: Asked) -> Answer:
        send = self._dispatched(asked)
        rows = [
            {"userid": each.userid, "status": UNSENT}
            if each.tapped_at is None
            else {
                "userid": each.userid,
                "status": TAPPED,
                "send_time": int(each.tapped_at.timestamp()),
            }
            for each in send.tasks.values()
            if each.userid in asked.app.visible
        ]
        page, cursor = self._page(asked, rows)
        return {"next_cursor": cursor, "task_list": page}

    def _results(self, asked: Asked) -> Answer:
        """Of groups nothing is told before the tap (doc 93338)."""
        send = self._dispatched(asked)
        userid = asked.fields.text("userid")
        of = "chat_id" if send.chat_type == "group" else "external_userid"
        found = [each for each in send.rows if each.userid == userid]
        task = send.tasks.get(userid)
        if task and task.tapped_at is None and send.chat_type == "single":
            found = [Row(each, userid, UNSENT, None) for each in task.targets]
        rows = []
        for each in found:
            row: Answer = {of: each.target, "userid": userid, "status": each.status}
            if each.sent_at:
                row["send_time"] = int(each.sent_at.timestamp())
            rows.append(row)
        page, cursor = self._page(asked, rows)
        return {"next_cursor": cursor, "send_list": page}

    def _page(self, asked: Asked, rows: list[Answer]) -> tuple[list[Answer], str]:
        fields = asked.fields
        size = fields.size("limit", 500, 1000)
        return self._office.page(rows, fields.text("cursor", ""), size)

    def _own(self, asked: Asked) -> GroupSend:
        send = self.sends.get(asked.fields.text("msgid"))
        if send is None or send.app != asked.app:
            raise Refused(40058, "invalid msgid")
        return send

    def _dispatched(self, asked: Asked) -> GroupSend:
        send = self._own(asked)
        if not self._is_dispatched(send):
            raise Refused(41063)
        return send

    def _is_dispatched(self, send: GroupSend) -> bool:
        return self._office.clock() >= send.created_at + DISPATCHED_IN

    # Tapped

    def pending(self, userid: str) -> list[GroupSend]:
        return [
            each
            for each in self.sends.values()
            if not each.cancelled and userid in each.tasks and each.tasks[userid].tapped_at is None
        ]

    def tap(self, userid: str, msgid: str, chats: Sequence[str] = ()) -> None:
        """`chats` are those the owner picks where the call named none; all of hers if empty.
        Raises KeyError or ValueError where there is nothing to tap."""
        send = self.sends[msgid]
        task = send.tasks[userid]
        if send.cancelled or task.tapped_at is not None:
            raise ValueError(f"{msgid} waits for nobody's tap any more")
        task.tapped_at = self._office.clock()
        targets = task.targets or chats or [e.chat_id for e in self._office.owned_by(userid)]
        for target in targets:
            self._send(send, userid, target)

    def _send(self, send: GroupSend, userid: str, target: str) -> None:
        """A group that is gone, or has another owner by now, gets nothing and no row."""
        now = self._office.clock()
        chat = self._office.chats.get(target)
        if chat is not None and (chat.dismissed or chat.owner != userid):
            return
        status = send.ordered.get(target, HAD_OTHERS if self._is_over_quota(target) else SENT)
        send.rows.append(Row(target, userid, status, now if status == SENT else None))
        if status == SENT:
            self._got[target].append(now)
            self._say(send, userid, target, chat)

    def _say(self, send: GroupSend, userid: str, target: str, chat: Chat | None) -> None:
        if chat is not None:
            said = Said(self._office.clock(), userid, send.text, send.attachments)
            chat.said.append(said)
        else:
            self._office.customers[target].told.append(send.text)

    # How much a group or a customer may get

    def _is_over_quota(self, target: str) -> bool:
        now = self._office.clock().astimezone(CHINA)
        periods = [self._period(each.astimezone(CHINA)) for each in self._got[target]]
        return periods.count(self._period(now)) >= self._allowed(now)

    def _period(self, at: datetime) -> tuple[int, ...]:
        if self.quota == "month":
            return (at.year, at.month)
        if self.quota == "week":
            return at.isocalendar()[:2]
        return (at.year, at.month, at.day)

    def _allowed(self, now: datetime) -> int:
        if self.quota == "month":
            following = (now.replace(day=28) + timedelta(days=4)).replace(day=1)
            return (following - timedelta(days=1)).day
        return 7 if self.quota == "week" else 1
