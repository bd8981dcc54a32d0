"""What an item of the library may be, and what it says in a group."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from config.rules import Rules, effective
from config.texts import CONTENT, LONGEST_POST, LONGEST_POST_TEMPLATE, printed_by
from handlers.addressed import WORDS
from handlers.content.items import Draft, Entry, as_approved_before, compare
from handlers.features import ROUTER
from handlers.wording import known_by, words
from models.cohort import Stage, week_told
from models.content import ContentKind, Item, Voice
from models.groups import Group, Member, Standing
from models.ids import AccountId, GroupId, PersonId
from models.phase import Phase

GROUP = Group(
    id=GroupId("g1"),
    account=AccountId("simulated"),
    name="杭州·2026年3-5月·妇幼·01",
    standing=Standing.OURS,
    city="杭州",
    channel="妇幼",
    birth_window="2026-03",
)
MONITOR = Member(group=GROUP.id, person=PersonId("u1"), nickname="杭州-孕36周-小雨")
EVERYTHING = "{{ city }}|{{ channel }}|{{ window }}|{{ stage }}|{{ week }}|{{ monitor }}"
DRY = {"id": "c1", "kind": "dry", "text": "叶酸每天400微克"}


def item(**more: Any) -> Item:
    return Entry.model_validate(DRY | more).as_entered()


def told(text: str, today: date, group: Group = GROUP, monitor: Member | None = MONITOR) -> str:
    return words(item(text=text), group, today, monitor, Rules())


def faults(**more: Any) -> dict[str, str]:
    """What is wrong with an item, by field."""
    with pytest.raises(ValidationError) as refused:
        Entry.model_validate(DRY | more)
    return {str(each["loc"][0]): each["msg"] for each in refused.value.errors()}


# Words


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 1, 20), "杭州|妇幼|2026年3-5月|prenatal|孕27周|小雨"),
        (date(2026, 1, 21), "杭州|妇幼|2026年3-5月|prenatal|孕28周|小雨"),
        (date(2026, 4, 14), "杭州|妇幼|2026年3-5月|prenatal|孕39周|小雨"),
        (date(2026, 4, 15), "杭州|妇幼|2026年3-5月|postnatal|宝宝刚出生|小雨"),
        (date(2026, 5, 6), "杭州|妇幼|2026年3-5月|postnatal|宝宝3周|小雨"),
    ],
)
def test_an_item_speaks_of_the_group_as_it_is_that_day(today: date, said: str) -> None:
    assert told(EVERYTHING, today) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EVERYTHING, ""),
        ("现在{{ week }}啦", ""),
        ("{% if city %}{{ week }}{% else %}{{ stage }}{% endif %}好", "postnatal好"),
        ("{% if week %}现在{{ week }}啦，{% endif %}记得产检", "记得产检"),
        ("{{ city or '我们这儿' }}的妈妈们", "我们这儿的妈妈们"),
        ("{% if monitor == '' %}还没有班长{% endif %}～", "还没有班长～"),
    ],
)
def test_of_what_is_unknown_it_does_not_speak_in_maimed_sentences(text: str, said: str) -> None:
    unknown = Group(id=GROUP.id, account=GROUP.account, name="妈妈群")
    assert told(text, date(2026, 1, 21), unknown, None) == said


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("记得产检，week 是周", set()),
        ("{{ city }}的妈妈们，现在{{ week }}啦", {"city", "week"}),
        ("{% if week %}{{ city }}{{ week }}{% endif %}好", {"city"}),
        ("{% if stage == 'prenatal' %}{{ monitor }}{% endif %}好", {"monitor"}),
        ("{% if not city %}{{ channel }}{% endif %}好", {"channel"}),
        ("{{ city or window }}好", {"window"}),
        ("{{ stage }}", set()),
    ],
)
def test_what_an_item_speaks_of_without_asking_for_it(text: str, printed: set[str]) -> None:
    assert printed_by(text) == printed


def test_a_rule_moves_the_stage_and_not_the_week() -> None:
    late = effective([{"groups": {"postnatal_shift": 8 * 86_400}}])
    text = item(text="{{ stage }} {{ week }}")
    assert words(text, GROUP, date(2026, 4, 22), None, late) == "prenatal 孕41周"
    assert words(text, GROUP, date(2026, 4, 23), None, late) == "postnatal 宝宝1周"


@pytest.mark.parametrize(
    ("stage", "week", "said"),
    [
        (Stage.PRENATAL, -40, ""),
        (Stage.PRENATAL, -39, "孕1周"),
        (Stage.PRENATAL, 2, "孕42周"),
        (Stage.PRENATAL, 3, ""),
        (Stage.POSTNATAL, -1, ""),
        (Stage.POSTNATAL, 0, "宝宝刚出生"),
        (Stage.POSTNATAL, 155, "宝宝155周"),
    ],
)
def test_weeks_are_told_where_people_count_them(stage: Stage, week: int, said: str) -> None:
    assert week_told(stage, week) == said


def test_what_is_no_template_is_said_as_it_is_written() -> None:
    text = "💡 补铁小贴士\n\n  1）红肉 {每周3次}\n  2）100%"
    assert told(text, date(2026, 1, 21)) == text


def test_what_says_nothing_here_is_known_by_its_kind() -> None:
    unknown = Group(id=GROUP.id, account=GROUP.account, name="妈妈群")
    greeting = item(text="{{ city }}的妈妈们好")
    assert known_by(greeting, GROUP, date(2026, 1, 21), None, Rules()) == "杭州的妈妈们好"
    assert known_by(greeting, unknown, date(2026, 1, 21), None, Rules()) == "干货"


# Items


def test_an_item_that_says_nothing_of_it_fits_everything() -> None:
    assert item() == Item(
        id="c1", kind=ContentKind.DRY, text="叶酸每天400微克", voice=Voice.ASSISTANT
    )


def test_what_sells_is_said_by_the_monitor() -> None:
    voices = {kind: item(kind=kind).voice for kind in ("dry", "wet", "warm")}
    assert voices == {"dry": Voice.ASSISTANT, "wet": Voice.MONITOR, "warm": Voice.ASSISTANT}
    assert item(kind="wet", voice="assistant").voice is Voice.ASSISTANT


def test_one_text_may_name_several() -> None:
    several = item(
        stages="prenatal", phases=["forming", "growing", "forming"], cities="杭州；宁波、 湖州"
    )
    assert several.stages == (Stage.PRENATAL,)
    assert several.phases == (Phase.FORMING, Phase.GROWING)
    assert several.cities == ("杭州", "宁波", "湖州")


def test_line_breaks_are_those_that_everybody_uses() -> None:
    assert item(text="\n 一\r\n二\r三\u2028四 \r\n").text == "一\n二\n三\n四"


def test_a_card_is_called_by_its_first_line() -> None:
    link = "https://example.org/a?b=c#d"
    assert item(link=link).title == "叶酸每天400微克"
    assert item(link=link, title="叶酸").title == "叶酸"
    assert item(link=link, text="长" * 61 + "\n二").title == "长" * 59 + "…"
    assert list(faults(link=link, text="{{ city }}的妈妈们")) == ["title"]
    assert item(link=link, text="{{ city }}的妈妈们", title="叶酸").title == "叶酸"


@pytest.mark.parametrize(
    "text",
    [
        "{{ city or '我们' }}的妈妈们",
        "{% if stage == 'prenatal' %}孕妈{% else %}宝妈{% endif %}们好",
        "{{ week }}要做的事{# 不给人看 #}",
        "长" * LONGEST_POST,
        "👩‍👧 妈妈",
        "#接龙 今晚几点睡",
        "#任务栏里有什么#",
        "/:rose 早上好",
        "24/7 任务",
        "有事@小助手 就好，她一直在",
    ],
)
def test_texts_that_can_be_posted(text: str) -> None:
    assert item(text=text).text == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "says something"),
        (" \n\u3000", "says something"),
        ("{{ week }}", "renders to nothing"),
        ("{{ monitor }}", "renders to nothing"),
        ("{{ city }}{{ week }}", "renders to nothing"),
        ("{# 还没写 #}", "renders to nothing"),
        ("{{ names }}好", "there is no 'names'"),
        ("{{ city", "does not render"),
        ("{% for a in city %}{{ a }}{% endfor %}", "not for templates"),
        ("{{ city.__class__ }}", "not for templates"),
        ("{{ city * 9 }}", "not for templates"),
        ("{{ range(9) }}", "not for templates"),
        ("长" * (LONGEST_POST + 1), "longer than 1000"),
        ("{{ window }}" * 300 + "长", "longer than 1000"),
        ("{#" + "长" * LONGEST_POST_TEMPLATE + "#}好", "longer than 4000"),
        ("你\x00好", "can't be shown"),
        ("你\x07好", "can't be shown"),
        (5, "valid string"),
        (None, "valid string"),
    ],
)
def test_texts_that_could_not_be_posted_are_refused(text: Any, why: str) -> None:
    assert why in faults(text=text)["text"]


@pytest.mark.parametrize(
    "text",
    [
        "#任务 今天喝够八杯水了吗，喝够的扣1",
        "＃任务，今天喝水",
        "/日历上圈一圈，下次产检是哪天呀？",
        "／ 日历",
        "/Rank 一下",
        "@小助手 今天谁来",
        "有问题随时@小助手",
        "{% if week %}{{ week }}{% else %}/日历{% endif %}上圈一圈",
    ],
)
@pytest.mark.parametrize("voice", Voice)
def test_what_we_would_take_for_a_command_is_no_item(text: str, voice: Voice) -> None:
    assert "taken for a command" in faults(text=text, voice=voice)["text"]


def test_the_library_knows_all_commands_there_are() -> None:
    assert {word.casefold() for each in ROUTER.commands for word in each.words} == WORDS


@pytest.mark.parametrize("name", sorted(CONTENT))
def test_each_word_of_the_vocabulary_may_be_used_and_may_be_missing(name: str) -> None:
    assert item(text=f"你好{{{{ {name} }}}}").text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "长" * 65}, "id"),
        ({"id": "a\u200bb"}, "id"),
        ({"kind": "funny"}, "kind"),
        ({"kind": None}, "kind"),
        ({"voice": "host"}, "voice"),
        ({"title": "长" * 61}, "title"),
        ({"title": "你\x07好"}, "title"),
        ({"image": "ftp://example.org/a.png"}, "image"),
        ({"image": "example.org/a.png"}, "image"),
        ({"image": "https:///a.png"}, "image"),
        ({"image": "https://example.org/a b.png"}, "image"),
        ({"image": "https://example.org/" + "a" * 2000}, "image"),
        ({"image": "https://[example.org/a.png"}, "image"),
        ({"image": ""}, "image"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"stages": "unborn"}, "stages"),
        ({"stages": 5}, "stages"),
        ({"phases": ["forming", "dying"]}, "phases"),
        ({"from_week": -43}, "from_week"),
        ({"from_week": 157}, "from_week"),
        ({"from_week": "1"}, "from_week"),
        ({"from_week": True}, "from_week"),
        ({"from_week": 5, "to_week": 4}, "to_week"),
        ({"to_week": 157}, "to_week"),
        ({"cities": ["杭州;宁波"]}, "cities"),
        ({"cities": [""]}, "cities"),
        ({"cities": [5]}, "cities"),
        ({"channels": "长" * 51}, "channels"),
        ({"valid_from": "2026-02-30"}, "valid_from"),
        ({"valid_from": "2026-3-1"}, "valid_from"),
        ({"valid_from": 20260301}, "valid_from"),
        ({"valid_from": "2026-03-02", "valid_to": "2026-03-01"}, "valid_to"),
        ({"weight": 0}, "weight"),
        ({"weight": 101}, "weight"),
        ({"weight": 1.5}, "weight"),
        ({"source": "长" * 301}, "source"),
        ({"approved_by": "长" * 51}, "approved_by"),
        ({"withdrawn_at": None}, "withdrawn_at"),
        ({"week": 3}, "week"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(given: dict[str, Any], field: str) -> None:
    assert list(faults(**given)) == [field]


@pytest.mark.parametrize(
    "given",
    [
        {"from_week": -42, "to_week": 156},
        {"from_week": 5, "to_week": 5},
        {"valid_from": "2026-03-01", "valid_to": "2026-03-01"},
        {"weight": 100},
        {"id": "产检/第1次"},
        {"image": "http://图片.中国/a.png"},
        {"link": "https://user@example.org:8443/x?y=1"},
        {"stages": None},
        {"cities": []},
    ],
)
def test_what_is_on_the_edge_is_fine(given: dict[str, Any]) -> None:
    item(**given)


# Changes


def test_what_a_table_would_change() -> None:
    there = [item(id=each) for each in "abc"]
    withdrawn = item(id="w")
    known = {each.id: each for each in there}
    known["w"] = Item(**_fields(withdrawn) | {"withdrawn_at": date(2026, 1, 1)})
    changes = compare(known, [there[0], item(id="b", weight=2), item(id="d"), withdrawn])
    assert changes.counts == {"added": 2, "changed": 1, "unchanged": 1}
    assert (changes.added, changes.changed) == (("d", "w"), ("b",))


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ({"weight": 5, "cities": "杭州"}, True),
        ({"text": "叶酸每天800微克"}, False),
        ({"image": "https://example.org/a.png"}, False),
        ({"voice": "monitor"}, False),
    ],
)
def test_an_approval_lasts_as_long_as_the_item_says_the_same(
    change: dict[str, Any], stays: bool
) -> None:
    known = item(approved_by="张医生")
    given = Draft.model_validate({"kind": "dry", "text": DRY["text"]} | change).as_item("c1")
    assert as_approved_before(given, known).approved_by == ("张医生" if stays else None)
    assert as_approved_before(given, None).approved_by is None


def _fields(of: Item) -> dict[str, Any]:
    return {name: getattr(of, name) for name in Item.__slots__}
