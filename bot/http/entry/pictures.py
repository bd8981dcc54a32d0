"""QR codes as they stand in a page: in the page itself, so that one answer holds everything."""

from base64 import b64encode
from functools import lru_cache
from io import BytesIO

from PIL import Image

from bot.qr import qr_png

SIDE = 480
"""Pixels; enough for a phone to read, and a kilobyte."""
LIGHTER = ((600, 8), (480, 8), (384, 8), (480, 2), (384, 2), (300, 2))
"""Pixels across and shades of grey, until it is light enough: a code and a line of text are so at
once, a photograph around it is not."""
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
    for width, greys in LIGHTER:
        if len(png := _png(grey, min(width, grey.width), greys)) <= HEAVIEST:
            break
    return _in_page(png)


def _png(grey: Image.Image, width: int, greys: int) -> bytes:
    small = grey.resize(
        (width, max(1, grey.height * width // grey.width)), Image.Resampling.LANCZOS
    )
    out = BytesIO()
    small.quantize(greys).save(out, "PNG", optimize=True)
    return out.getvalue()


def _in_page(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"
