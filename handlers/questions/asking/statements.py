"""What only looks as if it asked: indefinites, exclamations, rhetoric and held questions."""

import re

from handlers.questions.asking.words import QUESTION_WORD, SIZE, YES_OR_NO, any_of

# Uses of question words that ask nothing, whatever mark follows.
NEVER_ASKS = any_of(
    r"几乎|无论如何|不论如何|动不动|时不时|三不[三五知]|不三不四|有的没的|好不容易|巴不得|恨不得",
    r"(?:不管|无论|不论|甭管|别管|随便|任凭|管[他它])\w{0,16}|别问\w*|说不[清上出]\w*|得不得了",
    r"(?<![是买吃用做干选喝穿看])什么的(?=$|[都也就吧了啦])|什么之类",
    r"再怎么|怎么着|不怎么|没怎么|哪怕|哪里哪里|凭什么|爱咋咋",
    r"多少(?:有[点些]|会|还是|都|也|是个)|没多|不多久",
    r"(?<!有)(?<!是)没有?(?:什么|啥|几[个次天块年人]?|多少|多大|多久|谁\w*|哪|人)",
    r"(?<![要用会是])不(?:用|需要|是|要|会|算)\w?(?:什么|啥|多少|几|怎么)(?!时候|办)",
    r"[这那前后近好十数上才]几(?!点|号|岁)|几[十百千万亿]|几分之|都几\w{1,4}了|几岁的人|不几天|有没有一种可能|不会吧不会吧",
    r"(?:什么|啥|谁|哪|哪儿|哪里|怎么|怎样)[都也]",
)

