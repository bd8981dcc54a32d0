"""Who speaks when: counted by the hour, in two statements a batch, however much was said."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import ARRAY, Text, cast, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.activity import HourCount
from models.ids import GroupId, PersonId
from models.people import Role
from models.stores.bulk import add_rows, among
from models.tables import ActivityRow, SpeakerRow

MEMBERS = (Role.MEMBER, Role.KOC)
"""Whose words are the group's own activity; staff's are not, and hosts' never."""

Speaker = tuple[GroupId, datetime, PersonId]
ByRole = tuple[GroupId, datetime, Role]


class ActivityStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._messages: Counter[ByRole] = Counter()
        self._said: Counter[Speaker] = Counter()
        self._roles: dict[Speaker, Role] = {}

    def add(self, group: GroupId, at: datetime, person: PersonId, role: Role) -> None:
        """One message said at `at`. Whose role changes within an hour is one speaker of that
        hour, in the role in which she spoke first."""
        hour = hour_of(at)
        self._messages[group, hour, role] += 1
        self._said[group, hour, person] += 1
        self._roles.setdefault((group, hour, person), role)

    async def flush(self) -> None:
        if not self._said:
            return
        rows = [
            {
                "group": group,
                "hour": hour,
                "person": person,
                "role": self._roles[group, hour, person],
                "messages": count,
            }
            for (group, hour, person), count in sorted(self._said.items())
        ]
        key = ("group", "hour", "person")
        new = await add_rows(self._connection, SpeakerRow, key, rows, ["messages"])
        speakers = Counter(
            (group, hour, self._roles[group, hour, person]) for group, hour, person in new
        )
        await add_rows(
            self._connection,
            ActivityRow,
            ("group", "hour", "role"),
            [
                {
                    "group": group,
                    "hour": hour,
                    "role": role,
                    "messages": count,
                    "speakers": speakers[group, hour, role],
                }
                for (group, hour, role), count in sorted(self._messages.items())
            ],
            ["messages", "speakers"],
        )
        self._messages.clear()
        self._said.clear()
        self._roles.clear()

    async def by_hour(
        self, groups: Iterable[GroupId], since: datetime, until: datetime
    ) -> dict[GroupId, dict[datetime, HourCount]]:
        """What members said in each hour from `since` to before `until`. Hours of silence are
        left out: whether they were silent or unheard is for the deaf spells to tell."""
        await self.flush()
        found = await self._connection.execute(
            select(
                ActivityRow.group,
                ActivityRow.hour,
                func.sum(ActivityRow.messages),
                func.sum(ActivityRow.speakers),
            )
            .where(
                among(ActivityRow.group, groups),
                ActivityRow.hour >= since,
                ActivityRow.hour < until,
                ActivityRow.role.in_(MEMBERS),
            )
            .group_by(ActivityRow.group, ActivityRow.hour)
        )
        hours: dict[GroupId, dict[datetime, HourCount]] = defaultdict(dict)
        for group, hour, messages, speakers in found:
            hours[GroupId(group)][hour] = HourCount(messages, speakers)
        return hours

    async def by_hour_and_role(
        self, group: GroupId, since: datetime, until: datetime
    ) -> dict[datetime, dict[Role, HourCount]]:
        """What was said in each hour from `since` to before `until`, by everybody."""
        await self.flush()
        found = await self._connection.execute(
            select(
                ActivityRow.hour, ActivityRow.role, ActivityRow.messages, ActivityRow.speakers
            ).where(
                ActivityRow.group == group, ActivityRow.hour >= since, ActivityRow.hour < until
            )
        )
        hours: dict[datetime, dict[Role, HourCount]] = defaultdict(dict)
        for hour, role, messages, speakers in found:
            hours[hour][Role(role)] = HourCount(messages, speakers)
        return hours

    async def by_role(
        self, groups: Iterable[GroupId], since: datetime
    ) -> dict[GroupId, dict[Role, int]]:
        """Messages of each role in each group since the hour of `since`."""
        await self.flush()
        found = await self._connection.execute(
            select(ActivityRow.group, ActivityRow.role, func.sum(ActivityRow.messages))
            .where(among(ActivityRow.group, groups), ActivityRow.hour >= hour_of(since))
            .group_by(ActivityRow.group, ActivityRow.role)
        )
        said: dict[GroupId, dict[Role, int]] = defaultdict(dict)
        for group, role, messages in found:
            said[GroupId(group)][Role(role)] = messages
        return said

    async def active(self, groups: Iterable[GroupId], since: datetime) -> dict[GroupId, int]:
        """How many different members spoke in each group since the hour of `since`."""
        await self.flush()
        found = await self._connection.execute(
            select(SpeakerRow.group, func.count(SpeakerRow.person.distinct()))
            .where(
                among(SpeakerRow.group, groups),
                SpeakerRow.hour >= hour_of(since),
                SpeakerRow.role.in_(MEMBERS),
            )
            .group_by(SpeakerRow.group)
        )
        return {GroupId(group): people for group, people in found}

    async def last_heard(self, groups: Iterable[GroupId]) -> dict[GroupId, datetime]:
        """The last hour in which a member of each group said something. Looked up group by group,
        from the newest: an old one has said much."""
        await self.flush()
        given = func.unnest(cast(sorted(groups), ARRAY(Text))).table_valued("id", name="given")
        each = given.render_derived()
        last = (
            select(ActivityRow.hour)
            .where(ActivityRow.group == each.c.id, ActivityRow.role.in_(MEMBERS))
            .order_by(ActivityRow.hour.desc())
            .limit(1)
            .lateral("last")
        )
        found = await self._connection.execute(
            select(each.c.id, last.c.hour).select_from(each.join(last, literal(True)))
        )
        return {GroupId(group): hour for group, hour in found}

    async def forget(self, before: datetime, limit: int) -> int:
        """Drop who spoke in hours that were over by then, the oldest first; how many rows."""
        await self.flush()
        old = (
            select(SpeakerRow.group, SpeakerRow.hour, SpeakerRow.person)
            .where(SpeakerRow.hour < hour_of(before))
            .order_by(SpeakerRow.hour)
            .limit(limit)
            .cte("old")
        )
        done = await self._connection.execute(
            delete(SpeakerRow).where(
                SpeakerRow.group == old.c.group,
                SpeakerRow.hour == old.c.hour,
                SpeakerRow.person == old.c.person,
            )
        )
        return int(done.rowcount)


def hour_of(moment: datetime) -> datetime:
    """The hour in which it lies, by its beginning."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
