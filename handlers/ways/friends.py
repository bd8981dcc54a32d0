"""Who shows her ticket in chat is accepted as a friend, answered, and invited into her group.

Requests and messages without one are left alone: whoever they are from is none of ours.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import tickets
from handlers.concerns import raise_concern
from handlers.context import Context
from handlers.router import Router
from handlers.ways import helping, wording
from handlers.ways.helping import Help
from models.entry import Visitor
from models.errands import AskedErrand, Errand, ErrandKind
from models.events import (
    ErrandDone,
    ErrandFailed,
    FriendAsked,
    FriendMade,
    MessageReceived,
    PlaceAsked,
    Placed,
    PlaceLost,
    TicketShown,
    VisitorJoined,
)
from models.groups import Group
from models.growth import Concern
from models.ids import AccountId, Code, GroupId, PersonId, VisitorId
from models.messages import Attachment, Kind, Outgoing

router = Router()

WRONG = "ticket.wrong"
WELCOME_LASTS = timedelta(seconds=20)
"""WeCom's: so long after she came she can be welcomed (doc 92137)."""
HOUR = 3600


# How she makes herself known


@router.on(FriendAsked)
async def hear_out(asked: FriendAsked, ctx: Context) -> None:
    ticket = tickets.told(asked.hello)
    if ticket is None or await _guesses(asked.person, ctx) >= helping.WRONG_MOST:
        return
    visitor = await _who_holds(ticket, asked.person, asked.account, ctx)
    if visitor is None:
        _note_guess(asked.account, asked.person, asked.request, ctx)
        return
    earlier = await _asked(ErrandKind.ACCEPT, asked.person, asked.account, ctx)
    if helping.may_accept(earlier):
        ctx.ask(
            Errand(
                key=f"accept:{asked.account}:{asked.request}",
                kind=ErrandKind.ACCEPT,
                account=asked.account,
                person=asked.person,
                detail=asked.request,
                due_at=ctx.now,
                lapses_at=ctx.now + helping.REQUEST_LASTS,
            )
        )
    elif not helping.is_waiting(earlier):
        _show(visitor, asked.account, asked.person, asked.request, ctx)


@router.on(MessageReceived)
async def read_ticket(message: MessageReceived, ctx: Context) -> None:
    if message.group is not None:
        return
    ticket = tickets.said(message.text)
    is_nothing_else = ticket is not None
    if ticket is None and not await ctx.facts.members.stays_of(message.sender):
        # What a member writes may hold six digits of something else.
        ticket = tickets.told(message.text)
    if ticket is None:
        return
    wrong = await _guesses(message.sender, ctx)
    if wrong >= helping.WRONG_MOST:
        return
    visitor = await _who_holds(ticket, message.sender, message.account, ctx)
    if visitor is not None:
        _show(visitor, message.account, message.sender, message.id, ctx)
        return
    if not is_nothing_else:
        _note_guess(message.account, message.sender, message.id, ctx)
        return
    text = wording.WRONG_AGAIN if wrong + 1 >= helping.WRONG_MOST else wording.WRONG
    key = f"{WRONG}:{message.sender}:{message.id}"
    _say(key, message.account, message.sender, text, ctx)


@router.on(ErrandDone)
async def greet(done: ErrandDone, ctx: Context) -> None:
    """She was accepted; where that is not sure, she hears it if it is so."""
    errand = done.errand
    if errand.kind is ErrandKind.ACCEPT and errand.person is not None:
        await _meet(errand.person, errand.account, errand.key, ctx)


@router.on(FriendMade)
async def greet_friend(made: FriendMade, ctx: Context) -> None:
    """Somebody may have accepted her by hand."""
    asked = await _asked(ErrandKind.ACCEPT, made.person, made.account, ctx)
    about = asked[-1].errand.key if asked else f"friend:{ctx.today}"
    if not await _meet(made.person, made.account, about, ctx) and made.state:
        await _welcome(made, ctx)


async def _welcome(made: FriendMade, ctx: Context) -> None:
    """By a way of ours that carries an entry code: how she goes on from there, at once, since the
    platform lets us say it only now. The same may be told twice."""
    code = await ctx.facts.entry_codes.get(Code(made.state))
    if code is None:
        return
    card = _card(code.code, ctx)
    hour = ctx.now.timestamp() // HOUR
    ctx.say(
        Outgoing(
            key=f"{Kind.REPLY}:{made.person}:welcome:{made.account}:{hour:.0f}",
            kind=Kind.REPLY,
            account=made.account,
            to=made.person,
            text=wording.welcome(has_link=card is not None),
            attachment=card,
            due_at=ctx.now,
            lapses_at=ctx.now + WELCOME_LASTS,
        )
    )


