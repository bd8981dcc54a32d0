"""Who may read what members wrote, and what they are called: admins, and operators whose tokens
are for the group."""

from collections.abc import Iterable

from bot.http.api.office import in_group
from models.access import Holder
from models.groups import of_channel
from models.ids import GroupId, PersonId
from models.stores.unit import Unit

Names = dict[tuple[str, str], str]
"""What people are called in a group, by the ids of the group and the person."""


def may_read(holder: Holder, group: str, channel: str | None) -> bool:
    """`channel` is that of the group."""
    known = of_channel(channel) if channel is not None else None
    return holder.covers(in_group(GroupId(group)), known)


async def names_of(people: Iterable[tuple[str, str]], facts: Unit) -> Names:
    """Read in one statement; without those whom we don't know."""
    wanted = {(GroupId(group), PersonId(person)) for group, person in people}
    await facts.members.load(wanted)
    found = [await facts.members.get(*each) for each in wanted]
    return {(each.group, each.person): each.shown for each in found if each is not None}
