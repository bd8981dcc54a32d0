"""Whether who asked thanks for an answer or takes it up, and whether who quotes one rejects it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.questions.answering import Turn
from handlers.questions.wording import LONGEST, addressed

THRESHOLD = 0.6
LONGEST_WINDOW = 40
FAR = 12  # messages after which a bare thanks is for something else


@dataclass(frozen=True, slots=True)
class Thanked:
    answer: str  # id of the message thanked for
    confidence: float  # 0..1
    reasons: tuple[str, ...]  # strongest first

    @property
    def is_confident(self) -> bool:
        return self.confidence >= THRESHOLD


def judge(turn: Turn, before: Sequence[Turn], answers: Mapping[str, str]) -> Thanked | None:
    """`answers`: the messages in `before` that answer this speaker, each with its author.

    A quote decides which of them is meant, then a mention, then what came last.
    """
    text = _plain(turn.text)
    said = _signal(text)
    if said is None or objects(text) or _NOT_FOR_AN_ANSWER.search(text):
        return None
    sure, reason = said
    window = before[-LONGEST_WINDOW:]
    offered = [m for m in window if answers.get(m.id, turn.speaker) != turn.speaker]
    meant, how = _meant(turn, text, offered, {m.speaker for m in window})
    if not meant:
        return None
    if how:
        sure += 0.25
    else:
        sure -= 0.4 * min((len(window) - 1 - window.index(meant[-1])) / FAR, 1.0)
    if turn.asks:
        sure -= 0.25  # thanks in advance are not for what was said
    return Thanked(meant[-1].id, min(max(sure, 0.0), 1.0), (how, reason) if how else (reason,))


def may_thank(text: str) -> bool:
    """Whether it is worth asking for what."""
    return _signal(_plain(text)) is not None


def _plain(text: str) -> str:
    return text[:LONGEST].strip().lower()


def _signal(text: str) -> tuple[float, str] | None:
    return next(((sure, name) for name, sure, words in _SIGNALS if words.search(text)), None)


def _meant(
    turn: Turn, text: str, offered: list[Turn], speakers: set[str]
) -> tuple[list[Turn], str]:
    """The answers that can be meant, and what tells so ("" where nothing does)."""
    if turn.quotes is not None:
        return [m for m in offered if m.id == turn.quotes], "quotes the answer"
    called = (turn.mentions | addressed(turn.text, speakers)) - {turn.speaker}
    if called:
        return [m for m in offered if m.speaker in called], "mentions its author"
    named = [m for m in offered if len(m.speaker) > 1 and m.speaker.lower() in text]
    return (named, "names its author") if named else (offered, "")


def objects(text: str) -> bool:
    """Whether a text that quotes an answer, or thanks for one, says it is wrong or of no use."""
    return bool(_OBJECTS.search(_NO_OBJECTION.sub("", text[:LONGEST].lower())))


# The sure before the less sure.
_SIGNALS = (
    (
        "says it helped",
        0.8,
        re.compile(
            r"(?:太|真|超级?|很|挺|非常|好|果然|确实|真的|还真)是?(?:的)?(?:有用|管用|有效|实用|有帮助|灵)|"
            r"(?:果然|真的?|一下就|马上就|已经|现在|还真)(?:就|都|给)?(?:好了|好多了|不\S{1,4}了|退了|解决了|行了)|"
            r"试了\S{0,6}(?:管用|有用|有效|好多了|好了|可以|灵|成功)|帮(?:了)?大忙|救了?我"
        ),
    ),
    (
        "thanks",
        0.75,
        re.compile(
            r"(?<!不用)(?<!不)(?<!别)(?:谢谢|多谢|感谢|谢啦|谢了|谢过|蟹蟹|三克油|拜谢|叩谢|跪谢|感恩)|"
            r"\b(?:3q|3ks|thx|thanks|thank you|ty)\b"
        ),
    ),
    (
        "takes it up",
        0.7,
        re.compile(
            r"(?:就|我)?(?:按|照|听)(?:着)?(?:你|您|你们)(?:说|讲|教)?的|学到了|长知识|涨知识|受教|"
            r"(?:我|那我?)(?:这就|马上|今晚|明天|晚上|等下|一会儿?|回去)?(?:就|先|也)?(?:去)?试试|"
            r"(?:好的?|嗯+|哦+|噢+)[,，!！~～\s]*(?:我|那我)?(?:就)?(?:明白|懂|知道|了解|记住|记下)了?|"
            r"^(?:明白|懂|了解|记下|记住)了"
        ),
    ),
)

_NOT_FOR_AN_ANSWER = re.compile(
    r"不用?谢|不客气|别谢|谢谢(?:邀请|邀|关注|支持|配合|夸奖|关心|款待|红包)|谢邀|感谢(?:邀请|邀|关注|支持|配合)|"
    r"红包|老板大气|谢谢老板|提前(?:谢|感谢)|先(?:谢|感谢)|谢天谢地|谢谢(?:您|你)?(?:的)?(?:光临|惠顾|合作)"
)

_NO_OBJECTION = re.compile(
    r"没错|不错|对不对|是不是|对不起|不对劲|错过|有没有用|有用没用|要不要|不要紧|不用担心|没问题|错不了|没说错|不是不"
)
_OBJECTS = re.compile(
    r"不对|不是这样|不是的|不是吧|错了|有误|误导|别听|不要听|别信|不建议|不推荐|不能这[样么]|千万别|"
    r"不(?:太|大)(?:对|好)|没好|没(?:有)?好转|不合适|不是这个|不用了|嘲讽|慎用|问(?:问|一下)?医生|广告|删掉|"
    r"不(?:太|大)?(?:靠谱|科学|准确|正确|认同|同意|管用|好使|行得通|赞成)|不敢苟同|反对|"
    r"没(?:什么|啥)?(?:用|效果|效)(?!过)|没(?:有)?(?:作用|效果|道理|依据)|瞎说|胡说|乱说|乱讲|谣言|"
    r"(?:并|可|这)不是|不可以|不行|更严重|越来越|伪科学|\b(?:wrong|incorrect|not true|don't)\b"
)
