"""What the owner of a group has to confirm, beyond what every gateway is held to."""

from datetime import timedelta

import pytest

from bot.gateways.base import Unreachable
from bot.gateways.wecom.sends import LONGEST
from models.delivery import NotSent, Refused
from models.ids import GroupId
from models.messages import Attachment
from tests.gateways.listening import listening
from tests.gateways.wecom.answers import Time
from tests.gateways.wecom.conftest import GROUP, NAME, customer
from tests.gateways.wecom.office import Office

ADD = "externalcontact/add_msg_template"
CARD = Attachment(link="https://example.org/bag", image="https://example.org/s.png", title="清单")
PICTURE = Attachment(image="https://example.org/bag.png")


async def test_a_card_is_sent_as_one(office: Office) -> None:
    async with listening(office.gateway):
        await office.gateway.propose(office.staff("linyue"), [GroupId(GROUP)], "清单", CARD)
    (call,) = office.corp.calls_of(ADD)
    assert call.body == {
        "chat_type": "group",
        "sender": "linyue",
        "chat_id_list": [GROUP],
        "text": {"content": "清单"},
        "attachments": [
            {
                "msgtype": "link",
                "link": {
                    "title": "清单",
                    "url": "https://example.org/bag",
                    "picurl": "https://example.org/s.png",
                },
            }
        ],
    }


async def test_a_title_that_is_too_long_is_cut(office: Office) -> None:
    long = Attachment(link="https://example.org/bag", title="清" * 100)
    async with listening(office.gateway):
        await office.gateway.propose(office.staff("linyue"), [GroupId(GROUP)], "清单", long)
    (call,) = office.corp.calls_of(ADD)
    assert call.body["attachments"][0]["link"]["title"] == "清" * 42


async def test_what_is_too_long_is_refused_before_anybody_is_asked(office: Office) -> None:
    async with listening(office.gateway):
        with pytest.raises(Refused, match="takes 4000"):
            await office.gateway.propose(
                office.staff("linyue"), [GroupId(GROUP)], "长" * (LONGEST // 3 + 1), None
            )
    assert office.corp.calls_of(ADD) == []


async def test_who_is_none_of_the_staff_is_not_asked(office: Office) -> None:
    async with listening(office.gateway):
        with pytest.raises(Refused, match="staff"):
            await office.gateway.propose(customer("doudou"), [GroupId(GROUP)], "早", None)
    assert office.corp.calls_of(ADD) == []


async def test_a_group_that_has_had_its_share_is_told(office: Office, time: Time) -> None:
    office.corp.sends_at_most("day")
    office.corp.open_chat("wr2", NAME, "linyue")
    gateway, linyue = office.gateway, office.staff("linyue")
    async with listening(gateway):
        first = await gateway.propose(linyue, [GroupId(GROUP)], "一", None)
        second = await gateway.propose(linyue, [GroupId(GROUP), GroupId("wr2")], "二", None)
        office.corp.owner_taps("linyue", first.id)
        office.corp.owner_taps("linyue", second.id)
        time.passes(seconds=5)
        outcome = await gateway.outcome(second.id, linyue)
        assert outcome.confirmed
        assert outcome.sent == {"wr2"}
        assert "share" in outcome.refused[GroupId(GROUP)]
        with pytest.raises(Refused, match="nobody to send it to"):
            await gateway.propose(linyue, [GroupId(GROUP)], "三", None)


async def test_a_group_that_changed_hands_is_told_by_its_absence(
    office: Office, time: Time
) -> None:
    gateway, linyue = office.gateway, office.staff("linyue")
    async with listening(gateway):
        proposed = await gateway.propose(linyue, [GroupId(GROUP)], "一", None)
        office.corp.owner_changes(GROUP, "chenxi")
        office.corp.owner_taps("linyue", proposed.id)
        time.passes(seconds=5)
        outcome = await gateway.outcome(proposed.id, linyue)
        assert (outcome.confirmed, outcome.sent) == (True, frozenset())


async def test_she_is_reminded_three_times_a_day_at_most(office: Office, time: Time) -> None:
    gateway, linyue = office.gateway, office.staff("linyue")
    async with listening(gateway):
        proposed = await gateway.propose(linyue, [GroupId(GROUP)], "一", None)
        for _ in range(3):
            await gateway.remind(proposed.id)
        with pytest.raises(Refused, match="three times in 24 hours"):
            await gateway.remind(proposed.id)
        time.passes(hours=24)
        await gateway.remind(proposed.id)


async def test_thousands_of_groups_are_told_of_over_several_pages(
    office: Office, time: Time
) -> None:
    groups = [GroupId(f"wrx{number}") for number in range(1200)]
    for group in groups:
        office.corp.open_chat(group, NAME, "linyue")
    gateway, linyue = office.gateway, office.staff("linyue")
    async with listening(gateway):
        proposed = await gateway.propose(linyue, groups, "一", None)
        office.corp.owner_taps("linyue", proposed.id)
        time.passes(seconds=5)
        assert (await gateway.outcome(proposed.id, linyue)).sent == set(groups)


async def test_a_proposal_with_a_picture_is_found_by_its_text(office: Office, time: Time) -> None:
    gateway, linyue = office.gateway, office.staff("linyue")
    async with listening(gateway):
        proposed = await gateway.propose(linyue, [GroupId(GROUP)], "两行\n字", PICTURE)
        since = time.now()
        time.passes(minutes=5)
        assert await gateway.find_proposed("两行\n字", since, set()) == proposed.id
        later = since + timedelta(minutes=4)
        assert await gateway.find_proposed("两行\n字", later, set()) is None


async def test_a_quota_that_is_used_up_is_waited_for(office: Office, time: Time) -> None:
    gateway, linyue = office.gateway, office.staff("linyue")
    async with listening(gateway):
        office.corp.fail_next(ADD, 45009)
        with pytest.raises(NotSent, match="quota") as failed:
            await gateway.propose(linyue, [GroupId(GROUP)], "一", None)
        assert failed.value.after == timedelta(minutes=1)
        with pytest.raises(NotSent, match="quota"):
            await gateway.propose(linyue, [GroupId(GROUP)], "一", None)
        assert len(office.corp.calls_of(ADD)) == 1
        time.passes(minutes=1)
        assert (await gateway.propose(linyue, [GroupId(GROUP)], "一", None)).id


async def test_of_a_proposal_that_is_not_there_nothing_is_known(office: Office) -> None:
    async with listening(office.gateway):
        with pytest.raises(Unreachable):
            await office.gateway.outcome("msg-none", office.staff("linyue"))
