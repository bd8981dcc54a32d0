"""Her page, where the platform has ways that carry her entry code."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import update

from models.tables import ContactWayRow, GroupRow, JoinWayRow
from tests.http.entry import CODE, Phone, entrance, shown
from tests.world import NAME, World

LIGHT = 50_000
STAFF = "工作人员的企业微信"


@pytest.fixture
async def world(world: World) -> World:
    world.gateway.capabilities = replace(
        world.gateway.capabilities,
        invites=False,
        accepts_friends=False,
        opens_rooms=False,
        shows_qr=False,
        join_ways=True,
        contact_ways=True,
    )
    world.gateway.connect()
    await world.passes(seconds=0)
    await world.makes_code()
    return world


def picture() -> bytes:
    made = BytesIO()
    Image.effect_noise((450, 450), 100).convert("L").save(made, "PNG")
    return made.getvalue()


async def have_pictures(world: World) -> None:
    """As WeCom's ways do."""
    async with world.engine.begin() as connection:
        for row in (JoinWayRow, ContactWayRow):
            await connection.execute(update(row).values(content=None, image=picture()))


async def her_page(phone: Phone) -> str:
    return (await phone.opens(f"/j/{CODE}/group")).text


async def test_the_picture_of_a_way_stands_in_her_page_and_nobody_else_is_asked(
    world: World,
) -> None:
    async with entrance(world) as door:
        phone = door.phone()
        await phone.answers()
        await world.passes(seconds=15)
        await have_pictures(world)
        page = await phone.opens(f"/j/{CODE}/group")
        screen = shown(page)
        assert NAME in screen.text
        assert "长按二维码" in screen.text
        assert "有效期" not in screen.text
        assert STAFF in screen.text
        assert len(screen.images) == 2
        assert all(each.startswith("data:image/png;base64,") for each in screen.images)
        assert len(page.content) < LIGHT + LIGHT // 2
        assert "img-src 'self' data:" in page.headers["content-security-policy"]


async def test_without_a_place_she_sees_the_way_that_opens_the_next_group(world: World) -> None:
    async with entrance(world) as door:
        first, second = door.phone(), door.phone(address="203.0.113.8")
        await first.answers()
        await world.passes(seconds=15)
        async with world.engine.begin() as connection:
            await connection.execute(update(GroupRow).values(members=200))
        await second.answers(name="豆豆")
        screen = shown(await second.opens(f"/j/{CODE}/group"))
        assert "为你开新群" in screen.text
        assert len(screen.images) == 1


async def test_until_it_is_there_it_is_being_prepared(world: World) -> None:
    world.gateway.disconnect()
    await world.passes(seconds=0)
    async with entrance(world) as door:
        phone = door.phone()
        await phone.answers()
        assert "正在准备" in await her_page(phone)
