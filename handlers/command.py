"""A command as a feature sees it: who typed what, in which group, and what to answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from handlers import arguments
from handlers.context import Context
from models.events import Said
from models.groups import Member
from models.ids import PersonId
from models.messages import Attachment
from models.people import Role


class Who(Enum):
    """Who may use a command. LEADERS: the monitor, assistants, and staff who are that in every
    group; a host has no say in how the group is run."""

    ANYBODY = "anybody"
    LEADERS = "leaders"

    def may(self, role: Role) -> bool:
        return self is Who.ANYBODY or role.leads


class Changes(Enum):
    """Whether a command changes what others set, so that it is noted who did: also where that
    depends on whether something follows its word."""

    NEVER = "never"
    WITH_ARGS = "with args"
    ALWAYS = "always"

    def does(self, args: str) -> bool:
        return self is Changes.ALWAYS or (self is Changes.WITH_ARGS and args != "")


@dataclass(frozen=True, slots=True)
class Call:
    """`caller` typed a command for the group of the context, there or in private. `args` is what
    follows the word, with full-width digits and signs made plain."""

    said: Said
    caller: Member
    role: Role
    args: str

    @property
    def is_private(self) -> bool:
        return self.said.group is None

    @property
    def signature(self) -> str:
        """Whose decision it is, as a change is signed."""
        return f"{self.caller.shown} ({self.caller.person})"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered, who else is addressed in it by `@name`, and what goes with it."""

    text: str
    mentions: tuple[PersonId, ...] = ()
    attachment: Attachment | None = None


Run = Callable[[Call, Context], Awaitable[Reply | str | None]]
"""Says what to reply, if anything; raises Misused, before it has changed anything."""


@dataclass(frozen=True, slots=True)
class Command:
    """`words` are what may be typed, the Chinese one first. `usage` and `about` are for 帮助; what
    has no usage is left out there. Not `of_group`: in private it means every group of hers."""

    words: tuple[str, ...]
    who: Who
    usage: str
    about: str
    run: Run
    of_group: bool = True
    changes: Changes = Changes.NEVER


class Misused(Exception):
    """In one line of Chinese: why it can't be done, and what to type."""


async def person_in(call: Call, ctx: Context) -> list[tuple[Member, str]]:
    """Who is meant at the beginning of the arguments, with what follows her name.

    Several readings where names run into what follows (`@豆豆妈5`), the likeliest first; each is
    another person or leaves another rest. Raises Misused where nobody or no single one is meant.
    """
    assert ctx.group is not None
    members = await ctx.facts.members.present(ctx.group.id)
    mentioned = {each for each in call.said.mentions if each != await _ourselves(ctx)}
    found = arguments.people(call.args, members, mentioned)
    match found:
        case arguments.Nobody(typed):
            raise Misused(
                f"群里没找到「{typed}」，请用 @ 选中她" if typed else "是给谁的呢？请用 @ 选中她"
            )
        case arguments.Several(people):
            names = "、".join(each.shown for each in people[:5])
            raise Misused(f"有{len(people)}位对得上：{names}。请用 @ 选中她，或写全她的群昵称")
        case arguments.Found(readings):
            return list(readings)


async def _ourselves(ctx: Context) -> PersonId | None:
    account = await ctx.facts.accounts.get(ctx.group.account) if ctx.group else None
    return account.person if account else None
