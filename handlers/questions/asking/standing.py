"""How a clause with a question word stands in its message, when no question mark tells.

A sincere question is what its message comes to: the hearer is to fill the gap. Where the clause
goes on to state something of it, where the message goes on to a conclusion, or where others are
told of, the question word only names a gap.
"""

import re
from collections.abc import Iterator

from handlers.questions.asking.text import Clause
from handlers.questions.asking.words import A_NOT_A, chooses

# `几点结束说不准`, `什么时候来提前说就行`, `好不好吃见仁见智吧`.
_STATED = re.compile(
    r"(?<!有没)(?:[不没](?:太|大|怎么)?(?:知道|清楚|确定|记得|好说|一定|重要|准|定|谱|数|所谓)"
    r"|说不[准好清定上]|未[知定]|待定|忘了|再说|我不说)[了呢]?$"
    r"|.{4}(?:就|都|也|即)(?:行|好|可以?|够|成)了?$"
    r"|(?<![办说])吧$|其实|说来话长"
)
# Not at how it can be, but that it can: `为什么周末过得这么快`.
_WONDERS = re.compile(
    r"(?:为什么|为啥|为何|凭啥)(?!.*[我宝娃咱])(?:.*[这那]么|.{0,4}[就都总老非偏])"
    r"|^\w{0,8}我怎么(?:[老总就]|[这那]么)"
)
# To behave, not to answer.
_PLEA = re.compile(
    r"(?:别|不要|赶紧|给我|好好).*(?:好不好|行不行|可不可以|成不成)$"
    r"|(?:能不能|可不可以)\w{0,4}(?:别|不要|自觉|注意|安静|消停|管管|体谅|尊重|闭嘴)"
)
# `我就想 这人怎么回事`: what was thought or said then.
_QUOTES = re.compile(r"(?<!我)(?<!你)(?:[就心在老]想|[他她]说|问我|(?:感觉|觉得)\w{0,3}奇怪)$")
_WHOEVER = re.compile(r"谁[再要先敢]")  # `谁再改接口 谁请客`
# The speaker's own part in it: no help is looked for.
_SIDES = re.compile(
    r"我(?:自己)?也(?:不知道|不清楚|说不)|^我(?:当时|那时候?|以前|上次)也|^我?反正|^别(?!的|人)"
)
_CONCLUDES = re.compile(r"[了吧的]$")

# One of these is in many a question, two without a mark of asking are a tale.
_TELLS = (
    re.compile(r"[这那]么(?![办弄做用走写填])"),
    re.compile(r"(?<!怎么)(?<!为什么)(?<!为啥)(?<!么还)(?<![有好要能会是可行去多需])[不没](?!没)"),
    re.compile(r"(?<!怎么)(?:[就也又才]|都(?!\w{0,3}(?:什么|啥|谁|哪|怎)))"),
    re.compile(r"[他她]|人家|别人"),
    re.compile(r"觉得|感觉|以为|看看|[我他她]说"),
    re.compile(
        r"谁(?!有|会|能|家有|知道|用|去)|(?<!有)(?:什么|啥)(?!时候|原因|办法|意思|推荐|区别|情况|样)"
    ),
    re.compile(r"老师|老公|婆婆|我[妈爸]|老板|领导"),
)
_ASKS = (
    re.compile(r"[啊呀来着]$"),
    re.compile(r".{13}"),
    re.compile(r"宝|娃|孩子|^[这那]|[这那]个|到底|(?:为什么|为啥|怎么)\w?我|刚"),
    re.compile(r"(?:可以|[能该要得])\w{0,2}(?:怎|什么|啥|多|几|哪)"),
    re.compile(
        r"怎么(?:[办样弄]|回事|突然)|怎样|如何|多[少久大]|几|哪[里儿个]|(?:是|叫)什么|什么意思"
    ),
    re.compile(r"合适|划算|[更最]好|比较"),
    re.compile(r"^(?:你|大家|各位|谁)"),
)
_OWN = re.compile(r"我家|宝|娃|孩子|[急谢求]|发[下我个]|^我(?!也)")


def weigh_standing(parts: list[Clause], place: int) -> Iterator[tuple[str, float]]:
    """Of a clause that asks by its form alone, without mark, particle or word of seeking."""
    words, rest = parts[place].words, parts[place + 1 :]
    if place and _QUOTES.search(parts[place - 1].words):
        yield "quoted", -1.5
    if _STATED.search(words):
        yield "topic of a statement", -2.5
    if _WONDERS.search(words):
        yield "wonders", -1.2
    if _PLEA.search(words):
        yield "plea", -2.5
    if any(_SIDES.search(clause.words) for clause in rest):
        yield "takes sides", -1.2
    if words.startswith("谁") and place and _WHOEVER.search(parts[place - 1].words):
        yield "whoever", -1.5
    if _leaning(words, rest) > 1:
        yield "tells", -1.2


def _leaning(words: str, rest: list[Clause]) -> int:
    """How many more things speak for a tale than for a question."""
    leaning = sum(bool(tell.search(words)) for tell in _TELLS)
    leaning -= sum(bool(ask.search(words)) for ask in _ASKS)
    leaning -= bool(A_NOT_A.search(words) or chooses(words))
    if rest:
        leaning += 1 + bool(_CONCLUDES.search(rest[-1].words))
        leaning -= bool(_OWN.search(rest[0].words))
    return leaning
