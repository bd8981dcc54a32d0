"""What can be typed after `python -m bot`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Coroutine, Sequence
from typing import Any, TextIO

from bot import scenario
from bot.postgres import data_folder, embedded_url, throwaway
from bot.replay import replay
from config.settings import Settings

BAD_INPUT = 2


def main(arguments: Sequence[str]) -> int:
    parser = _parser()
    given = parser.parse_args(arguments)
    settings = Settings()
    return int(_run(given.do(settings, given)))


def _run(work: Coroutine[Any, Any, int]) -> int:
    return asyncio.run(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Qunzhu 群助")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("replay", help="run a scenario on a virtual clock")
    command.add_argument("file", type=argparse.FileType("r", encoding="utf-8"))
    command.add_argument("--state", action="store_true", help="tell at the end what is left")
    command.set_defaults(do=_replay)
    return parser


async def database_url(settings: Settings) -> str:
    return settings.database_url or await embedded_url(settings.data or data_folder())


async def _replay(settings: Settings, given: argparse.Namespace) -> int:
    lines: TextIO = given.file
    try:
        read = scenario.read(lines)
    except scenario.BadScenario as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    for left_out in read.left_out:
        print(left_out, file=sys.stderr)
    name = f"replay_{os.getpid()}"
    async with throwaway(await database_url(settings), name) as engine:
        await replay(read, engine, print, state=given.state)
    return 0


