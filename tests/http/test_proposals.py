"""What owners are asked for, over HTTP: who has to be asked again, and what staff decides."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models.ids import GroupId
from models.proposals import Proposal, ProposalState
from models.stores.unit import Unit
from tests.http.api import API, as_operator, as_viewer, items
from tests.proposing import (
    OWNER,
    TOKEN,
    has_page,
    mass_send,
    messages_of,
    needs_confirmation,
    round_to_paste,
    template_to_apply,
)
from tests.stories.quiet import without_posts
from tests.world import GROUP, World, shanghai

PROPOSALS = f"{API}/proposals"
SECOND = "杭州·2026年6-8月·门店·01"


@pytest.fixture
async def world(world: World) -> World:
    """Two groups of one owner, in two channels."""
    await without_posts(world)
    await world.opens("g2", SECOND, (OWNER,))
    await needs_confirmation(world, GROUP, "g2")
    return world


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


async def got(http: httpx.AsyncClient, path: str, **asked: Any) -> Any:
    answer = await http.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ends(world: World, proposal: Proposal, state: ProposalState) -> None:
    ended = replace(proposal, state=state, settled_at=world.clock.now(), reason="nobody tapped")

    async def work(facts: Unit) -> None:
        facts.proposals.put(ended)

    await world.transactions.run(work)


async def test_a_round_tells_its_group_and_how_long_its_newcomers_wait(
    world: World, http: httpx.AsyncClient
) -> None:
    joined = world.clock.now()
    proposal = await round_to_paste(world, "豆豆妈", "小雨")
    (told,) = await items(http, "/proposals")
    assert (told["key"], told["means"], told["state"]) == (proposal.key, "paste", "open")
    assert (told["group"], told["people"]) == (GROUP, 2)
    assert told["waiting_since"] == joined.isoformat()
    assert (told["owner"], told["owner_name"]) == (OWNER, OWNER)
    assert await got(http, f"{PROPOSALS}/{proposal.key}") == told


async def test_what_it_says_are_its_messages_in_the_outbox(
    world: World, http: httpx.AsyncClient
) -> None:
    proposal = await round_to_paste(world, "豆豆妈")
    await mass_send(world)
    messages = await items(http, "/outbox", proposal=proposal.key, sort="id")
    assert [each["kind"] for each in messages] == [
        "onboarding.welcome",
        "onboarding.nickname",
        "onboarding.rules",
    ]
    assert {each["state"] for each in messages} == {"proposed"}
    assert {each["proposal"] for each in messages} == {proposal.key}
    assert len(await items(http, "/outbox", state="proposed")) == 4


async def test_they_are_found_by_owner_means_state_group_and_channel(
    world: World, http: httpx.AsyncClient
) -> None:
    both = await mass_send(world, GROUP, "g2", key="both")
    hers = await mass_send(world, "g2", key="hers", owner="阿美")
    ended = await mass_send(world, key="ended")
    await ends(world, ended, ProposalState.LAPSED)
    template = await template_to_apply(world, key="template")

    async def keys(**asked: Any) -> list[str]:
        found = await items(http, "/proposals", sort="made_at", **asked)
        return [each["key"] for each in found]

    assert await keys() == ["both", "hers", "template"]
    assert await keys(state=["open", "lapsed"]) == ["both", "ended", "hers", "template"]
    assert await keys(state="lapsed") == ["ended"]
    assert await keys(owner="阿美") == ["hers"]
    assert await keys(means="template") == ["template"]
    assert await keys(group=GROUP) == ["both"]
    assert await keys(channel="门店") == ["both", "hers"]
    assert await keys(account="nobody") == []
    now = world.clock.now()
    later = (now + timedelta(seconds=1)).isoformat()
    assert await keys(settled_since=now.isoformat()) == ["ended"]
    assert await keys(settled_since=later) == []
    groups = {each["key"]: each["groups"] for each in await items(http, "/proposals")}
    assert groups == {both.key: 2, hers.key: 1, template.key: 2}


async def test_an_operator_says_that_it_was_pasted_and_it_is_noted(
    world: World, http: httpx.AsyncClient
) -> None:
    proposal = await round_to_paste(world, "豆豆妈")
    await has_page(world)
    async with await as_operator(world, groups=[GROUP]) as operator:
        answer = await operator.post(f"{PROPOSALS}/{proposal.key}/done")
        assert (answer.status_code, answer.json()["state"]) == (200, "done")
        again = await operator.post(f"{PROPOSALS}/{proposal.key}/decline")
    assert (again.status_code, again.json()["detail"]) == (409, "it is done already")
    assert [state for _, state, _ in await messages_of(world, proposal)] == ["sent"] * 3
    (noted,) = await items(http, "/audit", group=GROUP, action="proposal_done")
    assert (noted["target"], noted["by"]) == (f"proposal:{proposal.key}", "运营小李")
    assert (noted["before"]["state"], noted["after"]["state"]) == ("open", "done")
    assert TOKEN not in str(noted), "who has the address can act for her"


async def test_who_declines_a_mass_send_has_it_withdrawn_and_nobody_else_confirms_it(
    world: World, http: httpx.AsyncClient
) -> None:
    proposal = await mass_send(world)
    done = await http.post(f"{PROPOSALS}/{proposal.key}/done")
    assert done.status_code == 409
    assert "in WeCom" in done.json()["detail"]
    declined = (await http.post(f"{PROPOSALS}/{proposal.key}/decline")).json()
    assert (declined["state"], declined["reason"]) == ("open", "withdrawn by 运营小王")


async def test_who_is_there_for_one_of_its_groups_only_does_not_decide(world: World) -> None:
    both = await mass_send(world, GROUP, "g2")
    template = await template_to_apply(world)
    async with await as_operator(world, groups=[GROUP]) as operator:
        for each in (both, template):
            answer = await operator.post(f"{PROPOSALS}/{each.key}/decline")
            assert answer.status_code == 403
            assert "group:g2" in answer.json()["detail"]
    async with await as_operator(world, channels=["妇幼", "门店"]) as operator:
        answer = await operator.post(f"{PROPOSALS}/{template.key}/decline")
        assert (answer.status_code, answer.json()["state"]) == (200, "refused")


async def test_an_owners_page_is_told_to_who_may_decide_about_all_her_groups(
    world: World, http: httpx.AsyncClient
) -> None:
    proposal = await mass_send(world)
    await has_page(world)
    path = f"{PROPOSALS}/{proposal.key}"
    assert (await got(http, path))["page"] == f"http://qunzhu/d/{TOKEN}"
    async with (
        await as_operator(world, groups=[GROUP, "g2"]) as hers,
        await as_operator(world, groups=[GROUP]) as partly,
        await as_viewer(world) as viewer,
    ):
        assert (await got(hers, path))["page"] == f"http://qunzhu/d/{TOKEN}"
        assert (await got(partly, path))["page"] is None
        assert (await got(viewer, path))["page"] is None
        assert (await got(partly, path))["owner_name"] == OWNER
        assert (await got(viewer, path))["owner_name"] is None
        (budget, *_) = await items(viewer, "/mass-sends")
        assert (budget["owner"], budget["owner_name"]) == (OWNER, None)


async def test_what_is_unknown_is_not_there(world: World, http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{PROPOSALS}/nothing")).status_code == 404
    for verb in ("done", "decline"):
        assert (await http.post(f"{PROPOSALS}/nothing/{verb}")).status_code == 404


async def test_a_months_budget_counts_what_is_asked_for_and_begins_anew(
    world: World, http: httpx.AsyncClient
) -> None:
    await mass_send(world, GROUP, "g2", key="both")
    lapsed = await mass_send(world, key="second")
    await round_to_paste(world, "豆豆妈")
    told = {each["group"]: each for each in await items(http, "/mass-sends")}
    assert {name: each["used"] for name, each in told.items()} == {GROUP: 2, "g2": 1}
    assert (told[GROUP]["most"], told[GROUP]["left"]) == (31, 29)
    assert told[GROUP]["since"] == shanghai("2026-03-01 00:00").isoformat()
    await http.post(f"{PROPOSALS}/{lapsed.key}/decline")
    await world.rules(confirmation={"budget": "day"})
    (today,) = await items(http, "/mass-sends", group=GROUP)
    assert (today["budget"], today["most"], today["left"]) == ("day", 1, 0)
    await world.until("2026-04-01 09:00")
    (april,) = await items(http, "/mass-sends", group=GROUP)
    assert (april["used"], april["left"]) == (0, 1)


async def test_groups_of_accounts_that_speak_by_themselves_have_no_budget(
    world: World, http: httpx.AsyncClient
) -> None:
    async def speaks(facts: Unit) -> None:
        for each in await facts.accounts.find():
            facts.accounts.put(replace(each, abilities=()))

    await world.transactions.run(speaks)
    assert await items(http, "/mass-sends") == []


async def test_the_overview_counts_what_owners_are_asked_for(
    world: World, http: httpx.AsyncClient
) -> None:
    await mass_send(world, GROUP, "g2", key="both")
    await template_to_apply(world, key="template")
    await ends(world, await mass_send(world, "g2", key="ended"), ProposalState.LAPSED)
    told = await got(http, f"{API}/overview")
    assert told["confirmations"] == {"open": 2, "lapsed": 1}
    assert told["outbox"]["proposed"] == 3
    of_channel = await got(http, f"{API}/overview", channel="妇幼")
    assert of_channel["confirmations"] == {"open": 1, "lapsed": 0}
    assert of_channel["outbox"]["proposed"] == 1
    await world.until(world.clock.now() + timedelta(days=1, seconds=1))
    assert (await got(http, f"{API}/overview"))["confirmations"]["lapsed"] == 0


async def test_a_group_that_is_let_go_has_nothing_left_to_be_sent(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.lets_go("g2")
    assert [each["group"] for each in await items(http, "/mass-sends")] == [GroupId(GROUP)]
