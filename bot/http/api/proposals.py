"""What owners of groups are asked to say, or to let be said, where an account can't speak by
itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, select

from bot.http.addresses import site_of
from bot.http.api.office import About, Asks, Edits, Look, Office, in_group
from bot.http.api.paging import Paged, Row, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.door import Asker
from bot.http.problems import Problem
from bot.http.values import (
    Absent,
    GivenChannel,
    GivenGroup,
    GivenPerson,
    GivenText,
    Moment,
    PathId,
)
from handlers.proposals.policy import ProposalRefused
from models.access import Holder
from models.events import ProposalDecision, ProposalDeclined, ProposalDone
from models.groups import Group
from models.ids import GroupId, PersonId
from models.proposals import Means, Proposal, ProposalState, owner_address
from models.scopes import EVERYWHERE
from models.stores.lists import Listing, rows_of
from models.stores.proposals import PENDING
from models.stores.proposed import Newcomers, Owner, ProposedStore
from models.stores.unit import Unit
from models.tables import GroupRow, OutboxRow, ProposalRow


class ProposalView(View):
    """One thing that the `owner` of groups is asked for. `means` is group_send (a mass send that
    she confirms in her app), paste (a text that she pastes into the `group`), or template (a
    welcome that she applies to her groups once). `state` is gathering, handing, open (it waits
    for her), and in the end done, lapsed (nobody did it in time) or refused, for a `reason`. What
    it says are the messages of the outbox that are part of it (`/outbox?proposal=`)."""

    key: str = Field(examples=["paste:g1:7"])
    account: str
    owner: str
    owner_name: str | None = Field(
        description="As she is called in our rooms, for those who may decide about it."
    )
    means: Means
    state: ProposalState
    hour: Time = Field(description="When it is meant for.")
    groups: int = Field(description="How many it is for.")
    group: str | None = Field(description="The group, where it is for one.")
    group_name: str | None
    people: int | None = Field(
        description="Of a round that waits to be pasted: how many newcomers wait in it."
    )
    waiting_since: Time | None = Field(description="The first of those newcomers.")
    made_at: Time
    ready_at: Time
    handed_at: Time | None
    lapses_at: Time
    reminders: int
    reminded_at: Time | None
    settled_at: Time | None
    reason: str | None
    page: str | None = Field(
        description="Where its owner sees it. Whoever has that address can act for her, so those"
        " are told it who may decide about all her groups."
    )
    volatile = frozenset(
        {"owner_name", "groups", "group_name", "people", "waiting_since", "reminders", "page"}
        | {"reminded_at"}
    )


COLUMNS = list(Proposal.__dataclass_fields__)
PROPOSALS = Listing(
    rows=rows_of(ProposalRow, COLUMNS),
    key=[ProposalRow.key],
    sorts={"made_at": ProposalRow.made_at, "lapses_at": ProposalRow.lapses_at},
    default="-made_at",
    filters={
        "account": ProposalRow.account,
        "owner": ProposalRow.owner,
        "means": ProposalRow.means,
        "state": ProposalRow.state,
    },
    at=ProposalRow.made_at,
)


def proposals_api(office: Office) -> Routes:
    api = Routes(office.door, "proposals")

    @api.viewer.get("/proposals", **lists(ProposalView))
    async def proposals(
        request: Request,
        holder: Asker,
        asked: Annotated[Paged, paged(PROPOSALS)],
        account: GivenText | Absent = None,
        owner: GivenPerson | Absent = None,
        group: GivenGroup | Absent = None,
        channel: GivenChannel | Absent = None,
        means: Annotated[list[Means] | Absent, Query(description="Any of these.")] = None,
        state: Annotated[
            list[ProposalState] | Absent,
            Query(description="Any of these; else those that have not ended."),
        ] = None,
        since: Since | Absent = None,
        until: Until | Absent = None,
        settled_since: Annotated[
            Moment | Absent, Query(description="Those that ended from this moment on.")
        ] = None,
    ) -> Any:
        """What owners are asked for; `since` and `until` go by when it was put together. Who has
        to be asked again: `?state=open&sort=made_at`, and `?state=lapsed&settled_since=`."""

        async def show(facts: Unit, rows: Sequence[Row]) -> list[ProposalView]:
            return await _shown(facts, [_proposal(each) for each in rows], request, holder)

        where: list[ColumnElement[bool]] = []
        where += PENDING if not state and settled_since is None else ()
        where += [] if settled_since is None else [ProposalRow.settled_at >= settled_since]
        return await office.list(
            "proposals",
            asked,
            ProposalView,
            *where,
            *_for(group, channel),
            show=show,
            account=account,
            owner=owner,
            means=means or None,
            state=state or None,
            since=since,
            until=until,
        )

    def look(key: str, request: Request, holder: Holder | None = None) -> Look[ProposalView]:
        async def read(facts: Unit) -> ProposalView | None:
            found = await facts.proposals.get(key)
            return (await _shown(facts, [found], request, holder))[0] if found else None

        return read

    @api.viewer.get("/proposals/{proposal:id}")
    async def one(
        proposal: PathId, request: Request, holder: Asker, response: Response
    ) -> ProposalView:
        return await office.one(look(proposal, request, holder), _about(proposal), response)

    async def decide(decision: ProposalDecision, request: Request, asks: Asks) -> ProposalView:
        """Whoever decides must be there for all groups that it is for. Her page is not noted."""
        key = decision.proposal
        groups = await office.read(lambda facts: _groups_of(facts, key))
        try:
            return await office.edit(
                asks,
                decision,
                look(key, request),
                _about(key, groups),
                within=lambda _: [in_group(each) for each in groups] or [EVERYWHERE],
            )
        except ProposalRefused as error:
            raise Problem(409, str(error)) from error

    @api.operator.post("/proposals/{proposal:id}/done")
    async def done(proposal: PathId, request: Request, asks: Edits) -> ProposalView:
        """Somebody pasted the text, or applied the welcome: it counts as said, to all whom it
        would name now. Not of a mass send, which its owner confirms in her app."""
        by = asks.holder.name
        event = ProposalDone(at=office.now(), by=by, proposal=proposal)
        return await decide(event, request, asks)

    @api.operator.post("/proposals/{proposal:id}/decline")
    async def decline(proposal: PathId, request: Request, asks: Edits) -> ProposalView:
        """It is not said this time. The newcomers of a round wait for the next one. A mass send is
        cancelled at the platform first, so it stays open until that is done."""
        by = asks.holder.name
        event = ProposalDeclined(at=office.now(), by=by, proposal=proposal)
        return await decide(event, request, asks)

    return api


def _about(key: str, groups: Sequence[GroupId] = ()) -> About:
    only = groups[0] if len(groups) == 1 else None
    return About(kind="proposal", id=key, group=only)


def _for(group: GroupId | None, channel: str | None) -> list[ColumnElement[bool]]:
    """Those that have a message for it."""
    if group is None and channel is None:
        return []
    theirs = select(OutboxRow.proposal).where(OutboxRow.proposal.is_not(None))
    if group is not None:
        theirs = theirs.where(OutboxRow.group == group)
    if channel is not None:
        theirs = theirs.join(GroupRow, GroupRow.id == OutboxRow.group)
        theirs = theirs.where(GroupRow.channel == channel)
    return [ProposalRow.key.in_(theirs)]


def _proposal(row: Row) -> Proposal:
    given = {name: row[name] for name in COLUMNS}
    kinds = {"means": Means(row["means"]), "state": ProposalState(row["state"])}
    return Proposal(**given | kinds)


async def _groups_of(facts: Unit, key: str) -> list[GroupId]:
    found = await facts.proposals.get(key)
    if found is None:
        return []
    return (await ProposedStore(facts.connection).groups([found])).get(key, [])


@dataclass(frozen=True, slots=True)
class Known:
    """What is told of proposals beside what they are. `pages` are the owners' addresses, without
    a holder none."""

    groups: Mapping[str, Sequence[GroupId]]
    owned: Mapping[Owner, Sequence[GroupId]]
    rooms: Mapping[GroupId, Group]
    newcomers: Mapping[str, Newcomers]
    names: Mapping[PersonId, str]
    pages: Mapping[Owner, str]
    holder: Holder | None

    def told(self, proposal: Proposal) -> ProposalView:
        groups = self.groups.get(proposal.key, ())
        only = groups[0] if len(groups) == 1 else None
        room = self.rooms.get(only) if only is not None else None
        waits = self.newcomers.get(proposal.key)
        told = {name: getattr(proposal, name) for name in COLUMNS} | {
            "owner_name": self.names.get(proposal.owner) if self._covers(groups) else None,
            "groups": len(groups),
            "group": only,
            "group_name": room.name if room else None,
            "people": waits.people if waits else None,
            "waiting_since": waits.since if waits else None,
            "page": self._page(proposal),
        }
        return ProposalView.model_validate(told)

    def _page(self, proposal: Proposal) -> str | None:
        """It holds all that she is asked for, so it is for those who are there for all of it."""
        owner = (proposal.account, proposal.owner)
        return self.pages.get(owner) if self._covers(self.owned.get(owner, ())) else None

    def _covers(self, groups: Sequence[GroupId]) -> bool:
        """Whether the holder is there for all of them; of none, for everything."""
        if self.holder is None:
            return False
        if not groups:
            return self.holder.covers(EVERYWHERE)
        return all(self.holder.covers(in_group(each), self.rooms.get(each)) for each in groups)


async def _shown(
    facts: Unit, proposals: Sequence[Proposal], request: Request, holder: Holder | None
) -> list[ProposalView]:
    """Without a holder, as it is noted: without the pages."""
    store = ProposedStore(facts.connection)
    keys, owners = [each.key for each in proposals], {each.owner for each in proposals}
    groups = await store.groups(proposals)
    site = site_of(await facts.rules.in_force(), request)
    tokens = await store.tokens(owners) if holder is not None else {}
    owned = await store.owned(owners)
    named = [*groups.values(), *owned.values()]
    rooms = await facts.groups.peek_at({each for found in named for each in found})
    known = Known(
        groups=groups,
        owned=owned,
        rooms={each.id: each for each in rooms},
        newcomers=await store.newcomers(keys),
        names=await store.names(owners),
        pages={owner: owner_address(site, token) for owner, token in tokens.items()},
        holder=holder,
    )
    return [known.told(each) for each in proposals]
