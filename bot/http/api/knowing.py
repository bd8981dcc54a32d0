"""Who may know what members are called, and what they wrote: admins, and operators of their
groups; and in which groups nobody knows."""

from collections.abc import Iterable, Mapping

from sqlalchemy import RowMapping

from bot.http.api.office import in_group
from models.access import Holder
from models.groups import Group, of_channel
from models.ids import GroupId, PersonId
from models.stores.unit import Unit

Names = dict[tuple[GroupId, PersonId], str]
"""What people are called in a group."""


def may_know(holder: Holder, group: Group) -> bool:
    return holder.covers(in_group(group.id), group)


def may_read(holder: Holder, group: str, channel: str | None) -> bool:
    """The same of a row; `channel` is that of the group."""
    known = of_channel(channel) if channel is not None else None
    return holder.covers(in_group(GroupId(group)), known)


async def known_groups(
    holder: Holder, groups: Iterable[GroupId], facts: Unit
) -> dict[GroupId, Group]:
    """Those of these groups whose members she may know."""
    found = await facts.groups.peek_at(set(groups))
    return {each.id: each for each in found if may_know(holder, each)}


def signed(by: str | None) -> str | None:
    """Who did something, for those who may not know names: `小雨 (wxid_1)` is wxid_1, and an
    operator is called by her name."""
    _, is_member, person = (by or "").rpartition(" (")
    return person.removesuffix(")") if is_member else by


async def names_of(people: Iterable[tuple[str, str]], facts: Unit) -> Names:
    """By group and person, read in one statement; without those whom we don't know."""
    wanted = {(GroupId(group), PersonId(person)) for group, person in people}
    await facts.members.load(wanted)
    found = [await facts.members.get(*each) for each in wanted]
    return {(each.group, each.person): each.shown for each in found if each is not None}


async def names_in(
    known: Mapping[GroupId, Group], rows: Iterable[RowMapping], facts: Unit
) -> Names:
    """Of those who stand in these rows as `group` and `person`, in these groups."""
    people = [(row["group"], row["person"]) for row in rows if row["group"] in known]
    return await names_of(people, facts)


async def untold_of(groups: Iterable[Group], facts: Unit) -> set[GroupId]:
    """Those whose account is not told what members say: what is counted from that is unknown."""
    among = list(groups)
    await facts.accounts.load({(each.account,) for each in among})
    accounts = {each.account: await facts.accounts.get(each.account) for each in among}
    deaf = {name for name, known in accounts.items() if known is not None and not known.hears}
    return {each.id for each in among if each.account in deaf}