# The following hold where no question mark does.
INDEFINITE = any_of(
    r"(?:什么|啥|怎么|怎样|谁(?!家)|哪|几)[^为]{0,8}?(?<!每次)[都也](?!是因为)",
    r"[点些有个做找](?:什么|啥)(?:事|活|东西)(?:$|[就了的])",
    r"(?:好像|似乎|也许|仿佛)[^为]{0,4}?(?:几|谁|什么|哪)",
    rf"(?:要是|如果|万一|假如|一旦|只要|若).{{0,6}}(?:什么|啥|哪里|谁)(?!时候|办)|多{SIZE}.{{0,6}}都",
    r"[了再过]几(?:天|次|个|年|口|下|步|分钟|句)(?!\w{0,2}了?[啊呀呢]?$)",
)
EXCLAMATION = any_of(
    r"怎么(?:可能|这么|那么|这样|会这么|能这么|可以这么|能这样|可以这样|敢|就|还(?![没不在有是]))",
    r"怎么会?有(?:人|这种|这样)|要[它他她你这]干[嘛吗啥]|能有(?:什么|啥|多)|要(?:什么|啥)自行车|这有(?:什么|啥)\w{1,4}$",
    r"谁(?:看|听|受|买|用|吃|顶|扛|记)得(?:懂|了|起|住|着)[啊呀呢]$",
    r"怎么说(?:呢|也|他|都)|还能怎么\w*|能怎么办呢$|又(?:怎样|怎么样|如何|能怎)",
    r"多(?:好|可爱|累|难|美|棒|香|幸福|开心|舒服|难得|不容易)",
    r"什么(?:破|鬼|玩意|人啊|态度|素质|世道|狗)|说什么来着|算什么|算啥",
    r"([\u4e00-\u9fff])(?:什么|啥)\1|^(?:急|怕|哭|慌|吵|气|笑|愁|跑|装|抢|闹|凶)(?:什么|啥)",
    r"有(?:什么|啥)(?:好|可)\w{1,4}的$|有(?:什么|啥)办法呢",
    r"有(?:什么|啥)(?:用|关系|了不起|大不了|稀奇|奇怪|所谓|不能|不可以|不行|不好)"
    r"\w{0,4}[啊呀呢的]$",
    r"[你我他她]哪有\w{0,2}?(?:什么)?|哪有(?:那么|这么|什么|不|空|时间|心思|心情|这回事|你|人会|多)",
    r"哪(?:能|会|敢|像|还|用|知道|晓得|舍得|怕|顾得)",
    r"(?:哪[个家位次天]|谁家?)\w{0,6}?不(?:是|想|要|疼|爱)\w*",
    r"谁(?:知道(?:呢|啊|$)|说不|说的[啊呀]?$|让|叫|不(?!知)|还|敢|想到|料|懂|稀罕|管|用谁)|换谁",
    r"谁能(?![跟告帮教解说发给看推借指提来分讲联接搞弄回用])",
    r"何必|何苦|何况|难道|人生[能有]|几个人能",
)
RHETORIC = any_of(
    r"^(?:大家|你们?|各位|姐妹们?)?知道[吗么]$|可不是|难道|何必|何苦|何尝|岂|有完没完|还好意思",
    r"不(?:就|也|正).{0,12}[吗嘛么]$|这不是?.{0,10}[吗嘛么]$|不是.{0,6}(?:废话|搞笑|扯)",
    r"至于吗|有意思吗|管得着|[了的]好吗$|[很超太].{1,6}好吗$",
    r"还(?:用|需要)[说问]|说气人不|你说呢$|谁说不是",
)
SURPRISE = any_of(
    r"^(?:不会|不是|真的假的)吧$|还能这样|居然|竟然|^[这那]么.{1,4}$",
    r"^是[吗嘛么]$|^真的[吗嘛么]?$|^对[吗吧]$",
)
# To be had, not sought: `有需要的吗`.
OFFER = re.compile(r"(?:谁|有|有人|哪位|还有)(?:需要|想要|想买|要)(?!帮)\w*(?:吗|的|$)")
# `喜欢哪款直接拍`: whichever, whoever, whenever it is.
WHOEVER = re.compile(
    rf"(?:谁|哪|什么|啥|几|多{SIZE})(?!.*[吗么呢?])[^为怎]{{0,10}}?(?:就(?![是行会可能医诊业读餐])|赶紧|另行|自己[看拿来去]"
    r"|直接(?:[拍说发问私找打来拿]|联系)|[跟和](?:我|医生|老师|大家)[说讲]|说一声|告诉我|找我|联系我|拍\d|的?可以(?:发|来|进|加|私|找我)"
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
    if "就" in between or "算" in between:
        return True
    return len(between) <= 6 and "了" not in between and not insists


def without_question_words(words: str) -> str:
    return _QUESTION_WORD.sub("~", words)


_QUESTION_WORD = re.compile(QUESTION_WORD)
_ANY_QUESTION = rf"(?:{QUESTION_WORD}|{YES_OR_NO})"


def weight_of_holding(words: str) -> tuple[str, float] | None:
    """What speaks against a question that is only told of: `医生会告诉你怎么办`."""
    if _URGENT.search(words):
        return None
    if _UNSURE.search(words):
        return "merely unsure", -2.5
    if _DOES_NOT_KNOW.search(words):
        return "does not know", -0.9
    if _TOPIC.search(words):
        return "topic of a statement", -3.0
    held = _HELD.search(words)
    if held and not _YOU_KNOW.search(words) and not _SEEKS.search(words[: held.start()]):
        return "held in a statement", -3.0
    return None


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
# `具体怎么用听医生的`: the question is the topic, what follows is said of it.
_TOPIC = re.compile(
    rf"{_ANY_QUESTION}.{{0,10}}(?:要看|得看|主要看|就看|全看|看(?:(?:医生|大夫|老师)怎么|个人|情况|缘|运气|你|自己|体质"
    r"|后台|公告|群|图|评论|详情|上面|置顶|文件)"
    r"|看[宝孩]|取决|听[医他她你老]|因人|以.{1,6}为准|都[行可没一好]|无所谓|再说|随[你便缘]|你们?定"
    r"|由\w{1,8}决定|不重要|没关系|不一定|不好说|就知道|说明|\w{0,4}说了算|很?(?:关键|重要)"
    r"|\w{1,4}会(?:通知|告诉|说)|都给|等通知)"
)
_HOLDS = (
    r"(?:告诉|(?:提醒|通知)(?:大家|[你我他她]|一下)|教[你我他她会大]|知道|明白|清楚|懂|晓得|记得|记住"
    r"|忘[了记]?(?=怎|什|谁|哪|几|叫|是|放|有没)|理解|决定|取决|在于|关于(?=怎|如|什|为|是)|猜|以为"
    r"|(?:担心|怕)(?=.{0,6}(?:会不会|是不是|有没有|说))|纠结[了过]|在纠结|在想|研究[了过下一]|确认"
    r"|[先再要去来能]确定|检查(?:一?下)?(?=.{0,8}(?:有没有|是不是|是否))|测试?一?下|查[看下]"
    r"|看[看下]|看一下|看[你他]|瞧瞧|试试|想[想过着]|算算|商量|考虑[了过一清]|讨论[了过一]|问过"
    r"|问[我他她它了]|[去会头再你等天次](?:可以)?问[下问一]|不在乎|[得要]看"
    r"|(?:^|[先再我就])看(?=有|能|会|要|是|个|情)|说明(?!书)|介绍|分享|[讲聊](?=.{2,10}(?:怎么|如何|为什么))|没(?:想|定|说|看|问|注意|听)(?:好|清楚?|明白|懂|到|出)?"
    r"|讲解|解释|学[会到](?=怎|如|什)|证明(?=[了这你他])|后悔|找到(?=怎|如)|搞懂|搞清|搞明白|等着?看"
    r"|体会|听听|(?:文档|公告|文件)[里上中]|写[着得]|里面?有)"
)
_HELD = re.compile(rf"{_HOLDS}.{{0,14}}?(?:{QUESTION_WORD}|{YES_OR_NO}|还是)")
# Said before the holding word, these make it part of the question.
_SEEKS = re.compile(
    rf"{QUESTION_WORD}|{YES_OR_NO}|想(?![看试])|请[问教]|有[谁人]|帮|麻烦|能|求|不(?:太|是很|大|是特别)?$"
    r"|(?:大家|各位|姐妹|大[神佬])(?!注意|记得|请|先|要|可以)"
)
_YOU_KNOW = re.compile(r"(?:你们?|您|大家|各位)[都还]?(?:知道|晓得|觉得|记得|清楚)")
