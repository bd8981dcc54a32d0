"""`/d/{token}`: what a group's owner is asked to say, or to let be said, and her word that it is
done."""

from contextlib import suppress

from fastapi import Request, Response

from bot.http.entry import show
from bot.http.entry.asked import Task, read_named, tasks_of
from bot.http.entry.forms import Form, read_form
from bot.http.entry.reception import Reception
from bot.http.entry.safety import comes_from_us
from handlers.proposals.policy import ProposalRefused
from models.events import ProposalDecision, ProposalDeclined, ProposalDone
from models.proposals import Means, OwnerPage, Proposal
from models.stores.audit import Change
from models.stores.proposed import ProposedStore
from models.stores.unit import Unit

BY = "群主"
LONGEST_TOKEN = 200
HEAVIEST = 200_000
"""Bytes of a form: it names everybody whom a text names."""
THANKS = {
    "done": "收到，辛苦啦",
    "decline": "好，这次不发",
    "gone": "这一条刚才已经处理过了",
}
"""What she is told after a button, by how it went."""


class OwnerPages:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def look(self, request: Request) -> Response:
        page = await self._page(request)
        if page is None:
            return show.unknown_owner()
        now = self._reception.clock.now()
        tasks = await self._reception.transactions.read(lambda facts: tasks_of(facts, page, now))
        return _shown(page, tasks, THANKS.get(request.query_params.get("went", ""), ""))

    async def act(self, request: Request) -> Response:
        page = await self._page(request)
        if page is None:
            return show.unknown_owner()
        path = f"/d/{page.token}"
        rules = await self._reception.rules()
        if not comes_from_us(request, rules.site):
            return show.strange_form(path)
        form = await read_form(request, HEAVIEST)
        return show.onward(f"{path}?went={await self._went(page, form)}")

    async def _went(self, page: OwnerPage, form: Form) -> str:
        """How it went. What is not hers, or no button of the page, is nothing that she is asked
        for."""
        proposal = await self._reception.transactions.read(
            lambda facts: facts.proposals.get(form["key"])
        )
        decision = _decision(proposal, form, page, self._reception)
        if proposal is None or decision is None:
            return "gone"
        # It may have ended meanwhile, or somebody tapped twice.
        with suppress(ProposalRefused):
            await self._reception.submit(decision)
            await self._note(proposal, form["do"])
            return form["do"]
        return "gone"

    async def _note(self, proposal: Proposal, did: str) -> None:
        """Who has the link is known to be the owner, or whom she gave it."""
        now = self._reception.clock.now()
        action = "proposal_done" if did == "done" else "proposal_declined"

        async def work(facts: Unit) -> None:
            found = await ProposedStore(facts.connection).groups([proposal])
            groups = found.get(proposal.key, [])
            change = Change(
                at=now,
                by=BY,
                action=action,
                target=f"proposal:{proposal.key}",
                group=groups[0] if len(groups) == 1 else None,
                person=proposal.owner,
            )
            await facts.audit.note(change)

        await self._reception.transactions.run(work)

    async def _page(self, request: Request) -> OwnerPage | None:
        token = str(request.path_params["token"])
        if not token.isascii() or len(token) > LONGEST_TOKEN or "\x00" in token:
            return None
        return await self._reception.transactions.read(
            lambda facts: facts.owner_pages.by_token(token)
        )


def _decision(
    proposal: Proposal | None, form: Form, page: OwnerPage, reception: Reception
) -> ProposalDecision | None:
    """A mass send is not hers to withdraw: in her app she may leave it alone."""
    if proposal is None or (proposal.account, proposal.owner) != (page.account, page.owner):
        return None
    if proposal.means is Means.GROUP_SEND:
        return None
    now = reception.clock.now()
    match form["do"]:
        case "done" if proposal.means is Means.TEMPLATE:
            return ProposalDone(at=now, by=BY, proposal=proposal.key)
        case "done" if (named := read_named(form["named"])) is not None:
            return ProposalDone(at=now, by=BY, proposal=proposal.key, named=named)
        case "decline":
            return ProposalDeclined(at=now, by=BY, proposal=proposal.key)
    return None


def _shown(page: OwnerPage, tasks: list[Task], thanks: str) -> Response:
    return show.page("owner", token=page.token, tasks=tasks, thanks=thanks)
