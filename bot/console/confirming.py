"""Who has to be asked to confirm something, and what groups may still get. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.console import wording
from config.daily import ZONE

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Owner:
    """`asked` is what waits for her, the oldest first; `missed` what she let pass lately. `page`
    is where she sees it, "" where that is not for everybody to know."""

    name: str
    account: str
    page: str
    asked: Sequence[Row]
    missed: Sequence[Row]


def owners(asked: Iterable[Row], missed: Iterable[Row]) -> list[Owner]:
    """Whom to ask: who has waited the longest first, then those who only let something pass."""
    parts: dict[tuple[str, str], tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for at, rows in enumerate((asked, missed)):
        for each in rows:
            parts[each["account"], each["owner"]][at].append(each)
    found = [
        _owner(account, owner, waiting, passed)
        for (account, owner), (waiting, passed) in parts.items()
    ]
    return sorted(found, key=lambda each: (not each.asked, _oldest(each)))


def _owner(account: str, owner: str, asked: list[Row], missed: list[Row]) -> Owner:
    every = [*asked, *missed]
    names = [each["owner_name"] for each in every if each["owner_name"]]
    pages = [each["page"] for each in every if each["page"]]
    return Owner(
        name=names[0] if names else owner,
        account=account,
        page=pages[0] if pages else "",
        asked=sorted(asked, key=since),
        missed=sorted(missed, key=since),
    )


def _oldest(owner: Owner) -> str:
    return since((owner.asked or owner.missed)[0])


def since(row: Row) -> str:
    """Since when somebody waits for it."""
    at = datetime.fromisoformat(row["waiting_since"] or row["made_at"])
    return at.astimezone(ZONE).isoformat()


def where(row: Row) -> str:
    """The group, or how many."""
    if row["group"]:
        return str(row["group_name"] or row["group"])
    return f"{wording.number(row['groups'])} 个群" if row["groups"] else "她的群"


def what(row: Row) -> str:
    """`粘贴欢迎语，12 位新朋友`"""
    told = wording.MEANS[row["means"]]
    return f"{told}，{wording.number(row['people'])} 位新朋友" if row["people"] else told


def budget(row: Row) -> str:
    """`本月群发 3/30`"""
    return f"{wording.BUDGETS[row['budget']]}群发 {row['used']}/{row['most']}"


def budget_tone(row: Row) -> str:
    return "bad" if row["left"] == 0 else ""
