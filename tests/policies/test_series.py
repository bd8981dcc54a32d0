"""The groups of a cohort are numbered without holes, by names that can be read back."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.naming import FIELDS
from config.rules import GroupRules
from handlers.naming import GroupName, carried, parse, write
from handlers.series import Numbered, name_of, next_of, numbers
from models.cohort import BirthWindow, Cohort

RULES = GroupRules()
SPRING = Cohort("杭州", "妇幼", BirthWindow(2026, 3))
SUMMER = Cohort("杭州", "妇幼", BirthWindow(2026, 6))


def named(*seqs: int, cohort: Cohort = SPRING) -> list[str]:
    return [name_of(cohort, each, RULES) for each in seqs]


@pytest.mark.parametrize(
    ("names", "asked_for", "number"),
    [
        ((), (), 1),
        (named(1), (), 2),
        (named(1, 2), (3,), 4),
        (named(1, 3), (), 2),
        (named(2, 3), (), 1),
        (named(1, 2, 4), (3,), 5),
        (named(1, 2, cohort=SUMMER), (), 1),
        (["杭州 26年3到5月 妇幼 第1群", "周末爬山群", "杭州·2026年3-5月·妇幼·00"], (), 2),
        (["杭州·2026年3-5月·一院·01", "宁波·2026年3-5月·妇幼·02"], (), 1),
    ],
)
def test_the_smallest_free_number_comes_next(
    names: Sequence[str], asked_for: Sequence[int], number: int
) -> None:
    found = next_of(SPRING, names, asked_for, RULES)
    assert found == Numbered(number, f"杭州·2026年3-5月·妇幼·{number:02}")


@given(
    st.sets(st.integers(1, 40)),
    st.sets(st.integers(1, 40)),
    st.lists(st.sampled_from(["随便聊聊", "杭州·2026年6-8月·妇幼·01", "杭州·妇幼·01", ""])),
)
def test_what_is_handed_out_is_always_the_smallest_free(
    there: set[int], asked_for: set[int], others: list[str]
) -> None:
    names = [*others, *named(*there)]
    handed: list[int] = []
    for _ in range(5):
        found = next_of(SPRING, names, {*asked_for, *handed}, RULES)
        assert found.seq not in there | asked_for
        assert set(range(1, found.seq)) <= there | asked_for | set(handed)
        handed.append(found.seq)
    assert handed == sorted(set(handed))


@given(st.sets(st.integers(1, 999_999), max_size=30))
def test_the_numbers_are_those_in_the_names(seqs: set[int]) -> None:
    assert numbers(SPRING, named(*seqs), RULES) == seqs


@pytest.mark.parametrize(
    ("city", "channel"),
    [("杭州", "妇幼-东院"), ("杭州-萧山", "妇幼"), ("恩施 州", "A/B 院"), ("杭州", "2院")],
)
def test_separators_are_carried_where_the_template_keeps_them_apart(
    city: str, channel: str
) -> None:
    """The window stands between the two."""
    cohort = Cohort(city, channel, BirthWindow(2026, 3))
    name = name_of(cohort, 1, RULES)
    assert name == f"{city}·2026年3-5月·{channel}·01"
    assert numbers(cohort, [name], RULES) == {1}


@pytest.mark.parametrize(
    ("template", "city", "channel"),
    [
        ("{city}-{channel}-{window}-{seq}", "杭州-萧山", "妇幼"),
        ("{city}·{window}·{channel}·{seq}", "杭州", "·妇幼"),
        ("{city}·{window}·{channel}·{seq}", "杭州", "妇幼\u200d"),
        ("{city}·{window}·{channel}·{seq}", "杭州", "妇幼１院"),
        ("{city}·{window}·{channel}·{seq}", "杭" * 200, "妇幼"),
    ],
)
def test_what_could_not_be_read_back_has_no_name(template: str, city: str, channel: str) -> None:
    rules = GroupRules(name_template=template)
    cohort = Cohort(city, channel, BirthWindow(2026, 3))
    assert next_of(cohort, [], {1}, rules) == Numbered(2, "")


def test_nor_has_a_window_that_the_calendar_does_not_have() -> None:
    assert name_of(Cohort("杭州", "妇幼", BirthWindow(2026, 4)), 1, RULES) == ""


PARTS = st.text("杭州妇幼院 -·./12年3月5群第", min_size=1, max_size=10)


@given(
    st.builds(
        GroupName,
        city=PARTS,
        window=st.builds(BirthWindow, st.integers(2020, 2040), st.sampled_from([3, 6, 9, 12])),
        channel=PARTS,
        seq=st.integers(1, 999_999),
    ),
    st.permutations(FIELDS),
    st.sampled_from(["·", "-", " ", "_", "、", "号楼"]),
)
def test_a_name_is_either_read_back_as_this_group_or_not_written(
    group: GroupName, fields: list[str], between: str
) -> None:
    template = between.join(f"{{{field}}}" for field in fields)
    name = carried(group, template, first_month=3)
    if name is None:
        assert parse(write(group, template), template, first_month=3) != group
    else:
        assert parse(name, template, first_month=3) == group
