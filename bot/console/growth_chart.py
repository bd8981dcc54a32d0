"""How a group grows and at which hours it speaks, as charts. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from bot.console import charts, wording
from bot.console.charts import Options
from config.daily import DailySpan

A_DAY = timedelta(days=1)
BEFORE = 14 * A_DAY
"""What is shown of the time before anything was known."""
FEW = 3
"""A line of fewer points is shown by its points."""
ROOM = 1.08
"""Above the highest line."""
CERTAIN = 0.01
SIZE, LIKELY, LEAST, MOST = "人数", "预计", "最少", "最多"
WEEKDAYS = [f"周{each}" for each in "一二三四五六日"]
HOURS = 24
_DAY = "v => Number(v.slice(5, 7)) + '月' + Number(v.slice(8)) + '日'"
_HOUR = f"""p => p.name + '点，' + {WEEKDAYS}[p.value[1]] + '：'
  + (p.value[2] === '-' ? '未知' : p.value[2] + ' 条')"""
"""As it is told where somebody points."""


def growth(told: Mapping[str, Any], *, is_dark: bool) -> Options:
    """The size day by day, against the lines and the day by which it should be formed, and how
    many are expected by then."""
    sizes = {each["on"]: each["members"] for each in told["sizes"]}
    days = _days(sizes, told["due_on"])
    lines = told["lines"]
    marks = {
        f"成群 {lines['formed_at']}": lines["formed_at"],
        f"满群 {lines['full_at']}": lines["full_at"],
    }
    series = {SIZE: [sizes.get(each) for each in days], **_expected(days, sizes, told["forecast"])}
    expected = [each for each in series if each != SIZE]
    options = charts.lines(days, series, is_dark=is_dark, marks=marks, dashed=expected)
    highest = max([lines["full_at"], *_known(sizes)])
    options["xAxis"]["axisLabel"][":formatter"] = _DAY
    options["series"][0]["markLine"]["label"]["position"] = "insideStartTop"
    options["yAxis"]["max"] = round(highest * ROOM)
    _draw(options["series"])
    if told["due_on"] in days:
        across = options["series"][0]["markLine"]["data"]
        across.append({"xAxis": told["due_on"], "name": "期限", "label": {"position": "end"}})
    return options


def _days(sizes: Mapping[str, int | None], due_on: str) -> list[str]:
    """From its opening on, or shortly before anything was known; until it is due."""
    first, last = date.fromisoformat(min(sizes)), date.fromisoformat(max(sizes))
    known = [date.fromisoformat(day) for day, members in sizes.items() if members is not None]
    due = date.fromisoformat(due_on)
    begun = max(first, min(known) - BEFORE) if known else first
    return [(begun + n * A_DAY).isoformat() for n in range((max(last, due) - begun).days + 1)]


def _expected(
    days: Sequence[str], sizes: Mapping[str, int | None], forecast: Mapping[str, Any] | None
) -> dict[str, list[float | None]]:
    """From what is known last to the day for which it is foretold."""
    known = [day for day in sizes if sizes[day] is not None]
    if forecast is None or not known or forecast["on"] not in days:
        return {}
    last = max(known)
    ends = {LIKELY: forecast["likely"], LEAST: forecast["low"], MOST: forecast["high"]}
    return {
        name: [
            sizes[last] if day == last else end if day == forecast["on"] else None for day in days
        ]
        for name, end in ends.items()
    }


def _draw(series: Sequence[dict[str, Any]]) -> None:
    """What is expected goes straight on, its bounds thinner."""
    for each in series:
        points = [value for value in each["data"] if value is not None]
        each["showSymbol"] = len(points) < FEW
        if each["name"] == SIZE:
            each["lineStyle"]["width"] = 3
            continue
        each["connectNulls"] = True
        if each["name"] in (LEAST, MOST):
            each["color"] = charts.SKY
            each["lineStyle"] |= {"width": 1, "type": "dotted"}


def _known(sizes: Mapping[str, int | None]) -> list[int]:
    return [each for each in sizes.values() if each is not None]


def week(rhythm: Mapping[str, Any], *, is_dark: bool) -> Options:
    """What members say in each hour of the week; the hours at which posts come are framed."""
    cells = [(each["hour"], each["weekday"] - 1, each["messages"]) for each in rhythm["week"]]
    hours = posting_hours(rhythm["posting"]["spans"])
    framed = [(hour, day) for hour in hours for day in range(len(WEEKDAYS))]
    names = [str(each) for each in range(HOURS)]
    options = charts.heat(names, WEEKDAYS, cells, is_dark=is_dark, framed=framed)
    options["tooltip"] = {":formatter": _HOUR}
    return options


def is_known(rhythm: Mapping[str, Any]) -> bool:
    return any(each["messages"] is not None for each in rhythm["week"])


def posting_hours(spans: Sequence[str]) -> list[int]:
    """The hours of a day in which some part of these spans lies."""
    within = [DailySpan.parse(each) for each in spans]
    return sorted({hour for each in within for hour in _hours_of(each)})


def _hours_of(span: DailySpan) -> list[int]:
    begins = span.start.hour * 60 + span.start.minute
    ends = begins + round(span.length.total_seconds() / 60)
    return [hour % HOURS for hour in range(begins // 60, (ends - 1) // 60 + 1)]


# In words


def told(growth: Mapping[str, Any]) -> str:
    lines = growth["lines"]
    if growth["formed_at"]:
        return f"{wording.day(growth['formed_at'][:10])}满 {lines['formed_at']} 人，成群了"
    return f"{wording.day(growth['due_on'])}前要到 {lines['formed_at']} 人"


def foretold(growth: Mapping[str, Any]) -> str:
    """Nothing where it is decided, or too early to tell."""
    forecast = growth["forecast"]
    if forecast is None:
        return ""
    low, high = forecast["low"], forecast["high"]
    return (
        f"照现在这样，{wording.day(forecast['on'])}大约 {forecast['likely']} 人"
        f"（{forecast['interval'] * 100:.0f}% 的可能在 {low} 到 {high} 之间），"
        f"按期成群的可能{_chance(forecast['chance'])}"
    )


def _chance(chance: float) -> str:
    """Nothing that is foretold is certain."""
    if chance < CERTAIN:
        return "不到 1%"
    return "超过 99%" if chance > 1 - CERTAIN else f" {chance * 100:.0f}%"
