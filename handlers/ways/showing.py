"""What her page shows of how she gets into her group. Pure."""

from dataclasses import dataclass
from datetime import datetime

from config.rules import GrowthRules, Rules
from models.groups import Account, Group
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
class Shown:
    """The QR code comes first where there is one, and the account helps where it fails. With
    neither of them the way in is being prepared."""

    qr: ShownQr | None = None
    by_friend: ByFriend | None = None


def shown(
    group: Group,
    way: Way | None,
    card: AccountCard | None,
    account: Account | None,
    now: datetime,
    rules: Rules,
) -> Shown:
    """`card` and `account` are those of the group."""
    if not group.is_ours:
        return Shown()
    return Shown(_qr(group, way, now, rules.growth), by_friend(group, card, account, rules.growth))


def takes_by_qr(group: Group, rules: GrowthRules) -> bool:
    """Above this WeChat lets nobody in by a code."""
    return group.members < rules.qr_until


def by_friend(
    group: Group, card: AccountCard | None, account: Account | None, rules: GrowthRules
) -> ByFriend | None:
    if card is None or account is None or not account.invites_friends:
        return None
    return ByFriend(card.content, card.name) if group.members < rules.full_at else None


def _qr(group: Group, way: Way | None, now: datetime, rules: GrowthRules) -> ShownQr | None:
    if way is None or not way.is_valid(now) or not takes_by_qr(group, rules):
        return None
    return ShownQr(way.kind, way.content, way.image, way.valid_until)
