"""Which rooms are ours, who is in them, and as what."""

from dataclasses import replace
from datetime import timedelta

from handlers.context import Context
from handlers.groups import policy
from handlers.groups.names import watch_name
from handlers.router import Router
from models.errands import ErrandKind
from models.events import (
    AccountDown,
    AccountUp,
    ErrandDone,
    GroupDissolved,
    GroupReleased,
    GroupSeen,
    GroupTakenIn,
    HeardAgain,
    MemberJoined,
    MemberLeft,
    MessageReceived,
    NicknameChanged,
    NicknameSet,
    RoleGiven,
    RoleSet,
    StayBegan,
    StayEnded,
)
from models.groups import (
    Account,
    DeafSpell,
    Group,
    Member,
    Origin,
    PastStay,
)
from models.ids import AccountId, GroupId, PersonId
from models.people import OurAccount, Profile, Role

router = Router()

NOBODY = Profile("")
BLINK = timedelta(minutes=1)
"""That we were away for less is known, and not told on: in no group it would be news."""


@router.on(AccountUp)
async def hear(up: AccountUp, ctx: Context) -> None:
    account = await _account(up.account, ctx)
    since = account.heard_at
    if since is not None and since < up.at:
        ctx.facts.deaf_spells.put(DeafSpell(account=account.id, since=since, until=up.at))
        if up.at - since >= BLINK:
            ctx.tell(HeardAgain(at=up.at, account=account.id, since=since))
    ctx.facts.accounts.put(
        replace(
            account,
            person=up.person,
            up_at=up.at,
            absent_from=account.heard_at,
            heard_at=up.at,
            down_why=None,
            abilities=tuple(sorted(up.abilities)),
        )
    )


@router.on(AccountDown)
async def go_deaf(down: AccountDown, ctx: Context) -> None:
    account = await _account(down.account, ctx)
    if account.down_why is None:
        until = min(down.heard_until or down.at, down.at)
        if account.up_at is not None:
            until = max(until, account.up_at)
        ctx.facts.accounts.put(replace(account, heard_at=until, down_why=down.why))


@router.on(GroupSeen)
async def look_around(seen: GroupSeen, ctx: Context) -> None:
    known = ctx.group or Group(id=seen.group, account=seen.account, name=seen.name)
    group = policy.renamed(known, seen.name, ctx.rules.groups)
    group = replace(group, owner=seen.owner or group.owner)
    if not group.is_ours:
        ctx.facts.groups.put(group)
        return
    await ctx.facts.members.load((group.id, person) for person in seen.present)
    await ctx.facts.members.present(group.id)
    members = list(ctx.facts.members.held_of(group.id))
    account = await ctx.facts.accounts.get(seen.account)
    found = policy.census(seen, members, group, account, ctx.rules.groups)
    await ctx.facts.prepare_moves([(group.id, each) for each in (*found.came, *found.went)])
    if found.doubtful:
        ctx.facts.groups.put(replace(group, doubted=len(seen.present)))
    else:
        ctx.facts.groups.put(replace(group, doubted=None, checked_at=seen.at))
        for person in found.went:
            await _leave(group.id, person, ctx)
    me = account.person if account else None
    for person in found.came:
        await _come(seen, person, ctx, greets=found.greets and person != me)
    await _update(seen, account, ctx)
    await _count(group.id, ctx)
    await watch_name(known, group, ctx)
    if not known.is_ours:
        ctx.tell(GroupTakenIn(at=ctx.now, group=group.id))


@router.on(MemberJoined)
async def join(joined: MemberJoined, ctx: Context) -> None:
    if ctx.group is None or not ctx.group.is_ours:
        return
    member = await ctx.facts.members.get(joined.group, joined.person)
    account = await ctx.facts.accounts.get(joined.account)
    if account is not None and account.person == joined.person:
        return
    if policy.is_new_stay(member, joined, account):
        member = member or Member(group=joined.group, person=joined.person)
        await _begin(
            replace(
                member,
                name=joined.profile.name or member.name,
                nickname=joined.profile.nickname,
                joined_at=joined.at,
                inviter=joined.inviter,
            ),
            ctx,
        )
    elif member is not None and policy.is_joined_later(member, joined):
        ctx.facts.members.put(replace(member, joined_at=joined.at))


@router.on(MemberLeft)
async def leave(left: MemberLeft, ctx: Context) -> None:
    if ctx.group is None or not ctx.group.is_ours:
        return
    member = await ctx.facts.members.get(left.group, left.person)
    if member is None or not member.present:
        gone = member or Member(group=left.group, person=left.person)
        if gone.left_at is None or gone.left_at < left.at:
            ctx.facts.members.put(replace(gone, left_at=left.at, gone_at=ctx.now))
    elif policy.is_end_of_stay(member, left.at):
        ctx.facts.members.put(replace(member, left_at=left.at, left_by=left.by))
        await _leave(left.group, left.person, ctx)


@router.on(MessageReceived)
async def notice_speaker(message: MessageReceived, ctx: Context) -> None:
    """Who speaks is in the group, whether or not we saw her join."""
    if ctx.group is None or not ctx.group.is_ours:
        return
    member = await ctx.facts.members.get(ctx.group.id, message.sender)
    if member is not None and (member.present or _left_later(member, message)):
        return
    member = member or Member(group=ctx.group.id, person=message.sender)
    await _put(
        replace(
            member,
            name=message.name or member.name,
            present=True,
            origin=Origin.SPOKE,
            seen_at=ctx.now,
            joined_at=None,
            erased=False,
        ),
        ctx,
    )


