"""The hours of the day at which a group's mothers are awake and on the phone."""

from collections.abc import Sequence

from config.daily import DailySpan
from config.rules import HoursRules, Rules
from models.cohort import Cohort, Stage
from models.content import LearnedHours
from models.groups import Group
from models.ids import AccountId, GroupId


def active_spans(
    stage: Stage, learned: LearnedHours | None, rules: Rules
) -> tuple[DailySpan, ...]:
    """Those that the rule `content.hours` asks for; the given ones where none were learned for
    this stage. `learned` are those of the group's cohort, `rules` those in force for the group.
    """
    if rules.content.hours == "learned" and learned is not None and learned.stage is stage:
        return parse_spans(learned.spans)
    return given_spans(stage, rules.hours)


def given_spans(stage: Stage, rules: HoursRules) -> tuple[DailySpan, ...]:
    return rules.prenatal if stage is Stage.PRENATAL else rules.postnatal


def parse_spans(text: str) -> tuple[DailySpan, ...]:
    """`11:00-12:00,16:00-17:00`, as learned hours are kept."""
    return tuple(DailySpan.parse(each) for each in text.split(",") if each)


def spans_text(spans: Sequence[DailySpan]) -> str:
    return ",".join(map(str, spans))


def typical(cohort: Cohort) -> Group:
    """A group of the cohort that has no rules of its own: what holds for it holds for all."""
    return Group(
        id=GroupId(""),
        account=AccountId(""),
        name="",
        city=cohort.city,
        channel=cohort.channel,
        birth_window=str(cohort.window),
    )