async def _meet(person: PersonId, account: AccountId, about: str, ctx: Context) -> bool:
    """She has shown her ticket before; the last one counts. Whether she has."""
    for each in reversed(await ctx.facts.visitors.of_person(person)):
        if each.account != account:
            continue
        visitor = await _locked(each.id, ctx)
        if visitor is not None and helping.is_hers(visitor, person, ctx.now):
            _show(visitor, account, person, about, ctx)
            return True
    return False


def _show(
    visitor: Visitor, account: AccountId, person: PersonId, about: str, ctx: Context
) -> None:
    """Her place may be gone by now, so it is asked for before she is told of it."""
    if not visitor.is_in:
        ctx.tell(PlaceAsked(at=ctx.now, visitor=visitor.id))
    ctx.tell(
        TicketShown(
            at=ctx.now,
            visitor=visitor.id,
            account=account,
            person=person,
            key=f"{Kind.REPLY}:{person}:{about}",
        )
    )


# How she is helped


@router.on(TicketShown)
async def help_her(shown: TicketShown, ctx: Context) -> None:
    visitor = await ctx.facts.visitors.get(shown.visitor)
    if visitor is None or visitor.person != shown.person:
        return
    group = await _group_of(visitor, ctx)
    help_ = await _help(visitor, group, shown.account, shown.person, ctx)
    if help_ is Help.INVITE and group is not None:
        requests = await _asked(ErrandKind.ACCEPT, shown.person, shown.account, ctx)
        _invite(group, shown.person, helping.invited_from(requests, ctx.now), ctx)
    card = _page(visitor, ctx) if help_ is Help.BY_PAGE else None
    name = group.name if group else ""
    text = wording.answer(help_, visitor.name, name, has_link=card is not None)
    _say(shown.key, shown.account, shown.person, text, ctx, card)


@router.on(Placed)
async def tell_it_is_there(placed: Placed, ctx: Context) -> None:
    """Whom we can reach hears that her group is there for which she waited."""
    visitor = await ctx.facts.visitors.get(placed.visitor)
    talking = helping.talks_to(visitor) if visitor is not None and placed.waited else None
    if visitor is None or ctx.group is None or talking is None:
        return
    person, account = talking
    help_ = await _help(visitor, ctx.group, account, person, ctx)
    if help_ not in (Help.INVITE, Help.BY_PAGE):
        return
    at = helping.told_from(visitor, ctx.now, ctx.rules.delivery)
    if help_ is Help.INVITE:
        _invite(ctx.group, person, at, ctx)
    card = _page(visitor, ctx) if help_ is Help.BY_PAGE else None
    text = wording.opened(help_, visitor.name, ctx.group.name, has_link=card is not None)
    key = f"{_news_key(person, ctx.group.id)}{ctx.now.timestamp():.0f}"
    _say(key, account, person, text, ctx, card, at)


@router.on(ErrandFailed)
async def make_good(failed: ErrandFailed, ctx: Context) -> None:
    """She could not be invited: she hears how she gets in all the same, and staff of it."""
    errand, group = failed.errand, ctx.group
    if errand.kind is ErrandKind.ACCEPT and errand.person is not None:
        await _tell_of_request(errand.person, ctx)
    if errand.kind is not ErrandKind.INVITE or errand.person is None or group is None:
        return
    known = await ctx.facts.visitors.of_person(errand.person)
    visitor = next((each for each in known if each.group == group.id), None)
    if visitor is None or await _is_in(group.id, errand.person, ctx):
        return
    card = _page(visitor, ctx)
    text = wording.not_invited(visitor.name, group.name, has_link=card is not None)
    key = f"{Kind.REPLY}:{errand.person}:{errand.key}"
    _say(key, errand.account, errand.person, text, ctx, card)
    await raise_concern(Concern.UNINVITED, wording.UNINVITED, ctx)


@router.on(VisitorJoined)
async def call_off_invitation(joined: VisitorJoined, ctx: Context) -> None:
    """She found her way in by herself."""
    if ctx.group is not None:
        await _called_off(ctx.group.id, joined.person, ctx.group.account, ctx)


@router.on(PlaceLost)
async def help_anew(lost: PlaceLost, ctx: Context) -> None:
    """Who was about to be invited, or to hear that her group is there, is helped as she stands
    now instead."""
    visitor = await ctx.facts.visitors.get(lost.visitor)
    talking = helping.talks_to(visitor) if visitor is not None else None
    if visitor is None or talking is None:
        return
    person, account = talking
    if await _called_off(lost.group, person, account, ctx) and not visitor.is_in:
        _show(visitor, account, person, f"moved:{ctx.now.timestamp():.0f}", ctx)


