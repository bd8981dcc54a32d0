"""Points become benefits: which reward is meant, who may have it, and what becomes of a code."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from enum import Enum
from hashlib import blake2b

from config.daily import ZONE
from config.rules import RewardRules
from handlers.arguments import plain
from models.groups import Member
from models.ids import GroupId, PersonId
from models.messages import mention
from models.people import Role
from models.points import RULES, Entry, EntryKind
from models.rewards import Redemption, RedemptionState, Reward
from models.text import folded

LISTED = 30
"""Rewards in one answer; more is no list that one reads on a phone."""
LONGEST_ECHO = 20
"""Of what somebody typed, in an answer to it."""
FIRST_CODE, CODES = 100_000, 900_000

_NUMBER = re.compile(r"(?P<nth>第)?\s*(?P<number>[0-9]{1,3})\s*(?P<unit>[个号款项样、.])?")
_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")
_SPACED_CODE = re.compile(r"(?<![0-9])(?<![0-9][ -])[0-9](?:[ -]?[0-9]){5}(?![ -]?[0-9])")


@dataclass(frozen=True, slots=True)
class No:
    """Why not, in one line, and what to type."""

    why: str


# Which reward


def on_offer(rewards: Collection[Reward], now: datetime) -> list[Reward]:
    """What may be chosen from, cheapest first. What is sold out stays, so that the others keep
    their numbers."""
    offered = (each for each in rewards if _is_offered(each, now))
    return sorted(offered, key=lambda each: (each.cost, each.name, each.id))


def choose(typed: str, rewards: Collection[Reward], now: datetime) -> Reward | No:
    """The reward that is meant: by its name, by a part of it, or by its number in the list.

    Points are not spent on a guess: a number that is also a part of another reward's name, or a
    name with something more around it, is asked about.
    """
    offered = on_offer(rewards, now)
    meant = _meant(typed, offered)
    if len(meant) == 1:
        return offered[meant[0] - 1]
    if meant:
        names = "、".join(f"{number}.{offered[number - 1].name}" for number in meant)
        return No(f"是哪一个呢：{names}？请发 /兑换 第{meant[0]}个 这样的编号")
    gone = [each for each in rewards if _key(each.name) == _key(typed)]
    if gone:
        return _gone(max(gone, key=lambda each: (not each.withdrawn, each.id)))
    echo = typed if len(typed) <= LONGEST_ECHO else f"{typed[:LONGEST_ECHO]}…"
    if like := _like(typed, offered):
        return No(f"没有「{echo}」，是想换「{like}」吗？请发 /兑换 {like}")
    return No(f"没有「{echo}」可以换，发 /兑换 看看都有什么")


def _meant(typed: str, offered: Sequence[Reward]) -> list[int]:
    """The numbers, in the list, of all that may be meant."""
    name = _key(typed)
    names = {number: _key(each.name) for number, each in enumerate(offered, 1)}
    if exact := [number for number, each in names.items() if each == name]:
        return exact
    found = _NUMBER.fullmatch(plain(typed).strip())
    numbered = {int(found["number"])} & names.keys() if found else set()
    if found and (found["nth"] or found["unit"]):
        return list(numbered)
    partly = {number for number, each in names.items() if name in each}
    return sorted(partly | numbered)


def _key(name: str) -> str:
    """A name that is nothing but emoji or punctuation is left as it is."""
    return folded(name) or name.strip()


def _like(typed: str, offered: Sequence[Reward]) -> str | None:
    """The name that was probably meant."""
    names = {_key(each.name): each.name for each in offered}
    within = [each for each in names if each in _key(typed)]
    found = sorted(within, key=len)[-1:] or get_close_matches(_key(typed), names, n=1, cutoff=0.5)
    return names[found[0]] if found else None


def _is_offered(reward: Reward, now: datetime) -> bool:
    return not reward.withdrawn and (reward.valid_until is None or now < reward.valid_until)


def _gone(reward: Reward) -> No:
    if reward.withdrawn or reward.valid_until is None:
        return No(f"「{reward.name}」已经下架啦，发 /兑换 看看别的")
    return No(f"「{reward.name}」要在{_moment(reward.valid_until)}前换，已经过期啦")


# Whether she may have it


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who wants it: `had` is what she redeemed in this group."""

    role: Role
    points: int
    had: Sequence[Redemption]


