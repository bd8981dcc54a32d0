"""A group's growth and hours are drawn as they are known."""

from typing import Any

from bot.console import growth_chart

LINES = {"formed_at": 150, "qr_until": 200, "full_at": 350}
FORECAST = {"on": "2026-03-08", "low": 90, "likely": 120, "high": 160, "interval": 0.8}


def growth(**more: Any) -> dict[str, Any]:
    return {
        "lines": LINES,
        "due_on": "2026-03-08",
        "formed_at": None,
        "forecast": FORECAST | {"chance": 0.31},
        "sizes": [
            {"on": "2026-03-01", "members": None},
            {"on": "2026-03-02", "members": 40},
            {"on": "2026-03-03", "members": 60},
        ],
    } | more


def series(told: dict[str, Any]) -> dict[str, list[float | None]]:
    options = growth_chart.growth(told, is_dark=False)
    return {each["name"]: each["data"] for each in options["series"]}


def test_what_is_expected_begins_where_the_group_stands() -> None:
    drawn = series(growth())
    assert drawn["人数"] == [None, 40, 60, None, None, None, None, None]
    assert drawn["预计"] == [None, None, 60, None, None, None, None, 120]
    assert (drawn["最少"][-1], drawn["最多"][-1]) == (90, 160)


def test_both_lines_and_the_day_are_marked_and_in_sight() -> None:
    options = growth_chart.growth(growth(), is_dark=True)
    marked = options["series"][0]["markLine"]["data"]
    assert [each.get("yAxis") or each.get("xAxis") for each in marked] == [150, 350, "2026-03-08"]
    assert options["yAxis"]["max"] > 350


def test_without_a_forecast_there_is_one_line() -> None:
    assert list(series(growth(forecast=None))) == ["人数"]
    assert growth_chart.foretold(growth(forecast=None)) == ""


def test_a_group_of_which_nothing_is_known_is_drawn_empty() -> None:
    sizes = [{"on": "2026-03-01", "members": None}]
    assert set(series(growth(sizes=sizes))["人数"]) == {None}


def test_an_old_group_is_drawn_from_shortly_before_it_was_known() -> None:
    days = [f"2026-{month:02}-01" for month in range(1, 10)]
    sizes: list[dict[str, Any]] = [{"on": each, "members": None} for each in days]
    sizes.append({"on": "2026-09-30", "members": 200})
    options = growth_chart.growth(growth(sizes=sizes), is_dark=False)
    assert options["xAxis"]["data"][0] == "2026-09-16"
    marked = options["series"][0]["markLine"]["data"]
    assert [each for each in marked if "xAxis" in each] == [], "it is long past"


def test_the_forecast_is_told_in_words() -> None:
    told = growth_chart.foretold(growth())
    assert told == (
        "照现在这样，3月8日大约 120 人（80% 的可能在 90 到 160 之间），按期成群的可能 31%"
    )
    unlikely = growth(forecast=FORECAST | {"chance": 0.0})
    assert growth_chart.foretold(unlikely).endswith("可能不到 1%")
    assert growth_chart.told(growth()) == "3月8日前要到 150 人"
    formed = growth(formed_at="2026-03-05T09:00:00+08:00")
    assert growth_chart.told(formed) == "3月5日满 150 人，成群了"


def test_posting_hours_are_framed_on_every_day() -> None:
    assert growth_chart.posting_hours(["11:00-12:00", "20:30-21:30"]) == [11, 20, 21]
    assert growth_chart.posting_hours(["23:30-00:30"]) == [0, 23]
    assert growth_chart.posting_hours(["09:00-09:00"]) == []
    week = [
        {"weekday": day, "hour": hour, "messages": 2.5 if hour == 20 else None}
        for day in range(1, 8)
        for hour in range(24)
    ]
    rhythm = {"week": week, "posting": {"spans": ["20:00-21:00"]}}
    (drawn,) = growth_chart.week(rhythm, is_dark=False)["series"]
    framed = [each["value"] for each in drawn["data"] if each["itemStyle"]]
    assert framed == [[20, day, 2.5] for day in range(7)]
    assert growth_chart.is_known(rhythm)
