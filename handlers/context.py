"""What a handler may touch, for the length of one transaction.

A handler never commits, never sends and never asks the time: it reads and writes facts through
the stores and promises messages; the dispatcher commits all of it or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache

from config.daily import ZONE
from config.rules import Rules
from models.errands import Errand
from models.events import Event
from models.groups import Ability, Group, Member
from models.ids import GroupId, PersonId
from models.messages import Kind, Outgoing
from models.people import Role
from models.stores.unit import Unit

STAFF = PersonId("staff")
"""Whoever is in charge, where nobody was named: no gateway reaches them, people see it parked."""


@dataclass(frozen=True, slots=True)
class Context:
    """`group` and `rules` are as they stood when the event reached the feature; `rules` are
    those in force for that group, or everywhere where there is none of ours: what is set for a
    room that we are only in could make it one."""

    now: datetime
    facts: Unit
    rules: Rules
    group: Group | None = None
    told: list[Event] = field(default_factory=list)

    @classmethod
    async def open(cls, facts: Unit, now: datetime, group: GroupId | None = None) -> "Context":
        known = await facts.groups.get(group) if group is not None else None
        ours = known if known is not None and known.is_ours else None
        return cls(now, facts, await facts.rules.in_force(ours), known)

    async def of(self, group: GroupId) -> "Context":
        """The same moment and transaction, for another group, with what was changed meanwhile."""
        return replace(await Context.open(self.facts, self.now, group), told=self.told)

    @property
    def today(self) -> date:
        return _day(self.now)

    def tell(self, fact: Event) -> None:
        """Let the other features know, within this transaction."""
        self.told.append(fact)

    async def role_of(self, member: Member) -> Role:
        """What she is in this group; a role that she has in every group outranks a plain one."""
        if member.role.is_staff:
            return member.role
        return await self.facts.staff.role(member.person) or member.role

    async def needs_confirmation(self) -> bool:
        """Whether what is said in the group waits for a person who lets it be said."""
        account = await self.facts.accounts.get(self.group.account) if self.group else None
        return account is not None and account.can(Ability.NEEDS_CONFIRMATION)

    async def hears(self) -> bool:
        """Whether the group's account is told what members say: where not, that nobody did
        something says nothing."""
        if self.group is None:
            return False
        account = await self.facts.accounts.get(self.group.account)
        return account is None or account.hears

    async def leader(self) -> PersonId:
        return await self.leader_of(self.group.id if self.group else None)

    async def leader_of(self, group: GroupId | None) -> PersonId:
        """Who is told what a group needs: its monitor, or where it has none, staff."""
        monitor = await self.facts.members.monitor(group) if group is not None else None
        if monitor is not None:
            return monitor.person
        return await self.facts.staff.in_charge() or STAFF

    async def notify(self, key: str, text: str) -> None:
        """Promise the group's leader a private message; worth nothing after half a day."""
        if self.group is not None:
            self.say(
                Outgoing(
                    key=key,
                    kind=Kind.STAFF_NOTICE,
                    account=self.group.account,
                    to=await self.leader(),
                    text=text,
                    due_at=self.now,
                    lapses_at=self.now + self.rules.delivery.notice_lapses,
                )
            )

    def announce(self, key: str, text: str, mentions: Sequence[PersonId] = ()) -> None:
        """Promise the group a notice."""
        if self.group is not None:
            self.say(
                Outgoing(
                    key=key,
                    kind=Kind.NOTICE,
                    account=self.group.account,
                    group=self.group.id,
                    text=text,
                    mentions=tuple(mentions),
                    due_at=self.now,
                    lapses_at=self.now + self.rules.delivery.notice_lapses,
                )
            )

    def ask(self, errand: Errand) -> None:
        """Have an account do something other than speak; how it went is told as ErrandDone or
        ErrandFailed."""
        self.facts.errands.ask(errand, self.now)

    def say(self, message: Outgoing, *, held: bool = False) -> None:
        """Promise to say it; `held` waits for the earlier steps of its round."""
        self.facts.outbox.promise(message, self.now, held=held)


@lru_cache(maxsize=16)
def _day(moment: datetime) -> date:
    """Asked thousands of times of one moment, where a tick looks at many groups."""
    return moment.astimezone(ZONE).date()
