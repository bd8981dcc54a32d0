"""Which cities a mother may choose from."""

from collections.abc import Sequence

from models.groups import of_channel
from models.stores.unit import Unit


async def served(facts: Unit, channel: str) -> Sequence[str]:
    """Those of the rule that is in force for the channel, else those that our groups are in."""
    rules = await facts.rules.in_force(of_channel(channel))
    return rules.entry.cities or await facts.groups.cities()
