"""What an item of the library says in one group on one day. Pure."""

from datetime import date

from config.rules import Rules
from config.texts import render
from handlers.nickname.judge import called
from models.cohort import week_told
from models.content import Item
from models.groups import Group, Member, stage_of, week_of


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
