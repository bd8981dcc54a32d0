"""Flat shapes with smooth edges. Coordinates are pixels of the poster, y downwards."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, hypot, pi, sin

from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Outline = list[Point]

FINER = 4
"""Pillow's shapes have hard edges: each is drawn so many times as large and scaled down."""
STEPS = 24
"""Straight pieces of a curve."""


def ellipse(x: float, y: float, rx: float, ry: float | None = None, turn: float = 0) -> Outline:
    """Around (x, y), turned clockwise by degrees."""
    ry = rx if ry is None else ry
    angles = (2 * pi * n / (4 * STEPS) for n in range(4 * STEPS))
    return turned([(x + rx * cos(a), y + ry * sin(a)) for a in angles], (x, y), turn)


def box(left: float, top: float, right: float, bottom: float, radius: float = 0) -> Outline:
    corners = (
        (right - radius, top + radius, -90),
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
        (left + radius, top + radius, 180),
    )
    steps = STEPS if radius else 0
    return [
        (x + radius * cos(a), y + radius * sin(a))
        for x, y, start in corners
        for a in (pi * (start + 90 * n / max(steps, 1)) / 180 for n in range(steps + 1))
    ]


def path(commands: str) -> Outline:
    """As in SVG, with M, L and C, in absolute coordinates: `M 0 0 C 0 5 5 10 10 10 L 10 0`."""
    outline: Outline = []
    for letter, numbers in re.findall(r"([MLC])([^MLC]*)", commands):
        values = [float(each) for each in numbers.replace(",", " ").split()]
        points = list(zip(values[::2], values[1::2], strict=True))
        if letter == "C":
            for n in range(0, len(points), 3):
                outline += _curve(outline[-1], *points[n : n + 3])
        else:
            outline += points
    return outline


def _curve(a: Point, b: Point, c: Point, d: Point) -> Iterator[Point]:
    for n in range(1, STEPS + 1):
        t = n / STEPS
        u = 1 - t
        weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
        yield (
            sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)),
            sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True)),
        )


def turned(outline: Outline, about: Point, degrees: float) -> Outline:
    a, (ox, oy) = pi * degrees / 180, about
    return [
        (
            ox + (x - ox) * cos(a) - (y - oy) * sin(a),
            oy + (x - ox) * sin(a) + (y - oy) * cos(a),
        )
        for x, y in outline
    ]


class Canvas:
    """A picture that is painted on. A canvas within another one has its own measures: of a point
    (x, y) there, x * scale + left and y * scale + top here."""

    def __init__(self, picture: Image.Image, scale: float = 1, corner: Point = (0, 0)) -> None:
        self.picture = picture
        self._scale = scale
        self._corner = corner

    def within(self, left: float, top: float, scale: float) -> "Canvas":
        (own_left, own_top), own = self._corner, self._scale
        corner = (left * own + own_left, top * own + own_top)
        return Canvas(self.picture, own * scale, corner)

    def fill(self, outline: Outline, colour: str, opacity: float = 1) -> None:
        outline = self._placed(outline)
        left, top, right, bottom = self._bounds(outline)
        if left >= right or top >= bottom:
            return
        mask = Image.new("L", ((right - left) * FINER, (bottom - top) * FINER))
        large = [((x - left) * FINER, (y - top) * FINER) for x, y in outline]
        ImageDraw.Draw(mask).polygon(large, fill=round(255 * opacity))
        self.picture.paste(colour, (left, top), mask.reduce(FINER))

    def line(self, points: Sequence[Point], width: float, colour: str) -> None:
        """With round ends and joints."""
        for (ax, ay), (bx, by) in pairwise(points):
            long = max(hypot(bx - ax, by - ay), 1e-6)
            nx, ny = (by - ay) / long * width / 2, (ax - bx) / long * width / 2
            band = [(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)]
            self.fill(band, colour)
        for x, y in points:
            self.fill(ellipse(x, y, width / 2), colour)

    def shadow(self, outline: Outline, colour: str, blur: float, opacity: float) -> None:
        mask = Image.new("L", self.picture.size)
        ImageDraw.Draw(mask).polygon(self._placed(outline), fill=round(255 * opacity))
        self.picture.paste(colour, mask=mask.filter(ImageFilter.GaussianBlur(blur)))

    def _placed(self, outline: Outline) -> Outline:
        left, top = self._corner
        return [(x * self._scale + left, y * self._scale + top) for x, y in outline]

    def _bounds(self, outline: Outline) -> tuple[int, int, int, int]:
        """Of what can be seen of it, in whole pixels."""
        wide, high = self.picture.size
        xs, ys = [x for x, _ in outline], [y for _, y in outline]
        return (
            max(0, int(min(xs)) - 1),
            max(0, int(min(ys)) - 1),
            min(wide, int(max(xs)) + 2),
            min(high, int(max(ys)) + 2),
        )
