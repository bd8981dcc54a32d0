"""What WeCom's numbers tell us to do, and an admin."""

from datetime import timedelta

import pytest

from bot.gateways.wecom import codes
from bot.gateways.wecom.codes import Answer


@pytest.mark.parametrize(
    ("errcode", "answer"),
    [
        (0, Answer.FINE),
        (-1, Answer.AGAIN),
        (40001, Answer.RENEW),
        (40014, Answer.RENEW),
        (42001, Answer.RENEW),
        (45033, Answer.CROWDED),
        (45035, Answer.CROWDED),
        (45009, Answer.SLOW_DOWN),
        (60020, Answer.REFUSED),
        (123456, Answer.REFUSED),
    ],
)
def test_what_to_do(errcode: int, answer: Answer) -> None:
    assert codes.meaning(errcode) is answer


def test_a_block_lasts_as_long_as_its_window() -> None:
    assert codes.pause(45009) == timedelta(seconds=60)
    assert codes.pause(45033) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("errcode", "words"),
    [
        (40001, "Secret"),
        (40013, "企业ID"),
        (41048, "nobody to send it to"),
        (41050, "20 seconds"),
        (41063, "ask again in a few minutes"),
        (41094, "three times in 24 hours"),
        (48002, "可调用接口的应用"),
        (60020, "企业可信IP"),
        (81017, "more than 1,000 members"),
        (84061, "added as a friend"),
        (90501, "no customer group"),
        (301052, "会话内容存档"),
    ],
)
def test_an_admin_is_told_what_to_do_and_what_to_look_up(errcode: int, words: str) -> None:
    told = codes.in_words(errcode, "not allowed, hint: [1576065934_28_e0fae]")
    assert words in told
    assert str(errcode) in told
    assert "hint" not in told


def test_an_unheard_of_code_is_passed_on() -> None:
    assert codes.in_words(99999, "what\nis this") == "WeCom answered 99999: what is this"
    assert codes.in_words(99999, "") == "WeCom answered 99999"
    assert len(codes.in_words(99999, "x" * 10_000)) < 300
