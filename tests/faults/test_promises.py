"""The checks by which the service is judged do find what is broken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.messages import Kind
from tests.faults.load import Deed, Did
from tests.faults.promises import Evidence, breaches
from tests.faults.written import Promise, Written
from tests.gateways.wechaty.lab.lab import Action

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def deed(did: Did, who: str, message: str = "", second: int = 0) -> Deed:
    at = NOON + second * SECOND
    return Deed(did, who, "r", at, at, message)


def promise(id_: int, key: str, text: str, **facts: Any) -> Promise:
    return Promise(id_, key, Kind.REPLY, facts.pop("state", "sent"), "r", text, (), NOON, **facts)


def heard(text: str, *mentions: str) -> Action:
    return Action("say", "r", text, mentions)


WELCOMED = promise(1, "welcome", "欢迎新妈妈")
ANSWERED = promise(2, f"{Kind.REPLY}:r:m1", "你有1分")
WRITTEN = Written(
    outbox=(WELCOMED, ANSWERED),
    messages=frozenset({("r", "m1"), ("r", "m2")}),
    questions=frozenset({("r", "m2")}),
    deaf={"r": ((NOON + 5 * SECOND, NOON + 9 * SECOND),)},
    present={"r": frozenset({"ming", "hua"})},
    lines=frozenset({"bonus:r:m1"}),
    earned={("r", "ming"): 1},
    held={("r", "ming"): 1},
)
KEPT = Evidence(
    deeds=(
        deed(Did.JOINED, "hua"),
        deed(Did.GAVE, "ming", "m1"),
        deed(Did.ASKED, "ming", "m2"),
        deed(Did.TALKED, "hua", "m3", second=6),
    ),
    said=(heard("欢迎新妈妈", "hua"), heard("你有1分")),
    inside={"r": frozenset({"ming", "hua"})},
    written=WRITTEN,
    in_flight=frozenset({2}),
)


def written(**changes: Any) -> Evidence:
    return replace(KEPT, written=replace(WRITTEN, **changes))


def with_answer(**changes: Any) -> Evidence:
    return written(outbox=(WELCOMED, replace(ANSWERED, **changes)))


BROKEN = {
    "nothing_is_said_twice": replace(KEPT, said=[*KEPT.said, heard("你有1分")]),
    "nothing_is_lost": replace(KEPT, said=KEPT.said[:1]),
    "every_promise_ends": with_answer(state="waiting"),
    "nothing_is_refused_or_too_late": with_answer(state="lapsed", reason="its time has passed"),
    "what_was_being_said_is_sent_or_unsure": with_answer(state="parked"),
    "nobody_is_welcomed_twice": replace(KEPT, said=[*KEPT.said, heard("欢迎各位", "hua")]),
    "who_came_and_stayed_is_welcomed": replace(
        KEPT, deeds=[*KEPT.deeds, deed(Did.JOINED, "ming")]
    ),
    "who_is_there_is_known": written(present={"r": frozenset({"ming"})}),
    "what_was_taken_in_is_answered": replace(
        KEPT, deeds=[*KEPT.deeds, deed(Did.LOOKED, "hua", "m2")]
    ),
    "what_was_taken_in_has_its_effect": written(lines=frozenset()),
    "what_was_not_heard_is_known_as_deaf": written(deaf={}),
    "the_ledger_adds_up": written(held={("r", "ming"): 2}),
    "nothing_is_put_aside": written(dead_letters=("MemberJoined: KeyError",)),
}


def test_nothing_is_found_where_every_promise_is_kept() -> None:
    assert breaches(KEPT) == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found(name: str) -> None:
    assert name in {each.partition(":")[0] for each in breaches(BROKEN[name])}


def test_a_reward_that_was_asked_for_is_given_or_refused() -> None:
    asked = replace(KEPT, deeds=[*KEPT.deeds, deed(Did.REDEEMED, "hua", "m2")])
    assert len(breaches(asked)) == 1
    given = replace(asked, written=replace(WRITTEN, redeemed={("r", "hua"): 1}))
    assert breaches(given) == []


def test_who_had_her_points_for_the_day_is_given_no_more() -> None:
    refused = with_answer(text="她今天还能再得0分（每人每天最多200分）")
    refused = replace(refused, written=replace(refused.written, lines=frozenset()))
    assert "what_was_taken_in_has_its_effect" not in str(breaches(refused))
