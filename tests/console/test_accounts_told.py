"""Of each account and gateway the page tells what it can and can't do."""

from bot.console.pages import accounts
from bot.console.untold import told
from bot.gateways.abilities import FIELDS, Can
from bot.http.api.gateways import told as told_by_the_api


def test_an_account_that_is_told_nothing_says_what_that_means() -> None:
    able = ["hears", "shows_qr"]
    assert accounts.able(able) == "听群里的话、取群二维码"
    silent = accounts.able(["needs_confirmation", "shows_qr"])
    assert silent == (
        "取群二维码；发到群里要人点一下；听不到群里的话：回答问题、完成任务的积分和活跃都是未知"
    )
    assert accounts.able([]) == "", "it was never connected"


def test_gateways_stand_beside_one_another_those_with_accounts_first() -> None:
    gateways = [each.model_dump(mode="json") for each in told_by_the_api(["wechaty-1f0c2a9b"])]
    columns, rows = accounts.columns_of(gateways), accounts.rows_of(gateways)
    assert columns[1].title == "Wechaty（wechaty-1f0c2a9b）"
    assert len(columns) == len(gateways) + 1
    assert [columns[0].told(row) for row in rows] == [each.label for each in FIELDS]
    (strangers,) = [row for row in rows if row["label"] == "私聊没加好友的人"]
    assert columns[1].told(strangers) == "不能"
    assert columns[1].tone is not None
    assert columns[1].tone(strangers) == "bad"


def test_each_way_of_being_able_has_its_words() -> None:
    ability = {"is_limit": False}
    assert [accounts.said(ability | {"can": each}) for each in Can] == [
        *("能", "不能", "能，要人点一下", "有会话存档才能"),
    ]
    confirmed = {"is_limit": True, "can": "yes"}
    assert (accounts.said(confirmed), accounts.tone(confirmed)) == ("要", "warn")
    assert accounts.said(confirmed | {"can": "no"}) == "不用"


def test_how_many_groups_are_unknown_is_told_with_the_reason() -> None:
    assert told(12, "谁该得多少积分") == (
        "有 12 个群谁该得多少积分未知：企业微信没有会话存档，收不到群消息"
    )
