"""`make bench`: what docs/figures.md says, measured on this machine.

What the benches find is told as a table; with `--write` it takes the place of the one in
docs/figures.md. Fails where something is not as promised. `--more` runs those, too, that only tell
what they found.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.commandline import database_url
from config.settings import Settings
from tests.bench.benches import BENCHES, MORE, measured, tell
from tests.bench.figures import HEAD, Row, is_kept, table, written
from tests.bench.machine import machine

PAGE = Path(__file__).resolve().parents[2] / "docs/figures.md"
ON_PAPER = 180
"""Columns where nobody looks at a terminal."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--only", nargs="+", choices=[*BENCHES, *MORE], metavar="NAME")
    which.add_argument("--write", action="store_true", help="into docs/figures.md")
    parser.add_argument("--more", action="store_true", help=f"also {', '.join(MORE)}")
    given = parser.parse_args()
    begun = time.monotonic()
    # Held until the end: the embedded server stops with the last process that asked for it.
    url = asyncio.run(database_url(Settings()))
    here = asyncio.run(machine(url))
    print(here)
    names = given.only or [*BENCHES, *(MORE if given.more else ())]
    rows = [row for name in names if name in BENCHES for row in _found(name, url)]
    if rows:
        _show(rows)
    if given.write:
        page = written(PAGE.read_text("utf-8"), f"{table(rows)}\n\nOn {here}.")
        PAGE.write_text(page, "utf-8")
    for name in names:
        if name in MORE:
            _begin(name)
            tell(name)
    print(f"in {(time.monotonic() - begun) / 60:.0f} minutes")
    return 0 if is_kept(rows) else 1


def _begin(name: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {name} ...", flush=True)


def _found(name: str, url: str) -> list[Row]:
    _begin(name)
    rows = measured(name, url)
    for each in rows:
        print(f"  {each}", flush=True)
    return rows


def _show(rows: Sequence[Row]) -> None:
    shown = Table(*HEAD, show_lines=True)
    for each in rows:
        # Not in rich's own markup, in which a link would be a style.
        shown.add_row(*map(Text, each.cells()))
    Console(width=None if sys.stdout.isatty() else ON_PAPER).print(shown)


if __name__ == "__main__":
    sys.exit(main())
