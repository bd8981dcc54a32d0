"""A funnel as it is shown: steps, lines of a table, bars. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.console import charts, wording
from config.daily import ZONE
from models.cohort import BirthWindow

Row = Mapping[str, Any]
BY = {
    "day": "按天",
    "channel": "按渠道",
    "code": "按活码",
    "referrer": "按引流人员",
    "city": "按城市",
    "window": "按月龄段",
}
DAYS = {"7": "7天", "30": "30天", "90": "90天"}
STEPS = ("scans", "surveys", "shown", "joined")
STAYED = {"stayed_7": ("7天后还在", "of_7"), "stayed_28": ("28天后还在", "of_28")}
MOST_BARS = 15
"""Names that fit below a chart; the table has them all."""
MOST_EXPORTED = 10_000
"""Lines, where there may be many."""


def since(days: str, now: datetime) -> str:
    """The beginning of the first of so many days, of which today is the last."""
    first = now.astimezone(ZONE).date() - timedelta(days=int(days) - 1)
    return f"{first.isoformat()}T00:00:00+08:00"


def name_of(by: str, row: Row) -> str:
    """What a line is about; what is not known of its people is said so."""
    match by:
        case "day":
            return wording.day(row["day"])
        case "window":
            return BirthWindow.parse(row["window"]).label if row["window"] else "没填表"
        case "city":
            return row["city"] or "没填表"
        case "channel":
            return row["channel"] or wording.UNKNOWN
        case "referrer":
            return f"{_whose(row)}（{row['channel']}）" if row["channel"] else wording.UNKNOWN
    return f"{_whose(row)}·{row['code']}"


def _whose(row: Row) -> str:
    """As it is called in the list of codes."""
    return row["referrer"] or ("一位妈妈" if row["member"] else f"{row['channel']}通用")


def figures(totals: Row) -> list[tuple[str, str, str]]:
    """Each step, and which share of those who scanned came so far."""
    shares = totals["shares"]
    told = [("扫码", wording.number(totals["scans"]), "")]
    for name in STEPS[1:]:
        told.append((wording.field(name), wording.number(totals[name]), _of_scans(shares[name])))
    for name, (title, of) in STAYED.items():
        share = wording.share(shares[name])
        told.append((title, share, f"{totals[of]:,}位到时候了" if totals[of] else "还没到时候"))
    return told


def _of_scans(share: float | None) -> str:
    return "" if share is None else f"扫码的{wording.share(share)}"


def bars(by: str, rows: Sequence[Row], *, is_dark: bool) -> charts.Options:
    """A group of bars a line: the days in their order, or the largest of the others."""
    shown = rows if by == "day" else rows[:MOST_BARS]
    names = [name_of(by, each) for each in shown]
    series = {wording.field(step): [each[step] for each in shown] for step in STEPS}
    return charts.bars(names, series, is_dark=is_dark)


def table_address(asked: Mapping[str, Any]) -> str:
    """Where all of it is as a table, up to ten thousand lines."""
    given = {name: each for name, each in asked.items() if each}
    return f"/api/v1/funnel?{urlencode(given | {'format': 'csv', 'limit': MOST_EXPORTED})}"
