"""The judge of thanks: which answer is taken up, and which is rejected."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.questions.answering import Turn
from handlers.questions.thanks import Thanked, judge, objects

BEFORE = [
    Turn("q1", "小雨妈", "红屁股怎么办", asks=True),
    Turn("a1", "糖糖妈", "晾一晾，抹护臀膏"),
    Turn("c1", "石头妈", "今天好热"),
    Turn("a2", "果果妈", "用茶油也行"),
]
ANSWERS = {"a1": "糖糖妈", "a2": "果果妈"}


def judged(text: str, *, speaker: str = "小雨妈", asks: bool = False, quotes: str | None = None,
           mentions: frozenset[str] = frozenset()) -> Thanked | None:  # fmt: skip
    turn = Turn("t", speaker, text, mentions=mentions, quotes=quotes, asks=asks)
    return judge(turn, BEFORE, ANSWERS)


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "谢谢啦🌹",
        "多谢多谢",
        "感谢姐妹",
        "谢啦",
        "蟹蟹",
        "3q",
        "thx",
        "太有用了",
        "果然好了",
        "试了真的管用",
        "好的明白了",
        "嗯嗯，知道了",
        "学到了",
        "那就按你说的",
        "我回去试试",
        "今天真的退了，谢谢",
        "好的谢谢，没问题",
    ],
)
def test_the_latest_answer_is_thanked(text: str) -> None:
    thanked = judged(text)
    assert thanked is not None
    assert thanked.answer == "a2"
    assert thanked.is_confident


@pytest.mark.parametrize(
    "text",
    [
        "不用谢",
        "不客气",
        "谢谢邀请",
        "谢谢，但是不管用",
        "试了没用，还是谢谢",
        "谢谢老板的红包",
        "先谢谢大家了",
        "我家用的另一种",
        "[图片]",
        "好",
        "",
    ],
)
def test_what_thanks_for_no_answer(text: str) -> None:
    assert judged(text) is None


def test_thanks_in_advance_are_not_for_what_was_said() -> None:
    thanked = judged("请问茶油哪里买，谢谢", asks=True)
    assert thanked is None or not thanked.is_confident


@pytest.mark.parametrize(
    ("text", "quotes", "mentions", "answer"),
    [
        ("谢谢", "a1", frozenset[str](), "a1"),
        ("明白了", "a2", frozenset[str](), "a2"),
        ("谢谢", "c1", frozenset[str](), None),
        ("@糖糖妈 谢谢", None, frozenset[str](), "a1"),
        ("谢谢", None, frozenset({"糖糖妈"}), "a1"),
        ("谢谢", None, frozenset({"石头妈"}), None),
        ("谢谢糖糖妈", None, frozenset[str](), "a1"),
    ],
)
def test_a_quote_a_mention_or_a_name_decides(
    text: str, quotes: str | None, mentions: frozenset[str], answer: str | None
) -> None:
    thanked = judged(text, quotes=quotes, mentions=mentions)
    assert (thanked and thanked.answer) == answer
    assert thanked is None or thanked.is_confident


def test_a_bare_thanks_long_after_is_for_something_else() -> None:
    chatter = [Turn(f"c{n}", "石头妈", "今天好热") for n in range(15)]
    late = judge(Turn("t", "小雨妈", "谢谢"), BEFORE + chatter, ANSWERS)
    assert late is not None
    assert not late.is_confident
    named = judge(Turn("t", "小雨妈", "谢谢糖糖妈"), BEFORE + chatter, ANSWERS)
    assert named is not None
    assert named.is_confident


def test_nobody_thanks_herself() -> None:
    assert judge(Turn("t", "糖糖妈", "谢谢"), BEFORE[:2], {"a1": "糖糖妈"}) is None


@pytest.mark.parametrize(
    "text",
    [
        "不对",
        "这个说法错了",
        "别听她的",
        "不建议这么做",
        "不是这样的",
        "医生说不能这么喂",
        "试了没用",
        "这样会更严重",
        "不太靠谱吧",
        "没有科学依据，这是谣言",
    ],
)
def test_objections(text: str) -> None:
    assert objects(text)


@pytest.mark.parametrize(
    "text",
    [
        "说得对",
        "没错",
        "这个不错",
        "就是这样",
        "收藏了",
        "大家看这条",
        "没问题",
        "不错过任何一条",
        "👍",
        "",
        "这条回答很专业，大家可以参考",
        "不用担心，就像她说的",
    ],
)
def test_no_objections(text: str) -> None:
    assert not objects(text)


TEXTS = st.text(max_size=40) | st.sampled_from(["谢谢", "不对", "@糖糖妈 谢谢", "学到了", "没用"])


@given(
    TEXTS,
    st.sampled_from(["小雨妈", "糖糖妈", "果果妈", "x"]),
    st.booleans(),
    st.sampled_from([None, "a1", "a2", "c1", "q1", "z"]),
    st.frozensets(st.sampled_from(["小雨妈", "糖糖妈", "石头妈"])),
    st.dictionaries(st.sampled_from(["a1", "a2", "z"]), st.sampled_from(["糖糖妈", "果果妈"])),
)
def test_anything_is_judged(
    text: str,
    speaker: str,
    asks: bool,
    quotes: str | None,
    mentions: frozenset[str],
    answers: dict[str, str],
) -> None:
    turn = Turn("t", speaker, text, mentions=mentions, quotes=quotes, asks=asks)
    thanked = judge(turn, BEFORE, answers)
    assert thanked == judge(turn, tuple(BEFORE), answers)
    objects(text)
    if thanked:
        assert 0 <= thanked.confidence <= 1
        assert answers[thanked.answer] != speaker
