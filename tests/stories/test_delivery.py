"""What was promised is said once, or it is known why not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest
from sqlalchemy import func, select

from bot.clock import ManualClock
from bot.dispatcher import Dispatcher
from bot.gateways.simulated import SimulatedGateway
from bot.virtual import AlwaysHolds, Simulation
from handlers.context import Context
from handlers.features import ROUTER
from handlers.router import Router
from models.delivery import DeliveryError, MaybeSent, NotSent, Refused, Verdict
from models.ids import GroupId, PersonId
from models.messages import MENTION_END, ROUND_STEPS, Kind, Outgoing
from models.people import Profile
from models.stores.unit import Unit
from models.tables import OutboxRow
from tests.databases import Away, Unanswered
from tests.world import ACCOUNT, GROUP, World, shanghai

FITS = "杭州-孕33周-小雨"
ROUND = list(ROUND_STEPS)


def fails(world: World, *failures: DeliveryError) -> None:
    """The next attempts fail like this, one after the other."""
    world.gateway.failures.extend(failures)


class Killed(BaseException):
    """Nothing is tidied up."""


async def dies_in_mid_sentence(world: World, seconds: float) -> None:
    """The next message is handed to the gateway, and that is the last we know of it."""
    world.gateway.failures.append(cast(DeliveryError, Killed()))
    with pytest.raises(Killed):
        await world.passes(seconds=seconds)


def kinds(world: World) -> list[Kind]:
    return [each.message.kind for each in world.said]


def seconds_between(world: World) -> list[float]:
    return [(b.at - a.at).total_seconds() for a, b in pairwise(world.said)]


async def states(world: World) -> Sequence[str]:
    return [state for _, state in await world.outbox()]


# Refused


async def test_those_of_a_refused_welcome_are_greeted_in_a_later_round(world: World) -> None:
    fails(world, Refused("the group does not let us speak"))
    await world.joins("豆豆妈", "米粒妈")
    joined = world.clock.now()
    await world.passes(minutes=20)
    await world.joins("小雨妈")
    assert world.said == []
    assert await states(world) == ["parked", "lapsed", "lapsed"]
    await world.passes(minutes=60)
    assert world.rounds == [["小雨妈", "米粒妈", "豆豆妈"]]
    assert world.seconds_to_welcome(joined) == [8 + 1800]
    assert kinds(world) == ROUND


async def test_who_left_after_a_refused_welcome_is_not_in_the_next(world: World) -> None:
    fails(world, Refused("no"))
    await world.joins("豆豆妈", "米粒妈")
    await world.passes(minutes=1)
    await world.leaves("豆豆妈")
    await world.passes(hours=1)
    assert world.greeted == ["米粒妈"]


async def test_a_refused_nickname_holds_up_its_round_for_a_while_and_no_other(
    world: World,
) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await world.joins("豆豆妈")
    await world.passes(seconds=8)
    fails(world, Refused("no"))
    await world.passes(seconds=3)
    await world.joins("米粒妈", group="g2")
    await world.passes(seconds=30)
    assert [each.message.kind for each in world.heard(group="g1")] == [Kind.WELCOME]
    assert [each.message.kind for each in world.heard(group="g2")] == ROUND
    await world.passes(minutes=10)
    welcome, rules = world.heard(group="g1")
    assert rules.message.kind is Kind.RULES
    assert 300 <= (rules.at - welcome.at).total_seconds() <= 306


async def test_the_next_round_does_not_wait_for_a_step_that_was_refused(world: World) -> None:
    await world.rules(delivery={"parked_holds": 3600})
    await world.joins("豆豆妈")
    await world.passes(seconds=8)
    fails(world, Refused("no"))
    await world.passes(seconds=30)
    await world.joins("米粒妈")
    await world.passes(minutes=30)
    assert world.greeted == ["豆豆妈", "米粒妈"]
    await world.passes(hours=2)
    assert [kind for kind in kinds(world) if kind is Kind.RULES] == [Kind.RULES] * 2


# Not sent


async def test_what_was_not_sent_is_tried_again_after_growing_waits(world: World) -> None:
    start = world.clock.now()
    fails(world, *[NotSent("no answer")] * 4)
    await world.joins("豆豆妈")
    await world.passes(minutes=5)
    assert world.seconds_to_welcome(start) == [8 + 5 + 10 + 20 + 40]
    assert kinds(world) == ROUND


async def test_at_last_it_is_given_up_and_its_people_wait_anew(world: World) -> None:
    fails(world, *[NotSent("no answer")] * 6)
    await world.joins("豆豆妈")
    await world.passes(minutes=20)
    assert world.said == []
    assert await states(world) == ["parked", "lapsed", "lapsed"]
    await world.passes(minutes=60)
    assert world.greeted == ["豆豆妈"]


async def test_the_platform_says_how_long_to_wait(world: World) -> None:
    start = world.clock.now()
    fails(world, NotSent("slow down", after=timedelta(seconds=90)))
    await world.joins("豆豆妈")
    await world.passes(minutes=5)
    assert world.seconds_to_welcome(start) == [8 + 90]


async def test_who_left_between_two_attempts_is_not_named(world: World) -> None:
    fails(world, NotSent("no answer"))
    await world.joins("豆豆妈", "米粒妈")
    await world.passes(seconds=9)
    await world.leaves("豆豆妈")
    await world.passes(minutes=1)
    assert world.greeted == ["米粒妈"]
    assert all("豆豆妈" not in each.message.text for each in world.said)


# Perhaps sent


async def test_what_was_perhaps_said_counts_as_said(world: World) -> None:
    fails(world, MaybeSent("the line was lost"))
    await world.joins("豆豆妈")
    await world.passes(hours=3)
    assert kinds(world) == [Kind.NICKNAME, Kind.RULES]
    assert await states(world) == ["unsure", "sent", "sent"]
    await world.leaves("豆豆妈")
    await world.joins("豆豆妈")
    await world.passes(hours=3)
    assert world.greeted == []


async def test_the_gap_runs_from_a_round_that_was_perhaps_said(world: World) -> None:
    start = world.clock.now()
    fails(world, MaybeSent("the line was lost"))
    await world.joins("豆豆妈")
    await world.passes(seconds=30)
    await world.joins("米粒妈")
    await world.passes(hours=1)
    assert world.seconds_to_welcome(start) == [8 + 120 + 195]


# A gateway that is down


async def test_a_welcome_that_waited_is_written_anew(world: World) -> None:
    await world.joins("豆豆妈", "米粒妈", "小雨妈", "朵朵妈")
    await world.goes_deaf()
    await world.passes(minutes=10)
    await world.leaves("豆豆妈")
    await world.hears_again()
    await world.passes(minutes=1)
    assert sorted(world.greeted) == ["小雨妈", "朵朵妈", "米粒妈"]
    assert "豆豆妈" not in world.said[0].message.text
    assert kinds(world) == ROUND


async def test_a_nickname_put_right_meanwhile_is_not_asked_for(world: World) -> None:
    await world.joins("豆豆妈")
    await world.passes(seconds=8)
    assert kinds(world) == [Kind.WELCOME]
    await world.calls_herself("豆豆妈", FITS)
    await world.passes(seconds=10)
    assert kinds(world) == [Kind.WELCOME, Kind.RULES]
    assert await states(world) == ["sent", "lapsed", "sent"]


async def test_a_welcome_that_waited_too_long_is_given_up(world: World) -> None:
    await world.joins("豆豆妈", "米粒妈", "小雨妈", "朵朵妈")
    await world.goes_deaf()
    await world.passes(hours=3)
    await world.leaves("豆豆妈")
    await world.hears_again()
    await world.passes(minutes=1)
    assert sorted(world.greeted) == ["小雨妈", "朵朵妈", "米粒妈"]
    assert kinds(world) == ROUND
    assert (await states(world))[:3] == ["lapsed", "lapsed", "lapsed"]


async def test_after_a_long_silence_only_what_is_not_too_late_is_said(world: World) -> None:
    """More groups than the relay looks at in one go."""
    await world.rules(delivery={"per_minute": 100_000, "onboarding_lapses": 600})
    groups = [f"h{n:02}" for n in range(53)]
    for group in groups:
        await world.opens(group, f"杭州·2026年3-5月·妇幼·1{group[1:]}")
        world.gateway.join(GroupId(group), PersonId(f"{group}妈"), Profile(f"{group}妈"))
    await world.passes(seconds=1)
    await world.goes_deaf()
    await world.passes(seconds=10)
    # The process stands still meanwhile, so nothing lapses by and by.
    world.clock.set(world.clock.now() + timedelta(minutes=11))
    await world.hears_again()
    await world.passes(seconds=0.5)
    assert sorted(world.greeted) == [f"{group}妈" for group in groups]
    assert all(each.message.round == 2 for each in world.said)


# A process that dies


async def test_what_a_killed_process_was_saying_is_not_said_again(world: World) -> None:
    await world.joins("豆豆妈")
    await dies_in_mid_sentence(world, seconds=8)
    await world.restarts()
    await world.passes(hours=3)
    assert kinds(world) == [Kind.NICKNAME, Kind.RULES]
    assert await states(world) == ["unsure", "sent", "sent"]


async def test_who_leaves_while_she_is_being_greeted_is_not_greeted_again(world: World) -> None:
    await world.joins("豆豆妈")
    await dies_in_mid_sentence(world, seconds=8)
    await world.leaves("豆豆妈")
    await world.joins("豆豆妈")
    await world.restarts()
    await world.passes(hours=3)
    assert world.greeted == []


async def test_a_later_process_leaves_alone_what_is_its_own(world: World) -> None:
    await world.joins("豆豆妈")
    await dies_in_mid_sentence(world, seconds=8)
    await world.passes(minutes=10)
    assert await states(world) == ["sending", "held", "held"]
    await world.restarts()
    await world.restarts()
    await world.passes(minutes=10)
    assert await states(world) == ["unsure", "sent", "sent"]


async def test_a_gateway_that_fails_in_an_unknown_way_may_have_spoken(world: World) -> None:
    world.gateway.failures.append(cast(DeliveryError, KeyError("a fault of the gateway")))
    await world.joins("豆豆妈")
    await world.passes(minutes=10)
    assert await states(world) == ["unsure", "sent", "sent"]


async def test_a_restart_does_not_speed_us_up(world: World) -> None:
    await world.rules(delivery={"per_minute": 1, "group_gap": 600})
    await world.joins("豆豆妈")
    await world.passes(seconds=8)
    await world.restarts()
    await world.passes(hours=1)
    assert kinds(world) == ROUND
    assert min(seconds_between(world)) >= 600


# A database that is lost


async def test_what_was_claimed_is_said_though_the_database_did_not_answer(world: World) -> None:
    unanswered = Unanswered(world.engine)
    world.simulation = Simulation(unanswered, ROUTER, world.gateway, world.clock)
    await world.joins("豆豆妈")
    await world.passes(minutes=10)
    assert kinds(world) == ROUND
    assert await states(world) == ["sent", "sent", "sent"]


async def test_what_lapsed_while_the_database_was_away_is_not_said(world: World) -> None:
    away = Away(world.engine, world.clock, timedelta(hours=1))
    world.simulation = Simulation(
        away,
        ROUTER,
        world.gateway,
        world.clock,
        dispatcher=Dispatcher(world.transactions, ROUTER),
    )
    await world.joins("豆豆妈")
    away.is_away = True
    assert await world.types("豆豆妈", "/帮助") == ""
    assert (await states(world))[0] == "lapsed"


# A handler that fails


def stumbles(world: World, *, before: bool) -> None:
    """Over whatever is said in g1: before it is said, or when it has been."""
    router = Router([ROUTER])

    @router.renders(*ROUND_STEPS)
    async def word(message: Outgoing, ctx: Context) -> Outgoing | None:
        if before and message.group == "g1":
            raise ArithmeticError("the words do not add up")
        return await ROUTER.render(message, ctx)

    @router.settled(*ROUND_STEPS)
    async def follow(message: Outgoing, verdict: Verdict, ctx: Context) -> None:
        if not before and message.group == "g1":
            raise ArithmeticError("what follows does not add up")

    world.simulation = Simulation(
        world.transactions, router, world.gateway, world.clock, holding=AlwaysHolds(2)
    )


@pytest.mark.parametrize("before", [True, False])
async def test_what_a_handler_fails_for_holds_up_nobody_else(world: World, before: bool) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    stumbles(world, before=before)
    await world.joins("豆豆妈")
    await world.joins("米粒妈", group="g2")
    await world.passes(minutes=10)
    assert [each.message.kind for each in world.heard(group="g2")] == ROUND
    g1 = [state for group, state in await _states_by_group(world) if group == "g1"]
    assert g1 == (["parked", "lapsed", "lapsed"] if before else ["sent", "sent", "sent"])


async def _states_by_group(world: World) -> list[tuple[str | None, str]]:
    statement = select(OutboxRow.group, OutboxRow.state).order_by(OutboxRow.id)
    async with world.engine.connect() as connection:
        return [(group, state) for group, state in await connection.execute(statement)]


# Pace


class SlowGateway(SimulatedGateway):
    """What it is given is heard five seconds later."""

    def __init__(self, clock: ManualClock, heard: list[datetime]) -> None:
        super().__init__(ACCOUNT, clock, lambda message: heard.append(clock.now()))
        self._passing = clock

    async def send(self, message: Outgoing) -> None:
        self._passing.set(self._passing.now() + timedelta(seconds=5))
        await super().send(message)


async def test_a_pause_begins_when_a_slow_gateway_is_done(world: World) -> None:
    await world.rules(delivery={"group_gap": 3})
    heard: list[datetime] = []
    world.gateway = SlowGateway(world.clock, heard)
    await world.restarts()
    world.gateway.connect()
    await world.opens()
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(heard)]
    assert len(gaps) == 2
    assert min(gaps) >= 5 + 3


async def test_what_lapses_while_another_is_being_said_is_given_up_then(world: World) -> None:
    """Though something waits whose time is longer."""
    await world.opens()
    world.gateway = SlowGateway(world.clock, [])
    await world.restarts()
    world.gateway.connect()
    now = world.clock.now()

    def reply(key: str, due: timedelta, lapses: timedelta) -> Outgoing:
        return Outgoing(
            key=key,
            kind=Kind.REPLY,
            account=ACCOUNT,
            text=key,
            due_at=now + due,
            lapses_at=now + lapses,
            group=GroupId(GROUP),
        )

    async def promise(facts: Unit) -> None:
        hour, moment = timedelta(hours=1), timedelta(seconds=4)
        for each in (
            reply("said", timedelta(0), hour),
            reply("too late", timedelta(0), moment),
            reply("later", hour, 2 * hour),
        ):
            facts.outbox.promise(each, now)

    await world.transactions.run(promise)
    await world.simulation.look_again()
    await world.passes(minutes=1)
    assert await states(world) == ["sent", "lapsed", "waiting"]


async def test_an_account_speaks_no_faster_than_its_pace(world: World) -> None:
    await world.rules(delivery={"per_minute": 3})
    for number in (2, 3):
        await world.opens(f"g{number}", f"杭州·2026年3-5月·妇幼·0{number}")
    for group in ("g1", "g2", "g3"):
        world.gateway.join(GroupId(group), PersonId(f"{group}妈"), Profile(f"{group}妈"))
    await world.passes(minutes=5)
    times = [each.at for each in world.said]
    assert len(times) == 9
    for first, fourth in zip(times, times[3:], strict=False):
        assert (fourth - first).total_seconds() >= 60
    assert (times[-1] - times[0]).total_seconds() < 180
    for group in ("g1", "g2", "g3"):
        said = world.heard(group=group)
        assert [each.message.kind for each in said] == ROUND
        assert all((b.at - a.at).total_seconds() >= 1.5 for a, b in pairwise(said))


async def test_a_group_may_be_given_a_slower_pace(world: World) -> None:
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await world.rules("group:g1", delivery={"group_gap": 1200})
    await world.joins("豆豆妈")
    await world.joins("米粒妈", group="g2")
    await world.passes(hours=1)
    quick, slow = world.heard(group="g2"), world.heard(group="g1")
    assert (quick[-1].at - quick[0].at).total_seconds() < 10
    assert all((b.at - a.at).total_seconds() >= 1200 for a, b in pairwise(slow))


async def test_no_more_reminders_a_day_than_the_budget_allows(world: World) -> None:
    await world.rules(
        onboarding={"remind_after": 0, "remind_gap": 3600, "remind_times": 5, "min_gap": 0},
        delivery={"daily_budget": 2},
        hours={"prenatal": ["08:00-22:00"]},
    )
    await world.until("2026-03-03 09:00")
    await world.joins("豆豆妈")
    await world.until("2026-03-03 23:59")
    assert len(world.heard(Kind.REMINDER)) == 2
    await world.until("2026-03-04 23:59")
    reminders = world.heard(Kind.REMINDER)
    assert len(reminders) == 4
    assert reminders[2].at >= shanghai("2026-03-04 07:30")


async def test_the_budget_does_not_hold_up_a_welcome(world: World) -> None:
    await world.rules(delivery={"daily_budget": 0})
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    assert kinds(world) == ROUND


async def test_reminders_of_many_groups_within_a_second(world: World) -> None:
    for number in (2, 3):
        await world.opens(f"g{number}", f"杭州·2026年3-5月·妇幼·0{number}")
    await world.until("2026-03-02 20:10")
    for group in ("g1", "g2", "g3"):
        await world.joins(f"{group}妈", group=group)
        await world.passes(seconds=0.3)
    await world.until("2026-03-03 21:00")
    assert len(world.heard(Kind.REMINDER)) == 3


# Quiet hours


async def test_what_was_promised_before_the_quiet_hours_waits_for_the_morning(
    world: World,
) -> None:
    await world.until("2026-03-02 22:59:51")
    await world.joins("豆豆妈")
    await world.until("2026-03-03 07:29:59")
    assert kinds(world) == [Kind.WELCOME]
    await world.until("2026-03-03 07:31")
    assert kinds(world) == ROUND
    assert world.said[1].at == shanghai("2026-03-03 07:30")


async def test_a_retry_that_falls_into_the_night_waits_too(world: World) -> None:
    fails(world, *[NotSent("no answer")] * 3)
    await world.until("2026-03-02 22:59:40")
    await world.joins("豆豆妈")
    await world.until("2026-03-03 07:29:59")
    assert world.said == []
    await world.until("2026-03-03 08:00")
    assert kinds(world) == ROUND


# Keys and mentions


async def test_no_key_is_ever_used_again(world: World) -> None:
    fails(world, Refused("no"), MaybeSent("lost"), NotSent("no answer"))
    for name in ("豆豆妈", "米粒妈", "小雨妈"):
        await world.joins(name)
        await world.passes(minutes=45)
        await world.restarts()
    async with world.engine.connect() as connection:
        rows = await connection.execute(select(func.count(), func.count(OutboxRow.key.distinct())))
        count, different = rows.one()
    assert count == different
    keys = [each.message.key for each in world.said]
    assert len(keys) == len(set(keys))


async def test_everyone_addressed_is_mentioned_and_a_few_are_named(world: World) -> None:
    people = [f"妈妈{n}" for n in range(7)]
    await world.joins(*people)
    await world.passes(minutes=1)
    welcome, nickname, rules = (each.message for each in world.said)
    assert sorted(welcome.mentions) == sorted(nickname.mentions) == people
    assert rules.mentions == ()
    for message in (welcome, nickname):
        assert [name for name in people if f"@{name}{MENTION_END}" in message.text] == people[:5]
        assert "等7位" in message.text
