"""Whether somebody gets points for whom she brought, and what she is told of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.rules import ReferralRules
from models.groups import Account, Group, Member, PastStay
from models.ids import GroupId, PersonId
from models.people import Role
from models.points import RULES, Entry, EntryKind
from models.referrals import Alike, Referral
from models.text import folded

LOOKED_WITHIN = timedelta(minutes=15)
"""Of its return an account looks at its groups; one that does not by then never will."""
LOOK_AGAIN = timedelta(minutes=10)
LONGEST_NAME = 20

LEFT = "she was not in the group any more"
LET_GO = "the group is not ours any more"
NOT_OURS = "the link is of somebody who is none of ours"
HERSELF = "she brought herself"
CIRCLE = "she brought, herself or through others, who brought her"
HAD_PERSON = "somebody got points for her before"
HAD_BROWSER = "somebody got points for this browser before"
HAD_ANSWERS = "somebody who told the same was brought before"
NO_HOME = "who brought her is in no group of the channel"
STAFF = "staff earn no points"
NO_POINTS = "referrals are worth no points"
ENOUGH = "who brought her has had her share of the month"
TAKEN_BACK = "taken back: she had left before"

NOT_STAYED = "邀请的朋友没待满"
IN_PRIVATE = "邀请链接是你一个人的，加我好友后私信我发 /邀请 就行"
NO_SITE = "邀请链接还没开通，问问运营吧～"
NO_CHANNEL = "这个群还没有设好渠道，暂时做不了邀请链接，请班长跟运营说一声"
CLOSED = "你的邀请链接停用了，想继续用就跟运营说一声"


# Who was there


@dataclass(frozen=True, slots=True)
class Stay:
    """`began` is None where nobody knows; `ended` is None while she is there. Not `is_dated`: by
    then she was missed, and may have left long before, while nothing was heard."""

    began: datetime | None
    ended: datetime | None
    is_dated: bool = True

    def covers(self, moment: datetime) -> bool:
        """As far as it is known."""
        if self.began is not None and self.began > moment:
            return False
        return self.ended is None or (self.is_dated and self.ended > moment)


def stays(member: Member | None, past: Iterable[PastStay]) -> list[Stay]:
    """All that she had in a group, by the platform's times where it told. Where it told later
    when the last one ended, only the membership knows."""
    found = {_began(each): _ended(each) for each in past}
    if member is not None and member.present:
        found[_began(member)] = Stay(_began(member), None)
    elif member is not None and member.gone_at is not None:
        found[_began(member)] = _ended(member)
    return list(found.values())


def _began(stay: Member | PastStay) -> datetime | None:
    return stay.joined_at or stay.seen_at


def _ended(stay: Member | PastStay) -> Stay:
    began, left = _began(stay), stay.left_at
    # What is told of an earlier stay may stand there still.
    if left is not None and (began is None or left >= began):
        return Stay(began, left)
    return Stay(began, stay.gone_at, is_dated=False)


def came_back(found: Iterable[Stay], left: datetime, by: datetime) -> bool:
    return any(each.began is not None and left < each.began <= by for each in found)


def look_again(account: Account | None, group: Group, now: datetime) -> datetime | None:
    """When to judge instead, where nobody can tell now who is in the group: while its account
    hears nothing, and until it has looked at the group since its return."""
    if account is None or account.up_at is None:
        return None
    looked = group.checked_at is not None and group.checked_at >= account.up_at
    if account.down_why is None and (looked or now > account.up_at + LOOKED_WITHIN):
        return None
    return now + LOOK_AGAIN


# What it is worth


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a referral is judged by, as it is by then.

    `was_there`: when she was to have stayed so long. `others` are the referrals of the same
    person, of the same browser, and that of who brought her; `above` is who brought her who
    brought her, and so on. `name` is what she is called in the form, `alike` who else told the
    same city and day. `home` is where points would be booked, `roles` what who brought her is
    there and in the group that was joined; `had` is what she got this month.
    """

    is_ours: bool = True
    was_there: bool = True
    others: Collection[Referral] = ()
    above: Collection[PersonId] = ()
    name: str = ""
    alike: Collection[Alike] = ()
    home: GroupId | None = None
    roles: Collection[Role] = ()
    had: int = 0


@dataclass(frozen=True, slots=True)
class Credit:
    points: int
    person: PersonId
    group: GroupId


@dataclass(frozen=True, slots=True)
class NoCredit:
    why: str


