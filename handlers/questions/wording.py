"""What the wording of one message tells: what it asks for, what it offers, what it is about."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

LONGEST = 300  # characters; what lies beyond is not read


class Kind(StrEnum):
    """What a question asks for and what a message offers."""

    POLAR = "yes or no"
    CHOICE = "one of two"
    AMOUNT = "amount"
    TIME = "time"
    PLACE = "place"
    REASON = "reason"
    ADVICE = "advice"
    THING = "thing"


@dataclass(frozen=True, slots=True)
class Wording:
    grams: frozenset[str]  # what it is about: characters, pairs of them, Latin words
    asks_for: frozenset[Kind]
    offers: frozenset[Kind]
    decides: bool  # offers a yes or a no
    verbs: frozenset[str]  # that a yes or a no to it would take up
    head: frozenset[str]  # what it begins with: the verbs it takes up
    units: frozenset[str]  # of the amounts it asks for or says
    alternatives: frozenset[str]  # what stands around its `or`
    is_empty: bool  # thanks, greetings, laughter, me too: nothing that could answer
    acknowledges: bool  # begins as one who has been answered does
    nods: bool
    evades: bool
    sells: bool


@lru_cache(maxsize=1024)  # asked of a message as it is prepared, judged, and taken
def wording(text: str) -> Wording:
    """Of at most LONGEST characters: the caller cuts, so that what is kept stays small."""
    text = text.strip().lower()
    asks_for = frozenset(kind for kind, pattern in _ASKS.items() if pattern.search(text))
    offers = frozenset(kind for kind, pattern in _OFFERS.items() if pattern.search(text))
    return Wording(
        grams=_grams(text),
        asks_for=asks_for,
        offers=offers,
        decides=Kind.POLAR in offers,
        verbs=_verbs(text) if Kind.POLAR in asks_for else frozenset(),
        head=_head(text),
        units=_units(text, asked=Kind.AMOUNT in asks_for),
        alternatives=_alternatives(text) if Kind.CHOICE in asks_for else frozenset(),
        is_empty=not text or bool(_EMPTY.fullmatch(text) or _ME_TOO.match(text)),
        acknowledges=bool(_ACKNOWLEDGES.match(text)),
        nods=bool(_NOD.fullmatch(text)),
        evades=bool(_EVADES.search(text)),
        sells=bool(_SELLS.search(text)),
    )


def addressed(text: str, speakers: Collection[str]) -> frozenset[str]:
    """Those called by name: `@name` anywhere, or `name:` at the beginning."""
    text = text[:LONGEST]
    called = _NICK.match(text)
    found = {called[1]} if called and called[1] in speakers else set()
    if "@" in text:
        found.update(name for name in speakers if f"@{name}" in text)
    return frozenset(found)


_NICK = re.compile(r"(\S{1,40}?)[:,，：\s]")


def _one_of(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


# What a question asks for

_ASKS = {
    Kind.POLAR: _one_of(
        r"吗",
        r"[嘛么不没否](?:[,，。.?？!！~～\s]|$)",
        r"吧\s*[?？!！]",
        r"(.)[不没]\1",
        r"有没有|是不是|是否|可不可以|可否|能否|不会.*吧",
        r"^(?:is|are|do|does|did|can|could|will|would|should|has|have)\b",
    ),
    Kind.CHOICE: _one_of(r"还是(?![要得会不])"),
    Kind.AMOUNT: _one_of(
        r"多[少久大长高重厚远深宽快贵]", r"几(?![乎率])", r"how (?:many|much|long|old|big|far)"
    ),
    Kind.TIME: _one_of(r"什么时[候间]", r"啥时", r"几[点号时]", r"哪[天年]", r"何时", r"\bwhen\b"),
    Kind.PLACE: _one_of(
        r"哪[里儿家]", r"[在去放]哪", r"什么地方", r"何处", r"哪个?医院", r"\bwhere\b"
    ),
    Kind.REASON: _one_of(r"为[什啥何]", r"[怎咋]么?回事", r"[什啥]么?原因", r"怎么会", r"\bwhy\b"),
    Kind.ADVICE: _one_of(
        r"怎么(?!回事|会)", r"咋(?!回事)", r"如何|怎样", r"[什啥]么?好?[办方]法", r"\bhow\b"
    ),
    Kind.THING: _one_of(
        r"什么(?!时[候间]|原因|地方|好?[办方]法)",
        r"啥(?!时|原因|[办方]法)",
        r"哪[个种款些位]|谁|推荐",
        r"\b(?:what|which|who)\b",
    ),
}

# What a message offers

_NUMBER = r"(?:\d+|[一二两三四五六七八九十百千万半几]+)"
_SPAN = r"小时|分钟|点|天|号|日|周|星期|礼拜|月|年|岁"
_UNIT = (
    rf"(?:多|来)?个?(?:{_SPAN}|钟头|秒|次|回|块|元|钱|毛|度|斤|克|公?斤|厘米|公分|米|公里|遍|勺|片|粒|"
    r"包|袋|瓶|杯|顿|层|倍|个|张|只|条|本|轮|篇|件|根|成|[mk]?[lgm]|cm|[gt]b|[%％℃])"
)
_LEAD = (
    r"(?:[嗯恩哦噢额呃啊那哎][,，。\s]*|这个|那个|这|我们?|我家|医生说|"
    r"应该|都|也|目前|暂时|现在|一般)"
)
_YES_OR_NO = (
    r"(?:可以|能|会|行|要|用|有|是|对|好|得|需要|必须|当然|肯定|正常|[不没别无]|还[行好可]|其实|确实|"
    r"真|算|值得|够|成|管用|看着|看起来|像|考虑|估计|建议|ye[sa]|yup|yep|no\b|nope|sure)"
)
_VERDICT = (
    r"(?:可以|不行|不用|没事|没问题|没关系|不会|不能|正常|不影响|不严重|没有|不需要|不一定|不算)"
    r"[的了啊呀哦吧啦]*(?:[,，。.!！~～\s]|$)"
)
_OFFERS = {
    Kind.POLAR: _one_of(rf"^{_LEAD}*(?:打|穿|去|{_YES_OR_NO})", _VERDICT),
    Kind.AMOUNT: _one_of(rf"{_NUMBER}\s*{_UNIT}", r"\d|[一二两三四五六七八九几][十百千万]"),
    Kind.TIME: _one_of(
        rf"{_NUMBER}\s*个?(?:{_SPAN})",
        r"\d+[:：]\d\d",
        r"[今明后昨]天|[上下中]午|[早晚]上|凌晨|现在|马上|周[一二三四五六日末]|月[初底中]|[以之][前后]|时候",
    ),
    Kind.PLACE: _one_of(
        r"医院|门诊|科|社区|店|商场|超市|药房|附近|[楼路街区市站口园馆场]",
        r"网上|淘宝|京东|拼多多|天猫|公众号|小程序|群里|文件|平台|[上下里]面|里|旁边|对面|[那这]边|家里",
        r"[肚背手脚脸在]",
    ),
    Kind.REASON: _one_of(
        r"因为|由于|原因|引起|导致|造成|的关系|可能|考虑|应该是|主要|怕|缺|没|不足|是.+的|所以|because"
    ),
    Kind.ADVICE: _one_of(
        r"可以|建议|最好|先|[多少别]|不要|试|去|[用吃喝涂抹贴敷揉按擦洗换买加减找打拿放点看等]",
        r"注意|保持|[让给把]|慢慢|直接|然后",
    ),
}

# A yes or a no takes up the verb of the question; some verbs are taken up by others.

_TAKEN_UP_BY = (
    (r"可以|[能行]|可否", r"可以|[能行别]|没事|没问题|ok"),
    (r"要|用(?=[吗不])|不用|需要|必[要须]|得", r"[要得别]|不?用|需要|没?必"),
    (r"会", r"会|不会|没事|没关系|不影响"),
    (r"[有没无]", r"[有没无]"),
    (r"[是对像吧]", r"[是对像嗯]|没错|不是|应该"),
    (r"[了过](?=[吗没])|没|过|了$", r"[了没过刚]|早就"),
)
_VERBS = tuple(
    (str(number), re.compile(asked), re.compile(said))
    for number, (asked, said) in enumerate(_TAKEN_UP_BY)
)
_PREDICATE = re.compile(
    r"([\u4e00-\u9fff])[不没]\1|([\u4e00-\u9fff]{1,2})[了过的]?[吗不没么](?=\W|$)"
)
_LEADS = re.compile(rf"^{_LEAD}+")


def _verbs(text: str) -> frozenset[str]:
    verbs = {number for number, asked, _ in _VERBS if asked.search(text)}
    for doubled, last in _PREDICATE.findall(text):
        verbs.update(doubled or last)
    return frozenset(verbs)


def _head(text: str) -> frozenset[str]:
    head = _LEADS.sub("", text)[:8]
    return frozenset(head) | {number for number, _, said in _VERBS if said.match(head)}


# Amounts and alternatives

_UNIT_ASKED = re.compile(r"(?:几|多少)\s*个?(\w)")
_UNIT_SAID = re.compile(rf"{_NUMBER}\s*[多来]?(?:个半?)?(\w)")
_HOW_LONG = re.compile(r"多[久长大]|小时|几个?[月天]")
_HOW_DEAR = re.compile(r"钱|多贵|贵不贵")


def _units(text: str, *, asked: bool) -> frozenset[str]:
    if not asked:
        return frozenset(_UNIT_SAID.findall(text))
    units = set(_UNIT_ASKED.findall(text))
    if _HOW_LONG.search(text):
        units.update("时钟分天日周期拜月年岁")
    if _HOW_DEAR.search(text):
        units.update("块元百千万毛")
    return frozenset(units)


def _alternatives(text: str) -> frozenset[str]:
    first, _, second = text.partition("还是")
    return frozenset(first[-4:] + second[:4])


# Nothing said

# Possessive: its words can be split in many ways, and none of them but the first is tried.
_EMPTY = re.compile(
    r"(?:不用谢|不客气|客气|多谢|感谢|谢|蟹蟹|3q|thx|thanks?(?: you)?|ty|好[的嘞滴哒吧]?|"
    r"行吧|ok+|okay|"
    r"[在有人]+吗|在不在|大家|晚安|[中下]午好|晚上好|早上?|收到|知道|明白|懂|了解|医生|老师|"
    r"宝妈|姐妹们?|放心|加油|恭喜|辛苦|厉害|羡慕|赞|棒|抱抱|心疼|一样|hi|hello|hey|lol|haha|hehe|bye|"
    r"[嗯恩哦噢喔额哈呵嘿嘻哇呜唉哎呀啊哒的哟嘛吧那我都先再见也了啦亲您你们各这位]|"
    r"\[[^\]]{1,8}\]|[^\w\u4e00-\u9fff])++"
)
_ME_TOO = re.compile(
    r"同[问求]|[+＋]\s*1|我也(?:想|要)?(?:知道|问|了解|好奇)|蹲|一起[问求]|插眼|mark"
)
_ACKNOWLEDGES = re.compile(r"好[的嘞滴哒吧]|收到|谢谢|多谢|感谢|明白|知道了|原来|[哦噢喔]+")
_NOD = re.compile(r"(?:对+|是的?|对的|没错|ye[sp]|yup)\W*")
_EVADES = re.compile(
    r"看(?:个人|情况|人)|不太?(?:清楚|知道|了解|懂)|没(?:用过|试过|去过|经验|关注)|说不[好准]|不好说|因人而异"
)
_SELLS = re.compile(
    r"加我?(?:微信|[v微]|vx|wx)|领券|优惠券|特价|秒杀|下单|包邮|招?代理|私聊我|扫码[进领加]|https?://"
)

# What it is about

_FUNCTION = re.compile(
    r"什么|怎么|为啥|多少|多久|可以|可能|没有|有没有|是不是|应该|一般|这个|那个|这种|那种|现在|时候|一下|一点|"
    r"如果|因为|所以|但是|就是|还是|或者|已经|需要|建议|我们|你们|他们|大家|你家|我家|孩子|宝宝|宝妈|请问|知道|"
    r"觉得|感觉|医生|谢谢|"
    r"[的了吗呢吧啊呀嘛么哦嗯恩是有不没我你他她它您这那就都也还要会能很太更最与和或在到把被给让对为跟比从向个"
    r"一二两三几些点们哪谁啥咋怎何上下里去来用说看想做好多少大小]|[^\w]+|_"
)
_LATIN = re.compile(
    r"\b(?!(?:the|is|it|to|and|of|in|on|you|for|that|if|do|does|did|can|with|this|not|have|be|are|was|"
    r"so|but|or|at|as|my|your|me|we|they|he|she|its|what|how|where|why|who|when|which|will|would|just|"
    r"no|yes|ok|there|from|get|got|am|an|by|then|than|out|up|now)\b)[a-z0-9][a-z0-9.+-]+",
    re.ASCII,  # so that a Chinese character ends a word
)


def _grams(text: str) -> frozenset[str]:
    grams = set(_LATIN.findall(text))
    for piece in _FUNCTION.split(_LATIN.sub(" ", text)):
        grams.update(piece)
        grams.update(first + second for first, second in pairwise(piece))
    return frozenset(grams)
