"""Messages that put questions without asking: adverts, notices, offers, a service desk."""

import re
from collections.abc import Iterator

from handlers.questions.asking.words import any_of

_SELLING = any_of(
    r"限时|特价|秒杀|下单(?=[^了]|$)|[买满]\d*.?[送减赠]|包邮|私[聊信我]|加(?:我|微信|v)|扫码",
    r"报名(?:链接|方式|中)|福利|领取|名额|直播|团购价|优惠|折扣|原价|现价|[¥￥]\d|\d+元|\d+\.9",
    r"招[募聘]|诚[邀招]|热线|详情|欢迎|有意|量大|新到|到货|爆款|抢购|点击|戳|代理",
    r"免费(?:领|送|试|体验)|月入|咨询(?:电话|热线|客服)|火热|正品|联系我|了解一下|试试这|课程"
    r"|干货",
    r"相约|敬请|不见不散|主讲|名师|体验课|公开课|讲座|立减|首单|开抢|抓紧|来帮你|我们的"
    r"|便宜[出卖]|给钱就|要的私|价格优惠|看过来|专场|要的扣",
)
_BAIT = any_of(
    r"还在.{1,12}[吗么?？]|你是不是(?:也|经常|总)|你(?:家孩子|家宝宝)?也.{0,10}|有没有想过",
    r"想(?:知道|要|拥有|不想).{0,14}(?:加我|私|戳|扫|点击|就来|来)",
)
_NOTICE = any_of(
    r"^\s*(?:【|#接龙|接龙|群公告(?![怎在有里看])|通知|温馨提示|重要|各位(?:家长|业主)[:：])",
    r"[@＠]所有人",
)
_OFFER = re.compile(
    r"(?:有|如有|若有)(?:什么|啥|任何|疑问|问题|需要|不懂|不明白|不清楚|兴趣|想)[^\n]{0,12}?"
    r"(?:联系|找我|私|告诉|尽管|随时|直接|再说|咨询|问我|群里|可以|欢迎|打我|说)"
)
# How a service desk talks.
_SERVICE = re.compile(
    r"^[亲您]?\w{0,3}您好.*(?:请问您|点击?(?:这里|下方|此处)|自助|人工客服|感谢您|祝您)|点击?这里"
)
_FAVOUR = re.compile(r"投个?一?票|点个?赞|砍一?[刀下]|助力")
_PROVERB = re.compile(r"多.{1,8}就.{0,8}多")  # `付出多少就有多少`


def weigh_broadcast(raw: str, text: str) -> Iterator[tuple[str, float]]:
    selling = len(set(_SELLING.findall(text)))
    if selling > 1 and "请问" not in text:
        yield "selling", -3.5
    elif selling:
        yield "might sell", -0.7
    if selling and _BAIT.search(text):
        yield "bait", -3.5
    if _NOTICE.search(raw):
        yield "notice", -1.5
    if _OFFER.search(text):
        yield "offer", -3.0
    if _SERVICE.search(text):
        yield "service desk", -3.5
    if _FAVOUR.search(text):
        yield "favour", -2.0
    if _PROVERB.search(text):
        yield "the more", -3.0
