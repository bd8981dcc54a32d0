"""`make faults`: deaths, outages, hostile events and a month, at length; fails when a promise is
broken.

Each scene has a fresh database, a fresh gateway and a seed, and prints what it came to.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shutil import rmtree
from statistics import median

from tests.faults.hostile.campaign import campaign
from tests.faults.kills import die_at_random
from tests.faults.month.living import Month, a_month
from tests.faults.outages import Outage, Outages
from tests.faults.processes import (
    TAKEN_OVER_WITHIN,
    Handover,
    one_dies,
    one_dies_in_the_middle,
    one_is_stopped,
)
from tests.faults.restoring import restored
from tests.faults.server import Server
from tests.faults.stage import summary

HOUR = 3600.0


def deaths(folder: Path, server: Server, given: argparse.Namespace) -> Iterator[str]:
    """kill -9 of the bot at random instants."""
    for found in die_at_random(folder, server.url, kills=given.kills, seed=given.seed):
        back, longest = median(found.back_after), found.back_after[-1]
        yield (
            f"{found.kills} kills, ready again after {back:.0f} s, at most {longest:.0f}; "
            f"{_figures(summary(found.evidence))}"
        )


def outages(folder: Path, server: Server, given: argparse.Namespace) -> Iterator[str]:
    """The database, the gateway and the clock fail one service, one after the other."""
    with Outages(folder, server, given.seed) as each:
        yield f"database away {given.seconds:g} s: {_of(each.database_dies(given.seconds))}"
        yield f"{given.cuts} commits cut: {_of(each.commits_are_cut(given.cuts))}"
        yield f"gateway away {given.seconds:g} s: {_of(each.gateway_dies(given.seconds))}"
        yield f"gateway frozen {given.seconds:g} s: {_of(each.gateway_freezes(given.seconds))}"
        yield f"clock an hour ahead: {_of(each.clock_jumps(HOUR))}"
        yield f"clock set back by an hour: {_of(each.clock_is_set_back())}"


def processes(folder: Path, server: Server, given: argparse.Namespace) -> Iterator[str]:
    """Three share two accounts out, and one that holds one dies, again and again."""
    found = one_dies(folder, server.url, deaths=given.deaths, seed=given.seed)
    yield f"{given.deaths} deaths: {_handed_over(found)}"


def mid_send(folder: Path, server: Server, given: argparse.Namespace) -> Iterator[str]:
    """One of two dies with a message on its lips."""
    yield _handed_over(one_dies_in_the_middle(folder, server.url, seed=given.seed))


def stopped(folder: Path, server: Server, given: argparse.Namespace) -> Iterator[str]:
    """One of two is stopped and wakes, again and again."""
    stops, seconds = given.stops, given.seconds
    found = one_is_stopped(folder, server.url, stops=stops, seconds=seconds, seed=given.seed)
    yield f"{stops} times {seconds:g} s: {_handed_over(found)}"


def restoring(folder: Path, server: Server, given: argparse.Namespace) -> Iterator[str]:
    """A back-up is restored after more was said."""
    found = restored(folder, server, seed=given.seed)
    assert not found.again, f"said a second time: {found.again}"
    yield f"{len(found.lost)} messages said after the back-up, none of them again"


def hostile(folder: Path, server: Server, given: argparse.Namespace) -> Iterator[str]:
    """Whatever anybody can write, on databases of their own."""
    yield from campaign(given.events, given.seed)


def month(folder: Path, server: Server, given: argparse.Namespace) -> Iterator[str]:
    """A busy account, from day to day on the virtual clock."""
    asked = Month(days=given.days, groups=given.groups, acts=given.acts, seed=given.seed)
    yield from a_month(server.url, asked)


Scene = Callable[[Path, Server, argparse.Namespace], Iterator[str]]
SCENES: Mapping[str, Scene] = {
    each.__name__: each
    for each in (deaths, outages, processes, mid_send, stopped, restoring, hostile, month)
}


def main() -> int:
    given = _parser().parse_args()
    failed = [name for name in given.only or SCENES if not _goes_well(name, given)]
    print(f"broken: {', '.join(failed)}" if failed else "every promise was kept")
    return 1 if failed else 0


def _goes_well(name: str, given: argparse.Namespace) -> bool:
    print(f"{name}: {SCENES[name].__doc__} Seed {given.seed}.", flush=True)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="qunzhu-faults-"))
    with Server() as server:
        try:
            for line in SCENES[name](folder, server, given):
                print(f"    {line}", flush=True)
        except Exception:  # the other scenes are still to be played
            traceback.print_exc()
            print(f"    what they logged is in {folder}", flush=True)
            return False
    rmtree(folder)
    print(f"    in {time.monotonic() - began:.0f} s", flush=True)
    return True


def _handed_over(found: Handover) -> str:
    longest = max(found.after)
    assert longest <= TAKEN_OVER_WITHIN, f"nobody held it for {longest:.1f} s"
    return f"held by another within {longest:.1f} s; {_figures(summary(found.evidence))}"


def _of(outage: Outage) -> str:
    assert outage.evidence is not None
    lines = len([line for line in outage.troubles if "not said" not in line])
    back = f"ready again after {outage.back_after:.1f} s, {lines} lines in the log"
    return f"{back}; {_figures(summary(outage.evidence))}"


def _figures(figures: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {figure}" for name, figure in figures.items() if figure)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", choices=SCENES, action="append", help="may be given again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=200, help="of the bot, at random instants")
    parser.add_argument("--cuts", type=int, default=100, help="of commits")
    parser.add_argument("--deaths", type=int, default=10, help="of one that holds an account")
    parser.add_argument("--stops", type=int, default=3, help="of one that holds an account")
    parser.add_argument("--seconds", type=float, default=60, help="of what is away or stopped")
    parser.add_argument("--events", type=int, default=1_000_000, help="that are hostile")
    parser.add_argument("--days", type=int, default=30, help="of the month")
    parser.add_argument("--groups", type=int, default=50, help="of the month")
    parser.add_argument("--acts", type=int, default=700, help="a day of the month, in all groups")
    return parser


if __name__ == "__main__":
    sys.exit(main())
