"""What is said to one person: staff by app message at once, a new customer in her welcome."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.failures import WeComError
from bot.gateways.wecom.people import People
from bot.gateways.wecom.welcomes import Welcomes
from models.delivery import MaybeSent, Refused
from models.ids import PersonId
from models.messages import Attachment, Outgoing

LONGEST_NOTICE = 2048
"""Bytes of an app message; WeCom cuts off what is longer."""
LONGEST_WELCOME = 4000
"""Bytes (doc 92137)."""
NO_STRANGERS = (
    "WeCom's API lets nobody write to a customer, except once, within 20 seconds of her adding a "
    "colleague"
)


class Notices:
    def __init__(
        self,
        client: WeComClient,
        people: People,
        agent_id: int,
        welcomes: Welcomes,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._people = people
        self._agent_id = agent_id
        self._welcomes = welcomes
        self._clock = clock

    async def send(self, message: Outgoing, to: PersonId) -> None:
        """Raises as a gateway's `send`, or WeComError where nothing was said yet."""
        userid = self._people.userid(to)
        if userid is not None:
            await self._notify(userid, message.plain)
        elif (code := self._welcomes.take(to, self._clock())) is not None:
            await self._welcome(code, message)
        else:
            raise Refused(NO_STRANGERS)

    async def _notify(self, userid: str, text: str) -> None:
        """A long one in several; what of it has been said is not said again."""
        for number, part in enumerate(parts(text, LONGEST_NOTICE)):
            try:
                await self._say(userid, part)
            except WeComError as error:
                if number:
                    raise MaybeSent(f"only its beginning was said: {error}") from error
                raise

    async def _say(self, userid: str, text: str) -> None:
        answer = await self._client.call(
            "message/send",
            {
                "touser": userid,
                "msgtype": "text",
                "agentid": self._agent_id,
                "text": {"content": text},
            },
        )
        if answer.get("invaliduser"):
            raise Refused(
                f"{userid} is out of the app's visible range: add her, or nothing reaches her"
            )

    async def _welcome(self, code: str, message: Outgoing) -> None:
        welcome: dict[str, Any] = {"welcome_code": code, "text": {"content": message.text}}
        if (card := link_of(message.attachment)) is not None:
            welcome["attachments"] = [card]
        else:
            welcome["text"]["content"] = message.plain
        must_fit(welcome["text"]["content"], LONGEST_WELCOME)
        await self._client.call("externalcontact/send_welcome_msg", welcome)


def link_of(attachment: Attachment | None) -> dict[str, Any] | None:
    """A card as WeCom takes it (doc 92135): its title is needed, and has at most 128 bytes."""
    if attachment is None or attachment.link is None:
        return None
    title = next(parts(attachment.title or attachment.link, 128))
    link = {"title": title, "url": attachment.link}
    return {
        "msgtype": "link",
        "link": link | ({"picurl": attachment.image} if attachment.image else {}),
    }


def must_fit(text: str, most: int) -> None:
    if len(text.encode()) > most:
        raise Refused(f"the text has more than the {most} bytes that WeCom takes: shorten it")


def parts(text: str, most: int) -> Iterator[str]:
    """Of at most so many bytes each, cut at the end of a line where one ends in its second
    half."""
    while len(text.encode()) > most:
        head = text.encode()[:most].decode(errors="ignore")
        end = head.rfind("\n") + 1
        cut = end if end > len(head) // 2 else len(head)
        yield text[:cut].rstrip("\n")
        text = text[cut:]
    yield text
