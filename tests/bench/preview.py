"""How long a preview takes: `python -m tests.bench.preview`, one line of figures.

One group, 100 messages a day and 5 newcomers for 30 days, under two sets of rules, one after the
other; on the embedded server, or on the one that BOT_DATABASE_URL names.
"""

import argparse
import random
import resource
import time
from datetime import datetime, timedelta
from typing import Any

import uvloop

from bot.commandline import database_url
from bot.history import History
from bot.preview.previews import Bounds, Compared, Previews
from config.daily import ZONE
from config.settings import Settings
from models.ids import GroupId
from tests.bench.replay import words

START = datetime(2026, 3, 2, tzinfo=ZONE)
WAKING, AWAKE_FROM = 14 * 3600, timedelta(hours=8)
NEWCOMERS = 5
BOUNDS = Bounds(seconds=3_600)


def lived(days: int, messages: int) -> History:
    rng = random.Random(7)
    events: list[dict[str, Any]] = []
    for day in range(days):
        morning = START + timedelta(days=day) + AWAKE_FROM
        for number in range(messages + NEWCOMERS):
            at = (morning + timedelta(seconds=rng.randrange(WAKING))).isoformat()
            event = {"at": at, "group": "g1", "member": f"u{rng.randrange(200)}"}
            if number < messages:
                said = {"type": "said", "id": f"m{day}-{number}", "text": words(number, rng)}
                events.append(event | said)
            else:
                joined = {"type": "joined", "member": f"n{day}-{number}", "name": "豆豆妈"}
                events.append(event | joined)
    events.sort(key=lambda each: str(each["at"]))
    until = START + timedelta(days=days)
    return History(
        since=START,
        until=until,
        groups=[GroupId("g1")],
        of=1,
        set_up=[{"type": "group", "group": "g1", "name": "杭州·2026年3-5月·妇幼·01"}],
        events=[*events, {"type": "until", "at": until.isoformat()}],
        gaps=[],
    )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--messages", type=int, default=100)
    given = parser.parse_args()
    url = await database_url(Settings())
    history = lived(given.days, given.messages)
    begun = time.perf_counter()
    changes = {"onboarding": {"calm_delay": 60}}
    async for each in Previews(BOUNDS).compare(history, "everywhere", changes, url):
        if isinstance(each, Compared):
            said = each.old.total.messages
    seconds = time.perf_counter() - begun
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = spent.ru_utime + spent.ru_stime
    print(
        f"preview: {len(history.events)} events, {said} said, {seconds:.1f} s;"
        f" the two replays took {processor:.1f} s of a core"
        f" and {spent.ru_maxrss // 1024} MB at most"
    )


if __name__ == "__main__":
    uvloop.run(main())
