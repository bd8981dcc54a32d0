"""Payloads no published server sends, which a gateway of another make may."""

from datetime import UTC, datetime

import pytest

from bot.gateways.wechaty import translate
from models.events import MemberJoined
from models.ids import AccountId, PersonId

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR_AGO = datetime(2026, 3, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize("payload", ["", "{", "null", "7", '"text"', "[1]", "[" * 100_000])
def test_what_is_no_object_has_no_fields(payload: str) -> None:
    assert translate.fields(payload) == {}


@pytest.mark.parametrize("hour_ago", [HOUR_AGO.timestamp(), HOUR_AGO.timestamp() * 1000])
def test_seconds_and_milliseconds_are_told_apart(hour_ago: float) -> None:
    assert translate.moment(hour_ago, NOW) == HOUR_AGO
    assert translate.moment(int(hour_ago), NOW) == HOUR_AGO


@pytest.mark.parametrize(
    "absurd", [None, True, "1772449200", [], -1, 0, 1e300, float("nan"), float("inf"), 10**400]
)
def test_an_absurd_time_is_now(absurd: object) -> None:
    assert translate.moment(absurd, NOW) == NOW


@pytest.mark.parametrize(("inviter", "told"), [("ming", "ming"), ("dou", None), ("", None)])
def test_nobody_invites_themselves(inviter: str, told: str | None) -> None:
    data = {"roomId": "r1", "inviteeIdList": ["dou", "dou"], "inviterId": inviter}
    (joined,) = translate.joined(data, {}, AccountId("a"), PersonId("bot"), NOW)
    assert isinstance(joined, MemberJoined)
    assert joined.inviter == told