@router.on(GroupDissolved)
async def let_go(dissolved: GroupDissolved, ctx: Context) -> None:
    if ctx.group is not None and ctx.group.is_ours:
        ctx.tell(GroupReleased(at=ctx.now, by=dissolved.account, group=dissolved.group))


@router.on(NicknameChanged)
async def call_herself(changed: NicknameChanged, ctx: Context) -> None:
    member = await ctx.facts.members.get(changed.group, changed.person)
    if member is None or member.nickname == changed.nickname:
        return
    ctx.facts.members.put(replace(member, nickname=changed.nickname))
    ctx.tell(
        NicknameSet(
            at=ctx.now, group=changed.group, person=changed.person, nickname=changed.nickname
        )
    )


@router.on(ErrandDone)
async def take_in_room(done: ErrandDone, ctx: Context) -> None:
    """A room that one of our accounts made is ours from the first moment, by its name."""
    errand = done.errand
    if errand.kind is not ErrandKind.OPEN_ROOM or not done.result:
        return
    id_ = GroupId(done.result)
    known = await ctx.facts.groups.get(id_)
    if known is not None and known.is_ours:
        return
    room = known or Group(id=id_, account=errand.account, name=errand.detail)
    group = policy.renamed(room, errand.detail, ctx.rules.groups)
    ctx.facts.groups.put(replace(group, opened_on=ctx.today))
    if group.is_ours:
        ctx.tell(GroupTakenIn(at=ctx.now, group=id_))


@router.on(RoleGiven)
async def give_role(given: RoleGiven, ctx: Context) -> None:
    """Raises OurAccount: what it is, is not to be given or taken."""
    if given.group is None:
        await ctx.facts.staff.give(given.person, given.role)
        return
    member = await ctx.facts.members.get(given.group, given.person)
    member = member or Member(group=given.group, person=given.person)
    if member.role is Role.BOT:
        raise OurAccount(given.person)
    _set_role(member, given.role, ctx)


async def _account(account: AccountId, ctx: Context) -> Account:
    return await ctx.facts.accounts.get(account) or Account(id=account)


async def _come(seen: GroupSeen, person: PersonId, ctx: Context, *, greets: bool) -> None:
    """Somebody is in the group of whom we did not know it."""
    member = await ctx.facts.members.get(seen.group, person)
    member = member or Member(group=seen.group, person=person)
    profile = seen.profiles.get(person, NOBODY)
    member = replace(
        member,
        name=profile.name or member.name,
        nickname=profile.nickname or member.nickname,
        joined_at=None,
        erased=False,
    )
    if greets:
        await _begin(member, ctx)
    else:
        member = replace(member, present=True, origin=Origin.BASELINE, seen_at=ctx.now)
        await _put(member, ctx)


async def _begin(member: Member, ctx: Context) -> None:
    await _put(
        replace(
            member,
            present=True,
            origin=Origin.JOINED,
            seen_at=ctx.now,
            gone_at=None,
            left_at=None,
            left_by=None,
            erased=False,
        ),
        ctx,
    )
    ctx.facts.joins.add(member.group, member.person, ctx.now)
    ctx.tell(StayBegan(at=ctx.now, group=member.group, person=member.person, since=ctx.now))


async def _leave(group: GroupId, person: PersonId, ctx: Context) -> None:
    member = await ctx.facts.members.get(group, person)
    if member is not None and member.present:
        await _put(replace(member, present=False, gone_at=ctx.now), ctx)
        ctx.facts.past_stays.put(
            PastStay(
                group=group,
                person=person,
                gone_at=ctx.now,
                origin=member.origin,
                seen_at=member.seen_at,
                joined_at=member.joined_at,
                inviter=member.inviter,
                left_at=member.left_at,
                left_by=member.left_by,
            )
        )
        ctx.tell(StayEnded(at=ctx.now, group=group, person=person))


async def _put(member: Member, ctx: Context) -> None:
    """Remember the member, and count who is in the group."""
    before = await ctx.facts.members.get(member.group, member.person)
    ctx.facts.members.put(member)
    more = member.present - (before is not None and before.present)
    group = await ctx.facts.groups.get(member.group) if more else None
    if group is not None:
        ctx.facts.groups.put(replace(group, members=max(0, group.members + more)))


async def _count(group: GroupId, ctx: Context) -> None:
    """Afresh, once the whole list has been seen; we ourselves are nobody's company."""
    known = await ctx.facts.groups.get(group)
    if known is not None:
        present = await ctx.facts.members.present(group)
        members = sum(each.role is not Role.BOT for each in present)
        ctx.facts.groups.put(replace(known, members=members))


async def _update(seen: GroupSeen, account: Account | None, ctx: Context) -> None:
    """Roles and nicknames that the look brought along."""
    roles = dict(seen.staff)
    if account is not None and account.person in seen.present:
        roles[account.person] = Role.BOT
    for person, role in roles.items():
        member = await ctx.facts.members.get(seen.group, person)
        if member is not None and member.role is Role.MEMBER:
            _set_role(member, role, ctx)
    for person, profile in seen.profiles.items():
        member = await ctx.facts.members.get(seen.group, person)
        if member is None or member.erased:
            continue  # what she is called who was erased is not for us to look up again
        if profile.nickname and member.nickname != profile.nickname:
            ctx.facts.members.put(replace(member, nickname=profile.nickname))
            ctx.tell(
                NicknameSet(at=ctx.now, group=seen.group, person=person, nickname=profile.nickname)
            )


def _set_role(member: Member, role: Role, ctx: Context) -> None:
    ctx.facts.members.put(replace(member, role=role))
    ctx.tell(RoleSet(at=ctx.now, group=member.group, person=member.person, role=role))


def _left_later(member: Member, message: MessageReceived) -> bool:
    return member.left_at is not None and message.at <= member.left_at
