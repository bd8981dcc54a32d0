"""What is said to one person: staff at once, and to nobody else but once."""

import pytest

from bot.gateways.wecom.notices import LONGEST_NOTICE
from models.delivery import MaybeSent, NotSent, Refused
from models.messages import Attachment
from tests.gateways.listening import listening
from tests.gateways.wechaty.conftest import outgoing
from tests.gateways.wecom.conftest import customer
from tests.gateways.wecom.fake.office import Notice
from tests.gateways.wecom.office import Office

SEND = "message/send"
LONG = "\n".join(f"第{number}位新成员还没有改群昵称" for number in range(200))
CARD = Attachment(link="https://example.org/bag", title="清单")


def got(office: Office, userid: str = "linyue") -> list[str]:
    notices: list[Notice] = office.corp.office.staff[userid].notices
    return [each.text for each in notices]


async def test_a_long_notice_comes_in_several_whole_lines(office: Office) -> None:
    async with listening(office.gateway):
        await office.gateway.send(outgoing(LONG, to=office.staff("linyue")))
    assert len(got(office)) > 3
    assert all(len(each.encode()) <= LONGEST_NOTICE for each in got(office))
    assert "\n".join(got(office)) == LONG


async def test_a_long_notice_without_lines_loses_nothing(office: Office) -> None:
    async with listening(office.gateway):
        await office.gateway.send(outgoing("长" * 2000, to=office.staff("linyue")))
    assert "".join(got(office)) == "长" * 2000


async def test_where_its_second_part_fails_it_may_have_been_said(office: Office) -> None:
    office.corp.gate.calls_a_minute[SEND] = 1
    async with listening(office.gateway):
        with pytest.raises(MaybeSent, match="only its beginning"):
            await office.gateway.send(outgoing(LONG, to=office.staff("linyue")))
    assert len(got(office)) == 1


async def test_who_is_out_of_range_is_not_written_to(office: Office) -> None:
    office.corp.hires("newbie", "新人")
    async with listening(office.gateway):
        with pytest.raises(Refused, match="visible range"):
            await office.gateway.send(outgoing("新成员3位", to=office.staff("newbie")))
        assert office.gateway.link.up
    assert got(office, "newbie") == []


async def test_a_customer_is_not_written_to(office: Office) -> None:
    async with listening(office.gateway):
        with pytest.raises(Refused, match="lets nobody write to a customer"):
            await office.gateway.send(outgoing("在吗", to=customer("doudou")))
    assert office.corp.calls_of(SEND) == []


async def test_colleagues_of_another_company_are_nobody_here(office: Office) -> None:
    async with listening(office.gateway):
        with pytest.raises(Refused):
            await office.gateway.send(outgoing("在吗", to="linyue@ww2"))


async def test_a_card_is_said_by_its_address(office: Office) -> None:
    async with listening(office.gateway):
        message = outgoing("待产包清单", to=office.staff("linyue"), attachment=CARD)
        await office.gateway.send(message)
    assert got(office) == ["待产包清单\nhttps://example.org/bag"]


async def test_a_busy_wecom_is_asked_again_and_a_notice_is_said_once(office: Office) -> None:
    async with listening(office.gateway):
        office.corp.fail_next(SEND, -1, times=3)
        await office.gateway.send(outgoing("一", to=office.staff("linyue")))
        office.corp.fail_next(SEND, -1, times=4)
        with pytest.raises(NotSent, match="busy"):
            await office.gateway.send(outgoing("二", to=office.staff("linyue")))
    assert got(office) == ["一"]
