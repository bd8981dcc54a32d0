"""Who changed what, from what to what."""

from typing import Any

from bot.console import wording
from bot.console.frame import Console, Visit, card
from bot.console.listing import Choice, Column, Listing

NOTHING = (
    "还没有人改过什么。\n"
    "在这里、用接口、或班长在群里用命令改的每一处，都会记下是谁、改了什么、原来是什么。"
)
LONGEST = 60


def audit_page(console: Console) -> None:
    @console.page("/audit")
    async def audit(visit: Visit) -> None:
        with card():
            await Listing(
                visit,
                "/audit",
                [
                    Column("时间", lambda row: wording.moment(row["at"], visit.now), "at"),
                    Column("谁", lambda row: row["by"]),
                    Column("做了什么", lambda row: wording.action(row["action"])),
                    Column("对什么", lambda row: row["target"]),
                    Column("改动", told),
                ],
                choices=[
                    Choice("by", "谁"),
                    Choice("action", "做了什么", wording.ACTIONS),
                    Choice("target", "对什么"),
                    Choice("group", "群号"),
                ],
                sort="-at",
                nothing=NOTHING,
                name="audit",
            ).show()


def told(row: dict[str, Any]) -> str:
    """What became different, `积分 50 → 60`; or what was typed in chat."""
    if row["note"]:
        return f"/{row['note']}"
    before, after = row["before"] or {}, row["after"] or {}
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not before:
        changed = [name for name in changed if after.get(name) not in (None, "", [], False)]
    return "；".join(_difference(name, before.get(name), after.get(name)) for name in changed)


def _difference(name: str, before: Any, after: Any) -> str:
    was = "" if before is None else f"{_short(before)} → "
    return f"{name} {was}{_short(after)}"


def _short(value: Any) -> str:
    told = "无" if value is None else str(value)
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"
