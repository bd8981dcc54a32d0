"""Which welcomes a platform's library is to have, and who is asked to apply them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.rules import Rules
from config.texts import render
from handlers.nickname.judge import example
from models.cohort import STAGE_NAMES, Stage
from models.groups import Group
from models.ids import AccountId, PersonId
from models.platform_ways import WelcomeTemplate
from models.proposals import Means, Proposal, ProposalState

NAMES = "%NICKNAME%"
"""Where the platform puts the name of who joined (doc 92366)."""
AGAIN = timedelta(hours=1)
"""After an attempt, which may have failed."""
DAILY = timedelta(hours=24)
FOR_EVER = timedelta(days=3650)
_ANY_DAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Housed:
    """A group of the account, its stage, and the welcome by the rules of its channel."""

    group: Group
    stage: Stage
    text: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A welcome by its `name`, and who owns the groups that it is for."""

    name: str
    text: str
    owners: tuple[PersonId, ...]


def text_of(stage: Stage, rules: Rules) -> str:
    """What can be said in every group of the stage: the name of who joined is the platform's, and
    nothing else of the group is told."""
    told = {"city": "", "window": "", "monitor": "", "stage": stage.value}
    # Without a group it is the same on every day.
    shown = example(None, None, _ANY_DAY)
    return render(rules.texts.welcome, {"names": NAMES, "example": shown, **told})


def wanted(groups: Iterable[Housed], everywhere: Mapping[Stage, str]) -> list[Wanted]:
    """One a stage, and one more for each channel that welcomes otherwise."""
    texts: dict[str, str] = {}
    owners: dict[str, set[PersonId]] = {}
    for each in groups:
        is_own = each.text != everywhere[each.stage]
        name = f"{each.stage}:{each.group.channel}" if is_own else each.stage.value
        texts[name] = each.text
        owners.setdefault(name, set())
        if each.group.owner is not None:
            owners[name].add(each.group.owner)
    return [Wanted(name, texts[name], tuple(sorted(owners[name]))) for name in sorted(texts)]


def is_due(kept: WelcomeTemplate, text: str, now: datetime) -> bool:
    """Whether it has to be made or changed, or it is time to see if it is still there. `due_at` is
    when something may be tried next."""
    is_waited_for = kept.due_at is not None and kept.due_at - now <= AGAIN and now < kept.due_at
    is_old = kept.due_at is None or kept.due_at <= now
    return is_old or (kept.text != text and not is_waited_for)


def is_asked(known: Proposal | None, kept: WelcomeTemplate) -> bool:
    """Whether she was asked to apply this very one: what had to be made anew is another."""
    return known is not None and known.platform_id == kept.config


def key(account: AccountId, owner: PersonId, name: str) -> str:
    return f"template:{account}:{owner}:{name}"


def proposal(kept: WelcomeTemplate, owner: PersonId, now: datetime) -> Proposal:
    """She says when she has done it; nobody has to look at it."""
    return Proposal(
        key=key(kept.account, owner, kept.name),
        account=kept.account,
        owner=owner,
        means=Means.TEMPLATE,
        state=ProposalState.OPEN,
        hour=now,
        digest=kept.name,
        made_at=now,
        ready_at=now,
        lapses_at=now + FOR_EVER,
        platform_id=kept.config,
        handed_at=now,
    )


def called(name: str) -> str:
    """`孕期`, `产后·妇幼`."""
    stage, _, channel = name.partition(":")
    shown = STAGE_NAMES[Stage(stage)]
    return f"{shown}·{channel}" if channel else shown


def asked(name: str, text: str, page: str) -> str:
    """`page` is her own, which tells her how, for which groups; "" where she has none."""
    begin = text.splitlines()[0] if text else ""
    is_there = f"「{called(name)}」的入群欢迎语放进企业微信的素材库了（{begin}…）。"
    if page:
        return (
            f"{is_there}在你的群里设上它，以后新人进群，企业微信就自动欢迎；"
            f"每个群设一次就好，设哪些群、怎么设，点开看：\n{page}"
        )
    return (
        f"{is_there}请在你的{called(name)}群里，从聊天工具栏的「入群欢迎语」选它，"
        "新人进群就会自动欢迎；每个群选一次，做完告诉运营一声"
    )
