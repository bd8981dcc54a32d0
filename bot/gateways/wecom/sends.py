"""Mass sends into customer groups, which their owner confirms in her app (docs 92135, 93338)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.gateways.base import Outcome, Proposed
from bot.gateways.wecom.cards import link_of, must_fit
from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.failures import Failed
from bot.gateways.wecom.people import People
from models.delivery import Refused
from models.ids import GroupId, PersonId
from models.messages import Attachment

LONGEST = 4000
"""Bytes."""
A_PAGE = 500
CONFIRMED = 2
"""The `status` of an owner's task that she has confirmed; of one group, 1 is sent."""
SENT = 1
WHY_NOT = {
    2: "WeCom did not send it: the group is not a customer group of hers any more",
    3: "WeCom did not send it: the group has got its share of mass sends",
}
DISPATCHING = 41063
"""Just after it was made, nothing is told of it yet."""
CLOCKS_DIFFER_BY = timedelta(minutes=1)


class Sends:
    def __init__(self, client: WeComClient, people: People) -> None:
        self._client = client
        self._people = people

    async def propose(
        self, owner: PersonId, groups: Sequence[GroupId], text: str, attachment: Attachment | None
    ) -> Proposed:
        """Raises WeComError, or Refused."""
        userid = self._people.userid(owner)
        if userid is None:
            raise Refused(f"the owner {owner} is none of this company's staff")
        card = link_of(attachment)
        if card is None and attachment is not None and attachment.image:
            text = f"{text}\n{attachment.image}"
        must_fit(text, LONGEST)
        answer = await self._client.call(
            "externalcontact/add_msg_template",
            {
                "chat_type": "group",
                "sender": userid,
                "chat_id_list": list(groups),
                "text": {"content": text},
                **({"attachments": [card]} if card else {}),
            },
        )
        refused = frozenset(GroupId(str(each)) for each in answer.get("fail_list") or ())
        return Proposed(str(answer["msgid"]), refused)

    async def remind(self, msgid: str) -> None:
        await self._client.call("externalcontact/remind_groupmsg_send", {"msgid": msgid})

    async def withdraw(self, msgid: str) -> None:
        await self._client.call("externalcontact/cancel_groupmsg_send", {"msgid": msgid})

    async def find(
        self, text: str, since: datetime, now: datetime, known: Collection[str]
    ) -> str | None:
        """One made since then that says this and is none of those that we know of."""
        asked = {
            "chat_type": "group",
            "start_time": int((since - CLOCKS_DIFFER_BY).timestamp()),
            "end_time": int((now + CLOCKS_DIFFER_BY).timestamp()),
            "limit": 100,
        }
        for each in await self._pages(
            "externalcontact/get_groupmsg_list_v2", asked, "group_msg_list"
        ):
            said = str((each.get("text") or {}).get("content") or "")
            # An image's address stands below the text.
            if said.split("\n")[: text.count("\n") + 1] == text.split("\n"):
                msgid = str(each.get("msgid") or "")
                if msgid and msgid not in known:
                    return msgid
        return None

    async def outcome(self, msgid: str, owner: PersonId) -> Outcome:
        userid = self._people.userid(owner) or ""
        try:
            tasks = await self._pages(
                "externalcontact/get_groupmsg_task", {"msgid": msgid}, "task_list"
            )
            rows = await self._pages(
                "externalcontact/get_groupmsg_send_result",
                {"msgid": msgid, "userid": userid},
                "send_list",
            )
        except Failed as error:
            if error.errcode == DISPATCHING:
                return Outcome(confirmed=False)
            raise
        confirmed = any(
            each.get("userid") == userid and each.get("status") == CONFIRMED for each in tasks
        )
        statuses = {
            GroupId(str(each["chat_id"])): each.get("status")
            for each in rows
            if each.get("chat_id")
        }
        return Outcome(
            confirmed=confirmed,
            sent=frozenset(group for group, status in statuses.items() if status == SENT),
            refused={
                group: WHY_NOT[status] for group, status in statuses.items() if status in WHY_NOT
            },
        )

    async def _pages(
        self, path: str, asked: Mapping[str, Any], of: str
    ) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        cursor = ""
        while True:
            answer = await self._client.call(path, {"limit": A_PAGE, **asked, "cursor": cursor})
            found += answer.get(of) or ()
            cursor = answer.get("next_cursor") or ""
            if not cursor:
                return found
