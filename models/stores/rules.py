"""The rules in force, and how they are changed."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from config.rules import Overrides, Rules, compatible, effective, patched
from models.groups import Group
from models.ids import AccountId, GroupId
from models.locks import RULE_CHANGES
from models.scopes import EVERYWHERE, check_scope, combinations, scopes_of
from models.stores.bulk import among, upsert_rows
from models.stores.community import GroupStore
from models.stores.outbox import wake_relays
from models.tables import GroupRow, RuleChangeRow, RuleLayerRow

log = logging.getLogger(__name__)


class StaleVersion(Exception):
    """Somebody else changed the layer meanwhile. `version` is the present one."""

    def __init__(self, scope: str, version: int) -> None:
        super().__init__(f"{scope} was changed meanwhile and is now at version {version}")
        self.version = version


class RulesRefused(Exception):
    """The change would make the rules invalid, in this layer or together with another."""

    def __init__(self, scopes: Sequence[str], error: ValidationError) -> None:
        super().__init__(f"under {' + '.join(scopes)}: {error}")
        self.scopes = scopes
        self.error = error


class RuleStore:
    def __init__(self, connection: AsyncConnection, groups: GroupStore | None = None) -> None:
        """`groups` are those at hand: where one asks for its rules, others will, too."""
        self._connection = connection
        self._at_hand = groups
        self._layers: dict[str, tuple[int, Overrides]] = {}
        self._in_force: dict[tuple[str, ...], Rules] = {}

    async def in_force(self, group: Group | None = None) -> Rules:
        """For a group, or where there is none, everywhere."""
        scopes = scopes_of(group)
        if scopes not in self._in_force:
            if self._at_hand is not None and not self._layers.keys() >= set(scopes):
                await self.load(each for each in self._at_hand.held() if each.is_ours)
            layers = await self.layers(scopes)
            given = [(scope, json.dumps(each)) for scope, (_, each) in layers.items() if each]
            self._in_force[scopes] = _in_force(tuple(given))
        return self._in_force[scopes]

    async def load(self, groups: Iterable[Group]) -> None:
        """Read the layers of many groups in one statement."""
        wanted = {scopes for each in groups if (scopes := scopes_of(each)) not in self._in_force}
        await self.layers({scope for scopes in wanted for scope in scopes})

    async def layers(self, scopes: Iterable[str]) -> dict[str, tuple[int, Overrides]]:
        """Scope -> (version, what it sets); version 0 where nothing was ever set."""
        wanted = list(scopes)
        missing = [scope for scope in wanted if scope not in self._layers]
        if missing:
            rows = await self._connection.execute(
                select(RuleLayerRow.scope, RuleLayerRow.version, RuleLayerRow.overrides).where(
                    among(RuleLayerRow.scope, missing)
                )
            )
            found = {scope: (version, overrides) for scope, version, overrides in rows}
            self._layers |= {scope: found.get(scope, (0, {})) for scope in missing}
        return {scope: self._layers[scope] for scope in wanted}

    async def patch(
        self,
        scope: str,
        changes: Mapping[str, Any],
        by: str,
        now: datetime,
        expected: int | None = None,
    ) -> int:
        """The layer's new version; raises ValueError (no scope), StaleVersion, RulesRefused."""
        check_scope(scope)
        version, before = await self._take_turn(scope)
        if expected is not None and expected != version:
            raise StaleVersion(scope, version)
        after = patched(before, changes)
        await self._check(scope, after)
        await self._write(scope, version + 1, before, after, by, now)
        await wake_relays(self._connection)
        return version + 1

    async def try_out(self, scope: str, changes: Mapping[str, Any]) -> None:
        """Raises RulesRefused where `patch` would; otherwise it won't until this transaction
        ends, since nobody else changes a rule meanwhile."""
        _, before = await self._take_turn(scope)
        await self._check(scope, patched(before, changes))

    async def lay(self, scope: str, changes: Mapping[str, Any], by: str, now: datetime) -> None:
        """As `patch`, of rules that were seen to be right together with those yet to be laid."""
        version, before = (await self.layers([scope]))[scope]
        await self._write(scope, version + 1, before, patched(before, changes), by, now)

    async def _take_turn(self, scope: str) -> tuple[int, Overrides]:
        """The layer as it stands: changes take turns, since each is checked against all the
        others."""
        await self._connection.execute(text(f"SELECT pg_advisory_xact_lock({RULE_CHANGES})"))
        self._layers.clear()
        self._in_force.clear()
        return (await self.layers([scope]))[scope]

    async def _check(self, scope: str, after: Overrides) -> None:
        """Every set of layers that is in force somewhere must stay valid."""
        stored = await self._connection.execute(select(RuleLayerRow.scope, RuleLayerRow.overrides))
        layers: dict[str, Overrides] = dict(stored.all()) | {scope: after}
        for scopes in sorted(combinations(layers, await self._groups()), key=len):
            if scope in scopes:
                try:
                    effective(layers[each] for each in scopes)
                except ValidationError as error:
                    raise RulesRefused(scopes, error) from error

    async def _groups(self) -> list[Group]:
        rows = await self._connection.execute(
            select(GroupRow.id, GroupRow.city, GroupRow.channel, GroupRow.birth_window)
        )
        return [_bare(*row) for row in rows]

    async def _write(
        self,
        scope: str,
        version: int,
        before: Overrides,
        after: Overrides,
        by: str,
        now: datetime,
    ) -> None:
        layer = {"scope": scope, "version": version, "overrides": after}
        await upsert_rows(self._connection, RuleLayerRow, ["scope"], [layer])
        await self._connection.execute(
            insert(RuleChangeRow).values(
                scope=scope,
                version=version,
                changed_at=now,
                changed_by=by,
                before=before,
                after=after,
            )
        )
        self._layers[scope] = (version, after)
        self._in_force.clear()

    async def name_templates(self) -> set[str]:
        """All by which groups were ever named: those of now, before, and to begin with."""
        given = RuleChangeRow.after["groups"]["name_template"].as_string()
        found = await self._connection.scalars(
            select(given).distinct().where(RuleChangeRow.scope == EVERYWHERE, given.is_not(None))
        )
        return {Rules().groups.name_template, *(each for each in found if each)}

    async def changes(self, scope: str, limit: int) -> list[dict[str, Any]]:
        """What was changed, newest first."""
        rows = await self._connection.execute(
            select(
                RuleChangeRow.version,
                RuleChangeRow.changed_at,
                RuleChangeRow.changed_by,
                RuleChangeRow.before,
                RuleChangeRow.after,
            )
            .where(RuleChangeRow.scope == scope)
            .order_by(RuleChangeRow.version.desc())
            .limit(limit)
        )
        return [dict(row) for row in rows.mappings()]

    async def before(self, scope: str, version: int) -> Overrides | None:
        """What the layer set before it came to this version; None where it never did."""
        found: Overrides | None = await self._connection.scalar(
            select(RuleChangeRow.before).where(
                RuleChangeRow.scope == scope, RuleChangeRow.version == version
            )
        )
        return found


@lru_cache(maxsize=4096)
def _in_force(layers: tuple[tuple[str, str], ...]) -> Rules:
    given = {scope: json.loads(overrides) for scope, overrides in layers}
    try:
        return effective(given.values())
    except ValidationError:
        kept = compatible(given)
        left_out = ", ".join(scope for scope in given if scope not in kept)
        log.warning("rules of %s contradict those below them and are left out", left_out)
        return effective(kept.values())


def _bare(group: str, city: str | None, channel: str | None, window: str | None) -> Group:
    """As much of a group as its scopes need."""
    return Group(
        id=GroupId(group),
        account=AccountId(""),
        name="",
        city=city,
        channel=channel,
        birth_window=window,
    )
