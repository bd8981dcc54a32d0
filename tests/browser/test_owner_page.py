"""An owner's page on a real phone's browser: she copies the text, and says that she pasted it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.service import http_server
from models.proposals import Proposal, ProposalState
from tests.browser.demo import CHROMIUM, PHONE, free_port
from tests.browser.test_entry import NARROW, SIDEWAYS, SMALL
from tests.proposing import (
    has_page,
    mass_send,
    needs_confirmation,
    round_to_paste,
    stands,
    template_to_apply,
)
from tests.stories.quiet import without_posts
from tests.world import GROUP, World

SECOND = "杭州·2026年6-8月·妇幼·01"
TEXT = "今晚八点，儿科王医生直播：宝宝湿疹怎么护理。\n想问的先留言，她会一个个答。"


@pytest.fixture
async def asked(world: World) -> Proposal:
    """A round, a mass send to two groups, and a welcome to be applied."""
    await without_posts(world)
    await world.opens("g2", SECOND)
    await needs_confirmation(world, GROUP, "g2")
    await template_to_apply(world)
    proposal = await round_to_paste(world, *(f"妈妈{n}" for n in range(1, 13)))
    await mass_send(world, GROUP, "g2", text=TEXT)
    return proposal


@asynccontextmanager
async def opened(world: World, **how: Any) -> AsyncIterator[Page]:
    """Her page on her phone, served by a process of its own."""
    path, where = await has_page(world), f"127.0.0.1:{free_port()}"
    async with http_server(world.app(), where, "127.0.0.1"), async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        context = await chromium.new_context(
            **{"viewport": PHONE, "has_touch": True, "is_mobile": True, "locale": "zh-CN", **how}
        )
        page = await context.new_page()
        await page.goto(f"http://{where}{path}")
        yield page
        await chromium.close()


async def test_she_copies_the_text_pastes_it_and_says_so(world: World, asked: Proposal) -> None:
    async with opened(world, permissions=["clipboard-read", "clipboard-write"]) as page:
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        text = await page.get_by_label("要发的话").input_value()
        assert "妈妈1" in text
        await page.get_by_role("button", name="复制").tap()
        await expect(page.get_by_text("已复制")).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == text
        await page.get_by_role("button", name="发好了").tap()
        await expect(page.get_by_role("status")).to_have_text("收到，辛苦啦")
        await expect(page.get_by_label("要发的话")).to_have_count(0)
        assert complaints == []
    assert (await stands(world, asked)).state is ProposalState.DONE


async def test_it_works_without_script(world: World, asked: Proposal) -> None:
    async with opened(world, java_script_enabled=False) as page:
        await expect(page.get_by_role("button", name="复制")).to_have_count(0)
        await page.get_by_role("button", name="这次不发").tap()
        await expect(page.get_by_role("status")).to_have_text("好，这次不发")
    assert (await stands(world, asked)).state is ProposalState.REFUSED


@pytest.mark.parametrize("size", [PHONE, NARROW])
async def test_it_fits_a_phone_and_a_thumb(world: World, asked: Proposal, size: Any) -> None:
    async with opened(world, viewport=size) as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("有 3 件事等你")
        assert await page.evaluate(SIDEWAYS) == 0
        assert await page.evaluate(SMALL) == []
    assert asked.is_pending
