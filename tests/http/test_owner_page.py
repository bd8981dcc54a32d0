"""An owner's page: what she is asked for, the text to paste, and her word that it is done."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from models.proposals import Proposal, ProposalState
from tests.http.api import items
from tests.http.entry import Entrance, Phone, Screen, entrance, shown
from tests.proposing import (
    has_page,
    mass_send,
    messages_of,
    needs_confirmation,
    round_to_paste,
    stands,
    template_to_apply,
)
from tests.stories.quiet import without_posts
from tests.world import GROUP, NAME, World

SECOND = "杭州·2026年6-8月·妇幼·01"


@pytest.fixture
async def world(world: World) -> World:
    await without_posts(world)
    await needs_confirmation(world)
    return world


@pytest.fixture
async def door(world: World) -> AsyncIterator[Entrance]:
    async with entrance(world) as made:
        yield made


@pytest.fixture
def phone(door: Entrance) -> Phone:
    return door.phone()


def fields_of(page: Screen) -> list[str]:
    """The fields with something to be copied."""
    return [each.get("id") or "" for tag, each in page.tags if tag == "textarea"]


async def sees(phone: Phone, path: str) -> Screen:
    page = await phone.opens(path)
    assert page.status_code == 200
    return shown(page)


async def taps(
    phone: Phone, path: str, proposal: Proposal, do: str, named: str | None = None
) -> Screen:
    """A button of the page as it stands, or (`named`) as it stood when she copied the text."""
    given = (await sees(phone, path)).hidden["named"] if named is None else named
    page = await phone.sends(path, {"key": proposal.key, "do": do, "named": given})
    assert page.status_code == 200
    return shown(page)


async def test_a_round_is_ready_to_be_pasted_with_its_group_and_since_when_they_wait(
    world: World, phone: Phone
) -> None:
    await world.until("2026-03-02 20:05")
    path = await has_page(world)
    await round_to_paste(world, "豆豆妈", "小雨")
    page = await sees(phone, path)
    assert NAME in page.text
    assert "从 20:05 起，来了2位新朋友" in page.text
    assert "@豆豆妈" in page.text
    assert "群昵称" in page.text
    assert fields_of(page) == ["text1"], "all its steps are one text"
    assert "明天 08:15 前发就行" in page.text


async def test_what_she_says_is_done_is_said_and_her_page_is_empty(
    world: World, phone: Phone
) -> None:
    path = await has_page(world)
    proposal = await round_to_paste(world, "豆豆妈", "小雨")
    page = await taps(phone, path, proposal, "done")
    assert "收到，辛苦啦" in page.text
    assert "都做完啦" in page.text
    kind, state, named = (await messages_of(world, proposal))[0]
    assert (kind, state, named) == ("onboarding.welcome", "sent", ["小雨", "豆豆妈"])
    async with world.admin() as http:
        (noted,) = await items(http, "/audit", group=GROUP, action="proposal_done")
    assert (noted["by"], noted["target"]) == ("群主", f"proposal:{proposal.key}")


async def test_who_left_while_she_went_to_the_group_was_named_all_the_same(
    world: World, phone: Phone
) -> None:
    path = await has_page(world)
    proposal = await round_to_paste(world, "豆豆妈", "小雨")
    copied = (await sees(phone, path)).hidden["named"]
    await world.leaves("小雨")
    assert "@小雨" not in (await sees(phone, path)).text, "the text is worded anew each time"
    await taps(phone, path, proposal, "done", copied)
    assert (await messages_of(world, proposal))[0][2] == ["小雨", "豆豆妈"]


async def test_she_may_say_no(world: World, phone: Phone) -> None:
    path = await has_page(world)
    proposal = await round_to_paste(world, "豆豆妈")
    page = await taps(phone, path, proposal, "decline")
    assert "好，这次不发" in page.text
    assert (await stands(world, proposal)).reason == "declined by 群主"


async def test_a_second_tap_says_that_it_was_done_and_changes_nothing(
    world: World, phone: Phone
) -> None:
    path = await has_page(world)
    proposal = await round_to_paste(world, "豆豆妈")
    await taps(phone, path, proposal, "done")
    before = await stands(world, proposal)
    page = await taps(phone, path, proposal, "decline", "[]")
    assert "刚才已经处理过了" in page.text
    assert await stands(world, proposal) == before


async def test_where_all_newcomers_have_left_there_is_nothing_to_paste(
    world: World, phone: Phone
) -> None:
    path = await has_page(world)
    proposal = await round_to_paste(world, "豆豆妈")
    await world.leaves("豆豆妈")
    page = await sees(phone, path)
    assert "都不在群里了" in page.text
    assert fields_of(page) == []
    await taps(phone, path, proposal, "done")
    assert (await stands(world, proposal)).state is ProposalState.LAPSED


async def test_a_mass_send_tells_where_to_tap_and_has_no_button_here(
    world: World, phone: Phone
) -> None:
    await world.opens("g2", SECOND)
    path = await has_page(world)
    proposal = await mass_send(world, GROUP, "g2", text="今晚八点，儿科医生直播")
    page = await sees(phone, path)
    for each in ("群发助手", "今晚八点，儿科医生直播", NAME, SECOND, "明天 07:00 前点就行"):
        assert each in page.text
    assert [tag for tag, _ in page.tags if tag == "form"] == []
    for do in ("done", "decline"):
        await taps(phone, path, proposal, do, "[]")
    assert (await stands(world, proposal)).reason is None, "it is not hers to withdraw"


async def test_what_was_withdrawn_is_not_asked_of_her_any_more(world: World, phone: Phone) -> None:
    path = await has_page(world)
    proposal = await mass_send(world)
    async with world.admin() as http:
        await http.post(f"/api/v1/proposals/{proposal.key}/decline")
    assert "都做完啦" in (await sees(phone, path)).text


async def test_a_welcome_is_applied_step_by_step_once(world: World, phone: Phone) -> None:
    path = await has_page(world)
    proposal = await template_to_apply(world)
    page = await sees(phone, path)
    for each in ("客户群", "入群欢迎语", NAME):
        assert each in page.text
    await taps(phone, path, proposal, "done")
    assert (await stands(world, proposal)).state is ProposalState.DONE


async def test_the_oldest_stands_first(world: World, phone: Phone) -> None:
    path = await has_page(world)
    now = world.clock.now()
    await mass_send(world, text="后来的", made_at=now, key="b")
    await mass_send(world, text="早先的", made_at=now - timedelta(hours=2), key="a")
    page = await sees(phone, path)
    assert "有 2 件事等你" in page.text
    assert page.text.index("早先的") < page.text.index("后来的")


async def test_what_is_asked_of_another_owner_is_neither_shown_nor_done(
    world: World, phone: Phone
) -> None:
    path = await has_page(world)
    other = await template_to_apply(world, owner="阿美", key="other")
    elsewhere = await template_to_apply(world, account="another", key="elsewhere")
    assert "都做完啦" in (await sees(phone, path)).text
    for each in (other, elsewhere):
        page = await taps(phone, path, each, "done", "[]")
        assert "处理过了" in page.text
        assert (await stands(world, each)).state is ProposalState.OPEN


@pytest.mark.parametrize(
    "named", ["", "null", "{}", "[1]", '"豆豆妈"', "[" * 50_000, '["' + "很长" * 10_000 + '"]']
)
async def test_a_form_that_no_page_made_greets_nobody(
    world: World, phone: Phone, named: str
) -> None:
    path = await has_page(world)
    proposal = await round_to_paste(world, "豆豆妈")
    await taps(phone, path, proposal, "done", named)
    states = {state for _, state, _ in await messages_of(world, proposal)}
    assert "sent" not in states


async def test_no_other_site_says_it_for_her(world: World, door: Entrance) -> None:
    path = await has_page(world)
    proposal = await round_to_paste(world, "豆豆妈")
    stranger = door.phone(**{"sec-fetch-site": "cross-site"})
    page = await stranger.sends(path, {"key": proposal.key, "do": "done", "named": "[]"})
    assert page.status_code == 403
    assert await stands(world, proposal) == proposal


async def test_only_the_whole_link_opens_it(world: World, phone: Phone) -> None:
    path = await has_page(world)
    for wrong in (path[:-1], f"{path}x", "/d/%00", "/d/不是"):
        for answer in (await phone.opens(wrong), await phone.sends(wrong, {})):
            assert answer.status_code == 404
            assert "没有找到这个页面" in answer.text


async def test_nobody_keeps_or_finds_her_page(world: World, phone: Phone) -> None:
    page = await phone.opens(await has_page(world))
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


async def test_what_is_said_is_shown_as_text(world: World, phone: Phone) -> None:
    path = await has_page(world)
    await mass_send(world, text="<script>alert(1)</script>")
    answer: httpx.Response = await phone.opens(path)
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
