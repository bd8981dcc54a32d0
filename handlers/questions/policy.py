"""Which questions wait for an answer, when the monitor hears of them, and in which words."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import takewhile

from config.daily import DailySpan
from config.rules import QuestionRules
from handlers.questions.answering import Turn
from models.events import Chatted
from models.groups import Member
from models.ids import GroupId, MessageId, PersonId
from models.people import Role
from models.questions import Answer, Question, QuestionDesk
from models.talk import Quoted, Spoken

_NO_ANSWER = re.compile(
    "不知道|不清楚|不太懂|也不懂|我也想(?:问|知道)|同问|蹲一?个?|百度去|自己(?:去)?百度|问医生(?:去|啊|吧)"
    "|加我?(?:微信|好友)|私我|厂家|全网最低"
)
_ELSEWHERE = re.compile(
    "(?:谢谢|感谢|多谢)(?:我)?(?:老公|婆婆|老妈|医生|大夫|护士|班长|群主|小助手)"
)
MOST_OPEN = 300
"""Questions of one group that wait for an answer: all of them are looked at with every message,
and nobody answers one that so many were asked after."""
COMPARED = 1_000
"""Characters by which a text is told from another: a group's last texts are compared again and
again, and one may be as long as a book."""
LISTED = 10
SHOWN = 40
"""Characters of a question in a list."""
ASKED_BACK = timedelta(minutes=10)
"""A question to somebody who has asked one herself so shortly before is likely about hers."""


def asks_for_the_group(role: Role) -> bool:
    """Whether her questions are members' questions; those of staff are to get people talking."""
    return role in (Role.MEMBER, Role.KOC, Role.MONITOR)


def crowded_out(waiting: Sequence[Question]) -> Sequence[Question]:
    """Those, oldest first, that are not waited for any more when one more is asked."""
    return waiting[: max(len(waiting) + 1 - MOST_OPEN, 0)]


def fingerprint(text: str) -> str:
    """The same for texts that say the same, as far as they are looked at, but for spaces,
    punctuation, emoji and width."""
    folded = unicodedata.normalize("NFKC", text[:COMPARED]).casefold()
    said = "".join(filter(str.isalnum, folded))
    return blake2b(said.encode("utf-8", "replace"), digest_size=12).hexdigest()


# The conversation as the judges see it


def turn(spoken: Spoken, asks: Collection[MessageId]) -> Turn:
    return Turn(
        id=spoken.id,
        speaker=spoken.sender,
        text=spoken.text or "",
        at=spoken.at,
        mentions=frozenset(spoken.mentions),
        quotes=spoken.quotes,
        asks=spoken.id in asks,
    )


def quoted_turn(quoted: Quoted | None, asks: Collection[MessageId]) -> Turn | None:
    """What is quoted, where a member said it."""
    if quoted is None or quoted.sender is None:
        return None
    return Turn(id=quoted.id, speaker=quoted.sender, text=quoted.text, asks=quoted.id in asks)


def with_quoted(before: Iterable[Turn], quoted: Turn | None) -> list[Turn]:
    """What was said before, and what is quoted from longer ago."""
    turns = list(before)
    if quoted is None or any(each.id == quoted.id for each in turns):
        return turns
    return [quoted, *turns]


def is_asked_back(answer: Answer, question: Question, asked: Iterable[Question]) -> bool:
    """Whether the question was about the answering person's own: she had asked something shortly
    before, nobody had answered her yet, and she was asked how old the baby is, say."""
    since = question.asked_at - ASKED_BACK
    return any(
        each.asker == answer.helper
        and each.asker != question.asker
        and since <= each.asked_at <= question.asked_at
        and (each.answered_at is None or each.answered_at > question.asked_at)
        for each in asked
    )


def answer(group: GroupId, said: Chatted | Spoken, question: Question | None) -> Answer:
    return Answer(
        group=group,
        id=said.id,
        helper=said.sender,
        question=question.id if question else None,
        asker=question.asker if question else None,
        said_at=said.at,
        fingerprint=fingerprint(said.text or ""),
    )


def is_copied(answer: Answer, others: Iterable[Answer]) -> bool:
    """Whether somebody else has answered the same question in the same words before."""
    return any(
        each.fingerprint == answer.fingerprint
        and each.helper != answer.helper
        and (each.said_at, each.id) < (answer.said_at, answer.id)
        for each in others
    )


