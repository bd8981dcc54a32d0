"""Lines of Chinese break where they may, and fit."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.posters.fonts import face
from bot.posters.layout import NOT_FIRST, NOT_LAST, Block, Setting, fitted, wrapped

SETTINGS = (Setting(100, 2), Setting(80, 3), Setting(50, 4))
WIDTH = 800.0


def width(text: str) -> float:
    """As in most fonts for Chinese: Latin is half as wide."""
    return sum(0.5 if char < "\u2e80" else 1 for char in text)


def lines(text: str, room: float = 8, most: int = 3) -> Sequence[str] | None:
    return wrapped(text, room, most, width)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("带娃的事", ("带娃的事",)),
        ("带娃的事，来群里问问", ("带娃的事，", "来群里问问")),
        ("宝宝差不多大的妈妈们", ("宝宝差不多", "大的妈妈们")),
        ("八个字刚好一行呀！", ("八个字刚", "好一行呀！")),
        ("有问题？（请进群）问", ("有问题？", "（请进群）问")),
        ("和 Super Mom 一起聊天吧", ("和 Super Mom", "一起聊天吧")),
        ("0-3个月的宝宝和12个月的宝宝", ("0-3个月的宝宝", "和12个月的宝宝")),
        ("孕期吃什么？\n怎么睡？", ("孕期吃什么？", "怎么睡？")),
        ("一\n二\n\n三\n四\n五", ("一 二 三 四 五",)),
        ("慢慢来……慢慢来……慢慢", ("慢慢来……", "慢慢来……慢慢")),
    ],
)
def test_a_line_breaks_where_a_reader_would_break_it(text: str, expected: Sequence[str]) -> None:
    assert lines(text) == expected


def test_what_needs_more_lines_than_there_are_does_not_fit() -> None:
    assert lines("一二三四五六七八" * 3) is not None
    assert lines("一二三四五六七八" * 3 + "九") is None


def test_a_word_that_is_wider_than_a_line_goes_on_in_the_next() -> None:
    assert lines("Supercalifragilisticexpialidocious") == (
        "Supercalifragili",
        "sticexpialidocio",
        "us",
    )


def test_a_short_text_is_set_large_and_a_long_one_smaller() -> None:
    sizes = [fitted("字" * count, WIDTH, SETTINGS, width).size for count in (16, 17, 30, 31)]
    assert sizes == [100, 80, 80, 50]


def test_what_fits_nowhere_is_cut_and_says_so() -> None:
    block = fitted("字" * 100, WIDTH, SETTINGS, width)
    assert block == Block(50, ("字" * 16, "字" * 16, "字" * 16, "字" * 15 + "…"))
    (line,) = fitted("她说，好（", 300, [Setting(100, 1)], width).lines
    assert line == "她说…", "nothing hangs before the ellipsis"


texts = st.text(
    st.sampled_from("妈妈宝宝群里，。！？（）《》“”、…— \nabcXYZ09-%.é")
    | st.characters(codec="utf-8"),
    max_size=120,
)


@settings(deadline=None)
@given(texts)
def test_nothing_is_wider_than_its_room_and_nothing_is_lost(text: str) -> None:
    block = fitted(text, WIDTH, SETTINGS, width)
    assert len(block.lines) <= 4
    assert all(width(line) * block.size <= WIDTH for line in block.lines)
    set_in, given_in = "".join("".join(block.lines).split()), "".join(text.split())
    was_cut = set_in != given_in
    if was_cut:
        assert set_in.endswith("…")
        assert given_in.startswith(set_in[:-1])
        assert width(given_in) * 50 > WIDTH * 3, "only what is long is cut"


@settings(deadline=None)
@given(texts)
def test_widths_hold_in_the_real_font_too(text: str) -> None:
    heavy = face(800)
    block = fitted(text, WIDTH, SETTINGS, heavy.width)
    assert all(heavy.width(line) * block.size <= WIDTH for line in block.lines)


phrases = st.lists(
    st.sampled_from(
        ["妈妈", "宝宝睡了", "，", "。", "（好）", "《书》", "“说”", "！", "3个", "a b"]
    ),
    min_size=1,
    max_size=25,
).map("".join)


@settings(deadline=None)
@given(phrases)
def test_no_line_begins_with_a_sign_that_ends_or_ends_with_one_that_begins(text: str) -> None:
    found = lines(text, room=12, most=20)
    assert found is not None
    # A run of signs that is wider than a line has to break somewhere.
    for before, after in pairwise(found):
        signs = sum(char in NOT_FIRST for char in text)
        assert after[0] not in NOT_FIRST or signs >= 8
        assert before[-1] not in NOT_LAST
