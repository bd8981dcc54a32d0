"""What one person is told of all her groups, in one message that is read on a phone. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby

from models.growth import Concern, Notice
from models.ids import GroupId

MOST_LINES = 20
NAMED = 3
"""Of the groups that need the same; the others are counted."""

ORDER = list(Concern)
LABELS = {
    Concern.LEAVING: "退群的人比平常多",
    Concern.NEXT_GROUP: "快满了，要建下一个群",
    Concern.NEARLY_FULL: "快满了",
    Concern.INVITE_ONLY: "群二维码扫不进来了，要改成邀请",
    Concern.OVERDUE: "到期还没成群",
    Concern.AT_RISK: "可能按期成不了群",
    Concern.FORMED: "成群啦，可以找 KOC 了",
    Concern.SILENT: "很久没人说话",
    Concern.MONITOR_QUIET: "班长说得少",
    Concern.MISNAMED: "群名该改回来了",
    Concern.DEAF: "我掉线过",
    Concern.LIBRARY_SHORT: "内容库不够发了",
    Concern.NOBODY_TO_POST: "没有班长，该她发的没人发",
    Concern.UNAPPROVED: "有内容等人同意",
    Concern.UNREACHED: "班长收不到私信",
    Concern.NO_WAY_IN: "没有能进群的二维码",
    Concern.UNINVITED: "有妈妈没邀请进来",
    Concern.UNRENAMED: "群名没改成",
}
"""What each is called where many groups have it."""


def letter(notices: Sequence[Notice], names: Mapping[GroupId, str]) -> str:
    """Everything group by group; what is the same for several groups, once; and where that is
    more than anybody reads, only which groups have what."""
    if len({each.group for each in notices}) == 1:
        return _of_one(names[notices[0].group], notices)
    lines = [*_shared(notices, names), *_by_group(notices, names)]
    if len(lines) >= MOST_LINES:
        lines = _by_concern(notices, names)
    count = len({each.group for each in notices})
    return "\n".join([f"有{count}个群想请你看一眼：", *lines])


def _of_one(name: str, notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return f"「{name}」{notices[0].text}"
    return "\n".join([f"「{name}」有{len(notices)}件事：", *_points(notices)])


def _shared(notices: Sequence[Notice], names: Mapping[GroupId, str]) -> list[str]:
    return [
        f"{_named(groups, names)}：{text}"
        for (_, text), groups in _same(notices).items()
        if len(groups) > 1
    ]


def _by_group(notices: Sequence[Notice], names: Mapping[GroupId, str]) -> list[str]:
    same = _same(notices)
    alone = [each for each in notices if len(same[each.concern, each.text]) == 1]
    by_name = sorted(alone, key=lambda each: (names[each.group], each.group))
    lines: list[str] = []
    for group, theirs in groupby(by_name, key=lambda each: each.group):
        found = list(theirs)
        if len(found) == 1:
            lines.append(f"「{names[group]}」{found[0].text}")
        else:
            lines += [f"「{names[group]}」", *_points(found)]
    return lines


def _by_concern(notices: Sequence[Notice], names: Mapping[GroupId, str]) -> list[str]:
    lines = []
    for concern in ORDER:
        of_concern = [each for each in notices if each.concern is concern]
        if of_concern:
            texts = {each.text for each in of_concern}
            what = texts.pop() if len(texts) == 1 else LABELS[concern]
            lines.append(f"· {what}：{_named([each.group for each in of_concern], names)}")
    return lines


def _same(notices: Sequence[Notice]) -> Mapping[tuple[Concern, str], Sequence[GroupId]]:
    """Which groups are told the same, in the order of the concerns."""
    found: dict[tuple[Concern, str], list[GroupId]] = defaultdict(list)
    for each in sorted(notices, key=lambda each: (ORDER.index(each.concern), each.text)):
        found[each.concern, each.text].append(each.group)
    return found


def _named(groups: Sequence[GroupId], names: Mapping[GroupId, str]) -> str:
    shown = sorted(groups, key=lambda each: (names[each], each))
    text = "".join(f"「{names[each]}」" for each in shown[:NAMED])
    return f"{text}等{len(shown)}个群" if len(shown) > NAMED else text


def _points(notices: Sequence[Notice]) -> list[str]:
    in_order = sorted(notices, key=lambda each: ORDER.index(each.concern))
    return [f"· {each.text}" for each in in_order]
