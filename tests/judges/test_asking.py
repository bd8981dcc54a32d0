"""Which messages want an answer: phenomenon by phenomenon, then over whole sets."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.questions.asking import THRESHOLD, Asking, judge

HERE = Path(__file__).parent
OURS = HERE / "questions.tsv"

ASKED = {
    "final particles": [
        "孩子能坐飞机吗",
        "孩子能坐飞机么",
        "孩子能坐飞机不",
        "孩子坐过飞机没",
        "你买到票了没有",
        "这件还有货吗亲",
    ],
    "A-not-A": ["枕头要不要换", "这家可不可以刷卡", "是否需要预约", "有无同款", "喜不喜欢喝粥"],
    "question words": [
        "袋鼠裤怎么洗",
        "尿布台放哪个房间",
        "谁负责带队",
        "几点散会",
        "一天吃几顿",
        "离地铁多远",
        "为啥一直闪退",
    ],
    "choice": ["睡袋买厚的还是薄的", "坐高铁还是坐飞机", "周五还是周六"],
    "what about": ["那老二呢", "如果下雨呢", "你呢", "班长呢", "合同照片呢", "加个水印呢"],
    "asking to confirm": [
        "集合点是东门对吧",
        "不会影响哺乳吧",
        "押金可以退的吧？",
        "你家是顶楼吧",
        "所以定金不退喽",
        "没有副作用吧",
    ],
    "a fragment": ["几个月了", "几块钱", "停水了？", "选几啊", "挂哪啊"],
    "typed on": ["这家合不合适这身高", "好洗不这个材质"],
    "seeking without a question": [
        "求一个会做月子餐的阿姨",
        "求助，窗户关不上了",
        "有谁用过这款恒温壶",
        "想咨询一下落户的事",
        "哪位家长拍了课表",
        "各位支个招吧，娃不肯剪指甲",
        "帮我看看这个合同",
        "推荐一下亲子酒店",
        "帮我改个密码",
        "表格发我一份呗",
        "拍个照看看",
    ],
    "held, and still asked": [
        "有人知道怎么开票吗",
        "请问怎么看有没有报上名",
        "你们知道几楼抽血",
        "不知道这样会不会着凉",
        "大家帮忙看看是不是过敏",
        "这个在哪里有",
        "老师说几号返校",
        "可能是什么原因",
        "我是先交钱给你还是先签字",
    ],
    "angry, and still asked": [
        "服了 这个怎么退",
        "窗户漏水了怎么办！急！",
        "今天停课？？？",
        "咳得厉害吗",
        "这也能报销吗",
        "会不会有人偷",
        "宝宝几个月自己坐",
        "谁还没交照片",
    ],
    "indefinite, and still asked": ["有没有什么忌口", "你家什么都吃吗", "哪里都买不到？"],
    "after a long story": [
        "我家老大三岁半，上幼儿园两周了，每天早上抱着门框不走，老师说进教室就好了，可是晚上做梦都在哭，"
        "你们那时候是怎么过来的",
    ],
    "before a long story": [
        "娃不肯坐餐椅怎么弄，我试过放玩具，试过大人陪着一起吃，都坚持不到五分钟就要下来"
    ],
    "a question, and more said after it": [
        "睡袋几度穿合适 我家朝北",
        "暖气怎么放水啊 没弄过",
        "门票在哪取 我们五个人",
    ],
    "English": ["where can I park", "has anyone used this sling", "how much is it"],
    "decorated": [
        "@王老师\u2005明天几点放学[抱拳]",
        "https://example.com/a?b=1 这个靠谱吗",
        "請問嬰兒床在哪裡買",
        "周五放不放学🤔🤔",
        "这是湿疹[疑问]",
    ],
}
NOT_ASKED = {
    "indefinite": [
        "什么都不想吃",
        "没什么胃口",
        "谁都可以来",
        "几个孩子都睡了",
        "哪儿也没去",
        "想去哪就去哪",
        "谁先到谁开门",
        "买了点水果什么的",
        "多少有点失望",
    ],
    "held in a statement": [
        "我知道怎么开票了",
        "老师会告诉你几点放学",
        "你看看有没有装反",
        "先确认是不是停电",
        "我去问问物业什么时候来",
        "他问我要不要去，我没去",
        "护士问我几天没拉了",
        "虽然不知道有什么用",
        "我跟他讲了怎么修",
    ],
    "topic of a statement": [
        "贵不贵因人而异",
        "用哪种看医生怎么开",
        "去不去都行",
        "怎么收费的公告栏贴着呢",
        "几点关门我都忘了",
        "行不行的先不说",
        "衣服多长，鞋子多大，表格里要填",
    ],
    "whoever": [
        "喜欢哪件直接拍",
        "谁捡到了跟我说一声",
        "哪天有雨就改期",
        "想喝什么自己拿",
        "什么时候退烧什么时候再去",
        "谁要花盆的来一楼自取",
    ],
    "stated to the end of the clause": [
        "几点能修好说不准",
        "什么时候过来提前打个招呼就行",
        "要不要补课再说吧",
    ],
    "a tale": ["她老公又说了什么 我都没听", "那人问了谁也没用 最后自己修的"],
    "quoted": ["我当时就想 这要排到几点", "她就在想 要不要换"],
    "a plea": ["别再刷屏了好不好", "遛狗的能不能自觉牵绳"],
    "wonder": ["为什么假期总过得那么快", "我怎么老忘带钥匙"],
    "taking sides": ["是不是很累 我当时也这样"],
    "a bare preface": ["问一下", "请问"],
    "exclamation": ["怎么这么可爱", "怎么可能", "多好的天气啊", "什么破网", "哪有那么严重"],
    "rhetoric": [
        "难道要我求他",
        "谁知道呢",
        "何必呢",
        "这不就好了吗",
        "至于吗",
        "谁让他不听话",
        "谁说男孩不能学舞",
        "谁还没个脾气",
        "他什么时候认真过",
        "不上学干嘛",
        "我能怎么办",
        "关你什么事",
        "买那么多干嘛",
        "是不是得夸夸我",
    ],
    "blame": ["怎么不早点提醒！！", "凭什么！", "都几点了还唱歌", "谁乱停的车！", "有没有素质"],
    "complaint": [
        "又卡死了 凭啥 为什么就我登不上去",
        "离谱 为什么还要排队",
        "排了两小时就为了这？",
        "停车一小时八十，抢钱？",
    ],
    "found out": ["我说呢，怎么打不开", "怪不得这么便宜"],
    "echo": ["啊？", "我去？"],
    "settled in the next clause": [
        "都等半天了还不来吗，算了我自己去",
        "看到没 我就说会下雨",
        "谁的水壶落这了 来拿一下",
    ],
    "answers": ["看情况，一般三天就好", "不用管它，多大的孩子都会这样", "应该没事吧，我家也这样"],
    "answers itself": [
        "为什么要拍嗝呢？因为能减少吐奶",
        "什么是厌奶期？就是突然不爱喝奶的一段时间",
    ],
    "headlines": [
        "孩子不爱喝水怎么办？这3招很管用",
        "鱼油到底要不要吃？看完这篇就明白了",
        "怎么装修不踩坑？过来人经验分享",
    ],
    "service desks": ["您好，请问您是要开发票吗，点击这里申请"],
    "adverts": [
        "还在为脱发发愁吗？限时特价99元，加我微信",
        "有需要收纳的吗？本店开业优惠，欢迎预约",
        "想知道怎么瘦下来？扫码领取课程",
    ],
    "offers": ["有什么问题随时联系我", "如有疑问请联系客服"],
    "notices": ["【通知】明天上午体检，请空腹", "#接龙 周六采摘 1. 小雨妈妈"],
    "chatter": ["收到", "哈哈哈", "好的呢", "我在等车呢", "走吧", "在的", "", "？？？", "[捂脸]"],
    "greetings": ["在吗", "有人吗"],
    "English": ["when I was there it rained", "thanks, that is what I need", "ok"],
    "idle wonder": ["不知道怎么就睡着了", "他也不知道去哪了"],
}


def cases(table: dict[str, list[str]]) -> Iterable[object]:
    return [
        pytest.param(text, id=f"{phenomenon}: {text[:20]}")
        for phenomenon, texts in table.items()
        for text in texts
    ]


@pytest.mark.parametrize("text", cases(ASKED))
def test_asked(text: str) -> None:
    assert judge(text).is_question, judge(text)


@pytest.mark.parametrize("text", cases(NOT_ASKED))
def test_not_asked(text: str) -> None:
    assert not judge(text).is_question, judge(text)


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("孩子能坐飞机吗", ("吗",)),
        ("孩子能坐飞机吗？", ("吗", "question mark")),
        ("求助，窗户关不上了", ("asks for it",)),
        ("收到", ()),
        ("我知道怎么开票了", ()),
    ],
)
def test_reasons_strongest_first(text: str, reasons: tuple[str, ...]) -> None:
    assert judge(text).reasons == reasons


def test_a_question_mark_adds_confidence() -> None:
    assert judge("枕头要不要换？").confidence > judge("枕头要不要换").confidence > THRESHOLD


def test_the_threshold_is_a_question() -> None:
    assert Asking(THRESHOLD, ()).is_question
    assert not Asking(THRESHOLD - 0.01, ()).is_question


# Whole sets


def precision_and_recall(rows: list[tuple[bool, str]]) -> tuple[float, float]:
    found = [asks for asks, text in rows if judge(text).is_question]
    return sum(found) / len(found), sum(found) / sum(asks for asks, _ in rows)


def read(path: Path) -> list[tuple[bool, str, str]]:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row[0] == "1", row[1], (row[2:] or [""])[0]) for row in rows if row[0] in "01"]


def test_our_own_messages() -> None:
    rows = [(asks, text) for asks, text, _ in read(OURS)]
    assert len(rows) > 1500
    precision, recall = precision_and_recall(rows)
    assert precision >= 0.97
    assert recall >= 0.99


# Whatever comes

PIECES = [
    *("什么", "怎么", "谁", "哪", "几", "多少", "吗", "呢", "吧", "不", "没", "还是", "是不是"),
    *("有没有", "知道", "看看", "不知道", "求", "请问", "就", "都", "因为", "，", "。", "？", " "),
    *("\n", "@小雨\u2005", "[捂脸]", "《", "》", "http://", "a ", "how ", "to ", "哈哈", "限时"),
    *("~", "\ud800", "\u0300", "\x00"),
]
ANY_TEXT = st.text(st.characters(), max_size=300)  # lone surrogates too
MIXTURE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(ANY_TEXT | MIXTURE)
def test_any_text_is_judged_the_same_twice(text: str) -> None:
    asking = judge(text)
    assert 0 <= asking.confidence <= 1
    assert asking.is_question is (asking.confidence >= THRESHOLD)
    assert bool(asking.reasons) or asking.confidence == 0
    assert judge(text) == asking


@pytest.mark.parametrize(
    "piece",
    [
        "吗",
        "？",
        "看看是不",
        "什么",
        "还是a",
        "有",
        "@",
        "[",
        "《",
        "how ",
        "\n",
        "a ",
        "能不",
        "😀",
        "谁",
        "怎么",
        "！",
    ],
)
def test_a_hostile_text_is_judged_at_once(piece: str) -> None:
    judge(piece * (100_000 // len(piece)))


def test_only_head_and_tail_of_a_long_text_count() -> None:
    story = "今天天气很好，我们去了公园。" * 5_000
    assert judge("明天几点集合？" + story).is_question
    assert judge(story + "明天几点集合？").is_question
    assert not judge(story).is_question
