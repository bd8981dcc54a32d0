"""The naming rule for groups: templates, forgiving reading, and names that come back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.naming import DEFAULT_TEMPLATE, FIELDS, check_template
from handlers.naming import GroupName, Misnamed, parse, write
from models.cohort import BirthWindow

SPRING_1 = GroupName("杭州", BirthWindow(2026, 3), "妇幼", 1)
WINTER_12 = GroupName("杭州", BirthWindow(2025, 12), "妇幼", 12)


def read(name: str, template: str = DEFAULT_TEMPLATE) -> GroupName | Misnamed:
    return parse(name, template, first_month=3)


@pytest.mark.parametrize(
    ("group", "name"),
    [(SPRING_1, "杭州·2026年3-5月·妇幼·01"), (WINTER_12, "杭州·2025年12-2月·妇幼·12")],
)
def test_written_and_read(group: GroupName, name: str) -> None:
    assert write(group, DEFAULT_TEMPLATE) == name
    assert read(name) == group


@pytest.mark.parametrize(
    "name",
    [
        "杭州・2026年3-5月・妇幼・01",
        "杭州･2026年3-5月･妇幼･01",
        "杭州•2026年3-5月•妇幼•01",
        "杭州.2026年3-5月.妇幼.01",
        "杭州-2026年3-5月-妇幼-01",
        "杭州–2026年3–5月–妇幼–01",
        "杭州—2026年3—5月—妇幼—01",
        "杭州——2026年3——5月——妇幼——01",
        "杭州_2026年3-5月_妇幼_01",
        "杭州|2026年3-5月|妇幼|01",
        "杭州｜2026年3-5月｜妇幼｜01",
        "杭州/2026年3-5月/妇幼/01",
        "杭州、2026年3-5月、妇幼、01",
        "杭州 2026年3-5月 妇幼 01",
        "杭州　２０２６年３－５月　妇幼　０１",
        " 杭州 · 2026年 3 - 5 月 · 妇幼 · 01 ",
        "杭州·2026年3-5月-妇幼 01",
        "杭州·2026年03-05月·妇幼·01",
        "杭州·2026年3~5月·妇幼·01",
        "杭州·2026年3～5月·妇幼·01",
        "杭州·2026年3到5月·妇幼·01",
        "杭州·2026年3至5月·妇幼·01",
        "杭州·2026年3月-5月·妇幼·01",
        "杭州·2026年3月-2026年5月·妇幼·01",
        "杭州·26年3-5月·妇幼·01",
        "杭州·2026年3-5月份·妇幼·01",
        "杭州·2026年3-5月·妇幼·1",
        "杭州·2026年3-5月·妇幼·001",
        "杭州·2026年3-5月·妇幼·01群",
        "杭州·2026年3-5月·妇幼·1 群",
        "杭州·2026年3-5月·妇幼·第1群",
        "杭州·2026年3-5月·妇幼·01·群",
        "- 杭州·2026年3-5月·妇幼·01 -",
        "\u200b杭州·2026年3-5月·妇幼\u200d·01\u202c",
    ],
)
def test_read_forgivingly(name: str) -> None:
    assert read(name) == SPRING_1


@pytest.mark.parametrize(
    "name",
    [
        "杭州·2025年12月-2026年2月·妇幼·12群",
        "杭州 25年12~2月 妇幼 12",
        "杭州-2025年12-02月-妇幼-12",
    ],
)
def test_a_window_across_the_year(name: str) -> None:
    assert read(name) == WINTER_12


def test_a_channel_may_hold_separators_where_the_template_is_clear() -> None:
    assert read("杭州·2026年3-5月·妇幼 A-2·01") == GroupName(
        "杭州", BirthWindow(2026, 3), "妇幼 A-2", 1
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "no birth window"),
        ("杭州宝妈群", "no birth window"),
        ("杭州·2026年3月·妇幼·01", "no birth window"),
        ("杭州·3-5月·妇幼·01", "no birth window"),
        ("杭州·2026年3-5月·妇幼", "not written as"),
        ("2026年3-5月·杭州·妇幼·01", "not written as"),
        ("杭州·2026年3-5月·01", "not written as"),
        ("杭州2026年3-5月妇幼01", "not written as"),
        ("杭州·2026年3-6月·妇幼·01", "2026年3-6月 is not three months in a row"),
        ("杭州·2026年13-15月·妇幼·01", "not three months in a row"),
        ("杭州·2026年0-2月·妇幼·01", "not three months in a row"),
        ("杭州·2025年12月-2025年2月·妇幼·01", "not three months in a row"),
        ("杭州·2026年4-6月·妇幼·01", "windows start in months [3, 6, 9, 12]"),
        ("杭州·1000年3-5月·妇幼·01", "1000-03 is not a month"),
        ("杭州·2026年3-5月·妇幼·00", "numbered from 1"),
        ("杭" * 201, "longer than 200"),
        ("杭州·2026年3-5月·妇幼\n二·01", "not written as"),
    ],
)
def test_misnamed(name: str, reason: str) -> None:
    found = read(name)
    assert isinstance(found, Misnamed)
    assert reason in found.reason
    assert "\n" not in found.reason


def test_the_windows_start_where_the_rule_says() -> None:
    name = "杭州·2026年4-6月·妇幼·01"
    assert isinstance(parse(name, DEFAULT_TEMPLATE, first_month=1), GroupName)
    assert isinstance(parse(name, DEFAULT_TEMPLATE, first_month=3), Misnamed)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{city}{{{window}}}{channel}-{seq}", "杭州{2026年3-5月}妇幼-01"),
        ("{window}宝宝群-{city}-{channel}-{seq}", "2026年3-5月宝宝群-杭州-妇幼-01"),
        ("{window} 宝宝群 {city}-{channel}-{seq}", "2026年3-5月宝宝群杭州-妇幼-01"),
        ("{city}·{window}·{channel}·第{seq}·群", "杭州·2026年3-5月·妇幼·第01·群"),
        ("{city}·{window}·{channel}·{seq}群", "杭州·2026年3-5月·妇幼·01"),
        ("{city}·{window}·{channel}·{seq}·群", "杭州·2026年3-5月·妇幼·01"),
        ("{city}·{window}·{channel}·{seq}群", "杭州·2026年3-5月·妇幼·1群"),
        ("{seq}-{city}-{channel}-{window}", "01-杭州-妇幼-2026年3-5月群"),
        ("(WE){city}.{channel}.{window}.{seq}", "（we）杭州 妇幼 2026年3-5月 1"),
        ("{channel}/{city}/{window}/{seq}", "妇幼/杭州/2026年3-5月/01"),
    ],
)
def test_other_templates(template: str, name: str) -> None:
    check_template(template)
    assert read(name, template) == SPRING_1
    assert read(write(SPRING_1, template), template) == SPRING_1


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("", "{city} must stand"),
        ("{city}·{window}·{channel}", "{seq} must stand"),
        ("{city}·{window}·{channel}·{seq}·{seq}", "exactly once"),
        ("{city}·{window}·{channel}·{seq}·{stage}", "there is no field {stage}"),
        ("{city}·{window}·{channel}·{}", "there is no field {}"),
        ("{city.upper}·{window}·{channel}·{seq}", "there is no field"),
        ("{city}·{window}·{channel}·{seq:03}", "without a format"),
        ("{city!r}·{window}·{channel}·{seq}", "without a format"),
        ("{city}{window}·{channel}·{seq}", "some text between"),
        ("{city}·{window}·{channel}·0{seq}", "digit next to a field"),
        ("{city}·{window}·{channel}·{seq}0群", "digit next to a field"),
        ("{city}·{window}·{channel}·{seq}\n", "can't be seen"),
        ("{city}·{window}·{channel}·{seq", "expected '}'"),
        ("{city}·{window}·{channel}·{seq}" + "群" * 80, "longer than 80"),
    ],
)
def test_templates_refused(template: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        check_template(template)


WORDS = st.text("杭州宁波妇幼保健院上海ABCabc", min_size=1, max_size=12)
GROUPS = st.builds(
    GroupName,
    city=WORDS,
    window=st.builds(BirthWindow, st.integers(1900, 2200), st.sampled_from([3, 6, 9, 12])),
    channel=WORDS,
    seq=st.integers(1, 999_999),
)
BETWEEN = st.sampled_from(["·", "-", " ", "_", "|", " / ", "、", "——", "　", "号楼"])


@given(GROUPS)
def test_a_name_comes_back_as_it_was_written(group: GroupName) -> None:
    assert read(write(group, DEFAULT_TEMPLATE)) == group


@given(GROUPS, st.permutations(FIELDS), BETWEEN)
def test_it_comes_back_by_any_template(group: GroupName, fields: list[str], between: str) -> None:
    template = between.join(f"{{{field}}}" for field in fields)
    check_template(template)
    assert read(write(group, template), template) == group


@given(GROUPS, st.integers(1, 12))
def test_a_window_is_read_if_and_only_if_it_tiles(group: GroupName, first_month: int) -> None:
    found = parse(write(group, DEFAULT_TEMPLATE), DEFAULT_TEMPLATE, first_month)
    assert isinstance(found, GroupName) is group.window.tiles(first_month)


@given(
    st.text(st.characters(), max_size=80)
    | st.text("杭州·-0123456789年月群 ~\ud800\u200d", max_size=80)
)
def test_any_text_is_read(name: str) -> None:
    for template in (DEFAULT_TEMPLATE, "{city}-{channel}-{window}-{seq}"):
        read(name, template)


@pytest.mark.parametrize(
    "piece", ["-", "杭-", "2026年3-5月", "1", "2026年3-5月·1·", "\u0315\u0300"]
)
def test_long_names_are_refused_and_crowded_ones_read_at_once(piece: str) -> None:
    assert isinstance(read(piece * 100_000), Misnamed)
    for template in (DEFAULT_TEMPLATE, "{city}-{channel}-{window}-{seq}"):
        assert isinstance(read((piece * 200)[:199] + "!", template), Misnamed)


PIECES = st.sampled_from(
    [*(f"{{{field}}}" for field in FIELDS), "·", "-", "群", "{", "}", "1", " "]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=90))
def test_any_template_that_is_accepted_can_be_read_back(template: str) -> None:
    try:
        check_template(template)
    except ValueError:
        return
    assert read(write(SPRING_1, template), template) == SPRING_1
