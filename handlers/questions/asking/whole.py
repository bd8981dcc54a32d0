"""What the whole message is: an advert, a notice, a headline, an offer or a laugh."""

import re
from collections.abc import Iterator

from handlers.questions.asking.text import Clause
from handlers.questions.asking.words import any_of

_SELLING = any_of(
    r"限时|特价|秒杀|下单(?=[^了]|$)|[买满]\d*.?[送减赠]|包邮|私[聊信我]|加(?:我|微信|v)|扫码",
    r"报名(?:链接|方式|中)|福利|领取|名额|直播|团购价|优惠|折扣|原价|现价|[¥￥]\d|\d+元|\d+\.9",
    r"招[募聘]|诚[邀招]|热线|详情|欢迎|有意|量大|新到|到货|爆款|抢购|点击|戳|代理",
    r"免费(?:领|送|试|体验)|月入|咨询(?:电话|热线|客服)|火热|正品|联系我|了解一下|试试这|课程|干货",
    r"讲座|立减|首单|开抢|抓紧|来帮你|我们的|便宜[出卖]|给钱就|要的私|价格优惠|看过来|专场|要的扣",
)
_BAIT = any_of(
    r"还在.{1,12}[吗么?？]|你是不是(?:也|经常|总)|你(?:家孩子|家宝宝)?也.{0,10}|有没有想过",
    r"想(?:知道|要|拥有|不想).{0,14}(?:加我|私|戳|扫|点击|就来|来)",
)
_HEADLINE = any_of(
    r"[这那][\d一二三四五六七八九十几]+[个点条招步种件](?!月)|[\d一二三四五六七八九十]+[条招]",
    r"[\d一二三四五六七八九十]+个(?:方法|技巧|要点|误区|信号|原因|习惯|妙招|办法|坑|真相)",
    r"答案|看完|揭秘|做错了|必看|收藏|转发|专家|家长[必都一]|\d+%|涨知识|一文|真相|赶紧看|千万|小心",
    r"后果|医生(?:提醒|告诉你)|很多(?:人|家长|妈妈)都?|学会|教你|解读|科普|今天(?:我们|给|就)|告诉你",
    r"来看|注意了|别再|关键时刻|速看|小妙招|讲清楚|讲透|说清楚?$|点开|一次讲|攻略|干货|手把手|一张[表图]|一图",
)
_OWN = re.compile(r"我|俺|咱|本人|请问|求")
_NOTICE = any_of(
    r"^\s*(?:【|#接龙|接龙|群公告|通知|温馨提示|重要|各位(?:家长|业主)[:：])",
    r"[@＠]所有人",
)
_ANSWERS = re.compile(r"^(?:那是)?(?:因为|就是|答案|其实|原来|很简单|主要是|首先|一般)")
_DEFINED = re.compile(r"^什么(?:叫|是)")
_ANSWERABLE = re.compile(r"为什么|为何|什么是|是什么|怎么办|如何|为啥|怎么")
_OFFER = re.compile(
    r"(?:有|如有|若有)(?:什么|啥|任何|疑问|问题|需要|不懂|不明白|不清楚|兴趣|想)[^\n]{0,12}?"
    r"(?:联系|找我|私|告诉|尽管|随时|直接|再说|咨询|问我|群里|可以|欢迎|打我|说)"
)
_FAVOUR = re.compile(r"投个?一?票|点个?赞|砍一?[刀下]|助力")
_LAUGHS = re.compile(r"哈哈|嘿嘿|嘻嘻|笑死|hhh|233")
# How a sentence goes on after a clause that was not its question.
_GOES_ON = re.compile(r"^(?:再|就|都|也|只能|请|麻烦|出来|要的|反正|所以|结果|大不了|转头)")
_PROVERB = re.compile(r"多.{1,8}就.{0,8}多")  # `付出多少就有多少`
_GREETING = re.compile(r"^在[吗么不嘛]$|^在不在$|^有人[吗么嘛]$|^在线[吗么]$")


def weigh_whole(
    raw: str, text: str, parts: list[Clause], place: int
) -> Iterator[tuple[str, float]]:
    """Signals of the message in which the clause at `place` asks (-1: none of them)."""
    selling = len(set(_SELLING.findall(text)))
    if selling > 1:
        yield "selling", -3.5
    elif selling:
        yield "might sell", -0.7
    if selling and len(parts) > 1 and _BAIT.search(text):
        yield "bait", -3.5
    if _NOTICE.search(raw):
        yield "notice", -1.5
    if _OFFER.search(text):
        yield "offer", -3.0
    if _FAVOUR.search(text):
        yield "favour", -2.0
    if _PROVERB.search(text):
        yield "the more", -3.0
    if place < 0:
        return
    asking, rest = parts[place], parts[place + 1 :]
    if rest:
        yield from _continued(asking, rest, text)
    if _LAUGHS.search(text) and not asking.asked:
        yield "laughs", -1.2
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
    elif not asking.asked and _GOES_ON.search(following):
        yield "goes on", -1.5
