"""In a shop's name: under its awning, what a baby needs."""

from bot.posters.shapes import Canvas, box, ellipse, path
from bot.posters.templates.look import Look

GLOW, BAR, SHADE = "#FFE79A", "#C23E2B", "#F4C53F"
WOOD, EDGE = "#B9793F", "#9C6331"
WHITE, RED, DEEP_RED, YELLOW = "#FFFDF6", "#E8503A", "#CF4330", "#F2B632"
BLUE, MINT, PINK = "#3E7CB1", "#7CC4A4", "#F3A6A0"
RUBBER, MILK = "#F2B98A", "#FBE6C8"
FUR, MUZZLE, DARK = "#C68A4E", "#F2DDB9", "#3B2A1A"
STRIPES = 9
FLOOR, SMALLER = 1064, 0.86
TEAT = path(
    "M -34 -272 C -34 -302 -16 -314 -12 -332 C -10 -346 10 -346 12 -332 C 16 -314 34 -302 34 -272"
)
FILL = path(
    "M -62 -142 C -22 -156 22 -128 62 -142 L 62 -34 C 62 -12 48 0 28 0"
    " L -28 0 C -48 0 -62 -12 -62 -34"
)
HEART = path(
    "M 0 -56 C -66 -98 -60 -148 -28 -148 C -12 -148 0 -136 0 -128"
    " C 0 -136 12 -148 28 -148 C 60 -148 66 -98 0 -56"
)


def _scene(canvas: Canvas) -> None:
    canvas.fill(ellipse(540, 1080, 620, 350), GLOW)
    _awning(canvas)
    canvas.fill(box(0, FLOOR, 1080, FLOOR + 30), WOOD)
    canvas.fill(box(0, FLOOR + 22, 1080, FLOOR + 36), EDGE)
    for x, thing in ((150, _bottle), (374, _bear), (637, _rings), (891, _bag)):
        thing(canvas.within(x, FLOOR, SMALLER))


def _awning(canvas: Canvas) -> None:
    wide = 1080 / STRIPES
    for n in range(STRIPES):
        canvas.fill(ellipse((n + 0.5) * wide, 142, wide / 2), SHADE, 0.55)
    for n in range(STRIPES):
        colour = WHITE if n % 2 else RED
        canvas.fill(box(n * wide, 0, (n + 1) * wide, 124), colour)
        canvas.fill(ellipse((n + 0.5) * wide, 124, wide / 2), colour)
    canvas.fill(box(0, 0, 1080, 26), BAR)


# What stands on the shelf stands on (0, 0).


def _bottle(canvas: Canvas) -> None:
    canvas.fill(TEAT, RUBBER)
    canvas.fill(box(-52, -276, 52, -230, 12), BLUE)
    canvas.fill(box(-62, -234, 62, 0, 34), WHITE)
    canvas.fill(FILL, MILK)
    for y in (-192, -156, -120, -84):
        canvas.line([(16, y), (42, y)], 5, BLUE)


def _bear(canvas: Canvas) -> None:
    for x in (-74, 74):
        canvas.fill(ellipse(x, -302, 38), FUR)
        canvas.fill(ellipse(x, -302, 20), PINK)
    canvas.fill(ellipse(0, -82, 98, 86), FUR)
    canvas.fill(ellipse(0, -70, 58, 60), MUZZLE)
    for x, turn in ((-96, 35), (96, -35)):
        canvas.fill(ellipse(x, -114, 30, 60, turn), FUR)
    canvas.fill(ellipse(0, -242, 104, 92), FUR)
    canvas.fill(ellipse(0, -212, 48, 38), MUZZLE)
    canvas.fill(ellipse(0, -228, 16, 12), DARK)
    canvas.line(path("M -18 -204 C -12 -194 -4 -194 0 -204 C 4 -194 12 -194 18 -204"), 5, DARK)
    for x in (-44, 44):
        canvas.fill(ellipse(x, -254, 10), DARK)
    for x in (-70, 70):
        canvas.fill(ellipse(x, -34, 44, 34), FUR)
        canvas.fill(ellipse(x, -32, 24, 18), PINK)


def _rings(canvas: Canvas) -> None:
    canvas.fill(box(-10, -272, 10, -12, 10), EDGE)
    for y, half, colour in (
        (-30, 108, BLUE),
        (-86, 90, MINT),
        (-142, 72, YELLOW),
        (-198, 54, RED),
    ):
        canvas.fill(box(-half, y - 30, half, y + 30, 30), colour)
    canvas.fill(ellipse(0, -264, 30), PINK)


def _bag(canvas: Canvas) -> None:
    canvas.line(path("M -42 -212 C -42 -282 42 -282 42 -212"), 10, DARK)
    canvas.fill(path("M -92 -216 L 92 -216 L 108 0 L -108 0"), RED)
    canvas.fill(path("M -92 -216 L 92 -216 L 94 -188 L -94 -188"), DEEP_RED)
    canvas.fill(HEART, WHITE)


LOOK = Look(
    headline="带娃的事，来群里问问",
    promise="同城、同月龄的妈妈，经验和好物一起聊",
    paper="#FFDE6B",
    ink="#3B2A1A",
    accent="#C93B27",
    on_tag="#FFF8E1",
    top=226,
    scene=_scene,
)