async def _called_off(group: GroupId, person: PersonId, account: AccountId, ctx: Context) -> bool:
    """Whether she was still to be invited there, or to be told that it is there."""
    was_invited = await ctx.facts.errands.withdraw(
        account, ErrandKind.INVITE, ctx.now, group=group, person=person
    )
    news = _news_key(person, group)
    was_told = await ctx.facts.outbox.withdraw(person, news, "her place is another", ctx.now)
    return was_invited or was_told


def _news_key(person: PersonId, group: GroupId) -> str:
    """What the key of the news that her group is there begins with."""
    return f"{Kind.REPLY}:{person}:opened:{group}:"


async def _tell_of_request(person: PersonId, ctx: Context) -> None:
    """She could not be accepted, and we can't write to her: somebody has to see to it."""
    for each in await ctx.facts.visitors.of_person(person):
        if each.group is not None and not each.is_in:
            await raise_concern(Concern.UNINVITED, wording.UNACCEPTED, await ctx.of(each.group))


# How


async def _guesses(person: PersonId, ctx: Context) -> int:
    """Wrong tickets of hers in the last day."""
    return await ctx.facts.outbox.told(person, f"{WRONG}:", ctx.now - helping.DAY)


def _note_guess(account: AccountId, person: PersonId, about: str, ctx: Context) -> None:
    """It is counted, and not answered: the answer lapses at once."""
    ctx.say(
        Outgoing(
            key=f"{WRONG}:{person}:{about}",
            kind=Kind.REPLY,
            account=account,
            to=person,
            text=wording.WRONG,
            due_at=ctx.now,
            lapses_at=ctx.now,
        )
    )


async def _who_holds(
    ticket: str, person: PersonId, account: AccountId, ctx: Context
) -> Visitor | None:
    """Whose live ticket it is, if it is nobody else's: known from now on to be this person."""
    found = await ctx.facts.visitors.holder_of(ticket)
    visitor = await _locked(found, ctx) if found is not None else None
    if visitor is None or visitor.ticket != ticket:
        return None
    if not helping.is_hers(visitor, person, ctx.now):
        return None
    known = replace(visitor, person=person, account=account)
    ctx.facts.visitors.put(known)
    return known


async def _locked(visitor: VisitorId, ctx: Context) -> Visitor | None:
    """In the order in which everybody locks: her cohort's turn, its groups, herself. Her place
    is looked after next."""
    cohorts = await ctx.facts.visitors.cohorts_of([visitor])
    for each in cohorts:
        await ctx.facts.openings.take_turns(each)
    await ctx.facts.groups.lock_cohorts(cohorts)
    return await ctx.facts.visitors.lock(visitor)


async def _asked(
    kind: ErrandKind, person: PersonId, account: AccountId, ctx: Context
) -> Sequence[AskedErrand]:
    """What was asked for about her lately."""
    return await ctx.facts.errands.about(person, account, kind, ctx.now - helping.DAY)


async def _group_of(visitor: Visitor, ctx: Context) -> Group | None:
    group = visitor.joined_in if visitor.is_in else visitor.group
    return await ctx.facts.groups.get(group) if group is not None else None


async def _help(
    visitor: Visitor, group: Group | None, account: AccountId, person: PersonId, ctx: Context
) -> Help:
    asked = await _asked(ErrandKind.INVITE, person, account, ctx)
    return helping.help_for(
        group,
        await ctx.facts.accounts.get(account),
        [each for each in asked if group is not None and each.errand.group == group.id],
        ctx.now,
        is_in=group is not None and await _is_in(group.id, person, ctx),
    )


async def _is_in(group: GroupId, person: PersonId, ctx: Context) -> bool:
    member = await ctx.facts.members.get(group, person)
    return member is not None and member.present


def _invite(group: Group, person: PersonId, at: datetime, ctx: Context) -> None:
    ctx.ask(
        Errand(
            key=f"invite:{group.id}:{person}:{ctx.now.timestamp():.0f}",
            kind=ErrandKind.INVITE,
            account=group.account,
            group=group.id,
            person=person,
            due_at=at,
            lapses_at=max(at, ctx.now) + helping.REQUEST_LASTS,
        )
    )


def _page(visitor: Visitor, ctx: Context) -> Attachment | None:
    return _card(visitor.code, ctx)


def _card(code: Code, ctx: Context) -> Attachment | None:
    site = ctx.rules.entry.site
    return Attachment(link=f"{site}/j/{code}", title=wording.CARD) if site else None


def _say(
    key: str,
    account: AccountId,
    person: PersonId,
    text: str,
    ctx: Context,
    card: Attachment | None = None,
    at: datetime | None = None,
) -> None:
    """She waits for it, so it is said at any hour."""
    due_at = at or ctx.now
    ctx.say(
        Outgoing(
            key=key,
            kind=Kind.REPLY,
            account=account,
            to=person,
            text=text,
            attachment=card,
            due_at=due_at,
            lapses_at=due_at + ctx.rules.delivery.notice_lapses,
        )
    )
