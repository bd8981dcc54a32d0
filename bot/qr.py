"""QR codes as pictures."""

from io import BytesIO

import segno
from PIL import Image

QUIET_ZONE = 4
"""Modules of light around a code; ISO/IEC 18004 asks for so many."""


def qr_modules(content: str) -> Image.Image:
    """A pixel a module, white where it is dark, without a quiet zone. Error correction is M, or
    better where that costs no room; raises ValueError for what is too long for any code."""
    rows = [bytes(row) for row in segno.make_qr(content, error="m").matrix]
    small = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
    return small.point(lambda is_dark: 255 if is_dark else 0)


def qr_png(content: str, size: int) -> bytes:
    """Black on white, of at most `size` pixels a side (but no less than a pixel a module), quiet
    zone included; raises ValueError as `qr_modules` does."""
    modules = qr_modules(content)
    across = modules.width + 2 * QUIET_ZONE
    picture = Image.new("1", (across, across), 1)
    picture.paste(0, (QUIET_ZONE, QUIET_ZONE), modules)
    side = across * max(1, size // across)
    out = BytesIO()
    picture.resize((side, side), Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()
