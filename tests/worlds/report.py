"""One world lived through, and what is said of it."""

from collections import Counter
from dataclasses import dataclass

from tests.worlds.fate import Died
from tests.worlds.promises import broken
from tests.worlds.weather import Trouble
from tests.worlds.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`digest` is of all that happened and all that is left: the same wherever the seed is.
    `struck` is how often what went wrong."""

    seed: int
    broken: tuple[str, ...]
    digest: str
    history: tuple[str, ...]
    struck: Counter[Trouble]


async def live_through(seed: int, url: str) -> Report:
    """Where the world itself comes to a halt, that is a broken promise, too."""
    world = World(seed, url)
    try:
        outcome = await world.live()
    except (Exception, Died) as error:
        world.history.tell(f"the world ends: {error!r}")
        found, digest = [f"The service goes on. {error!r}"], ""
    else:
        found, digest = broken(outcome), outcome.digest
    return Report(
        seed=seed,
        broken=tuple(found),
        digest=f"{world.history.digest[:16]} {digest[:16]}",
        history=tuple(world.history.lines),
        struck=world.weather.struck,
    )
