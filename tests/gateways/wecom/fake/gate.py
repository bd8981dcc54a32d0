"""What stands before every call: tokens, addresses, quotas, and failures that were ordered."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tests.gateways.wecom.fake.errors import Refused
from tests.gateways.wecom.fake.office import App

TOKEN_LIVES = timedelta(seconds=7200)
WRONG_SECRETS = 5
"""The documents say only "several"; from then on the address is banned."""
BAN = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CALLS_A_MINUTE = 10_000

Breakage = Literal["refused", "unanswered"]
"""Of the line: no connection comes about, or the call is carried out and its answer is lost."""


@dataclass(frozen=True, slots=True)
class Token:
    app: App
    text: str
    until: datetime


@dataclass(slots=True)
class Window:
    began: datetime
    calls: int = 0
    blocked_until: datetime | None = None


@dataclass(slots=True)
class Ordered:
    """The next failures of one API."""

    codes: list[int] = field(default_factory=list)
    breakages: list[Breakage] = field(default_factory=list)


class Gate:
    def __init__(self, corp_id: str, clock: Callable[[], datetime]) -> None:
        self.apps: dict[str, App] = {}
        self.trusted_ips: frozenset[str] | None = None
        """Whoever is not among them gets 60020. None: everybody may call."""
        self.calls_a_minute: dict[str, int] = {}
        """Of an API, by its path without `/cgi-bin/`; of others it is CALLS_A_MINUTE."""
        self._corp_id = corp_id
        self._clock = clock
        self._tokens: dict[str, Token] = {}
        self._invalid: set[str] = set()
        self._issued = 0
        self._wrong: Counter[str] = Counter()
        self._banned: dict[str, datetime] = {}
        self._windows: dict[str, Window] = {}
        self._ordered: defaultdict[str, Ordered] = defaultdict(Ordered)

    # Tokens (doc 91039)

    def issue(self, corp_id: str, secret: str, ip: str) -> Token:
        """The same again while it is valid."""
        now = self._clock()
        if self._banned.get(ip, now) > now:
            raise Refused(45009, "this ip is banned for an hour: too many wrong secrets")
        if corp_id != self._corp_id:
            raise Refused(40013, corp_id)
        if secret not in self.apps:
            self._count_wrong(ip, now)
            raise Refused(40001, "wrong corpsecret")
        known = self._tokens.get(secret)
        if known and known.until > now and known.text not in self._invalid:
            return known
        return self._new_token(secret, now)

    def app_of(self, token: str) -> App:
        """Raises Refused: 41001 missing, 42001 expired, 40014 unknown or made invalid."""
        if not token:
            raise Refused(41001)
        if token in self._invalid:
            raise Refused(40014)
        for known in self._tokens.values():
            if known.text == token:
                if known.until <= self._clock():
                    raise Refused(42001)
                return known.app
        raise Refused(40014)

    def invalidate_tokens(self) -> None:
        """Before their time, as WeCom may (doc 91039)."""
        self._invalid |= {each.text for each in self._tokens.values()}

    def _new_token(self, secret: str, now: datetime) -> Token:
        self._issued += 1
        text = hashlib.sha256(f"{secret}/{self._issued}".encode()).hexdigest()
        self._tokens[secret] = Token(self.apps[secret], text, now + TOKEN_LIVES)
        return self._tokens[secret]

    def _count_wrong(self, ip: str, now: datetime) -> None:
        self._wrong[ip] += 1
        if self._wrong[ip] >= WRONG_SECRETS:
            self._banned[ip] = now + BAN
            self._wrong[ip] = 0

    # Who may call what, and how often

    def admit(self, app: App, path: str, ip: str) -> None:
        """Raises Refused: 60020 from a strange address, 48002 not one of the app's APIs."""
        if self.trusted_ips is not None and ip not in self.trusted_ips:
            raise Refused(60020)
        if path.startswith("externalcontact/") and not app.customer_contact:
            raise Refused(48002)

    def count(self, path: str) -> None:
        """Raises Refused 45009 above the quota, and for a minute from then on (doc 90312)."""
        now = self._clock()
        window = self._windows.get(path)
        if window is None or self._over(window, now):
            window = self._windows[path] = Window(now)
        window.calls += 1
        if window.blocked_until is not None:
            raise Refused(45009)
        if window.calls > self.calls_a_minute.get(path, CALLS_A_MINUTE):
            window.blocked_until = now + MINUTE
            raise Refused(45009)

    @staticmethod
    def _over(window: Window, now: datetime) -> bool:
        return now >= (window.blocked_until or window.began + MINUTE)

    # Failures that were ordered

    def fail_next(self, path: str, errcode: int, times: int) -> None:
        self._ordered[path].codes += [errcode] * times

    def break_next(self, path: str, how: Breakage, times: int) -> None:
        self._ordered[path].breakages += [how] * times

    def fail_as_ordered(self, path: str) -> None:
        codes = self._ordered[path].codes
        if codes:
            raise Refused(codes.pop(0))

    def breakage(self, path: str) -> Breakage | None:
        breakages = self._ordered[path].breakages
        return breakages.pop(0) if breakages else None

    def register(self, apps: Iterable[App]) -> None:
        self.apps |= {each.secret: each for each in apps}
