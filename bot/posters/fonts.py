"""Noto Sans SC, in any weight and size: how wide text is, and what it looks like.

A weight is opened once, at one large size, and smaller text is scaled down from that: a face of
the variable font costs some megabytes, and widths are then in proportion.
"""

import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

FONT = Path(str(files("justmytype_intl_cjk"))) / "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"
LARGE = 144
"""Pixels of an em as a face is opened; nothing is set larger."""
ROOM = LARGE // 4
"""Around a line, for what reaches over its em."""


class Face:
    """One weight. Sizes are pixels of an em."""

    def __init__(self, weight: int) -> None:
        # BASIC: the same on every machine, and a width is the sum of its characters' widths.
        self._font = ImageFont.truetype(FONT, LARGE, layout_engine=ImageFont.Layout.BASIC)
        self._font.set_variation_by_axes([weight])
        self._advance = lru_cache(maxsize=4096)(self._measured)

    def width(self, text: str) -> float:
        """In ems."""
        return sum(map(self._advance, text))

    def _measured(self, char: str) -> float:
        return self._font.getlength(char) / LARGE

    def draw(
        self, onto: Image.Image, text: str, size: int, at: tuple[float, float], colour: str
    ) -> None:
        """`at`: the left end of its baseline."""
        if not text.strip():
            return
        wide, high = round(self.width(text) * LARGE) + 2 * ROOM, 2 * LARGE
        large = Image.new("L", (wide, high))
        baseline = LARGE + ROOM
        ImageDraw.Draw(large).text((ROOM, baseline), text, 255, self._font, anchor="ls")
        scale = size / LARGE
        mask = large.resize(
            (round(wide * scale), round(high * scale)), Image.Resampling.LANCZOS, reducing_gap=3
        )
        x, y = at
        corner = (round(x - ROOM * scale), round(y - baseline * scale))
        onto.paste(colour, corner, mask)


@cache
def face(weight: int) -> Face:
    return Face(weight)


@cache
def _drawn() -> frozenset[int]:
    """The code points that the font has a glyph for."""
    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


def legible(text: str) -> str:
    """Without what the font can't show (emoji, rare characters) and what shows nothing (controls,
    joiners, turns of direction); any space is one space, any end of line "\\n"."""
    kept = []
    for char in unicodedata.normalize("NFC", "\n".join(text.splitlines())):
        kind = unicodedata.category(char)
        if char == "\n":
            kept.append(char)
        elif kind == "Zs" or char == "\t":
            kept.append(" ")
        elif kind[0] not in "CMZ" and ord(char) in _drawn():
            kept.append(char)
    lines = "".join(kept).split("\n")
    return "\n".join(line for line in (" ".join(each.split()) for each in lines) if line)
