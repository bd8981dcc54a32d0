"""Who may know what members are called, and what they wrote: admins, and operators of their
groups."""

from collections.abc import Iterable, Mapping

from sqlalchemy import RowMapping

from bot.http.api.office import in_group
from models.access import Holder
from models.groups import Group
from models.ids import GroupId, PersonId
from models.stores.unit import Unit

Membership = tuple[GroupId, PersonId]


def may_know(holder: Holder, group: Group) -> bool:
    return holder.covers(in_group(group.id), group)


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


async def names_in(
    known: Mapping[GroupId, Group], rows: Iterable[RowMapping], facts: Unit
) -> dict[Membership, str]:
    """What those are called who stand in these rows as `group` and `person`, in these groups."""
    keys = {(row["group"], row["person"]) for row in rows if row["group"] in known}
    await facts.members.load(keys)
    found = [await facts.members.get(*each) for each in keys]
    return {(each.group, each.person): each.shown for each in found if each is not None}
