"""The groups of a cohort are numbered from 1, without holes: what each is called. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from config.rules import GroupRules
from handlers import naming
from models.cohort import Cohort


@dataclass(frozen=True, slots=True)
class Numbered:
    """`name` is "" where the naming rule can't write one that is read back as this group."""

    seq: int
    name: str


def next_of(
    cohort: Cohort,
    names: Collection[str],
    asked_for: Collection[int],
    rules: GroupRules,
    templates: Iterable[str] = (),
) -> Numbered:
    """The smallest number that neither a group has in its name, by the template that is in force
    or by one of the other `templates`, nor a group that is asked for."""
    named = (numbers(cohort, names, rules, each) for each in {rules.name_template, *templates})
    taken = {*asked_for}.union(*named)
    seq = next(each for each in range(1, len(taken) + 2) if each not in taken)
    return Numbered(seq, name_of(cohort, seq, rules))


def numbers(
    cohort: Cohort, names: Iterable[str], rules: GroupRules, template: str | None = None
) -> set[int]:
    """Those that groups of the cohort have in their names."""
    template = template or rules.name_template
    read = (naming.parse(each, template, rules.first_month) for each in names)
    return {
        each.seq
        for each in read
        if isinstance(each, naming.GroupName)
        and (each.city, each.channel, each.window) == (cohort.city, cohort.channel, cohort.window)
    }


def name_of(cohort: Cohort, seq: int, rules: GroupRules) -> str:
    group = naming.GroupName(cohort.city, cohort.window, cohort.channel, seq)
    return naming.carried(group, rules.name_template, rules.first_month) or ""
