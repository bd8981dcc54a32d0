"""Owners hear what waits for them to be pasted, all of it in one message."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.confirming import policy, wording
from bot.confirming.wording import Ready
from handlers.context import Context
from handlers.owner_pages import page_of
from handlers.router import Router
from models.ids import AccountId, PersonId
from models.messages import Kind, Outgoing
from models.proposals import Proposal
from models.stores.proposed import ProposedStore
from models.stores.unit import Unit

Asked = Mapping[PersonId, Sequence[Proposal]]


class Notices:
    def __init__(self, account: AccountId, router: Router) -> None:
        self._account = account
        self._router = router

    async def tell(self, facts: Unit, ready: Asked, late: Asked, now: datetime) -> None:
        ctx = await Context.open(facts, now, None)
        for what, word, asked in (
            ("ready", wording.ready, ready),
            ("waiting", wording.waiting, late),
        ):
            for owner, proposals in asked.items():
                pastes = [await self._as_ready(facts, each, now) for each in proposals]
                link = await page_of(owner, self._account, ctx)
                facts.outbox.promise(
                    Outgoing(
                        key=f"asked:{what}:{proposals[0].key}:{now.timestamp():.0f}",
                        kind=Kind.STAFF_NOTICE,
                        account=self._account,
                        to=owner,
                        text=word(pastes, link),
                        due_at=now,
                        lapses_at=now + ctx.rules.delivery.notice_lapses,
                    ),
                    now,
                )

    async def _as_ready(self, facts: Unit, proposal: Proposal, now: datetime) -> Ready:
        """As it would be pasted now: others may have joined since it was gathered."""
        (piece, *_) = policy.pieces(await facts.outbox.proposed_in(proposal.key))
        ctx = await Context.open(facts, now, piece.group)
        messages = [await self._router.render(row.message, ctx) for row in piece.rows]
        left = [each for each in messages if each is not None]
        people = {person for each in left for person in each.mentions}
        waits = (await ProposedStore(facts.connection).newcomers([proposal.key])).get(proposal.key)
        return Ready(
            group=ctx.group.name if ctx.group else "",
            people=len(people),
            since=(waits and waits.since) or proposal.made_at,
            text="\n\n".join(each.text for each in left),
        )
