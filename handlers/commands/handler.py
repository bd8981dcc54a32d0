"""The front desk: finds the command in what was typed, sees who may use it, and replies."""

from collections.abc import Sequence
from datetime import timedelta

from handlers import tickets
from handlers.addressed import OUR_NAME, Typed, read, without_address
from handlers.command import Call, Command, Misused, Reply, Who
from handlers.commands import policy
from handlers.context import Context
from handlers.router import Router
from models.events import Chatted, Said
from models.groups import Group, Member
from models.messages import Kind, Outgoing, mention
from models.stores.audit import Change
from models.talk import Spoken

CHOICE_LASTS = timedelta(minutes=10)
"""For so long a group that was chosen in private is the one that is meant."""

FLOOD = timedelta(minutes=10)


def front_desk(commands: Sequence[Command]) -> Router:
    """Answers to these commands, and to 帮助, which lists them."""
    router = Router()

    @router.command("帮助", "help", "？", "?", who=Who.ANYBODY, usage="/帮助", about="能发什么")
    async def help_her(call: Call, ctx: Context) -> str:
        usable = (each for each in [*commands, *router.commands] if each.who.may(call.role))
        return policy.help_text((each.usage, each.about) for each in usable if each.usage)

    desk = Desk([*commands, *router.commands])
    router.on(Said)(desk.hear)
    return router


class Desk:
    def __init__(self, commands: Sequence[Command]) -> None:
        self._commands = {word.casefold(): each for each in commands for word in each.words}

    async def hear(self, said: Said, ctx: Context) -> None:
        if not said.text:
            return  # a picture or a sticker
        if said.group is None:
            await self._hear_in_private(said, ctx)
            return
        text, addressed = await _address(said, ctx)
        typed = read(text, self._commands, addressed=addressed)
        if typed is None or typed.word is None:
            ctx.tell(_as_chat(said))
        if typed is not None:
            await self._serve(said, typed, ctx)

    async def _hear_in_private(self, said: Said, ctx: Context) -> None:
        """Where she is in several groups she is asked which one is meant, by its number."""
        if tickets.said(said.text) is not None:
            return  # answered by handlers/ways
        recent = await ctx.facts.talk.recent(said.sender)
        before = [each for each in recent if each.id != said.id]
        lately = [each for each in before if each.at > ctx.now - CHOICE_LASTS]
        text, _ = without_address(said.text, [OUR_NAME], is_mentioned=False)
        typed = read(text, self._commands, addressed=True) or Typed(None, "")
        groups = await _groups_of(said, ctx)
        if len(groups) > 1 and policy.choice(said.text, len(groups)) is not None:
            # A choice that was not asked for is for the next command.
            typed = self._undecided(before, lately, len(groups)) or Typed(None, "")
        texts = [*(each.text or "" for each in lately), said.text]
        chosen = [n for each in texts if (n := policy.choice(each, len(groups))) is not None]
        if len(groups) == 1 or chosen or (groups and self._is_of_all(typed)):
            of_group = await ctx.of(groups[chosen[-1] if chosen else 0].id)
            await self._serve(said, typed, of_group)
        elif groups:
            _reply(said, policy.which_group([each.name for each in groups]), ctx)

    def _undecided(
        self, before: Sequence[Spoken], lately: Sequence[Spoken], groups: int
    ) -> Typed | None:
        """The command that she was asked about and has not decided yet. What was served once,
        after a choice or because of an earlier one, must not be served again by a number."""
        for spoken in reversed(lately):
            typed = read(spoken.text or "", self._commands, addressed=True)
            since = spoken.at - CHOICE_LASTS
            if typed and typed.word and not self._is_of_all(typed):
                decided = (
                    policy.choice(each.text or "", groups) is not None
                    for each in before
                    if each.at > since
                )
                return None if any(decided) else typed
        return None

    def _is_of_all(self, typed: Typed) -> bool:
        """Whether it means every group of hers, so that none has to be chosen."""
        return typed.word is not None and not self._commands[typed.word.casefold()].of_group

    async def _serve(self, said: Said, typed: Typed, ctx: Context) -> None:
        """`ctx` is of the group that is meant, whose member she is."""
        assert ctx.group is not None
        caller = await ctx.facts.members.get(ctx.group.id, said.sender)
        if caller is None:
            return
        role = await ctx.role_of(caller)
        if not role.leads and await _is_flooding(said, ctx):
            return
        command = self._commands[typed.word.casefold()] if typed.word else None
        if command is None:
            _reply(said, policy.unknown(typed), ctx, caller)
        elif not command.who.may(role):
            _reply(
                said,
                f"「{command.words[0]}」要班长或小助手来发哦，你可以发 /帮助 看看能用的",
                ctx,
                caller,
            )
        else:
            call = Call(said, caller, role, typed.args)
            try:
                answer = await command.run(call, ctx)
            except Misused as why:
                answer = str(why)
            else:
                await _note(command, call, ctx)
            if answer is not None:
                _reply(said, answer, ctx, caller)


