"""The whole bot, and a community that lives from day to day."""

from datetime import datetime, timedelta
from random import Random

from bot.virtual import Simulation
from config.daily import ZONE, midnight
from handlers.features import ROUTER
from models.content import ContentKind
from models.events import RewardOffered
from models.ids import GroupId, MessageId, PersonId
from models.people import Profile, Role
from models.rewards import Reward
from tests.faults.month.life import ANSWERS, COMMANDS, LED, QUESTIONS, SMALL_TALK, Act, day
from tests.stories.library import plenty
from tests.world import World

MOTHERS = 40
"""In each group, as it begins; about as many stay."""
KEPT = timedelta(days=1)
"""How long texts are kept here, and who spoke: so that some leave every day."""
A_DAY, A_MINUTE = timedelta(days=1), 60


class EveryMinute:
    """This clock looks once a minute at what is due."""

    least = timedelta(0)

    def wake(self, due: datetime) -> datetime:
        return due + timedelta(seconds=-due.timestamp() % A_MINUTE)

    def rests(self, tick: str, now: datetime) -> bool:
        return False


class Community:
    """`acts` a day in all `groups` together."""

    def __init__(self, world: World, groups: int, acts: int, seed: int) -> None:
        self._world = world
        self._groups = [GroupId(f"group{n}") for n in range(1, groups + 1)]
        self._acts = acts
        self._rng = Random(seed)
        self._mothers = 0
        self._said = 0
        self.events = 0

    async def begins(self) -> None:
        world = self._world
        await world.lets_go()
        world.simulation = Simulation(
            world.transactions, ROUTER, world.gateway, world.clock, rhythm=EveryMinute()
        )
        await world.rules(privacy={"keep_text": KEPT.total_seconds()})
        for n, group in enumerate(self._groups, 1):
            people = (_monitor(group), *(self._mother() for _ in range(MOTHERS)))
            await world.opens(group, f"杭州·2026年3-5月·妇幼·{n:03}", people)
            await world.becomes(_monitor(group), Role.MONITOR, group)
        await world.stocks(*plenty(*ContentKind, count=200))
        reward = Reward(id="r1", name="试用装", scope="everywhere", cost=5)
        await world.happens(RewardOffered(at=world.clock.now(), by="运营小王", reward=reward))
        await world.makes_code()

    async def lives(self, until: datetime) -> None:
        world = self._world
        while (now := world.clock.now()) < until:
            start = midnight(now.astimezone(ZONE).date())
            for after, act in day(self._rng, self._acts):
                if start + after >= now:
                    await world.until(start + after)
                    await self._does(act)
            await world.until(min(start + A_DAY, until))

    async def _does(self, act: Act) -> None:
        world, rng = self._world, self._rng
        group = rng.choice(self._groups)
        people = world.gateway.people(group)
        mothers = [each for each in people if each.startswith("妈")]
        match act:
            case Act.JOIN:
                who = self._mother()
                profile = Profile(who, f"杭州-孕36周-{who}")
                world.gateway.join(group, PersonId(who), profile)
                self.events += 1
            case Act.LEAVE if len(mothers) > MOTHERS // 2:
                world.gateway.leave(group, rng.choice(mothers))
                self.events += 1
            case Act.TALK:
                for _ in range(rng.randint(1, 4)):
                    self._says(group, rng.choice(mothers), rng.choice(SMALL_TALK))
            case Act.ASK:
                asker, helper = rng.sample(mothers, 2)
                self._says(group, asker, rng.choice(QUESTIONS))
                self._says(group, helper, f"{rng.choice(ANSWERS)}{rng.randint(1, 99)}")
                self._says(group, asker, f"谢谢@{helper}，太有用了")
            case Act.COMMAND:
                self._says(group, rng.choice(mothers), rng.choice(COMMANDS))
            case Act.LEAD:
                self._says(group, PersonId(_monitor(group)), rng.choice(LED))
            case Act.VISIT:
                await world.answers(f"browser{self.events}", "小雨")
                self.events += 2
        await world.passes(seconds=0)

    def _says(self, group: GroupId, who: PersonId, text: str) -> None:
        self._said += 1
        self.events += 1
        self._world.gateway.say(group, who, MessageId(f"said{self._said}"), text)

    def _mother(self) -> str:
        self._mothers += 1
        return f"妈{self._mothers}"


def _monitor(group: GroupId) -> str:
    return f"班长{group}"