def why_not(reward: Reward, scopes: Collection[str], buyer: Buyer, now: datetime) -> No | None:
    """Why she can't have it, if she can't; `reward` as it is now, which may be other than it was
    when she chose it."""
    if buyer.role.is_staff:
        return No("兑换是给群里妈妈们的，班长和工作人员不参加哦")
    if reward.scope not in scopes or not _is_offered(reward, now):
        return _gone(reward)
    had = sum(
        each.reward == reward.id and each.state is not RedemptionState.LAPSED for each in buyer.had
    )
    if reward.limit_each is not None and had >= reward.limit_each:
        return No(f"「{reward.name}」每人限换{reward.limit_each}份，你已经换过啦")
    if reward.stock == 0:
        return No(f"「{reward.name}」已经兑完啦，发 /兑换 看看别的")
    if (missing := reward.cost - buyer.points) > 0:
        return No(f"「{reward.name}」要{reward.cost}分，你有{buyer.points}分，还差{missing}分")
    return None


# What becomes of it


@dataclass(frozen=True, slots=True)
class Move:
    """What a redemption, or its lapse, changes, together or not at all."""

    reward: Reward
    redemption: Redemption
    entry: Entry


def code(group: GroupId, person: PersonId, number: int) -> str:
    """Six digits for her so-and-so-manieth redemption, the same whenever it is asked for; the
    first is no zero, which people leave out. Serves nobody else, so it need not be secret."""
    digest = blake2b(f"{group}:{person}:{number}".encode(), digest_size=8).digest()
    return str(FIRST_CODE + int.from_bytes(digest) % CODES)


def redeem(reward: Reward, member: Member, code: str, now: datetime, rules: RewardRules) -> Move:
    stock = None if reward.stock is None else reward.stock - 1
    redemption = Redemption(
        group=member.group,
        code=code,
        person=member.person,
        reward=reward.id,
        name=reward.name,
        cost=reward.cost,
        at=now,
        lapses_at=now + rules.code_lasts,
    )
    entry = _entry(redemption, EntryKind.SPENT, -reward.cost, now, by=member.person)
    return Move(replace(reward, stock=stock), redemption, entry)


def lapse(redemption: Redemption, reward: Reward, now: datetime) -> Move:
    """The points return, and so does the piece."""
    stock = None if reward.stock is None else reward.stock + 1
    lapsed = replace(redemption, state=RedemptionState.LAPSED)
    entry = _entry(redemption, EntryKind.RETURNED, redemption.cost, now, by=RULES)
    return Move(replace(reward, stock=stock), lapsed, entry)


def hand_over(redemption: Redemption, by: str, now: datetime) -> Redemption:
    return replace(redemption, state=RedemptionState.HANDED, handed_at=now, handed_by=by)


def take_back(redemption: Redemption) -> Redemption:
    """It waits again; where its time has passed meanwhile it lapses, and the points return."""
    return replace(redemption, state=RedemptionState.READY, handed_at=None, handed_by=None)


def _entry(redemption: Redemption, kind: EntryKind, points: int, now: datetime, by: str) -> Entry:
    return Entry(
        key=f"{kind}:{redemption.group}:{redemption.code}",
        group=redemption.group,
        person=redemption.person,
        kind=kind,
        points=points,
        at=now,
        by=by,
        cause=f"redemption:{redemption.code}",
        note=redemption.name,
    )


# Handing over


def waiting(had: Iterable[Redemption], now: datetime) -> list[Redemption]:
    """What may still be fetched."""
    return [each for each in had if each.state is RedemptionState.READY and now < each.lapses_at]


def code_in(typed: str) -> str | None:
    """The one code in what was typed, however it is spaced; None where there is none, or more."""
    text = plain(typed)
    found = set(_CODE.findall(text)) or {
        re.sub("[ -]", "", each) for each in _SPACED_CODE.findall(text)
    }
    return found.pop() if len(found) == 1 else None


class Unhanded(Enum):
    """Why a code is not handed over, or not taken back, as it is told over HTTP."""

    HANDED = "it has been handed over already"
    LAPSED = "it has lapsed; the points return to its owner"
    HER_OWN = "nobody hands over her own code"
    NOT_HANDED = "it has not been handed over"


