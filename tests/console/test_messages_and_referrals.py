"""A message and a referral, each as its row tells it."""

from typing import Any

import pytest

from bot.console.pages.outbox import brief, states, where, why_not
from bot.console.pages.referrals import brought_by, known_by

MESSAGE: dict[str, Any] = {
    "kind": "onboarding.welcome",
    "group": "g1",
    "group_name": "杭州·2026年3-5月·妇幼·01",
    "to": None,
    "text": "欢迎@豆豆妈\n先改一下群昵称",
}


def test_a_message_is_told_in_a_line() -> None:
    assert brief(MESSAGE) == "欢迎：欢迎@豆豆妈 先改一下群昵称"
    assert brief(MESSAGE | {"text": "好" * 60}).endswith("好…")
    assert brief(MESSAGE | {"text": None}) == "欢迎"


def test_where_it_goes() -> None:
    assert where(MESSAGE) == "杭州·2026年3-5月·妇幼·01"
    assert where(MESSAGE | {"group_name": None}) == "g1"
    assert where(MESSAGE | {"group": None, "to": "wxid_xiaoli"}) == "私信 wxid_xiaoli"


def test_what_wants_somebody_has_its_number_and_stands_in_front() -> None:
    told = states({"waiting": 1200, "parked": 0, "unsure": 2})
    assert list(told)[:5] == ["", "waiting", "proposed", "unsure", "parked"]
    assert [told[each] for each in ("waiting", "unsure", "parked")] == [
        "等着说 1,200",
        "不确定 2",
        "没说成",
    ]


def test_what_is_not_said_again_says_why() -> None:
    assert "下一轮" in why_not(MESSAGE)
    assert why_not(MESSAGE | {"kind": "command.reply"}) == ""


@pytest.mark.parametrize(
    ("row", "by", "how"),
    [
        ({"by_link_name": "李护士", "agrees": None}, "李护士", "活码"),
        ({"by_link_name": None, "agrees": True}, "活码的主人", "活码和平台一致"),
        ({"by_link_name": "豆豆", "agrees": False}, "豆豆", "活码（平台说的是别人）"),
        ({"code": None, "by_link_name": None, "agrees": None}, "群里一位妈妈", "平台"),
    ],
)
def test_who_brought_her_is_told_as_far_as_it_may(row: dict[str, Any], by: str, how: str) -> None:
    referral = {"code": "k7m2pq9xwd", "by_platform_name": None} | row
    assert (brought_by(referral), known_by(referral)) == (by, how)
