"""The lead changes a rule, sees before what that would do, and takes it back; and the words."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.console import Lead, token_of
from tests.browser.demo import PHONE, Demo

CALM = "onboarding.calm_delay"
A_REPLAY = 120_000
"""Milliseconds that running a day again may take on a slow machine."""


@pytest.fixture(scope="module")
def lead(browser: Browser, demo: Demo) -> Iterator[Lead]:
    """Signed in once. What she has not saved she leaves."""
    found = Lead(browser, demo)
    found.page.on("dialog", lambda dialog: dialog.accept())
    yield found
    found.page.close()


def a_group(demo: Demo) -> str:
    found = demo.ask("GET", "/groups?standing=ours&limit=1")["items"][0]
    return f"group:{found['id']}"


def opens_rules(lead: Lead, scope: str = "everywhere") -> None:
    lead.opens(f"/rules?scope={scope}")
    expect(lead.part("scope")).to_be_visible()


def rule(lead: Lead, path: str) -> Locator:
    return lead.part(f"rule-{path}")


def sets(lead: Lead, path: str, value: str) -> None:
    """Found by its section; what it is now stands beside it."""
    section = lead.part(f"section-{path.partition('.')[0]}")
    if not rule(lead, path).is_visible():
        section.locator(".q-item").first.click()
    lead.part(f"set-{path}").fill(value)
    expect(rule(lead, path)).to_contain_text("改了，没保存")


def saves(lead: Lead) -> None:
    lead.press("save")
    lead.press("send")
    expect(lead.page.get_by_text("保存了，马上生效")).to_be_visible()


def test_a_rule_is_changed_with_a_preview_and_undone(lead: Lead, demo: Demo) -> None:
    group = a_group(demo)
    opens_rules(lead, group)
    sets(lead, CALM, "90")
    lead.press("preview")
    lead.chooses("preview-days", "最近 1 天")
    lead.chooses("preview-groups", "1 个群")
    lead.press("preview-begin")
    expect(lead.part("preview-running")).to_be_visible()
    lead.press("tab-settings")
    expect(rule(lead, CALM)).to_be_visible()
    lead.press("tab-preview")
    result = lead.part("preview-result")
    expect(result).to_be_visible(timeout=A_REPLAY)
    expect(result).to_contain_text("重放了 1 个群")
    expect(lead.part("chart-messages").locator("canvas")).to_be_visible()
    expect(lead.part("chart-posts").locator("canvas")).to_be_visible()
    expect(lead.part("preview-figures")).to_contain_text("新人最久等")
    lead.press("save")
    expect(lead.page.locator(".q-dialog").get_by_test_id("differences")).to_have_text(
        re.compile("凑人等待.*8秒.*→.*1分钟30秒", re.DOTALL)
    )
    lead.press("send")
    expect(lead.page.get_by_text("保存了，马上生效")).to_be_visible()
    expect(lead.part("changes")).to_be_hidden()
    lead.press("tab-history")
    expect(lead.row("history", "凑人等待 不单独设 → 1分钟30秒")).to_have_count(1)
    assert demo.ask("GET", f"/rules/{group}")["set"] == {"onboarding": {"calm_delay": 90}}
    lead.part("undo").first.click()
    lead.press("yes")
    expect(lead.row("history", "凑人等待 1分钟30秒 → 不单独设")).to_have_count(1)
    assert demo.ask("GET", f"/rules/{group}")["set"] == {}
    lead.press("tab-settings")
    expect(rule(lead, CALM)).to_contain_text("来自默认")


def test_a_preview_can_be_stopped(lead: Lead) -> None:
    opens_rules(lead)
    sets(lead, CALM, "60")
    lead.press("preview")
    lead.press("preview-begin")
    lead.press("preview-stop")
    expect(lead.page.get_by_text("停下了，什么都没有留下")).to_be_visible()
    expect(lead.part("preview-begin")).to_be_visible()


def test_what_one_layer_sets_is_given_back_to_the_one_below(lead: Lead, demo: Demo) -> None:
    demo.ask("PATCH", "/rules/everywhere", {"points": {"given": 3}})
    group = a_group(demo)
    demo.ask("PATCH", f"/rules/{group}", {"points": {"given": 1}})
    opens_rules(lead, group)
    lead.part("find-rule").fill("回答加分")
    given = rule(lead, "points.given")
    expect(given).to_contain_text("这里单独设的")
    expect(given).to_contain_text("上一层是 3分")
    lead.press("unset-points.given")
    expect(lead.part("set-points.given")).to_have_value("3")
    saves(lead)
    expect(given).to_contain_text("来自所有群")
    assert demo.ask("GET", f"/rules/{group}")["set"] == {}


def test_what_makes_no_sense_is_told_where_it_is(lead: Lead) -> None:
    opens_rules(lead)
    lead.part("find-rule").fill("欢迎间隔")
    lead.part("set-onboarding.min_gap").fill("61")
    gap = rule(lead, "onboarding.min_gap")
    expect(gap).to_contain_text("要在 0 到 60 分钟 之间")
    expect(lead.part("save")).to_be_disabled()
    lead.part("set-onboarding.min_gap").fill("20")
    expect(gap).not_to_contain_text("之间")
    lead.press("save")
    lead.press("send")
    expect(lead.page.locator(".q-dialog")).to_contain_text(
        "最短欢迎间隔、高峰欢迎间隔、最长欢迎间隔要一个比一个大（可以相等），"
        "这样改会变成 20分钟、15分钟、30分钟"
    )


def test_a_group_is_found_by_its_name(lead: Lead, demo: Demo) -> None:
    opens_rules(lead)
    name = demo.ask("GET", "/groups?standing=ours&limit=1")["items"][0]["name"]
    lead.chooses("scope-kind", "一个群")
    lead.part("scope-group").fill(name)
    lead.part("found").get_by_role("link", name=name).click()
    expect(lead.part("scope")).to_contain_text(f"群「{name}」")


def test_a_text_is_seen_as_it_will_be_said(lead: Lead, demo: Demo) -> None:
    lead.opens("/texts?scope=channel:妇幼")
    says = lead.part("text-welcome").get_by_test_id("says")
    expect(says).to_have_count(6)
    template = lead.part("write-welcome")
    template.fill("{{ names }}来{{ citi }}啦")
    expect(lead.part("text-welcome")).to_contain_text("没有「citi」这个词")
    expect(lead.part("save")).to_be_disabled()
    template.fill('{{ names }}{{ "准妈妈" if stage == "prenatal" else "妈妈" }}们好')
    expect(says).to_have_count(2)
    expect(says.first).to_contain_text("准妈妈们好")
    saves(lead)
    set_ = demo.ask("GET", "/rules/channel:%E5%A6%87%E5%B9%BC")["set"]
    assert "准妈妈" in set_["texts"]["welcome"]
    expect(lead.part("fold-welcome")).to_contain_text("来自渠道「妇幼」")


def test_who_may_only_look_changes_nothing(browser: Browser, demo: Demo) -> None:
    viewer = Lead(browser, demo, token_of(demo, "viewer"), PHONE)
    opens_rules(viewer)
    viewer.part("section-onboarding").locator(".q-item").first.click()
    expect(rule(viewer, CALM)).to_contain_text("8秒")
    for mark in ("changes", "tab-preview", f"set-{CALM}"):
        expect(viewer.part(mark)).to_have_count(0)
    assert viewer.fits()
    viewer.opens("/texts")
    expect(viewer.part("text-welcome").get_by_test_id("says").first).to_be_visible()
    expect(viewer.part("write-welcome")).to_have_count(0)
    assert viewer.fits()
    viewer.page.close()


def test_an_operator_changes_what_concerns_her_groups(browser: Browser, demo: Demo) -> None:
    operator = Lead(browser, demo, token_of(demo, "operator", "channel:妇幼"))
    opens_rules(operator)
    expect(operator.part("tab-preview")).to_have_count(0)
    opens_rules(operator, "channel:妇幼")
    expect(operator.part("tab-preview")).to_be_visible()
    operator.page.close()
