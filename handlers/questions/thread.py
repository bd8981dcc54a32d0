"""What is said in a group, followed from one message to the next."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from handlers.context import Context
from handlers.questions import policy
from handlers.questions.answering import Talk, Turn
from models.events import Chatted, Said
from models.ids import GroupId, MessageId
from models.stores.talk import Moment
from models.talk import Spoken

KEPT = timedelta(hours=1)
"""After this it is read again: somebody's words may have been erased in another process."""


@dataclass(slots=True)
class Thread:
    """The talk before the message that is being handled, and that message; kept in mind, since to
    read forty messages for each one that is said would cost more than all the rest."""

    read_at: datetime
    talk: Talk = field(default_factory=Talk)
    newest: Moment | None = None
    _latest: Turn | None = None
    _is_open: bool = False

    def hear(self, turn: Turn, at: Moment, *, is_open: bool = False) -> None:
        """From now on this is the message that is being handled."""
        if self._latest is not None:
            self.talk.take(self._latest, is_open=self._is_open)
        self._latest, self._is_open = turn, is_open
        self.newest = at if self.newest is None else max(self.newest, at)

    def opens(self) -> None:
        """The message that is being handled is a question that waits for answers."""
        if self._latest is not None:
            self._latest, self._is_open = replace(self._latest, asks=True), True


async def follow(groups: Iterable[GroupId], ctx: Context) -> None:
    """Have the threads of these groups at hand, in as few statements as can be."""
    wanted = set(groups)
    kept = {each for each in wanted if ctx.facts.mind.get(Thread, each)}
    newest = await ctx.facts.talk.newest(kept) if kept else {}
    unread = {each for each in wanted if not _is_current(each, newest.get(each), ctx)}
    await ctx.facts.talk.read_recent(unread)
    for group in unread:
        await _read(group, ctx)


async def thread_of(chatted: Chatted, ctx: Context) -> Thread:
    """The thread in which this message is being handled."""
    thread = ctx.facts.mind.get(Thread, chatted.group)
    if thread is None:
        thread = await _read(chatted.group, ctx, without=chatted.id)
        _hear(chatted, thread)
    return thread


def hear(said: Said, ctx: Context) -> None:
    """Where the thread is followed."""
    thread = ctx.facts.mind.get(Thread, said.group) if said.group else None
    if thread is not None:
        _hear(said, thread)


def _hear(said: Said | Chatted, thread: Thread) -> None:
    turn = Turn(
        id=said.id,
        speaker=said.sender,
        text=said.text,
        at=said.at,
        mentions=frozenset(said.mentions),
        quotes=said.quoted.id if said.quoted else None,
    )
    thread.hear(turn, (said.at, said.id))


def _is_current(group: GroupId, newest: Moment | None, ctx: Context) -> bool:
    thread = ctx.facts.mind.get(Thread, group)
    return thread is not None and thread.newest == newest and ctx.now - thread.read_at < KEPT


async def _read(group: GroupId, ctx: Context, without: MessageId | None = None) -> Thread:
    await ctx.facts.questions.read_live([group])
    asked = ctx.facts.questions.held_live(group)
    thread = Thread(ctx.now)
    for each in await ctx.facts.talk.recent(group):
        if each.id != without:
            _hear_again(each, asked, thread)
    ctx.facts.mind.keep(group, thread)
    return thread


def _hear_again(spoken: Spoken, asked: Collection[MessageId], thread: Thread) -> None:
    turn = policy.turn(spoken, asked)
    thread.hear(turn, (spoken.at, spoken.id), is_open=turn.asks)
