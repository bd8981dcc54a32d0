"""The ready-made entry codes of the demo, and the address at which they are reached."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.demo.community import CHANNEL, CITY
from config.rules import Overrides
from models.entry import EntryCode, Template
from models.events import EntryCodeMade, Event, RulesChanged
from models.ids import Code
from models.scopes import EVERYWHERE
from models.stores.unit import Unit

MAKER = "demo"
SCAN = "/demo/scan"
"""Where the codes of simulated rooms lead, and of the simulated account."""
HERE = "127.0.0.1"
EVERY_ADDRESS = ("", "0.0.0.0", "[::]")
CHANGES_LOOKED_AT = 1000


def ready_made(at: datetime) -> list[EntryCode]:
    """One that leads into groups which are there, and two of channels that have none yet."""
    return [
        EntryCode(
            code=Code("nurse7k2mq"),
            channel=CHANNEL,
            city=CITY,
            referrer="李护士",
            headline="产检时扫一扫，和同月龄的妈妈一起",
            template=Template.HOSPITAL,
            created_at=at,
            created_by=MAKER,
        ),
        EntryCode(
            code=Code("shop4w9tze"),
            channel="爱婴坊",
            city=CITY,
            referrer="小周店长",
            template=Template.SHOP,
            created_at=at,
            created_by=MAKER,
        ),
        EntryCode(
            code=Code("advert6hx3"),
            channel="朋友圈广告",
            created_at=at,
            created_by=MAKER,
        ),
    ]


def site_at(where: str) -> str:
    """The address of what is served at `host:port`, for a browser on this machine."""
    host, _, port = where.rpartition(":")
    return f"http://{HERE if host in EVERY_ADDRESS else host}:{port}"


async def missing(facts: Unit, site: str, at: datetime) -> list[Event]:
    """What has to be decided first, so that one can get in. An address that somebody else has set
    stays."""
    rules = await facts.rules.in_force()
    moved = rules.entry.site != site and await _is_ours(facts)
    known = {each.code for each in await facts.entry_codes.find()}
    return [
        *([_moved(site, at)] if moved else []),
        *_made([each for each in ready_made(at) if each.code not in known], at),
    ]


async def lead_here(facts: Unit, site: str) -> None:
    """The codes of rooms that were fetched when the demo was served at another address."""
    for way in await facts.ways.find():
        if way.content is not None:
            facts.ways.put(replace(way, content=_led(way.content, site)))
    for card in await facts.account_cards.find():
        facts.account_cards.put(replace(card, content=_led(card.content, site)))


async def _is_ours(facts: Unit) -> bool:
    """Whether it was the demo that set the address, or nobody."""
    for change in await facts.rules.changes(EVERYWHERE, CHANGES_LOOKED_AT):
        if _site_in(change["before"]) != _site_in(change["after"]):
            return bool(change["changed_by"] == MAKER)
    return True


def _site_in(layer: Overrides) -> object:
    return layer.get("entry", {}).get("site")


def _moved(site: str, at: datetime) -> Event:
    changes = {"entry": {"site": site}}
    return RulesChanged(at=at, by=MAKER, scope=EVERYWHERE, changes=changes)


def _made(codes: list[EntryCode], at: datetime) -> Iterator[Event]:
    for each in codes:
        yield EntryCodeMade(at=at, by=MAKER, code=each)


def _led(content: str, site: str) -> str:
    _, scan, rest = content.partition(SCAN)
    return f"{site}{SCAN}{rest}" if scan else content
