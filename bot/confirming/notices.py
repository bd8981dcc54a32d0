"""Owners hear what waits for them to be pasted, all of it in one message."""

from collections.abc import Sequence
from datetime import datetime

from bot.confirming import wording
from bot.confirming.wording import Ready
from handlers.context import Context
from handlers.owner_pages import page_of
from handlers.router import Router
from models.ids import AccountId, PersonId
from models.messages import Kind, Outgoing
from models.proposals import Proposal
from models.stores.proposed import ProposedStore
from models.stores.unit import Unit


class Notices:
    def __init__(self, account: AccountId, router: Router) -> None:
        self._account = account
        self._router = router

    async def tell(
        self,
        facts: Unit,
        owner: PersonId,
        ready: Sequence[Ready],
        late: Sequence[Ready],
        now: datetime,
    ) -> None:
        ctx = await Context.open(facts, now)
        link = await page_of(owner, self._account, ctx) if ready or late else ""
        if ready:
            self._say(f"asked:ready:{owner}", owner, wording.ready(ready, link), ctx)
        if late:
            self._say(f"asked:waiting:{owner}", owner, wording.waiting(late, link), ctx)

    async def as_ready(self, facts: Unit, proposal: Proposal, now: datetime) -> Ready | None:
        """As it would be pasted now: others may have joined since it was gathered. None where
        nobody is left whom it concerns."""
        rows = await facts.outbox.proposed_in(proposal.key)
        if not rows:
            return None
        ctx = await Context.open(facts, now, rows[0].message.group)
        messages = [await self._router.render(row.message, ctx) for row in rows]
        left = [each for each in messages if each is not None]
        if not left:
            return None
        people = {person for each in left for person in each.mentions}
        waits = (await ProposedStore(facts.connection).newcomers([proposal.key])).get(proposal.key)
        return Ready(
            group=ctx.group.name if ctx.group else "",
            people=len(people),
            since=(waits and waits.since) or proposal.made_at,
            text="\n\n".join(each.text for each in left),
        )

    def _say(self, key: str, owner: PersonId, text: str, ctx: Context) -> None:
        ctx.say(
            Outgoing(
                key=f"{key}:{ctx.now.timestamp():.0f}",
                kind=Kind.STAFF_NOTICE,
                account=self._account,
                to=owner,
                text=text,
                due_at=ctx.now,
                lapses_at=ctx.now + ctx.rules.delivery.notice_lapses,
            )
        )
