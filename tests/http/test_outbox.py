"""What was promised is looked at over HTTP, and people decide about single messages."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from models.delivery import DeliveryError, MaybeSent, NotSent, Refused, State
from models.events import RulesChanged
from models.ids import AccountId, GroupId, OutboxId, PersonId
from models.messages import ROUND_STEPS, Kind, Outgoing
from models.stores.outbox import OutboxStore
from models.stores.unit import Unit
from models.tables import OutboxRow
from tests.http.api import API, as_operator, as_viewer, items, refused
from tests.world import ACCOUNT, GROUP, World

OUTBOX = f"{API}/outbox"
ROUND = list(ROUND_STEPS)


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


async def promises(world: World, key: str = "k", **facts: Any) -> int:
    """Something is to be said in an hour, in the group unless it is for a person; its id."""
    now = world.clock.now()
    given: dict[str, Any] = {
        "kind": Kind.NOTICE,
        "account": ACCOUNT,
        "group": None if "to" in facts else GROUP,
        "text": "明天上午九点有讲座",
        "due_at": now + timedelta(hours=1),
        "lapses_at": now + timedelta(hours=3),
    }
    message = Outgoing(key=key, **given | facts)

    async def work(facts: Unit) -> int:
        facts.outbox.promise(message, now)
        await facts.outbox.flush()
        found = await facts.connection.scalars(select(OutboxRow.id).where(OutboxRow.key == key))
        return found.one()

    number = await world.transactions.run(work)
    await goes_on(world)
    return number


async def goes_on(world: World, **time: float) -> None:
    await world.simulation.look_again()
    await world.passes(**time or {"seconds": 0})


async def does(http: httpx.AsyncClient, number: int, verb: str, **body: Any) -> dict[str, Any]:
    answer = await http.post(f"{OUTBOX}/{number}/{verb}", json=body or None)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def stand(http: httpx.AsyncClient, **asked: Any) -> list[tuple[str, str]]:
    found = await items(http, "/outbox", sort="id", **asked)
    return [(each["kind"], each["state"]) for each in found]


async def round_waits(world: World) -> None:
    """A round is promised, and nothing of it said: we are cut off just now."""
    await world.joins("豆豆妈", "米粒妈")
    world.gateway.disconnect()
    await world.passes(seconds=30)


async def a_step_fails(world: World, failure: DeliveryError) -> None:
    """The nickname, once the welcome is said."""
    await world.joins("豆豆妈")
    await world.passes(seconds=9)
    assert world.greeted == ["豆豆妈"]
    world.gateway.failures.append(failure)


def texts(world: World) -> list[str]:
    return [each.message.text for each in world.said]


# Looking


async def test_a_promise_is_shown_as_it_stands(world: World, http: httpx.AsyncClient) -> None:
    number = await promises(world)
    (told,) = await items(http, "/outbox")
    assert told == {
        "id": number,
        "account": ACCOUNT,
        "group": GROUP,
        "to": None,
        "kind": "group.notice",
        "round": None,
        "step": 0,
        "state": "waiting",
        "attempts": 0,
        "promised_at": "2026-03-02T19:00:00+08:00",
        "due_at": "2026-03-02T20:00:00+08:00",
        "lapses_at": "2026-03-02T22:00:00+08:00",
        "settled_at": None,
        "reason": None,
        "group_name": "杭州·2026年3-5月·妇幼·01",
        "key": "k",
        "text": "明天上午九点有讲座",
        "mentions": [],
        "attachment": None,
        "proposal": None,
    }
    assert (await http.get(f"{OUTBOX}/{number}")).json() == told
    refused(await http.get(f"{OUTBOX}/{number + 1}"), 404)
    refused(await http.get(f"{OUTBOX}/0"), 422, "message")
    refused(await http.get(f"{OUTBOX}/{2**63}"), 422, "message")


async def test_promises_are_found_by_what_they_are(world: World, http: httpx.AsyncClient) -> None:
    await world.opens("g2", "宁波·2026年3-5月·爱婴·01")
    first = await promises(world, "a")
    await world.passes(minutes=10)
    second = await promises(world, "b", group=GroupId("g2"), kind=Kind.REPLY)
    third = await promises(world, "c", to=PersonId("u1"), account=AccountId("other"))
    await does(http, third, "cancel")

    async def found(**asked: Any) -> list[int]:
        return [each["id"] for each in await items(http, "/outbox", **asked)]

    assert await found() == [third, second, first]
    assert await found(sort="due_at", limit=1) == [first, second, third]
    assert await found(group="g2") == [second]
    assert await found(channel="爱婴") == [second]
    assert await found(channel="nowhere") == []
    assert await found(person="u1") == [third]
    assert await found(account="other") == [third]
    assert await found(state=["waiting", "paused"]) == [second, first]
    assert await found(state="lapsed") == [third]
    assert await found(kind=["command.reply", "content.dry"]) == [second]
    assert await found(until="2026-03-02T19:10:00+08:00") == [first]
    assert await found(since="2026-03-02T19:10:00+08:00") == [third, second]
    assert await found(since="2026-03-03T00:00:00Z", until="2026-03-02T00:00:00Z") == []
    for wrong in ({"state": "gone"}, {"kind": "x"}, {"sort": "text"}):
        refused(await http.get(OUTBOX, params=wrong), 422)
    table = await http.get(OUTBOX, params={"format": "csv", "group": "g2"})
    assert "爱婴" in table.text


async def test_what_is_said_is_told_to_those_in_charge(world: World) -> None:
    await promises(world, "to the group", text="大家好")
    await promises(world, "redeemed:g1:123456", to=PersonId("u1"), text="兑换码 123456")
    for client, keys, said in (
        (await as_viewer(world), [None, None], [None, None]),
        (
            await as_operator(world, channels=["妇幼"]),
            [None, "to the group"],
            [None, "大家好"],
        ),
    ):
        async with client as http:
            found = await items(http, "/outbox")
            assert [each["key"] for each in found] == keys
            assert [each["text"] for each in found] == said
            assert found[0]["mentions"] is None
            assert "123456" not in (await http.get(f"{OUTBOX}/{found[0]['id']}")).text
            assert "123456" not in (await http.get(OUTBOX, params={"format": "csv"})).text


# Who may


async def test_an_operator_decides_about_what_is_said_in_her_groups(world: World) -> None:
    hers, private = await promises(world, "a"), await promises(world, "b", to=PersonId("u1"))
    verbs = ("cancel", "send-now", "retry", "resolve")
    async with await as_viewer(world) as viewer:
        for verb in verbs:
            answer = await viewer.post(f"{OUTBOX}/{hers}/{verb}", json={"said": True})
            refused(answer, 403)
    async with await as_operator(world, channels=["爱婴"]) as other:
        for verb in verbs:
            answer = await other.post(f"{OUTBOX}/{hers}/{verb}", json={"said": True})
            assert f"group:{GROUP}" in refused(answer, 403)["detail"]
            refused(await other.post(f"{OUTBOX}/99/{verb}", json={"said": True}), 404)
    async with await as_operator(world, groups=[GROUP]) as operator:
        refused(await operator.post(f"{OUTBOX}/{private}/cancel"), 403)
        assert (await does(operator, hers, "cancel"))["reason"] == "cancelled by 运营小李"


async def test_what_is_decided_is_noted_without_what_it_says(
    world: World, http: httpx.AsyncClient
) -> None:
    number = await promises(world, to=PersonId("u1"), text="豆豆妈,您的兑换码是123456")
    tag = (await http.get(f"{OUTBOX}/{number}")).headers["ETag"]
    path = f"{OUTBOX}/{number}/cancel"
    refused(await http.post(path, headers={"If-Match": '"another"'}), 412)
    assert (await http.post(path, headers={"If-Match": tag})).status_code == 200
    (entry,) = await items(http, "/audit", target=f"message:{number}")
    assert (entry["action"], entry["group"]) == ("promise_cancelled", None)
    assert (entry["before"]["state"], entry["after"]["state"]) == ("waiting", "lapsed")
    assert "123456" not in str(entry)


# Cancelling


async def test_what_is_cancelled_is_never_said(world: World, http: httpx.AsyncClient) -> None:
    number = await promises(world)
    told = await does(http, number, "cancel")
    assert (told["state"], told["reason"]) == ("lapsed", "cancelled by 运营小王")
    await goes_on(world, hours=4)
    assert world.said == []
    again = await http.post(f"{OUTBOX}/{number}/cancel")
    assert refused(again, 409)["detail"] == "it is not said any more"


async def test_without_its_welcome_a_round_is_not_said_and_its_people_wait_for_another(
    world: World, http: httpx.AsyncClient
) -> None:
    await round_waits(world)
    welcome, _, _ = await items(http, "/outbox", sort="id")
    assert welcome["state"] == "waiting"
    await does(http, welcome["id"], "cancel")
    assert [state for _, state in await stand(http)] == ["lapsed"] * 3
    world.gateway.connect()
    await goes_on(world, hours=1)
    assert world.rounds == [["米粒妈", "豆豆妈"]]
    assert [each.message.kind for each in world.said][:3] == ROUND
    assert len(await items(http, "/outbox", kind="onboarding.welcome")) == 2


async def test_a_step_that_is_cancelled_lets_the_next_one_go_in_its_turn(
    world: World, http: httpx.AsyncClient
) -> None:
    await round_waits(world)
    _, nickname, _ = await items(http, "/outbox", sort="id")
    await does(http, nickname["id"], "cancel")
    assert [state for _, state in await stand(http)] == ["waiting", "lapsed", "held"]
    world.gateway.connect()
    await goes_on(world, minutes=2)
    assert [each.message.kind for each in world.said] == [Kind.WELCOME, Kind.RULES]


async def test_a_step_whose_turn_it_is_lets_the_next_one_go_at_once(
    world: World, http: httpx.AsyncClient
) -> None:
    await a_step_fails(world, NotSent("busy", after=timedelta(minutes=10)))
    await world.passes(seconds=30)
    assert [state for _, state in await stand(http)] == ["sent", "waiting", "held"]
    _, nickname, _ = await items(http, "/outbox", sort="id")
    await does(http, nickname["id"], "cancel")
    await goes_on(world, seconds=30)
    assert [each.message.kind for each in world.said] == [Kind.WELCOME, Kind.RULES]


# A relay and a person at the same moment


async def test_what_a_relay_has_claimed_can_not_be_cancelled(
    world: World, http: httpx.AsyncClient
) -> None:
    number = await promises(world)
    later = world.clock.now() + timedelta(hours=1)
    async with world.engine.begin() as relay:
        store = OutboxStore(relay)
        (claimed,) = await store.due(ACCOUNT, later, [], 50)
        deciding = asyncio.create_task(http.post(f"{OUTBOX}/{number}/cancel"))
        await store.sending([claimed.id], epoch=1)
    detail = refused(await deciding, 409)["detail"]
    assert detail == "it is being said"
    assert await stand(http) == [("group.notice", "sending")]


async def test_what_somebody_cancels_is_not_claimed(world: World, http: httpx.AsyncClient) -> None:
    number = await promises(world)
    later = world.clock.now() + timedelta(hours=1)
    async with world.engine.begin() as person:
        assert await OutboxStore(person).take(OutboxId(number)) is not None
        async with world.engine.begin() as relay:
            assert await OutboxStore(relay).due(ACCOUNT, later, [], 50) == []
        await person.execute(
            update(OutboxRow).where(OutboxRow.id == number).values(state=State.LAPSED)
        )
    async with world.engine.begin() as relay:
        assert await OutboxStore(relay).due(ACCOUNT, later, [], 50) == []


async def test_each_of_many_is_either_said_or_cancelled(
    world: World, http: httpx.AsyncClient
) -> None:
    """The relay says them while somebody cancels all: both are answered, and neither waits for
    ever."""
    quick = {"delivery": {"group_gap": 0, "jitter": 0, "per_minute": 1000}}
    now = world.clock.now()
    await world.happens(RulesChanged(at=now, by="运营小王", scope="everywhere", changes=quick))
    now = world.clock.now()
    for n in range(12):
        await world.opens(f"x{n}", f"杭州·2026年3-5月·妇幼·{n + 2:02}")
    numbers = [
        await promises(world, f"k{n}", group=GroupId(f"x{n % 12}"), text=f"第{n}条")
        for n in range(36)
    ]
    assert world.clock.now() == now

    async def cancels(number: int) -> int:
        return (await http.post(f"{OUTBOX}/{number}/cancel")).status_code

    async def all_cancel() -> list[int]:
        return [await cancels(each) for each in reversed(numbers)]

    _, answers = await asyncio.gather(world.passes(hours=2), all_cancel())
    cancelled = {
        number for number, status in zip(reversed(numbers), answers, strict=True) if status == 200
    }
    said = {each["id"] for each in await items(http, "/outbox", state="sent")}
    assert said | cancelled == set(numbers)
    assert not said & cancelled
    assert sorted(texts(world)) == sorted(
        f"第{n}条" for n, each in enumerate(numbers) if each in said
    )


# Ahead of its hour


async def test_it_is_said_now_rather_than_later(world: World, http: httpx.AsyncClient) -> None:
    number = await promises(world)
    told = await does(http, number, "send-now")
    assert told["due_at"] == "2026-03-02T19:00:00+08:00"
    assert told["lapses_at"] == "2026-03-02T21:00:00+08:00", "it has the time that it had"
    await goes_on(world)
    assert texts(world) == ["明天上午九点有讲座"]
    again = await http.post(f"{OUTBOX}/{number}/send-now")
    assert refused(again, 409)["detail"] == "it was said"


async def test_an_attempt_that_was_put_off_is_made_now(
    world: World, http: httpx.AsyncClient
) -> None:
    world.gateway.failures.append(NotSent("busy", after=timedelta(minutes=20)))
    number = await promises(world, due_at=world.clock.now())
    assert await stand(http) == [("group.notice", "waiting")]
    await does(http, number, "send-now")
    await goes_on(world, seconds=5)
    assert len(texts(world)) == 1


async def test_quiet_hours_hold_also_for_what_is_hurried(
    world: World, http: httpx.AsyncClient
) -> None:
    """And it does not last the longer for being hurried again and again."""
    await world.until("2026-03-02 23:30")
    number = await promises(world, lapses_at=world.clock.now() + timedelta(hours=2))
    for _ in range(3):
        await does(http, number, "send-now")
        await goes_on(world, minutes=1)
        told = (await http.get(f"{OUTBOX}/{number}")).json()
        assert told["due_at"] == "2026-03-03T07:30:00+08:00"
        assert told["lapses_at"] == "2026-03-03T08:30:00+08:00"
    assert world.said == []
    await world.until("2026-03-03 07:31")
    assert len(texts(world)) == 1


async def test_nothing_is_said_ahead_of_an_earlier_step_or_in_a_paused_group(
    world: World, http: httpx.AsyncClient
) -> None:
    await round_waits(world)
    _, nickname, _ = await items(http, "/outbox", sort="id")
    answer = await http.post(f"{OUTBOX}/{nickname['id']}/send-now")
    assert refused(answer, 409)["detail"] == "an earlier step of its round comes first"
    number = await promises(world, "later")
    async with world.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE chat_group SET paused_at = '2026-03-02 19:00+08' WHERE id = 'g1'"
        )
    answer = await http.post(f"{OUTBOX}/{number}/send-now")
    assert refused(answer, 409)["detail"] == "its group is paused"


# After all


async def test_what_was_refused_is_said_once_the_cause_is_mended(
    world: World, http: httpx.AsyncClient
) -> None:
    world.gateway.failures.append(Refused("we are muted"))
    number = await promises(world, due_at=world.clock.now())
    assert await stand(http, state=["parked", "unsure"]) == [("group.notice", "parked")]
    await world.passes(hours=20)
    told = await does(http, number, "retry")
    assert (told["state"], told["attempts"], told["reason"]) == ("waiting", 0, None)
    assert told["lapses_at"] == "2026-03-04T03:00:00+08:00", "by the rule: twelve hours"
    await goes_on(world)
    assert texts(world) == ["明天上午九点有讲座"]
    assert await stand(http) == [("group.notice", "sent")]


async def test_it_may_be_refused_again_and_again(world: World, http: httpx.AsyncClient) -> None:
    world.gateway.failures += [Refused("we are muted")] * 2
    number = await promises(world, due_at=world.clock.now())
    await does(http, number, "retry")
    await goes_on(world, seconds=5)
    assert await stand(http) == [("group.notice", "parked")]
    await does(http, number, "retry")
    await goes_on(world, seconds=5)
    assert len(texts(world)) == 1


async def test_those_of_a_refused_welcome_are_greeted_with_another_round_anyway(
    world: World, http: httpx.AsyncClient
) -> None:
    world.gateway.failures.append(Refused("we are muted"))
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    welcome, *_ = await items(http, "/outbox", sort="id")
    assert welcome["state"] == "parked"
    answer = await http.post(f"{OUTBOX}/{welcome['id']}/retry")
    assert "greeted with another round" in refused(answer, 409)["detail"]
    await goes_on(world, hours=1)
    assert world.greeted == ["豆豆妈"]


async def test_a_refused_step_is_said_before_the_steps_after_it_or_not_at_all(
    world: World, http: httpx.AsyncClient
) -> None:
    await a_step_fails(world, Refused("a forbidden word"))
    await world.passes(minutes=1)
    assert [state for _, state in await stand(http)] == ["sent", "parked", "waiting"]
    _, nickname, rules = await items(http, "/outbox", sort="id")
    lapses_at = rules["lapses_at"]
    world.gateway.failures.append(NotSent("busy", after=timedelta(minutes=10)))
    await does(http, nickname["id"], "retry")
    await goes_on(world, minutes=6)
    assert [state for _, state in await stand(http)] == ["sent", "waiting", "held"]
    await goes_on(world, minutes=6)
    assert [each.message.kind for each in world.said] == ROUND
    assert lapses_at > nickname["lapses_at"]


async def test_a_round_that_has_gone_on_does_not_go_back(
    world: World, http: httpx.AsyncClient
) -> None:
    await a_step_fails(world, Refused("a forbidden word"))
    await world.passes(minutes=10)
    _, nickname, rules = await items(http, "/outbox", sort="id")
    assert rules["state"] == "sent"
    answer = await http.post(f"{OUTBOX}/{nickname['id']}/retry")
    assert refused(answer, 409)["detail"] == "its round has gone on without it"


@pytest.mark.parametrize("kind", [Kind.REMINDER, Kind.AWARDED, Kind.DRY, Kind.WET, Kind.WARM])
async def test_what_something_else_came_for_is_not_said_after_all(
    world: World, http: httpx.AsyncClient, kind: Kind
) -> None:
    number = await promises(world, kind=kind)
    async with world.engine.begin() as connection:
        await connection.execute(update(OutboxRow).values(state=State.PARKED))
    refused(await http.post(f"{OUTBOX}/{number}/retry"), 409)


async def test_what_is_forgotten_can_not_be_said(world: World, http: httpx.AsyncClient) -> None:
    world.gateway.failures.append(Refused("not a friend"))
    number = await promises(world, to=PersonId("u1"), due_at=world.clock.now())
    async with world.engine.begin() as connection:
        await connection.execute(update(OutboxRow).values(text=""))
    answer = await http.post(f"{OUTBOX}/{number}/retry")
    assert refused(answer, 409)["detail"] == "what it said is forgotten"


async def test_in_a_group_that_is_not_ours_nothing_is_said_after_all(
    world: World, http: httpx.AsyncClient
) -> None:
    world.gateway.failures.append(Refused("we are muted"))
    number = await promises(world, due_at=world.clock.now())
    await world.lets_go()
    answer = await http.post(f"{OUTBOX}/{number}/retry")
    assert refused(answer, 409)["detail"] == "its group is not ours any more"


# Unsure


async def test_somebody_saw_that_it_was_said(world: World, http: httpx.AsyncClient) -> None:
    world.gateway.failures.append(MaybeSent("the line was cut"))
    number = await promises(world, due_at=world.clock.now())
    refused(await http.post(f"{OUTBOX}/{number}/retry"), 409)
    told = await does(http, number, "resolve", said=True)
    assert (told["state"], told["reason"]) == ("sent", "said, as 运营小王 saw")
    refused(await http.post(f"{OUTBOX}/{number}/resolve", json={"said": False}), 409)


async def test_somebody_saw_that_it_was_not_said(world: World, http: httpx.AsyncClient) -> None:
    world.gateway.failures.append(MaybeSent("the line was cut"))
    number = await promises(world, due_at=world.clock.now())
    told = await does(http, number, "resolve", said=False)
    assert (told["state"], told["reason"]) == ("parked", "not said, as 运营小王 saw")
    assert world.said == []
    await does(http, number, "retry")
    await goes_on(world, seconds=5)
    assert len(texts(world)) == 1


@pytest.mark.parametrize("body", [{}, {"said": 1}, {"said": None}, {"said": True, "x": 1}])
async def test_it_is_said_or_it_is_not(http: httpx.AsyncClient, body: dict[str, Any]) -> None:
    refused(await http.post(f"{OUTBOX}/1/resolve", json=body), 422)
