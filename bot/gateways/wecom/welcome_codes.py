"""A customer who has just been added may be written to once, within 20 seconds (doc 92137)."""

from datetime import datetime, timedelta

GOOD_FOR = timedelta(seconds=20)


class WelcomeCodes:
    """Codes by which that is done. Not kept: they are worth nothing after a restart."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, datetime]] = {}

    def remember(self, person: str, code: str, since: datetime) -> None:
        self._forget(since)
        self._codes[person] = (code, since + GOOD_FOR)

    def take(self, person: str, now: datetime) -> str | None:
        """It is used once."""
        self._forget(now)
        code, _ = self._codes.pop(person, (None, now))
        return code

    def _forget(self, now: datetime) -> None:
        self._codes = {
            person: (code, until) for person, (code, until) in self._codes.items() if until > now
        }
