"""What helps a group that needs somebody. Pure."""

from urllib.parse import quote

from bot.console.client import at

PAGE = "{page}"
WAY, MEMBERS, TASKS = "{page}?open=way", "{page}?open=members", "{page}?open=tasks"
CODES = "/console/codes"

HELP = {
    "leaving": ("看看谁走了", "{page}?open=members&present=false"),
    "next_group": ("去建下一个群", WAY),
    "nearly_full": ("看看下一个群", WAY),
    "invite_only": ("看进群方式", WAY),
    "overdue": ("看增长和进群方式", WAY),
    "at_risk": ("看增长和进群方式", WAY),
    "formed": ("去找 KOC", MEMBERS),
    "silent": ("发个任务", TASKS),
    "monitor_quiet": ("看班长占比", PAGE),
    "misnamed": ("去改群名", PAGE),
    "deaf": ("看账号", "/console/accounts"),
    "library_short": ("去加内容", "/console/content"),
    "nobody_to_post": ("指定班长", MEMBERS),
    "unapproved": ("去同意", "/console/calendar?group={group}"),
    "unreached": ("看班长是谁", MEMBERS),
    "no_way_in": ("放上二维码", WAY),
    "uninvited": ("看进群方式", WAY),
    "unrenamed": ("去改群名", PAGE),
}
OTHERWISE = ("看这个群", PAGE)


def page_of(group: str) -> str:
    return f"/console{at('groups', group)}"


def help_for(concern: str, group: str) -> tuple[str, str]:
    """What the button says, and where it leads."""
    title, where = HELP.get(concern, OTHERWISE)
    return title, where.format(page=page_of(group), group=quote(group, safe=""))
