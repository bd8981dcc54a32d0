"""What is said to one person: staff by app message at once, a new customer in her welcome."""

from collections.abc import Callable
from datetime import datetime

from bot.gateways.wecom.cards import parts
from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.failures import WeComError
from bot.gateways.wecom.people import People
from bot.gateways.wecom.welcome import greet
from bot.gateways.wecom.welcome_codes import WelcomeCodes
from models.delivery import MaybeSent, Refused
from models.ids import PersonId
from models.messages import Outgoing

LONGEST_NOTICE = 2048
"""Bytes of an app message; WeCom cuts off what is longer."""
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
        welcomes: WelcomeCodes,
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
            await greet(self._client, code, message)
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
