"""What a group is called: what the platform tells of it, and names that we give ourselves."""

from handlers.concerns import end_concern, raise_concern
from handlers.context import Context
from handlers.groups import policy
from handlers.router import Router
from models.errands import ErrandKind
from models.events import ErrandDone, ErrandFailed, GroupRenamed, GroupTakenIn, RenameAsked
from models.groups import Ability, Group, NotOurs, Unable
from models.growth import Concern
from models.ids import GroupId

router = Router()


@router.on(GroupRenamed)
async def rename(renamed: GroupRenamed, ctx: Context) -> None:
    if ctx.group is not None:
        await _call(ctx.group, renamed.name, ctx)


@router.on(RenameAsked)
async def ask_for_name(asked: RenameAsked, ctx: Context) -> None:
    """What was asked for before, and not begun, is not done any more. Raises LookupError where
    there is no such group, NotOurs, and Unable."""
    group = ours(asked.group, ctx)
    account = await ctx.facts.accounts.get(group.account)
    if account is None or not account.can(Ability.RENAMES):
        raise Unable(group.account)
    await call_off_renaming(group, ctx)
    ctx.ask(policy.renaming(group, asked.name, ctx.now))


@router.on(ErrandDone)
async def have_renamed(done: ErrandDone, ctx: Context) -> None:
    """Whether we did is seen at the next look, where we don't know it."""
    if done.errand.kind is ErrandKind.RENAME and ctx.group is not None and not done.unsure:
        await end_concern(Concern.UNRENAMED, ctx)
        await _call(ctx.group, done.errand.detail, ctx)


@router.on(ErrandFailed)
async def tell_of_old_name(failed: ErrandFailed, ctx: Context) -> None:
    if failed.errand.kind is ErrandKind.RENAME and ctx.group is not None and ctx.group.is_ours:
        text = policy.unrenamed(failed.errand.detail)
        await raise_concern(Concern.UNRENAMED, text, ctx, anew=True)


async def _call(known: Group, name: str, ctx: Context) -> None:
    group = policy.renamed(known, name, ctx.rules.groups)
    ctx.facts.groups.put(group)
    await watch_name(known, group, ctx)
    if group.is_ours and not known.is_ours:
        ctx.tell(GroupTakenIn(at=ctx.now, group=group.id))


async def call_off_renaming(group: Group, ctx: Context) -> None:
    await ctx.facts.errands.withdraw(
        group.account, ErrandKind.RENAME, ctx.now, group=group.id, detail=None
    )


async def watch_name(before: Group, group: Group, ctx: Context) -> None:
    """A name that told, by the naming rule, what the group is should still do so. One that never
    did was adopted as it is."""
    if before.name == group.name or not (before.is_ours and group.is_ours):
        return
    fault = policy.name_fault(group, ctx.rules.groups)
    if fault is None:
        await end_concern(Concern.MISNAMED, ctx)
    elif policy.name_fault(before, ctx.rules.groups) is None:
        await raise_concern(Concern.MISNAMED, policy.misnamed(fault, before.name), ctx)


def ours(group: GroupId, ctx: Context) -> Group:
    """Raises LookupError where it is not there, NotOurs where it is none of ours."""
    if ctx.group is None:
        raise LookupError(group)
    if not ctx.group.is_ours:
        raise NotOurs(group)
    return ctx.group
