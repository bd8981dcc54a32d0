"""The answer judge: stories by phenomenon, floors over labelled talk, and what always holds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.questions.answering import LONGEST_WINDOW, Link, Turn, judge

OWN = Path(__file__).parent / "answers.jsonl"

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def turns(*lines: str) -> list[Turn]:
    """`speaker text`, or `speaker? text` for a question; ids are places."""
    said: list[Turn] = []
    for place, line in enumerate(lines):
        speaker, _, text = line.partition(" ")
        said.append(Turn(str(place), speaker.removesuffix("?"), text, asks=speaker.endswith("?")))
    return said


def judged(*lines: str) -> Link | None:
    *before, last = turns(*lines)
    return judge(last, before, {turn.id for turn in before if turn.asks})


def credited(*lines: str) -> str | None:
    link = judged(*lines)
    return link.question if link and link.is_confident else None


TWO_ASK = ("小雨妈? 宝宝夜里总醒是为什么呀", "果果妈? 吸奶器哪个牌子噪音小")


@pytest.mark.parametrize(
    "lines",
    [
        ("小雨妈? 发烧能洗澡吗", "糖糖妈 可以的，别着凉就行"),
        ("小雨妈? 要空腹吗", "糖糖妈 要空腹八小时"),
        ("小雨妈? 奶瓶要不要每天消毒", "糖糖妈 不用每天，两三天一次"),
        ("小雨妈? 这个月龄会说话正常吗", "糖糖妈 正常的，有早有晚"),
        ("小雨妈? 一天喂几次辅食", "糖糖妈 两次就够"),
        ("小雨妈? 月嫂多少钱一个月", "糖糖妈 我请的一万二"),
        ("小雨妈? 打完针为什么会哭", "糖糖妈 因为疼呀，抱抱就好"),
        ("小雨妈? 红屁股怎么办", "糖糖妈 先晾一晾，再抹护臀膏"),
        ("小雨妈? 周末去哪里玩好", "糖糖妈 去动物园吧，地铁能到"),
        ("小雨妈? 什么时候开始刷牙", "糖糖妈 长第一颗牙以后就可以刷"),
        ("小雨妈? 安抚奶嘴买硅胶的还是乳胶的", "糖糖妈 硅胶的，乳胶容易老化"),
        ("小雨妈? 这是湿疹吗", "小雨妈 脸上好几块", "糖糖妈 是湿疹，我家也这样"),
        ("小雨妈? 医生，她便秘怎么办", "糖糖妈? 几天没拉了", "小雨妈 三天", "糖糖妈 喂点西梅泥"),
    ],
)  # fmt: skip
def test_an_answer_to_the_only_question(lines: tuple[str, ...]) -> None:
    assert credited(*lines) == "0"


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "同问",
        "+1",
        "我也想知道",
        "哈哈哈哈哈",
        "[表情]",
        "早上好",
        "🌹🌹",
        "",
        "多大了？",
        "不清楚呢，看情况吧",
        "奶粉特价，加我微信领券",
        "好的好的收到",
    ],
)
def test_what_answers_nothing(text: str) -> None:
    speaker = "糖糖妈?" if text.endswith("？") else "糖糖妈"
    assert credited("小雨妈? 奶粉罐打开能放多久", f"{speaker} {text}") is None


def test_nobody_answers_herself() -> None:
    assert judged("小雨妈? 发烧能洗澡吗", "小雨妈 可以的") is None


def test_only_open_questions_are_answered() -> None:
    before = turns("小雨妈? 发烧能洗澡吗")
    answer = Turn("a", "糖糖妈", "可以的")
    assert judge(answer, before, {"0"}) is not None
    assert judge(answer, before, set()) is None


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("可能是缺钙，也可能胀气，夜里才总醒", "0"),
        ("我家吸奶器用的那个牌子没什么噪音", "1"),
    ],
)
def test_of_two_questions_the_words_decide(text: str, question: str) -> None:
    assert credited(*TWO_ASK, f"糖糖妈 {text}") == question


@pytest.mark.parametrize(
    ("first", "second", "text", "question"),
    [
        ("一次喂多少毫升", "周几可以打疫苗", "120毫升左右", "0"),
        ("黄疸会反复吗", "家里有体温计吗", "会的，停了蓝光会反复一点", "0"),
        ("需要忌口吗", "疹子是怎么引起的", "过敏引起的可能性大", "1"),
    ],
)
def test_of_two_questions_the_kind_of_answer_decides(
    first: str, second: str, text: str, question: str
) -> None:
    assert credited(f"小雨妈? {first}", f"果果妈? {second}", f"糖糖妈 {text}") == question


def test_two_in_a_row_are_answered_in_order() -> None:
    asked = ("小雨妈? 拉绿便是怎么回事", "小雨妈? 要停母乳吗")
    first = "糖糖妈 可能是着凉，绿便不要紧"
    assert credited(*asked, first) == "0"
    assert credited(*asked, first, "糖糖妈 不用停") == "1"


def test_who_talks_with_whom_decides_between_equals() -> None:
    lines = (
        "小雨妈? 退烧药吃了没退怎么办",
        "豆豆妈 温水擦一擦，退烧药要一小时才起效",
        "果果妈? 婴儿车在哪里买便宜",
        "石头妈 婴儿车等商场活动买便宜",
        "小雨妈 好的",
        "果果妈 好的",
        "小雨妈? 那能开空调吗",
        "果果妈? 那能上飞机吗",
    )
    assert credited(*lines, "豆豆妈 可以的") == "6"
    assert credited(*lines, "石头妈 可以的") == "7"


def test_one_who_goes_on_does_not_answer_again() -> None:
    lines = ("小雨妈? 发烧能洗澡吗", "糖糖妈 可以的", "小雨妈 好的谢谢")
    assert credited(*lines, "糖糖妈 记得给他多喝水") is None


def test_a_mention_of_the_asker_decides() -> None:
    asked = ("小雨妈? 发烧能洗澡吗", "果果妈? 夜里能关灯吗")
    plain = judged(*asked, "糖糖妈 可以的")
    assert plain is not None
    assert not plain.is_confident
    assert credited(*asked, "糖糖妈 @小雨妈 可以的") == "0"
    assert credited(*asked, "糖糖妈 果果妈，可以的") == "1"
    before = turns(*asked)
    told = Turn("a", "糖糖妈", "可以的", mentions=frozenset({"小雨妈"}))
    link = judge(told, before, {"0", "1"})
    assert link is not None
    assert link.question == "0"
    assert link.reasons[0] == "mentions asker"


def test_what_is_said_to_somebody_else_answers_nothing() -> None:
    lines = ("石头妈 早", "小雨妈? 发烧能洗澡吗")
    assert credited(*lines, "糖糖妈 @石头妈 可以的") is None


@pytest.mark.parametrize(
    ("text", "is_credited"), [("这个牌子", True), ("谢谢", False), ("👍", False)]
)
def test_a_quote_of_the_question_is_near_certain(text: str, is_credited: bool) -> None:
    between = [f"妈{n} 今天天气真好呀" for n in range(20)]
    before = turns("小雨妈? 奶瓶买哪种好", *between, "果果妈? 发烧能洗澡吗")
    answer = Turn("a", "糖糖妈", text, quotes="0")
    link = judge(answer, before, {"0", "21"})
    assert link is not None
    assert link.question == "0" or not is_credited
    assert link.is_confident is is_credited


def test_a_quote_finds_a_question_however_many_came_since() -> None:
    asked = [f"妈{n}? 第{n}个问题怎么办" for n in range(30)]
    link = judge(
        Turn("a", "糖糖妈", "这样就行", quotes="0"), turns(*asked), set(map(str, range(30)))
    )
    assert link is not None
    assert link.question == "0"


def test_hours_make_an_answer_less_likely() -> None:
    asked = [Turn("q", "小雨妈", "奶瓶买哪种好", at=NOON, asks=True)]

    def after(hours: int) -> float:
        at = NOON + timedelta(hours=hours)
        link = judge(Turn("a", "糖糖妈", "我家的挺好", at=at), asked, {"q"})
        assert link is not None
        return link.confidence

    assert after(0) > after(2) > after(12)


# Floors


@dataclass
class Tally:
    linked: int = 0
    right: int = 0
    gold: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.linked

    @property
    def recall(self) -> float:
        return self.right / self.gold


def conversations(*constructs: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in OWN.read_text("utf-8").splitlines()]
    return [row for row in rows if row["construct"].startswith(constructs)]


def tallied(talks: list[dict[str, Any]]) -> Tally:
    tally = Tally()
    for talk in talks:
        said: list[Turn] = []
        for row in talk["messages"]:
            turn = Turn(str(row["i"]), row["speaker"], row["text"], asks=row["is_question"])
            link = judge(turn, said[-LONGEST_WINDOW:], {t.id for t in said if t.asks})
            tally.gold += len(row["reply_to"])
            if link and link.is_confident:
                tally.linked += 1
                tally.right += int(link.question) in row["reply_to"]
            said.append(turn)
    return tally


@pytest.mark.parametrize(
    ("construct", "precision", "recall"), [("two parties", 0.92, 0.85), ("busy group", 0.90, 0.62)]
)
def test_floors(construct: str, precision: float, recall: float) -> None:
    tally = tallied(conversations(construct))
    assert tally.precision >= precision
    assert tally.recall >= recall


def test_the_own_talk_is_well_formed() -> None:
    talks = conversations("")
    assert len(talks) >= 30
    for talk in talks:
        rows = talk["messages"]
        assert [row["i"] for row in rows] == list(range(len(rows)))
        for row in rows:
            for question in row["reply_to"]:
                assert question < row["i"]
                assert rows[question]["is_question"]
                assert rows[question]["speaker"] != row["speaker"]


# What always holds

SPEAKERS = st.sampled_from(["小雨妈", "糖糖妈", "果果妈", "u4"])
TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "发烧能洗澡吗",
        "可以的",
        "@糖糖妈 不用",
        "小雨妈: 三天",
        "谢谢",
        "几天了",
        "红的还是白的",
        "白的",
    ]
)


@st.composite
def talks(draw: st.DrawFn) -> list[Turn]:
    count = draw(st.integers(1, 14))
    ids = [str(place) for place in range(count)]
    return [
        Turn(
            id=one,
            speaker=draw(SPEAKERS),
            text=draw(TEXTS),
            at=draw(st.none() | st.datetimes(timezones=st.just(UTC))),
            mentions=draw(st.frozensets(SPEAKERS, max_size=2)),
            quotes=draw(st.none() | st.sampled_from(ids)),
            asks=draw(st.booleans()),
        )
        for one in ids
    ]


@given(talks(), st.data())
def test_any_talk_is_judged(talk: list[Turn], data: st.DataObject) -> None:
    *before, turn = talk
    open_questions = data.draw(st.sets(st.sampled_from([t.id for t in talk])))
    link = judge(turn, before, open_questions)
    assert link == judge(turn, tuple(before), frozenset(open_questions))
    if link:
        assert 0 <= link.confidence <= 1
        asked = next(t for t in before if t.id == link.question)
        assert asked.asks
        assert asked.id in open_questions
        assert asked.speaker != turn.speaker


@pytest.mark.parametrize(
    "piece",
    [
        "好的",
        "[哈]",
        "不会",
        "1 ",
        "一",
        "嗯，",
        "那个",
        "谢谢",
        "ok",
        "@",
        "a.",
        "是",
        "\ud800",
        "还是",
    ],
)
def test_long_text_costs_no_more_than_short(piece: str) -> None:
    long = piece * (60_000 // len(piece)) + "x"
    started = perf_counter()
    before = [Turn(str(n), f"s{n % 5}", f"{long}{n}", asks=n % 3 == 0) for n in range(40)]
    judge(Turn("a", "x", long), before, {str(n) for n in range(40)})
    assert perf_counter() - started < 1


def windows() -> Iterator[tuple[Turn, list[Turn], set[str]]]:
    for talk in conversations("busy"):
        said = [
            Turn(str(row["i"]), row["speaker"], row["text"], asks=row["is_question"])
            for row in talk["messages"]
        ]
        for place, turn in enumerate(said):
            yield turn, said[:place], {t.id for t in said[:place] if t.asks}


def test_a_judgement_is_quick() -> None:
    given_windows = list(windows())
    best = min(_seconds(given_windows) for _ in range(3))
    assert best / len(given_windows) < 0.001  # ten times what it takes on an idle machine


def _seconds(given_windows: list[tuple[Turn, list[Turn], set[str]]]) -> float:
    started = perf_counter()
    for turn, before, open_questions in given_windows:
        judge(turn, before, open_questions)
    return perf_counter() - started
