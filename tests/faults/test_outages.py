"""The service stays up whatever else fails, says what is wrong, and catches up by itself."""

import asyncio
from pathlib import Path

from tests.faults.outages import SET_BACK, Outage, Outages
from tests.faults.server import Server

SAID_IN_VAIN = "not said"
"""One line a message that was refused or is unsure: those are for people to look at."""


def of_the(what: str, outage: Outage) -> list[str]:
    """The lines of the log that tell of it."""
    return [line for line in outage.troubles if what in line]


def beside(what: str, outage: Outage) -> list[str]:
    """Lines that tell of nothing that matters."""
    return [line for line in outage.troubles if what not in line and SAID_IN_VAIN not in line]


async def test_a_day_on_which_everything_fails(tmp_path: Path) -> None:
    await asyncio.to_thread(_a_bad_day, tmp_path)


def _a_bad_day(folder: Path) -> None:
    with Server() as server, Outages(folder, server, seed=21) as outages:
        away = outages.database_dies(seconds=5)
        assert not away.told["ready"]
        assert away.told["database"].startswith("away")
        assert away.figures["qunzhu_database_up"] == 0
        assert len(of_the("database is away", away)) == 1
        assert beside("database is away", away) == []

        cut = outages.commits_are_cut(times=6)
        assert beside("database is away", cut) == []

        frozen = outages.gateway_freezes(seconds=12)
        (state,) = frozen.told["gateways"].values()
        assert (state["held"], state["well"]) == (True, False)
        assert "silent" in state["why"]
        assert set(up_of(frozen)) == {0}
        assert len(of_the("account", frozen)) - len(of_the(SAID_IN_VAIN, frozen)) <= 1

        assert beside(SET_BACK, outages.clock_jumps(3600)) == []
        assert len(of_the(SET_BACK, outages.clock_is_set_back())) == 1


def up_of(outage: Outage) -> list[float]:
    """Whether each account is connected, by the metrics."""
    return [value for name, value in outage.figures.items() if "gateway_up" in name]
