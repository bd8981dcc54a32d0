"""Tasks: what groups are asked to do, and who did it."""

from typing import Annotated, Any, Literal

from fastapi import Path, Response
from pydantic import Field, StringConstraints
from sqlalchemy import case, func, select

from bot.http.api.knowing import may_read, names_of
from bot.http.api.office import About, Edits, Look, Office, Once, in_group
from bot.http.api.paging import Paged, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Given, Time, View
from bot.http.door import Asker
from bot.http.problems import Problem, told_as_missing
from bot.http.values import GivenChannel, GivenGroup, GivenLine, Moment
from config.numbers import WHOLE
from handlers.tasks.bounds import LONGEST_KEYWORD, LONGEST_TITLE, Refused
from handlers.tasks.decisions import NumberTaken
from models.access import Holder
from models.events import TaskEnded, TaskOpened
from models.ids import GroupId
from models.stores.community import IS_UNTOLD
from models.stores.lists import Listing, rows_of
from models.stores.unit import Unit
from models.tables import GroupRow, TaskResponseRow, TaskRow

MOST_POINTS = 100
"""That any rule may allow."""

State = Literal["open", "closed"]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Within its group.")]


class TaskView(View):
    """Members respond with the `keyword`, or, where it is null, by quoting the announcement. `by`
    is the id of the person who typed it, or the name of who opened it over HTTP. `responses` is
    how many members did it, null where none is known of and the group's account is not told what
    members say."""

    group: str
    group_name: str
    channel: str | None
    number: int = Field(examples=[3])
    title: str = Field(examples=["今天喝水了吗"])
    keyword: str | None = Field(examples=["已喝"])
    points: int
    by: str
    state: State
    opened_at: Time
    closes_at: Time
    closed_at: Time | None
    responses: int | None
    volatile = frozenset({"responses", "responded", "channel", "group_name"})


class TaskResponseView(View):
    """`name` is null for who may not read it."""

    person: str
    name: str | None
    at: Time


class TaskWithResponses(TaskView):
    """`responded` is in the order in which they did."""

    responded: list[TaskResponseView]


class NewTask(Given):
    """What the rules of the group say: how many points and how long at most, how many at once."""

    title: Annotated[GivenLine, StringConstraints(min_length=1, max_length=LONGEST_TITLE)]
    keyword: (
        Annotated[GivenLine, StringConstraints(min_length=1, max_length=LONGEST_KEYWORD)] | None
    ) = Field(None, description="Null: members respond by quoting the announcement.")
    points: Annotated[int, Field(ge=1, le=MOST_POINTS), WHOLE] | None = Field(
        None, description="Null: as many as usual (`tasks.usual_points`)."
    )
    closes_at: Moment | None = Field(None, description="Null: this evening, or tomorrow's.")


_responses = (
    select(func.count())
    .where(TaskResponseRow.group == TaskRow.group, TaskResponseRow.task == TaskRow.number)
    .scalar_subquery()
)

TASKS = Listing(
    rows=rows_of(
        TaskRow,
        (
            *("group", "number", "title", "keyword", "points", "by"),
            *("opened_at", "closes_at", "closed_at"),
        ),
    )
    .add_columns(
        GroupRow.name.label("group_name"),
        GroupRow.channel.label("channel"),
        case((TaskRow.closed_at.is_(None), "open"), else_="closed").label("state"),
        case((IS_UNTOLD, func.nullif(_responses, 0)), else_=_responses).label("responses"),
    )
    .join(GroupRow, GroupRow.id == TaskRow.group),
    key=[TaskRow.group, TaskRow.number],
    sorts={"opened_at": TaskRow.opened_at, "closes_at": TaskRow.closes_at},
    default="-opened_at",
    filters={"group": TaskRow.group, "channel": GroupRow.channel},
    at=TaskRow.opened_at,
)
IN_STATE = {"open": TaskRow.closed_at.is_(None), "closed": TaskRow.closed_at.is_not(None)}


def tasks_api(office: Office) -> Routes:
    api = Routes(office.door, "tasks")

    @api.viewer.get("/tasks", **lists(TaskView))
    async def tasks(
        asked: Annotated[Paged, paged(TASKS)],
        group: GivenGroup | None = None,
        channel: GivenChannel | None = None,
        state: State | None = None,
        since: Since | None = None,
        until: Until | None = None,
    ) -> Any:
        """The newest first; `since` and `until` are about when they were opened."""
        where = [IN_STATE[state]] if state else []
        return await office.list(
            "tasks",
            asked,
            TaskView,
            *where,
            group=group,
            channel=channel,
            since=since,
            until=until,
        )

    @api.viewer.get("/groups/{group:id}/tasks/{number}")
    async def one(
        group: GivenGroup, number: Number, holder: Asker, response: Response
    ) -> TaskWithResponses:
        """One of a group, with who responded."""
        return await office.one(
            _with_responses(group, number, holder), _about(group, number), response
        )

    @api.operator.post("/groups/{group:id}/tasks", status_code=201)
    async def open_one(group: GivenGroup, given: NewTask, asks: Once) -> TaskView:
        """Ask the group to do something; it hears of it at once, or once its quiet hours are over
        (409 where the task would be over by then)."""
        while True:
            number = await office.read(lambda facts: facts.tasks.next_number(group))
            event = TaskOpened(
                at=office.now(),
                by=asks.holder.name,
                group=group,
                number=number,
                **given.model_dump(),
            )
            try:
                with told_as_missing("group"):
                    return await office.make(
                        asks,
                        event,
                        _look(group, number),
                        _about(group, number),
                        within=in_group(group),
                    )
            except Refused as error:
                raise Problem(409, error.english) from error
            except NumberTaken:
                continue

    @api.operator.post("/groups/{group:id}/tasks/{number}/close")
    async def close(group: GivenGroup, number: Number, asks: Edits) -> TaskView:
        """Nobody can take part any more; the group hears who did."""
        event = TaskEnded(at=office.now(), by=asks.holder.name, group=group, number=number)
        try:
            return await office.edit(
                asks, event, _look(group, number), _about(group, number), within=in_group(group)
            )
        except Refused as error:
            raise Problem(409, error.english) from error

    return api


def _about(group: GroupId, number: int) -> About:
    return About(kind="task", id=f"{group}/{number}", group=group)


def _look(group: GroupId, number: int) -> Look[TaskView]:
    async def look(facts: Unit) -> TaskView | None:
        found = await facts.connection.execute(
            TASKS.rows.where(TaskRow.group == group, TaskRow.number == number)
        )
        row = found.mappings().first()
        return TaskView.model_validate(row) if row else None

    return look


def _with_responses(group: GroupId, number: int, holder: Holder) -> Look[TaskWithResponses]:
    async def look(facts: Unit) -> TaskWithResponses | None:
        shown = await _look(group, number)(facts)
        task = await facts.tasks.get(group, number)
        if shown is None or task is None:
            return None
        done = await facts.task_responses.to(task)
        is_read = may_read(holder, group, shown.channel)
        names = (
            await names_of([(each.group, each.person) for each in done], facts) if is_read else {}
        )
        responded = [
            TaskResponseView(
                person=each.person, name=names.get((each.group, each.person)), at=each.at
            )
            for each in done
        ]
        return TaskWithResponses(**shown.model_dump(), responded=responded)

    return look
