"""What the service promises, whoever dies: one function each, which tells what is broken.

They compare what people did (load.py), what was said in WeChat (the lab), and what the service
wrote down (written.py); nothing here asks or waits.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from models.messages import Kind
from models.points import EntryKind
from tests.faults.load import COMMANDS, Deed, Did
from tests.faults.written import Place, Promise, Written
from tests.gateways.wechaty.lab.lab import Action

ENDED = ("sent", "unsure", "parked", "lapsed")
WELCOME = "欢迎"
NO_MORE = "每人每天最多"


@dataclass(frozen=True, slots=True)
class Evidence:
    """`inside` is who is in each room by WeChat; `in_flight` the messages that were being said
    when somebody died, by their ids; `jumped` whether the clock did, so that they may be late."""

    deeds: Sequence[Deed]
    said: Sequence[Action]
    inside: Mapping[str, frozenset[str]]
    written: Written
    in_flight: frozenset[int] = field(default_factory=frozenset)
    jumped: bool = False


Check = Callable[[Evidence], Iterable[str]]


def together(found: Sequence[Evidence]) -> Evidence:
    """Of several accounts on one database, read one after the other."""
    return Evidence(
        deeds=[deed for each in found for deed in each.deeds],
        said=[action for each in found for action in each.said],
        inside={room: people for each in found for room, people in each.inside.items()},
        written=found[-1].written,
        in_flight=frozenset(id_ for each in found for id_ in each.in_flight),
        jumped=any(each.jumped for each in found),
    )


def breaches(found: Evidence) -> list[str]:
    """Every promise that is not kept, in words; empty if all are."""
    return [f"{each.__name__}: {words}" for each in PROMISES for words in each(found)]


def nothing_is_said_twice(found: Evidence) -> Iterable[str]:
    """In a place a text is heard at most as often as it was promised and may have been said."""
    may_be = Counter(map(_spoken, found.written.having("sent", "unsure", "sending")))
    for (where, text), times in _heard(found).items():
        if times > may_be[where, text]:
            yield f"{text[:30]!r} in {where}: heard {times}, promised {may_be[where, text]}"


def nothing_is_lost(found: Evidence) -> Iterable[str]:
    """What counts as sent was heard."""
    heard = _heard(found)
    for (where, text), times in Counter(map(_spoken, found.written.having("sent"))).items():
        if times > heard[where, text]:
            yield f"{text[:30]!r} in {where}: sent {times}, heard {heard[where, text]}"


def every_promise_ends(found: Evidence) -> Iterable[str]:
    for each in found.written.outbox:
        if each.state not in ENDED:
            yield f"{each.key} is {each.state}, due at {each.due_at:%T}: {each.reason}"


def nothing_is_refused_or_too_late(found: Evidence) -> Iterable[str]:
    """Nobody refuses here, and nothing takes so long."""
    for each in found.written.having("parked", "lapsed"):
        is_late = found.jumped and "time has passed" in each.reason
        if not is_late and not _is_for_nobody(each):
            yield f"{each.key} is {each.state}: {each.reason}"


def what_was_being_said_is_sent_or_unsure(found: Evidence) -> Iterable[str]:
    for each in found.written.outbox:
        if each.id in found.in_flight and each.state not in ("sent", "unsure"):
            yield f"{each.key} was being said at a death and is {each.state}"


def nobody_is_welcomed_twice(found: Evidence) -> Iterable[str]:
    for (room, who), times in _welcomes(found).items():
        if times > 1:
            yield f"{who} in {room}: {times} times"


def who_came_and_stayed_is_welcomed(found: Evidence) -> Iterable[str]:
    """Or nobody knows whether she was: that is shown, and counted as said."""
    welcomed = set(_welcomes(found))
    for each in found.written.having("unsure"):
        if each.text.startswith(WELCOME):
            welcomed |= {(each.where, who) for who in each.mentions}
    for deed in _all(found, Did.JOINED):
        if deed.who in found.inside[deed.room] and (deed.room, deed.who) not in welcomed:
            yield f"{deed.who} in {deed.room}"


def who_is_there_is_known(found: Evidence) -> Iterable[str]:
    for room, inside in found.inside.items():
        known = found.written.present.get(room, frozenset())
        for who in sorted(inside ^ known):
            yield f"{who} {'is' if who in inside else 'is not'} in {room}"


def what_was_taken_in_is_answered(found: Evidence) -> Iterable[str]:
    """Once: no key is used twice. A reward that she got is told in another way."""
    keys = {each.key for each in found.written.outbox}
    asked: Counter[Place] = Counter()
    refused: Counter[Place] = Counter()
    for deed in _taken_in(found, *COMMANDS):
        is_answered = f"{Kind.REPLY}:{deed.room}:{deed.message}" in keys
        if deed.did is Did.REDEEMED:
            asked[deed.room, deed.who] += 1
            refused[deed.room, deed.who] += is_answered
        elif not is_answered:
            yield f"{deed.who} {deed.did} by {deed.message} in {deed.room}"
    for place, times in asked.items():
        got = found.written.redeemed.get(place, 0)
        if times != got + refused[place]:
            yield f"{place} redeemed {times}, got {got}, was refused {refused[place]}"


def what_was_taken_in_has_its_effect(found: Evidence) -> Iterable[str]:
    """A point is given, or the monitor hears that no more can be given today."""
    refused = {each.key for each in found.written.outbox if NO_MORE in each.text}
    for deed in _taken_in(found, Did.GAVE):
        key = f"{deed.room}:{deed.message}"
        is_given = f"{EntryKind.BONUS}:{key}" in found.written.lines
        if not is_given and f"{Kind.REPLY}:{key}" not in refused:
            yield f"no point for {deed.message} in {deed.room}"
    for deed in _taken_in(found, Did.ASKED):
        if (deed.room, deed.message) not in found.written.questions:
            yield f"no question {deed.message} in {deed.room}"


def what_was_not_heard_is_known_as_deaf(found: Evidence) -> Iterable[str]:
    for deed in found.deeds:
        is_missing = deed.message and (deed.room, deed.message) not in found.written.messages
        if is_missing and not _is_deaf(deed, found.written):
            yield f"{deed.who} {deed.did} by {deed.message} in {deed.room} at {deed.began:%T.%f}"


def the_ledger_adds_up(found: Evidence) -> Iterable[str]:
    written = found.written
    for place in sorted(written.earned.keys() | written.held.keys()):
        earned, held = written.earned.get(place, 0), written.held.get(place, 0)
        if earned != held or held < 0:
            yield f"{place} has {held}, her lines come to {earned}"


def nothing_is_put_aside(found: Evidence) -> Iterable[str]:
    return found.written.dead_letters


PROMISES: tuple[Check, ...] = (
    nothing_is_said_twice,
    nothing_is_lost,
    every_promise_ends,
    nothing_is_refused_or_too_late,
    what_was_being_said_is_sent_or_unsure,
    nobody_is_welcomed_twice,
    who_came_and_stayed_is_welcomed,
    who_is_there_is_known,
    what_was_taken_in_is_answered,
    what_was_taken_in_has_its_effect,
    what_was_not_heard_is_known_as_deaf,
    the_ledger_adds_up,
    nothing_is_put_aside,
)


def _spoken(promise: Promise) -> tuple[str, str]:
    return promise.where, promise.text


def _heard(found: Evidence) -> Counter[tuple[str, str]]:
    return Counter((each.where, each.text or "") for each in found.said)


def _welcomes(found: Evidence) -> Counter[Place]:
    welcomes = (each for each in found.said if (each.text or "").startswith(WELCOME))
    return Counter((each.where, who) for each in welcomes for who in each.mentions)


def _is_for_nobody(promise: Promise) -> bool:
    """Whom it concerned has left, or is no friend of the account: she cannot be reached. What
    belonged to a welcome that was not said goes with it; that one is looked at by itself."""
    excuses = ("nobody any more", "not a friend", "welcome of its round was not said")
    return any(each in promise.reason for each in excuses)


def _all(found: Evidence, *kinds: Did) -> list[Deed]:
    return [each for each in found.deeds if each.did in kinds]


def _taken_in(found: Evidence, *kinds: Did) -> list[Deed]:
    messages = found.written.messages
    return [each for each in _all(found, *kinds) if (each.room, each.message) in messages]


def _is_deaf(deed: Deed, written: Written) -> bool:
    """Whether some spell touches the time in which it was said."""
    return any(
        since <= deed.ended and (until is None or deed.began <= until)
        for since, until in written.deaf.get(deed.room, ())
    )
