"""What only looks as if it asked: indefinites, free choice, offers and held questions."""

import re

from handlers.questions.asking.words import QUESTION_WORD, SIZE, YES_OR_NO, any_of

# Uses of question words that ask nothing, whatever mark follows.
NEVER_ASKS = any_of(
    r"能不?\w就不?\w|爱([\u4e00-\u9fff])不\1",
    r"几乎|无论如何|不论如何|动不动|时不时|三不[三五知]|不三不四|有的没的|好不容易|巴不得|恨不得",
    r"(?:不管|无论|不论|甭管|别管|随便|任凭|管[他它])\w{0,16}|别问\w*|说不[清上出定准]\w*"
    r"|说不好(?=[说是会几什])\w*|得不得了",
    r"(?<![是买吃用做干选喝穿看])什么的(?=$|[都也就吧了啦])|什么之类",
    r"(?:啥|什么)(?:啥|什么)|再怎么|怎么着|不怎么|没怎么|哪怕|哪里哪里|凭什么|爱咋咋",
    r"多大点[^事]|多少(?:年[的来了没]|[次遍]了|有[点些]|[\u4e00-\u9fff]点|会|还是|都|也|是个)|没多"
    r"|不多久",
    r"(?<!有)(?<!是)没有?(?:什么|啥|几[个次天块年人]?|多少|多大|多久|谁\w*|哪|人)",
    r"(?<![要用会是])不(?:用|需要|是|要|会|算)\w?(?:什么|啥|多少|几|怎么)(?!时候|办)",
    r"[这那前后近好十数上才]几(?!点|号|岁)|几[十百千万亿]|几分之|都几\w{1,4}了|几岁的人|不几天"
    r"|那个谁|有没有一种可能|不会吧不会吧",
    r"(?:什么|啥|谁|哪|哪儿|哪里|怎么|怎样)[都也]",
)

# The following hold where no question mark does.
INDEFINITE = any_of(
    r"(?:什么|啥|怎么|怎样|谁(?!家)|哪|几)[^为]{0,8}?(?<!每次)[都也](?!是因为)",
    r"^哪天(?:聚|约|请|有空|有时间|再|我|咱|一起)|差几\w{1,3}[没就]",
    r"(?:觉得|感觉|好想|想)\w{0,6}点(?:什么|啥)(?!好|合适|比较)",
    r"[点些有个做找](?:什么|啥)(?:事|活|东西)(?:$|[就了的])",
    r"(?:好像|似乎|也许|仿佛)[^为]{0,4}?(?:几|谁|什么|哪)",
    rf"(?:要是|如果|万一|假如|一旦|只要|若).{{0,6}}(?:什么|啥|哪里|谁)(?!时候|办)"
    rf"|多{SIZE}.{{0,6}}都",
    r"[了再过]几(?:天|次|个|年|口|下|步|分钟|句)(?!\w{0,2}了?[啊呀呢]?$)",
)
# To be had, not sought: `有需要的吗`.
OFFER = any_of(
    r"(?:谁|(?<!没)有|(?<!没)有人|哪位|还有)(?:需要|想要|想买|要)(?!帮|拼|一起[^的])\w*(?:吗|的|$)",
    r"有没?有?人要的|(?:谁|有人|哪位)\w{0,3}要\w{0,12}(?:来拿|来取|自取|自提|送)",
)
# `喜欢哪款直接拍`: whichever, whoever, whenever it is.
WHOEVER = re.compile(
    rf"(?:谁|哪|(?<!为)(?:什么|啥)|几"
    rf"|多{SIZE})(?!.*[吗么呢?])[^为怎]{{0,10}}?(?:就(?![是行会可能医诊业读餐])|赶紧|另行"
    rf"|(?<![从用在跟])自己[点选挑看拿来去填写算想定带买做领取认挪移]\w{{0,2}}$"
    r"|直接(?:[拍说发问私找打来拿]|联系)|[跟和](?:我|医生|老师|大家)[说讲]|说一声|我(?:来"
    r"|都)?(?:转|付|出|买单)|告诉我|找我"
    r"|联系我|拍\d|的?可以(?:发|来|进|加|私|找我)"
    r"|[还都]?没(?:说|定|通知|讲|想好)$|待定$|再定$)"
)
GOES_ON = re.compile(r"[正在等着还才都可得][^\n]{0,20}呢$|[不没]\w{0,3}呢$")


