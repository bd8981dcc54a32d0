"""A poster shows what it should, in letters that are there, and a phone reads its code."""

from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageFont, ImageStat

from bot.posters.fonts import FONT, legible
from bot.posters.render import Poster, render
from bot.posters.templates import LOOKS
from bot.qr import qr_png
from models.entry import Template

LINK = "https://q.example.com/j/k7m2pq9xwd"
LONG_SITE = "https://" + ".".join(["qunzhu-mother-and-child"] * 8)
"""Of 199 characters; a rule allows 200."""
LONG_HEADLINE = (
    "从怀孕第六周到宝宝三岁，产检怎么安排、奶怎么喂、觉怎么睡、疫苗怎么打，都有人讲给你听"
)
templates = pytest.mark.parametrize("template", Template)


def poster(template: Template = Template.MOTHER, **shown: Any) -> Poster:
    facts: dict[str, Any] = {
        "link": LINK,
        "channel": "妇幼",
        "city": "杭州",
        "referrer": "林护士",
    } | shown
    return Poster(template=template, **facts)


def picture(of: Poster) -> Image.Image:
    return Image.open(BytesIO(render(of))).convert("RGB")


def changed(one: Poster, other: Poster) -> tuple[int, int, int, int] | None:
    """Where two posters differ: left, top, right, bottom."""
    return ImageChops.difference(picture(one), picture(other)).getbbox()


def photographed(
    image: Image.Image, share: float, quality: int = 95, blur: float = 0, turn: float = 0
) -> Image.Image:
    """As it comes out of a chat and through a lens."""
    turned = image.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor="#777777")
    size = round(turned.width * share), round(turned.height * share)
    small = turned.resize(size, Image.Resampling.BILINEAR)
    out = BytesIO()
    small.filter(ImageFilter.GaussianBlur(blur)).save(out, "JPEG", quality=quality)
    return Image.open(BytesIO(out.getvalue()))


def read(image: Image.Image) -> list[str]:
    return [each.text for each in zxingcpp.read_barcodes(image)]


@templates
def test_it_is_a_png_of_a_phones_shape(template: Template) -> None:
    image = Image.open(BytesIO(render(poster(template))))
    assert (image.format, image.size) == ("PNG", (1080, 1920))


@templates
def test_the_same_poster_is_the_same_bytes(template: Template) -> None:
    assert render(poster(template)) == render(poster(template))


def test_templates_look_different_and_say_different_things() -> None:
    small = [picture(poster(each)).resize((9, 16)) for each in Template]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        difference = ImageStat.Stat(ImageChops.difference(small[one], small[other]))
        assert max(difference.mean) > 20
    assert len({look.headline for look in LOOKS.values()}) == len(Template)
    assert len({look.promise for look in LOOKS.values()}) == len(Template)


@templates
@pytest.mark.parametrize(
    "shown",
    [
        {"headline": "孕期吃什么？"},
        {"city": "上海"},
        {"channel": "母婴店"},
        {"referrer": "王阿姨"},
        {"referrer": ""},
        {"is_from_member": True},
        {"link": f"{LINK}x"},
    ],
    ids=str,
)
def test_everything_that_is_said_is_seen(template: Template, shown: dict[str, Any]) -> None:
    assert changed(poster(template), poster(template, **shown)) is not None


@templates
@pytest.mark.parametrize(
    "headline", ["", "群", LONG_HEADLINE, LONG_HEADLINE * 3, "W" * 90, "一\n二\n三\n四", "，" * 70]
)
def test_a_headline_stays_between_the_tag_and_the_picture(
    template: Template, headline: str
) -> None:
    top = LOOKS[template].top + 66
    found = changed(poster(template, headline=headline), poster(template, headline="另一个"))
    assert found is not None
    left, upper, right, lower = found
    assert left >= 80
    assert right <= 1000
    assert upper > top
    assert lower < top + 560


@templates
@pytest.mark.parametrize(
    "name", ["林", "杭州市妇幼保健院产科门诊林晓梅护士长和同事们一起", "W" * 60]
)
def test_a_name_stays_on_the_card(template: Template, name: str) -> None:
    found = changed(poster(template, referrer=name), poster(template, referrer=""))
    assert found is not None
    left, upper, right, lower = found
    assert left >= 64 + 60
    assert right <= 1016 - 60
    assert upper > 1100
    assert lower < 1220


