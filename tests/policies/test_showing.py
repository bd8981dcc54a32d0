"""How her page says she gets in, and when a group's QR code is fetched."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules import Rules, effective
from handlers.ways.fetching import AGAIN, PATIENCE, SELDOM, WARNED, look, renewed_at
from handlers.ways.showing import shown
from models.groups import Ability, Account, Group, Standing
from models.ids import AccountId, GroupId
from models.ways import AccountCard, Way, WayKind
from tests.world import EVENING, NAME

RULES = effective([])
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GROUP = Group(
    id=GroupId("g1"),
    account=AccountId("a"),
    name=NAME,
    standing=Standing.OURS,
    city="杭州",
    channel="妇幼",
    birth_window="2026-03",
    members=50,
)
CARD = AccountCard(
    account=AccountId("a"), content="https://weixin.example/u/bot", name="小助手", got_at=EVENING
)
CODE = Way(
    group=GroupId("g1"),
    kind=WayKind.ROOM_QR,
    got_at=EVENING,
    by="a",
    content="https://weixin.example/g/g1",
    valid_until=EVENING + 7 * DAY,
)
PICTURE = Way(
    group=GroupId("g1"),
    kind=WayKind.IMAGE,
    got_at=EVENING,
    by="运营小王",
    image=b"png",
    valid_until=EVENING + 7 * DAY,
)
JOIN_WAY = Way(
    group=GroupId("g1"), kind=WayKind.JOIN_WAY, got_at=EVENING, by="运营小王", content="https://w"
)
NOTHING = Way(group=GroupId("g1"), kind=WayKind.ROOM_QR, got_at=EVENING, by="")


def account(*abilities: Ability, is_up: bool = True) -> Account:
    return Account(
        id=AccountId("a"),
        up_at=EVENING,
        down_why=None if is_up else "logged out",
        abilities=tuple(abilities),
    )


ABLE = account(*Ability)
FRIENDLY = account(Ability.INVITES, Ability.ACCEPTS_FRIENDS)
MUTE = account()


def with_members(members: int) -> Group:
    return replace(GROUP, members=members)


# What is shown


def test_a_code_that_is_valid_is_shown_and_the_account_beside_it() -> None:
    found = shown(GROUP, CODE, CARD, ABLE, EVENING, RULES)
    assert found.qr is not None
    assert found.by_friend is not None
    assert (found.qr.kind, found.qr.content) == (WayKind.ROOM_QR, CODE.content)
    assert found.qr.valid_until == EVENING + 7 * DAY
    assert (found.by_friend.content, found.by_friend.name) == (CARD.content, "小助手")


@pytest.mark.parametrize("way", [CODE, PICTURE])
def test_from_the_moment_it_lapses_it_is_not_shown(way: Way) -> None:
    until = EVENING + 7 * DAY
    last = shown(GROUP, way, CARD, MUTE, until - timedelta(seconds=1), RULES)
    assert last.qr is not None
    assert shown(GROUP, way, CARD, MUTE, until, RULES).qr is None


def test_a_picture_is_shown_as_it_is_and_a_join_way_does_not_lapse() -> None:
    picture = shown(GROUP, PICTURE, None, MUTE, EVENING, RULES).qr
    assert picture is not None
    assert (picture.image, picture.content) == (b"png", None)
    lasting = shown(GROUP, JOIN_WAY, None, MUTE, EVENING + 999 * DAY, RULES).qr
    assert lasting is not None
    assert lasting.valid_until is None


def test_where_a_code_fails_the_account_invites() -> None:
    assert shown(with_members(199), CODE, CARD, ABLE, EVENING, RULES).qr is not None
    for group, way in ((with_members(200), CODE), (GROUP, NOTHING), (GROUP, None)):
        found = shown(group, way, CARD, ABLE, EVENING, RULES)
        assert found.qr is None
        assert found.by_friend is not None


@pytest.mark.parametrize(
    ("group", "card", "by"),
    [
        (with_members(350), CARD, ABLE),
        (GROUP, None, ABLE),
        (GROUP, CARD, None),
        (GROUP, CARD, MUTE),
        (GROUP, CARD, account(Ability.INVITES)),
        (GROUP, CARD, account(Ability.ACCEPTS_FRIENDS, Ability.SHOWS_QR)),
        (replace(GROUP, standing=Standing.RELEASED), CARD, ABLE),
    ],
)
def test_and_where_it_can_not_the_way_is_being_prepared(
    group: Group, card: AccountCard | None, by: Account | None
) -> None:
    found = shown(group, NOTHING, card, by, EVENING, RULES)
    assert (found.qr, found.by_friend) == (None, None)


# What is fetched


def looked(
    way: Way,
    now: datetime = EVENING,
    by: Account | None = ABLE,
    *,
    group: Group = GROUP,
    card: AccountCard | None = None,
    takes_people: bool = True,
    rules: Rules = RULES,
) -> tuple[bool, datetime]:
    found = look(way, group, by, card, now, rules, takes_people=takes_people)
    return found.fetches, found.look_at


def test_a_code_is_fetched_where_there_is_none_and_again_before_it_lapses() -> None:
    assert looked(NOTHING) == (True, EVENING + AGAIN)
    renewed = EVENING + 5 * DAY
    assert renewed_at(CODE, RULES.entry) == renewed
    assert looked(CODE, renewed - HOUR) == (False, renewed)
    assert looked(CODE, renewed)[0]
    assert looked(CODE, EVENING) == (False, EVENING + SELDOM)


def test_what_people_gave_stays_until_it_lapses() -> None:
    until = EVENING + 7 * DAY
    assert looked(PICTURE, until - HOUR) == (False, until)
    assert looked(PICTURE, until)[0]
    assert looked(JOIN_WAY, EVENING + 999 * DAY)[0] is False


@pytest.mark.parametrize(
    ("group", "by", "takes_people"),
    [
        (GROUP, MUTE, True),
        (GROUP, None, True),
        (GROUP, account(*Ability, is_up=False), True),
        (with_members(200), ABLE, True),
        (GROUP, ABLE, False),
    ],
)
def test_nothing_is_fetched_in_vain(group: Group, by: Account | None, takes_people: bool) -> None:
    fetches, look_at = looked(NOTHING, by=by, group=group, takes_people=takes_people)
    assert not fetches
    assert look_at > EVENING


def test_somebody_hears_of_a_group_that_nobody_gets_into_for_long() -> None:
    def lacks(way: Way, now: datetime, by: Account, card: AccountCard | None = None) -> bool:
        return look(way, GROUP, by, card, now, RULES, takes_people=True).lacks

    soon, late = EVENING + PATIENCE - HOUR, EVENING + PATIENCE
    assert not lacks(NOTHING, soon, ABLE)
    assert lacks(NOTHING, late, ABLE)
    assert lacks(NOTHING, late, MUTE)
    assert lacks(CODE, EVENING + 7 * DAY + PATIENCE, ABLE)
    assert not lacks(CODE, EVENING + 6 * DAY, ABLE)
    assert not lacks(NOTHING, late, FRIENDLY, CARD), "she is let in by the account"
    full = with_members(200)
    assert not look(NOTHING, full, ABLE, None, late, RULES, takes_people=True).lacks
    assert not look(NOTHING, GROUP, ABLE, None, late, RULES, takes_people=False).lacks


def test_somebody_hears_before_a_picture_lapses_that_we_can_not_replace() -> None:
    until = EVENING + 7 * DAY
    for by, told in ((MUTE, until), (ABLE, None)):
        found = look(PICTURE, GROUP, by, None, until - HOUR, RULES, takes_people=True)
        assert found.lapses_at == told
    early = look(PICTURE, GROUP, MUTE, None, until - WARNED - HOUR, RULES, takes_people=True)
    assert early.lapses_at is None
    assert early.look_at <= until - WARNED, "it is looked at in time to warn"


@given(
    st.sampled_from([NOTHING, CODE, PICTURE, JOIN_WAY]),
    st.sampled_from([ABLE, FRIENDLY, MUTE, None, account(*Ability, is_up=False)]),
    st.integers(0, 400),
    st.floats(0, 20),
    st.booleans(),
)
def test_every_look_is_followed_by_a_later_one(
    way: Way, by: Account | None, members: int, days: float, takes_people: bool
) -> None:
    now = EVENING + days * DAY
    _, look_at = looked(way, now, by, group=with_members(members), takes_people=takes_people)
    assert now < look_at <= now + SELDOM
