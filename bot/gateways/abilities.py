"""What each gateway can and can't do, as one table: in the docs, the console and
`python -m bot check`. It is made from the capabilities themselves; here stands what each is
called, and where it is known from. Pure.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.gateways.base import Capabilities

OFFICIAL = "https://developer.work.weixin.qq.com/document/path/"
DOCUMENT = re.compile(r"doc (\d+)")

BEGIN = "<!-- abilities: written by python -m bot.gateways --write -->"
END = "<!-- abilities: end -->"


class Can(StrEnum):
    """CONFIRMED: it is said once a person confirms it. ARCHIVED: only where the paid message
    archive (会话存档) is connected."""

    YES = "yes"
    NO = "no"
    CONFIRMED = "confirmed"
    ARCHIVED = "archived"


IN_WORDS = {
    Can.YES: "yes",
    Can.NO: "no",
    Can.CONFIRMED: "a person confirms",
    Can.ARCHIVED: "only with 会话存档",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of Capabilities, by its `name`: `label` in the console, `does` in English, after
    "it can". `is_limit`: to have it is to be able to do less."""

    name: str
    label: str
    does: str
    is_limit: bool = False


FIELDS = (
    Field("speaks", "说话", "say something in groups and in private"),
    Field(
        "needs_confirmation",
        "发到群里之前要人点一下",
        "say nothing in a group before a person confirms it",
        is_limit=True,
    ),
    Field("sends_images", "带图片", "send pictures along"),
    Field("sends_cards", "带链接卡片", "send link cards along"),
    Field("reaches_strangers", "私聊没加好友的人", "reach people in private who are no friends"),
    Field("hears", "听到群里的话", "hear what members say"),
    Field("sees_recalls", "知道谁撤回了话", "see what is recalled"),
    Field("sees_joins", "有人进群马上知道", "see at once who joins"),
    Field("sees_removals", "知道谁被谁移出群", "see who was removed, and by whom"),
    Field("sees_nicknames", "看到群昵称", "see nicknames in groups"),
    Field("hears_nicknames", "群昵称一改就知道", "hear at once of changed nicknames"),
    Field("shows_qr", "取群二维码", "fetch the QR codes of groups"),
    Field("join_ways", "一个码进好几个群", "keep one QR code that leads into several groups"),
    Field("contact_ways", "加同事的码", "keep QR codes by which people add a colleague"),
    Field("welcome_templates", "平台自动欢迎", "keep welcomes that the platform says by itself"),
    Field("invites", "邀请人进群", "invite people into groups"),
    Field("accepts_friends", "通过好友申请", "accept friend requests"),
    Field("opens_rooms", "建新群", "open groups"),
    Field("renames", "改群名", "rename groups"),
)
"""In the order in which they are read: speaking, hearing, seeing, doing."""

Sources = Mapping[str, str]
"""By field: where it is known from. `doc 92135` is a page of WeCom's official documents."""

TRIED = "tried against the gateway, `tests/gateways/test_contract.py`"
IMAGINED = "as its own code says, for the demo, replay and tests"
SOURCES: Mapping[str, Sources] = {
    "simulated": dict.fromkeys((each.name for each in FIELDS), IMAGINED),
    "wechaty": dict.fromkeys((each.name for each in FIELDS), TRIED),
    "wecom": {
        "speaks": "doc 92135",
        "needs_confirmation": "doc 92135",
        "sends_images": "doc 92135",
        "sends_cards": "doc 92135",
        "reaches_strangers": "doc 92135",
        "hears": "doc 91774",
        "sees_recalls": "doc 91774",
        "sees_joins": "doc 92130",
        "sees_removals": "doc 92130",
        "sees_nicknames": "doc 92122",
        "hears_nicknames": "doc 92130",
        "shows_qr": "doc 92229",
        "join_ways": "doc 92229",
        "contact_ways": "doc 92228",
        "welcome_templates": "doc 92366",
        "invites": "not among doc 92109",
        "accepts_friends": "doc 92228",
        "opens_rooms": "doc 92229",
        "renames": "not among doc 92109",
    },
}
"""By the gateway's name in GATEWAYS."""

