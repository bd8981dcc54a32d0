"""Where a way into the groups of a cohort leads, and how the platform goes on from there. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from config.rules import GroupRules, GrowthRules
from handlers import naming, series
from handlers.ways.showing import takes_by_qr
from models.cohort import Cohort
from models.groups import Group
from models.growth import Life, Recruiting, recruiting
from models.ids import GroupId
from models.platform_ways import MOST_GROUPS, JoinWay, WantedJoinWay

AGAIN = timedelta(hours=1)
"""After an attempt, which may have failed."""
DAILY = timedelta(hours=24)
"""How often it is seen whether a way is still there, and as we made it."""
LONGEST_STATE = 30
LONGEST_BASE_NAME = 40
"""Characters (doc 92229)."""
ORDER = (Recruiting.RECRUITING, Recruiting.OVERDUE, Recruiting.FORMED, Recruiting.FULL)


@dataclass(frozen=True, slots=True)
class Led:
    """A group of ours of the cohort, with its account's other facts; `rules` are its own."""

    group: Group
    life: Life | None
    rules: GrowthRules


@dataclass(frozen=True, slots=True)
class Base:
    """What the platform calls the groups that it opens: `name`, and the number from `id` on; "" as
    a name where it opens none."""

    name: str = ""
    id: int = 1


def led_to(
    groups: Sequence[Led], known: Sequence[GroupId], ours: Collection[GroupId], today: date
) -> tuple[GroupId, ...]:
    """`known`: where the way leads now; `ours`: those of them that we know, whatever they are.
    Groups that recruit and take people by QR code come first, the oldest of them first, so that
    one is formed before the next is begun. What the platform itself has just added and we have not
    seen yet stays. Where nobody takes anybody, the youngest one stands for the cohort: a way leads
    to one group at least, and the platform opens the next one from there. Empty where there is
    none at all."""
    unseen = [each for each in known if each not in ours]
    taking = sorted(
        (each for each in groups if _takes(each, today)), key=lambda e: _rank(e, today)
    )
    led = [each.group.id for each in taking]
    if not led and not unseen:
        led = [each.group.id for each in sorted(groups, key=_age)[-1:]]
    kept = led[: MOST_GROUPS - min(len(unseen), MOST_GROUPS - 1)] if led else led
    return (*kept, *unseen)[:MOST_GROUPS]


def base(
    cohort: Cohort,
    names: Collection[str],
    asked_for: Iterable[int],
    rules: GroupRules,
    templates: Iterable[str] = (),
) -> Base:
    """Beyond every number that a group has in its name or is asked for: the platform counts on
    by itself, and would come upon those that are taken. None where a name by the naming rule does
    not end in its number, or is too long for the platform."""
    named = (
        series.numbers(cohort, names, rules, each) for each in {rules.name_template, *templates}
    )
    number = max({0, *asked_for}.union(*named)) + 1
    group = naming.GroupName(cohort.city, cohort.window, cohort.channel, number)
    stem = naming.stem(group, rules.name_template, rules.first_month)
    if stem is None or len(stem) > LONGEST_BASE_NAME:
        return Base()
    return Base(stem, number)


def wanted(way: JoinWay, groups: tuple[GroupId, ...], given: Base) -> WantedJoinWay:
    return WantedJoinWay(
        code=way.code,
        cohort=way.cohort,
        groups=groups,
        base_name=given.name,
        base_id=given.id,
        config=way.config,
        known=way.groups,
        was=(way.base_name, way.base_id),
        has_qr=way.is_there,
    )


def is_settled(way: JoinWay, groups: tuple[GroupId, ...], given: Base) -> bool:
    """Whether the way is as it should be, as far as we know."""
    return (
        way.is_there
        and way.groups == groups
        and (way.base_name, way.base_id)
        == (
            given.name,
            given.id,
        )
    )


def _takes(led: Led, today: date) -> bool:
    return takes_by_qr(led.group, led.rules) and _state(led, today) is not Recruiting.FULL


def _state(led: Led, today: date) -> Recruiting:
    life = led.life
    if life is None:
        full = led.group.members >= led.rules.full_at
        return Recruiting.FULL if full else Recruiting.RECRUITING
    return recruiting(led.group.members, life, today, led.rules)


def _rank(led: Led, today: date) -> tuple[int, date, GroupId]:
    return ORDER.index(_state(led, today)), *_age(led)


def _age(led: Led) -> tuple[date, GroupId]:
    opened = led.group.opened_on or (led.life.opened_on if led.life else date.max)
    return opened, led.group.id
