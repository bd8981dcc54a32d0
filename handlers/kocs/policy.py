"""Who carries her group, when that is looked at, and how it is told.

The method: above 150 members several KOCs emerge; find them. What counts is help that was
accepted; that it reached different people, lately, from somebody who is around, decides between
those who helped enough.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from config.daily import ZONE
from config.rules import KocRules
from handlers.wording import UNTOLD
from models.groups import Member
from models.ids import PersonId
from models.kocs import KocTerm
from models.messages import mention
from models.questions import Answer

WEEK = timedelta(weeks=1)
REVIEWED_AT = time(10)
"""On Mondays, in the groups' time zone."""

HELPED_WEIGHT, ACTIVE_WEIGHT, RECENT_WEIGHT = 2.0, 3.0, 3.0


# When


def review_after(moment: datetime) -> datetime:
    """The first review after this moment: a Monday, ten o'clock."""
    local = moment.astimezone(ZONE)
    monday = local.date() - timedelta(days=local.weekday())
    review = datetime.combine(monday, REVIEWED_AT, ZONE)
    return review if review > local else review + WEEK


def is_too_late(done_at: datetime, now: datetime) -> bool:
    """Whether a review was missed, and so was its week: on a Monday before ten the next one is
    so near that the monitor would hear the same twice."""
    next_review = review_after(now)
    return (
        review_after(done_at) < next_review and next_review.date() == now.astimezone(ZONE).date()
    )


def week_of_review(now: datetime) -> str:
    """`2026-W11`: the week of the last review that was due, however late it is held."""
    year, week, _ = (review_after(now) - WEEK).isocalendar()
    return f"{year}-W{week:02}"


# Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Deeds:
    """What somebody did for her group lately: how many of her answers were accepted, how many
    different people they helped, and when she gave the last of them."""

    accepted: int = 0
    helped: int = 0
    last_at: datetime | None = None


NONE_LATELY = Deeds()


@dataclass(frozen=True, slots=True)
class Candidate:
    member: Member
    deeds: Deeds
    days_active: int


def deeds(answers: Iterable[Answer]) -> dict[PersonId, Deeds]:
    """Of everybody who gave an accepted answer. Whom an answer helped may be unknown."""
    given: dict[PersonId, list[Answer]] = defaultdict(list)
    for each in answers:
        if each.accepted_at is not None and each.withdrawn_at is None:
            given[each.helper].append(each)
    return {
        helper: Deeds(
            accepted=len(theirs),
            helped=len({each.asker for each in theirs} - {None, helper}),
            last_at=max(each.said_at for each in theirs),
        )
        for helper, theirs in given.items()
    }


def is_proven(did: Deeds, rules: KocRules) -> bool:
    """Whether she helped enough to be proposed."""
    return did.accepted >= rules.fewest_accepted and did.helped >= rules.fewest_helped


def is_renewed(did: Deeds, rules: KocRules) -> bool:
    """Whether a KOC goes on after her term: with half of what she would be proposed for."""
    return 2 * did.accepted >= rules.fewest_accepted and 2 * did.helped >= rules.fewest_helped


def ranking(
    candidates: Iterable[Candidate], now: datetime, rules: KocRules
) -> Sequence[Candidate]:
    """Those to propose, the best first. More of anything never ranks lower; between equals the
    order is that of their ids, so that it is the same whenever it is asked."""
    proven = (each for each in candidates if is_proven(each.deeds, rules))
    best = sorted(
        proven,
        key=lambda each: (-score(each, now, rules), -each.deeds.accepted, each.member.person),
    )
    return best[: rules.candidates]


def score(candidate: Candidate, now: datetime, rules: KocRules) -> float:
    """An accepted answer counts 1 and a different person helped 2, since ten answers to one
    friend carry nobody else. Talking every day of the window adds 3, on fewer days less; having
    helped just now adds 3, falling to nothing at the window's end."""
    did = candidate.deeds
    days = rules.window / timedelta(days=1)
    active = min(candidate.days_active / days, 1.0)
    ago = now - did.last_at if did.last_at is not None else rules.window
    recent = 1.0 - min(max(ago / rules.window, 0.0), 1.0)
    return (
        did.accepted + HELPED_WEIGHT * did.helped + ACTIVE_WEIGHT * active + RECENT_WEIGHT * recent
    )


