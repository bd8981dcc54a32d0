"""The welcomes that a platform says by itself are kept in step with ours, and those who own groups
are asked to apply them."""

from dataclasses import replace

from config.daily import ZONE
from handlers.context import Context
from handlers.owner_pages import page_of
from handlers.router import Router
from handlers.welcomes import policy
from handlers.welcomes.policy import Housed, Wanted
from models.cohort import Stage
from models.errands import Errand, ErrandKind
from models.events import ErrandDone, ErrandFailed
from models.groups import Ability, Account, of_channel, stage_of
from models.ids import AccountId, PersonId
from models.messages import Kind, Outgoing
from models.platform_ways import WELCOME, WantedWelcome, WelcomeTemplate

router = Router()


@router.every(minutes=10)
async def keep_in_step(ctx: Context) -> None:
    for account in await ctx.facts.accounts.find():
        if account.is_up and account.can(Ability.WELCOME_TEMPLATES):
            for each in await _wanted(account, ctx):
                await _keep(account.id, each, ctx)


@router.on(ErrandDone)
async def note_made(done: ErrandDone, ctx: Context) -> None:
    """Those who own groups that it is for can apply it now."""
    wanted = WELCOME.read(done.errand.detail) if _is_ours(done.errand) else None
    if wanted is None or not done.result:
        return
    known = await ctx.facts.welcome_templates.get(done.errand.account, wanted.name)
    if known is not None:
        made = replace(known, config=done.result, text=wanted.text, why_not="")
        made = replace(made, due_at=ctx.now + policy.DAILY)
        ctx.facts.welcome_templates.put(made)
        await _ask_all(made, ctx)


@router.on(ErrandFailed)
async def note_failure(failed: ErrandFailed, ctx: Context) -> None:
    wanted = WELCOME.read(failed.errand.detail) if _is_ours(failed.errand) else None
    if wanted is None:
        return
    known = await ctx.facts.welcome_templates.get(failed.errand.account, wanted.name)
    if known is not None:
        ctx.facts.welcome_templates.put(replace(known, why_not=failed.why))


async def _ask_all(kept: WelcomeTemplate, ctx: Context) -> None:
    account = await ctx.facts.accounts.get(kept.account)
    for each in await _wanted(account, ctx) if account else ():
        if each.name == kept.name:
            for owner in each.owners:
                await _ask(owner, kept, ctx)


def _is_ours(errand: Errand) -> bool:
    return errand.kind is ErrandKind.WELCOME_TEMPLATE


async def _wanted(account: Account, ctx: Context) -> list[Wanted]:
    groups = await ctx.facts.groups.peek_at(await ctx.facts.groups.ours(account.id))
    housed = []
    for group in groups:
        rules = await ctx.facts.rules.in_force(
            of_channel(group.channel) if group.channel else None
        )
        stage = stage_of(group, ctx.today, rules.groups)
        housed.append(Housed(group, stage, policy.text_of(stage, rules)))
    everywhere = {stage: policy.text_of(stage, ctx.rules) for stage in Stage}
    return policy.wanted(housed, everywhere)


async def _keep(account: AccountId, wanted: Wanted, ctx: Context) -> None:
    kept = await ctx.facts.welcome_templates.get(account, wanted.name)
    kept = kept or WelcomeTemplate(account=account, name=wanted.name, made_at=ctx.now)
    if policy.is_due(kept, wanted.text, ctx.now):
        _ask_for(kept, wanted.text, ctx)
    if kept.config:
        for owner in wanted.owners:
            await _ask(owner, kept, ctx)


def _ask_for(kept: WelcomeTemplate, text: str, ctx: Context) -> None:
    ctx.facts.welcome_templates.put(replace(kept, due_at=ctx.now + policy.AGAIN))
    stamp = f"{ctx.now.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}"
    ctx.ask(
        Errand(
            key=f"welcome:{kept.account}:{kept.name}:{stamp}",
            kind=ErrandKind.WELCOME_TEMPLATE,
            account=kept.account,
            due_at=ctx.now,
            lapses_at=ctx.now + policy.AGAIN,
            detail=WELCOME.write(WantedWelcome(name=kept.name, text=text, config=kept.config)),
        )
    )


async def _ask(owner: PersonId, kept: WelcomeTemplate, ctx: Context) -> None:
    key = policy.key(kept.account, owner, kept.name)
    if policy.is_asked(await ctx.facts.proposals.get(key), kept):
        return
    if policy.is_asked(await ctx.facts.proposals.locked(key), kept):
        return
    ctx.facts.proposals.put(policy.proposal(kept, owner, ctx.now))
    page = await page_of(owner, kept.account, ctx)
    at = ctx.rules.delivery.quiet_hours.leave(ctx.now)
    ctx.say(
        Outgoing(
            key=f"{key}:{kept.config}",
            kind=Kind.STAFF_NOTICE,
            account=kept.account,
            to=owner,
            text=policy.asked(kept.name, kept.text, page),
            due_at=at,
            lapses_at=at + ctx.rules.delivery.notice_lapses,
        )
    )
