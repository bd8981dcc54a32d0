"""What a monitor is told of those who filled in the form for her group."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from config.daily import ZONE
from models.entry import Baby, Visitor

WORDS = ("登记", "registry")
SHOWN = 20
LATELY = timedelta(days=30)
"""Who has not joined by then is not expected any more."""

IN_PRIVATE = f"登记里有名字和预产期，只能私下看：加我好友后私信我发 /{WORDS[0]}"
FOR_THE_MONITOR = "登记里有名字和预产期，只给本群的班长看"
NOBODY = "最近还没有填过表的妈妈"
KEEP_IT = "只给你看，请别转发到群里"


def listed(group: str, awaited: Sequence[Visitor], joined: Sequence[Visitor]) -> str:
    """The newest of both, no more than can be read at once."""
    newest = sorted([*awaited, *joined], key=lambda each: (_since(each), each.id), reverse=True)[
        :SHOWN
    ]
    if not newest:
        return f"【{group}】{NOBODY}"
    lines = [f"【{group}】最近填过表的："]
    for title, of_them in (
        ("还没进群", [each for each in newest if not each.is_in]),
        ("已进群", [each for each in newest if each.is_in]),
    ):
        if of_them:
            lines.append(f"{title}{len(of_them)}位")
            lines += map(_line, of_them)
    return "\n".join([*lines, KEEP_IT])


def _line(visitor: Visitor) -> str:
    parts = [visitor.name, _baby(visitor)]
    if visitor.is_in and visitor.joined_at is not None:
        parts.append(f"{_short(visitor.joined_at)}进群")
    elif visitor.answered_at is not None:
        parts.append(f"{_short(visitor.answered_at)}填的")
    return "· " + "，".join(filter(None, parts))


def _baby(visitor: Visitor) -> str:
    if visitor.day is None:
        return ""
    day = _full(visitor.day)
    return f"预产期{day}" if visitor.baby is Baby.DUE else f"宝宝{day}出生"


def _since(visitor: Visitor) -> datetime:
    found = visitor.joined_at if visitor.is_in else visitor.placed_at
    return (found or visitor.scanned_at).astimezone(ZONE)


def _full(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _short(moment: datetime) -> str:
    day = moment.astimezone(ZONE)
    return f"{day.month}月{day.day}日"
