"""Which tasks may be open, who responded to one, and in which words the group hears of it."""

from collections.abc import Sequence
from datetime import datetime

from config.rules import Rules, TaskRules
from handlers.tasks.bounds import EXAMPLE, Mistyped, Opening, Refused
from handlers.tasks.responses import folded, has_keyword, says_something
from handlers.tasks.until import when
from handlers.wording import UNTOLD
from models.talk import Quoted
from models.tasks import Task

NAMED = 5
"""Of those who took part, in the summary; the rest are counted."""


# What may be opened, and which one is meant


def check_room(opening: Opening, open_tasks: Sequence[Task], rules: TaskRules) -> None:
    """Raises Refused where the group has too much to do, or the keyword is taken."""
    if len(open_tasks) >= rules.most_open:
        first = f"/任务 结束 {open_tasks[0].number}"
        raise Refused(
            f"已经有{len(open_tasks)}个任务在进行，先收掉一个吧，比如发 {first}",
            f"the group has {len(open_tasks)} open tasks; close one first",
        )
    for each in open_tasks:
        if opening.keyword and each.keyword and folded(each.keyword) == folded(opening.keyword):
            raise Refused(
                f"「{each.title}」也在用关键词「{each.keyword}」，"
                f"换一个，或先发 /任务 结束 {each.number}",
                f"keyword: task {each.number} has it",
            )


def heard_at(opening: Opening, now: datetime, rules: Rules) -> datetime:
    """When the group hears of a task that was not opened in front of it; raises Refused where
    the task would be over by then."""
    hours = rules.delivery.quiet_hours
    at = hours.leave(now)
    if at >= opening.closes_at:
        raise Refused(
            f"群里{hours}不打扰大家，截止时间请写晚一点，比如 到=明天21:00",
            f"closes_at: nothing is said to the group before; quiet hours are {hours}",
        )
    return at


def chosen(called: str, open_tasks: Sequence[Task]) -> Task:
    """The open task that is to be ended; raises Mistyped."""
    if not open_tasks:
        raise Mistyped(f"现在没有进行中的任务。发一个可以写：{EXAMPLE}")
    found = [each for each in open_tasks if not called or _is_called(each, called)]
    if len(found) == 1:
        return found[0]
    choices = "、".join(f"{each.number} {each.title}" for each in open_tasks)
    example = f"比如发 /任务 结束 {(found or open_tasks)[0].number}"
    if found:
        raise Mistyped(f"结束哪一个呢？{choices}。{example}")
    raise Mistyped(f"没有「{called[:20]}」这个任务，进行中的是：{choices}。{example}")


def _is_called(task: Task, called: str) -> bool:
    if called.isdecimal():
        return called == str(task.number)
    names = {folded(task.title), folded(task.keyword or "")}
    return bool(folded(called)) and folded(called) in names


# Who responded


def is_response(task: Task, text: str, quoted: Quoted | None, at: datetime) -> bool:
    """Said in time, with the keyword, or where the task has none, as a reply to it."""
    if not task.opened_at <= at <= task.closes_at:
        return False
    if task.keyword is not None:
        return has_keyword(text, task.keyword)
    return quoted is not None and _is_about(quoted, task) and says_something(text)


def _is_about(quoted: Quoted, task: Task) -> bool:
    if quoted.sender is None:
        return quoted.id == task.announced
    return quoted.id == task.message and quoted.sender == task.by


# Words


def announcement(task: Task, now: datetime) -> str:
    how = f"做到了就发「{task.keyword}」" if task.keyword else "做到了就引用这条消息回一句"
    return f"任务来啦：{task.title}\n{how}，得{task.points}分，{when(task.closes_at, now)}截止～"


def posted(heard_at: datetime, now: datetime, *, is_paused: bool) -> str:
    """To her who opened it in private."""
    if is_paused:
        return "记下啦，群里正暂停着，发 /恢复 之后才会说出来"
    if heard_at > now:
        return f"记下啦，现在不打扰大家，{when(heard_at, now)}发到群里"
    return "已经发到群里啦"


def listing(open_tasks: Sequence[tuple[Task, int]], now: datetime) -> str:
    """`open_tasks`: each with how many responded to it."""
    if not open_tasks:
        return f"现在没有进行中的任务。发一个可以写：{EXAMPLE}"
    lines = [_line(task, done, now) for task, done in open_tasks]
    return "\n".join(["进行中的任务：", *lines, "提前收尾发 /任务 结束 加编号"])


def _line(task: Task, done: int, now: datetime) -> str:
    how = f"发「{task.keyword}」" if task.keyword else "引用回复"
    ends = f"{when(task.closes_at, now)}截止"
    return f"{task.number}. {task.title}（{how}，{task.points}分，{ends}，已有{done}位）"


def summary(task: Task, count: int, names: Sequence[str]) -> str:
    """To the group, with the first of those who are still here by name, but without mentions: so
    many phones need not ring."""
    shown = "、".join(names[:NAMED])
    if not shown:
        return f"「{task.title}」结束啦，有{count}位参加，谢谢大家～"
    if count > len(names[:NAMED]):
        return f"「{task.title}」结束啦，有{count}位参加：{shown}等，谢谢大家～"
    return f"「{task.title}」结束啦，谢谢{shown}来参加～"


def nobody(task: Task, *, is_heard: bool) -> str:
    """To the monitor only; where what members say is not heard, nobody knows who did it."""
    if not is_heard:
        return (
            f"「{task.title}」结束啦。{UNTOLD}，谁参加了我不知道，积分也没有自动加；"
            "看到谁做了，可以在控制台给她补上～"
        )
    return (
        f"「{task.title}」结束啦，这次还没有人参加，群里就不说了。换个时间或换个轻松点的再试试～"
    )


def ended(task: Task, count: int) -> str:
    """To her who ended it, where the summary in the group is no answer to her."""
    return f"「{task.title}」收尾啦" + (f"，有{count}位参加，小结会发到群里" if count else "")
