"""What surrounds the clause that asks: its answer, a headline, a complaint, a laugh."""

import re
from collections.abc import Iterator

from handlers.questions.asking.rhetoric import FOUND_OUT, RHETORIC, VENTS, WHY
from handlers.questions.asking.text import Clause
from handlers.questions.asking.words import any_of

_HEADLINE = any_of(
    r"[这那][\d一二三四五六七八九十几]+[个点条招步种件](?!月)|[\d一二三四五六七八九十]+[条招]",
    r"[\d一二三四五六七八九十]+个(?:方法|技巧|要点|误区|信号|原因|习惯|妙招|办法|坑|真相)",
    r"答案|看完|揭秘|做错了|必看|收藏|转发|专家|家长[必都一]|\d+%|涨知识|一文|真相|赶紧看|千万"
    r"|小心",
    r"后果|医生(?:提醒|告诉你)|很多(?:人|家长|妈妈)都?|学会|教你|解读|科普|今天(?:我们|给|就)"
    r"|告诉你",
    r"看这|这?一篇|就够了|文末|[师长]教你|(?:分享|指南|大全|合集|盘点|汇总|揭晓|解析|详解|实录)$",
    r"来看(?!看)|注意了|别再|关键时刻|速看|小妙招|讲清楚|讲透|说清楚?$|点开|一次讲|攻略|干货"
    r"|手把手|一张[表图]|一图",
)
_OWN = re.compile(r"我|俺|咱|本人|请问|求")
_ANSWERS = re.compile(r"^(?:那是)?(?:因为|就是|答案|其实|原来|很简单|主要是|首先|一般)")
_DEFINED = re.compile(r"^什么(?:叫|是)")
_ANSWERABLE = re.compile(r"为什么|为何|什么是|是什么|怎么办|如何|为啥|怎么")
# The next clause settles it: `都几点了还不睡？快睡`.
_SETTLES = re.compile(
    r"^(?:算了|快[去睡走]|赶紧(?!帮|看)|只有|反正|不就|活该|那?肯定|当然|大不了|表扬|夸|点赞"
    r"|我(?:都|又|也)?不[稀管信])"
)
# Where the answer is to be read: `几点集合，公告里写着`.
_WRITTEN = re.compile(
    r"^(?:公告栏?|通知|群文件|说明书?|登记[表册]|表格?|官网|置顶|文件)[里上中]?\w{0,3}[有写贴发要]"
    r"\w{0,6}(?<![吗没不么])$"
)
# Only said to be looked at, when more follows: `看到没 我就说吧`.
_LOOK = re.compile(r"^(?:看到|看见|听到|听懂|懂|明白|知道|记住)了?[吗没么]$")
_CLAIM = re.compile(
    r"^(?:请|麻烦|快|赶紧)?(?:下来|过来|来|自己来?)?(?:认领|领|拿|取|挪|移)(?:一?下|走|回去?)?$"
)
_PRAISE = re.compile(
    r"^(?:真?[太好]|也太)(?:厉害|牛|强|棒|会|绝|香|羡慕|美|可爱)|^[臭吵热冷笑烦气困]死|^(?:佩服"
    r"|膜拜|羡慕|绝了)"
)
# However angry, whoever ends like this wants to know.
_OPEN = re.compile(r"(?:怎么回事|[吗么没不])[啊呀呢]?$")
_FORGOT = re.compile(r"忘了|不记得|记不[清得]|想不起")
_TELLS = re.compile(r"^(?:我们?|[他她]们?|去年|上次我).*(?<![来着啊呀呢吗])$")
_SMIRK = re.compile(
    r"\[(?:捂脸|笑哭|破涕为笑|裂开|旺柴|doge|偷笑|奸笑|吃瓜|白眼|翻白眼)\]|[😂🤣😅🙄]"
)
_LAUGHS = re.compile(r"哈哈|嘿嘿|嘻嘻|笑死|hhh|233")
# How a sentence goes on after a clause that was not its question.
_GOES_ON = re.compile(
    r"^(?:再|就(?!是[^想因为])|都|也|只能|请|麻烦|出来|要的|反正|所以|结果|大不了|转头)"
)
_GREETING = re.compile(
    r"^在[吗么不嘛]$|^在不在$|^有人[吗么嘛]$|^在线[吗么]$|^(?:请|想)?问一?下?(?:大家|各位)?$"
)


def weigh_surroundings(
    raw: str, text: str, parts: list[Clause], place: int
) -> Iterator[tuple[str, float]]:
    """What speaks against the clause at `place`."""
    asking, rest = parts[place], parts[place + 1 :]
    if rest:
        yield from _continued(asking, rest, text)
    if _LAUGHS.search(text) and not asking.asked:
        yield "laughs", -1.2
    if any(FOUND_OUT.search(clause.words) for clause in parts[:place]):
        yield "found out", -3.4
    if any(RHETORIC.search(clause.words) for clause in parts if clause is not asking):
        yield "rhetoric around", -1.5
    complains = bool(WHY.search(asking.words))
    wants_help = _OPEN.search(asking.words) or ("怎么" in asking.words and not complains)
    if VENTS.search(text) and not asking.asked and not wants_help:
        yield "vents", -1.5
    if _SMIRK.search(raw) and not asking.asked and complains:
        yield "laughs", -1.0
    if len(parts) == 1 and _GREETING.search(asking.words):
        yield "greeting", -2.0


def _continued(asking: Clause, rest: list[Clause], text: str) -> Iterator[tuple[str, float]]:
    following = rest[0].words
    reasons = "为" in asking.words and following.startswith("因为") and not _OWN.search(text)
    answers = _ANSWERS.search(following) and _ANSWERABLE.search(asking.words)
    defined = _DEFINED.search(asking.words) and following.startswith("这")
    if reasons or defined or (asking.ends_sentence and answers):
        yield "answers itself", -4.5
    elif _HEADLINE.search("".join(clause.words for clause in rest)):
        yield "headline", -1.0 if _OWN.search(text) else -4.5
    elif (_SETTLES.search(following) and not rest[0].asked) or any(
        _WRITTEN.search(clause.words) and not clause.asked for clause in rest
    ):
        yield "settled", -3.2
    elif any(_CLAIM.search(clause.words) for clause in rest) or _LOOK.search(asking.words):
        yield "summons", -3.2
    elif not asking.asked and _PRAISE.search(following):
        yield "praise", -1.2
    elif _FORGOT.search(following) and _TELLS.search(asking.words):
        yield "settled", -1.5
    elif not asking.asked and not rest[0].asked and _GOES_ON.search(following):
        yield "goes on", -1.5
