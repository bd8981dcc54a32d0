"""Why something was not said is told in Chinese."""

import re
from pathlib import Path
from typing import get_args

import pytest

from bot.console import reasons, wording
from handlers.outbox.policy import SETTLED, STANDS
from handlers.proposals import policy as proposals
from handlers.proposals.policy import Budget
from handlers.referrals import policy as referrals
from models import events
from models.delivery import State
from models.entry import Template
from models.events import Decision, Event
from models.messages import Kind
from models.openings import OpeningState
from models.proposals import Means, ProposalState

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
GIVEN = re.compile(r'\b(?:Lapsed|Parked|Unsure)\("([^"{]+)"\)|return "(its [a-z ]+)"')
ROOT = Path(__file__).resolve().parents[2]


def in_the_code() -> list[str]:
    """The reasons that our own code gives for what became of a message."""
    places = ("handlers/outbox/policy.py", "bot/outbox/relay.py", "bot/errands/runner.py")
    texts = [(ROOT / each).read_text("utf-8") for each in places]
    return sorted({a or b for text in texts for a, b in GIVEN.findall(text)})


@pytest.mark.parametrize(
    "reason",
    [
        *in_the_code(),
        *STANDS.values(),
        *SETTLED.values(),
        *proposals.STANDS.values(),
        proposals.IN_HER_APP,
        proposals.BEING_WITHDRAWN,
        referrals.LEFT,
        referrals.LET_GO,
        referrals.NOT_OURS,
        referrals.HERSELF,
        referrals.CIRCLE,
        referrals.HAD_PERSON,
        referrals.HAD_BROWSER,
        referrals.HAD_ANSWERS,
        referrals.NO_HOME,
        referrals.STAFF,
        referrals.NO_POINTS,
        referrals.ENOUGH,
        referrals.TAKEN_BACK,
    ],
)
def test_every_reason_of_ours_is_told_in_chinese(reason: str) -> None:
    told = reasons.told(reason)
    assert CHINESE.search(told)
    assert not LATIN.search(told)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("cancelled by 运营小王", "运营小王 取消了"),
        ("not said, as 运营小王 saw", "运营小王 到群里看过，没说出去"),
        ("declined by 群主", "群主说这次不发"),
        ("withdrawn by 运营小王", "运营小王撤回了，正在告诉企业微信"),
        ("done, as 群主 said", "群主说发好了"),
        ("PERMISSION_DENIED: 你已被移出群聊", "平台说：你已被移出群聊"),
        ("gave up after 6 attempts: its group is paused", "试了6次都没成：群暂停着，恢复以后才说"),
        (
            "its group is left alone until 2026-03-02T20:30:00+08:00",
            "群里正忙着，20:30 以后再说",
        ),
        ("something a platform made up", "something a platform made up"),
        (None, ""),
    ],
)
def test_what_differs_from_time_to_time_is_told_with_it(reason: str | None, told: str) -> None:
    assert reasons.told(reason) == told


def test_everything_that_people_decide_has_a_name() -> None:
    names = {
        "".join(f"_{each.lower()}" if each.isupper() else each for each in name).strip("_")
        for name, each in vars(events).items()
        if isinstance(each, type) and issubclass(each, Decision)
    } - {"decision", "post_decision", "promise_decision", "proposal_decision"}
    assert names - set(wording.ACTIONS) == set()
    assert {f"entry_code_{verb}" for verb in ("closed", "reopened")} < set(wording.ACTIONS)


def test_kinds_and_states_have_names() -> None:
    assert {each.value for each in Kind} == set(wording.MESSAGES)
    assert {each.value for each in Template} == set(wording.TEMPLATES)
    assert {each.value for each in OpeningState} == set(wording.OPENINGS)
    assert {each.value for each in State} == set(wording.OUTBOX)
    assert {each.value for each in Means} == set(wording.MEANS)
    assert {each.value for each in ProposalState} == set(wording.PROPOSALS)
    assert set(get_args(Budget)) == set(wording.BUDGETS)
    known = {name for name, each in vars(events).items() if _is_event(each)}
    assert set(wording.EVENTS) <= known


def _is_event(each: object) -> bool:
    return isinstance(each, type) and issubclass(each, Event)
