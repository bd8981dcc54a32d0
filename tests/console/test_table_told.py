"""Whoever takes a table in is told how far it is, and what to mend."""

import json

from bot.console.pages.content_import import faults, faults_told, outcome, step


def test_progress_is_read_line_by_line() -> None:
    assert step('{"checked": 200, "of": 400}').share == 0.5
    done = step('{"dry_run": true, "added": 3, "changed": 0, "unchanged": 20}')
    assert done.counts is not None
    assert outcome(done.counts) == "新增 3 条，改动 0 条，不变 20 条"


def test_faults_are_told_by_row_and_column() -> None:
    fault = {"row": 5, "column": "kind", "says": "「干活」不行"}
    named = fault | {"column": "内容种类"}
    detail = "nothing was taken in; faults: 150, the first 100 here"
    told = step(json.dumps({"status": 422, "detail": detail, "errors": [fault, named]}))
    assert told.refused is not None
    assert [(each["row"], each["column"], each["says"]) for each in faults(told.refused)] == [
        ("第 5 行", "种类", "「干活」不行"),
        ("第 5 行", "内容种类", "「干活」不行"),
    ]
    assert faults_told(told.refused) == "有 150 处要改，什么都还没有导入；先列出前 2 处"
    one = step(json.dumps({"status": 422, "detail": "nothing ...; faults: 1", "errors": [fault]}))
    assert one.refused is not None
    assert faults_told(one.refused) == "有 1 处要改，什么都还没有导入"