def is_correlative(words: str) -> bool:
    """`想吃什么就吃什么`: whatever; but `多少钱多少钱` only insists."""
    found = list(_QUESTION_WORD.finditer(words))
    if len(found) < 2 or found[0].group() != found[-1].group():
        return False
    between = words[found[0].end() : found[-1].start()]
    tail = words[found[-1].end() :]
    insists = bool(tail) and words[found[0].end() :].startswith(tail)
    if "就" in between or "算" in between or tail[:1] in ("再", "就", "才"):
        return True
    if between[:1] in ("再", "要", "先", "敢"):
        return True
    return len(between) <= 6 and "了" not in between and not insists


def without_question_words(words: str) -> str:
    return _QUESTION_WORD.sub("~", words)


_QUESTION_WORD = re.compile(QUESTION_WORD)
_ANY_QUESTION = rf"(?:{QUESTION_WORD}|{YES_OR_NO}|还是)"


def weight_of_holding(words: str) -> tuple[str, float] | None:
    """What speaks against a question that is only told of: `医生会告诉你怎么办`."""
    if _URGENT.search(words):
        return None
    if _UNSURE.search(words):
        return "merely unsure", -3.2
    if _DOES_NOT_KNOW.search(words):
        return "does not know", -0.9
    if _TOPIC.search(words):
        return "topic of a statement", -3.0
    if _SHOWS.search(words):
        return None
    if _CONCEDES.search(words):
        return "concession", -3.4
    if _HEARSAY.search(words):
        return "hearsay", -3.0
    held = _HELD.search(words)
    if held and not _YOU_KNOW.search(words) and not _SEEKS.search(words[: held.start() + 1]):
        return "held in a statement", -3.0
    return None


