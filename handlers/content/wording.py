"""What an item of the library says in one group on one day. Pure."""

from datetime import date

from config.rules import Rules
from config.texts import render
from handlers.nickname.judge import called
from models.cohort import Stage
from models.content import Item
from models.groups import Group, Member, stage_of, week_of

PREGNANCY = 40
LAST_WEEK = 42
"""Weeks of a pregnancy; one that lasts longer is not spoken of in weeks any more."""


def words(item: Item, group: Group, today: date, monitor: Member | None, rules: Rules) -> str:
    """`rules` are those in force for the group, `monitor` is its monitor, if it has one."""
    stage, week = stage_of(group, today, rules.groups), week_of(group, today)
    values = {
        "city": group.city or "",
        "channel": group.channel or "",
        "window": group.window.label if group.window else "",
        "stage": stage.value,
        "week": week_told(stage, week) if week is not None else "",
        "monitor": called(monitor, group, today) if monitor else "",
    }
    return render(item.text, values)


def week_told(stage: Stage, week: int) -> str:
    """`孕28周`, `宝宝3周`; "" where nobody counts: before a pregnancy, and for a baby that is, by
    the rule that moves the stages, born before its time or not born in time."""
    if stage is Stage.PRENATAL:
        pregnant = PREGNANCY + week
        return f"孕{pregnant}周" if 1 <= pregnant <= LAST_WEEK else ""
    if week == 0:
        return "宝宝刚出生"
    return f"宝宝{week}周" if week > 0 else ""
