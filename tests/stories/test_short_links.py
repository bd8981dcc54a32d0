"""Links in what is posted become short ones, the same however often the post is worded."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from handlers.context import Context
from handlers.shortening import shorten
from models.content import Post, PostState, Voice
from models.delivery import NotSent
from models.ids import GroupId
from models.links import ShortLink
from models.messages import Attachment
from models.people import Role
from models.stores.unit import Unit
from models.tables import OutboxRow
from tests.stories.library import (
    DRY,
    ONLY_DRY,
    PRENATAL,
    WET,
    item,
    local,
    opens,
    plenty,
    posted,
    posts,
)
from tests.stories.test_handing import TEXT, handed, of_slot, private
from tests.world import World

SITE = "https://q.example.com"
LINK = "https://shop.example.com/buy?id=1&from=群"
SHORT = re.compile(rf"{SITE}/s/([23456789a-hjkmnp-z]{{10}})")


async def links(world: World) -> list[ShortLink]:
    """Those of the group."""
    found = await world.transactions.read(lambda facts: facts.short_links.find())
    return [each for each in found if each.group == PRENATAL]


async def shortened(
    world: World, text: str, link: str | None = None, site: str = SITE
) -> tuple[str, Attachment | None]:
    """What a post of the group would say."""
    await world.rules(entry={"site": site})
    (post, *_) = await posts(world, PRENATAL)

    async def work(facts: Unit) -> tuple[str, Attachment | None]:
        ctx = await Context.open(facts, world.clock.now(), GroupId(PRENATAL))
        card = Attachment(image="https://img.example.com/1.png", link=link, title="好物")
        return await shorten(text, card, post, ctx)

    return await world.transactions.run(work)


@pytest.fixture
async def planned(world: World) -> World:
    """A day's posts of a group are planned."""
    await world.rules(content=ONLY_DRY)
    await world.stocks(*plenty(DRY))
    await world.until("2026-03-02 23:00")
    await opens(world, PRENATAL)
    await world.until("2026-03-03 00:10")
    return world


@pytest.fixture
async def posting(world: World) -> World:
    """A group's posts have a card, and a link in their text."""
    await world.rules(content=ONLY_DRY, entry={"site": SITE})
    text = "睡不好？看 https://docs.example.com/sleep，还有视频"
    await world.stocks(*(item(f"d{n}", text=text, link=LINK, title="好物") for n in range(20)))
    await world.until("2026-03-02 23:00")
    await opens(world, PRENATAL)
    await world.until("2026-03-03 00:10")
    return world


async def test_what_the_assistant_says_holds_short_links(posting: World) -> None:
    await posting.until("2026-03-03 23:00")
    heard = posted(posting, PRENATAL)
    assert heard
    made = {each.slug: each for each in await links(posting)}
    for each in heard:
        card = each.message.attachment
        assert card is not None
        assert card.title == "好物"
        (in_text,) = SHORT.findall(each.message.text)
        assert each.message.text == f"睡不好？看 {SITE}/s/{in_text}，还有视频"
        (in_card,) = SHORT.findall(str(card.link))
        assert made[in_text].target == "https://docs.example.com/sleep"
        assert made[in_card].target == LINK
        for one in (made[in_text], made[in_card]):
            assert (one.group, one.day) == (PRENATAL, local(each.at).date())
    assert len(made) == 2 * len(heard)
    said = {each.slot: each.item for each in await posts(posting, PRENATAL, "2026-03-03")}
    assert all(said[each.slot] == each.item for each in made.values())


async def test_a_post_that_is_tried_again_keeps_its_links(posting: World) -> None:
    (post, *_) = await posts(posting, PRENATAL)
    posting.gateway.failures.append(NotSent("busy"))
    posting.gateway.failures.append(NotSent("busy"))
    await posting.until(post.closes_at)
    assert len(posted(posting, PRENATAL)) == 1
    assert len(await links(posting)) == 2


async def test_without_an_address_links_stay_as_they_are(planned: World) -> None:
    assert await shortened(planned, f"看 {LINK}", LINK, site="") == (
        f"看 {LINK}",
        Attachment(image="https://img.example.com/1.png", link=LINK, title="好物"),
    )
    assert await links(planned) == []


