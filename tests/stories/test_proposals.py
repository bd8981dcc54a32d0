"""An account can't speak by itself: an owner pastes what it would have said, or says no."""

import pytest

from handlers.proposals.policy import ProposalRefused
from models.events import ProposalDecision, ProposalDeclined, ProposalDone
from models.ids import PersonId
from models.proposals import Proposal, ProposalState
from models.stores.unit import Unit
from tests.proposing import (
    mass_send,
    messages_of,
    needs_confirmation,
    round_to_paste,
    stands,
    template_to_apply,
)
from tests.stories.quiet import without_posts
from tests.world import GROUP, World


@pytest.fixture
async def world(world: World) -> World:
    await without_posts(world)
    await needs_confirmation(world)
    return world


def done(world: World, proposal: Proposal, *named: str) -> ProposalDone:
    people = tuple(map(PersonId, named)) or None
    return ProposalDone(at=world.clock.now(), by="群主", proposal=proposal.key, named=people)


def declined(world: World, proposal: Proposal, by: str = "群主") -> ProposalDeclined:
    return ProposalDeclined(at=world.clock.now(), by=by, proposal=proposal.key)


async def decide(world: World, decision: ProposalDecision) -> None:
    await world.simulation.dispatcher.decide(decision, world.clock.now())
    await world.simulation.look_again()


async def waiting(world: World) -> list[str]:
    async def work(facts: Unit) -> list[str]:
        return sorted(each.person for each in await facts.newcomers.waiting(GROUP))

    return await world.transactions.read(work)


async def greeted(world: World, *people: str) -> list[str]:
    async def work(facts: Unit) -> list[str]:
        found = [await facts.newcomers.get(GROUP, PersonId(each)) for each in people]
        return [each.person for each in found if each is not None and each.greeted_at is not None]

    return await world.transactions.read(work)


async def test_what_she_pasted_counts_as_said_and_its_people_are_greeted(world: World) -> None:
    proposal = await round_to_paste(world, "豆豆妈", "小雨")
    await decide(world, done(world, proposal, "豆豆妈", "小雨"))
    both = ["小雨", "豆豆妈"]
    assert await messages_of(world, proposal) == [
        ("onboarding.welcome", "sent", both),
        ("onboarding.nickname", "sent", both),
        ("onboarding.rules", "sent", []),
    ]
    after = await stands(world, proposal)
    assert (after.state, after.reason) == (ProposalState.DONE, "done, as 群主 said")
    assert after.settled_at == world.clock.now()
    assert await greeted(world, *both) == both
    assert await waiting(world) == []


async def test_who_is_not_in_the_text_that_she_pasted_waits_for_the_next_one(world: World) -> None:
    proposal = await round_to_paste(world, "豆豆妈", "小雨", "果果妈")
    await decide(world, done(world, proposal, "豆豆妈", "小雨"))
    welcome = (await messages_of(world, proposal))[0]
    assert welcome == ("onboarding.welcome", "sent", ["小雨", "豆豆妈"])
    assert await waiting(world) == ["果果妈"]
    assert await greeted(world, "果果妈") == []


async def test_who_left_after_she_pasted_was_greeted_all_the_same(world: World) -> None:
    """Should she come back, she is not greeted twice; what is kept of the text does not know."""
    proposal = await round_to_paste(world, "豆豆妈", "小雨")
    await world.leaves("小雨")
    await decide(world, done(world, proposal, "豆豆妈", "小雨"))
    assert await greeted(world, "小雨", "豆豆妈") == ["小雨", "豆豆妈"]
    await world.joins("小雨")
    assert await waiting(world) == []


async def test_nobody_but_those_of_the_round_is_greeted_whatever_a_form_says(world: World) -> None:
    proposal = await round_to_paste(world, "豆豆妈")
    await decide(world, done(world, proposal, "豆豆妈", "没有这个人"))
    assert (await messages_of(world, proposal))[0][2] == ["豆豆妈"]


async def test_a_text_for_nobody_is_not_said_and_the_round_begins_anew(world: World) -> None:
    proposal = await round_to_paste(world, "豆豆妈")
    await decide(world, done(world, proposal, "谁也不是"))
    assert {state for _, state, _ in await messages_of(world, proposal)} == {"lapsed"}
    after = await stands(world, proposal)
    assert (after.state, after.reason) == (ProposalState.LAPSED, "it concerns nobody any more")
    assert await waiting(world) == ["豆豆妈"]


async def test_an_operator_says_it_for_her_without_knowing_whom_it_named(world: World) -> None:
    proposal = await round_to_paste(world, "豆豆妈", "小雨")
    await decide(world, done(world, proposal))
    assert await greeted(world, "小雨", "豆豆妈") == ["小雨", "豆豆妈"]


async def test_her_no_is_heard_and_its_people_wait_without_her_being_asked_at_once(
    world: World,
) -> None:
    proposal = await round_to_paste(world, "豆豆妈", "小雨")
    await decide(world, declined(world, proposal))
    assert [state for _, state, _ in await messages_of(world, proposal)] == [
        "parked",
        "lapsed",
        "lapsed",
    ]
    assert (await stands(world, proposal)).state is ProposalState.REFUSED
    assert await waiting(world) == ["小雨", "豆豆妈"]
    before = len(await world.outbox())
    await world.passes(minutes=5)
    assert len(await world.outbox()) == before
    await world.passes(hours=1)
    assert (await world.outbox())[before][0] == "onboarding.welcome"


async def test_nobody_decides_twice(world: World) -> None:
    proposal = await round_to_paste(world, "豆豆妈")
    await decide(world, done(world, proposal, "豆豆妈"))
    for again in (done(world, proposal), declined(world, proposal)):
        with pytest.raises(ProposalRefused, match="it is done already"):
            await decide(world, again)
    assert (await stands(world, proposal)).state is ProposalState.DONE


async def test_nobody_decides_about_what_nobody_was_asked_for(world: World) -> None:
    proposal = await mass_send(world, state=ProposalState.GATHERING)
    with pytest.raises(ProposalRefused, match="nobody has been asked yet"):
        await decide(world, declined(world, proposal))
    gone = ProposalDone(at=world.clock.now(), by="群主", proposal="no such")
    with pytest.raises(LookupError):
        await decide(world, gone)


async def test_a_mass_send_is_confirmed_in_her_app_and_withdrawn_by_who_holds_the_account(
    world: World,
) -> None:
    proposal = await mass_send(world)
    with pytest.raises(ProposalRefused, match="in WeCom"):
        await decide(world, done(world, proposal))
    await decide(world, declined(world, proposal, "运营小王"))
    after = await stands(world, proposal)
    assert (after.state, after.reason) == (ProposalState.OPEN, "withdrawn by 运营小王")
    assert after.due_at == world.clock.now()
    assert [state for _, state, _ in await messages_of(world, proposal)] == ["proposed"]
    with pytest.raises(ProposalRefused, match="being withdrawn already"):
        await decide(world, declined(world, proposal))


async def test_a_welcome_that_she_applied_once_is_done(world: World) -> None:
    proposal = await template_to_apply(world)
    await decide(world, done(world, proposal))
    assert (await stands(world, proposal)).state is ProposalState.DONE
