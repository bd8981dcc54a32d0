"""Which roles may be given from within a group, by whom, and what they are called."""

import re

from handlers.arguments import plain
from models.people import Role

NAMES = {
    Role.MEMBER: "成员",
    Role.KOC: "KOC",
    Role.MONITOR: "班长",
    Role.ASSISTANT: "小助手",
    Role.HOST: "氛围组",
    Role.BOT: "机器人",
}
GIVEN_HERE = (Role.ASSISTANT, Role.KOC, Role.MEMBER)
"""The others are for the operators to give, and to take."""

_WORDS = {name.casefold(): role for role, name in NAMES.items()} | {
    "助手": Role.ASSISTANT,
    "副班长": Role.ASSISTANT,
    "普通成员": Role.MEMBER,
    "群成员": Role.MEMBER,
    "群友": Role.MEMBER,
    "群主": Role.MONITOR,
    **{role.value: role for role in Role},
}
_TYPED = re.compile(
    rf"[\s:=,，、]*[设改换]?[为成做当是]?[\s:=]*(?P<word>{'|'.join(_WORDS)})[吧了哦啦。.!！~～\s]*"
)


def wanted(typed: str) -> Role | None:
    """The role in what follows a name: `小助手`, `=KOC`, `设为群友吧`."""
    found = _TYPED.fullmatch(plain(typed).casefold())
    return _WORDS[found["word"]] if found else None


def refusal(caller: Role, shown: str, present: Role, role: Role) -> str | None:
    """Why `caller` can't make `shown`, who is `present` now, that; None where she can."""
    if role not in GIVEN_HERE:
        return f"{NAMES[role]}由运营设置，这里能改的是小助手、KOC 和成员"
    if present not in GIVEN_HERE:
        return f"{shown}是{NAMES[present]}，由运营设置，这里改不了"
    if present is caller is Role.ASSISTANT:
        return f"{shown}也是小助手，她的角色要班长来改"
    return None
