"""What the public pages look at, without locking anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.rules import Rules
from models.entry import EntryCode, Visitor
from models.groups import Account, Group, of_channel
from models.ids import Code, VisitorId
from models.platform_ways import ContactWay, JoinWay
from models.stores.unit import Unit
from models.tables import AccountCardRow, VisitorRow
from models.ways import AccountCard, Way


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visitor's page of her group is made of: her group, if she has one, how one gets into
    it, and the account to turn to."""

    visitor: Visitor
    rules: Rules
    group: Group | None = None
    way: Way | None = None
    account: Account | None = None
    card: AccountCard | None = None
    join_way: JoinWay | None = None
    contact_way: ContactWay | None = None
    led_to: Sequence[Group] = ()
    """The groups that the join way of somebody without a group leads to."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a code's form asks with: the cities that are served, and the rules of its channel."""

    cities: Sequence[str]
    rules: Rules


@dataclass(frozen=True, slots=True)
class Held:
    """All that we hold of her, with where she came from, what her group is called and she in it,
    and how often her browser followed links that were posted."""

    visitor: Visitor
    channel: str
    referrer: str
    group: str
    nickname: str
    clicks: int


async def read_visitor(facts: Unit, visitor: VisitorId | None) -> Visitor | None:
    if visitor is None:
        return None
    found = await facts.visitors.find(VisitorRow.id == visitor)
    return found[0] if found else None


async def read_held(facts: Unit, visitor: VisitorId) -> Held | None:
    """None where she has told us nothing."""
    known = await read_visitor(facts, visitor)
    return await _held(facts, known) if known is not None and known.is_known else None


async def read_held_by_ticket(facts: Unit, ticket: str) -> Held | None:
    found = await facts.visitors.find(VisitorRow.ticket == ticket)
    return await _held(facts, found[0]) if found else None


async def _held(facts: Unit, visitor: Visitor) -> Held:
    code = await facts.entry_codes.get(visitor.code)
    joined = visitor.joined_in or visitor.group
    group = await facts.groups.peek(joined) if joined is not None else None
    member = None
    if visitor.joined_in is not None and visitor.person is not None:
        member = await facts.members.get(visitor.joined_in, visitor.person)
    return Held(
        visitor,
        channel=visitor.channel or (code.channel if code else ""),
        referrer=code.referrer if code else "",
        group=group.name if group else "",
        nickname=member.shown if member else "",
        clicks=await facts.clicks.of_visitor(visitor.id),
    )


async def read_code(facts: Unit, code: Code | None) -> EntryCode | None:
    return await facts.entry_codes.get(code) if code is not None else None


async def read_offer(facts: Unit, code: EntryCode) -> Offer:
    rules = await facts.rules.in_force(of_channel(code.channel))
    if code.city is not None:
        return Offer((code.city,), rules)
    return Offer(rules.entry.cities or await facts.groups.cities(), rules)


async def read_seen(facts: Unit, visitor: VisitorId) -> Seen | None:
    """None where she has told us nothing."""
    known = await read_visitor(facts, visitor)
    if known is None or not known.is_known:
        return None
    group = await facts.groups.peek(known.group) if known.group is not None else None
    rules = await facts.rules.in_force(group)
    if group is None:
        account, card = await _anybody(facts)
        join_way = await _opening_way(facts, known)
        led_to = await facts.groups.peek_at(join_way.groups) if join_way else ()
        return Seen(known, rules, account=account, card=card, join_way=join_way, led_to=led_to)
    return Seen(
        known,
        rules,
        group,
        await facts.ways.get(group.id),
        await facts.accounts.get(group.account),
        await facts.account_cards.get(group.account),
        await _join_way(facts, known, group),
        await facts.contact_ways.peek(group.account, known.code),
    )


async def _join_way(facts: Unit, visitor: Visitor, group: Group) -> JoinWay | None:
    """Of her group's account and cohort, which is hers or was when she got her place."""
    cohort = group.cohort
    if cohort is None:
        return None
    of_cohort = (cohort.city, cohort.channel, str(cohort.window))
    return await facts.join_ways.get(group.account, *of_cohort, visitor.code)


async def _opening_way(facts: Unit, visitor: Visitor) -> JoinWay | None:
    """By which the next group is opened for her who waits for one."""
    if visitor.cohort is None or visitor.waiting_since is None:
        return None
    found = await facts.join_ways.of(visitor.cohort, visitor.code)
    return next((each for each in found if each.opens_groups), None)


async def _anybody(facts: Unit) -> tuple[Account | None, AccountCard | None]:
    """An account that a mother without a group may turn to, the same for all as long as it is
    there."""
    cards = sorted(
        await facts.account_cards.find(AccountCardRow.content != ""), key=lambda each: each.account
    )
    await facts.accounts.load([(each.account,) for each in cards])
    for card in cards:
        account = await facts.accounts.get(card.account)
        if account is not None and account.is_up and account.invites_friends:
            return account, card
    return None, None
