"""Texts that nobody types, and everybody can send.

Everything is drawn from a `Random`: a seeded one for a million events, or hypothesis's own, which
makes what fails smaller.
"""

from collections.abc import Sequence
from random import Random

PLANES: Sequence[tuple[int, int]] = (
    (0x00, 0x1F),  # NUL and the other controls
    (0x20, 0x7E),
    (0x80, 0x2FF),
    (0x300, 0x36F),  # marks that combine with what stands before them
    (0x590, 0x8FF),  # right to left
    (0x115F, 0x1160),  # letters that show nothing
    (0x2000, 0x206F),  # blanks, zero width, bidi controls
    (0x3000, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xD800, 0xDFFF),  # half surrogate pairs
    (0xE000, 0xF8FF),  # private use
    (0xFB50, 0xFDFF),  # one character that normalises into eighteen
    (0xFE00, 0xFEFF),
    (0xFF00, 0xFFFF),  # full width, specials, and what is no character
    (0x1F300, 0x1FAFF),  # pictures
    (0x20000, 0x2FFFF),
    (0x40000, 0xDFFFF),  # nobody's as yet
    (0xE0000, 0xE01EF),  # tags and variation selectors
    (0xF0000, 0x10FFFF),
)
PUMPS: Sequence[str] = (
    *("「", "」", "“", "”", "：", ":", "\n", " ", "\t", "-", "- ", "\n- - - - - -\n", "————"),
    *(
        "@",
        "@所有人",
        "@小助手 ",
        "\u2005",
        "[",
        "]",
        "[旺柴]",
        "《",
        "》",
        "(",
        ")",
        "【",
        "#接龙",
    ),
    *("https://", "http://a", "www.", "/", "://", "1", "12", "123456", "1 ", "９", ".", ",", "、"),
    *(
        "几",
        "几个",
        "什么",
        "什么就什么",
        "还是",
        "不",
        "好不",
        "能",
        "谁",
        "有",
        "有没有",
        "的",
        "吗",
    ),
    *(
        "么",
        "呢",
        "怎么",
        "怎么办",
        "多少",
        "知道",
        "谢谢",
        "不用谢",
        "在",
        "我",
        "你",
        "宝宝",
        "求",
    ),
    *(
        "孕",
        "周",
        "孕28周",
        "月",
        "个月",
        "岁",
        "年",
        "2026年",
        "3-5月",
        "杭州",
        "杭州市",
        "群",
        "第",
    ),
    *(
        "a",
        "what is ",
        "how ",
        "any ",
        "aa b ",
        "é",
        "e\u0301",
        "\u0323\u0301",
        "\u200d",
        "👩\u200d",
    ),
    *(
        "ﷺ",
        "\ufdfa",
        "가",
        "\u1100\u1161",
        "İ",
        "ß",
        "ǅ",
        "\x00",
        "\ud83d",
        "\udc00",
        "\U000e0041",
    ),
    *(
        "加分",
        "/加分 ",
        "积分",
        "+",
        "＋",
        "十",
        "二",
        "条",
        "%",
        "\\",
        "'",
        '"',
        "{{",
        "}}",
        "{%",
    ),
)
"""What handlers look for: repeated often enough, it finds a regular expression that is slow."""
COMMANDS: Sequence[str] = (
    *(
        "帮助",
        "积分",
        "排行",
        "加分",
        "扣分",
        "兑换",
        "核销",
        "我的",
        "角色",
        "暂停",
        "恢复",
        "群况",
    ),
    *(
        "日历",
        "跳过",
        "换",
        "现在发",
        "同意",
        "群规",
        "欢迎",
        "我的信息",
        "删除我的信息",
        "确认删除",
    ),
    *("任务", "koc", "登记", "问题", "采纳", "设置", "邀请"),
)
CHAT: Sequence[str] = (
    *(
        "孕晚期晚上总醒怎么办呀",
        "好的",
        "谢谢豆豆妈",
        "左侧卧会好一点，睡前少喝水",
        "哈哈哈",
        "收到",
    ),
    *("宝宝三个月一天睡几个小时？", "我家是14个小时左右", "早", "有没有推荐的月子中心", "同问"),
)
NUMBERS: Sequence[str] = (
    *("0", "-1", "+0", "5", "007", "2147483647", "2147483648", "-2147483649", "999999999"),
    *("9223372036854775807", "9223372036854775808", "1" * 400, "9" * 5_000, "1e308", "0x10"),
    *(
        "五",
        "十二",
        "一百",
        "５",
        "٣",
        "²",
        "½",
        "Ⅻ",
        "∞",
        "NaN",
        "1.5",
        "1,000",
        "--5",
        "5分分分",
    ),
)


def soup(rng: Random, length: int) -> str:
    """Of every plane, in runs."""
    found: list[str] = []
    while len(found) < length:
        low, high = rng.choice(PLANES)
        found += map(chr, rng.choices(range(low, high + 1), k=rng.randint(1, 8)))
    return "".join(found[:length])


def pumped(rng: Random, length: int) -> str:
    """The same few pieces again and again, and something at the end that does not belong."""
    pieces = "".join(rng.choice(PUMPS) for _ in range(rng.randint(1, 3)))
    start = rng.choice(("", "「豆豆妈：", "/", "小助手 ", rng.choice(CHAT)))
    end = rng.choice(("", "」\n- - - - - - - -\n好", "?", "!", "x", "\n"))
    return start + (pieces * (length // len(pieces) + 1))[:length] + end


def command(rng: Random) -> str:
    """As people type one, or nearly, followed by anything."""
    sign = rng.choice(("/", "／", "#", "", "@小助手 ", "/ ", "//"))
    follows = " ".join(_argument(rng) for _ in range(rng.randint(0, 4)))
    return f"{sign}{rng.choice(COMMANDS)}{rng.choice((' ', '', '　'))}{follows}"


def name(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.4:
        return f"杭州-孕{rng.randint(0, 60)}周-{rng.choice(('小雨', '豆豆', '米粒'))}"
    if kind < 0.95:
        return soup(rng, rng.randint(0, 40))
    return pumped(rng, _length(rng, 10_000))


def text(rng: Random, longest: int) -> str:
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(CHAT)
    if kind < 0.55:
        return command(rng)
    if kind < 0.8:
        return soup(rng, _length(rng, min(longest, 2_000)))
    return pumped(rng, _length(rng, longest))


def id_(rng: Random) -> str:
    """Of a room, a person or a message, as no platform forms it."""
    return soup(rng, rng.randint(1, 64)) if rng.random() < 0.9 else pumped(rng, 300)


def _length(rng: Random, longest: int) -> int:
    """Mostly short; each power of two as often as the next."""
    return min(int(2 ** rng.uniform(0, longest.bit_length())), longest)


def _argument(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.4:
        return rng.choice(NUMBERS)
    if kind < 0.6:
        return f"@{name(rng)}\u2005"
    return soup(rng, rng.randint(0, 12)) if kind < 0.9 else rng.choice(CHAT)