# Shown to be judged: `看看怎么样`.
_SHOWS = re.compile(r"^(?:你们?|大家)?看看(?:怎么样|如何|行不行|可不可以|对不对|有没有问题)$")
# Whoever ends like this wants to know, be it held by `不知道` or not.
_URGENT = re.compile(
    r"(?:怎么办|咋办|怎么弄|咋弄|怎么回事|咋回事|要不要紧|有没有事)(?:才好|好|[呢啊呀])?$"
)
_UNSURE = any_of(
    r"(?:但|可|就是|只|也|还|都|他|她|才|谁|真|永远|从来|要是|如果|根本|到|得)[^?]{0,2}"
    rf"不(?:知道|清楚|确定|晓得).{{0,12}}?{_ANY_QUESTION}",
    r".不(?:知道|清楚|确定|晓得)"
    r"(?!.{0,4}(?:该|要|能|会|是|有|可|行|正|对|好|怎么[办弄]|如何))"
    rf".{{0,12}}?(?:{QUESTION_WORD})",
)
_DOES_NOT_KNOW = re.compile(r"^我?(?:完全)?不(?:太)?(?:知道|清楚|确定|晓得)")
# `虽然不知道能干嘛 但是`, `他问我要不要去`: the sentence is about something else.
_CONCEDES = any_of(
    r"^(?:虽然|虽说|尽管|就算|即使|即便|哪怕)",
    r"(?:^|[都还也又就刚])(?:医生|大夫|护士|老师|老公|婆婆|我?妈|我?爸|[他她]们?|物业|客服|老板"
    r"|同事|面试官|有人|孩子|娃|朋友"
    r"|警察|司机)\w{0,3}问(?![题一下])",
    r"^(?:因为|就是(?![不想说问]))",
)
# `他说什么外卖不让进`: what somebody said, with a shrug.
_HEARSAY = re.compile(
    r"(?<![你您])(?<!你们)(?<!到底)(?<!刚才)(?<![请想])[说问讲喊嚷](?:什么|啥|为什么|为啥|怎么)"
    r"(?!时候|样|事|意思|办|回事|弄|了|呢|啊|来着)\w{3,}"
)
# `具体怎么用听医生的`: the question is the topic, what follows is said of it.
_TOPIC = re.compile(
    rf"{_ANY_QUESTION}.{{0,10}}(?:要看|得看|主要看|就看|全看|看(?:(?:医生|大夫|老师)怎么|个人"
    rf"|情况|缘|运气|你|自己|体质"
    r"|后台|公告|群|图|评论|详情|上面|置顶|文件)"
    r"|看[宝孩]|取决|听[医他她你老]|因人|以.{1,6}为准|都(?:[行可没一好要]|得\w)"
    r"|[我他她](?:也[不没说]|就不|都[不没]|不管|自己知道)|反正|先不说|无所谓|再说|随[你便缘]"
    r"|你们?定"
    r"|(?:公告栏?|通知|群文件|说明书?|官网|置顶|表格?|门口)[里上中]?\w{0,3}(?:有|写|贴|发)\w{0,4}$"
    r"|(?:大家|我|老师|[他她它]们?|当[妈爸爹]的|\w{1,3}[里上中])\w{0,4}(?:清楚|知道|明白|懂|有数"
    r"|心知|发过|[说讲]过|写着|贴着|有写|忘了|不懂|无所谓|接受)"
    r"|可以在\w{1,8}里[查看]|等\w{1,5}[批定回]$|看你?\w{0,2}心情|自愿|(?<!哪)[里上中]\w{0,2}有$"
    r"|由\w{1,8}决定|不重要|没关系|不一定|不好说|就知道|说明|\w{0,4}说了算|很?(?:关键|重要)$"
    r"|\w{1,4}会(?:通知|告诉|说)|都给|等\w{0,6}(?:通知|消息|安排))"
)
_HOLDS = (
    r"(?:告诉|(?:提醒|通知)(?:大家|[你我他她]|一下)|教[你我他她会大]|知道|明白|清楚|懂|晓得|记得"
    r"|记住"
    r"|忘[了记]?(?=怎|什|谁|哪|几|叫|是|放|有没)|理解|决定|取决|在于|关于(?=怎|如|什|为|是)|猜"
    r"|以为"
    r"|(?:担心|怕)(?=.{0,6}(?:会不会|是不是|有没有|说))|纠结[了过]|在纠结|在想|研究[了过下一]|确认"
    r"|[先再要去来能]确定|检查(?:一?下)?(?=.{0,8}(?:有没有|是不是|是否))|测试?一?下|查[看下]"
    r"|看[看下]|看一下|看[你他]|瞧瞧|试试|想[想过着]|算算|商量|考虑[了过一清]|讨论[了过一]|问过"
    r"|问[我他她它了]|[去会头再你等天次](?:可以)?问[下问一]|不在乎|[得要]看"
    r"|(?:^|[先再我就])看(?=有|能|会|要|是|个|情|明|后|今|周)|说明(?!书)|介绍|分享|[说讲教](?:了"
    r"|过|\w{0,4}遍)|看出来|听出来|聊聊|[讲聊](?=.{2,10}(?:怎么|如何|为什么))|没(?:想|定|说|看"
    r"|问|注意|听)(?:好|清楚?|明白|懂|到|出)?"
    r"|讲解|解释|学[会到](?=怎|如|什)|证明(?=[了这你他])|后悔|找到(?=怎|如)|搞懂|搞清|搞明白"
    r"|等着?看"
    r"|体会|听听|(?:文档|公告|文件)[里上中]|写[着得了]|里面?有)"
)
_HELD = re.compile(rf"{_HOLDS}.{{0,14}}?(?:{QUESTION_WORD}|{YES_OR_NO}|还是)")
# Said before the holding word, these make it part of the question.
_SEEKS = re.compile(
    rf"{QUESTION_WORD}|{YES_OR_NO}|想(?![看试])|请[问教]|有[谁人]|帮|麻烦|能|求|不(?:太|是很|大"
    rf"|是特别)?$"
    r"|(?:大家|各位|姐妹|大[神佬])(?!注意|记得|请|先|要|可以)"
)
_YOU_KNOW = re.compile(r"(?:你们?|您|大家|各位)[都还]?(?:知道|晓得|觉得|记得|清楚)")