# Words


def proposal(group: str, candidates: Sequence[Candidate], rules: KocRules) -> str:
    """For the monitor: who might be made a KOC, why, and what to type."""
    head = f"「{group}」里这几位最近特别热心，可以考虑请她们当 KOC："
    return "\n\n".join(
        [head, *(_evidence(number, each, rules) for number, each in enumerate(candidates, 1))]
    )


def _evidence(number: int, candidate: Candidate, rules: KocRules) -> str:
    name, did = candidate.member.shown, candidate.deeds
    lines = [
        f"{number}. {name}",
        f"被采纳的回答有{did.accepted}个，帮过{did.helped}位群友",
        f"近{rules.window.days}天里有{candidate.days_active}天在群里说话",
        f"最近一次帮到人是{day(did.last_at)}" if did.last_at else "",
        f"请她就发：/KOC @{name}",
    ]
    return "\n".join(line for line in lines if line)


def named(member: Member) -> str:
    return (
        f"{mention(member.shown)}从今天起是我们群的 KOC 啦🌷 "
        "谢谢你一直这么热心，以后大家有拿不准的，也可以多问问她～"
    )


def thanked(member: Member) -> str:
    return (
        f"{mention(member.shown)}这一期的 KOC 当满啦，谢谢你这段时间为大家花的心思🌷 "
        "往后也常来聊聊～"
    )


def told_renewed(group: str, member: Member, did: Deeds, until: datetime, rules: KocRules) -> str:
    return (
        f"「{group}」{member.shown}的 KOC 这一期到了。{_lately(did, rules)}，"
        f"已经续到{day(until)}。想换人就发：/角色 @{member.shown} 成员"
    )


def told_unknown(group: str, member: Member, until: datetime) -> str:
    """Where nobody hears what she answers, her term is not ended for it."""
    return (
        f"「{group}」{member.shown}的 KOC 这一期到了。{UNTOLD}，"
        f"她帮了多少人我不知道，先续到{day(until)}。想换人就在控制台改她的角色"
    )


def told_thanked(group: str, member: Member, did: Deeds, rules: KocRules) -> str:
    return (
        f"「{group}」{member.shown}的 KOC 这一期结束了。{_lately(did, rules)}，没有再续，"
        f"我会在群里谢谢她。还想请她就发：/KOC @{member.shown}"
    )


def _lately(did: Deeds, rules: KocRules) -> str:
    if not did.accepted:
        return f"近{rules.window.days}天她没有被采纳的回答"
    return f"近{rules.window.days}天她有{did.accepted}个回答被采纳，帮过{did.helped}位群友"


def agreed(member: Member, until: datetime) -> str:
    return f"好的，{member.shown}从今天起是群里的 KOC 了，到{day(until)}为止"


def runs_already(member: Member, until: datetime) -> str:
    return f"{member.shown}已经是 KOC 啦，到{day(until)}为止。发 /KOC 可以看名单"


def runs_the_group(member: Member) -> str:
    return f"{member.shown}已经在帮忙管群啦，KOC 请从群友里选，发 /KOC @谁 就行"


def roster(kocs: Sequence[tuple[Member, KocTerm | None]]) -> str:
    if not kocs:
        return "群里还没有 KOC。想请谁，就发 /KOC @谁"
    return "\n".join(["群里的 KOC：", *(_entry(member, term) for member, term in kocs)])


def _entry(member: Member, term: KocTerm | None) -> str:
    if term is None or term.until is None:
        return member.shown
    return f"{member.shown}（到{day(term.until)}）"


def day(moment: datetime) -> str:
    local = moment.astimezone(ZONE)
    return f"{local.month}月{local.day}日"