def test_a_name_of_which_nothing_can_be_shown_is_as_none() -> None:
    assert render(poster(referrer="👶🏻\u200d👩")) == render(poster(referrer=""))
    assert render(poster(referrer="豆豆妈👶🏻")) == render(poster(referrer="豆豆妈"))
    assert render(poster(headline="\u202e\u200b\x07 \n")) == render(poster(headline=""))


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("小雨妈妈👶🏻❤️", "小雨妈妈"),
        ("𠮷野家的妈妈", "野家的妈妈"),
        ("a\u200bb\u202ec\ufeffd", "abcd"),
        ("妈妈\t在\u3000这里  呀", "妈妈 在 这里 呀"),
        ("第一行\r\n\n第二行\x00\x1b[31m", "第一行\n第二行[31m"),
        ("cafe\u0301", "café"),
        ("Z̷͓͝a̸l̶g̴o", "Zalgo"),
        ("שלום سلام", ""),
        ("👩‍👩‍👧", ""),
    ],
)
def test_what_the_font_lacks_is_left_out(given_text: str, shown: str) -> None:
    assert legible(given_text) == shown


@settings(deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_left_has_a_shape_of_its_own(text: str) -> None:
    font = ImageFont.truetype(FONT, 24, layout_engine=ImageFont.Layout.BASIC)
    box_for_missing = bytes(font.getmask("\U0010fffd"))
    assert any(box_for_missing), "the font shows a box for what it lacks"
    for char in set(legible(text)) - {" ", "\n"}:
        assert bytes(font.getmask(char)) != box_for_missing
    assert legible(legible(text)) == legible(text)


def test_our_own_words_are_all_in_the_font() -> None:
    for look in LOOKS.values():
        assert legible(look.headline) == look.headline
        assert legible(look.promise) == look.promise


@settings(max_examples=8, deadline=None)
@given(st.text(max_size=400), st.text(max_size=100), st.sampled_from(Template))
def test_whatever_it_is_given_it_is_drawn_and_read(
    headline: str, name: str, template: Template
) -> None:
    image = picture(poster(template, headline=headline, referrer=name, channel=name, city=name))
    assert read(photographed(image, 0.25)) == [LINK]


@templates
@pytest.mark.parametrize("link", [LINK, f"{LONG_SITE}/j/k7m2pq9xwd"], ids=["short", "longest"])
def test_a_phone_reads_it_at_a_quarter_of_its_size(template: Template, link: str) -> None:
    image = picture(poster(template, link=link))
    assert read(photographed(image, 0.25)) == [link]
    assert read(photographed(image, 0.25, quality=60)) == [link]
    assert read(photographed(image, 0.25, quality=60, blur=0.5, turn=4)) == [link]
    assert read(photographed(image, 0.2)) == [link]


@templates
def test_a_usual_link_is_read_in_worse_pictures(template: Template) -> None:
    image = picture(poster(template))
    assert read(photographed(image, 0.2, quality=60, blur=0.8, turn=-7)) == [LINK]
    assert read(photographed(image, 0.15, quality=60, blur=0.5)) == [LINK]
    assert read(photographed(image, 0.25, quality=30)) == [LINK]


@templates
@pytest.mark.parametrize("link", [LINK, f"{LONG_SITE}/j/k7m2pq9xwd", f"https://q.cn/{'x' * 80}"])
def test_the_code_is_dark_on_white_with_four_modules_of_white_around_it(
    template: Template, link: str
) -> None:
    image = picture(poster(template, link=link))
    (found,) = zxingcpp.read_barcodes(image)
    assert found.ec_level in ("M", "Q", "H")
    left, top = found.position.top_left.x, found.position.top_left.y
    right, bottom = found.position.bottom_right.x, found.position.bottom_right.y
    quiet = 4 * finder_module(image, left, top)
    around = image.crop((left - quiet, top - quiet, right + quiet, bottom + quiet))
    around.paste("white", (quiet, quiet, around.width - quiet, around.height - quiet))
    assert around.getcolors() == [(around.width * around.height, (255, 255, 255))]


def finder_module(image: Image.Image, left: int, top: int) -> int:
    """A seventh of the dark bar that the code begins with."""
    x, dark = left + 2, image.getpixel((left + 2, top + 2))
    while image.getpixel((x, top + 2)) == dark:
        x += 1
    return round((x - left) / 7)


def test_the_code_alone_is_a_small_picture_with_its_own_quiet_zone() -> None:
    png = qr_png(LINK, 800)
    image = Image.open(BytesIO(png))
    assert image.width == image.height <= 800
    assert image.width > 700
    assert len(png) < 2000
    assert read(image.convert("L").resize((100, 100))) == [LINK]
    edge = image.convert("L").crop((0, 0, image.width, 4 * image.width // 37))
    assert edge.getextrema() == (255, 255)
    with pytest.raises(ValueError, match="too large"):
        qr_png("x" * 5000, 800)
