"""What is said in a group of WeCom's is confirmed by its owner: the story from her side."""

import pytest

from models.proposals import Means, ProposalState
from tests.gateways.wecom.town import OWNER, Town

GROUP, NAME = "wr01", "杭州·2026年3-5月·妇幼·01"


@pytest.fixture
async def group(town: Town) -> Town:
    town.corp.open_chat(GROUP, NAME, OWNER, {"wmDoudou": "豆豆妈"})
    await town.begins()
    return town


async def test_newcomers_are_greeted_by_a_text_that_the_owner_pastes(group: Town) -> None:
    group.corp.joins(GROUP, "wmXiaoyu", "小雨")
    await group.passes(minutes=5)
    assert group.said_in(GROUP) == []
    (asked,) = await group.proposals()
    assert (asked.means, asked.state) == (Means.PASTE, ProposalState.OPEN)
    (notice,) = group.told(OWNER)
    assert NAME in notice
    assert "1位新朋友" in notice
    assert "小雨" in notice
