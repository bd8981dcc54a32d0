"""In a hospital's name: its house among trees, and a pram on its way home."""

from bot.posters.shapes import Canvas, box, ellipse, path
from bot.posters.templates.look import Look

LAWN, HILL, CLOUD = "#A5D3C4", "#C4E4DA", "#FFFFFF"
WALL, WING, ROOF, GLASS, DOOR = "#FFFFFF", "#F0FAF7", "#17857F", "#BFE3E6", "#8CCBC9"
TRUNK, CROWN, PALE_CROWN = "#7A6652", "#4FA58F", "#6DBAA2"
PRAM, HOOD, WHEEL, HUB = "#F2A65A", "#E78F3C", "#12505A", "#EAF5F2"
HEART = "#E9776B"


def _scene(poster: Canvas) -> None:
    canvas = poster.within(0, -34, 1)
    _cloud(canvas.within(150, 790, 1))
    _cloud(canvas.within(905, 720, 0.8))
    canvas.fill(
        path(
            "M 0 1010 C 180 930 380 930 560 990 C 760 1050 920 960 1080 940 L 1080 1960 L 0 1960"
        ),
        HILL,
    )
    _house(canvas)
    canvas.fill(path("M 0 1092 C 260 1064 700 1064 1080 1092 L 1080 1960 L 0 1960"), LAWN)
    _tree(canvas.within(96, 1094, 0.9), PALE_CROWN)
    _tree(canvas.within(424, 1084, 0.72), CROWN)
    _tree(canvas.within(1010, 1090, 1), CROWN)
    _pram(canvas)


def _cloud(canvas: Canvas) -> None:
    for x, y, radius in ((-70, 8, 34), (-22, -16, 50), (40, -4, 40), (84, 14, 26)):
        canvas.fill(ellipse(x, y, radius), CLOUD)
    canvas.fill(box(-104, 0, 110, 42, 20), CLOUD)


def _house(canvas: Canvas) -> None:
    canvas.fill(box(478, 872, 962, 1120, 10), WING)
    canvas.fill(box(470, 860, 970, 882, 11), ROOF)
    canvas.fill(box(590, 752, 850, 1120, 14), WALL)
    canvas.fill(box(576, 738, 864, 764, 13), ROOF)
    for x in (506, 898):
        for y in (908, 988):
            canvas.fill(box(x, y, x + 44, y + 52, 8), GLASS)
    for x in (618, 774):
        for y in (880, 960):
            canvas.fill(box(x, y, x + 48, y + 52, 8), GLASS)
    for y in (880, 960):
        canvas.fill(box(696, y, 744, y + 52, 8), GLASS)
    canvas.fill(box(670, 1032, 770, 1120, 14), DOOR)
    canvas.fill(box(717, 1042, 723, 1120), WALL)
    canvas.fill(box(640, 1014, 800, 1032, 9), ROOF)
    heart = path(
        "M 0 46 C -64 6 -58 -46 -26 -46 C -10 -46 0 -34 0 -26"
        " C 0 -34 10 -46 26 -46 C 58 -46 64 6 0 46"
    )
    canvas.within(720, 820, 0.95).fill(heart, HEART)
    canvas.fill(box(713, 792, 727, 836, 4), WALL)
    canvas.fill(box(698, 807, 742, 821, 4), WALL)


def _tree(canvas: Canvas, crown: str) -> None:
    """Out of (0, 0)."""
    canvas.fill(box(-8, -110, 8, 16, 6), TRUNK)
    canvas.fill(ellipse(0, -150, 62, 84), crown)


def _pram(canvas: Canvas) -> None:
    canvas.fill(
        path("M 168 990 L 336 990 C 336 1056 300 1078 252 1078 C 204 1078 168 1056 168 990"), PRAM
    )
    canvas.fill(path("M 262 978 L 262 886 C 310 886 344 924 344 978"), HOOD)
    canvas.fill(box(160, 974, 346, 994, 10), HOOD)
    canvas.line(path("M 168 980 C 150 976 140 956 128 930 L 104 930"), 10, WHEEL)
    canvas.line([(214, 1074), (204, 1100)], 8, WHEEL)
    canvas.line([(290, 1074), (300, 1100)], 8, WHEEL)
    for x in (202, 302):
        canvas.fill(ellipse(x, 1104, 27), WHEEL)
        canvas.fill(ellipse(x, 1104, 14), HUB)


LOOK = Look(
    headline="从产检到产后，一路有人陪",
    promise="和同城、孕周相近的妈妈在一个群里",
    paper="#E8F5F1",
    ink="#0E3E47",
    accent="#12776F",
    on_tag="#F3FBF9",
    top=112,
    scene=_scene,
)
