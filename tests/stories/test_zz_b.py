import time, cProfile, pstats
from datetime import date
from tests.world import *
from tests.stories.test_entry import told, Process, nobody_can_invite, is_of, SECOND, SECOND_NAME, THIRD, THIRD_NAME
from tests.stories.test_entry import visitors
async def test_perf(world: World, database: str) -> None:
    await world.makes_code()
    await world.opens(SECOND, SECOND_NAME); await world.opens(THIRD, THIRD_NAME)
    await nobody_can_invite(world)
    p = Process(database)
    for label in ("placed", "more", "waiting", "again"):
        evs = [told(world, f"{label if label!='again' else 'more'}{n}") for n in range(400)]
        if label == "waiting":
            for g in (GROUP, SECOND, THIRD): await is_of(world, 200, g)
        pr = cProfile.Profile() if label in ("more","waiting") else None
        t, c = time.perf_counter(), time.process_time()
        if pr: pr.enable()
        await p.takes(world, evs)
        if pr: pr.disable()
        print(label, time.perf_counter() - t, "cpu", time.process_time() - c)
        if pr: pstats.Stats(pr).sort_stats("cumulative").print_stats(25)
    await p.engine.dispose()
