"""What a monitor types to open a task, and what members say to it: tables, and what must hold for
anything that anybody types."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules import Rules, TaskRules
from handlers.tasks import policy, typed, until
from handlers.tasks.bounds import Mistyped, Opening
from handlers.tasks.responses import folded, has_keyword
from handlers.tasks.typed import Ending, Listing
from models.ids import GroupId, MessageId, PersonId
from models.talk import Quoted
from models.tasks import Task
from tests.world import shanghai

RULES = TaskRules()
MONDAY = shanghai("2026-03-02 19:00")
TONIGHT = shanghai("2026-03-02 21:00")


def read(text: str, now: datetime = MONDAY) -> Listing | Ending | Opening:
    return typed.read(text, now, RULES)


def outcome(text: str, now: datetime) -> Listing | Ending | Opening | Mistyped:
    try:
        return read(text, now)
    except Mistyped as why:
        return why


def opening(text: str, now: datetime = MONDAY) -> Opening:
    found = read(text, now)
    assert isinstance(found, Opening)
    return found


def mistake(text: str, now: datetime = MONDAY) -> str:
    with pytest.raises(Mistyped) as why:
        read(text, now)
    return str(why.value)


# Opening a task


@pytest.mark.parametrize(
    "text",
    [
        "打卡 今天喝水了吗 关键词=已喝 分=3 到=21:00",
        "打卡　今天喝水了吗　关键词＝已喝　分＝３　到＝２１：００",
        "关键词=已喝 分=3 到=21:00 打卡 今天喝水了吗",
        "到=21:00 打卡 分=3 今天喝水了吗 关键词=已喝",
        "打卡 今天喝水了吗关键词=已喝分=3到=21:00",
        "打卡 今天喝水了吗，关键词=已喝，分=3，到=21:00",
        "打卡 今天喝水了吗 关键词：已喝 分：3 到：21:00",
        "打卡 今天喝水了吗 关键词:已喝 分:3分 到:21点",
        "打卡 今天喝水了吗关键词：已喝分：3到：今晚9点",
        "打卡 今天喝水了吗分：3到：21：00关键词：已喝",
        "打卡 今天喝水了吗 关键词 = 已喝 分 = 3 到 = 21:00",
        "打卡 今天喝水了吗 关键词 已喝 分 3 到 21:00",
        "打卡 今天喝水了吗 关键词已喝 分3 到21:00",
        "打卡 今天喝水了吗 关键词已喝 3分 到晚上9点",
        "打卡 今天喝水了吗\n关键词=已喝\n分=3分\n到=21:00",
        "打卡 今天喝水了吗 关键字=已喝 积分=3 截止=21:00",
        "打卡 今天喝水了吗 口令=「已喝」 积分=三分 截止到=9pm",
        "打卡 今天喝水了吗 keyword=已喝 points=3 until=21:00",
        "打卡 今天喝水了吗 KEYWORD=已喝 Points=3 Until=21:00",
        "打卡 今天喝水了吗 关键词=已喝。 分=+3 到=今晚",
        "打卡 今天喝水了吗 关健词=已喝 加分=3个积分 到=21点之前",
    ],
)
def test_one_task_typed_in_many_ways(text: str) -> None:
    assert opening(text) == Opening("打卡 今天喝水了吗", "已喝", 3, TONIGHT)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("分享一张宝宝的照片", "分享一张宝宝的照片"),
        ("到此一游", "到此一游"),
        ("3分钟平板支撑", "3分钟平板支撑"),
        ("倒计时：还有3天", "倒计时:还有3天"),
        ("喂奶时间：说说你家的", "喂奶时间:说说你家的"),
        ("晒 晒 宝宝   的脚丫", "晒 晒 宝宝 的脚丫"),
        ("停止焦虑，说一件开心的事", "停止焦虑，说一件开心的事"),
        ("到12月1日还剩几天", "到12月1日还剩几天"),
    ],
)
def test_what_is_no_option_is_the_title(text: str, title: str) -> None:
    assert opening(text) == Opening(title, None, 1, TONIGHT)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-03-02 08:00", "2026-03-02 21:00"),
        ("2026-03-02 20:00", "2026-03-02 21:00"),
        ("2026-03-02 20:01", "2026-03-03 21:00"),
        ("2026-03-02 23:59", "2026-03-03 21:00"),
    ],
)
def test_where_no_end_is_typed(now: str, ends: str) -> None:
    assert opening("打卡", shanghai(now)).closes_at == shanghai(ends)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("关键词=已喝 分=1", "请大家做什么呢"),
        ("！！！ 分=1", "请大家做什么呢"),
        ("水" * 61, "任务名写了61个字，最多60个"),
        ("打卡 分=0", "1到20之间"),
        ("打卡 分=21", "1到20之间"),
        ("打卡 分=-1", "1到20之间"),
        ("打卡 分=1.5", "1到20之间"),
        ("打卡 分=三十", "1到20之间"),
        ("打卡 分=9999999999", "1到20之间"),
        ("打卡 分=很多", "几分呢"),
        ("打卡 分=", "几分呢"),
        ("打卡 关键词=", "关键词写什么呢"),
        ("打卡 关键词=👍", "关键词写什么呢"),
        ("打卡 关键词=" + "喝" * 21, "关键词最多20个字"),
        ("打卡 到=", "到几点呢"),
        ("打卡 到=吃完饭", "没看懂「吃完饭」"),
        ("打卡 到=25:00", "没看懂「25:00」"),
        ("打卡 到=2月30日", "没看懂「2月30日」"),
        ("打卡 到=18:30", "今天18:30已经过了，请写晚一点的"),
        ("打卡 到=9点", "今天09:00已经过了，如果是晚上请写 到=21:00"),
        ("打卡 到=3月1日", "3月1日21:00已经过了"),
        ("打卡 到=3月9日 19:01", "最长7天"),
        ("打卡 到=12月1日 20:00", "最长7天"),
        ("打卡 分=1 分=2", "「分」写了两次"),
        ("打卡 到=21:00 到=22:00", "「到」写了两次"),
        ("打卡 关键词=喝 口令=水", "「关键词」写了两次"),
        ("打卡 奖品=试用装", "不认识「奖品=」"),
        ("取消", "撤不回"),
        ("撤回 2", "撤不回"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    assert why in mistake(text)


def test_seven_days_are_not_too_long() -> None:
    assert opening("打卡 到=3月9日 19:00").closes_at == MONDAY + timedelta(days=7)


def test_the_longest_title_and_keyword() -> None:
    found = opening(f"{'水' * 60} 关键词={'喝' * 20} 分=20")
    assert (len(found.title), len(found.keyword or ""), found.points) == (60, 20, 20)


@pytest.mark.parametrize("text", ["", "  ", "列表", "？", "help"])
def test_to_see_what_is_open(text: str) -> None:
    assert read(text) == Listing()


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("结束", ""),
        ("结束任务", ""),
        ("结束 2", "2"),
        ("结束２", "2"),
        ("结束 02", "2"),
        ("结束 0", "0"),
        ("结束第二个", "2"),
        ("结束 #12", "12"),
        ("提前结束 2号任务", "2"),
        ("结束 喝水", "喝水"),
        ("结束喝水", "喝水"),
        ("end 2", "2"),
        ("关闭 2", "2"),
    ],
)
def test_to_end_a_task(text: str, called: str) -> None:
    assert read(text) == Ending(called)


def test_a_title_may_begin_like_an_end_where_an_option_says_that_it_is_one() -> None:
    assert opening("结束语征集 分=2").title == "结束语征集"


PIECES = st.sampled_from(
    [
        *("关键词", "口令", "分", "积分", "points", "到", "截止", "until", "奖品", "结束", "取消"),
        *(
            "=",
            "＝",
            "：",
            ":",
            " ",
            "\u2005",
            "\n",
            "\u2028",
            "，",
            ".",
            "-",
            "+",
            "/",
            "「",
            "」",
        ),
        *(
            "1",
            "20",
            "21",
            "３",
            "三",
            "十",
            "0",
            "99999999999",
            "21:00",
            "12月1日",
            "2.30",
            "2-29",
        ),
        *(
            "明天",
            "下周五",
            "今晚",
            "晚上",
            "半",
            "点",
            "小时后",
            "天",
            "半夜",
            "pm",
            "²",
            "٣",
            "个分",
        ),
        *("已喝", "打卡", "👍", "[强]", "ok", "\x1c", "\u200b", "ß", "ﬁ"),
    ]
)
anything = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join))
moments = st.integers(-1_000_000, 2_000_000).map(lambda each: MONDAY + timedelta(minutes=each))


@given(text=anything, now=moments)
def test_whatever_is_typed_is_within_bounds_or_refused_in_one_line(
    text: str, now: datetime
) -> None:
    found = outcome(text, now)
    if isinstance(found, Mistyped):
        assert len(str(found).splitlines()) == 1
        assert re.search("[一-鿿]", str(found))
    if isinstance(found, Opening):
        assert 1 <= len(found.title) <= 60
        assert found.title == " ".join(found.title.split())
        assert found.keyword is None or 1 <= len(found.keyword) <= 20
        assert found.keyword is None or has_keyword(found.keyword, found.keyword)
        assert 1 <= found.points <= 20
        assert now < found.closes_at <= now + timedelta(days=7)


# Until when


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("21:00", "2026-03-02 21:00"),
        ("21：30", "2026-03-02 21:30"),
        ("21.30", "2026-03-02 21:30"),
        ("21", "2026-03-02 21:00"),
        ("21点", "2026-03-02 21:00"),
        ("21点半", "2026-03-02 21:30"),
        ("21点15", "2026-03-02 21:15"),
        ("二十一点三十分", "2026-03-02 21:30"),
        ("晚上9点", "2026-03-02 21:00"),
        ("晚上九点三刻", "2026-03-02 21:45"),
        ("今晚9:30前", "2026-03-02 21:30"),
        ("9:30 PM", "2026-03-02 21:30"),
        ("24:00", "2026-03-03 00:00"),
        ("0点", "2026-03-03 00:00"),
        ("今晚12点", "2026-03-03 00:00"),
        ("半夜", "2026-03-03 00:00"),
        ("凌晨1点", "2026-03-03 01:00"),
        ("明天12:00", "2026-03-03 12:00"),
        ("明早8点", "2026-03-03 08:00"),
        ("明天", "2026-03-03 21:00"),
        ("明晚", "2026-03-03 21:00"),
        ("后天中午", "2026-03-04 12:00"),
        ("明天中午1点", "2026-03-03 13:00"),
        ("大后天下午3点", "2026-03-05 15:00"),
        ("3月5日 20:00", "2026-03-05 20:00"),
        ("3月5号晚8点", "2026-03-05 20:00"),
        ("三月五日", "2026-03-05 21:00"),
        ("3/5 20:00", "2026-03-05 20:00"),
        ("3.5 20:00", "2026-03-05 20:00"),
        ("2026-03-05 20:00", "2026-03-05 20:00"),
        ("周五", "2026-03-06 21:00"),
        ("周日晚上8点", "2026-03-08 20:00"),
        ("下周一12点", "2026-03-09 12:00"),
        ("2小时后", "2026-03-02 21:00"),
        ("半小时后", "2026-03-02 19:30"),
        ("一个半小时后", "2026-03-02 20:30"),
        ("3天后", "2026-03-05 19:00"),
    ],
)
def test_until_when(text: str, at: str) -> None:
    assert opening(f"打卡 到={text}") == Opening("打卡", None, 1, shanghai(at))


def test_what_follows_the_time_is_part_of_the_title() -> None:
    assert opening("到=明天 3杯水").title == "3杯水"
    assert opening("到=21点一起打卡").title == "一起打卡"


def test_a_date_without_a_year_may_be_in_the_next_one() -> None:
    new_years_eve = shanghai("2026-12-30 20:00")
    assert opening("打卡 到=1月2日", new_years_eve).closes_at == shanghai("2027-01-02 21:00")


@pytest.mark.parametrize(
    "text", ["", "到", "明天下午", "9月", "21:5", "21:60", "24:30", "13月1日", "100年", "吃完饭"]
)
def test_what_is_no_time(text: str) -> None:
    assert until.read(text, MONDAY) is None


@given(text=anything, now=moments)
def test_a_time_takes_the_beginning_of_what_is_typed(text: str, now: datetime) -> None:
    found = until.read(text, now)
    assert found is None or text.endswith(found.rest)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-03-02 21:00", "今天21:00"),
        ("2026-03-03 00:00", "今天24:00"),
        ("2026-03-03 08:05", "明天08:05"),
        ("2026-03-05 20:00", "3月5日20:00"),
    ],
)
def test_when_it_ends_as_people_say_it(at: str, said: str) -> None:
    assert until.when(shanghai(at), MONDAY) == said


# The keyword


@pytest.mark.parametrize(
    ("keyword", "texts"),
    [
        (
            "已喝",
            [
                *(
                    "已喝",
                    "已 喝",
                    "已喝！",
                    "已喝~",
                    "“已喝”",
                    "「已喝」",
                    "已喝[强]",
                    "已喝👍👍",
                ),
                *(
                    "已喝啦",
                    "我已喝",
                    "刚刚已喝",
                    "已喝了两杯",
                    "已喝不少",
                    "宝宝和我已喝",
                    "己喝",
                ),
                *("@小助手 已喝", "已喝 @豆豆妈", "已喝已喝", "已喝，你们呢？", "没事 已喝"),
                *("不好意思，已喝", "来了 已喝", "已喝\n宝宝也喝了", "今天喝了八杯水，已喝"),
                "已喝 宝宝会翻身了吗",
            ],
        ),
        (
            "打卡",
            [
                *(
                    "打卡",
                    "#打卡",
                    "#打卡#",
                    "打卡打卡",
                    "打 卡",
                    "今日打卡",
                    "打卡！！！",
                    "打卡1/7",
                ),
                *("打卡第3天", "打卡day3", "ＤＡＹ１打卡", "来打卡的", "打卡成功", "打卡任务完成"),
                *("大家好我来打卡", "跟大家一起打卡", "差点忘了打卡", "特别开心打卡", "我要打卡"),
                "打卡，今天带宝宝出去晒太阳，宝宝特别开心，晚上早点睡觉啦",
                "打卡 今天带宝宝出去晒太阳宝宝特别开心晚上早点睡觉啦",
                "打卡第12天 今天带宝宝出去晒太阳宝宝特别开心晚上早点睡觉啦",
            ],
        ),
        ("OK", ["ok", "ＯＫ", "Ok!", "ok啦", "好的ok", "OK OK", "okok"]),
        ("1", ["1", "１", "111", "1️⃣", "①", "1！", "我1", "1了"]),
        ("到", ["到", "到！", "我到", "到啦"]),
        ("+1", ["+1", "＋1", "1"]),
        ("喝了吗？", ["喝了吗", "喝了吗？"]),
        ("报名", ["我要报名", "想报名", "报名+1", "报名两位"]),
        ("照片", ["已发照片", "照片"]),
    ],
)
def test_said_of_herself(keyword: str, texts: Sequence[str]) -> None:
    assert [each for each in texts if not has_keyword(each, keyword)] == []


@pytest.mark.parametrize(
    ("keyword", "texts"),
    [
        (
            "已喝",
            [
                *(
                    "",
                    "👍",
                    "喝了",
                    "已经",
                    "没已喝",
                    "还没 已喝",
                    "还没有 已喝",
                    "不想已喝",
                    "明天已喝",
                ),
                *(
                    "已喝？",
                    "已喝吗",
                    "已喝 吗",
                    "已喝了吗",
                    "已喝么",
                    "已喝没",
                    "已喝了没有",
                    "谁已喝了",
                ),
                *(
                    "关键词是已喝",
                    "发已喝就行",
                    "要发「已喝」哦",
                    "「已喝」是什么意思",
                    "已喝是啥",
                ),
                *(
                    "大家记得发已喝",
                    "她说已喝",
                    "为什么要发已喝呀",
                    "发“已喝”就行",
                    "已喝的人举手",
                ),
                "今天终于已喝好多水但是还是觉得口渴怎么办呀姐妹们",
                policy.announcement(
                    Task(
                        group=GroupId("g1"),
                        number=1,
                        title="今天喝水了吗",
                        keyword="已喝",
                        points=1,
                        by=PersonId("班长"),
                        message=MessageId("m1"),
                        announced="task:g1:1",
                        opened_at=MONDAY,
                        closes_at=TONIGHT,
                    ),
                    MONDAY,
                ),
            ],
        ),
        (
            "打卡",
            [
                *(
                    "没打卡",
                    "还没打卡",
                    "还没 打卡",
                    "忘了打卡",
                    "忘记打卡了",
                    "不打卡",
                    "没来得及打卡",
                ),
                *(
                    "怎么打卡",
                    "打卡怎么弄",
                    "打卡，怎么打卡呀",
                    "在哪打卡",
                    "打卡了吗",
                    "今天打卡？",
                ),
                *("可以打卡吗", "打卡几点截止", "打卡有分吗", "打卡能加几分", "打卡时间到几点"),
                *("姐妹们快来打卡", "记得打卡哦", "别忘了打卡", "你们打卡了吗", "大家都打卡了吗"),
                *("谁还没打卡", "等会打卡", "待会儿再打卡", "喝完再打卡", "明天打卡", "打卡活动"),
                *(
                    "打卡不了",
                    "打卡失败",
                    "@打卡达人 你好",
                    "你好 @打卡达人",
                    "我昨天打。卡里没钱",
                ),
                "今天在商场走了很久很久打卡了一家网红店宝宝很喜欢",
            ],
        ),
        ("OK", ["book", "ok吗", "not ok?"]),
        ("1", ["我家宝宝1岁", "11月", "21", "有1个", "10", "1点", "第1次", "1？"]),
        ("到", ["到了吗", "收到", "到时候", "到？", "迟到了"]),
        ("666", ["6667", "1666"]),
        ("报名", ["不想报名", "报名吗", "还能报名吗", "怎么报名", "几点报名"]),
        ("照片", ["要发照片吗", "发照片就行"]),
    ],
)
def test_denied_asked_or_only_talked_about(keyword: str, texts: Sequence[str]) -> None:
    assert [each for each in texts if has_keyword(each, keyword)] == []


@given(text=anything, keyword=anything)
def test_only_who_says_the_keyword_is_credited(text: str, keyword: str) -> None:
    if has_keyword(text, keyword):
        assert folded(keyword)
        assert folded(keyword) in folded(text)


@given(
    keyword=st.text("已喝打卡水abcXYZ0189", min_size=2, max_size=10),
    signs=st.lists(
        st.sampled_from(["", " ", "！", "~", "👍", "\u2005", ".", "[强]"]), min_size=10
    ),
)
def test_signs_and_spaces_change_nothing(keyword: str, signs: list[str]) -> None:
    said = "".join(letter + sign for letter, sign in zip(keyword, signs, strict=False))
    said += keyword[len(signs) :]
    assert has_keyword(said, keyword)
    assert has_keyword(said.upper(), keyword.lower())


# By quoting


def task(keyword: str | None = None, number: int = 1, title: str = "晒照片") -> Task:
    return Task(
        group=GroupId("g1"),
        number=number,
        title=title,
        keyword=keyword,
        points=1,
        by=PersonId("班长"),
        message=MessageId("m1"),
        announced=f"task:g1:{number}",
        opened_at=MONDAY,
        closes_at=TONIGHT,
    )


COMMAND = Quoted(id="m1", sender=PersonId("班长"), text="/任务 晒照片")
ANNOUNCEMENT = Quoted(id="task:g1:1", sender=None, text="任务来啦：晒照片")


@pytest.mark.parametrize(
    ("text", "quoted", "counts"),
    [
        ("我家的", COMMAND, True),
        ("我家的", ANNOUNCEMENT, True),
        ("我家的", None, False),
        ("[微笑]👍", ANNOUNCEMENT, False),
        ("@豆豆妈 ！", ANNOUNCEMENT, False),
        ("我家的", Quoted(id="task:g1:2", sender=None, text=""), False),
        ("我家的", Quoted(id="task:g1:1", sender=PersonId("小雨"), text=""), False),
        ("我家的", Quoted(id="m1", sender=PersonId("小雨"), text=""), False),
    ],
)
def test_a_reply_to_the_task(text: str, quoted: Quoted | None, counts: bool) -> None:
    assert policy.is_response(task(), text, quoted, MONDAY) == counts


def test_where_there_is_a_keyword_quoting_alone_is_not_enough() -> None:
    assert not policy.is_response(task("已晒"), "等会儿", ANNOUNCEMENT, MONDAY)
    assert policy.is_response(task("已晒"), "已晒", ANNOUNCEMENT, MONDAY)


@pytest.mark.parametrize(
    ("minutes", "counts"), [(-1, False), (0, True), (120, True), (121, False)]
)
def test_in_time(minutes: int, counts: bool) -> None:
    said_at = MONDAY + timedelta(minutes=minutes)
    assert policy.is_response(task("已晒"), "已晒", None, said_at) == counts


# Which one, and what is said


def test_which_task_is_meant() -> None:
    tasks = [task("已喝", 1, "喝水"), task(None, 12, "晒照片")]
    assert policy.chosen("12", tasks).number == 12
    assert policy.chosen("喝水！", tasks).number == 1
    assert policy.chosen("已喝", tasks).number == 1
    assert policy.chosen("", tasks[1:]).number == 12
    for called, why in (("", "结束哪一个呢"), ("2", "没有「2」"), ("👍", "没有「👍」")):
        with pytest.raises(Mistyped, match=why):
            policy.chosen(called, tasks)
    with pytest.raises(Mistyped, match="没有进行中的任务"):
        policy.chosen("1", [])


def test_a_summary_names_a_few_and_counts_all() -> None:
    assert (
        policy.summary(task(), 2, ["小雨", "豆豆"]) == "「晒照片」结束啦，谢谢小雨、豆豆来参加～"
    )
    six = policy.summary(task(), 6, ["甲", "乙", "丙", "丁", "戊", "己"])
    assert six == "「晒照片」结束啦，有6位参加：甲、乙、丙、丁、戊等，谢谢大家～"
    assert policy.summary(task(), 2, []) == "「晒照片」结束啦，有2位参加，谢谢大家～"


def test_to_her_who_opened_it_in_private() -> None:
    morning = shanghai("2026-03-03 07:30")
    assert policy.posted(MONDAY, MONDAY, is_paused=False) == "已经发到群里啦"
    assert "今天19:00" not in policy.posted(MONDAY, MONDAY, is_paused=True)
    assert "/恢复" in policy.posted(MONDAY, MONDAY, is_paused=True)
    assert "明天07:30发到群里" in policy.posted(morning, MONDAY, is_paused=False)


def test_nobody_opens_what_is_over_before_the_group_may_hear_of_it() -> None:
    night, rules = shanghai("2026-03-02 23:30"), Rules()
    until_nine = Opening("早起", None, 1, shanghai("2026-03-03 09:00"))
    assert policy.heard_at(until_nine, night, rules) == shanghai("2026-03-03 07:30")
    with pytest.raises(Mistyped, match="23:00-07:30"):
        policy.heard_at(Opening("早起", None, 1, shanghai("2026-03-03 07:30")), night, rules)
