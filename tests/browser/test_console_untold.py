"""Where an account is told nothing of what members say, the console says so and shows no zeros."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect
from sqlalchemy import update

from bot.demo.service import DATABASE
from bot.gateways.abilities import FIELDS
from bot.postgres import embedded_url
from models.database import open_engine
from models.tables import AccountRow
from tests.browser.console import Lead
from tests.browser.demo import LAPTOP, PHONE, Demo

UNTOLD = "企业微信没有会话存档，收不到群消息"
OFFICIAL = ["accepts_friends", "needs_confirmation", "shows_qr"]


async def is_told_nothing(folder: Path) -> None:
    """As if the demo's account had come up by another gateway."""
    engine = open_engine(await embedded_url(folder, DATABASE))
    async with engine.begin() as connection:
        await connection.execute(update(AccountRow).values(abilities=OFFICIAL))
    await engine.dispose()


@pytest.fixture(scope="module")
def deaf(demo: Demo) -> Demo:
    # The browser's own loop runs in this thread.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(lambda: asyncio.run(is_told_nothing(demo.folder))).result()
    return demo


@pytest.fixture(scope="module")
def lead(browser: Browser, deaf: Demo) -> Iterator[Lead]:
    lead = Lead(browser, deaf)
    yield lead
    lead.page.close()


@pytest.fixture(scope="module")
def group(deaf: Demo) -> str:
    return str(deaf.ask("GET", "/groups")["items"][0]["id"])


def test_the_morning_shows_what_is_unknown_and_why(lead: Lead) -> None:
    lead.opens()
    asked = lead.part("waiting").locator(".figure").filter(has_text="问题没人答")
    expect(asked).to_contain_text(f"未知{UNTOLD}")
    expect(lead.part("yesterday")).to_contain_text(f"3 个群说的话、答的问题和积分未知：{UNTOLD}")


def test_a_group_tells_why_its_points_and_kocs_are_unknown(lead: Lead, group: str) -> None:
    lead.opens_group(group)
    expect(lead.part("untold")).to_contain_text(UNTOLD)
    expect(lead.part("monitor-share")).to_contain_text("未知")
    expect(lead.part("rhythm")).to_contain_text(UNTOLD)
    lead.unfolds("members")
    expect(lead.part("why-no-kocs")).to_contain_text(UNTOLD)
    expect(lead.row("members", "未知").first).to_be_visible()
    lead.unfolds("points")
    expect(lead.part("why-no-points")).to_contain_text(UNTOLD)


def test_what_is_booked_by_hand_is_shown(lead: Lead, deaf: Demo, group: str) -> None:
    members = deaf.ask("GET", f"/members?group={group}&role=member&limit=1")["items"]
    path = f"/groups/{group}/members/{members[0]['person']}/points"
    deaf.ask("POST", path, {"points": 20, "reason": "线下活动第一名"})
    lead.opens("/points")
    expect(lead.part("untold")).to_contain_text(f"有 3 个群谁该得多少积分未知：{UNTOLD}")
    expect(lead.row("balances-rows", "20")).to_be_visible()


@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_accounts_page_tells_what_each_gateway_can(viewport: ViewportSize, lead: Lead) -> None:
    lead.page.set_viewport_size(viewport)
    lead.opens("/accounts")
    expect(lead.row("accounts", "demo").last).to_contain_text("听不到群里的话")
    expect(lead.row("gateways-rows", "私聊没加好友的人")).to_contain_text("不能")
    expect(lead.part("gateways-rows").locator("tbody tr")).to_have_count(len(FIELDS))
    assert lead.fits()
