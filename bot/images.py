"""Pictures from outside, decoded and drawn anew: nothing but what can be seen goes on."""

import io
import threading

from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST = 2_000_000
"""Bytes, as it is sent."""
WIDEST = 4000
"""Pixels, of either side."""
SHOWN = (1080, 1920)
"""Pixels: no more than a phone shows."""
COLOURS = 128
"""Enough for a code, its heading and a small picture, at a quarter of the size."""
FORMATS = ("PNG", "JPEG")
_one_at_a_time = threading.Lock()
"""The largest takes some 200 MB while it is drawn."""


class NotAPicture(ValueError):
    """Why it can't be taken, in English."""


def as_png(data: bytes) -> bytes:
    """A PNG of a PNG or JPEG, small enough for a phone; raises NotAPicture."""
    if not data:
        raise NotAPicture("there is no picture in it")
    if len(data) > LARGEST:
        raise NotAPicture(f"it has {len(data)} bytes; at most {LARGEST} are taken")
    try:
        with _one_at_a_time:
            return _drawn_anew(data)
    except NotAPicture:
        raise
    except UnidentifiedImageError:
        raise NotAPicture("it is neither PNG nor JPEG") from None
    except Exception as error:  # of a hostile file a decoder may trip over anything
        raise NotAPicture("it is broken") from error


def _drawn_anew(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=FORMATS) as given:
        if max(given.size) > WIDEST:
            wide, high = given.size
            raise NotAPicture(f"it is {wide}x{high} pixels; at most {WIDEST} a side are taken")
        given.draft("RGB", SHOWN)
        picture = ImageOps.exif_transpose(given)
        seen = picture.convert("RGBA")
    plain = Image.new("RGB", seen.size, "white")
    plain.paste(seen, mask=seen.getchannel("A"))
    plain.thumbnail(SHOWN, Image.Resampling.LANCZOS)
    drawn = io.BytesIO()
    plain.quantize(COLOURS).save(drawn, "PNG", optimize=True)
    return drawn.getvalue()
