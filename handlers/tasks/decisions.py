"""What people in charge decide about tasks over HTTP."""

from config.rules import TaskRules
from handlers.context import Context
from handlers.router import Router
from handlers.tasks import bounds, until
from handlers.tasks.bounds import Opening, Refused
from handlers.tasks.running import close_and_tell, open_task
from models.events import TaskEnded, TaskOpened
from models.ids import PersonId

router = Router()


class NumberTaken(Exception):
    """Another task was opened in the group at the same moment."""


@router.on(TaskOpened)
async def open_asked(decision: TaskOpened, ctx: Context) -> None:
    """As one that is typed in private: the group hears of it once it is awake. Raises LookupError
    where there is no such group, Refused, and NumberTaken."""
    if ctx.group is None:
        raise LookupError(decision.group)
    if not ctx.group.is_ours:
        raise Refused("这个群不归小助手管", "the group is not ours")
    if await ctx.facts.tasks.next_number(decision.group) != decision.number:
        raise NumberTaken
    opening = _opening(decision, ctx.rules.tasks)
    bounds.check(opening, ctx.now, ctx.rules.tasks)
    await open_task(opening, PersonId(decision.by), decision.at, ctx)


@router.on(TaskEnded)
async def end_asked(decision: TaskEnded, ctx: Context) -> None:
    """Raises Refused where it is over already."""
    task = await ctx.facts.tasks.get(decision.group, decision.number)
    if task is None:
        raise LookupError(decision.number)
    if task.closed_at is not None:
        raise Refused("这个任务已经结束了", "the task is over already")
    await close_and_tell(task, ctx)


def _opening(decision: TaskOpened, rules: TaskRules) -> Opening:
    return Opening(
        decision.title,
        decision.keyword,
        rules.usual_points if decision.points is None else decision.points,
        decision.closes_at or until.usual_end(decision.at),
    )
