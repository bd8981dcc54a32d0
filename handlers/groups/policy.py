"""Whether a room is ours, and what a look at its members tells."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.rules import GroupRules
from handlers import naming
from models.errands import Errand, ErrandKind
from models.events import GroupSeen, MemberJoined
from models.groups import Account, Group, Member, Origin, Standing
from models.ids import PersonId

TELLING = timedelta(seconds=2)
"""Platforms tell times in whole seconds, and their clocks are not quite ours."""
RENAMING_TAKES = timedelta(days=1)
"""What an account could not do by then nobody expects any more."""


def renamed(group: Group, name: str, rules: GroupRules) -> Group:
    """The group under this name: ours if the name follows the naming rule.

    What was decided by a person stays: a released group stays released, and an adopted one
    keeps its city, channel and birth window.
    """
    group = replace(group, name=name)
    return adopted(group, rules) if group.standing is Standing.LISTED else group


def adopted(group: Group, rules: GroupRules) -> Group:
    """Ours if its name can be read; unchanged otherwise."""
    read = naming.parse(group.name, rules.name_template, rules.first_month)
    if isinstance(read, naming.Misnamed):
        return group
    return replace(
        group,
        standing=Standing.OURS,
        city=read.city,
        channel=read.channel,
        birth_window=str(read.window),
    )


def name_fault(group: Group, rules: GroupRules) -> str | None:
    """What is wrong with a group's name, for people; None where it tells what the group is."""
    read = naming.parse(group.name, rules.name_template, rules.first_month)
    if isinstance(read, naming.Misnamed):
        return "看不出城市、月龄和渠道了"
    told = (read.city, read.window.label, read.channel)
    known = (group.city, group.window.label if group.window else None, group.channel)
    if told == known:
        return None
    differing = [(new, old) for new, old in zip(told, known, strict=True) if new != old]
    new = "、".join(each for each, _ in differing)
    old = "、".join(each or "没有" for _, each in differing)
    return f"写的是{new}，可这个群我一直当{old}的（新名字才对的话，请运营重新接管）"


def renaming(group: Group, name: str, now: datetime) -> Errand:
    """What the group's account does to give it this name."""
    return Errand(
        key=f"rename:{group.id}:{now.timestamp():.6f}:{name}",
        kind=ErrandKind.RENAME,
        account=group.account,
        group=group.id,
        detail=name,
        due_at=now,
        lapses_at=now + RENAMING_TAKES,
    )


def unrenamed(name: str) -> str:
    """What staff is told where the account could not."""
    return f"群名没能改成「{name}」，麻烦看看小助手有没有权限，或者请群主来改"


def misnamed(fault: str, well_named: str) -> str:
    """What the person in charge is told: what is wrong, and the name as it was right."""
    return f"群名改过以后，{fault}，麻烦改回「{well_named}」这样的写法"


def is_new_stay(member: Member | None, joined: MemberJoined, account: Account | None) -> bool:
    """Whether a join tells something new: not if she is known to be in, unless all we know is
    that she spoke, or our first look came between her join and its being told; and not if it is
    an old join, told again after she left."""
    if member is None:
        return True
    if member.present:
        return member.origin is Origin.SPOKE or _overtaken(member, joined, account)
    began = member.joined_at or member.seen_at
    is_later = began is None or joined.at > began
    return is_later and (member.left_at is None or joined.at >= member.left_at)


def is_joined_later(member: Member, joined: MemberJoined) -> bool:
    """Whether she left and came back in between, without our having heard her leave yet."""
    return member.present and (member.joined_at is None or joined.at > member.joined_at)


def _overtaken(member: Member, joined: MemberJoined, account: Account | None) -> bool:
    """Whether she joined after we connected and before we first saw her in the list."""
    if member.origin is not Origin.BASELINE or member.seen_at is None:
        return False
    up_at = account.up_at if account else None
    return up_at is not None and up_at - TELLING <= joined.at <= member.seen_at + TELLING


def is_end_of_stay(member: Member | None, left_at: datetime) -> bool:
    """Whether a leave ends the present stay, and not an earlier one."""
    return (
        member is not None
        and member.present
        and (member.joined_at is None or left_at >= member.joined_at)
    )


@dataclass(frozen=True, slots=True)
class Census:
    """What changed since we last looked. `doubtful`: too many are missing to be believed yet.
    `greets`: those who came did so while we were away, and not too long ago."""

    came: tuple[PersonId, ...]
    went: tuple[PersonId, ...]
    doubtful: bool
    greets: bool


def census(
    seen: GroupSeen,
    known: Collection[Member],
    group: Group,
    account: Account | None,
    rules: GroupRules,
) -> Census:
    """Compare the member list with what we know.

    The list is as old as `seen.at`: what happened after that is not undone by it.
    """
    present = {each.person: each for each in known if each.present}
    unconfirmed = {person for person, each in present.items() if each.origin is Origin.SPOKE}
    gone_since = {
        each.person
        for each in known
        if not each.present and each.gone_at is not None and each.gone_at >= seen.at
    }
    came = seen.present - (present.keys() - unconfirmed) - gone_since
    went = {
        person
        for person in present.keys() - seen.present
        if (since := present[person].seen_at) is None or since < seen.at
    }
    return Census(
        came=tuple(sorted(came)),
        went=tuple(sorted(went)),
        doubtful=is_doubtful(len(seen.present), len(present), group, rules),
        greets=group.checked_at is not None
        and _absence(group.checked_at, account) < rules.absence,
    )


def is_doubtful(seen: int, known: int, group: Group, rules: GroupRules) -> bool:
    """Platforms return half lists: one that is empty or much smaller must be seen twice. We are
    in the group ourselves, so an empty list tells nothing about those who were there before us."""
    if seen == 0 and group.checked_at is None:
        return True
    if not _much_smaller(seen, known, rules):
        return False
    doubted = group.doubted
    return (
        doubted is None
        or _much_smaller(seen, doubted, rules)
        or _much_smaller(doubted, seen, rules)
    )


def _much_smaller(some: int, many: int, rules: GroupRules) -> bool:
    return some < many and (some == 0 or some <= many * (1 - rules.doubt))


def _absence(checked_at: datetime, account: Account | None) -> timedelta:
    """How long the account was away before this look; nothing where it has looked since."""
    if account is None or account.up_at is None or account.absent_from is None:
        return timedelta(0)
    return timedelta(0) if checked_at >= account.up_at else account.up_at - account.absent_from
