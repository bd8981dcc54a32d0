"""A poster as a PNG: the template's picture, kept ready, and what its code says upon it."""

import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image

from bot.posters.fonts import face, legible
from bot.posters.layout import Setting, fitted
from bot.posters.shapes import Canvas, box, ellipse
from bot.posters.templates import LOOKS
from bot.posters.templates.look import Look
from bot.qr import qr_modules
from models.entry import EntryCode, Template

SIZE = WIDTH, HEIGHT = (1080, 1920)
MARGIN = 96
ROOM = WIDTH - 2 * MARGIN
CARD = LEFT, TOP, RIGHT, BOTTOM = (64, 1100, 1016, 1856)
PAD, CURVE = 80, 40
"""Within the card, whose corners are round."""
QR_ROOM = 500
"""Of a side; at a quarter of it the longest address still has two pixels a module."""
LARGEST_MODULE = 17
"""Pixels: the quiet zone ends before the corners of the card and before what is said above."""
ASIDE = LEFT + PAD + QR_ROOM + 68
"""Where the column beside the code begins."""

TAG = (Setting(36, 1), Setting(30, 1))
HEADLINE = (
    *(Setting(size, 2) for size in (124, 116, 108, 100, 92)),
    *(Setting(size, 3) for size in (88, 80, 72, 66)),
    *(Setting(size, 4) for size in (60, 54, 50)),
)
GREETING = tuple(Setting(size, 1) for size in (46, 42, 38, 34, 30))
LEADING = 1.24
MIDDLE = 0.36
"""Of a size: from the middle of Chinese characters down to the baseline."""
HEAVY, PLAIN = 800, 500
PROMISE = 42
LONGEST = 300
"""Characters of a text that are looked at; no poster has room for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """Everything that a poster shows. `link` is what its QR leads to."""

    template: Template
    link: str
    channel: str
    city: str = ""
    headline: str = ""
    referrer: str = ""
    is_from_member: bool = False

    @classmethod
    def of(cls, code: EntryCode, link: str, template: Template | None = None) -> "Poster":
        return cls(
            template=template or code.template,
            link=link,
            channel=code.channel,
            city=code.city or "",
            headline=code.headline,
            referrer=code.referrer,
            is_from_member=code.member is not None,
        )


def render(poster: Poster) -> bytes:
    """A PNG of 1080x1920, the same bytes for the same poster; raises ValueError where the link is
    too long for a code."""
    look = LOOKS[poster.template]
    picture = _ground(poster.template)
    _tag(picture, look, poster)
    end = _headline(picture, look, poster.headline)
    face(PLAIN).draw(picture, look.promise, PROMISE, (MARGIN, end + 98), look.ink)
    _greeting(picture, look, poster)
    _code(picture, look, poster.link)
    out = BytesIO()
    # Flat colours hardly gain from more than runs, which are found in half the time.
    picture.save(out, "PNG", compress_type=zlib.Z_RLE)
    return out.getvalue()


def _ground(template: Template) -> Image.Image:
    """Painted once; kept packed, since three of them are 19 MB otherwise."""
    return Image.frombytes("RGB", SIZE, zlib.decompress(_painted(template)))


@cache
def _painted(template: Template) -> bytes:
    look = LOOKS[template]
    canvas = Canvas(Image.new("RGB", SIZE, look.paper))
    look.scene(canvas)
    card = box(*CARD, CURVE)
    canvas.shadow([(x, y + 14) for x, y in card], look.ink, 26, 0.22)
    canvas.fill(card, "#FFFFFF")
    _how_to(canvas, look)
    return zlib.compress(canvas.picture.tobytes(), 3)


def _how_to(canvas: Canvas, look: Look) -> None:
    """Beside the code: what to do with it."""
    x, y = ASIDE, BOTTOM - PAD - QR_ROOM // 2
    for radius, opacity in ((44, 0.16), (30, 0.3), (15, 1)):
        canvas.fill(ellipse(x + 44, y - 126, radius), look.accent, opacity)
    for text, weight, size, down in (
        ("长按识别", HEAVY, 56, 16),
        ("或扫码", HEAVY, 56, 88),
        ("答几个小问题，", PLAIN, 32, 158),
        ("就能找到你的群", PLAIN, 32, 202),
    ):
        face(weight).draw(canvas.picture, text, size, (x - size / 24, y + down), look.ink)


def _tag(picture: Image.Image, look: Look, poster: Poster) -> None:
    """City and channel, in a pill."""
    text = "·".join(filter(None, map(_line, (poster.city, poster.channel))))
    if not text:
        return
    pad, high = 28, 66
    block = fitted(text, ROOM - 2 * pad, TAG, face(PLAIN).width)
    wide = face(PLAIN).width(block.lines[0]) * block.size + 2 * pad
    pill = box(MARGIN, look.top, MARGIN + wide, look.top + high, high / 2)
    Canvas(picture).fill(pill, look.accent)
    at = (MARGIN + pad, look.top + high / 2 + block.size * MIDDLE)
    face(PLAIN).draw(picture, block.lines[0], block.size, at, look.on_tag)


def _headline(picture: Image.Image, look: Look, given: str) -> float:
    """Where its last baseline is."""
    text = legible(given[:LONGEST]) or look.headline
    block = fitted(text, ROOM, HEADLINE, face(HEAVY).width)
    y = look.top + 102 + block.size * (1 - LEADING)
    for line in block.lines:
        y += block.size * LEADING
        face(HEAVY).draw(picture, line, block.size, (MARGIN - block.size / 24, y), look.ink)
    return y


def _greeting(picture: Image.Image, look: Look, poster: Poster) -> None:
    """On the card, above the code: whose poster it is."""
    name = _line(poster.referrer)
    around = ("", " 邀请你") if poster.is_from_member else ("由 ", " 推荐")
    before, after = around if name else ("扫码进群，妈妈们在等你", "")

    def width(text: str) -> float:
        return face(HEAVY).width(text) + face(PLAIN).width(before + after)

    block = fitted(name, RIGHT - LEFT - 2 * PAD, GREETING, width)
    x: float = LEFT + PAD
    for text, weight, colour in (
        (before, PLAIN if name else HEAVY, look.ink),
        ("".join(block.lines), HEAVY, look.accent),
        (after, PLAIN, look.ink),
    ):
        face(weight).draw(picture, text, block.size, (x, TOP + 98), colour)
        x += face(weight).width(text) * block.size


def _code(picture: Image.Image, look: Look, link: str) -> None:
    modules = qr_modules(link)
    each = min(LARGEST_MODULE, QR_ROOM // modules.width)
    side = modules.width * each
    large = modules.resize((side, side), Image.Resampling.NEAREST)
    picture.paste(look.ink, (LEFT + PAD, BOTTOM - PAD - (QR_ROOM + side) // 2), large)


def _line(text: str) -> str:
    return legible(text[:LONGEST]).replace("\n", " ")