async def test_the_same_post_has_the_same_link_for_the_same_place(planned: World) -> None:
    text, card = await shortened(planned, "https://a.example.com/x 和 https://a.example.com/x")
    one, other = SHORT.findall(text)
    assert one == other
    assert card is not None
    assert card.link is None
    again, _ = await shortened(planned, "https://a.example.com/x")
    assert SHORT.findall(again) == [one]
    assert [each.target for each in await links(planned)] == ["https://a.example.com/x"]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("点https://a.example.com/x?y=1&z=%E5#f看", ["https://a.example.com/x?y=1&z=%E5#f"]),
        ("（https://a.example.com/x）", ["https://a.example.com/x"]),
        ("(see https://a.example.com/x).", ["https://a.example.com/x"]),
        ("https://a.example.com/b(c)!", ["https://a.example.com/b(c)"]),
        ("「http://a.example.com」，", ["http://a.example.com"]),
        ("a\nHTTPS://A.example.com/X\nb", ["HTTPS://A.example.com/X"]),
        ("", []),
        ("没有链接 www.example.com/x ftp://a.example.com/x", []),
        ("javascript:alert(1) data:text/html,x xhttps://a.example.com/x", []),
        ("https:///x http://", []),
        (f"{SITE}/j/abc {SITE}/s/abc {SITE}", []),
        (f"{SITE}.evil.example/x", [f"{SITE}.evil.example/x"]),
        ("https://[::1/x 和 https://a.example.com:99/", ["https://a.example.com:99/"]),
        ("https://a.example.com/" + "x" * 2000, []),
    ],
)
async def test_links_are_found_as_wechat_finds_them(
    planned: World, text: str, targets: list[str]
) -> None:
    said, _ = await shortened(planned, text)
    assert sorted(each.target for each in await links(planned)) == sorted(targets)
    for each in await links(planned):
        said = said.replace(f"{SITE}/s/{each.slug}", each.target)
    assert said == text


async def test_a_text_full_of_links_is_a_list(planned: World) -> None:
    text = " ".join(f"https://a.example.com/{n}" for n in range(30))
    said, _ = await shortened(planned, text)
    assert len(await links(planned)) == len(SHORT.findall(said)) == 8


@pytest.mark.parametrize("link", ["weixin://dl/x", "https://例子.example.com/路", "http://a b/"])
async def test_a_card_leads_by_http_or_stays(planned: World, link: str) -> None:
    _, card = await shortened(planned, "好物", link)
    assert card is not None
    made = {f"{SITE}/s/{each.slug}": each.target for each in await links(planned)}
    assert made.get(str(card.link), card.link) == link
    assert bool(made) == link.startswith("http")


# What the monitor says


@pytest.fixture
async def selling(world: World) -> World:
    await world.rules(content={"forming": "50:50:0"}, entry={"site": SITE})
    text = f"{TEXT} https://shop.example.com/buy"
    await world.stocks(item("w1", WET, text=text, voice=Voice.MONITOR, link=LINK, title="好物"))
    await world.until("2026-03-02 23:00")
    await opens(world, PRENATAL)
    await world.becomes("班长", Role.MONITOR, PRENATAL)
    await world.until("2026-03-03 00:00")
    return world


async def test_what_she_is_handed_holds_short_links_and_is_recognised(selling: World) -> None:
    post = await handed(selling)
    text = private(selling)[-1].message.text
    assert len(SHORT.findall(text)) == 1
    assert "shop.example.com" not in text
    await selling.says("班长", text, PRENATAL)
    assert (await of_slot(selling, post)).state is PostState.POSTED


async def test_it_is_recognised_also_where_what_she_was_handed_is_forgotten(
    selling: World,
) -> None:
    """Then it is worded anew, with the links that were made for it."""
    post = await handed(selling)
    text = private(selling)[-1].message.text
    (slug,) = SHORT.findall(text)
    await without_texts(selling)
    await selling.says("班长", f"{SITE}/s/{slug}", PRENATAL)
    assert (await of_slot(selling, post)).state is PostState.HANDED
    await selling.says("班长", text, PRENATAL)
    assert (await of_slot(selling, post)).state is PostState.POSTED


async def without_texts(world: World) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(update(OutboxRow).values(text=""))


async def test_a_post_that_is_handed_to_another_keeps_its_links(selling: World) -> None:
    post: Post = await handed(selling)
    before = SHORT.findall(private(selling)[-1].message.text)
    await selling.becomes("豆豆妈", Role.MONITOR, PRENATAL)
    await selling.becomes("班长", Role.MEMBER, PRENATAL)
    await selling.until(selling.clock.now() + timedelta(minutes=1))
    assert (await of_slot(selling, post)).handed_to == "豆豆妈"
    assert SHORT.findall(private(selling, "豆豆妈")[-1].message.text) == before