ARCHIVE: Mapping[str, frozenset[str]] = {"wecom": frozenset({"hears", "sees_recalls"})}
"""What a gateway that can't could do if the message archive were connected (doc 91774)."""

OTHERWISE_CALLED = {"demo": "simulated", "replay": "simulated"}
"""Accounts that are not called after their gateway."""

SPOKEN = frozenset({"speaks", "sends_images", "sends_cards"})
"""What a person has to confirm where the gateway needs that."""


def can(gateway: str, able: Capabilities, of: Field) -> Can:
    """Whether the gateway of this name, with these capabilities, can."""
    if not getattr(able, of.name):
        return Can.ARCHIVED if of.name in ARCHIVE.get(gateway, ()) else Can.NO
    if able.needs_confirmation and of.name in SPOKEN:
        return Can.CONFIRMED
    return Can.YES


def source_of(gateway: str, of: Field) -> str:
    """Where it is known from."""
    return SOURCES[gateway][of.name]


def link_of(source: str) -> str | None:
    """The official document that it names."""
    found = DOCUMENT.search(source)
    return f"{OFFICIAL}{found[1]}" if found else None


def gateway_of(account: str, names: Collection[str]) -> str | None:
    """Which of these gateways an account is with: its id begins with the name."""
    kind = account.partition("-")[0]
    kind = OTHERWISE_CALLED.get(kind, kind)
    return kind if kind in names else None


def limits(gateway: str, able: Capabilities) -> str:
    """What it can't do, in one line."""
    lacks, archived = [], []
    for each in FIELDS:
        if each.is_limit:
            continue
        match can(gateway, able, each):
            case Can.NO:
                lacks.append(each.does)
            case Can.ARCHIVED:
                archived.append(each.does)
    said = [f"it can't {_either(lacks)}"] if lacks else []
    if archived:
        said.append(f"only with the message archive (会话存档) it can {_either(archived)}")
    if able.needs_confirmation:
        said.append("a person confirms what it says in groups")
    return "; ".join(said) or "there is nothing that it can't do"


def _either(parts: Sequence[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} or {last}" if most else last


# The page


def table(gateways: Mapping[str, Capabilities]) -> str:
    """Of all gateways, in Markdown. Where all is known from one place, that stands below."""
    shared = {each: found for each in gateways if (found := _shared_source(each))}
    rows = [
        [
            f"{each.does[0].upper()}{each.does[1:]}",
            *(_cell(name, able, each, shared) for name, able in gateways.items()),
        ]
        for each in FIELDS
    ]
    head = ["", *(f"`{each}`" for each in gateways)]
    lines = [head, ["---"] * len(head), *rows]
    below = [f"`{name}`: {source}." for name, source in shared.items()]
    return "\n".join([*(f"| {' | '.join(each)} |" for each in lines), "", *below])


def _shared_source(gateway: str) -> str | None:
    found = set(SOURCES[gateway].values())
    return found.pop() if len(found) == 1 else None


def _cell(name: str, able: Capabilities, of: Field, shared: Mapping[str, str]) -> str:
    told = IN_WORDS[can(name, able, of)]
    if name in shared:
        return told
    source = source_of(name, of)
    return f"{told} ({DOCUMENT.sub(lambda found: f'[{found[0]}]({OFFICIAL}{found[1]})', source)})"


class NoPlace(Exception):
    """The page has no two marks for the table to stand between."""


def written(page: str, gateways: Mapping[str, Capabilities]) -> str:
    """The page with the table between its two marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise NoPlace(f"no {BEGIN} with {END} behind it")
    return f"{before}{begin}\n\n{table(gateways)}\n\n{end}{after}"
