"""The benches still run: each one small, for what it does and not for how fast."""

import json
from pathlib import Path

from models.database import open_engine
from models.stores.funnel import By
from tests.bench import (
    activity,
    demo,
    entry,
    funnel,
    messages,
    planning,
    posters,
    relay,
    replay,
    sizes,
)


async def test_planning_plans_every_group_and_then_has_nothing_to_do(database: str) -> None:
    engine = open_engine(database)
    await planning.fill(engine, 40)
    _, posts = await planning.plan(engine)
    await planning.idle(engine)
    await engine.dispose()
    assert posts == 40 * planning.RULES.content.posts_daily


async def test_activity_measures_each_of_its_databases(database: str) -> None:
    small = activity.Scale(groups=100, people=5, stored=500, batch=20, talking=10, looks=2)
    engine = open_engine(database)
    await activity.fill(engine, small)
    events, looks = await activity.measure([engine], [small], 1)
    await engine.dispose()
    assert len(events) == len(looks) == 1


async def test_sizes_counts_what_is_stored_by_the_month_as_one(database: str) -> None:
    engine = open_engine(database)
    await activity.fill(engine, activity.Scale(groups=100, people=5, stored=sizes.FEWEST))
    found = {each.table: each for each in await sizes.sizes(engine)}
    await engine.dispose()
    assert found["message"].rows == sizes.FEWEST
    assert any(line.startswith("message ") for line in sizes.lines([*found.values()]))


async def test_replay_says_something_in_every_log(database: str) -> None:
    for log in (replay.chatter(200), replay.chatter(200, 0.998), replay.joins(50)):
        lines = [json.dumps(each, ensure_ascii=False) for each in log]
        _, said = await replay.measure(database, lines)
        assert said > 0
        assert await replay.handled(database, lines) > 0


async def test_messages_are_measured_beside_copy_and_the_orm(database: str) -> None:
    rows = await messages.bench(database, count=400, by_orm=10)
    assert [each.ours.value > 0 for each in rows] == [True, True]


async def test_the_relay_is_measured_beside_updates_and_with_less_to_say(database: str) -> None:
    rows = await relay.bench(database, count=100, few=60, many=200, rounds=1)
    assert [each.theirs.value > 0 for each in rows] == [True, True]


async def test_nobody_is_lost_and_no_group_overfilled_by_forms_that_come_in_a_rush(
    database: str,
) -> None:
    engine = open_engine(database)
    load, _, became = await entry.measure(engine, database, 100, 1.5, members=196)
    await engine.dispose()
    assert load.refused == 0
    assert (became.placed, became.waiting) == (24 * 4, 54)
    assert became.is_right


async def test_the_funnel_counts_everybody(database: str) -> None:
    engine = open_engine(database)
    await funnel.fill(engine, 1000)
    _, counted = await funnel.count(engine, By.CODE, None)
    await engine.dispose()
    assert (counted.totals.scans, counted.totals.surveys, counted.totals.joined) == (
        1000,
        700,
        400,
    )


def test_the_demo_starts_and_says_where_it_is(server_folder: Path) -> None:
    """A small one, on the server that the tests have."""
    seconds = demo.start(server_folder, "--small")
    assert set(seconds) == {demo.READY}


def test_posters_draws_one_of_each_template() -> None:
    seconds, largest = posters.draw(3)
    assert len(seconds) == 3
    assert largest > 0
