"""A back-up that is restored as the guide says repeats nothing of what was said after it."""

import asyncio
from pathlib import Path

from tests.faults.restoring import Restored, restored
from tests.faults.server import Server


async def test_a_restored_service_says_nothing_a_second_time(tmp_path: Path) -> None:
    found = await asyncio.to_thread(_restored, tmp_path)
    assert found.lost, "something was said after the back-up"
    assert found.again == []


def _restored(folder: Path) -> Restored:
    with Server() as server:
        return restored(folder, server, seed=31)