class HandingRefused(Exception):
    """The decision can't be carried out; nothing has changed."""

    def __init__(self, refusal: Unhanded) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def why_not_handed(redemption: Redemption, by: str, now: datetime) -> Unhanded | None:
    """`by` is whose decision it is: a person of the group, or an operator."""
    if redemption.state is RedemptionState.HANDED:
        return Unhanded.HANDED
    if redemption.state is RedemptionState.LAPSED or redemption.lapses_at <= now:
        return Unhanded.LAPSED
    if redemption.person == by:
        return Unhanded.HER_OWN
    return None


def why_not_taken_back(redemption: Redemption) -> Unhanded | None:
    is_handed = redemption.state is RedemptionState.HANDED
    return None if is_handed else Unhanded.NOT_HANDED


# Words


def listing(
    offered: Sequence[Reward], points: int, waiting: Sequence[Redemption], private_in: str | None
) -> str:
    """What there is, what she has, and what she has not fetched yet; `private_in` names the
    group where it is told in private. A code is not for the whole group to read."""
    here = f"你在「{private_in}」有{points}分" if private_in else f"你有{points}分"
    if offered:
        lines = ["积分可以换："]
        lines += [_line(number, each) for number, each in enumerate(offered[:LISTED], 1)]
        if len(offered) > LISTED:
            lines.append(f"……一共{len(offered)}样")
        lines.append(f"{here}，想换哪个就发 /兑换 名字")
    else:
        lines = [f"现在还没有可以换的，积分先攒着～{here}"]
    if private_in:
        lines += [
            f"还没领：「{each.name}」兑换码 {each.code}，{_day(each.lapses_at)}前有效"
            for each in waiting
        ]
    elif waiting:
        lines.append(f"还有{len(waiting)}样没领，忘了兑换码就私聊我发：兑换")
    return "\n".join(lines)


def _line(number: int, reward: Reward) -> str:
    parts = [f"{number}. {reward.name} {reward.cost}分"]
    if reward.stock is not None:
        parts.append(f"还剩{reward.stock}份" if reward.stock else "已兑完")
    if reward.limit_each is not None:
        parts.append(f"每人限{reward.limit_each}份")
    if reward.valid_until is not None:
        parts.append(f"{_moment(reward.valid_until)}前")
    return "，".join(parts)


def code_told(redemption: Redemption, points: int, group: str) -> str:
    """To herself; `points` are what she has left in the group of that name."""
    return (
        f"兑换成功～「{redemption.name}」花了{redemption.cost}分，你在「{group}」还剩{points}分。\n"
        f"兑换码：{redemption.code}\n"
        f"{_day(redemption.lapses_at)}前给班长看就能领，只认你本人哦"
    )


def success_told(redemption: Redemption, buyer: Member, *, reached: bool) -> str:
    """To the group; with the code where no private message has reached her."""
    until = f"{_day(redemption.lapses_at)}前给班长看就能领～"
    if reached:
        told = f"兑换成功，「{redemption.name}」的兑换码私信发你啦，{until}"
    else:
        told = (
            f"兑换成功，「{redemption.name}」的兑换码是 {redemption.code}，它只认你本人，{until}"
        )
    return mention(buyer.shown) + told


def unhanded_told(redemption: Redemption, owner: str, refusal: Unhanded) -> str:
    what = f"{redemption.code}（{owner}的「{redemption.name}」）"
    if refusal is Unhanded.HER_OWN:
        return "这是你自己的兑换码，要请另一位班长或小助手来核销"
    if refusal is Unhanded.HANDED and redemption.handed_at:
        return f"兑换码{what}在{_moment(redemption.handed_at)}已经核销过了"
    lapsed = _moment(redemption.lapses_at)
    return f"兑换码{what}在{lapsed}过期了，积分会退给她，可以重新兑换"


def handed_told(redemption: Redemption, owner: str) -> str:
    return f"{mention(owner)}的「{redemption.name}」已核销"


def lapse_told(redemption: Redemption, group: str) -> str:
    return (
        f"你在「{group}」换的「{redemption.name}」还没来得及领，兑换码 {redemption.code} 到期了。"
        f"{redemption.cost}分已经退回给你，想要的话随时再换～"
    )


def _day(moment: datetime) -> str:
    day = moment.astimezone(ZONE)
    return f"{day.month}月{day.day}日"


def _moment(moment: datetime) -> str:
    clock = moment.astimezone(ZONE).strftime("%H:%M")
    return _day(moment) if clock == "00:00" else f"{_day(moment)}{clock}"
