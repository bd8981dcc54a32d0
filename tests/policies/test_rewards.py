"""Which reward is meant, who may have it, and that neither points nor pieces are ever lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules import RewardRules
from handlers.rewards import policy
from handlers.rewards.policy import Buyer, No
from models.groups import Member
from models.ids import GroupId, PersonId
from models.people import Role
from models.points import Balance, Entry, EntryKind, booked
from models.rewards import Redemption, RedemptionState, Reward
from tests.world import EVENING, GROUP, shanghai

RULES = RewardRules()
DOUDOU, MILI = PersonId("豆豆妈"), PersonId("米粒妈")


def reward(name: str, cost: int = 50, **more: Any) -> Reward:
    return replace(Reward(id=name, name=name, scope="everywhere", cost=cost), **more)


OFFERED = [
    reward("试用装", 50),
    reward("DHA 鱼油", 60),
    reward("试用装大礼包", 80),
    reward("10元券", 100),
    reward("段奶粉2罐", 200),
]


# Which reward


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("试用装", "试用装"),
        ("「试用装」", "试用装"),
        (" 试 用 装 ！", "试用装"),
        ("dha鱼油", "DHA 鱼油"),
        ("ＤＨＡ　鱼油", "DHA 鱼油"),
        ("鱼油", "DHA 鱼油"),
        ("礼包", "试用装大礼包"),
        ("券", "10元券"),
        ("3", "试用装大礼包"),
        ("３", "试用装大礼包"),
        ("第3个", "试用装大礼包"),
        ("第 1", "试用装"),
        ("2号", "DHA 鱼油"),
        ("10", "10元券"),
    ],
)
def test_a_name_is_read_forgivingly(typed: str, name: str) -> None:
    chosen = policy.choose(typed, OFFERED, EVENING)
    assert isinstance(chosen, Reward), chosen
    assert chosen.name == name


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("试用", "1.试用装、3.试用装大礼包"),
        # The second in the list, or the one that has a 2 in its name?
        ("2", "2.DHA 鱼油、5.段奶粉2罐"),
        ("1", "1.试用装、4.10元券"),
    ],
)
def test_what_may_mean_two_is_asked_about(typed: str, told: str) -> None:
    chosen = policy.choose(typed, OFFERED, EVENING)
    assert isinstance(chosen, No)
    assert told in chosen.why


@pytest.mark.parametrize("which", [1, 2])
def test_the_number_in_the_question_settles_it(which: int) -> None:
    twice = [replace(reward("试用装"), id=f"r{n}") for n in (1, 2)]
    asked = policy.choose("试用装", twice, EVENING)
    assert isinstance(asked, No)
    assert "/兑换 第1个" in asked.why
    assert policy.choose(f"第{which}个", twice, EVENING) == twice[which - 1]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("两份试用装谢谢", "没有「两份试用装谢谢」，是想换「试用装」吗？请发 /兑换 试用装"),
        (
            "试用装大礼包2份",
            "没有「试用装大礼包2份」，是想换「试用装大礼包」吗？请发 /兑换 试用装大礼包",
        ),
        ("试同装", "没有「试同装」，是想换「试用装」吗？请发 /兑换 试用装"),
        ("体温计", "没有「体温计」可以换，发 /兑换 看看都有什么"),
        ("第9个", "没有「第9个」可以换，发 /兑换 看看都有什么"),
        ("99", "没有「99」可以换，发 /兑换 看看都有什么"),
        ("？", "没有「？」可以换，发 /兑换 看看都有什么"),
        ("长" * 21, f"没有「{'长' * 20}…」可以换，发 /兑换 看看都有什么"),
    ],
)
def test_no_points_are_spent_on_a_guess(typed: str, told: str) -> None:
    assert policy.choose(typed, OFFERED, EVENING) == No(told)


def test_what_is_over_says_so_unless_it_is_offered_anew() -> None:
    over = reward("孕妇枕", id="old", valid_until=shanghai("2026-03-02 18:59"))
    away = reward("体温计", id="away", withdrawn=True)
    assert policy.choose("孕妇枕", [over, away], EVENING) == No(
        "「孕妇枕」要在3月2日18:59前换，已经过期啦"
    )
    assert policy.choose("体温计", [over, away], EVENING) == No(
        "「体温计」已经下架啦，发 /兑换 看看别的"
    )
    anew = reward("孕妇枕", id="new")
    assert policy.choose("孕妇枕", [over, away, anew], EVENING) == anew


def test_it_is_over_at_the_very_moment() -> None:
    ends = reward("孕妇枕", valid_until=EVENING)
    assert policy.on_offer([ends], EVENING) == []
    assert policy.on_offer([ends], EVENING - timedelta(seconds=1)) == [ends]


def test_what_is_sold_out_keeps_its_number() -> None:
    sold_out = [replace(OFFERED[0], stock=0), *OFFERED[1:]]
    assert policy.choose("第2个", sold_out, EVENING) == OFFERED[1]


# Whether she may have it


def redeemed(of: Reward, state: RedemptionState = RedemptionState.READY) -> Redemption:
    return Redemption(
        group=GROUP,
        code="123456",
        person=DOUDOU,
        reward=of.id,
        name=of.name,
        cost=of.cost,
        at=EVENING,
        lapses_at=EVENING + RULES.code_lasts,
        state=state,
    )


ONE_EACH = reward("试用装", limit_each=1)


@pytest.mark.parametrize(
    ("of", "buyer", "told"),
    [
        (reward("试用装"), Buyer(Role.MEMBER, 50, []), None),
        (reward("试用装"), Buyer(Role.KOC, 50, []), None),
        (reward("试用装", stock=1), Buyer(Role.MEMBER, 50, []), None),
        (reward("试用装"), Buyer(Role.MEMBER, 20, []), "「试用装」要50分，你有20分，还差30分"),
        (
            reward("试用装", stock=0),
            Buyer(Role.MEMBER, 20, []),
            "「试用装」已经兑完啦，发 /兑换 看看别的",
        ),
        (
            ONE_EACH,
            Buyer(Role.MEMBER, 99, [redeemed(ONE_EACH)]),
            "「试用装」每人限换1份，你已经换过啦",
        ),
        (
            ONE_EACH,
            Buyer(Role.MEMBER, 99, [redeemed(ONE_EACH, RedemptionState.HANDED)]),
            "「试用装」每人限换1份，你已经换过啦",
        ),
        (ONE_EACH, Buyer(Role.MEMBER, 99, [redeemed(ONE_EACH, RedemptionState.LAPSED)]), None),
        (ONE_EACH, Buyer(Role.MEMBER, 99, [redeemed(reward("体温计"))]), None),
        (
            reward("试用装", withdrawn=True),
            Buyer(Role.MEMBER, 99, []),
            "「试用装」已经下架啦，发 /兑换 看看别的",
        ),
        (
            reward("试用装", scope="group:g2"),
            Buyer(Role.MEMBER, 99, []),
            "「试用装」已经下架啦，发 /兑换 看看别的",
        ),
        (
            reward("试用装", valid_until=EVENING),
            Buyer(Role.MEMBER, 99, []),
            "「试用装」要在3月2日19:00前换，已经过期啦",
        ),
        *(
            (
                reward("试用装"),
                Buyer(role, 99, []),
                "兑换是给群里妈妈们的，班长和工作人员不参加哦",
            )
            for role in (Role.MONITOR, Role.ASSISTANT, Role.HOST)
        ),
    ],
)
def test_who_may_have_it(of: Reward, buyer: Buyer, told: str | None) -> None:
    refusal = policy.why_not(of, ["everywhere", "group:g1"], buyer, EVENING)
    assert (refusal.why if refusal else None) == told


# Codes


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        "１２３４５６",
        "123 456",
        "1 2 3 4 5 6",
        "123-456",
        "码123456",
        "核销码：123456，谢谢",
        "@豆豆妈0321\u2005123456",
        "123456 123456",
    ],
)
def test_a_code_is_found_however_it_is_typed(typed: str) -> None:
    assert policy.code_in(typed) == "123456"


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "123456 654321", "12 34 56 7", "试用装"]
)
def test_what_is_no_single_code_is_none(typed: str) -> None:
    assert policy.code_in(typed) is None


@given(st.text(), st.text(), st.integers(min_value=1))
def test_a_code_has_six_digits_that_can_be_read_back(group: str, person: str, number: int) -> None:
    code = policy.code(GroupId(group), PersonId(person), number)
    assert len(code) == 6
    assert policy.code_in(f"核销码{code}") == code
    assert code == policy.code(GroupId(group), PersonId(person), number)


def test_codes_differ_by_group_person_and_number() -> None:
    codes = [
        policy.code(GroupId(group), PersonId(person), number)
        for group in ("g1", "g2")
        for person in ("u1", "u2")
        for number in (1, 2)
    ]
    assert len(set(codes)) == 8


HANDED = policy.hand_over(redeemed(ONE_EACH), MILI, shanghai("2026-03-03 10:20"))


@pytest.mark.parametrize(
    ("redemption", "by", "now", "told"),
    [
        (redeemed(ONE_EACH), MILI, EVENING, None),
        (redeemed(ONE_EACH), DOUDOU, EVENING, "这是你自己的兑换码，要请另一位班长或小助手来核销"),
        (
            HANDED,
            MILI,
            EVENING + timedelta(days=2),
            "兑换码123456（豆豆妈的「试用装」）在3月3日10:20已经核销过了",
        ),
        # The points have not come back yet, but it is too late.
        (
            redeemed(ONE_EACH),
            MILI,
            EVENING + timedelta(days=30),
            "兑换码123456（豆豆妈的「试用装」）在4月1日19:00过期了，积分会退给她，可以重新兑换",
        ),
        (
            redeemed(ONE_EACH, RedemptionState.LAPSED),
            MILI,
            EVENING + timedelta(days=31),
            "兑换码123456（豆豆妈的「试用装」）在4月1日19:00过期了，积分会退给她，可以重新兑换",
        ),
        (redeemed(ONE_EACH), MILI, EVENING + timedelta(days=30, seconds=-1), None),
    ],
)
def test_a_code_is_handed_over_once_in_time_and_by_somebody_else(
    redemption: Redemption, by: PersonId, now: datetime, told: str | None
) -> None:
    refusal = policy.why_not_handed(redemption, by, now)
    why = policy.unhanded_told(redemption, "豆豆妈", refusal) if refusal else None
    assert why == told


def test_what_may_still_be_fetched_was_neither_handed_over_nor_is_it_too_late() -> None:
    ready, lapsed = redeemed(ONE_EACH), redeemed(ONE_EACH, RedemptionState.LAPSED)
    assert policy.waiting([ready, HANDED, lapsed], EVENING) == [ready]
    assert policy.waiting([ready], ready.lapses_at) == []


# Whatever happens, in whatever order


@dataclass
class Shop:
    """Everything that redeeming moves, as the stores keep it."""

    reward: Reward
    balances: dict[PersonId, Balance]
    ledger: list[Entry] = field(default_factory=list)
    redemptions: dict[str, Redemption] = field(default_factory=dict)

    def of(self, person: PersonId) -> list[Redemption]:
        return [each for each in self.redemptions.values() if each.person == person]

    def redeem(self, person: PersonId, now: datetime) -> None:
        had = self.of(person)
        buyer = Buyer(Role.MEMBER, self.balances[person].points, had)
        if policy.why_not(self.reward, ["everywhere"], buyer, now) is None:
            member = Member(group=GROUP, person=person)
            code = policy.code(GROUP, person, len(had) + 1)
            self._carry_out(policy.redeem(self.reward, member, code, now, RULES))

    def hand_over(self, code: str, now: datetime) -> None:
        redemption = self.redemptions[code]
        if policy.why_not_handed(redemption, "班长", now) is None:
            handed = policy.hand_over(redemption, "班长", now)
            self.redemptions[code] = handed

    def take_back(self, code: str) -> None:
        redemption = self.redemptions[code]
        if policy.why_not_taken_back(redemption) is None:
            self.redemptions[code] = policy.take_back(redemption)

    def lapse(self, now: datetime) -> None:
        for each in list(self.redemptions.values()):
            if each.state is RedemptionState.READY and each.lapses_at <= now:
                self._carry_out(policy.lapse(each, self.reward, now))

    def _carry_out(self, move: policy.Move) -> None:
        person = move.entry.person
        assert move.entry.key not in {each.key for each in self.ledger}
        entry, self.balances[person] = booked(move.entry, self.balances[person])
        self.ledger.append(entry)
        self.reward = move.reward
        self.redemptions[move.redemption.code] = move.redemption


PEOPLE = [PersonId(f"u{n}") for n in range(3)]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["redeem", "redeem", "hand", "take back", "lapse"]),
        st.integers(0, 5),
        st.integers(0, 12),
    ),
    max_size=60,
)


@given(
    steps=STEPS,
    stock=st.integers(0, 5),
    cost=st.integers(1, 60),
    limit=st.none() | st.integers(1, 2),
    purses=st.lists(st.integers(0, 150), min_size=3, max_size=3),
)
def test_no_balance_is_ever_below_zero_and_no_piece_is_lost_or_sold_twice(
    steps: Sequence[tuple[str, int, int]],
    stock: int,
    cost: int,
    limit: int | None,
    purses: list[int],
) -> None:
    shop = Shop(
        reward("试用装", cost, stock=stock, limit_each=limit),
        {
            person: Balance(group=GROUP, person=person, points=points)
            for person, points in zip(PEOPLE, purses, strict=True)
        },
    )
    now = EVENING
    for what, which, days in steps:
        now += timedelta(days=days)
        if what == "redeem":
            shop.redeem(PEOPLE[which % 3], now)
        elif what == "hand" and shop.redemptions:
            codes = sorted(shop.redemptions)
            shop.hand_over(codes[which % len(codes)], now)
        elif what == "take back" and shop.redemptions:
            codes = sorted(shop.redemptions)
            shop.take_back(codes[which % len(codes)])
        elif what == "lapse":
            shop.lapse(now)
        states = [each.state for each in shop.redemptions.values()]
        out = sum(each is not RedemptionState.LAPSED for each in states)
        assert shop.reward.stock is not None
        assert shop.reward.stock >= 0
        assert shop.reward.stock + out == stock
        for person, purse in zip(PEOPLE, purses, strict=True):
            mine = [each for each in shop.ledger if each.person == person]
            held = [e for e in shop.of(person) if e.state is not RedemptionState.LAPSED]
            assert shop.balances[person].points >= 0
            assert shop.balances[person].points == purse + sum(each.points for each in mine)
            assert shop.balances[person].points == purse - cost * len(held)
            assert not any(each.shortfall for each in mine)
            assert limit is None or len(held) <= limit
    assert {each.kind for each in shop.ledger} <= {EntryKind.SPENT, EntryKind.RETURNED}
