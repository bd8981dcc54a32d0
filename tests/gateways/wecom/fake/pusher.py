"""Tells what happens: encrypted, repeated if nobody answers, astray on demand (doc 90930)."""

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field

import httpx

from tests.gateways.wecom.fake.corp import Corp
from tests.gateways.wecom.fake.crypto import Crypto
from tests.gateways.wecom.fake.office import App, Event
from tests.gateways.wecom.fake.xml import PLAIN, Quirks, envelope, written

VERIFIED_WITHIN = 1.0
ANSWERED_WITHIN = 5.0
RETRIES = 3
LOOKS_EVERY = 0.2
OK = 200


@dataclass(frozen=True, slots=True)
class Callback:
    """Where an app wants to be told, and by which secrets."""

    url: str
    token: str
    encoding_aes_key: str
    app: App


@dataclass(slots=True)
class Delivery:
    """One event and what came of it: the statuses answered, None for no answer in time."""

    event: Event
    xml: str
    statuses: list[int | None] = field(default_factory=list)

    @property
    def arrived(self) -> bool:
        return OK in self.statuses


@dataclass(frozen=True, slots=True)
class Verification:
    fine: bool
    why: str = ""


class Pusher:
    """`answered_within` is real seconds: what hears us may be slow, but not for ever."""

    def __init__(
        self,
        corp: Corp,
        callback: Callback,
        client: httpx.AsyncClient,
        *,
        rng: random.Random | None = None,
        answered_within: float = ANSWERED_WITHIN,
        pause: float = 0,
    ) -> None:
        self.always = PLAIN
        """What every callback suffers that nothing else was said of."""
        self.deliveries: list[Delivery] = []
        self.verification: Verification | None = None
        self._corp = corp
        self._callback = callback
        self._client = client
        self._rng = rng or random.Random(0)
        self._answered_within = answered_within
        self._pause = pause
        self._next: deque[Quirks] = deque()
        self._held: list[tuple[Event, Quirks]] = []
        self._crypto = Crypto(callback.token, callback.encoding_aes_key, corp.corp_id, self._rng)

    def next_is(self, quirks: Quirks, times: int = 1) -> None:
        """Of the next events that are delivered, one after the other."""
        self._next.extend([quirks] * times)

    async def verify(self) -> Verification:
        """As when an admin saves the URL: the answer must be the bare text, within a second."""
        text = str(self._rng.getrandbits(63))
        encrypted = self._crypto.encrypt(text)
        asked = {**self._signed(encrypted), "echostr": encrypted}
        try:
            async with asyncio.timeout(min(VERIFIED_WITHIN, self._answered_within)):
                answer = await self._client.get(self._callback.url, params=asked)
        except (TimeoutError, httpx.HTTPError) as error:
            self.verification = Verification(False, f"no answer: {type(error).__name__}")
        else:
            self.verification = _judged(answer, text)
        return self.verification

    async def deliver(self) -> list[Delivery]:
        """What is queued, in order, and what came of each."""
        events = self._corp.office.events
        done = []
        while events:
            event = events.pop(0)
            quirks = self._next.popleft() if self._next else self.always
            if quirks.held:
                self._held.append((event, quirks))
            elif not quirks.dropped:
                done.append(await self._tell(event, quirks))
        return done

    async def release(self) -> list[Delivery]:
        """What was held back, now."""
        held, self._held = self._held, []
        return [await self._tell(event, quirks) for event, quirks in held]

    async def deliver_for_ever(self) -> None:
        """Nothing is told to a URL before it was verified; that is tried until it works."""
        while True:
            if self._is_verified() or (await self.verify()).fine:
                await self.deliver()
            await asyncio.sleep(LOOKS_EVERY)

    def _is_verified(self) -> bool:
        return self.verification is not None and self.verification.fine

    async def _tell(self, event: Event, quirks: Quirks) -> Delivery:
        delivery = Delivery(event, written(event, quirks))
        self.deliveries.append(delivery)
        for _ in range(quirks.copies):
            await self._insist(delivery)
        return delivery

    async def _insist(self, delivery: Delivery) -> None:
        encrypted = self._crypto.encrypt(delivery.xml)
        signed = self._signed(encrypted)
        body = envelope(self._corp.corp_id, self._callback.app.agent_id, encrypted)
        for attempt in range(1 + RETRIES):
            if attempt:
                await asyncio.sleep(self._pause)
            status = await self._post(signed, body)
            delivery.statuses.append(status)
            if status == OK:
                return

    async def _post(self, signed: dict[str, str], body: str) -> int | None:
        headers = {"Content-Type": "text/xml"}
        try:
            async with asyncio.timeout(self._answered_within):
                answer = await self._client.post(
                    self._callback.url, params=signed, content=body.encode(), headers=headers
                )
        except (TimeoutError, httpx.HTTPError):
            return None
        return answer.status_code

    def _signed(self, encrypted: str) -> dict[str, str]:
        timestamp = str(int(self._corp.office.clock().timestamp()))
        nonce = str(self._rng.getrandbits(32))
        signature = self._crypto.sign(timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}


def _judged(answer: httpx.Response, text: str) -> Verification:
    if answer.status_code != OK:
        return Verification(False, f"status {answer.status_code}")
    if answer.content != text.encode():
        return Verification(False, f"not the bare text, but {answer.text[:80]!r}")
    return Verification(True)
