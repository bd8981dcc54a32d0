"""A funnel as it is shown."""

from datetime import datetime
from typing import Any

import pytest

from bot.console import funnels
from config.daily import ZONE

NOW = datetime(2026, 3, 2, 20, tzinfo=ZONE)


def line(**facts: Any) -> dict[str, Any]:
    counts = {"scans": 8, "surveys": 6, "shown": 5, "joined": 4, "of_7": 2, "of_28": 0}
    shares = {"surveys": 0.75, "shown": 0.625, "joined": 0.5, "stayed_7": 0.5, "stayed_28": None}
    return counts | {"shares": shares} | facts


def test_seven_days_are_today_and_six_before() -> None:
    assert funnels.since("7", NOW) == "2026-02-24T00:00:00+08:00"


@pytest.mark.parametrize(
    ("by", "about", "name"),
    [
        ("day", {"day": "2026-03-02"}, "3月2日"),
        ("window", {"window": "2026-03"}, "2026年3-5月"),
        ("window", {"window": None}, "没填表"),
        ("city", {"city": "杭州"}, "杭州"),
        ("channel", {"channel": None}, "未知"),
        ("referrer", {"channel": "妇幼", "referrer": "李护士", "member": None}, "李护士（妇幼）"),
        ("code", {"code": "k7", "channel": "妇幼", "referrer": "", "member": "u1"}, "一位妈妈·k7"),
        ("code", {"code": "k7", "channel": "妇幼", "referrer": "", "member": None}, "妇幼通用·k7"),
    ],
)
def test_a_line_says_what_it_is_about(by: str, about: dict[str, Any], name: str) -> None:
    assert funnels.name_of(by, line(**about)) == name


def test_what_nobody_can_know_yet_is_unknown() -> None:
    told = funnels.figures(line())
    assert told[0] == ("扫码", "8", "")
    assert told[3] == ("进群", "4", "扫码的50.0%")
    assert told[4] == ("7天后还在", "50.0%", "2位到时候了")
    assert told[5] == ("28天后还在", "未知", "还没到时候")


def test_days_are_all_drawn_and_of_others_the_largest() -> None:
    days = [line(day=f"2026-03-{n:02}") for n in range(1, 31)]
    assert len(funnels.bars("day", days, is_dark=False)["xAxis"]["data"]) == 30
    cities = [line(city=f"城市{n}") for n in range(30)]
    drawn = funnels.bars("city", cities, is_dark=True)
    assert len(drawn["xAxis"]["data"]) == funnels.MOST_BARS
    assert [each["name"] for each in drawn["series"]] == ["扫码", "填表", "看到群", "进群"]


def test_the_table_is_of_what_is_shown() -> None:
    address = funnels.table_address({"by": "day", "channel": "妇幼", "code": ""})
    assert address == "/api/v1/funnel?by=day&channel=%E5%A6%87%E5%B9%BC&format=csv&limit=10000"
