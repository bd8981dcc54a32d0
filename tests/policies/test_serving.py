"""When a post is said, handed over, kept back or given up, and what followed it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules import ContentRules, Rules, effective
from handlers.content import aftermath, planning, serving
from handlers.content.serving import AGAIN, Lapse, Serve, Surroundings, Wait, move, rest_until
from models.activity import HourCount
from models.content import ContentKind, Item, Post, PostState, Voice
from models.delivery import Lapsed, Parked, Sent, Unsure
from models.groups import Group, Member, Standing
from models.ids import AccountId, GroupId, PersonId
from models.phase import Phase
from tests.world import shanghai

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
OPENS, CLOSES = shanghai("2026-03-03 16:00"), shanghai("2026-03-03 17:00")
SAID = shanghai("2026-03-03 16:20")
GROUP = Group(id=GroupId("g1"), account=AccountId("a"), name="一群", standing=Standing.OURS)
MONITOR = Member(group=GROUP.id, person=PersonId("班长"), nickname="小雨", present=True)
ITEM = Item(id="d1", kind=ContentKind.DRY, text="...", voice=Voice.ASSISTANT)
POST = Post(
    group=GROUP.id,
    day=SAID.date(),
    slot=960,
    account=GROUP.account,
    phase=Phase.FORMING,
    kind=ContentKind.DRY,
    state=PostState.PLANNED,
    opens_at=OPENS,
    closes_at=CLOSES,
    said_at=SAID,
    due_at=SAID,
    item="d1",
)
HANDED = replace(POST, voice=Voice.MONITOR)
RULES = Rules()
APPROVAL = effective([{"content": {"approval": True}}])


def moved(
    post: Post = POST,
    item: Item | None = ITEM,
    group: Group = GROUP,
    monitor: Member | None = MONITOR,
    rest: datetime | None = None,
    last_said: ContentKind | None = None,
    has_had: bool = False,
    now: datetime = SAID,
    rules: Rules = RULES,
) -> serving.Move:
    return move(post, item, Surroundings(group, monitor, rest, last_said, has_had), now, rules)


# When


def test_in_its_minute_it_is_said() -> None:
    assert moved() == Serve()
    assert moved(HANDED, now=OPENS) == Serve()


HINDERED: list[tuple[dict[str, Any], str]] = [
    ({"group": replace(GROUP, paused_at=OPENS)}, "暂停"),
    ({"group": replace(GROUP, standing=Standing.RELEASED)}, "不归"),
    ({"item": None}, "下架"),
    ({"item": replace(ITEM, withdrawn_at=OPENS)}, "下架"),
    ({"rules": APPROVAL}, "同意"),
    ({"rules": effective([{"delivery": {"quiet_hours": "16:00-17:00"}}])}, "安静"),
]


@pytest.mark.parametrize(("what", "why"), HINDERED)
def test_what_may_pass_is_waited_for_until_the_hours_are_over(
    what: dict[str, Any], why: str
) -> None:
    assert moved(**what) == Wait(SAID + AGAIN)
    assert moved(**what, now=CLOSES - MINUTE) == Wait(CLOSES)


@pytest.mark.parametrize(("what", "why"), HINDERED[:-1])
def test_and_then_it_lapses_for_that_reason(what: dict[str, Any], why: str) -> None:
    move = moved(**what, now=CLOSES)
    assert isinstance(move, Lapse)
    assert why in move.why


def test_its_words_are_of_its_day_unless_somebody_wants_it_now() -> None:
    night = shanghai("2026-03-04 00:30")
    late = replace(POST, slot=24 * 60 + 30, opens_at=night, said_at=night, closes_at=night + HOUR)
    assert (late.is_hurried, late.worded_on) == (False, POST.day)
    now = SAID - DAY
    hurried = replace(POST, opens_at=now, said_at=now, closes_at=now + HOUR)
    assert (hurried.is_hurried, hurried.worded_on) == (True, now.date())


def test_whose_hours_are_over_is_not_said_any_more() -> None:
    assert moved(now=CLOSES - SECOND) == Serve()
    assert moved(now=CLOSES) == Lapse(serving.MISSED)
    assert moved(HANDED, now=CLOSES) == Lapse(serving.MISSED)


def test_an_approval_is_of_the_item_or_of_the_post() -> None:
    assert moved(item=replace(ITEM, approved_by="王医生"), rules=APPROVAL) == Serve()
    assert moved(replace(POST, approved_by="小雨"), rules=APPROVAL) == Serve()


def test_the_monitors_needs_a_monitor() -> None:
    assert moved(HANDED, monitor=None) == Lapse(serving.NO_MONITOR)
    assert moved(monitor=None) == Serve()


def test_a_lively_group_is_left_alone_while_there_is_time() -> None:
    assert moved(rest=SAID + MINUTE) == Wait(SAID + MINUTE)
    assert moved(rest=SAID) == Serve()
    late = moved(rest=CLOSES)
    assert isinstance(late, Lapse)
    assert "热闹" in late.why
    assert moved(HANDED, rest=CLOSES) == Serve(), "what is handed over disturbs nobody"


def test_what_sells_does_not_follow_what_sells() -> None:
    wet = replace(POST, kind=ContentKind.WET)
    assert moved(wet, last_said=ContentKind.WET) == Lapse(planning.AFTER_WET)
    assert moved(wet, last_said=ContentKind.WARM) == moved(wet) == Serve()
    assert moved(last_said=ContentKind.WET) == Serve()


def test_it_is_of_the_kind_and_voice_that_its_item_has_by_now() -> None:
    hers = replace(ITEM, kind=ContentKind.WET, voice=Voice.MONITOR)
    post = planning.as_its_item(POST, hers)
    assert (post.kind, post.voice, post.item) == (ContentKind.WET, Voice.MONITOR, POST.item)
    assert planning.as_its_item(POST, None) == POST


def test_what_was_hers_is_said_in_its_own_minute() -> None:
    assert moved(now=OPENS) == Wait(SAID)


def test_what_the_group_has_had_meanwhile_is_not_said_again() -> None:
    assert moved(has_had=True) == moved(HANDED, has_had=True) == Lapse(serving.HAD)


def test_the_monitors_is_due_as_soon_as_its_hours_begin() -> None:
    assert serving.made_due(HANDED, OPENS - HOUR).due_at == OPENS
    assert serving.made_due(POST, OPENS - HOUR).due_at == SAID
    assert serving.made_due(POST, SAID + MINUTE).due_at == SAID + MINUTE
    skipped = replace(POST, state=PostState.SKIPPED, due_at=None)
    assert serving.made_due(skipped, OPENS) == skipped


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (Sent(), None),
        (Unsure("lost"), None),
        (Lapsed("its time has passed"), "过了时段"),
        (Parked("kicked"), "kicked"),
    ],
)
def test_what_is_unsure_counts_as_said(verdict: Any, why: str | None) -> None:
    told = serving.why_not_said(verdict)
    assert (told is None) if why is None else (told is not None and why in told)


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (Sent(), None),
        (Unsure("lost"), None),
        (Lapsed("late"), "及时"),
        (Parked("no friend"), "no"),
    ],
)
def test_what_did_not_reach_her_is_not_her_fault(verdict: Any, why: str | None) -> None:
    told = serving.why_not_handed(verdict)
    assert (told is None) if why is None else (told is not None and why in told)


# Lively moments

EIGHT_IN_FIVE = ContentRules()


def times(*seconds: float) -> list[datetime]:
    return [SAID + each * SECOND for each in seconds]


def test_eight_messages_within_five_minutes_are_a_lively_moment() -> None:
    eight = times(*range(0, 240, 30))
    last = eight[-1]
    assert rest_until(eight, last, EIGHT_IN_FIVE) == last + 10 * MINUTE
    assert rest_until(eight[1:], last, EIGHT_IN_FIVE) is None
    slow = times(*range(0, 8 * 43, 43))
    assert rest_until(slow, slow[-1], EIGHT_IN_FIVE) is None


def test_the_rest_begins_with_the_last_message_of_it_and_ends() -> None:
    lively = times(*range(0, 80, 10), 400)
    last = lively[7]
    assert rest_until(lively, lively[-1], EIGHT_IN_FIVE) == last + 10 * MINUTE
    assert rest_until(lively, last + 10 * MINUTE, EIGHT_IN_FIVE) is None
    assert rest_until([], SAID, EIGHT_IN_FIVE) is None


@given(
    st.lists(st.integers(0, 1800), max_size=40),
    st.integers(2, 10),
    st.integers(60, 900),
    st.integers(0, 1200),
)
def test_a_rest_is_what_its_rule_says(
    seconds: list[int], messages: int, within: int, rest: int
) -> None:
    rules = effective(
        [
            {
                "content": {
                    "lively_messages": messages,
                    "lively_within": within,
                    "lively_rest": rest,
                }
            }
        ]
    ).content
    said, now = times(*sorted(seconds)), SAID + 1800 * SECOND
    ends = [
        at + rules.lively_rest
        for n, at in enumerate(said)
        if sum(at - rules.lively_within < each for each in said[: n + 1]) >= messages
    ]
    latest = max(ends, default=None)
    assert rest_until(said, now, rules) == (latest if latest and latest > now else None)


# What followed

START = datetime(2026, 3, 30, 12, 30, tzinfo=UTC)
SINCE = START - 60 * DAY


def hours(*days_ago: int, first: HourCount, second: HourCount) -> dict[datetime, HourCount]:
    """Of these days, the two hours that an hour from half past lies across."""
    whole = START - 30 * MINUTE
    return {
        whole - n * DAY + later * HOUR: hour
        for n in days_ago
        for later, hour in enumerate((first, second))
    }


def test_what_is_usual_is_the_mean_of_28_days_and_silence_counts() -> None:
    said = hours(1, 2, 3, 4, 29, first=HourCount(14, 4), second=HourCount(28, 10))
    assert aftermath.usual(said, [], SINCE, START) == HourCount(21 * 4 / 28, 7 * 4 / 28)


def test_days_that_were_not_heard_are_left_out() -> None:
    said = hours(1, 2, 3, 4, first=HourCount(10, 5), second=HourCount(10, 5))
    deaf = [(START - 28 * DAY - HOUR, START - 4 * DAY - 4 * HOUR)]
    assert aftermath.usual(said, deaf, SINCE, START) == HourCount(10, 5)
    assert aftermath.usual(said, [], START - 2 * DAY - HOUR, START) == HourCount(10, 5)
    assert aftermath.usual(said, [], START, START) is None


def test_an_hour_is_known_where_it_was_heard() -> None:
    assert aftermath.was_heard([], SINCE, START)
    assert not aftermath.was_heard([(START, START + 10 * MINUTE)], SINCE, START)
    assert aftermath.was_heard([(START, START + MINUTE)], SINCE, START)
