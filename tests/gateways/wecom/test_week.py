"""A week of two owners and three groups on WeCom, with what goes wrong in a week: at its end
everything is accounted for."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import ColumnElement, func, select

from models.content import ContentKind, Item, Voice
from models.delivery import State
from models.entry import Answers, Baby, EntryCode, Template
from models.events import (
    AnswersGiven,
    CodeScanned,
    EntryCodeMade,
    Event,
    ItemsPut,
    ProposalDone,
)
from models.ids import Code, GroupId, VisitorId
from models.onboarding import Newcomer
from models.proposals import Means, ProposalState
from models.stores.unit import Unit
from models.tables import DeadLetterRow, InboxRow, MemberRow, NewcomerRow, OutboxRow, ProposalRow
from tests.gateways.wecom.fake import Quirks
from tests.gateways.wecom.town import OTHER, OWNER, Town
from tests.world import shanghai

FIRST, SECOND, THIRD = "wr01", "wr02", "wr03"
GROUPS = {
    FIRST: ("杭州·2026年3-5月·妇幼·01", OWNER),
    SECOND: ("杭州·2026年3-5月·妇幼·02", OWNER),
    THIRD: ("宁波·2026年3-5月·母婴店·01", OTHER),
}
CODE = Code("k7m2pq9xwd")
SENDING = "externalcontact/add_msg_template"


class Week:
    """Lin Yue taps and pastes every evening; Chen Xi never does."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.corp = town.corp
        self.pasted: list[str] = []

    async def begins(self) -> None:
        for chat, (name, owner) in GROUPS.items():
            mothers = {f"wmOld{chat}{number}": f"妈妈{number}" for number in range(5)}
            self.corp.open_chat(chat, name, owner, mothers)
        await self.town.begins()
        now = self.town.clock.now()
        items = [
            Item(
                id=f"c{number}",
                kind=kind,
                text=f"今天聊聊第{number}件小事～",
                voice=Voice.ASSISTANT,
            )
            for number, kind in enumerate([ContentKind.DRY, ContentKind.WARM] * 10)
        ]
        await self.decides(ItemsPut(at=now, by="运营小王", items=items))
        code = EntryCode(
            code=CODE,
            channel="妇幼",
            created_at=now,
            created_by="运营小王",
            template=Template.MOTHER,
        )
        await self.decides(EntryCodeMade(at=now, by="运营小王", code=code))

    async def decides(self, event: Event) -> None:
        await self.town.work.dispatcher.decide(event, self.town.clock.now())
        await self.town.work.look_again()
        await self.town.passes(seconds=0)

    async def lives_until(self, moment: str) -> None:
        left = shanghai(moment) - self.town.clock.now()
        assert left > timedelta(0)
        await self.town.passes(seconds=left.total_seconds())

    async def goes_through(self, day: str) -> None:
        """A day of hers: at noon, in the afternoon and at night she looks at her phone."""
        for hour in ("11:40", "16:40", "20:40"):
            await self.lives_until(f"{day} {hour}")
            await self.taps(OWNER)
        await self.pastes(OWNER)

    async def comes_by_the_code(self, name: str) -> None:
        """She scans our code, fills in the form, and scans what her page shows."""
        now, visitor = self.town.clock.now(), VisitorId(f"browser of {name}")
        await self.decides(CodeScanned(at=now, visitor=visitor, code=CODE))
        answers = Answers(
            baby=Baby.DUE, day=shanghai("2026-04-10").date(), city="杭州", name=name, consent="1"
        )
        await self.decides(
            AnswersGiven(at=now, visitor=visitor, code=CODE, answers=answers, seed=name)
        )
        await self.town.passes(minutes=1)
        (config, *_) = self.corp.ways.join
        self.corp.scan(config, f"wm{name}", name)
        await self.town.happens()

    async def taps(self, owner: str) -> None:
        for send in self.corp.sends.pending(owner):
            self.corp.owner_taps(owner, send.msgid)
        await self.town.passes(minutes=2)

    async def pastes(self, owner: str) -> None:
        """All that waits for her, and says so on her page."""
        for each in await self.town.proposals():
            if each.means is not Means.PASTE or each.state is not ProposalState.OPEN:
                continue
            if each.owner != self.town.office.staff(owner):
                continue
            self.pasted.append(each.key)
            now = self.town.clock.now()
            await self.decides(ProposalDone(at=now, by="群主", proposal=each.key, named=None))


@pytest.fixture
async def week(town: Town) -> Week:
    week = Week(town)
    await week.begins()
    return week


async def count(town: Town, where: ColumnElement[bool]) -> int:
    async with town.engine.connect() as connection:
        found: int | None = await connection.scalar(select(func.count()).where(where))
        return found or 0


