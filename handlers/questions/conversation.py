"""One message among those before it: what it answers, and whom it thanks."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from handlers.context import Context
from handlers.questions import bringing, policy, thanks
from handlers.questions.answering import Talk, Turn
from handlers.questions.thread import thread_of
from models.events import AnswerAccepted, AnswerFact, AnswerGiven, Chatted
from models.ids import GroupId, MessageId, PersonId
from models.points import RULES
from models.questions import Answer, Question
from models.talk import Spoken


class Conversation:
    def __init__(
        self,
        chatted: Chatted,
        asked: Mapping[MessageId, Question],
        ctx: Context,
        talk: Talk,
        now: Turn,
    ) -> None:
        self._chatted = chatted
        self._asked = asked
        self._ctx = ctx
        self._talk = talk
        self._now = now
        self._quoted = policy.quoted_turn(chatted.quoted, asked)

    @classmethod
    async def until(
        cls, chatted: Chatted, asked: Mapping[MessageId, Question], ctx: Context, *, asks: bool
    ) -> "Conversation":
        """`asked` are the live questions; `asks`: this message is one itself."""
        thread = await thread_of(chatted, ctx)
        if chatted.quoted is not None:
            await ctx.facts.questions.get(chatted.group, chatted.quoted.id)
        now = Turn(
            id=chatted.id,
            speaker=chatted.sender,
            text=chatted.text,
            at=chatted.at,
            mentions=frozenset(chatted.mentions),
            quotes=chatted.quoted.id if chatted.quoted else None,
            asks=asks,
        )
        return cls(chatted, asked, ctx, thread.talk, now)

    async def answer(self) -> None:
        """Several may answer a question: it need not be open any more."""
        if policy.is_no_answer(self._chatted.text):
            return
        link = self._talk.judge(self._now, self._asked, self._quoted)
        if link is None or not link.is_confident:
            return
        question = self._asked[MessageId(link.question)]
        answer = policy.answer(self._chatted.group, self._chatted, question)
        self._ctx.facts.answers.put(answer)
        await _answered(question, self._ctx)
        if not policy.is_asked_back(answer, question, self._asked.values()):
            self._ctx.tell(await _fact(AnswerGiven, answer, self._chatted.text, RULES, self._ctx))

    async def thank(self) -> None:
        """She who asked thanks for, or adopts, what she was answered."""
        ctx, chatted = self._ctx, self._chatted
        if not thanks.may_thank(chatted.text):
            return
        own = await ctx.facts.questions.live_of(chatted.group, chatted.sender)
        if not own:
            return
        since = ctx.now - ctx.rules.questions.thanks_for
        answers = await ctx.facts.answers.to_asker(chatted.group, chatted.sender, since)
        quoted = {chatted.quoted.id} if chatted.quoted else set()
        before = policy.with_quoted(self._talk.recent, self._quoted)
        thankable = policy.thankable(own, answers, before, quoted, chatted.mentions)
        thanked = thanks.judge(self._now, before, thankable) if thankable else None
        if thanked is None or not thanked.is_confident:
            return
        members = await ctx.facts.members.present(chatted.group)
        named = policy.named_in(chatted.text, members) - {chatted.sender}
        if not named and policy.thanks_elsewhere(chatted.text):
            return
        meant = {author: id_ for id_, author in thankable.items() if author in named}
        for answer in meant.values() if named else [thanked.answer]:
            said = await ctx.facts.talk.find(chatted.group, answer)
            if said is not None:
                await accept(said, own, chatted.sender, ctx)

    async def adopt(self) -> None:
        """Somebody in charge quotes an answer, and neither objects nor asks."""
        ctx, quoted = self._ctx, self._chatted.quoted
        if quoted is None or self._now.asks or thanks.objects(self._chatted.text):
            return
        answer = await ctx.facts.answers.get(self._chatted.group, quoted.id)
        said = await ctx.facts.talk.find(self._chatted.group, quoted.id)
        if answer and said and answer.helper != self._chatted.sender:
            await accept(said, self._asked.values(), self._chatted.sender, ctx)


async def accept(
    said: Spoken, asked: Iterable[Question], by: PersonId, ctx: Context
) -> Answer | None:
    """What was said is an accepted answer, to the question it was seen to answer or, of those
    `asked`, most likely answers; None where it was accepted, or recalled, before."""
    group = GroupId(said.chat)
    answer = await ctx.facts.answers.get(group, said.id)
    if answer is None:
        question = policy.question_before(said, asked)
        answer = policy.answer(group, said, question)
        if question is not None:
            await _answered(question, ctx)
    if answer.accepted_at is not None or answer.withdrawn_at is not None:
        return None
    answer = replace(answer, accepted_at=ctx.now)
    ctx.facts.answers.put(answer)
    ctx.tell(await _fact(AnswerAccepted, answer, said.text or "", by, ctx))
    return answer


async def reopen(answer: Answer, ctx: Context) -> None:
    """The question waits again if this was its only answer."""
    if answer.question is None:
        return
    question = await ctx.facts.questions.get(answer.group, answer.question)
    if question and not await ctx.facts.answers.to_question(answer.group, answer.question):
        ctx.facts.questions.put(replace(question, answered_at=None))


async def _answered(question: Question, ctx: Context) -> None:
    if question.answered_at is None:
        ctx.facts.questions.put(replace(question, answered_at=ctx.now))
        await bringing.schedule(ctx)


async def _fact(
    kind: type[AnswerFact], answer: Answer, text: str, by: str, ctx: Context
) -> AnswerFact:
    since = answer.said_at - ctx.rules.points.same_text
    same = await ctx.facts.answers.same_as(answer, since)
    question, others = None, list[Answer]()
    if answer.question is not None:
        question = await ctx.facts.questions.get(answer.group, answer.question)
        others = await ctx.facts.answers.to_question(answer.group, answer.question)
    return kind(
        at=ctx.now,
        group=answer.group,
        message=answer.id,
        helper=answer.helper,
        question=answer.question,
        asker=answer.asker,
        text=text,
        by=by,
        asked_at=question.asked_at if question else None,
        repeats=bool(same) or policy.is_copied(answer, others),
    )
