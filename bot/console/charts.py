"""What charts are drawn from, as ECharts takes it. Pure.

The colours are those of Okabe and Ito (2008), which people tell apart who see red and green alike;
lines differ in their dashes, too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

BLUE, ORANGE, GREEN, PURPLE, SKY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY)
HEAT = ("#f7fbff", "#c6dbef", "#6baed6", "#2171b5", "#08306b")
HEAT_DARK = ("#1b2733", "#24506f", "#3182bd", "#9ecae1", "#f7fbff")

Options = dict[str, Any]
Values = Sequence[float | None]


def lines(
    days: Sequence[str],
    series: Mapping[str, Values],
    *,
    is_dark: bool,
    marks: Mapping[str, float] | None = None,
    dashed: Sequence[str] = (),
) -> Options:
    """Lines over days; a gap is what is not known. `marks` are lines across, by what they are."""
    drawn = [
        {
            "name": name,
            "type": "line",
            "data": list(values),
            "showSymbol": False,
            "connectNulls": False,
            "lineStyle": {"type": "dashed" if name in dashed else "solid", "width": 2},
            "color": COLOURS[n % len(COLOURS)],
        }
        for n, (name, values) in enumerate(series.items())
    ]
    if marks and drawn:
        drawn[0]["markLine"] = _across(marks, is_dark=is_dark)
    return _framed(is_dark=is_dark) | {
        "xAxis": {"type": "category", "data": list(days), **_axis(is_dark=is_dark)},
        "yAxis": {"type": "value", "minInterval": 1, **_axis(is_dark=is_dark)},
        "series": drawn,
    }


def bars(names: Sequence[str], series: Mapping[str, Values], *, is_dark: bool) -> Options:
    drawn = [
        {"name": name, "type": "bar", "data": list(values), "color": COLOURS[n % len(COLOURS)]}
        for n, (name, values) in enumerate(series.items())
    ]
    return _framed(is_dark=is_dark) | {
        "xAxis": {"type": "category", "data": list(names), **_axis(is_dark=is_dark)},
        "yAxis": {"type": "value", **_axis(is_dark=is_dark)},
        "series": drawn,
    }


def heat(
    columns: Sequence[str],
    rows: Sequence[str],
    cells: Sequence[tuple[int, int, float | None]],
    *,
    is_dark: bool,
    framed: Sequence[tuple[int, int]] = (),
) -> Options:
    """Cells of (column, row, value); those that are `framed` (column, row) have an edge."""
    edged, edge = set(framed), {"borderColor": ORANGE, "borderWidth": 2}
    ink = "#e6e8eb" if is_dark else "#1f2329"
    data = [
        {
            "value": [column, row, "-" if value is None else round(value, 1)],
            "itemStyle": edge if (column, row) in edged else {},
        }
        for column, row, value in cells
    ]
    most = max((value for _, _, value in cells if value is not None), default=1)
    base, plain = _framed(is_dark=is_dark), _axis(is_dark=is_dark) | {"splitLine": {"show": False}}
    return base | {
        "grid": {"left": 36, "right": 12, "top": 12, "bottom": 56},
        "tooltip": {},
        "legend": {"show": False},
        "xAxis": {"type": "category", "data": list(columns), **plain},
        "yAxis": {"type": "category", "data": list(rows), "inverse": True, **plain},
        "visualMap": {
            "min": 0,
            "max": max(most, 1),
            "calculable": False,
            "orient": "horizontal",
            "left": "center",
            "bottom": 0,
            "itemHeight": 80,
            "textStyle": {"color": ink},
            "inRange": {"color": list(HEAT_DARK if is_dark else HEAT)},
        },
        "series": [{"type": "heatmap", "data": data}],
    }


def _framed(*, is_dark: bool) -> Options:
    ink = "#a3abb6" if is_dark else "#5f6773"
    return {
        "backgroundColor": "transparent",
        "darkMode": is_dark,
        "textStyle": {"color": ink},
        "legend": {"top": 0, "textStyle": {"color": ink}},
        "grid": {"left": 44, "right": 16, "top": 34, "bottom": 28},
        "tooltip": {"trigger": "axis"},
        "animation": False,
    }


def _axis(*, is_dark: bool) -> Options:
    """Its labels are as readable as all else, its lines fainter than what is drawn."""
    ink, line = ("#a3abb6", "#33383f") if is_dark else ("#5f6773", "#e4e7eb")
    return {
        "axisLabel": {"color": ink, "hideOverlap": True},
        "axisLine": {"lineStyle": {"color": line}},
        "splitLine": {"lineStyle": {"color": line}},
    }


def _across(marks: Mapping[str, float], *, is_dark: bool) -> Options:
    ink = "#a3abb6" if is_dark else "#5f6773"
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"type": "dotted", "color": ink},
        "label": {"color": ink, "formatter": "{b}", "position": "insideEndTop"},
        "data": [{"yAxis": value, "name": name} for name, value in marks.items()],
    }
