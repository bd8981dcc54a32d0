"""What WeCom answers when it refuses a call (doc 90313)."""

from collections.abc import Mapping
from typing import Any

MEANINGS: Mapping[int, str] = {
    -1: "system busy",
    40001: "invalid credential",
    40004: "invalid media type",
    40005: "invalid type",
    40006: "invalid file size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40031: "invalid userid list",
    40050: "chatid not exist",
    40058: "invalid Request Parameter",
    40096: "invalid external userid",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41005: "media data missing",
    41041: "contact way user exceed limit",
    41045: "contact way exceed limit",
    41048: "no customer to send",
    41050: "invalid welcome code",
    41051: "welcome message is sent or chat has started",
    41053: "customer has not agreed to the archive",
    41055: "group welcome template exceed limit",
    41058: "no permission for this group welcome template",
    41063: "group message is dispatching, try later",
    41064: "attachments exceed limit",
    41065: "invalid attachment",
    41091: "invalid chat_id_list",
    41093: "group message is cancelled",
    41094: "remind too often",
    41096: "another app is sending the welcome message",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    48002: "api forbidden",
    49008: "group chat is dissolved",
    50100: "invalid cursor",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60111: "userid not found",
    81013: "user & party & tag all invalid",
    81017: "too many members in range, owner_filter is required",
    84061: "not external contact",
    86214: "invalid attachment msgtype",
    90501: "chat is not external group chat",
    301002: "not allow operate another agent with this accesstoken",
    301053: "message archive is not enabled",
}


class Refused(Exception):
    """`extra` is what the answer carries beside the code, such as `fail_list`."""

    def __init__(self, errcode: int, why: str = "", **extra: Any) -> None:
        super().__init__(errcode, why)
        self.errcode = errcode
        self.why = why
        self.extra = extra

    def answer(self, ip: str) -> dict[str, Any]:
        meaning = MEANINGS.get(self.errcode, "error")
        said = f"{meaning}: {self.why}" if self.why else meaning
        help_at = f"https://open.work.weixin.qq.com/devtool/query?e={self.errcode}"
        errmsg = f"{said}, from ip: {ip}, more info at {help_at}"
        return {"errcode": self.errcode, "errmsg": errmsg, **self.extra}
