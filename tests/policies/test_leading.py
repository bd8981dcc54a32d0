"""Where a way into a cohort's groups leads, and what the platform calls those that it opens."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from config.rules import GroupRules, Rules, effective
from handlers.ways.leading import Base, Led, base, led_to
from handlers.ways.showing import shown, shown_while_waiting
from models.cohort import BirthWindow, Cohort
from models.groups import Group, Standing
from models.growth import Life
from models.ids import AccountId, Code, GroupId
from models.platform_ways import JoinWay
from tests.world import EVENING

RULES: Rules = effective([])
TODAY = date(2026, 3, 2)
COHORT = Cohort("杭州", "妇幼", BirthWindow(2026, 3))
STEM = "杭州·2026年3-5月·妇幼·"


def group(name: str, members: int = 10, opened: int = 1) -> Group:
    return Group(
        id=GroupId(name),
        account=AccountId("a"),
        name=name,
        standing=Standing.OURS,
        city="杭州",
        channel="妇幼",
        birth_window="2026-03",
        members=members,
        opened_on=TODAY - timedelta(days=opened),
    )


def led(name: str, members: int = 10, opened: int = 1) -> Led:
    of = group(name, members, opened)
    life = Life(group=of.id, since=EVENING, opened_on=of.opened_on or TODAY, look_at=None)
    return Led(of, life, RULES.growth)


def by_template(template: str) -> GroupRules:
    return RULES.groups.model_copy(update={"name_template": template})


def test_the_oldest_that_recruits_comes_first_and_five_at_most() -> None:
    groups = [led(f"g{n}", opened=n) for n in range(1, 8)]
    assert led_to(groups, (), (), TODAY) == ("g7", "g6", "g5", "g4", "g3")


def test_nobody_is_led_where_no_code_lets_her_in() -> None:
    groups = [led("full", members=200, opened=9), led("free", members=199)]
    assert led_to(groups, (), (), TODAY) == ("free",)


def test_where_all_are_full_the_youngest_stands_for_the_cohort() -> None:
    groups = [led("old", members=480, opened=9), led("young", members=200, opened=2)]
    assert led_to(groups, (), (), TODAY) == ("young",)
    assert led_to([], (), (), TODAY) == ()


def test_what_the_platform_opened_stays_until_we_have_seen_it() -> None:
    full, new = GroupId("full"), GroupId("new")
    groups = [led("full", members=200)]
    assert led_to(groups, (full, new), {full}, TODAY) == (new,)
    assert led_to([*groups, led("new")], (full, new), {full, new}, TODAY) == (new,)


def test_what_belongs_to_others_is_left_out() -> None:
    other = GroupId("other")
    assert led_to([led("ours")], (GroupId("ours"), other), {GroupId("ours"), other}, TODAY) == (
        "ours",
    )


@pytest.mark.parametrize("added", [1, 4, 5])
def test_one_of_ours_stays_whatever_was_added(added: int) -> None:
    groups = [led(f"g{n}") for n in range(5)]
    strangers = tuple(GroupId(f"s{n}") for n in range(added))
    found = led_to(groups, strangers, (), TODAY)
    assert len(found) == 5
    assert "g0" in found


def test_numbers_go_on_beyond_all_that_are_taken() -> None:
    names = [f"{STEM}01", f"{STEM}05", "杭州·2026年6-8月·妇幼·09"]
    assert base(COHORT, names, [], RULES.groups) == Base(STEM, 6)
    assert base(COHORT, names, [7], RULES.groups) == Base(STEM, 8)
    assert base(COHORT, [], [], RULES.groups) == Base(STEM, 1)


def test_a_word_behind_the_number_may_be_missing_if_it_is_read_back() -> None:
    assert base(COHORT, [], [], by_template("{city}·{window}·{channel}·{seq}群")) == Base(STEM, 1)


@pytest.mark.parametrize(
    "template", ["{seq}·{city}·{window}·{channel}", "{city}·{window}·{seq}·{channel}"]
)
def test_names_that_end_in_no_number_are_none_of_the_platforms(template: str) -> None:
    assert base(COHORT, [], [], by_template(template)).name == ""


def test_a_name_that_is_too_long_for_the_platform_is_none() -> None:
    long = Cohort("杭州", "妇" * 30, BirthWindow(2026, 3))
    assert base(long, [], [], RULES.groups).name == ""


# What her page shows

WAY = JoinWay(
    account=AccountId("a"),
    city="杭州",
    channel="妇幼",
    birth_window="2026-03",
    code=Code("k7m2pq9xwd"),
    made_at=EVENING,
    config="c1",
    groups=(GroupId("g1"),),
    base_name=STEM,
    base_id=2,
    image=b"png",
)


def test_a_full_group_shows_a_way_that_leads_on_and_no_other() -> None:
    full, alone = group("g1", members=200), replace(WAY, base_name="")
    two = replace(alone, groups=(GroupId("g1"), GroupId("g2")))
    pages = [
        shown(full, None, None, None, EVENING, RULES, way).qr for way in (WAY, two, alone, None)
    ]
    assert [page is not None for page in pages] == [True, True, False, False]
    assert shown(group("g1"), None, None, None, EVENING, RULES, alone).qr is not None


def test_a_way_that_leads_to_other_groups_only_is_a_way_all_the_same() -> None:
    other = replace(WAY, base_name="", groups=(GroupId("g2"),))
    assert shown(group("g1"), None, None, None, EVENING, RULES, other).qr is not None


def test_who_waits_is_shown_it_only_where_the_next_group_is_opened_by_it() -> None:
    growth = RULES.growth
    full, free = group("g1", members=200), group("g2", members=199)
    assert shown_while_waiting(WAY, [full], growth).qr is not None
    assert shown_while_waiting(WAY, [full, free], growth).qr is None
    assert shown_while_waiting(replace(WAY, base_name=""), [full], growth).qr is None
    assert shown_while_waiting(replace(WAY, image=None), [full], growth).qr is None
    assert shown_while_waiting(None, [], growth).qr is None
