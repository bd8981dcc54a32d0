"""Many worlds on all cores, or one of them step by step.

python -m tests.worlds 1000: worlds 1 to 1000, and which of them break a promise;
python -m tests.worlds --seed 17: what happens in world 17.
"""

import argparse
import asyncio
import atexit
import logging
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.worlds.many import live_through_many, live_through_one, prepare
from tests.worlds.report import Report
from tests.worlds.weather import Trouble


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.worlds", description=__doc__)
    parser.add_argument("worlds", type=int, nargs="?", default=100, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="only this one, step by step")
    asked = parser.parse_args()
    url = asyncio.run(prepare(_folder()))
    if asked.seed is not None:
        logging.disable()
        return _tell(live_through_one(url, asked.seed))
    seeds = range(asked.first, asked.first + asked.worlds)
    return _sum_up(live_through_many(seeds, url), len(seeds))


def _folder() -> Path:
    """Gone at the end, after the server that is going to be in it has stopped. Where we are root
    that is somebody else, who must get in."""
    folder = Path(tempfile.mkdtemp(prefix="qunzhu-worlds-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _tell(report: Report) -> int:
    print(*report.history, sep="\n")
    print(f"\nworld {report.seed}, {report.digest}:")
    print(*(report.broken or ["every promise was kept"]), sep="\n")
    return 1 if report.broken else 0


def _sum_up(reports: Iterable[Report], count: int) -> int:
    failed: list[int] = []
    struck: Counter[Trouble] = Counter()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress:
        worlds = progress.add_task("worlds", total=count)
        for report in reports:
            progress.advance(worlds)
            struck += report.struck
            if report.broken:
                failed.append(report.seed)
                told = "".join(f"\n  {each}" for each in report.broken)
                progress.console.print(f"world {report.seed}:{told}", markup=False)
    for trouble in Trouble:
        print(f"{struck[trouble]:8}  {trouble}")
    print(f"{count} worlds, {len(failed)} of them with a broken promise")
    for seed in sorted(failed):
        print(f"  make worlds SEED={seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
