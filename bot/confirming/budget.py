"""How many mass sends each group may still get: WeCom's limit, and ours for a day."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime

from config.daily import ZONE, midnight
from config.rules import ConfirmationRules
from handlers.proposals.policy import allowance
from models.ids import GroupId
from models.stores.unit import Unit


class Budget:
    """Of the groups for which it was opened, with what is spent meanwhile."""

    def __init__(
        self, today: Counter[GroupId], lately: Counter[GroupId], most: dict[GroupId, int]
    ) -> None:
        self._today, self._lately, self._most = today, lately, most

    @classmethod
    async def of(cls, facts: Unit, groups: Collection[GroupId], now: datetime) -> "Budget":
        by_window: dict[datetime, list[GroupId]] = defaultdict(list)
        most: dict[GroupId, int] = {}
        for group in groups:
            rules = (await facts.rules.in_force(await facts.groups.get(group))).confirmation
            since, most[group] = allowance(rules.budget, now)
            by_window[since].append(group)
        lately: Counter[GroupId] = Counter()
        for since, those in by_window.items():
            lately.update(await facts.proposals.received(those, since))
        morning = midnight(now.astimezone(ZONE).date())
        today = Counter(await facts.proposals.received(groups, morning))
        return cls(today, lately, most)

    def refuses(self, group: GroupId, rules: ConfirmationRules) -> str | None:
        """Why it can't get another one, if it can't."""
        if self._lately[group] >= self._most[group]:
            return f"the group has got its {self._most[group]} mass sends of this {rules.budget}"
        if self._today[group] >= rules.daily:
            return f"the group has got its {rules.daily} mass sends of today"
        return None

    def spend(self, group: GroupId) -> None:
        self._today[group] += 1
        self._lately[group] += 1
