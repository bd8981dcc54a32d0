"""What a visitor of the demo does and sees."""

import json
import re
import signal

from playwright.sync_api import Browser, expect

from tests.browser.demo import LAPTOP, PHONE, SIDEWAYS, Demo, Visit


def test_the_first_sight_teaches_what_to_do(visit: Visit) -> None:
    expect(visit.page.locator(".teach")).to_contain_text("新妈妈入群")
    names = visit.page.locator("[data-group] .chat-card-name")
    expect(names).to_have_count(3)
    for name in names.all_inner_texts():
        assert re.fullmatch(r"杭州·\d{4}年\d{1,2}-\d{1,2}月·妇幼·01", name)
    assert visit.outside == []


def test_a_newcomer_is_greeted_once_time_is_sped_up(visit: Visit) -> None:
    visit.to_morning()
    visit.joins("豆豆妈")
    expect(visit.part("round-size")).to_have_text("1位")
    before = visit.bubbles.count()
    visit.press("speed-60")
    expect(visit.bubbles).to_have_count(before + 3)
    expect(visit.bubbles.nth(before)).to_contain_text("欢迎@豆豆妈")
    expect(visit.bubbles.nth(before + 1)).to_contain_text("@豆豆妈")
    expect(visit.bubbles.nth(before + 1)).to_contain_text("杭州-孕")
    expect(visit.bubbles.nth(before + 2)).to_contain_text("群里几个小约定")
    expect(visit.page.locator(".mention").first).to_contain_text("@豆豆妈")
    said = visit.page.locator(".panel.outbox .promise").filter(
        has_text=re.compile(r"^\s*(欢迎|改群昵称|群约定)\s")
    )
    expect(said.locator(".state.sent")).to_have_count(3)


def test_a_peak_is_one_round_and_the_next_jump_goes_to_the_due_time(visit: Visit) -> None:
    visit.open_group(3)
    visit.to_morning()
    visit.press("peak")
    expect(visit.part("round-size")).to_have_text("30位")
    expect(visit.chat).to_contain_text("等30人加入了群聊")
    due = visit.part("round-due").inner_text()
    visit.hears(1)
    expect(visit.bubbles.last).to_contain_text("等30位")
    assert visit.part("clock").inner_text() == due

    visit.joins("迟到的妈妈")
    expect(visit.part("round-size")).to_have_text("1位")
    expect(visit.page.locator(".panel.round")).to_contain_text("两轮至少隔 30分钟")
    later = visit.part("round-due").inner_text()
    hour, minute, second = map(int, due.split(":"))
    assert later == f"{hour:02}:{minute + 30:02}:{second:02}"


def test_a_message_is_quoted(visit: Visit) -> None:
    visit.open_group(2)
    visit.says("大家待产包都准备好了吗")
    visit.quotes("大家待产包都准备好了吗")
    expect(visit.page.locator(".quoting")).to_contain_text("大家待产包都准备好了吗")
    visit.says("还差一半 @小助手")
    answer = visit.page.locator(".line").filter(has_text="还差一半").last
    expect(answer.locator(".quoted")).to_contain_text("大家待产包都准备好了吗")
    expect(answer.locator(".mention")).to_have_text("@小助手")
    expect(visit.page.locator(".quoting")).to_be_hidden()


def test_a_nickname_is_judged_while_it_is_written(visit: Visit) -> None:
    visit.to_morning()
    visit.joins("糖糖妈咪")
    visit.press("nickname")
    visit.part("nickname-text").fill("杭州-糖糖")
    expect(visit.part("verdict")).to_contain_text("还少了孕周")
    hint = visit.page.locator(".ask .faint").inner_text()
    fitting = hint.split("「")[1].rstrip("」").replace("小雨", "糖糖")
    visit.part("nickname-text").fill(fitting)
    expect(visit.part("verdict")).to_contain_text("符合格式")
    visit.press("nickname-save")
    expect(visit.page.locator(".ask")).to_have_count(0)
    visit.says("改好啦")
    expect(visit.page.locator(".line").filter(has_text="改好啦").locator(".who")).to_have_text(
        fitting
    )


def test_a_mother_asks_for_her_points(visit: Visit) -> None:
    visit.open_group(1)
    visit.to_morning()
    visit.joins("冬冬妈")
    visit.tries("/积分")
    expect(visit.bubbles.last).to_contain_text("@冬冬妈\u2005你还没有积分哦")