async def test_a_week_with_all_that_goes_wrong_in_it(week: Week) -> None:
    town, corp = week.town, week.corp

    # Monday evening: two come by the code; a peak in the second group.
    await week.comes_by_the_code("小雨")
    await week.comes_by_the_code("安安")
    for number in range(12):
        corp.joins(SECOND, f"wmPeak{number}", f"新妈妈{number}")
        await town.passes(minutes=1)
    await week.pastes(OWNER)

    # Tuesday: a token dies, and what was answered to a mass send is lost.
    await week.lives_until("2026-03-03 08:00")
    corp.invalidates_tokens()
    corp.break_next(SENDING, "unanswered")
    await week.goes_through("2026-03-03")

    # Wednesday: WeCom tells some things not, some twice, and some late.
    await week.lives_until("2026-03-04 10:00")
    town.office.pusher.next_is(Quirks(dropped=True))
    corp.joins(THIRD, "wmLost", "走丢的妈妈")
    await town.happens()
    town.office.pusher.next_is(Quirks(copies=3))
    corp.joins(THIRD, "wmTwice", "两遍妈妈")
    await town.happens()
    town.office.pusher.next_is(Quirks(held=True))
    corp.leaves(THIRD, f"wmOld{THIRD}0")
    corp.joins(FIRST, "wmOrder", "插队妈妈")
    await town.happens()
    await town.office.pusher.release()
    await town.happens()
    await week.goes_through("2026-03-04")

    # Thursday: a quota is hit, and calls to see what became of sends fail.
    await week.lives_until("2026-03-05 09:30")
    corp.fail_next(SENDING, 45009, times=2)
    corp.fail_next("externalcontact/get_groupmsg_task", 45033, times=3)
    await week.goes_through("2026-03-05")

    for day in ("06", "07", "08"):
        await week.goes_through(f"2026-03-{day}")
    await week.lives_until("2026-03-09 08:00")

    await everything_is_accounted_for(week)


async def everything_is_accounted_for(week: Week) -> None:
    town, corp = week.town, week.corp

    # What WeCom told is done with, and nothing was put aside.
    assert await count(town, InboxRow.handled_at.is_(None)) == 0
    assert await count(town, InboxRow.body.is_not(None)) == 0
    assert await count(town, DeadLetterRow.id.is_not(None)) == 0

    # Whoever is in a group there is in it here, and nobody else; whatever was told of her.
    async with town.engine.connect() as connection:
        members = await connection.execute(
            select(MemberRow.group, MemberRow.person).where(MemberRow.present)
        )
        here = {(group, person) for group, person in members}
    there = {
        (chat.chat_id, town.office.staff(each.userid) if not each.external else each.userid)
        for chat in corp.chats.values()
        for each in chat.members.values()
    }
    assert here == there

    # Each promise to a group has its end, and what was sent is what the groups have heard.
    states = Counter(state for _, state, _ in await town.outbox())
    assert set(states) <= {State.SENT, State.LAPSED, State.PARKED, State.PROPOSED}
    async with town.engine.connect() as connection:
        rows = await connection.execute(
            select(OutboxRow.group, OutboxRow.text)
            .join(ProposalRow, ProposalRow.key == OutboxRow.proposal)
            .where(OutboxRow.state == State.SENT, ProposalRow.means == Means.GROUP_SEND)
            .order_by(OutboxRow.settled_at, OutboxRow.id)
        )
        sent = Counter((group, text) for group, text in rows)
    heard = Counter(
        (chat.chat_id, said.text) for chat in corp.chats.values() for said in chat.said
    )
    assert sent == heard
    assert sent, "nothing was sent all week"
    assert max(heard.values()) == 1

    # The groups of who never taps have heard nothing, and it is known whom to ask.
    lazy = town.office.staff(OTHER)
    hers = [each for each in await town.proposals() if each.owner == lazy]
    ended = {each.state for each in hers if each.means is not Means.TEMPLATE}
    assert town.said_in(THIRD) == []
    assert ProposalState.LAPSED in ended
    assert ended <= {ProposalState.LAPSED, ProposalState.OPEN}

    # Who came to Lin Yue's groups was greeted, or waits.
    async with town.engine.connect() as connection:
        came = await connection.execute(
            select(NewcomerRow.person, NewcomerRow.greeted_at, NewcomerRow.waiting_since).where(
                NewcomerRow.group.in_([FIRST, SECOND]), NewcomerRow.here
            )
        )
        newcomers = {person: (greeted, waits) for person, greeted, waits in came}
    assert {f"wmPeak{number}" for number in range(12)} <= newcomers.keys()
    assert all(greeted or waits for greeted, waits in newcomers.values())
    assert newcomers["wmPeak0"][0] is not None

    # One token was asked for again, and nobody insisted.
    assert all(each.errcode == 0 for each in corp.calls_of("gettoken"))


async def test_who_comes_by_the_code_is_known_by_it(week: Week) -> None:
    await week.comes_by_the_code("小雨")

    async def work(facts: Unit) -> Newcomer | None:
        return await facts.newcomers.get(GroupId(FIRST), "wm小雨")

    assert await week.town.transactions.run(work) is not None
