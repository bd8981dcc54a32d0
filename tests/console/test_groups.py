"""Words of the pages about groups."""

from datetime import UTC, date, datetime, timedelta

from bot.console import saved, wording
from bot.console.pages.group import calendar, page, talk
from bot.console.pages.groups import state

TODAY = date(2026, 3, 2)


def test_the_monitors_part_is_told_against_the_line() -> None:
    told = {"share": 0.08, "line": 0.05, "messages": 8, "of": 100}
    assert page.monitor_told(told) == (
        "班长说话占比：8.0%，够了（到 5% 群最活跃；妈妈和班长一共 100 条，班长 8 条）"
    )
    assert "少了点" in page.monitor_told(told | {"share": 0.01})
    unknown = told | {"share": None, "messages": None, "of": None}
    assert "未知，听得还不够" in page.monitor_told(unknown)
    assert "未知，企业微信没有会话存档" in page.monitor_told(unknown, hears=False)


def test_days_near_by_have_names() -> None:
    assert calendar.day_told(TODAY, TODAY) == "今天 3月2日 周一"
    assert calendar.day_told(TODAY + timedelta(days=1), TODAY) == "明天 3月3日 周二"
    assert calendar.day_told(TODAY + timedelta(days=9), TODAY) == "3月11日 周三"


def test_a_post_tells_who_is_waited_for() -> None:
    post = {"awaiting_approval": False, "state": "planned", "voice": "assistant"}
    assert calendar.state_told(post) == "待发"
    assert calendar.state_told(post | {"awaiting_approval": True}) == "等同意"
    assert calendar.state_told(post | {"voice": "monitor"}) == "班长来发"


def test_long_texts_are_cut() -> None:
    assert talk.short("一\n二  三") == "一 二 三"
    assert talk.short("长" * 100) == "长" * 60 + "…"
    assert talk.short(None) == ""


def test_a_paused_group_says_so() -> None:
    assert state({"paused_at": "2026-03-02T20:00:00+08:00", "standing": "ours"}) == "暂停着"
    assert state({"paused_at": None, "standing": "released"}) == "已放手"


def test_how_long_ago_is_told_roughly() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def ago(**length: float) -> str:
        return wording.since((now - timedelta(**length)).isoformat(), now)

    assert [ago(seconds=5), ago(minutes=20), ago(hours=2.3), ago(days=2.5)] == [
        "刚刚",
        "20分钟前",
        "2小时前",
        "2天前",
    ]


def test_birth_windows_and_weeks_are_written_as_people_do() -> None:
    assert wording.window("2026-12") == "2026年12-2月"
    assert wording.window(None) == ""
    assert wording.week("prenatal", -4) == "孕36周"
    assert wording.week("postnatal", None) == ""


def test_only_filters_that_were_kept_are_read() -> None:
    assert saved.read('{"急": "concern=at_risk"}') == {"急": "concern=at_risk"}
    assert saved.read(None) == saved.read("[1]") == saved.read("{") == saved.read('{"a": 1}') == {}
