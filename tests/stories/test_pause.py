"""The monitor asks the bot to be silent for a while; nothing is lost by it."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import scenario
from bot.postgres import throwaway
from bot.replay import replay
from models.delivery import NotSent, Refused
from models.events import GroupAdopted, GroupPaused, GroupReleased, GroupResumed
from models.ids import GroupId, PersonId
from models.messages import ROUND_STEPS, Kind, Outgoing
from models.people import Profile, Role
from models.stores.unit import Unit
from models.tables import OutboxRow
from tests.world import ACCOUNT, GROUP, NAME, World, shanghai

ROUND = list(ROUND_STEPS)
MONITOR = "小雨妈妈"


@pytest.fixture
async def led(world: World) -> World:
    """The group has a monitor, and nobody waits in it."""
    await world.opens("g1", NAME, people=(MONITOR,))
    await world.becomes(MONITOR, Role.MONITOR)
    return world


async def pauses(world: World) -> None:
    await world.says(MONITOR, "/暂停")


async def goes_on(world: World) -> None:
    await world.says(MONITOR, "/恢复")


async def promises(world: World, key: str, group: str = GROUP, **lapses: float) -> None:
    """Some feature has news for the group, worth nothing after a while."""
    now = world.clock.now()
    news = Outgoing(
        key=key,
        kind=Kind.NOTICE,
        account=ACCOUNT,
        group=GroupId(group),
        text=key,
        due_at=now,
        lapses_at=now + timedelta(**lapses),
    )

    async def work(facts: Unit) -> None:
        facts.outbox.promise(news, now)

    await world.transactions.run(work)


async def promised(world: World, key: str, group: str = GROUP, **lapses: float) -> None:
    """And the relay looks at it."""
    await promises(world, key, group, **lapses)
    await world.simulation.look_again()
    await world.passes(seconds=0)


def unprompted(world: World, group: str | None = None) -> list[Kind]:
    found = [each.message.kind for each in world.heard(group=group)]
    return [kind for kind in found if kind is not Kind.REPLY]


async def states(world: World) -> dict[str, str]:
    """Key -> state of whatever is no reply."""
    async with world.engine.connect() as connection:
        rows = await connection.execute(
            select(OutboxRow.key, OutboxRow.state)
            .where(OutboxRow.kind != Kind.REPLY)
            .order_by(OutboxRow.id)
        )
    return dict(rows.all())


# Silence


async def test_in_a_paused_group_only_replies_are_said(led: World) -> None:
    await pauses(led)
    await led.joins("豆豆妈", "米粒妈")
    await led.says("豆豆妈", "/群规")
    await led.passes(hours=3)
    assert unprompted(led) == []
    assert len(led.replies) == 2
    assert "安静" in led.replies[0]
    assert "约定" in led.replies[1]


async def test_those_who_came_meanwhile_are_greeted_together_at_once(led: World) -> None:
    await pauses(led)
    for name in ("豆豆妈", "米粒妈", "朵朵妈"):
        await led.joins(name)
        await led.passes(minutes=20)
    resumed = led.clock.now()
    await goes_on(led)
    await led.passes(minutes=1)
    assert led.rounds == [["朵朵妈", "米粒妈", "豆豆妈"]]
    assert led.seconds_to_welcome(resumed)[0] <= 3
    assert unprompted(led) == ROUND


async def test_afterwards_the_law_holds_as_ever(led: World) -> None:
    await led.joins("豆豆妈")
    await led.passes(seconds=30)
    said = led.heard(Kind.WELCOME)[0].at
    await pauses(led)
    await led.joins("米粒妈")
    await led.passes(seconds=20)
    await goes_on(led)
    await led.passes(minutes=10)
    assert led.rounds == [["豆豆妈"], ["米粒妈"]]
    assert led.seconds_to_welcome(said)[1] >= 120


async def test_who_left_during_the_pause_is_not_greeted(led: World) -> None:
    await pauses(led)
    await led.joins("豆豆妈", "米粒妈")
    await led.leaves("豆豆妈")
    await led.passes(hours=1)
    await goes_on(led)
    await led.passes(minutes=1)
    assert led.rounds == [["米粒妈"]]


async def test_resumed_at_night_the_group_is_greeted_in_the_morning(led: World) -> None:
    await pauses(led)
    await led.joins("豆豆妈")
    await led.until("2026-03-02 23:30")
    await goes_on(led)
    await led.until("2026-03-03 07:29:59")
    assert unprompted(led) == []
    await led.until("2026-03-03 07:31")
    assert led.greeted == ["豆豆妈"]


async def test_nobody_is_reminded_during_a_pause(led: World) -> None:
    await led.joins("豆豆妈")
    await led.passes(minutes=1)
    await pauses(led)
    await led.until("2026-03-06 12:30")
    assert led.heard(Kind.REMINDER) == []
    await goes_on(led)
    await led.until("2026-03-06 15:59")
    assert led.heard(Kind.REMINDER) == []
    await led.until("2026-03-06 16:10")
    assert len(led.heard(Kind.REMINDER)) == 1


async def test_nothing_is_due_in_a_paused_group(led: World) -> None:
    await led.joins("豆豆妈")
    await led.passes(minutes=1)
    await led.joins("米粒妈")
    await pauses(led)

    async def due(facts: Unit) -> list[datetime | None]:
        desk = await facts.desks.open(GroupId(GROUP))
        return [desk.due_at, desk.remind_at]

    assert await led.transactions.run(due) == [None, None]
    await goes_on(led)
    assert None not in await led.transactions.run(due)


async def test_other_groups_go_on(led: World) -> None:
    await led.opens("g2", "杭州·2026年3-5月·妇幼·02")
    await pauses(led)
    await led.joins("豆豆妈")
    await led.joins("米粒妈", group="g2")
    await led.passes(minutes=1)
    assert unprompted(led, "g2") == ROUND
    assert unprompted(led, "g1") == []


async def test_the_monitor_still_hears_in_private_what_her_group_needs(led: World) -> None:
    await pauses(led)
    now = led.clock.now()
    notice = Outgoing(
        key="needs",
        kind=Kind.STAFF_NOTICE,
        account=ACCOUNT,
        to=PersonId(MONITOR),
        text="有两个问题没人答",
        due_at=now,
        lapses_at=now + timedelta(hours=1),
    )

    async def work(facts: Unit) -> None:
        facts.outbox.promise(notice, now)

    await led.transactions.run(work)
    await led.simulation.look_again()
    await led.passes(seconds=5)
    assert [each.message.to for each in led.heard(Kind.STAFF_NOTICE)] == [MONITOR]


# What was promised already


async def test_a_round_that_is_half_said_goes_on_where_it_was(led: World) -> None:
    await led.joins("豆豆妈")
    await led.passes(seconds=8)
    assert unprompted(led) == [Kind.WELCOME]
    await pauses(led)
    await led.passes(hours=3)
    assert unprompted(led) == [Kind.WELCOME]
    await goes_on(led)
    await led.passes(seconds=10)
    assert unprompted(led) == ROUND
    assert led.greeted == ["豆豆妈"]


async def test_a_welcome_on_its_way_is_said_after_the_pause_however_long_it_is(
    led: World,
) -> None:
    """The pause comes between its being promised and its being said."""
    await led.rules("group:g1", delivery={"group_gap": 60})
    await led.joins("豆豆妈")
    await led.passes(seconds=5)
    await led.says(MONITOR, "/帮助")
    await led.passes(seconds=10)
    assert (await states(led))["onboarding.welcome:g1:1"] == "waiting"
    await pauses(led)
    await led.joins("米粒妈")
    await led.passes(hours=5)
    assert unprompted(led) == []
    assert (await states(led))["onboarding.welcome:g1:1"] == "paused"
    await led.until("2026-03-03 08:00")
    await goes_on(led)
    await led.passes(minutes=30)
    assert led.rounds == [["豆豆妈"], ["米粒妈"]]


async def test_what_is_held_back_lapses_later_by_as_long_as_it_was_held(led: World) -> None:
    await pauses(led)
    await led.passes(minutes=45)
    await promised(led, "news", minutes=60)
    await led.passes(minutes=90)
    assert await states(led) == {"news": "paused"}
    await led.goes_deaf()
    await led.happens(GroupResumed(at=led.clock.now(), by="运营小王", group=GroupId(GROUP)))
    await led.passes(minutes=59)
    assert await states(led) == {"news": "waiting"}
    await led.passes(minutes=2)
    assert await states(led) == {"news": "lapsed"}


async def test_time_before_the_pause_counts(led: World) -> None:
    await led.goes_deaf()
    await promised(led, "news", minutes=60)
    await led.passes(minutes=40)
    await led.happens(GroupPaused(at=led.clock.now(), by="运营小王", group=GroupId(GROUP)))
    await led.passes(hours=3)
    await led.happens(GroupResumed(at=led.clock.now(), by="运营小王", group=GroupId(GROUP)))
    await led.passes(minutes=19)
    assert (await states(led))["news"] == "waiting"
    await led.passes(minutes=2)
    assert (await states(led))["news"] == "lapsed"


async def test_what_lapsed_before_the_pause_is_lapsed(led: World) -> None:
    """The process stood still when its time passed, and the pause came afterwards."""
    await promises(led, "news", minutes=10)
    now = led.clock.now() + timedelta(minutes=20)
    led.clock.set(now)
    await led.simulation.dispatcher.decide(
        GroupPaused(at=now, by="运营小王", group=GroupId(GROUP)), now
    )
    await led.restarts()
    assert await states(led) == {"news": "lapsed"}


@pytest.mark.parametrize("looked", [True, False])
async def test_a_process_that_stands_still_during_the_pause_loses_nothing(
    led: World, looked: bool
) -> None:
    """Whether or not a relay has looked at it before the group goes on."""
    await pauses(led)
    await promises(led, "news", minutes=30)
    led.clock.set(led.clock.now() + timedelta(hours=2))
    if looked:
        await led.restarts()
        assert await states(led) == {"news": "paused"}
    now = led.clock.now()
    await led.simulation.dispatcher.decide(
        GroupResumed(at=now, by="运营小王", group=GroupId(GROUP)), now
    )
    await led.simulation.look_again()
    await led.passes(seconds=10)
    assert await states(led) == {"news": "sent"}


async def test_a_line_that_is_down_during_the_pause_loses_nothing(led: World) -> None:
    await pauses(led)
    await led.goes_deaf()
    await promised(led, "news", minutes=30)
    await led.passes(hours=2)
    assert await states(led) == {"news": "paused"}
    await led.hears_again()
    await goes_on(led)
    await led.passes(seconds=10)
    assert await states(led) == {"news": "sent"}


async def test_what_was_not_sent_is_tried_again_after_the_pause(led: World) -> None:
    led.gateway.failures.append(NotSent("no answer"))
    await led.joins("豆豆妈")
    await led.passes(seconds=9)
    await pauses(led)
    await led.passes(hours=4)
    assert unprompted(led) == []
    assert (await states(led))["onboarding.welcome:g1:1"] == "paused"
    await led.until("2026-03-03 08:00")
    await goes_on(led)
    await led.passes(minutes=1)
    assert unprompted(led) == ROUND


async def test_those_of_a_refused_welcome_wait_for_the_end_of_the_pause(led: World) -> None:
    led.gateway.failures.append(Refused("no"))
    await led.joins("豆豆妈")
    await led.passes(minutes=1)
    await pauses(led)
    await led.passes(hours=2)
    assert unprompted(led) == []
    await goes_on(led)
    await led.passes(minutes=1)
    assert led.greeted == ["豆豆妈"]


async def test_it_goes_on_at_once_though_nothing_else_happens(led: World) -> None:
    """Not even a reply that would wake the relay."""
    await pauses(led)
    await promised(led, "news", minutes=30)
    await led.passes(hours=1)
    await led.happens(GroupResumed(at=led.clock.now(), by="运营小王", group=GroupId(GROUP)))
    await led.passes(seconds=1)
    assert await states(led) == {"news": "sent"}


async def test_paused_again_before_anything_was_said(led: World) -> None:
    """Each pause moves the lapse by its own length."""
    await pauses(led)
    await promised(led, "news", minutes=60)
    await led.goes_deaf()
    group = GroupId(GROUP)
    for event in (GroupResumed, GroupPaused, GroupResumed):
        await led.passes(minutes=30)
        await led.happens(event(at=led.clock.now(), by="运营小王", group=group))
    # Held for 30 minutes, free for 30, held for 30: half an hour is left.
    await led.passes(minutes=29)
    assert await states(led) == {"news": "waiting"}
    await led.passes(minutes=2)
    assert await states(led) == {"news": "lapsed"}


async def test_what_is_due_only_later_is_not_held_back(led: World) -> None:
    await pauses(led)
    now = led.clock.now()
    later = Outgoing(
        key="later",
        kind=Kind.NOTICE,
        account=ACCOUNT,
        group=GroupId(GROUP),
        text="later",
        due_at=now + timedelta(hours=2),
        lapses_at=now + timedelta(hours=3),
    )

    async def work(facts: Unit) -> None:
        facts.outbox.promise(later, now)

    await led.transactions.run(work)
    await led.passes(hours=1)
    await goes_on(led)
    await led.passes(minutes=59)
    assert led.heard(Kind.NOTICE) == []
    await led.passes(minutes=2)
    assert len(led.heard(Kind.NOTICE)) == 1


# Restarts, released groups, and time


async def test_a_restart_does_not_end_the_pause(led: World) -> None:
    await led.joins("豆豆妈")
    await led.passes(seconds=8)
    await pauses(led)
    await led.restarts()
    await led.joins("米粒妈")
    await led.passes(hours=1)
    await led.restarts()
    assert unprompted(led) == [Kind.WELCOME]
    await goes_on(led)
    await led.restarts()
    await led.passes(minutes=10)
    assert led.rounds == [["豆豆妈"], ["米粒妈"]]


async def test_a_group_released_while_paused_is_left_in_peace(led: World) -> None:
    await pauses(led)
    await promised(led, "news", hours=12)
    await led.joins("豆豆妈")
    released = GroupReleased(at=led.clock.now(), by="运营小王", group=GroupId(GROUP))
    await led.happens(released)
    await led.passes(hours=2)
    assert unprompted(led) == []
    assert await states(led) == {"news": "lapsed"}


async def test_and_adopted_again_it_is_not_paused(led: World) -> None:
    await pauses(led)
    group = GroupId(GROUP)
    await led.happens(GroupReleased(at=led.clock.now(), by="运营小王", group=group))
    await led.passes(hours=1)
    await led.happens(GroupAdopted(at=led.clock.now(), by="运营小王", group=group))
    await led.looks()
    await led.joins("米粒妈")
    await led.passes(minutes=1)
    assert led.greeted == ["米粒妈"]


async def test_time_does_not_wait_for_what_is_held_back(led: World) -> None:
    """A demo that skips to the next thing to see does not skip to the end of days."""
    await led.joins("豆豆妈")
    await led.passes(seconds=8)
    await pauses(led)
    await promised(led, "news", hours=1)
    await led.passes(seconds=10)
    assert "paused" in (await states(led)).values()
    moments = 0
    while (due := led.simulation.next_due()) is not None and moments < 50:
        assert led.clock.now() < due < led.clock.now() + timedelta(days=31)
        await led.until(due)
        moments += 1
    assert set((await states(led)).values()) == {"sent", "paused", "held"}
    assert unprompted(led, GROUP) == [Kind.WELCOME]


# What the monitor is told


async def test_pausing_twice_and_resuming_twice(led: World) -> None:
    for typed in ("/恢复", "/暂停", "／暂停", "/恢复", "/恢复"):
        await led.says(MONITOR, typed)
        await led.passes(minutes=1)
    assert led.replies == [
        "本群没有暂停，我一直在呢～",
        "好的，本群我先安静，只回复命令。要说的我都留着，发 /恢复 就继续",
        "本群从3月2日19:01起就暂停着呢，发 /恢复 我再说话",
        "好的，本群我接着说话了～",
        "本群没有暂停，我一直在呢～",
    ]


async def test_from_her_private_chat(led: World) -> None:
    await led.tells_us(MONITOR, "暂停")
    await led.joins("豆豆妈")
    await led.passes(minutes=1)
    assert unprompted(led) == []
    assert f"「{NAME}」" in led.replies[0]
    await led.tells_us(MONITOR, "恢复")
    await led.passes(minutes=1)
    assert led.greeted == ["豆豆妈"]


async def test_members_cannot_pause(led: World) -> None:
    await led.joins("豆豆妈")
    await led.says("豆豆妈", "/暂停")
    await led.passes(minutes=1)
    assert led.greeted == ["豆豆妈"]


# Replay


async def test_a_replayed_pause_is_the_same_every_time(template: str, worker: str) -> None:
    def at(clock: str, **line: object) -> str:
        return json.dumps({"at": f"2026-03-02T{clock}+08:00", "group": "g1", **line})

    lines = [
        json.dumps({"type": "group", "group": "g1", "name": NAME}),
        json.dumps({"type": "member", "group": "g1", "member": "u1", "role": "monitor"}),
        at("20:00:00", type="joined", member="u2"),
        at("20:00:09", type="said", member="u1", id="m1", text="/暂停"),
        # The same second: whatever comes after the pause is in it.
        at("20:00:09", type="joined", member="u3"),
        at("20:30:00", type="said", member="u1", id="m2", text="/恢复"),
        at("20:30:00", type="joined", member="u4"),
        json.dumps({"type": "until", "at": "2026-03-02T23:00:00+08:00"}),
    ]
    plays: list[list[str]] = []
    for number in range(2):
        async with throwaway(template, f"pause_{worker}_{number}") as engine:
            said: list[str] = []
            await replay(scenario.read(lines), engine, said.append, state=True)
            plays.append(said)
    assert plays[0] == plays[1]
    *heard, state = (json.loads(each) for each in plays[0])
    assert [(each["at"][11:16], each["kind"]) for each in heard[:4]] == [
        ("20:00", "onboarding.welcome"),
        ("20:00", "command.reply"),
        ("20:30", "command.reply"),
        ("20:30", "onboarding.nickname"),
    ]
    greeted = [each["mentions"] for each in heard if each["kind"] == Kind.WELCOME]
    assert greeted == [["u2"], ["u3", "u4"]]
    assert state == {"type": "outbox", "waiting": 0, "parked": 0}


# Whatever happens

Step = tuple[str, int]
gaps = st.sampled_from([0.3, 1, 7, 8, 9, 60, 119, 121, 600, 1800, 3600, 20_000])
steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("comes or goes"), st.integers(0, 5)),
    st.tuples(st.just("comes or goes"), st.integers(0, 5)),
    st.tuples(st.just("pauses or goes on"), st.just(0)),
    st.tuples(st.just("hurries"), st.just(0)),
    st.tuples(st.just("news"), st.sampled_from([60, 3600])),
    st.tuples(st.just("restart"), st.just(0)),
    st.tuples(st.just("not sent"), st.integers(1, 2)),
    st.tuples(st.just("refused"), st.just(0)),
)


@pytest.fixture
def groups() -> Iterator[str]:
    return (f"p{n}" for n in range(10_000))


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    # The world goes on from one example to the next; each has a group of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(st.tuples(gaps, steps), min_size=4, max_size=20))
async def test_nothing_is_said_in_a_pause_and_nothing_is_lost_by_it(
    world: World, groups: Iterator[str], history: list[tuple[float, Step]]
) -> None:
    await world.rules(delivery={"per_minute": 100_000}, onboarding={"remind_times": 0})
    tomorrow = (world.clock.now() + timedelta(days=1)).date()
    await world.until(shanghai(f"{tomorrow} 09:00"))
    group = next(groups)
    await world.opens(group, "杭州·2026年3-5月·妇幼·09", people=(MONITOR,))
    await world.becomes(MONITOR, Role.MONITOR, group)
    silences: list[tuple[datetime, datetime]] = []
    paused_at: datetime | None = None
    for number, (gap, (what, which)) in enumerate(history):
        await world.passes(seconds=gap)
        person = PersonId(f"妈{which}")
        match what:
            case "comes or goes" if person in world.gateway.people(GroupId(group)):
                world.gateway.leave(GroupId(group), person)
            case "comes or goes":
                world.gateway.join(GroupId(group), person, Profile(person))
            case "pauses or goes on" if paused_at is None:
                paused_at = world.clock.now()
                await world.says(MONITOR, "/暂停", group)
            case "pauses or goes on":
                assert paused_at is not None
                silences.append((paused_at, world.clock.now()))
                paused_at = None
                await world.says(MONITOR, "/恢复", group)
            case "hurries":
                await world.says(MONITOR, "/欢迎", group)
            case "news":
                await promised(world, f"news:{group}:{number}", group, seconds=which)
            case "restart":
                await world.restarts()
            case "not sent":
                world.gateway.failures.extend([NotSent("no answer")] * which)
            case "refused":
                world.gateway.failures.append(Refused("no"))
        await world.passes(seconds=0)
    world.gateway.failures.clear()
    if paused_at is not None:
        silences.append((paused_at, world.clock.now()))
        await world.says(MONITOR, "/恢复", group)
    await world.passes(days=2)

    heard = [each for each in world.heard(group=group) if each.message.kind is not Kind.REPLY]
    for begin, end in silences:
        assert not [each for each in heard if begin < each.at < end]
    welcomes = [each for each in heard if each.message.kind is Kind.WELCOME]
    for sooner, later in pairwise(welcomes):
        assert later.at - sooner.at >= timedelta(minutes=2)
    greeted = Counter(who for each in welcomes for who in each.message.mentions)
    here = {who for who in world.gateway.people(GroupId(group)) if who.startswith("妈")}
    assert set(greeted.values()) <= {1}
    assert here <= set(greeted)
    async with world.engine.connect() as connection:
        left = await connection.scalars(
            select(OutboxRow.state).where(OutboxRow.group == group, OutboxRow.settled_at.is_(None))
        )
    assert left.all() == []
    await world.lets_go(group)
