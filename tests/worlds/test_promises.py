"""A promise that is broken is found: what a world came to is changed by hand, and judged anew."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from models.delivery import State
from models.messages import Kind
from models.tables import (
    ActivityRow,
    BalanceRow,
    Base,
    DeadLetterRow,
    MemberRow,
    MessageRow,
    OutboxRow,
    RewardRow,
)
from tests.worlds import promises
from tests.worlds.outcome import Outcome
from tests.worlds.world import World

LIVELY = 8
HOUR = timedelta(hours=1)
Rows = Sequence[Any]
Changed = Callable[[Outcome], Outcome]


def with_rows(table: type[Base], change: Callable[[Rows], Rows]) -> Changed:
    return lambda outcome: replace(
        outcome, tables={**outcome.tables, table: change(outcome.tables[table])}
    )


def first(change: Callable[[Any], dict[str, Any]], **like: Any) -> Callable[[Rows], Rows]:
    """The first row like this, otherwise."""

    def changed(rows: Rows) -> Rows:
        number = next(
            n
            for n, row in enumerate(rows)
            if all(getattr(row, name) == value for name, value in like.items())
        )
        row = SimpleNamespace(**{**rows[number]._mapping, **change(rows[number])})
        return [*rows[:number], row, *rows[number + 1 :]]

    return changed


def without(kind: Kind) -> Callable[[Rows], Rows]:
    """As if none of these had been promised."""
    return lambda rows: [row for row in rows if row.kind != kind]


def unsaid(outcome: Outcome) -> Outcome:
    """Nobody was ever welcomed."""
    heard = [each for each in outcome.heard if each.message.kind is not Kind.WELCOME]
    return replace(outcome, heard=heard)


def hasty(outcome: Outcome) -> Outcome:
    """All was said in one moment."""
    now = outcome.heard[0].began
    return replace(outcome, heard=[replace(each, began=now, at=now) for each in outcome.heard])


def late(outcome: Outcome) -> Outcome:
    heard = [replace(each, began=each.message.lapses_at) for each in outcome.heard]
    return replace(outcome, heard=heard)


BREAKS: list[tuple[Callable[[Outcome], Any], Changed]] = [
    (promises.said_once, lambda all_: replace(all_, heard=[*all_.heard, all_.heard[0]])),
    (promises.outbox_is_true, lambda all_: replace(all_, heard=all_.heard[1:])),
    (
        promises.outbox_is_true,
        with_rows(OutboxRow, first(lambda row: {"state": State.UNSURE}, state=State.SENT)),
    ),
    (
        promises.nothing_is_left_behind,
        with_rows(OutboxRow, first(lambda row: {"state": State.SENDING})),
    ),
    (
        promises.taken_over_for_good,
        lambda all_: replace(all_, heard=[replace(each, woken=True) for each in all_.heard]),
    ),
    (promises.what_is_told_is_handled, lambda all_: replace(all_, handled=all_.handled[::2])),
    (promises.heard_once, with_rows(MessageRow, lambda rows: [])),
    (promises.heard_once, lambda all_: replace(all_, told={})),
    (promises.commands_are_answered, with_rows(OutboxRow, without(Kind.REPLY))),
    (promises.rounds_are_whole, with_rows(OutboxRow, without(Kind.RULES))),
    (
        promises.counted_once,
        with_rows(ActivityRow, first(lambda row: {"messages": row.messages + 1})),
    ),
    (
        promises.deaf_is_noted,
        lambda all_: replace(all_, deaf=[*all_.deaf, (all_.ended, all_.ended + HOUR)]),
    ),
    (
        promises.nothing_is_put_aside,
        with_rows(
            DeadLetterRow,
            lambda rows: [SimpleNamespace(kind="Said", event={}, traceback="KeyError")],
        ),
    ),
    (
        promises.members_are_known,
        with_rows(MemberRow, first(lambda row: {"present": not row.present})),
    ),
    (promises.newcomers_are_greeted, unsaid),
    (
        promises.steps_are_in_order,
        lambda all_: replace(all_, heard=list(reversed(all_.heard))),
    ),
    (
        promises.balances_are_sums,
        with_rows(BalanceRow, first(lambda row: {"points": row.points + 1})),
    ),
    (promises.stock_is_kept, with_rows(RewardRow, first(lambda row: {"stock": row.stock + 1}))),
    (promises.pace_is_kept, hasty),
    (promises.late_is_never, late),
]


async def test_every_broken_promise_is_found(database: str) -> None:
    outcome = await World(LIVELY, database).live()
    assert promises.broken(outcome) == []
    for promise, change in BREAKS:
        assert list(promise(change(outcome))), promise.__doc__