def thankable(
    own: Iterable[Question],
    answers: Iterable[Answer],
    before: Sequence[Turn],
    quoted: Collection[str],
    mentioned: Collection[PersonId],
) -> dict[str, str]:
    """The messages that she who asked her `own` questions may be thanking for, and who said them:
    the answers to her, and, where she points at somebody, what that person said since she asked,
    although we took it for no answer."""
    found: dict[str, str] = {each.id: each.helper for each in answers}
    first = min(each.asked_at for each in own)
    askers = {each.asker for each in own}
    for each in before:
        is_meant = each.id in quoted or each.speaker in mentioned
        is_later = each.at is None or each.at >= first
        if is_meant and is_later and not each.asks and each.speaker not in askers:
            found[each.id] = each.speaker
    return found


def question_before(said: Spoken, asked: Iterable[Question]) -> Question | None:
    """The latest question of somebody else: what an accepted message most likely answers."""
    earlier = [each for each in asked if each.asked_at <= said.at and each.asker != said.sender]
    return max(earlier, key=lambda each: (each.asked_at, each.id), default=None)


def is_no_answer(text: str) -> bool:
    """Whether it only says that she does not know either, sends elsewhere, or sells something,
    even where it quotes the question."""
    return _NO_ANSWER.search(text) is not None


def is_for_one(chatted: Chatted) -> bool:
    """Whether it asks back what somebody has said: the monitor need not hear of it."""
    return chatted.quoted is not None and chatted.quoted.sender not in (None, chatted.sender)


def named_in(text: str, members: Iterable[Member]) -> set[PersonId]:
    """Whom the text calls by a name that the group knows: all of it, or its last part as in
    `杭州-孕33周-豆豆`."""
    found = set()
    for each in members:
        names = {each.name, each.nickname, re.split(r"[-·—_ ]", each.nickname)[-1]}
        if any(len(name) > 1 and name in text for name in names):
            found.add(each.person)
    return found


def thanks_elsewhere(text: str) -> bool:
    """Whether somebody outside of the conversation is thanked."""
    return _ELSEWHERE.search(text) is not None


# When the monitor hears of it


def ripe_at(asked_at: datetime, rules: QuestionRules, quiet: DailySpan) -> datetime:
    """When it has waited for long enough, counting only waking hours."""
    start = quiet.leave(asked_at)
    ripe = start + rules.brought_after
    night = quiet.next_start(start)
    while ripe > night and quiet.covers(night):
        morning = quiet.leave(night)
        ripe += morning - night
        night = quiet.next_start(morning)
    return ripe


def ripe(
    waiting: Iterable[Question], now: datetime, rules: QuestionRules, quiet: DailySpan
) -> list[Question]:
    """Those, of open questions with the oldest first, that the monitor is to be told of now."""
    untold = (each for each in waiting if each.brought_at is None)
    return list(takewhile(lambda each: ripe_at(each.asked_at, rules, quiet) <= now, untold))


def brought_due(
    waiting: Iterable[Question], desk: QuestionDesk, rules: QuestionRules, quiet: DailySpan
) -> datetime | None:
    """When the monitor is told next, of open questions with the oldest first: once the first is
    ripe, and not too often."""
    oldest = next((each for each in waiting if each.brought_at is None), None)
    if oldest is None:
        return None
    due = ripe_at(oldest.asked_at, rules, quiet)
    if desk.brought_at is not None:
        due = max(due, desk.brought_at + rules.brought_gap)
    return quiet.leave(due)


# Words


def brought(
    questions: Sequence[Question], names: Mapping[PersonId, str], group: str, now: datetime
) -> str:
    return f"{group}有{len(questions)}个问题还没人回，方便时看看～\n" + _listed(
        questions, names, now
    )


def listed(questions: Sequence[Question], names: Mapping[PersonId, str], now: datetime) -> str:
    if not questions:
        return "没有等着回答的问题，大家都帮得很及时～"
    return f"还有{len(questions)}个问题没人回：\n" + _listed(questions, names, now)


def _listed(questions: Sequence[Question], names: Mapping[PersonId, str], now: datetime) -> str:
    lines = [
        f"{n}. {names.get(each.asker, '群友')}：{_short(each.text)}（{_ago(now - each.asked_at)}）"
        for n, each in enumerate(questions[:LISTED], 1)
    ]
    if len(questions) > LISTED:
        lines.append(f"还有{len(questions) - LISTED}个")
    return "\n".join(lines)


def _short(text: str | None) -> str:
    flat = " ".join((text or "").split())
    return flat if len(flat) <= SHOWN else f"{flat[:SHOWN]}…"


def _ago(passed: timedelta) -> str:
    minutes = max(int(passed.total_seconds() // 60), 1)
    return f"{minutes}分钟前" if minutes < 60 else f"{minutes // 60}小时前"