async def _note(command: Command, call: Call, ctx: Context) -> None:
    """Who changed something in her group is known, and by which words."""
    if command.changes.does(call.args):
        word, group = command.words[0], call.caller.group
        await ctx.facts.audit.note(
            Change(
                at=ctx.now,
                by=call.signature,
                action=f"/{word}",
                target=f"group:{group}",
                group=group,
                note=f"{word} {call.args}".strip(),
            )
        )


async def _is_flooding(said: Said, ctx: Context) -> bool:
    """Whether her commands have been answered in the group so often that the others suffer."""
    if said.group is None:
        return False
    since = ctx.now - FLOOD
    had = await ctx.facts.outbox.replies_to(said.group, said.sender, since)
    return had >= ctx.rules.delivery.replies_each


def _as_chat(said: Said) -> Chatted:
    assert said.group is not None
    return Chatted(
        at=said.at,
        account=said.account,
        id=said.id,
        group=said.group,
        sender=said.sender,
        text=said.text,
        mentions=said.mentions,
        quoted=said.quoted,
    )


async def _address(said: Said, ctx: Context) -> tuple[str, bool]:
    """The message without `@小助手`, and whether it is addressed to us."""
    if "@" not in said.text and "＠" not in said.text:
        return said.text, False
    account = await ctx.facts.accounts.get(said.account)
    me = account.person if account else None
    member = await ctx.facts.members.get(said.group, me) if me else None
    names = {OUR_NAME, *((member.name, member.nickname) if member else ())}
    return without_address(said.text, names, is_mentioned=me in said.mentions)


async def _groups_of(said: Said, ctx: Context) -> list[Group]:
    stays = await ctx.facts.members.stays_of(said.sender)
    await ctx.facts.groups.load((each.group,) for each in stays)
    found = [await ctx.facts.groups.get(each.group) for each in stays]
    return [each for each in found if each is not None and each.is_ours]


def _reply(said: Said, answer: Reply | str, ctx: Context, caller: Member | None = None) -> None:
    reply = Reply(answer) if isinstance(answer, str) else answer
    named = caller is not None and said.group is not None
    text = mention(caller.shown) + reply.text if caller and named else reply.text
    people = (said.sender, *reply.mentions) if named else reply.mentions
    ctx.say(
        Outgoing(
            key=f"{Kind.REPLY}:{said.chat}:{said.id}",
            kind=Kind.REPLY,
            account=said.account,
            group=said.group,
            to=None if said.group else said.sender,
            text=text,
            attachment=reply.attachment,
            mentions=tuple(dict.fromkeys(people)) if said.group else (),
            due_at=ctx.now,
            lapses_at=ctx.now + ctx.rules.delivery.reply_lapses,
        )
    )
