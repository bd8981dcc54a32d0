"""Rules are changed from within the group: its own layer, with the bounds that hold over HTTP."""

from typing import Any

from config.rules import Overrides, patched
from handlers.command import Call, Changes, Misused, Who
from handlers.context import Context
from handlers.router import Router
from handlers.rules import finding, policy, values
from handlers.rules.finding import Found, Rule
from models.events import RulesChanged
from models.scopes import scopes_of
from models.stores.rules import RulesRefused

router = Router()


@router.command(
    "设置",
    "set",
    who=Who.LEADERS,
    usage="/设置",
    changes=Changes.WITH_ARGS,
    about="看和改本群的设置",
)
async def set_rule(call: Call, ctx: Context) -> str:
    """`/设置` tells what is set, `/设置 凑人等待` of one rule, `/设置 凑人等待 5秒` sets it. What
    a leader may not set is in the policy, and why."""
    *_, scope = scopes_of(ctx.group)
    layers = await _layers(ctx)
    if not call.args:
        return policy.overview(layers[scope], layers)
    rule, typed = _read(call.args)
    if not typed:
        return policy.described(rule, layers)
    if not policy.is_leaders(rule):
        raise Misused(f"{rule.title}：{policy.OPERATORS}，有需要可以找运营")
    changes = {rule.section: {rule.name: _value(rule, typed)}}
    after = patched(layers[scope], changes)
    if after == layers[scope]:
        return policy.unchanged(rule, layers)
    await _set(rule, scope, changes, call, ctx)
    return policy.changed(rule, layers, {**layers, scope: after})


async def _set(rule: Rule, scope: str, changes: dict[str, Any], call: Call, ctx: Context) -> None:
    """Tried out first: a refusal is hers to hear, and what is told must not fail."""
    try:
        await ctx.facts.rules.try_out(scope, changes)
    except RulesRefused as refused:
        raise Misused(policy.refusal(rule, refused.error)) from refused
    ctx.tell(RulesChanged(at=ctx.now, by=call.signature, scope=scope, changes=changes))


async def _layers(ctx: Context) -> dict[str, Overrides]:
    found = await ctx.facts.rules.layers(scopes_of(ctx.group))
    return {scope: overrides for scope, (_, overrides) in found.items()}


def _read(args: str) -> tuple[Rule, str]:
    found = finding.find(args)
    match found:
        case Found(rule, rest):
            return rule, rest
        case finding.Several(rules):
            raise Misused(policy.which(rules))
        case finding.Unknown():
            raise Misused(policy.unknown(found))


def _value(rule: Rule, typed: str) -> Any:
    try:
        return values.read(rule.type, typed)
    except values.Misread as how:
        raise Misused(f"{rule.title}{how}") from how
