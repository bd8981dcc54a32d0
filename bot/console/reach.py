"""Which groups somebody may change, so that there are no buttons for the others. Pure; whoever
gets by all the same is refused by the API."""

from collections.abc import Mapping
from typing import Any


def covers(who: Mapping[str, Any], group: str, channel: str | None) -> bool:
    """`who` is what the API says of her session."""
    if who["role"] != "operator":
        return bool(who["role"] == "admin")
    hers = who["scopes"]
    return f"group:{group}" in hers or (channel is not None and f"channel:{channel}" in hers)


def only_channel(who: Mapping[str, Any]) -> str:
    """The one that an operator is there for; of others, and where there are several, none."""
    hers = [each.removeprefix("channel:") for each in who["scopes"]]
    is_one = len(hers) == 1 and who["scopes"][0].startswith("channel:")
    return hers[0] if is_one else ""
