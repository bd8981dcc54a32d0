"""Everything that a gateway can tell, told by somebody who means no good.

Drawn from a `Random`, as texts are. Ids repeat often, so that what is told is about somebody and
something: the same message twice, in two groups, quoting itself; joins of who is there, leaves of
who never was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import TypeVar, cast

from models.events import (
    AccountDown,
    AccountUp,
    FriendAsked,
    FriendMade,
    GatewayEvent,
    GroupRenamed,
    GroupSeen,
    GroupStirred,
    MemberJoined,
    MemberLeft,
    MessageRecalled,
    MessageReceived,
    NicknameChanged,
)
from models.groups import Ability
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.people import Profile, Role
from tests.faults.hostile import texts

T = TypeVar("T", bound=str)

LONGEST_TEXT = 300_000
CROWD = 2_000
ODD_TIMES: Sequence[datetime] = (
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=14))),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2100, 2, 28, tzinfo=timezone(timedelta(hours=-12))),
    datetime(2100, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(minutes=1))),
)
OTHERS = AccountId("someone else's account")


@dataclass(slots=True)
class Hostile:
    """What is told by `account` at `now`; `groups` are ours, and `me` is the account itself."""

    rng: Random
    account: AccountId
    me: PersonId
    groups: Sequence[GroupId]
    now: datetime
    longest: int = LONGEST_TEXT
    _people: list[PersonId] = field(default_factory=list)
    _messages: list[MessageId] = field(default_factory=list)
    _others: list[GroupId] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._people = [PersonId(f"p{n}") for n in range(CROWD)]

    def event(self) -> GatewayEvent:
        kinds, weights = tuple(SHARES), tuple(SHARES.values())
        (kind,) = self.rng.choices(kinds, weights)
        return kind(self)

    # What happens

    def message(self) -> MessageReceived:
        rng = self.rng
        id_ = self._message()
        quotes = rng.choice((None, None, None, id_, self._message()))
        return MessageReceived(
            at=self._at(),
            account=self._account(),
            id=id_,
            group=None if rng.random() < 0.05 else self._group(),
            sender=self._person(),
            text=texts.text(rng, self.longest if rng.random() < 0.01 else 2_000),
            name=texts.name(rng),
            mentions=self._mentions(),
            quotes=quotes,
        )

    def recall(self) -> MessageRecalled:
        return MessageRecalled(
            at=self._at(), account=self._account(), group=self._group(), id=self._message()
        )

    def join(self) -> MemberJoined:
        person = self._person()
        return MemberJoined(
            at=self._at(),
            account=self._account(),
            group=self._group(),
            person=person,
            profile=self._profile(),
            inviter=self.rng.choice((None, person, self._person())),
            state=texts.soup(self.rng, 8) if self.rng.random() < 0.1 else "",
        )

    def leave(self) -> MemberLeft:
        person = self._person()
        return MemberLeft(
            at=self._at(),
            account=self._account(),
            group=self._group(),
            person=person,
            by=self.rng.choice((None, person, self._person())),
        )

    def nickname(self) -> NicknameChanged:
        return NicknameChanged(
            at=self._at(),
            account=self._account(),
            group=self._group(),
            person=self._person(),
            nickname=texts.name(self.rng),
        )

    def rename(self) -> GroupRenamed:
        name = texts.name(self.rng) if self.rng.random() < 0.9 else texts.soup(self.rng, 10_000)
        return GroupRenamed(at=self._at(), account=self._account(), group=self._group(), name=name)

    def seen(self) -> GroupSeen:
        """Now and then a crowd, or nobody at all."""
        rng = self.rng
        size = rng.choice((0, 1, 20, 20, 20, 200)) if rng.random() < 0.99 else CROWD
        people = [*rng.sample(self._people[:CROWD], size), self.me]
        present = frozenset(people if rng.random() < 0.9 else people[: size // 2])
        return GroupSeen(
            at=self._at(),
            account=self._account(),
            group=self._group(),
            name=texts.name(rng),
            present=present,
            profiles={each: self._profile() for each in people[:20]},
            staff={each: rng.choice(tuple(Role)) for each in people[:3]},
        )

    def stirred(self) -> GroupStirred:
        return GroupStirred(at=self._at(), account=self._account(), group=self._group())

    def friend_asked(self) -> FriendAsked:
        rng = self.rng
        hello = texts.text(rng, 2_000) if rng.random() < 0.5 else f"{rng.randint(0, 999_999):06}"
        return FriendAsked(
            at=self._at(),
            account=self._account(),
            request=texts.id_(rng),
            person=self._person(),
            hello=hello,
        )

    def friend_made(self) -> FriendMade:
        return FriendMade(at=self._at(), account=self._account(), person=self._person())

    def up(self) -> AccountUp:
        return AccountUp(
            at=self._at(),
            account=self._account(),
            person=self.me,
            abilities=frozenset(self.rng.sample(tuple(Ability), self.rng.randint(0, 3))),
        )

    def down(self) -> AccountDown:
        return AccountDown(at=self._at(), account=self._account(), why=texts.text(self.rng, 2_000))

    # Of what it is made

    def _at(self) -> datetime:
        if self.rng.random() < 0.02:
            return self.rng.choice(ODD_TIMES)
        return self.now - timedelta(seconds=self.rng.uniform(0, 30))

    def _account(self) -> AccountId:
        return self.account if self.rng.random() < 0.98 else OTHERS

    def _group(self) -> GroupId:
        if self.rng.random() < 0.97:
            return self.rng.choice(self.groups)
        return self._known(self._others)

    def _person(self) -> PersonId:
        """Mostly one of a few hundred; sometimes the account itself."""
        if self.rng.random() < 0.02:
            return self.me
        if self.rng.random() < 0.95:
            return self._people[int(CROWD * self.rng.uniform(0, 0.999) ** 3)]
        return self._known(self._people)

    def _message(self) -> MessageId:
        """New, or (one in ten) one that was told of before."""
        if self._messages and self.rng.random() < 0.1:
            return self.rng.choice(self._messages[-500:])
        id_ = texts.id_(self.rng) if self.rng.random() < 0.05 else self._number()
        self._messages.append(MessageId(id_))
        del self._messages[:-1_000]
        return MessageId(id_)

    def _number(self) -> str:
        return f"m{self.rng.getrandbits(64)}"

    def _known(self, known: list[T]) -> T:
        """One that was told of before, or a new one of strange form."""
        if known and self.rng.random() < 0.8:
            return self.rng.choice(known)
        known.append(new := cast(T, texts.id_(self.rng)))
        return new

    def _profile(self) -> Profile:
        return Profile(texts.name(self.rng), texts.name(self.rng))

    def _mentions(self) -> tuple[PersonId, ...]:
        if self.rng.random() < 0.8:
            return ()
        if self.rng.random() < 0.002:
            return tuple(self._people[:CROWD])
        return tuple(self._person() for _ in range(self.rng.randint(1, 5)))


SHARES: Mapping[Callable[[Hostile], GatewayEvent], int] = {
    Hostile.message: 600,
    Hostile.recall: 30,
    Hostile.join: 120,
    Hostile.leave: 80,
    Hostile.nickname: 80,
    Hostile.rename: 10,
    Hostile.seen: 6,
    Hostile.stirred: 10,
    Hostile.friend_asked: 20,
    Hostile.friend_made: 10,
    Hostile.up: 2,
    Hostile.down: 2,
}
