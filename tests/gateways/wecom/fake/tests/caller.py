"""An app of the corp at work, for the stories in this folder."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bot.clock import ManualClock
from tests.gateways.wecom.fake import App, Corp

EVENING = datetime(2026, 3, 18, 12, tzinfo=UTC)
CORP_ID = "wx5823bf96d3bd56c7"
TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
GROUP = "wrHangzhou01"
NAME = "杭州·2026年3-5月·妇幼·01"
CHAT = "externalcontact/groupchat/"
CONTACT = "externalcontact/"
LIBRARY = "externalcontact/group_welcome_template/"


@dataclass
class Caller:
    """An app at work: it knows its token and nothing else."""

    corp: Corp
    clock: ManualClock
    client: httpx.AsyncClient
    app: App
    token: str = ""

    async def log_in(self, secret: str = "secret", corp_id: str = CORP_ID) -> dict[str, Any]:
        asked = {"corpid": corp_id, "corpsecret": secret}
        answer = (await self.client.get("gettoken", params=asked)).json()
        self.token = answer.get("access_token", self.token)
        return dict(answer)

    async def get(self, path: str, **asked: str) -> dict[str, Any]:
        answer = await self.client.get(path, params={"access_token": self.token, **asked})
        return self._read(answer)

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.client.post(path, params={"access_token": self.token}, json=body)
        return self._read(answer)

    async def code(self, path: str, **body: Any) -> int:
        return int((await self.post(path, **body))["errcode"])

    async def upload(self, content: bytes = b"a picture", kind: str = "image") -> dict[str, Any]:
        answer = await self.client.post(
            "media/upload",
            params={"access_token": self.token, "type": kind},
            files={"media": ("poster.png", content)},
        )
        return self._read(answer)

    # What several stories need

    async def join_way(self, **more: Any) -> str:
        asked = {"scene": 2, "chat_id_list": [GROUP], "state": "fuyou-01", **more}
        answer = await self.post(f"{CHAT}add_join_way", **asked)
        assert answer.keys() == {"errcode", "errmsg", "config_id"}
        return str(answer["config_id"])

    async def propose(self, **more: Any) -> dict[str, Any]:
        asked = {"chat_type": "group", "sender": "linyue", "text": {"content": "今晚八点讲辅食"}}
        return await self.post(f"{CONTACT}add_msg_template", **{**asked, **more})

    async def results(self, msgid: str) -> list[dict[str, Any]]:
        path = f"{CONTACT}get_groupmsg_send_result"
        return list((await self.post(path, msgid=msgid, userid="linyue"))["send_list"])

    def later(self, **by: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**by))

    @staticmethod
    def _read(answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 200
        return dict(answer.json())
