"""In the name of other mothers: one holds her baby before the setting sun."""

from bot.posters.shapes import Canvas, Outline, ellipse, path, turned
from bot.posters.templates.look import Look

SUN, GLOW, HILL = "#FBC9AE", "#FDE0CE", "#F6B497"
HAIR, SKIN, CHEEK = "#5B2E2B", "#F7CDB4", "#EFA58D"
NECK, LIPS = "#F0B498", "#B5563F"
DRESS, SLEEVE, CLOTH, FOLD = "#E2694F", "#D25A43", "#FFF7EE", "#F3DFCC"
GREEN, STEM = "#8FA58A", "#6F8A6E"
LEAF = path("M 0 0 C 18 -30 62 -36 84 -20 C 66 8 26 16 0 0")
TIP = path("M 0 0 C -16 -19 -13 -42 0 -56 C 13 -42 16 -19 0 0")


def _scene(poster: Canvas) -> None:
    canvas = poster.within(0, -14, 1)
    canvas.fill(ellipse(690, 1040, 410), GLOW)
    canvas.fill(ellipse(690, 1040, 310), SUN)
    canvas.fill(
        path(
            "M 0 1110 C 200 1010 420 1030 600 1100 C 800 1170 960 1090 1080 1050"
            " L 1080 1940 L 0 1940"
        ),
        HILL,
    )
    _branch(canvas.within(150, 1150, 1), 262, -6)
    _branch(canvas.within(236, 1150, 1), 196, 9)
    _mother(canvas.within(0, 14, 1))


def _branch(canvas: Canvas, tall: float, lean: float) -> None:
    """Out of (0, 0)."""

    def leant(outline: Outline) -> Outline:
        return turned(outline, (0, 0), lean)

    canvas.line(leant([(0, 0), (0, -tall)]), 7, STEM)
    for step in range(1, 5):
        height, scale = tall * (0.12 + step * 0.2), 0.95 - step * 0.1
        for side in (-scale, scale):
            canvas.fill(leant([(x * side, y * scale - height) for x, y in LEAF]), GREEN)
    canvas.fill(leant([(x, y - tall + 8) for x, y in TIP]), GREEN)


def _mother(canvas: Canvas) -> None:
    canvas.fill(ellipse(800, 752, 52), HAIR)
    canvas.fill(
        path(
            "M 480 1160 C 486 1040 540 968 640 944 C 668 936 716 936 744 944"
            " C 846 968 900 1040 908 1160"
        ),
        DRESS,
    )
    canvas.fill(path("M 652 880 L 736 880 L 738 942 C 716 978 672 978 650 942"), NECK)
    # Her head is bent towards the baby: everything above her neck is turned a little.
    about = (694, 900)
    canvas.fill(turned(ellipse(706, 800, 118, 124), about, -8), HAIR)
    canvas.fill(turned(ellipse(676, 826, 92, 104), about, -8), SKIN)
    fringe = path(
        "M 578 812 C 590 728 690 700 770 762 C 776 792 776 816 770 836"
        " C 722 812 690 782 672 756 C 654 786 618 806 578 812"
    )
    canvas.fill(turned(fringe, about, -8), HAIR)
    canvas.fill(turned(ellipse(768, 842, 17, 22), about, -8), SKIN)
    canvas.line(path("M 604 858 C 612 866 624 866 632 858"), 5, HAIR)
    canvas.line(path("M 668 850 C 676 858 688 858 696 850"), 5, HAIR)
    canvas.line(path("M 640 902 C 650 912 668 910 676 898"), 5, LIPS)
    canvas.fill(ellipse(612, 886, 15, 10), CHEEK, 0.7)
    canvas.fill(ellipse(702, 876, 15, 10), CHEEK, 0.7)
    _baby(canvas)
    canvas.fill(
        path(
            "M 908 1160 C 912 1090 884 1020 840 1006 C 806 1000 792 1030 800 1062"
            " C 806 1090 730 1106 640 1104 C 610 1104 600 1120 604 1160"
        ),
        SLEEVE,
    )
    canvas.fill(path("M 640 1104 C 606 1100 570 1092 548 1104 C 530 1116 548 1140 604 1142"), SKIN)


def _baby(canvas: Canvas) -> None:
    canvas.fill(
        path(
            "M 494 1020 C 520 960 590 950 640 980 C 720 1010 800 1030 836 1060"
            " C 860 1090 836 1140 780 1150 C 680 1160 560 1150 516 1110"
            " C 488 1086 484 1050 494 1020"
        ),
        CLOTH,
    )
    canvas.fill(
        path(
            "M 600 968 C 680 1010 760 1030 836 1060 C 780 1062 640 1070 560 1126"
            " C 600 1080 620 1020 600 968"
        ),
        FOLD,
    )
    canvas.fill(ellipse(556, 1024, 62), SKIN)
    canvas.fill(
        path(
            "M 500 1004 C 510 962 566 946 604 984 C 586 986 566 976 552 976"
            " C 536 978 514 990 500 1004"
        ),
        HAIR,
    )
    canvas.line(path("M 524 1034 C 530 1040 538 1040 544 1034"), 4, HAIR)
    canvas.line(path("M 570 1030 C 576 1036 584 1036 590 1030"), 4, HAIR)
    canvas.line(path("M 550 1054 C 556 1060 564 1060 569 1053"), 4, LIPS)


LOOK = Look(
    headline="宝宝差不多大的妈妈，都在这里",
    promise="同城、同月龄的妈妈群，有伴，也有人答",
    paper="#FFF3E9",
    ink="#4E2522",
    accent="#D9583F",
    on_tag="#FFF7F0",
    top=112,
    scene=_scene,
)
