"""What becomes of a round with one of its messages, and what people may decide about a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.rules import DeliveryRules, Rules
from models.delivery import Parked, RetryAt, Sent, State, Unsure, Verdict
from models.groups import Group
from models.messages import CONTENT, ROUND_STEPS, Kind, Outgoing


class PromiseRefused(Exception):
    """The decision can't be carried out; nothing has changed."""


# Rounds


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the next step of a round does: it may be said from `at` on, or (None) not at all."""

    at: datetime | None


def next_step(
    message: Outgoing, outcome: Verdict, now: datetime, rules: DeliveryRules
) -> NextStep | None:
    """None where nothing changes for the rest of the round. Without its welcome a round is not
    said at all; a later step that was parked holds the rest up for a while, and no longer."""
    if message.round is None or isinstance(outcome, RetryAt):
        return None
    if isinstance(outcome, Sent | Unsure):
        return NextStep(now)
    if message.step == 0:
        return NextStep(None)
    return NextStep(now + rules.parked_holds if isinstance(outcome, Parked) else now)


# What stands in the way of a decision

STANDS: Mapping[State, str] = {
    State.HELD: "an earlier step of its round comes first",
    State.WAITING: "it waits to be said",
    State.PAUSED: "its group is paused",
    State.SENDING: "it is being said",
    State.PROPOSED: "it is with its group's owner: decide on the proposal that it is part of",
    State.SENT: "it was said",
    State.UNSURE: "it may have been said",
    State.PARKED: "it was refused",
    State.LAPSED: "it is not said any more",
}
SETTLED: Mapping[Kind, str] = {
    Kind.WELCOME: "those whom it was for are greeted with another round",
    Kind.REMINDER: "it counts as a reminder, and the next one comes by itself",
    Kind.AWARDED: "what it told is old by now",
    **dict.fromkeys(CONTENT, "its post is settled; post it in another slot"),
}
"""Why a message of these kinds is not said after all: what follows from its refusal, or from its
having been said as far as anybody knew, has been done."""


def must_stand(state: State, *allowed: State) -> None:
    """Raises PromiseRefused."""
    if state not in allowed:
        raise PromiseRefused(STANDS[state])


def why_not_now(message: Outgoing, group: Group | None, now: datetime) -> str | None:
    if message.lapses_at <= now:
        return "its time has passed"
    if group is not None and group.paused_at is not None and not message.kind.is_prompted:
        return STANDS[State.PAUSED]
    return None


def lapse_if_due(message: Outgoing, now: datetime) -> datetime:
    """When it lapses if it is due now rather than later: it keeps the time that it had, so that
    being put off and brought forward again and again does not make it last."""
    if message.kind.keeps_its_hour or not now < message.due_at < message.lapses_at:
        return message.lapses_at
    return message.lapses_at - (message.due_at - now)


def why_not_again(message: Outgoing, group: Group | None) -> str | None:
    """Of a message that was not said."""
    if (why := SETTLED.get(message.kind)) is not None:
        return why
    if group is not None and not group.is_ours:
        return "its group is not ours any more"
    return None


def lasts(kind: Kind, rules: Rules, *, needs_confirmation: bool = False) -> timedelta:
    """How long it has, if it is said after all."""
    if kind in ROUND_STEPS:
        if needs_confirmation:
            return rules.confirmation.round_lasts
        return rules.delivery.onboarding_lapses
    return rules.delivery.reply_lapses if kind.is_prompted else rules.delivery.notice_lapses
