"""`python -m bot run` by a clock that jumps: `python -m tests.faults.jumping FILE`, where FILE
holds the seconds to add to the machine's time.

Whatever reads the time in the service reads it from here: its own clock, and the scheduler, which
asks the machine by itself. Timers of the event loop go by a clock that no one can set.
"""

import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import apscheduler.schedulers.base

import bot.clock
from bot.commandline import main


class Jumping(datetime):
    ahead: Path

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + timedelta(seconds=float(cls.ahead.read_text()))


if __name__ == "__main__":
    Jumping.ahead = Path(sys.argv[1])
    for module in (bot.clock, apscheduler.schedulers.base):
        vars(module)["datetime"] = Jumping
    sys.exit(main(["run"]))
