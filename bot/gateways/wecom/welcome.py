"""Welcomes: the library that WeCom greets from in groups (入群欢迎语素材, doc 92366), and the one
message to a new contact (doc 92137)."""

from collections.abc import Mapping
from typing import Any

from bot.gateways.wecom.cards import link_of, must_fit
from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.failures import Failed
from models.delivery import Refused
from models.messages import Outgoing
from models.platform_ways import WantedWelcome

LONGEST = 3000
LONGEST_GREETING = 4000
LONGEST_TITLE = 128
"""Bytes."""
NO_SUCH = 40058
NOT_OURS = 41058
IS_TALKING = 41051
"""She was welcomed already, or they are talking: nothing is to be done."""
KINDS = ("image", "link", "miniprogram", "file", "video")
LIBRARY = "externalcontact/group_welcome_template"


class Welcomes:
    def __init__(self, client: WeComClient) -> None:
        self._client = client

    async def keep(self, wanted: WantedWelcome) -> str:
        """The id of the template that has this text: the same one where it is still there and may
        be changed. Raises WeComError, and Refused for a text that is too long."""
        size = len(wanted.text.encode())
        if size > LONGEST:
            raise Refused(f"the welcome has {size} bytes; WeCom takes {LONGEST}: shorten its text")
        found = await self._found(wanted.config)
        if found is None:
            return await self._added(wanted)
        if found.get("text", {}).get("content") == wanted.text:
            return wanted.config
        body = {
            "template_id": wanted.config,
            "text": {"content": wanted.text},
            **{kind: found[kind] for kind in KINDS if kind in found},
        }
        try:
            await self._client.call(f"{LIBRARY}/edit", body)
        except Failed as failure:
            if failure.errcode != NOT_OURS:
                raise
            return await self._added(wanted)
        return wanted.config

    async def _added(self, wanted: WantedWelcome) -> str:
        """Without a notice to everybody in the company: we ask those who own groups."""
        body = {"text": {"content": wanted.text}, "notify": 0}
        return str((await self._client.call(f"{LIBRARY}/add", body))["template_id"])

    async def _found(self, template: str) -> Mapping[str, Any] | None:
        """None where it is gone."""
        if not template:
            return None
        try:
            return await self._client.call(f"{LIBRARY}/get", {"template_id": template})
        except Failed as failure:
            if failure.errcode != NO_SUCH:
                raise
            return None


async def greet(client: WeComClient, welcome_code: str, message: Outgoing) -> None:
    """Say it to a new contact, by the code that came with her: once, and within 20 seconds. Whom
    somebody talks to already is left to them. Raises WeComError, or Refused."""
    card = link_of(message.attachment)
    text = message.text if card else message.plain
    must_fit(text, LONGEST_GREETING)
    body: dict[str, Any] = {"welcome_code": welcome_code, "text": {"content": text}}
    if card:
        body["attachments"] = [card]
    try:
        await client.call("externalcontact/send_welcome_msg", body)
    except Failed as failure:
        if failure.errcode != IS_TALKING:
            raise
