"""What her page shows of how she gets into her group. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from config.rules import GrowthRules, Rules
from models.groups import Account, Group
from models.platform_ways import ContactWay, JoinWay
from models.ways import AccountCard, Way, WayKind


@dataclass(frozen=True, slots=True)
class ShownQr:
    """To be scanned: its `content` is drawn, or its `image` is shown. After `valid_until` it leads
    nowhere; None where it does not lapse."""

    kind: WayKind
    content: str | None
    image: bytes | None
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class ByFriend:
    """The account to befriend, by the `content` of its QR code and the `name` seen there: it
    accepts who says her ticket, and invites her."""

    content: str
    name: str


@dataclass(frozen=True, slots=True)
class ToStaff:
    """The QR code by which she befriends somebody of our staff, who can't bring her into a group
    but tells her how she gets there: its `content` is drawn, or its `image` is shown."""

    content: str | None
    image: bytes | None


@dataclass(frozen=True, slots=True)
class Shown:
    """The QR code comes first where there is one, and the account, or staff, helps where it fails.
    With no code and no account the way in is being prepared."""

    qr: ShownQr | None = None
    by_friend: ByFriend | None = None
    to_staff: ToStaff | None = None

    @property
    def leads_in(self) -> bool:
        return self.qr is not None or self.by_friend is not None


def shown(
    group: Group,
    way: Way | None,
    card: AccountCard | None,
    account: Account | None,
    now: datetime,
    rules: Rules,
    join_way: JoinWay | None = None,
    contact_way: ContactWay | None = None,
) -> Shown:
    """`card` and `account` are those of the group; `join_way` and `contact_way` those of its
    account for the code that she came by. A way that carries her code comes before a picture."""
    if not group.is_ours:
        return Shown()
    joins = _join_way(group, join_way, rules.growth)
    return Shown(
        joins or _qr(group, way, now, rules.growth),
        by_friend(group, card, account, rules.growth),
        _to_staff(contact_way),
    )


def shown_while_waiting(
    join_way: JoinWay | None, groups: Collection[Group], rules: GrowthRules
) -> Shown:
    """To somebody for whom no group of hers has room: `groups` are those that the way leads to.
    Where all of them are beyond what takes people by QR code, its platform opens the next one
    when she scans it; while one is not, she would be led there past those who have a place."""
    is_next = all(not takes_by_qr(each, rules) for each in groups)
    if join_way is None or not join_way.opens_groups or not is_next:
        return Shown()
    return Shown(_code_of(join_way))


def takes_by_qr(group: Group, rules: GrowthRules) -> bool:
    """Above this WeChat lets nobody in by a code."""
    return group.members < rules.qr_until


def by_friend(
    group: Group, card: AccountCard | None, account: Account | None, rules: GrowthRules
) -> ByFriend | None:
    if card is None or account is None or not account.invites_friends:
        return None
    return ByFriend(card.content, card.name) if group.members < rules.full_at else None


def _join_way(group: Group, way: JoinWay | None, rules: GrowthRules) -> ShownQr | None:
    """It leads on to another group of hers, or to one that is opened then, where this is full."""
    if way is None or not way.is_there:
        return None
    leads_in = group.id in way.groups and takes_by_qr(group, rules)
    leads_on = way.opens_groups or any(each != group.id for each in way.groups)
    return _code_of(way) if leads_in or leads_on else None


def _code_of(way: JoinWay) -> ShownQr:
    return ShownQr(WayKind.JOIN_WAY, way.content, way.image, None)


def _to_staff(way: ContactWay | None) -> ToStaff | None:
    return ToStaff(way.content, way.image) if way is not None and way.is_there else None


def _qr(group: Group, way: Way | None, now: datetime, rules: GrowthRules) -> ShownQr | None:
    if way is None or not way.is_valid(now) or not takes_by_qr(group, rules):
        return None
    return ShownQr(way.kind, way.content, way.image, way.valid_until)