def test_points_are_given_spent_and_the_code_comes_in_private(visit: Visit) -> None:
    visit.open_group(3)
    visit.to_morning()
    visit.joins("芝麻糊")
    points = visit.page.locator(".panel.points")
    visit.says("我整理了一份辅食清单")
    visit.becomes("年年")
    visit.quotes("辅食清单")
    for _ in range(4):
        visit.tries("/加分 @…")
    expect(points).to_contain_text("芝麻糊本月+2020分")

    visit.becomes("芝麻糊")
    expect(visit.part("unread")).to_have_count(0)
    visit.says("/兑换 试用装")
    expect(visit.part("unread")).to_be_visible()
    expect(points).to_contain_text("芝麻糊本月+200分")
    expect(points).to_contain_text("剩4份")
    visit.press("private")
    expect(visit.bubbles).to_have_count(1)
    code = points.locator(".code").inner_text()
    expect(visit.bubbles).to_contain_text(f"兑换码：{code}")
    expect(visit.part("unread")).to_have_count(0)

    visit.becomes("年年")
    expect(visit.page.locator(".chat-title")).to_contain_text("年年")
    before = visit.bubbles.count()
    visit.tries("/核销")
    expect(visit.bubbles).to_have_count(before + 2)
    expect(visit.bubbles.last).to_contain_text("芝麻糊")
    expect(points.locator(".code")).to_have_count(0)


def test_every_tab_sees_the_same_world(browser: Browser, demo: Demo, visit: Visit) -> None:
    visit.open_group(2)
    page = browser.new_page(viewport=LAPTOP)
    other = Visit(page, demo)
    other.open_group(2)
    visit.says("另一个窗口也看得见吗")
    expect(other.bubbles.last).to_have_text("另一个窗口也看得见吗")
    page.close()


def test_what_cannot_be_done_is_said_kindly(visit: Visit) -> None:
    visit.press("send")
    expect(visit.page.get_by_text("还没写内容呢")).to_be_visible()
    visit.press("join")
    visit.part("newcomer-name").fill(" ")
    visit.press("newcomer-join")
    expect(visit.page.get_by_text("给她起个名字吧")).to_be_visible()
    visit.press("cancel")


def test_somebody_leaves(visit: Visit) -> None:
    visit.open_group(2)
    visit.joins("路过的妈妈")
    visit.press("leave")
    expect(visit.chat).to_contain_text("路过的妈妈 退出了群聊")


def test_a_phone_shows_it_without_scrolling_sideways(browser: Browser, demo: Demo) -> None:
    page = browser.new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    visit = Visit(page, demo)
    for group in (3, 2, 1):
        visit.open_group(group)
        assert page.evaluate(SIDEWAYS) == 0
        expect(visit.part("entry")).to_be_in_viewport()
    visit.press("private")
    expect(visit.page.locator(".chat-title")).to_contain_text("的私聊")
    assert page.evaluate(SIDEWAYS) == 0
    expect(visit.part("entry")).to_be_in_viewport()
    visit.press("tab-rules")
    visit.page.locator(".panel.rules").scroll_into_view_if_needed()
    expect(visit.page.locator(".panel.rules")).to_contain_text("第一位等多久")
    page.close()


def test_the_demo_answers_as_the_service_does(demo: Demo) -> None:
    assert json.loads(demo.get("/readyz"))["ready"] is True
    assert json.loads(demo.get("/healthz")) == {"status": "ok"}
    assert "qunzhu_events_total" in demo.get("/metrics")


def test_a_second_start_finds_yesterdays_data(browser: Browser, demo: Demo) -> None:
    visit = Visit(browser.new_page(viewport=LAPTOP), demo)
    visit.open_group(2)
    visit.to_morning()
    visit.says("明天还在吗")
    visit.joins("果果麻麻")
    before = visit.bubbles.all_inner_texts()
    due = visit.part("round-due").inner_text()
    visit.page.close()

    assert demo.stop(signal.SIGINT) == 0
    demo.start()

    again = Visit(browser.new_page(viewport=LAPTOP), demo)
    again.press("speed-0")
    again.open_group(2)
    expect(again.bubbles.filter(has_text="明天还在吗")).to_be_visible()
    assert again.bubbles.all_inner_texts()[: len(before)] == before
    assert again.part("clock").inner_text() >= "09:00:00"
    assert again.part("round-due").inner_text() == due
    again.press("skip")
    expect(again.bubbles.last).to_contain_text("欢迎@果果麻麻")
    assert again.part("clock").inner_text() == due
    again.page.close()


def test_a_taken_address_is_said_in_one_line(demo: Demo) -> None:
    second = Demo(demo.folder, demo.address).spawn()
    said, _ = second.communicate(timeout=20)
    assert second.returncode == 2
    assert said.count("\n") == 1
    assert "BOT_HTTP" in said
