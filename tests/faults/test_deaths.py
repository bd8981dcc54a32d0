"""Processes die, or are stopped, under load: every promise to the people in the groups is kept."""

import asyncio
from pathlib import Path

from models.messages import Kind
from tests.faults.kills import Deaths, die_at_random
from tests.faults.processes import one_dies_in_the_middle, one_is_stopped


async def test_nothing_is_lost_or_said_twice_by_one_that_dies_at_random_instants(
    tmp_path: Path, database: str
) -> None:
    (deaths,) = await asyncio.to_thread(_killed, tmp_path, database)
    assert deaths.evidence.said
    assert all(deaths.evidence.written.deaf.values()), "what was missed meanwhile is known"


def _killed(folder: Path, database: str) -> list[Deaths]:
    return list(die_at_random(folder, database, kills=2, seed=11))


async def test_what_it_was_saying_is_unsure_and_the_other_goes_on_in_order(
    tmp_path: Path, database: str
) -> None:
    handover = await asyncio.to_thread(one_dies_in_the_middle, tmp_path, database, seed=12)
    written = handover.evidence.written
    (unsure,) = written.having("unsure")
    assert handover.evidence.in_flight == {unsure.id}
    answers = [each.text for each in written.outbox if each.kind == Kind.REPLY]
    heard = [each.text for each in handover.evidence.said if each.text in answers]
    assert heard == answers, "that one arrived, too"


async def test_one_that_was_stopped_and_wakes_does_not_speak_for_what_it_lost(
    tmp_path: Path, database: str
) -> None:
    handover = await asyncio.to_thread(
        one_is_stopped, tmp_path, database, stops=1, seconds=12, seed=13
    )
    assert handover.after, "another one held the account while it slept"
