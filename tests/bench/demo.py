"""How long `make demo` takes: `python -m tests.bench.demo`, one line of figures.

The first start, in a folder of its own, from the command to its address, by what it has told
meanwhile: until the database was there, until the community's eight weeks were lived through,
until it was served; and a second start.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.demo.past.plots import WEEKS

ROOT = Path(__file__).resolve().parents[2]
BEGUN, LIVED, READY = "Making a community", f"week {WEEKS} of {WEEKS}", "the demo is at"


def start(folder: Path, *more: str) -> dict[str, float]:
    """Seconds from the command to each of these lines."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", *more],
        cwd=ROOT,
        env=os.environ
        | {"BOT_DATA": str(folder), "BOT_HTTP": _free_address(), "BOT_LOG_LEVEL": "WARNING"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    seconds = {
        each: time.perf_counter() - begun
        for line in _until(process.stdout, READY)
        for each in (BEGUN, LIVED, READY)
        if each in line
    }
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()
    return seconds


def _free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        return f"{host}:{port}"


def _until(lines: Iterator[str], last: str) -> Iterator[str]:
    for line in lines:
        yield line
        if last in line:
            return


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = start(Path(folder))
        second = start(Path(folder))
    print(
        f"demo: first start {first[READY]:.1f} s,",
        f"of which {first[BEGUN]:.1f} s until there was a database,",
        f"{first[LIVED] - first[BEGUN]:.1f} s for {WEEKS} weeks;",
        f"second start {second[READY]:.1f} s",
    )


if __name__ == "__main__":
    main()
