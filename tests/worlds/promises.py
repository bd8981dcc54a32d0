"""What the service promises, one function a promise: each tells what of it was broken."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from bot.gateways.simulated import BOT
from bot.outbox import policy
from config.daily import ZONE
from models.delivery import State
from models.errands import ErrandState
from models.events import MemberLeft, MessageReceived
from models.ids import GroupId, PersonId
from models.messages import ROUND_STEPS, Kind
from models.points import EntryKind
from models.rewards import RedemptionState
from models.stores.outbox import SAID
from models.tables import (
    ActivityRow,
    BalanceRow,
    DeadLetterRow,
    DeafSpellRow,
    ErrandRow,
    GroupRow,
    LedgerRow,
    MemberRow,
    MessageRow,
    RedemptionRow,
    RewardRow,
    SpeakerRow,
)
from tests.worlds.community import Leaves, monitor_of
from tests.worlds.gateway import Heard
from tests.worlds.outcome import Outcome

Broken = Iterator[str]

SPEAKS_OF_THEM = (Kind.WELCOME, Kind.NICKNAME, Kind.REMINDER)
BLINK = timedelta(minutes=1)
STARTS_A_TASK = "/任务 打卡"
"""Its answer is the task, said to all."""


def broken(outcome: Outcome) -> list[str]:
    """Every promise that was not kept, with what shows it."""
    return [f"{promise.__doc__} {found}" for promise in PROMISES for found in promise(outcome)]


# What was said


def said_once(outcome: Outcome) -> Broken:
    """Nothing is said twice."""
    for key, times in Counter(each.message.key for each in outcome.heard).items():
        if times > 1:
            yield f"{key}: {times} times"


def outbox_is_true(outcome: Outcome) -> Broken:
    """What the outbox says of a message is what the platform heard."""
    heard = {each.message.key: each.message for each in outcome.heard}
    for row in outcome.outbox:
        said = heard.pop(row.key, None)
        if row.state == State.UNSURE:
            if row.key not in outcome.doubtful:
                yield f"{row.key} is unsure, and nobody knows why: {row.reason}"
        elif (said is not None) != (row.state == State.SENT):
            yield f"{row.key} is {row.state} ({row.reason}), heard: {said is not None}"
        elif said is not None and said.text != row.text:
            yield f"{row.key}: {row.text!r} is what was to be said, and {said.text!r} was heard"
    for key in heard:
        yield f"{key} was heard, and nobody promised it"


def nothing_is_left_behind(outcome: Outcome) -> Broken:
    """Whatever was promised is said, or ends as what it is."""
    for row in outcome.outbox:
        if row.state == State.SENDING:
            yield f"{row.key} is being sent, and nobody sends it"
        if row.state in (State.WAITING, State.HELD) and row.lapses_at <= outcome.ended:
            yield f"{row.key} is {row.state}, though its time passed at {row.lapses_at}"
        if row.state in (*SAID, State.PARKED, State.LAPSED) and row.settled_at is None:
            yield f"{row.key} is {row.state}, nobody knows since when"
    for row in outcome.tables[ErrandRow]:
        if row.state == ErrandState.DOING:
            yield f"errand {row.key} is being done, and nobody does it"


def taken_over_for_good(outcome: Outcome) -> Broken:
    """Who lost the account says no more than what was past its check."""
    woken = Counter(each.epoch for each in outcome.heard if each.woken)
    for epoch, times in woken.items():
        if times > 1:
            yield f"process {epoch} said {times} messages after it woke"


# What was heard


def what_is_told_is_handled(outcome: Outcome) -> Broken:
    """Nothing that a process was told gets lost while it lives."""
    handled = {repr(each.event) for each in outcome.handled}
    for event in outcome.handed:
        if repr(event) not in handled:
            yield f"{event} was told, and nobody handled it"


def heard_once(outcome: Outcome) -> Broken:
    """Every message that was handled is kept, and nothing that nobody said."""
    kept = {(row.chat, row.id) for row in outcome.tables[MessageRow]}
    for each in outcome.handled:
        event = each.event
        if not isinstance(event, MessageReceived) or event.group is None:
            continue
        if (event.group, event.id) not in kept:
            yield f"{event.id} was handled, and is not there"
    for chat, id_ in sorted(kept):
        if outcome.told.get(id_) != chat:
            yield f"{id_} is kept, and nobody said it in {chat}"


def counted_once(outcome: Outcome) -> Broken:
    """Every message of a group counts once."""
    kept = Counter(row.chat for row in outcome.tables[MessageRow])
    speakers = Counter((row.chat, row.sender) for row in outcome.tables[MessageRow])
    counted, spoke = Counter[str](), Counter[tuple[str, str]]()
    for row in outcome.tables[ActivityRow]:
        counted[row.group] += row.messages
    for row in outcome.tables[SpeakerRow]:
        spoke[row.group, row.person] += row.messages
    for group in outcome.community.names:
        if kept[group] != counted[group]:
            yield f"{group}: {kept[group]} messages, counted as {counted[group]}"
        for (chat, person), messages in speakers.items():
            if chat == group and spoke[chat, person] != messages:
                yield f"{person}: {messages} messages, counted as {spoke[chat, person]}"


def deaf_is_noted(outcome: Outcome) -> Broken:
    """The times at which nobody listened are known."""
    spells = [(row.since, row.until) for row in outcome.tables[DeafSpellRow]]
    for since, until in outcome.deaf:
        if until - since >= BLINK and not any(
            first <= since and until <= last for first, last in spells
        ):
            yield f"from {_local(since)} to {_local(until)}"
    for first, last in spells:
        if not any(first <= since and until <= last for since, until in outcome.deaf):
            yield f"it is said that nobody listened from {_local(first)} to {_local(last)}"


def nothing_is_put_aside(outcome: Outcome) -> Broken:
    """No event fails."""
    for row in outcome.tables[DeadLetterRow]:
        yield f"{row.kind} {row.event}: {row.traceback.strip().splitlines()[-1]}"


def commands_are_answered(outcome: Outcome) -> Broken:
    """Whoever runs a group is answered."""
    promised = {row.key for row in outcome.outbox}
    for each in outcome.handled:
        event = each.event
        if not isinstance(event, MessageReceived) or event.group is None:
            continue
        is_asked = event.text.startswith("/") and not event.text.startswith(STARTS_A_TASK)
        is_hers = event.sender == monitor_of(event.group)
        if is_asked and is_hers and f"{Kind.REPLY}:{event.group}:{event.id}" not in promised:
            yield f"{event.text} ({event.id}) of {event.group} has no answer"


# Who is there


def members_are_known(outcome: Outcome) -> Broken:
    """Whoever is in a group is known to be, and nobody else."""
    counts = {row.id: row.members for row in outcome.tables[GroupRow]}
    for group, people in outcome.people.items():
        known = {
            row.person for row in outcome.tables[MemberRow] if row.group == group and row.present
        }
        for person in sorted(people ^ known):
            yield f"{person} is {'not ' if person in people else ''}known to be in {group}"
        if counts.get(group) != len(people - {BOT}):
            yield f"{group} counts {counts.get(group)}, and there are {len(people - {BOT})}"


def newcomers_are_greeted(outcome: Outcome) -> Broken:
    """Every newcomer is welcomed once."""
    welcomed = Counter(
        (each.message.group, person)
        for each in outcome.heard
        if each.message.kind is Kind.WELCOME
        for person in each.message.mentions
    )
    for (group, person), times in welcomed.items():
        if times > 1:
            yield f"{person} was welcomed {times} times in {group}"
    doubtful = {
        (row.group, person)
        for row in outcome.outbox
        if row.kind == Kind.WELCOME and row.state == State.UNSURE
        for person in row.mentions
    }
    greeted = welcomed.keys() | doubtful
    for group, person in sorted(_newcomers(outcome)):
        if person in outcome.people[group] and (group, person) not in greeted:
            yield f"{person} is in {group} and was never welcomed"
    for group, founders in outcome.community.founders.items():
        stayed = {*founders, monitor_of(group)} - _leavers(outcome, group)
        for person in sorted(stayed):
            if welcomed[group, person]:
                yield f"{person} was welcomed in {group}, where she was all the time"


def gone_are_left_alone(outcome: Outcome) -> Broken:
    """Nobody is spoken to who was seen to have left."""
    left: dict[tuple[GroupId, PersonId], list[tuple[datetime, datetime]]] = defaultdict(list)
    for each in outcome.handled:
        if isinstance(each.event, MemberLeft):
            left[each.event.group, each.event.person].append((each.at, each.event.at))
    for heard in outcome.heard:
        message = heard.message
        if message.kind not in SPEAKS_OF_THEM or message.group is None:
            continue
        for person in message.mentions:
            joined = outcome.joined.get((message.group, person), ())
            for handled_at, left_at in left[message.group, person]:
                is_back = any(left_at <= at <= heard.began for at in joined)
                if handled_at < heard.began and not is_back:
                    yield f"{person}, who left at {_local(left_at)}: {message.key}"


def steps_are_in_order(outcome: Outcome) -> Broken:
    """The steps of a round come in order, and none without its welcome."""
    rounds: dict[tuple[str, int], list[int]] = defaultdict(list)
    for each in outcome.heard:
        if each.message.group is not None and each.message.round is not None and not each.woken:
            rounds[each.message.group, each.message.round].append(each.message.step)
    greeted = {
        (row.group, row.round)
        for row in outcome.outbox
        if row.kind == Kind.WELCOME and row.state in SAID
    }
    for (group, number), steps in rounds.items():
        if steps != sorted(steps):
            yield f"round {number} of {group}: {steps}"
        if (group, number) not in greeted:
            yield f"round {number} of {group} goes on, and its welcome was not said"


def rounds_are_whole(outcome: Outcome) -> Broken:
    """A round has its welcome and its rules; nicknames are asked for where they are wanting."""
    rounds: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in outcome.outbox:
        if row.round is not None:
            rounds[row.group, row.round].add(row.kind)
    for (group, number), kinds in rounds.items():
        if not kinds >= {Kind.WELCOME, Kind.RULES}:
            yield f"round {number} of {group}: {sorted(kinds)}"


# Points


def balances_are_sums(outcome: Outcome) -> Broken:
    """A balance is the sum of its entries, and never below zero."""
    sums = Counter[tuple[str, str]]()
    for row in outcome.tables[LedgerRow]:
        sums[row.group, row.person] += row.points
        if sums[row.group, row.person] < 0:
            yield f"{row.person} in {row.group} has {sums[row.group, row.person]} at {row.key}"
    balances = {(row.group, row.person): row.points for row in outcome.tables[BalanceRow]}
    for group, person in sorted(sums.keys() | balances.keys()):
        if sums[group, person] != balances.get((group, person), 0):
            yield (
                f"{person} in {group}: {balances.get((group, person))}, "
                f"booked {sums[group, person]}"
            )


def one_credit_a_cause(outcome: Outcome) -> Broken:
    """An answer, a task and a bonus are credited once."""
    credited = Counter(
        (row.group, row.person, row.kind, row.cause if row.kind != EntryKind.BONUS else row.key)
        for row in outcome.tables[LedgerRow]
        if row.kind in (EntryKind.GIVEN, EntryKind.ACCEPTED, EntryKind.TASK, EntryKind.BONUS)
    )
    for what, times in credited.items():
        if times > 1:
            yield f"{what}: {times} times"


def stock_is_kept(outcome: Outcome) -> Broken:
    """No reward is sold that is not there; points for it are taken once and returned once."""
    redeemed = outcome.tables[RedemptionRow]
    (reward,) = outcome.tables[RewardRow]
    out = sum(row.state != RedemptionState.LAPSED for row in redeemed)
    assert outcome.reward.stock is not None
    if reward.stock != outcome.reward.stock - out:
        yield f"{outcome.reward.stock} there were, {out} are out, and {reward.stock} are left"
    booked: dict[str, list[int]] = defaultdict(list)
    for row in outcome.tables[LedgerRow]:
        if row.kind in (EntryKind.SPENT, EntryKind.RETURNED):
            booked[f"{row.group}:{row.cause}"].append(row.points)
    points = sorted(sum(each) for each in booked.values())
    due = sorted(-row.cost if row.state != RedemptionState.LAPSED else 0 for row in redeemed)
    if points != due:
        yield f"{due} is what benefits cost, and {points} was taken"


# Conduct


def pace_is_kept(outcome: Outcome) -> Broken:
    """A group has a pause after each message, and the account no more than its minute allows."""
    rules = outcome.rules.delivery
    spoken = [each for each in outcome.heard if not each.woken]
    for group in outcome.community.names:
        of_group = [each for each in spoken if each.message.group == group]
        for one, other in pairwise(of_group):
            if other.began - one.at < rules.group_gap:
                yield f"{other.message.key} {other.began - one.at} after {one.message.key}"
    for one, other in zip(spoken, spoken[rules.per_minute :], strict=False):
        if other.began - one.began < timedelta(minutes=1):
            yield f"{rules.per_minute + 1} messages within {other.began - one.began}"


def budget_is_kept(outcome: Outcome) -> Broken:
    """A group hears no more a day, unasked, than its budget."""
    days = Counter(
        (each.message.group, _local(each.at).date())
        for each in outcome.heard
        if each.message.group is not None
        and policy.is_budgeted(each.message.kind)
        and not each.woken
    )
    for (group, day), times in days.items():
        if times > outcome.rules.delivery.daily_budget:
            yield f"{group} heard {times} on {day}"


def nights_are_quiet(outcome: Outcome) -> Broken:
    """Nothing unprompted is said in the quiet hours."""
    for each in _on_time(outcome):
        kind, rules = each.message.kind, outcome.rules
        night = (rules.onboarding if kind in ROUND_STEPS else rules.delivery).quiet_hours
        if kind is not Kind.REPLY and night.covers(each.began):
            yield f"{each.message.key} at {_local(each.began)}"


def late_is_never(outcome: Outcome) -> Broken:
    """Nothing is said after its time."""
    for each in _on_time(outcome):
        if each.began >= each.message.lapses_at:
            yield f"{each.message.key} at {_local(each.began)}"


def _on_time(outcome: Outcome) -> Iterator[Heard]:
    """Without what a process said that was stopped meanwhile."""
    return (each for each in outcome.heard if not each.woken)


def _newcomers(outcome: Outcome) -> set[tuple[GroupId, PersonId]]:
    """Who joined and was not there before anybody looked."""
    founders = outcome.community.founders
    return {(group, person) for group, person in outcome.joined if person not in founders[group]}


def _leavers(outcome: Outcome, group: GroupId) -> set[PersonId]:
    return {
        act.person
        for act in outcome.community.acts
        if isinstance(act, Leaves) and act.group == group
    }


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)


PROMISES: tuple[Callable[[Outcome], Broken], ...] = (
    said_once,
    outbox_is_true,
    nothing_is_left_behind,
    taken_over_for_good,
    what_is_told_is_handled,
    heard_once,
    commands_are_answered,
    counted_once,
    deaf_is_noted,
    nothing_is_put_aside,
    members_are_known,
    newcomers_are_greeted,
    gone_are_left_alone,
    steps_are_in_order,
    rounds_are_whole,
    balances_are_sums,
    one_credit_a_cause,
    stock_is_kept,
    pace_is_kept,
    budget_is_kept,
    nights_are_quiet,
    late_is_never,
)