def judge(referral: Referral, grounds: Grounds, rules: ReferralRules) -> Credit | NoCredit:
    referrer, home = referral.referrer, grounds.home
    if (why := _why_not_her(referral, grounds)) is not None:
        return NoCredit(why)
    if referrer is None:
        return NoCredit(NOT_OURS)
    if home is None:
        return NoCredit(NO_HOME)
    if any(each.is_staff for each in grounds.roles):
        return NoCredit(STAFF)
    if not rules.points:
        return NoCredit(NO_POINTS)
    points = min(rules.points, rules.monthly_most - grounds.had)
    return Credit(points, referrer, home) if points > 0 else NoCredit(ENOUGH)


def _why_not_her(referral: Referral, grounds: Grounds) -> str | None:
    """Whoever brought her."""
    if not grounds.is_ours:
        return LET_GO
    if not grounds.was_there:
        return LEFT
    if _is_herself(referral, grounds):
        return HERSELF
    if referral.person in grounds.above:
        return CIRCLE
    credited = [each for each in grounds.others if each.credited is not None]
    if any(each.person == referral.person for each in credited):
        return HAD_PERSON
    if any(_same_browser(each, referral) for each in credited):
        return HAD_BROWSER
    if any(each.credited for each in _same_name(grounds)):
        return HAD_ANSWERS
    return None


def _is_herself(referral: Referral, grounds: Grounds) -> bool:
    referrer = referral.referrer
    if referrer is None:
        return False
    hers = (each for each in grounds.others if each.person == referrer)
    return (
        referrer == referral.person
        or any(_same_browser(each, referral) for each in hers)
        or any(each.person == referrer for each in _same_name(grounds))
    )


def _same_browser(one: Referral, other: Referral) -> bool:
    return one.visitor is not None and one.visitor == other.visitor


def _same_name(grounds: Grounds) -> list[Alike]:
    name = folded(grounds.name)
    return [each for each in grounds.alike if name and folded(each.name) == name]


def entry(referral: Referral, credit: Credit, now: datetime) -> Entry:
    """Nobody ever gets points for the same newcomer again: the key is used once."""
    return Entry(
        key=key(referral.person),
        group=credit.group,
        person=credit.person,
        kind=EntryKind.REFERRAL,
        points=credit.points,
        at=now,
        by=RULES,
        counterpart=referral.person,
    )


def key(newcomer: PersonId) -> str:
    return f"{EntryKind.REFERRAL}:{newcomer}"


def stayed_until(referral: Referral, rules: ReferralRules) -> datetime:
    return referral.joined_at + rules.stayed


def had_left(
    referral: Referral, booked: Entry, found: Collection[Stay], rules: ReferralRules
) -> bool:
    """Whether it turned out that she was not there any more when points were given for her. A
    rule that was changed since asks nothing more of her."""
    until = min(stayed_until(referral, rules), booked.at)
    left = referral.left_at
    return left is not None and left < until and not came_back(found, left, until)


# What she is told


@dataclass(frozen=True, slots=True)
class Tally:
    """Whom she brought: all of them, those who are waited for, those she got points for."""

    brought: int = 0
    waiting: int = 0
    credited: int = 0


def tally(person: PersonId, brought: Iterable[Referral]) -> Tally:
    hers = [each for each in brought if each.referrer == person]
    return Tally(
        brought=len(hers),
        waiting=sum(each.due_at is not None and each.credited is None for each in hers),
        credited=sum(each.credited == person and not each.why_not for each in hers),
    )


def invitation(address: str, counts: Tally, role: Role, rules: ReferralRules) -> str:
    lines = [
        "这是你的专属邀请，一直有效，发给朋友就行：",
        address,
        "她点开填三项，就能找到和宝宝月龄对得上的群。下面的海报也可以直接发～",
        _worth(role, rules),
    ]
    if counts.brought:
        lines.append(_so_far(counts))
    return "\n".join(lines)


def _worth(role: Role, rules: ReferralRules) -> str:
    if role.is_staff:
        return "班长和工作人员不参加积分，你带来的朋友我会记着。"
    if not rules.points or not rules.monthly_most:
        return "你带来的朋友我会记着。"
    days = f"{rules.stayed / timedelta(days=1):g}"
    return (
        f"她第一次进群、满{days}天还在，你得{rules.points}分，每个月最多{rules.monthly_most}分。"
    )


def _so_far(counts: Tally) -> str:
    parts = [f"你已经邀请了{counts.brought}位"]
    if counts.credited:
        parts.append(f"{counts.credited}位得了分")
    if counts.waiting:
        parts.append(f"{counts.waiting}位还没到时候")
    return "，".join(parts) + "。"
