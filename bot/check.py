"""`python -m bot check`: tries each part and says what to mend."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from asyncpg import PostgresError
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.check_entry import entry_findings
from bot.check_wecom import wecom_findings
from bot.clock import Clock
from bot.findings import SHOWN, Finding
from bot.gateways import GATEWAYS, Surroundings, accounts
from bot.gateways.abilities import gateway_of, limits
from bot.gateways.base import Gateway, Unreachable
from bot.gateways.wecom.opening import company_of
from bot.migrations import revisions
from bot.outbox.bell import Bell
from config.daily import ZONE
from config.settings import Settings
from config.texts import SAMPLES, Texts, check_post, render
from models.ids import AccountId, PersonId
from models.people import Role
from models.stores.unit import Unit
from models.tables import GroupRow, MemberRow

SKEW = timedelta(seconds=5)
PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do where a gateway does not answer; and where it can't write to somebody."""

    away: str
    unreached: str


ADVICE = {
    "wechaty": Advice(
        away="check the endpoint, the token, and that it runs",
        unreached="let them add the account as a friend",
    ),
    "wecom": Advice(
        away="docs/wecom.md says where each setting is",
        unreached="WeCom lets us write to colleagues only, so make one of them the monitor",
    ),
}


async def findings(
    settings: Settings, engine: AsyncEngine, clock: Clock
) -> AsyncIterator[Finding]:
    """One for each part, in the order in which they build on one another."""
    is_ready = False
    yield (database := await _database(engine))
    if database.ok:
        yield (schema := await _migrations(engine))
        yield await _clock(engine, clock)
        is_ready = schema.ok
        if is_ready:
            yield await _points(engine)
            yield await _library(engine)
            async for finding in entry_findings(engine, clock.now()):
                yield finding
    yield _texts()
    try:
        configured = accounts(settings)
    except ValueError as error:
        yield Finding("gateway", False, str(error))
        return
    if not configured:
        yield Finding(
            "gateway",
            False,
            "no account is configured: set WECHATY_PUPPET_SERVICE_ENDPOINT (host:port) and "
            "WECHATY_PUPPET_SERVICE_TOKEN, or what docs/wecom.md names, or try "
            "`python -m bot demo`",
        )
    around = Surroundings(clock, engine, lambda _: Bell())
    for account, open_gateway in configured.items():
        try:
            gateway = open_gateway(around)
        except (ValueError, OSError) as error:
            yield Finding(f"gateway {account}", False, f"{error}: check the settings")
            continue
        yield _limits(account, gateway)
        try:
            async for finding in _gateway(account, gateway, engine, ready=database.ok):
                yield finding
        finally:
            await gateway.aclose()
    company = company_of(settings)
    if company is not None and is_ready:
        async for finding in wecom_findings(company, settings, engine, clock.now()):
            yield finding


async def _database(engine: AsyncEngine) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE), engine.connect() as connection:
            version = await connection.scalar(text("SHOW server_version"))
    except (SQLAlchemyError, PostgresError, OSError) as error:
        why = str(error) or type(error).__name__
        return Finding("database", False, f"no answer ({why}): is BOT_DATABASE_URL right?")
    return Finding("database", True, f"PostgreSQL {version}")


async def _migrations(engine: AsyncEngine) -> Finding:
    current, head = await revisions(engine)
    if current == head:
        return Finding("migrations", True, f"at {head}")
    return Finding("migrations", False, f"at {current}, not {head}: run `python -m bot migrate`")


async def _clock(engine: AsyncEngine, clock: Clock) -> Finding:
    async with engine.connect() as connection:
        theirs = await connection.scalar(select(text("clock_timestamp()")))
    now = clock.now()
    skew = abs(now - theirs) if theirs else timedelta(0)
    if skew > SKEW:
        return Finding("clock", False, f"differs from the database's by {skew}: set up NTP")
    return Finding("clock", True, f"{now.astimezone(ZONE):%Y-%m-%d %H:%M} in {ZONE.key}")


async def _points(engine: AsyncEngine) -> Finding:
    """Whether each balance is the sum of its entries."""
    async with engine.connect() as connection:
        differing = await Unit(connection).ledger.differing(SHOWN)
    if not differing:
        return Finding("points", True, "every balance is the sum of its ledger entries")
    which = "; ".join(
        f"{person} in {group} has {balance}, entries say {total}"
        for group, person, balance, total in differing
    )
    return Finding("points", False, f"{which}: book a correction, and report how it came about")


async def _library(engine: AsyncEngine) -> Finding:
    """Whether what was taken in once can be posted by this version."""
    async with engine.connect() as connection:
        items = await Unit(connection).items.library()
    if not items:
        says = "empty, so nothing is posted: python -m bot content import FILE, or --sample"
        return Finding("library", True, says)
    broken = [each.id for each in items if not _can_be_posted(each.text)]
    if not broken:
        return Finding("library", True, f"each of its {len(items)} items can be posted")
    some = ", ".join(broken[:SHOWN])
    which = f"{len(broken)} of its {len(items)} items can't be posted any more, e.g. {some}"
    return Finding("library", False, f"{which}: mend the texts")


def _can_be_posted(text: str) -> bool:
    try:
        check_post(text)
    except ValueError:
        return False
    return True


def _texts() -> Finding:
    texts = Texts()
    for name in type(texts).model_fields:
        render(getattr(texts, name), SAMPLES[name])
    return Finding("texts", True, f"{len(type(texts).model_fields)} templates render")


async def _gateway(
    account: AccountId, gateway: Gateway, engine: AsyncEngine, *, ready: bool
) -> AsyncIterator[Finding]:
    monitors = await _monitors(account, engine) if ready else {}
    advice = ADVICE.get(gateway_of(account, GATEWAYS) or "", ADVICE["wechaty"])
    try:
        probe = await gateway.probe(sorted(monitors))
    except Unreachable as error:
        yield Finding(f"gateway {account}", False, f"{error}: {advice.away}")
        return
    yield Finding(f"gateway {account}", True, f"answers; the account is in {probe.rooms} rooms")
    reach = f"monitors of {account}"
    if probe.unreached:
        people = ", ".join(f"{monitors[each]} ({each})" for each in probe.unreached)
        says = f"no private message reaches {people}: {advice.unreached}"
        yield Finding(reach, False, says)
    elif monitors:
        yield Finding(reach, True, f"all {len(monitors)} can be reached")


def _limits(account: AccountId, gateway: Gateway) -> Finding:
    """What it can't do is nothing to mend, and better known before than found out."""
    name = gateway_of(account, GATEWAYS) or ""
    return Finding(f"limits of {account}", True, limits(name, gateway.capabilities))


async def _monitors(account: AccountId, engine: AsyncEngine) -> Mapping[PersonId, str]:
    """Those in charge of the account's groups, and what they are called."""
    async with engine.connect() as connection:
        try:
            found = await connection.execute(
                select(MemberRow.person, MemberRow.name)
                .join(GroupRow, GroupRow.id == MemberRow.group)
                .where(
                    GroupRow.account == account,
                    MemberRow.role == Role.MONITOR,
                    MemberRow.present,
                )
                .order_by(MemberRow.person, MemberRow.group)
            )
        except SQLAlchemyError:
            return {}
        return {PersonId(person): name for person, name in found}
