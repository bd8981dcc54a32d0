"""Whether WeCom can tell us what happens, and owners can be asked to say something."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.findings import SHOWN, Finding
from bot.gateways.wecom.opening import Company
from bot.gateways.wecom.people import People
from bot.http.addresses import callback_address
from config.daily import ZONE
from config.settings import OFF, Settings
from models.groups import Group, Standing
from models.stores.unit import Unit
from models.tables import GroupRow, InboxRow

HANDLED_WITHIN = timedelta(minutes=5)
SOMEWHERE = "https://YOUR-HOST"
PAGE = "the app's page 接收消息 - API接收 in the WeCom admin console"


async def wecom_findings(
    company: Company, settings: Settings, engine: AsyncEngine, now: datetime
) -> AsyncIterator[Finding]:
    """Needs a database that is up to date."""
    async with engine.connect() as connection:
        facts = Unit(connection)
        site = (await facts.rules.in_force()).entry.site
        yield await _callbacks(company, settings, site, facts)
        if late := await _late(company, facts, now):
            yield late
        groups = await facts.groups.find(
            GroupRow.account == company.account, GroupRow.standing == Standing.OURS
        )
        yield _owners(company, groups)


async def _callbacks(company: Company, settings: Settings, site: str, facts: Unit) -> Finding:
    part = f"callbacks of {company.account}"
    address = callback_address(site or SOMEWHERE, company.account)
    if company.envelope is None:
        says = (
            "not set up, so who joins is only seen at the nightly look: set "
            "BOT_WECOM_CALLBACK_TOKEN and BOT_WECOM_CALLBACK_KEY to Token and EncodingAESKey of "
            f"{PAGE}, restart, and save {address} there"
        )
        return Finding(part, False, says)
    if settings.http == OFF:
        return Finding(part, False, f"BOT_HTTP is off, so WeCom can't call {address}")
    if not site:
        says = (
            f"WeCom calls {address}, and owners are sent no link to their page: set the rule "
            "entry.site to the public address"
        )
        return Finding(part, False, says)
    last = await facts.connection.scalar(
        select(func.max(InboxRow.came_at)).where(InboxRow.account == company.account)
    )
    if last is None:
        says = f"WeCom calls {address}; nothing has come lately: see that {PAGE} has it"
        return Finding(part, True, f"{says}, with 外部联系人变更回调 ticked")
    when = f"{last.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return Finding(part, True, f"WeCom calls {address}; the last came {when}")


async def _late(company: Company, facts: Unit, now: datetime) -> Finding | None:
    """None where all that came is handled, or about to be."""
    found = await facts.connection.execute(
        select(func.count(), func.min(InboxRow.came_at)).where(
            InboxRow.account == company.account, InboxRow.handled_at.is_(None)
        )
    )
    count, oldest = found.one()
    if oldest is None or now - oldest < HANDLED_WITHIN:
        return None
    since = f"{oldest.astimezone(ZONE):%Y-%m-%d %H:%M}"
    says = (
        f"{count} callbacks are not handled, the oldest of {since}: is `python -m bot run` alive?"
    )
    return Finding(f"inbox of {company.account}", False, says)


def _owners(company: Company, groups: Sequence[Group]) -> Finding:
    part = f"owners of {company.account}"
    people = People(company.corp_id, company.agent_id)
    nobodys = [each for each in groups if not each.owner or not people.userid(each.owner)]
    if nobodys:
        some = ", ".join(f"{each.name} ({each.id})" for each in nobodys[:SHOWN])
        says = f"of {len(nobodys)} groups no colleague is known to be the owner, e.g. {some}"
        return Finding(part, False, f"{says}: nobody can say anything there")
    if company.owners:
        listed = ", ".join(company.owners[:SHOWN])
        more = f" and {len(company.owners) - SHOWN} more" if len(company.owners) > SHOWN else ""
        return Finding(part, True, f"groups of {listed}{more} are looked at, and no others")
    says = "groups of all whom the app may see (可见范围) are looked at"
    return Finding(part, True, f"{says}; BOT_WECOM_OWNERS would name some")
