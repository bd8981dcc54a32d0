"""How staff is asked for a group. Pure."""

from models.openings import Opening

HOW = "建好群、把小助手拉进来就行，群名别改"
THEN = "，等着的妈妈会马上看到新群～"


def asked(opening: Opening, waiting: int, template: str) -> str:
    """The exact name has a line of its own, to be copied."""
    if not opening.name:
        return f"{_why(opening, waiting)}，{_unwritable(template)}"
    return (
        f"{_why(opening, waiting)}，麻烦建一个，群名照抄这一行：\n{opening.name}\n{_how(waiting)}"
    )


def reminded(opening: Opening, waiting: int, template: str) -> str:
    if not opening.name:
        return f"早呀，{_why(opening, waiting)}，{_unwritable(template)}"
    please = f"早呀，这个群还没建好，{_who_waits(waiting)}，麻烦今天建一下："
    return f"{please}\n{opening.name}\n{_how(waiting)}"


def card(opening: Opening) -> str:
    return f"建群步骤：{opening.name or _cohort(opening)}"


def _why(opening: Opening, waiting: int) -> str:
    if waiting:
        return f"「{_cohort(opening)}」没有能进的群了，有{waiting}位妈妈在等新群"
    return f"「{_cohort(opening)}」的群快满了，先备好下一个"


def _how(waiting: int) -> str:
    return f"{HOW}{THEN}" if waiting else f"{HOW}～"


def _who_waits(waiting: int) -> str:
    return f"已经有{waiting}位妈妈在等" if waiting else "现在的群快满了"


def _unwritable(template: str) -> str:
    return (
        f"可是按群名规则「{template}」写不出系统认得出的群名（城市、渠道里的符号和规则里的分不开，"
        "或者月龄段不按规则分）。请先改规则；或者随便起个群名，把小助手拉进来，"
        "再到后台把这个群接管到这个城市、渠道和月龄段"
    )


def _cohort(opening: Opening) -> str:
    cohort = opening.cohort
    return f"{cohort.city}·{cohort.channel}·{cohort.window.label}"
