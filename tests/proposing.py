"""What owners are asked for, as it stands once it was put together: written through the stores."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from models.delivery import State
from models.groups import Ability
from models.ids import GroupId, OutboxId, PersonId
from models.messages import Kind, Outgoing
from models.proposals import Means, OwnerPage, Proposal, ProposalState
from models.stores.unit import Unit
from models.tables import OutboxRow
from tests.world import ACCOUNT, GROUP, World

OWNER = PersonId("阿芳")
TOKEN = "t" * 24


async def needs_confirmation(world: World, *groups: str, owner: str = OWNER) -> None:
    """The account can't speak by itself, and these rooms are the owner's."""

    async def work(facts: Unit) -> None:
        await _cannot_speak(facts)
        for each in groups or (GROUP,):
            group = await facts.groups.get(GroupId(each))
            assert group is not None
            facts.groups.put(replace(group, owner=PersonId(owner)))

    await world.transactions.run(work)


async def _cannot_speak(facts: Unit) -> None:
    account = await facts.accounts.get(ACCOUNT)
    assert account is not None
    facts.accounts.put(replace(account, abilities=(Ability.NEEDS_CONFIRMATION.value,)))


async def has_page(world: World, owner: str = OWNER, token: str = TOKEN) -> str:
    """The path of the owner's page."""
    page = OwnerPage(
        account=ACCOUNT, owner=PersonId(owner), token=token, made_at=world.clock.now()
    )

    async def work(facts: Unit) -> None:
        facts.owner_pages.put(page)

    await world.transactions.run(work)
    return f"/d/{token}"


async def round_to_paste(world: World, *newcomers: str, group: str = GROUP, **of: Any) -> Proposal:
    """They join, and their round is a text that the owner is asked to paste."""
    await world.joins(*newcomers, group=group)
    # So that nothing is said by the account itself.
    await world.goes_deaf()
    await world.passes(minutes=10)
    proposal = await _proposed(world, [group], Means.PASTE, of, rounds=True)
    await world.hears_again()
    # As it came up again it told what the simulated gateway can do.
    await world.transactions.run(_cannot_speak)
    return proposal


async def mass_send(world: World, *groups: str, text: str = "今晚八点直播", **of: Any) -> Proposal:
    """One message for these groups is a mass send that the owner is asked to confirm."""
    now = world.clock.now()
    key = of.get("key", f"send:{now.isoformat()}")
    messages = [
        Outgoing(
            key=f"{key}:{each}",
            kind=Kind.NOTICE,
            account=ACCOUNT,
            text=text,
            due_at=now,
            lapses_at=now + timedelta(hours=12),
            group=GroupId(each),
        )
        for each in groups or (GROUP,)
    ]

    async def promise(facts: Unit) -> None:
        for each in messages:
            facts.outbox.promise(each, now)

    await world.transactions.run(promise)
    return await _proposed(world, list(groups or (GROUP,)), Means.GROUP_SEND, of)


async def template_to_apply(world: World, **of: Any) -> Proposal:
    return await _proposed(world, [], Means.TEMPLATE, of)


async def _proposed(
    world: World, groups: Sequence[str], means: Means, of: dict[str, Any], *, rounds: bool = False
) -> Proposal:
    now = world.clock.now()
    proposal = Proposal(
        **{
            "key": f"{means}:{'+'.join(groups)}:{now.isoformat()}",
            "account": ACCOUNT,
            "owner": OWNER,
            "means": means,
            "state": ProposalState.OPEN,
            "hour": now,
            "digest": "d",
            "made_at": now,
            "ready_at": now,
            "handed_at": now,
            "lapses_at": now + timedelta(hours=12),
            **of,
        }
    )

    async def work(facts: Unit) -> None:
        found = await facts.connection.scalars(
            select(OutboxRow.id)
            .where(
                OutboxRow.group.in_(groups),
                OutboxRow.round.is_not(None) if rounds else OutboxRow.round.is_(None),
                OutboxRow.state.in_([State.WAITING, State.HELD]),
            )
            .order_by(OutboxRow.id)
        )
        ids = [OutboxId(each) for each in found]
        assert ids or means is Means.TEMPLATE
        for each in ids:
            await facts.outbox.propose(each, proposal.account)
        await facts.outbox.belong(ids, proposal.key)
        facts.proposals.put(proposal)

    await world.transactions.run(work)
    return proposal


async def stands(world: World, proposal: Proposal) -> Proposal:
    """As it is now."""
    found = await world.transactions.read(lambda facts: facts.proposals.get(proposal.key))
    assert found is not None
    return found


async def messages_of(world: World, proposal: Proposal) -> list[tuple[str, str, list[str]]]:
    """(kind, state, whom it names) of each of its messages, in order."""
    async with world.engine.connect() as connection:
        rows = await connection.execute(
            select(OutboxRow.kind, OutboxRow.state, OutboxRow.mentions)
            .where(OutboxRow.proposal == proposal.key)
            .order_by(OutboxRow.id)
        )
    return [(kind, state, sorted(mentions)) for kind, state, mentions in rows]
