"""Whether mothers who scan a code get anywhere, and what to mend where they don't."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.findings import SHOWN, Finding
from config.daily import ZONE
from handlers.ways.showing import Shown, shown
from models.entry import EntryCode
from models.groups import Ability, Account, Group, Standing, of_channel
from models.growth import is_full
from models.ids import GroupId
from models.stores.unit import Unit
from models.tables import (
    AccountRow,
    ContactWayRow,
    EntryCodeRow,
    GroupRow,
    JoinWayRow,
    WayRow,
    WelcomeTemplateRow,
)
from models.ways import Way, WayKind


async def entry_findings(engine: AsyncEngine, now: datetime) -> AsyncIterator[Finding]:
    async with engine.connect() as connection:
        facts = Unit(connection)
        codes = await facts.entry_codes.find(EntryCodeRow.closed_at.is_(None))
        channels = {each.channel for each in codes}
        groups = await facts.groups.find(
            GroupRow.standing == Standing.OURS, GroupRow.channel.in_(channels)
        )
        yield _site((await facts.rules.in_force()).entry.site, len(codes))
        if codes:
            yield _codes(codes, {each.channel for each in groups if each.channel})
            yield await _cities(facts, codes)
            yield await _ways(facts, groups, now)
            if lacking := await _unmade_ways(facts):
                yield lacking
        accounts = await facts.accounts.find(AccountRow.up_at.is_not(None))
        for account in sorted(accounts, key=lambda each: each.id):
            yield _abilities(account)


# Where the pages are


def _site(site: str, codes: int) -> Finding:
    if not site:
        says = "not set, so nothing that is said holds a link"
        if codes:
            says += f", and {codes} entry codes are open"
        return Finding("site", not codes, f"{says}: set the rule entry.site to its public address")
    found = urlsplit(site)
    if _is_only_here(found.hostname or ""):
        says = f"{site} is this machine only: set the rule entry.site to what phones can reach"
        return Finding("site", False, says)
    if found.scheme != "https":
        says = f"{site}, in plain HTTP: anybody on the way reads due dates; put TLS before it"
        return Finding("site", True, says)
    return Finding("site", True, site)


def _is_only_here(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified or address.is_link_local


# Where codes lead


def _codes(codes: Sequence[EntryCode], served: Collection[str]) -> Finding:
    astray = [each for each in codes if each.channel not in served]
    if not astray:
        return Finding("codes", True, f"each of the {len(codes)} that are open leads to a group")
    channels = sorted({each.channel for each in astray})
    some = ", ".join(channels[:SHOWN])
    says = f"{len(astray)} open ones belong to channels without a group of ours ({some})"
    return Finding("codes", False, f"{says}: open or adopt one, or close them")


async def _cities(facts: Unit, codes: Sequence[EntryCode]) -> Finding:
    """What the forms of those that ask for a city can offer."""
    asking = sorted({each.channel for each in codes if each.city is None})
    ours = await facts.groups.cities()
    await facts.rules.load(map(of_channel, asking))
    lacking = []
    for channel in asking:
        rules = await facts.rules.in_force(of_channel(channel))
        if not (rules.entry.cities or ours):
            lacking.append(channel)
    if not lacking:
        return Finding("cities", True, "each form that asks for a city has some to choose from")
    says = f"forms of {', '.join(lacking[:SHOWN])} have no city to choose from"
    return Finding("cities", False, f"{says}: set the rule entry.cities, or open a first group")


async def _ways(facts: Unit, groups: Sequence[Group], now: datetime) -> Finding:
    today = now.astimezone(ZONE).date()
    await facts.rules.load(groups)
    await facts.lives.load((each.id,) for each in groups)
    await facts.accounts.load({(each.account,) for each in groups})
    await facts.account_cards.load({(each.account,) for each in groups})
    ways = await _ways_of(facts, groups)
    taking, lacking = 0, []
    for group in groups:
        rules = await facts.rules.in_force(group)
        life = await facts.lives.get(group.id)
        if is_full(group.members, life, today, rules.growth):
            continue
        taking += 1
        account = await facts.accounts.get(group.account)
        if account is not None and account.can(Ability.JOIN_WAYS):
            continue  # one for each entry code: see "join ways"
        card = await facts.account_cards.get(group.account)
        if shown(group, ways.get(group.id), card, account, now, rules) == Shown():
            lacking.append(group)
    if not lacking:
        return Finding("ways", True, f"each of the {taking} groups that take people has one")
    some = ", ".join(f"{each.name} ({each.id})" for each in lacking[:SHOWN])
    says = f"{len(lacking)} of the {taking} groups that take people have none, e.g. {some}"
    mend = "see whether their accounts are online, or PUT a picture to /api/v1/groups/ID/way"
    return Finding("ways", False, f"{says}: {mend}")


async def _unmade_ways(facts: Unit) -> Finding | None:
    """None where all that the platform keeps for us is as it should be."""
    joins = await facts.join_ways.find(JoinWayRow.why_not != "", limit=SHOWN)
    contacts = await facts.contact_ways.find(ContactWayRow.why_not != "", limit=SHOWN)
    welcomes = await facts.welcome_templates.find(WelcomeTemplateRow.why_not != "", limit=SHOWN)
    failed = [
        *(f"into {each.cohort} by {each.code}: {each.why_not}" for each in joins),
        *(f"to staff by {each.code}: {each.why_not}" for each in contacts),
        *(f"welcome {each.name}: {each.why_not}" for each in welcomes),
    ]
    if not failed:
        return None
    return Finding("ways of the platform", False, "; ".join(failed[:SHOWN]))


async def _ways_of(facts: Unit, groups: Sequence[Group]) -> dict[GroupId, Way]:
    """Without the pictures, which may be many: whether there is one is enough."""
    found = await facts.connection.execute(
        select(WayRow.group, WayRow.kind, WayRow.got_at, WayRow.by, WayRow.valid_until).where(
            or_(WayRow.content.is_not(None), WayRow.image.is_not(None))
        )
    )
    wanted = {each.id for each in groups}
    return {
        GroupId(group): Way(
            group=GroupId(group),
            kind=WayKind(kind),
            got_at=got_at,
            by=by,
            content="",
            valid_until=valid_until,
        )
        for group, kind, got_at, by, valid_until in found
        if group in wanted
    }


# What accounts can do


def _abilities(account: Account) -> Finding:
    able = [each for each in _WITHOUT if account.can(each)]
    missing = [_WITHOUT[each] for each in _WITHOUT if each not in able]
    if account.can(Ability.NEEDS_CONFIRMATION):
        missing.append("people confirm what it says in groups")
    says = f"it {', '.join(each.value.replace('_', ' ') for each in able) or 'only speaks'}"
    if missing:
        says += f"; {'; '.join(missing)}"
    return Finding(f"abilities of {account.id}", True, says)


_WITHOUT = {
    Ability.SHOWS_QR: "people upload the QR codes of its groups",
    Ability.RENAMES: "people rename its groups",
    Ability.INVITES: "people invite those who can't scan",
    Ability.ACCEPTS_FRIENDS: "people accept its friend requests",
    Ability.OPENS_ROOMS: "people open its groups when they are asked to",
    Ability.HEARS: "what members say is unknown, and so is all that is counted from it",
}
