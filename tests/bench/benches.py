"""Which benches there are, and how each is run: in a process of its own, so that none begins with
the memory of another."""

import subprocess
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

import uvloop

from tests.bench.figures import Row

Bench = Callable[[str], Coroutine[None, None, list[Row]]]
BENCHES = (
    "messages",
    "gateway",
    "latency",
    "relay",
    "planning",
    "activity",
    "memory",
    "replay",
)
"""Modules with a `bench`, which finds the rows of the table."""
MORE = ("entry", "funnel", "console", "posters", "demo")
"""Modules to be run, which tell what they found."""


def measured(name: str, url: str) -> list[Row]:
    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        return processes.submit(_run, name, url).result()


def _run(name: str, url: str) -> list[Row]:
    bench: Bench = import_module(f"tests.bench.{name}").bench
    rows: list[Row] = uvloop.run(bench(url))
    return rows


def tell(name: str) -> None:
    """Raises CalledProcessError where it fails."""
    subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)
