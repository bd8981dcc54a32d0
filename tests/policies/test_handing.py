"""Whether what the monitor says is what was handed to her, as a reader of both would judge."""

import random
from dataclasses import replace
from datetime import date
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.content import handing, keys
from handlers.content.keys import Handover
from models.content import ContentKind, Post, PostState, Voice
from models.ids import AccountId, GroupId
from models.phase import Phase
from tests.world import shanghai

ECZEMA = (
    "姐妹们，宝宝湿疹反复别急着换奶粉～先把洗澡水温降到37度以下，洗完三分钟内抹保湿霜。"
    "我家用的那款温和身体乳这周有团购，一支59元，想要的在群里接龙就行。"
)
BAG = (
    "待产包清单来啦：产褥垫两包、一次性内裤、哺乳内衣、宝宝衣服三套、湿巾、吸管杯，"
    "装一个箱子就够。"
)
CLINIC = "明天上午社区医院有儿保专家坐诊，要去的姐妹记得带上接种本，九点前到人少。"
LIVELY = "今晚聊聊月子里谁带娃？\n我家是婆婆白天、我晚上👩\u200d🍼\n你家呢？"
CHAIR = "安全座椅团购今天最后一天，\n下单的姐妹把截图发我，\n周五统一登记发货"
DINNER = "今天大家吃了什么？"
MORNING = "早安～"

SAME = [
    # As it is, and what is no letter of it
    (ECZEMA, ECZEMA),
    (ECZEMA, f"{ECZEMA}🌷🌷"),
    (ECZEMA, f"  {ECZEMA}\n"),
    (ECZEMA, ECZEMA.replace("，", " ").replace("。", "!")),
    (LIVELY, LIVELY.replace("\u200d", "")),
    (LIVELY, LIVELY.replace("\n", "")),
    (CHAIR, CHAIR.replace("，\n", "\n\n")),
    (MORNING, "早安"),
    (MORNING, "早安！！🌞"),
    ("🌷 🌷！", "🌷🌷！\n"),
    (DINNER, "今天大家吃了什么呀"),
    # A greeting before it, a word after it
    (ECZEMA, ECZEMA.replace("姐妹们，", "宝妈们早上好呀！")),
    (BAG, f"姐妹们晚上好～{BAG}"),
    (BAG, f"{BAG}有漏的大家补充哈"),
    (CLINIC, f"刚问到的消息，{CLINIC}我也去，要搭车的私我"),
    (LIVELY, f"娃终于睡了，来冒个泡。{LIVELY}"),
    (CHAIR, f"@所有人 {CHAIR}，谢谢大家配合🙏"),
    (DINNER, f"中午好，{DINNER}"),
    (DINNER, f"{DINNER}我家是番茄鸡蛋面"),
    (
        ECZEMA,
        f"今天给大家带个福利哈。{ECZEMA.replace('59元', '五十九')}有问题随时@我，"
        "我一般晚上九点以后在，白天带娃可能回得慢一点，着急的话打我电话，或者在群里喊一声，看到的姐妹帮忙回一下",
    ),
    # A few words changed
    (ECZEMA, ECZEMA.replace("59元", "五十九")),
    (ECZEMA, ECZEMA.replace("湿疹反复别急着换奶粉", "湿疹老是反复，先别急着换奶粉")),
    (BAG, BAG.replace("产褥垫两包", "产褥垫三包").replace("湿巾", "湿纸巾")),
    (BAG, BAG.replace("来啦", "").replace("装一个箱子就够", "一个箱子装得下")),
    (DINNER, "今天大家都吃了什么？"),
    (DINNER, "今天大家吃什么"),
    (CLINIC, CLINIC.replace("明天上午", "周三早上")),
    (CLINIC, CLINIC.replace("姐妹", "妈妈们").replace("接种本", "绿本子")),
    (LIVELY, LIVELY.replace("婆婆白天", "我妈白天")),
    (CHAIR, CHAIR.replace("姐妹", "宝妈").replace("周五", "周六")),
    # A line dropped, or said in another order
    (ECZEMA, ECZEMA.split("我家用的")[0] + "想要身体乳的姐妹在群里接龙，一支59元"),
    (LIVELY, LIVELY.removesuffix("\n你家呢？")),
    (CHAIR, CHAIR.removesuffix("，\n周五统一登记发货")),
    (BAG, BAG.removeprefix("待产包清单来啦：")),
    (CHAIR, "下单的姐妹把截图发我，周五统一登记发货～安全座椅团购今天最后一天啦"),
]
OTHERS = [
    # Nothing, or hardly anything
    (ECZEMA, ""),
    (ECZEMA, "🌷"),
    (ECZEMA, "好的"),
    (MORNING, ""),
    ("🌷🌷", "🌷🌷🌷"),
    ("🌷🌷", "🌷🌷早"),
    ("🌷🌷", ""),
    ("", ""),
    # Chat in which the letters of a short text can be found one by one
    (DINNER, "今天好冷，大家注意保暖，我刚吃了火锅，你们有什么想聊的"),
    (DINNER, "今天大家吃了火锅吗"),
    (DINNER, "今天大家都去打疫苗了吗，吃了退烧药的说一声，有什么不舒服的找医生"),
    (MORNING, "早安姐妹们，今天降温，宝宝出门多穿一件"),
    (MORNING, "早上好，愿大家平安"),
    ("晚安", "晚安啦，明天见"),
    ("早点睡", "我也想早点睡，可是娃不让"),
    ("今天宝宝乖吗？", "今天天气好"),
    ("周末去哪玩？", "周末我们去外婆家，你们去哪"),
    # What is said of the same subject
    (ECZEMA, "姐妹们早上好"),
    (ECZEMA, "宝宝湿疹怎么办呀？"),
    (ECZEMA, "想要的在群里接龙就行"),
    (ECZEMA, "湿疹的话我家也是用那款身体乳，洗完澡就抹，这周好多了，奶粉没换"),
    (
        ECZEMA,
        "姐妹们，宝宝红屁屁别急着用药膏～先用温水冲干净，晾干以后再包尿不湿。"
        "我家用的那款护臀膏这周也有活动，一支39元，想要的私信我。",
    ),
    (BAG, "待产包我准备了产褥垫和哺乳内衣，还缺什么姐妹们？"),
    (BAG, "宝宝衣服三套够吗，湿巾要不要多带几包，我装了两个箱子"),
    (
        CLINIC,
        "今天社区医院打疫苗的人特别多，要去的姐妹早点去排队，记得带上接种本，打完要留观三十分钟。",
    ),
    (CLINIC, "明天上午谁去社区医院？儿保要不要预约"),
    (LIVELY, "我家白天婆婆带，晚上我自己来，一晚上起来四次"),
    (LIVELY, "今晚聊聊吧，你家宝宝几点睡的，我家到现在还在闹"),
    (CHAIR, "安全座椅买哪款好，有下单的姐妹说说吗"),
    (CHAIR, "团购的尿不湿周五到货，登记过的姐妹来我家拿"),
    # About something else
    (BAG, "今天带娃去公园了，樱花开得真好，拍了好多照片，晚上发出来给大家看看，你们也出去走走吧"),
    (CLINIC, "哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈"),
    (CHAIR, "谢谢大家，群里的姐妹都太好了，有你们真好，今天是我们群满三个月的日子，一起加油"),
    ("哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈", "哈哈哈，你家宝宝太逗了，笑死我了"),
]
CHAT = [said for given, said in OTHERS if given != ECZEMA and len(said) > 9]
GREETINGS = ["姐妹们早上好呀～", "大家晚上好，", "来啦来啦！", "【群公告】\n", "🌷"]
LETTERS = st.text(alphabet="宝妈群里的今天一起吃饭睡觉水果", min_size=20, max_size=120)


