"""What a handler may touch, for the length of one transaction.

A handler never commits, never sends and never asks the time: it reads and writes facts through
the stores and promises messages; the dispatcher commits all of it or none.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from config.daily import ZONE
from config.rules import Rules
from models.events import Event
from models.groups import Group
from models.ids import GroupId
from models.messages import Outgoing
from models.stores.unit import Unit


@dataclass(frozen=True, slots=True)
class Context:
    """`group` and `rules` are as they stood when the event reached the feature; `rules` are
    those in force for that group, or everywhere where there is none."""

    now: datetime
    facts: Unit
    rules: Rules
    group: Group | None = None
    told: list[Event] = field(default_factory=list)

    @classmethod
    async def open(cls, facts: Unit, now: datetime, group: GroupId | None = None) -> "Context":
        known = await facts.groups.get(group) if group is not None else None
        return cls(now, facts, await facts.rules.in_force(known), known)

    async def of(self, group: GroupId) -> "Context":
        """The same moment and transaction, for another group, with what was changed meanwhile."""
        return replace(await Context.open(self.facts, self.now, group), told=self.told)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    def tell(self, fact: Event) -> None:
        """Let the other features know, within this transaction."""
        self.told.append(fact)

    def say(self, message: Outgoing, *, held: bool = False) -> None:
        """Promise to say it; `held` waits for the earlier steps of its round."""
        self.facts.outbox.promise(message, self.now, held=held)
