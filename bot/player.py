"""A scenario's lines carried out: on a simulated platform, which tells the bot what happened."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot import replay_entry
from bot import scenario_lines as script
from bot.clock import ManualClock, PlatformClock
from bot.gateways.simulated import SimulatedGateway
from bot.transactions import Transactions
from bot.virtual import Rhythm, Simulation
from handlers.features import ROUTER
from models.cohort import BirthWindow
from models.events import GroupAdopted, RoleGiven, RulesChanged
from models.groups import Member, Origin
from models.ids import AccountId, GroupId, MessageId, PersonId
from models.messages import Outgoing
from models.people import Profile
from models.stores.unit import Unit


@dataclass(frozen=True, slots=True)
class Action:
    """One line of the scenario, or the end of a deafness, when it happens.

    `cuts`: what came before is handled first, and what comes later afterwards, because what may
    be said changes with it.
    """

    at: datetime
    do: Callable[[], Awaitable[None]]
    cuts: bool = False


class Player:
    """`by` is who declares and decides what the lines say."""

    def __init__(
        self,
        transactions: Transactions,
        start: datetime,
        said: Callable[[Outgoing], None],
        *,
        account: AccountId = script.ACCOUNT,
        by: str = script.OPERATOR,
        rhythm: Rhythm | None = None,
    ) -> None:
        self.transactions = transactions
        self.account = account
        self.by = by
        self.clock = ManualClock(start)
        self.told = PlatformClock(self.clock)
        self.gateway = SimulatedGateway(account, self.told, said)
        self.simulation = Simulation(transactions, ROUTER, self.gateway, self.clock, rhythm=rhythm)

    async def open(self, set_up: Iterable[script.SetUp]) -> None:
        """The set-up: facts, as if they had been known all along."""
        self.gateway.connect()
        lines = list(set_up)
        await self.transactions.run(lambda facts: self._set_up(facts, lines))

    async def tell(self, actions: Sequence[Action]) -> None:
        """Let these happen, in order, and live through the time that they take."""
        for action in actions:
            if action.cuts:
                await self.simulation.advance(action.at, inclusive=False)
            self.told.set(action.at)
            await action.do()
            self.simulation.hear()
            if action.cuts:
                await self.simulation.advance(action.at, inclusive=False)
        await self.simulation.advance(actions[-1].at)

    async def _set_up(self, facts: Unit, set_up: Sequence[script.SetUp]) -> None:
        now = self.told.now()
        for line in set_up:
            match line:
                case script.GroupLine():
                    self.gateway.open_room(GroupId(line.group), line.name)
                    facts.groups.put(replace(line.as_group(self.account), checked_at=now))
                    self.simulation.arrives(self._adoption(line, now))
                case script.MemberLine():
                    member = _member(line)
                    profile = Profile(line.name, line.nickname)
                    self.gateway.enter(member.group, member.person, profile, line.role)
                    facts.members.put(member)
                case script.RewardLine():
                    facts.rewards.put(line.as_reward())
                case script.ContentLine():
                    facts.items.put(line.as_entered())
                case script.CodeLine():
                    facts.entry_codes.put(line.as_code(now, self.by))
        for group in list(facts.groups.held()):
            members = len(list(facts.members.held_of(group.id)))
            facts.groups.put(replace(group, members=members))
        await facts.flush()
        for line in set_up:
            if isinstance(line, script.RulesLine):
                await facts.rules.lay(line.scope, line.set, self.by, now)

    def action(self, line: Any) -> Action:
        cuts = isinstance(line, script.DeafLine | script.RulesLine | script.BefriendsLine)
        return Action(line.at, lambda: self.do(line), cuts)

    async def do(self, line: Any) -> None:
        gateway = self.gateway
        group = GroupId(line.group) if getattr(line, "group", None) else GroupId("")
        person = PersonId(getattr(line, "member", None) or "")
        match line:
            case script.JoinedLine():
                inviter = PersonId(line.inviter) if line.inviter else None
                gateway.join(group, person, Profile(line.name, line.nickname), inviter)
            case script.LeftLine():
                gateway.leave(group, person, PersonId(line.by) if line.by else None)
            case script.NicknameLine():
                gateway.call(group, person, line.nickname)
            case script.RenamedLine():
                gateway.retitle(group, line.name)
            case script.SaidLine():
                gateway.say(
                    group or None,
                    person,
                    MessageId(line.id),
                    line.text,
                    tuple(PersonId(each) for each in line.mentions),
                    MessageId(line.quotes) if line.quotes else None,
                )
            case script.RecalledLine():
                gateway.recall(group, MessageId(line.id))
            case script.DeafLine():
                gateway.disconnect("deaf")
            case script.RoleLine():
                role = RoleGiven(
                    at=line.at, by=self.by, group=group, person=person, role=line.role
                )
                self.simulation.arrives(role)
            case script.ScannedLine():
                self.simulation.arrives(replay_entry.scanned(line))
            case script.AnsweredLine():
                self.simulation.arrives(replay_entry.answered(line))
            case script.BefriendsLine():
                hello = await self.transactions.read(
                    lambda facts: replay_entry.hello_of(facts, line)
                )
                gateway.ask_friend(person, line.name, hello)
            case script.RulesLine():
                changed = RulesChanged(
                    at=line.at or self.told.now(),
                    by=self.by,
                    scope=line.scope,
                    changes=line.set,
                )
                self.simulation.arrives(changed)

    async def hear_again(self) -> None:
        """Connected again: look who is there, as after every connect."""
        self.gateway.connect()
        self.simulation.hear()
        for group in self.gateway.groups():
            self.simulation.arrives(self.gateway.show(group))

    def _adoption(self, line: script.GroupLine, now: datetime) -> GroupAdopted:
        """Ours by declaration; what the line leaves out is read from the group's name."""
        window = BirthWindow.parse(line.birth_window) if line.birth_window else None
        return GroupAdopted(
            at=now,
            by=self.by,
            group=GroupId(line.group),
            city=line.city,
            channel=line.channel,
            window=window,
            opened_on=line.opened_on,
        )


def _member(line: script.MemberLine) -> Member:
    return Member(
        group=GroupId(line.group),
        person=PersonId(line.member),
        name=line.name,
        nickname=line.nickname,
        role=line.role,
        present=True,
        origin=Origin.BASELINE,
    )
