"""What an item of the library says in one group on one day. Pure."""

from datetime import date

from jinja2 import TemplateError

from config.rules import Rules
from config.texts import EmptyValue, render_whole
from handlers.nickname.judge import called
from models.cohort import week_told
from models.content import KIND_NAMES, Item
from models.groups import Group, Member, stage_of, week_of

UNTOLD = "企业微信没有会话存档，收不到群消息"
"""Why nothing is known of what members do, where an account does not hear what they say."""


def words(item: Item, group: Group, today: date, monitor: Member | None, rules: Rules) -> str:
    """`rules` are those in force for the group, `monitor` is its monitor, if it has one. Nothing
    where a value would be printed that is empty: better no sentence than a maimed one."""
    stage, week = stage_of(group, today, rules.groups), week_of(group, today)
    values = {
        "city": group.city or "",
        "channel": group.channel or "",
        "window": group.window.label if group.window else "",
        "stage": stage.value,
        "week": week_told(stage, week) if week is not None else "",
        "monitor": called(monitor, group, today) if monitor else "",
    }
    try:
        return render_whole(item.text, values)
    except EmptyValue:
        return ""


def worded(
    item: Item, group: Group, day: date, monitor: Member | None, rules: Rules
) -> str | None:
    """None where the item has nothing to say in this group."""
    try:
        return words(item, group, day, monitor, rules) or None
    except TemplateError:
        return None


def known_by(item: Item, group: Group, day: date, monitor: Member | None, rules: Rules) -> str:
    """By what people know it who see it in the group: never by its template."""
    return item.title or worded(item, group, day, monitor, rules) or KIND_NAMES[item.kind]
