"""What one can decide about single posts in the demo, and the way to the next of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.demo.cast import Awkward
from bot.demo.outlook import read_outlook
from bot.demo.stage import Stage, StagedDispatcher
from bot.transactions import Transactions
from handlers.content.deciding import PostRefused
from models.content import Post, PostState
from models.events import PostApproved, PostDecision, PostedNow, PostSkipped, PostSwapped
from models.ids import GroupId
from models.stores.unit import Unit
from models.tables import PostRow

DECISIONS: Mapping[str, type[PostDecision]] = {
    "approve": PostApproved,
    "skip": PostSkipped,
    "swap": PostSwapped,
    "post-now": PostedNow,
}
OPERATOR = "运营"
A_MOMENT = timedelta(seconds=3)
"""Until what is said, or handed over in two messages, has arrived."""
MOST_MOMENTS = 40
"""That an account takes to get round to it."""
MOST_JUMPS = 300
"""A post that waits for something is looked at every few minutes."""


@dataclass(frozen=True, slots=True)
class SlotKey:
    group: GroupId
    day: date
    minute: int


class Editor:
    def __init__(
        self, stage: Stage, dispatcher: StagedDispatcher, transactions: Transactions
    ) -> None:
        self._stage = stage
        self._dispatcher = dispatcher
        self._transactions = transactions

    async def decide(self, what: str, slot: SlotKey) -> None:
        now = self._stage.now()
        decision = DECISIONS[what](
            at=now, by=OPERATOR, group=slot.group, day=slot.day, slot=slot.minute
        )
        try:
            await self._dispatcher.decide(decision, now)
        except PostRefused as refused:
            raise Awkward(refused.chinese) from refused
        if isinstance(decision, PostedNow):
            await self._stage.jump(now + A_MOMENT)

    async def to_next_post(self, group: GroupId) -> Post:
        """Jump to where it is said or handed over. Raises Awkward, without a jump, where nothing
        is to be posted."""
        await self._transactions.read(lambda facts: self._must_lead_somewhere(facts, group))
        for _ in range(MOST_JUMPS):
            post = await self._transactions.read(lambda facts: _next(facts, group))
            if post is not None and post.due_at is not None:
                await self._stage.jump(max(post.due_at, self._stage.now()))
                post = await self._arrived(post)
                if post.state in (PostState.POSTED, PostState.HANDED):
                    return post
            else:
                await self._to_next_plan(group)
        raise Awkward("找了很久，也没有等到一条能发的内容")

    async def _must_lead_somewhere(self, facts: Unit, group_id: GroupId) -> None:
        now = self._stage.now()
        group = await facts.groups.peek(group_id)
        if group is None:
            raise Awkward("先选一个群吧")
        if group.paused_at is not None:
            raise Awkward("小助手在这个群里暂停着，先以班长发 /恢复")
        outlook = await read_outlook(facts, group, now)
        slots = [each for _, day in outlook.days for each in day]
        ahead = [
            each
            for each in slots
            if each.post.state is PostState.PLANNED and each.post.closes_at > now
        ]
        if not ahead:
            raise Awkward("这个群接下来没有要发的内容")
        if all(each.needs_consent for each in ahead):
            raise Awkward("要发的内容都还没有人同意，先在日历里点「同意」")

    async def _to_next_plan(self, group: GroupId) -> None:
        programme = await self._transactions.read(lambda facts: facts.programmes.get(group))
        if programme is None or programme.plan_at is None:
            raise Awkward("这个群接下来没有要发的内容")
        await self._stage.jump(max(programme.plan_at, self._stage.now()))

    async def _arrived(self, post: Post) -> Post:
        """What became of it, once it is said or both messages of it are with the monitor."""
        post = await self._as_it_is(post)
        for _ in range(MOST_MOMENTS):
            if post.state not in (PostState.PROMISED, PostState.HANDED):
                break
            await self._stage.jump(self._stage.now() + A_MOMENT)
            if post.state is PostState.HANDED:
                break
            post = await self._as_it_is(post)
        return post

    async def _as_it_is(self, post: Post) -> Post:
        key = post.group, post.day, post.slot
        return await self._transactions.read(lambda facts: facts.posts.get(*key)) or post


async def _next(facts: Unit, group: GroupId) -> Post | None:
    planned = PostRow.state == PostState.PLANNED
    found = await facts.posts.find(PostRow.group == group, planned, PostRow.due_at.is_not(None))
    return min(found, key=lambda each: (each.due_at, each.slot), default=None)