@pytest.mark.parametrize(("given", "said"), SAME)
def test_a_copy_is_recognised_though_it_was_edited(given: str, said: str) -> None:
    assert handing.is_same(said, given)


@pytest.mark.parametrize(("given", "said"), OTHERS)
def test_another_text_is_not(given: str, said: str) -> None:
    assert not handing.is_same(said, given)


@given(LETTERS, st.sampled_from(GREETINGS), st.sampled_from(["", *CHAT]))
def test_what_she_says_before_and_after_does_not_matter(
    text: str, greeting: str, after: str
) -> None:
    assert handing.is_same(greeting + text + after, text)


@given(st.text(alphabet="宝妈群里的今天一起吃饭睡觉水果", min_size=12, max_size=80), st.data())
def test_one_word_more_or_less_is_the_same(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    assert handing.is_same(f"{text[:at]}哈哈😊{text[at:]}", text)
    assert handing.is_same(text[:at] + text[at + 1 :], text)


@given(st.lists(st.sampled_from(CHAT), max_size=60), st.randoms(use_true_random=False))
def test_however_much_is_chatted_it_is_not_what_was_given(
    chat: list[str], rng: random.Random
) -> None:
    words = [word for said in chat for word in said.replace("？", "，").split("，")]
    rng.shuffle(words)
    assert not handing.is_same("，".join(words), ECZEMA)


def test_scattered_through_a_long_talk_it_is_not_said() -> None:
    """Every letter of it, three by three and in order."""
    scattered = [ECZEMA[n : n + 3] + BAG[n % 20 : n % 20 + 12] for n in range(0, len(ECZEMA), 3)]
    assert not handing.is_same("".join(scattered), ECZEMA)


@pytest.mark.parametrize("piece", ["哈", "哈哈嘿", "宝宝湿疹反复", "今天大家吃了什么"])
def test_a_long_message_is_judged_fast(piece: str) -> None:
    said = (piece * 4000)[:4000]
    started = perf_counter()
    handing.is_same(said + "好", f"{said[:1800]}的{said[:1800]}")
    handing.is_same(said, ECZEMA)
    handing.is_same(said, DINNER)
    assert perf_counter() - started < 0.1


# What she reads

POST = Post(
    group=GroupId("g1"),
    day=date(2026, 3, 3),
    slot=960,
    account=AccountId("a"),
    phase=Phase.FORMING,
    kind=ContentKind.WET,
    state=PostState.HANDED,
    opens_at=shanghai("2026-03-03 16:00"),
    closes_at=shanghai("2026-03-03 17:00"),
    said_at=shanghai("2026-03-03 16:20"),
    due_at=shanghai("2026-03-03 17:00"),
    item="w1",
    voice=Voice.MONITOR,
    given=("w1",),
)


def test_she_hears_which_group_where_she_has_several() -> None:
    assert "「一群」" in handing.introduction(POST, "小雨", "一群")
    alone = handing.introduction(POST, "小雨", None)
    assert "一群" not in alone
    assert "17:00" in alone
    assert alone.startswith("小雨")


@given(st.text(min_size=1, max_size=40), st.integers(0, 1439), st.integers(0, 9))
def test_a_key_tells_of_which_post_it_is(group: str, slot: int, number: int) -> None:
    post = replace(POST, group=GroupId(group), slot=slot)
    place = (GroupId(group), POST.day, slot)
    assert keys.place_said(keys.said(post)) == place
    assert keys.handover(keys.introduction(post, number)) == Handover(place, number)
    assert keys.handover(keys.text(post, number)) == Handover(place, number)
    assert keys.handover(keys.said(post)) is None
