"""QR codes as they stand in a page: in the page itself, so that one answer holds everything."""

from base64 import b64encode
from functools import lru_cache
from io import BytesIO

from PIL import Image

from bot.qr import qr_png

SIDE = 480
"""Pixels; enough for a phone to read, and a kilobyte."""
WIDEST = 600
NARROWEST = 300
GREYS = 8
HEAVIEST = 22_000
"""Bytes: a third more in the page, which is to stay below 50 KB."""


@lru_cache(maxsize=1024)
def drawn(content: str) -> str:
    return _in_page(qr_png(content, SIDE))


@lru_cache(maxsize=64)
def lightened(image: bytes) -> str:
    """A picture that somebody uploaded, in greys and as small as it must be."""
    with Image.open(BytesIO(image)) as given:
        grey = given.convert("L")
    width = min(grey.width, WIDEST)
    while len(png := _png(grey, width)) > HEAVIEST and width > NARROWEST:
        width = max(NARROWEST, width * 4 // 5)
    return _in_page(png)


def _png(grey: Image.Image, width: int) -> bytes:
    small = grey.resize(
        (width, max(1, grey.height * width // grey.width)), Image.Resampling.LANCZOS
    )
    out = BytesIO()
    small.quantize(GREYS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _in_page(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"
