"""One replay in a process of its own, which can be killed at any moment and leaves nothing."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import uuid
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import bot
from bot.postgres import drop_throwaway

log = logging.getLogger(__name__)

ROOT = Path(bot.__file__).resolve().parent.parent
LONGEST_LINE = 1 << 22
LAST_WORDS = 5
PROGRESS = '{"type": "progress"'
AT_ONCE = 500
"""Lines that are handed over before others have a turn."""
TIDIED_WITHIN = 5.0
"""Seconds: whoever stops us does not wait for long."""

_ending: set[asyncio.Task[None]] = set()


class TooLong(Exception):
    """It was not done by its time, and was killed."""


class OutOfMemory(Exception):
    """It may take no more."""


class ReplayFailed(Exception):
    """It came to no end; what it said last is in the log."""


async def replayed(
    scenario: Iterable[str],
    url: str,
    take: Callable[[dict[str, Any]], None],
    *,
    deadline: float,
    memory: int,
) -> AsyncGenerator[dict[str, Any], None]:
    """Run it on the database server of `url`, hand over each line that it writes, and tell how far
    it is. It ends with this iterator, whatever ends that. `deadline` is by the loop's clock, and
    `memory` in MB. Raises TooLong, OutOfMemory, ReplayFailed."""
    name = f"preview_{uuid.uuid4().hex}"
    process = await _start(name, url, memory)
    assert process.stdin
    assert process.stdout
    assert process.stderr
    handing = [
        asyncio.create_task(_feed(process.stdin, scenario)),
        asyncio.create_task(_read(process.stdout, take)),
    ]
    last: deque[str] = deque(maxlen=LAST_WORDS)
    try:
        async for told in _lines(process.stderr, deadline):
            if told.startswith(PROGRESS):
                yield json.loads(told)
            else:
                last.append(told)
        async with asyncio.timeout_at(deadline):
            await asyncio.gather(*handing)
            _must_be_well(await process.wait(), last)
    except TimeoutError as error:
        raise TooLong from error
    finally:
        # What is awaited in here may be cancelled as this was: it is left to a task of its own.
        for each in handing:
            each.cancel()
        _kill(process)
        ending = asyncio.create_task(_tidy_up(process, url, name))
        _ending.add(ending)
        ending.add_done_callback(_ending.discard)


async def tidied_up() -> None:
    """When nothing is left of those that were killed."""
    if _ending:
        await asyncio.wait(_ending, timeout=TIDIED_WITHIN)


async def _start(name: str, url: str, memory: int) -> Process:
    """Its scenario comes through a pipe: what members wrote is not put on a disk."""
    options = ("--days", "--progress", "--memory", str(memory), "--database", name)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "replay", "-", *options),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        limit=LONGEST_LINE,
        env=os.environ | {"BOT_DATABASE_URL": url, "PYTHONPATH": path},
    )


async def _feed(stdin: StreamWriter, scenario: Iterable[str]) -> None:
    """One that died does not read on; why is told elsewhere."""
    with contextlib.suppress(ConnectionError):
        for number, line in enumerate(scenario):
            stdin.write(line.encode())
            if number % AT_ONCE == 0:
                await stdin.drain()
        await stdin.drain()
        stdin.close()


async def _read(stdout: StreamReader, take: Callable[[dict[str, Any]], None]) -> None:
    while line := await stdout.readline():
        take(json.loads(line))


async def _lines(stream: StreamReader, deadline: float) -> AsyncIterator[str]:
    while True:
        async with asyncio.timeout_at(deadline):
            line = await stream.readline()
        if not line:
            return
        yield line.decode(errors="replace").rstrip()


def _must_be_well(code: int, last: Iterable[str]) -> None:
    if code == 0:
        return
    words = list(last)
    if code == -signal.SIGKILL or any(each.startswith("MemoryError") for each in words):
        raise OutOfMemory
    log.error("a replay ended with %s: %s", code, " | ".join(words))
    raise ReplayFailed(code)


def _kill(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


async def _tidy_up(process: Process, url: str, name: str) -> None:
    """What it did not come to itself."""
    if await process.wait() != 0:
        await drop_throwaway(url, name)
