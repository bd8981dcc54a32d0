"""What is kept of somebody is hers to see, and to have erased."""

import json
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Boolean, Date, Double, Identity, Integer, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.http.visitors import visitor_of
from handlers.privacy import policy
from models.entry import EntryCode
from models.errands import Errand, ErrandKind
from models.events import EntryCodeMade, PersonErased, VisitorErased, WayShown
from models.groups import Member
from models.ids import Code, GroupId, MessageId, PersonId
from models.messages import MENTION_END, Kind, Outgoing
from models.people import UNNAMED, Profile, Role, is_erased
from models.points import Entry, EntryKind
from models.referrals import Referral
from models.stores.audit import AuditStore, Change, OnceStore
from models.stores.bulk import columns
from models.stores.people import DROPPED, KEYED, NAMING, TRACES, Holds, Trace
from models.stores.unit import Unit
from models.tables import (
    AuditRow,
    Base,
    ErrandRow,
    LedgerRow,
    MemberRow,
    OnceRow,
    PostRow,
    RedemptionRow,
    VisitorRow,
)
from models.tables.base import Utc
from tests.world import ACCOUNT, EVENING, GROUP, World

SHE, NICKNAME = "wxid_doudou7", "杭州-孕36周-豆豆"
OTHER, MONITOR = "小雨妈妈", "班长"


@pytest.fixture
async def group(world: World) -> World:
    """She is there, with a friend and a monitor, and at home in a second group."""
    await world.joins(MONITOR, OTHER)
    await world.becomes(MONITOR, Role.MONITOR)
    await world.joins(SHE, nickname=NICKNAME)
    await world.opens("g2", "杭州·2026年3-5月·妇幼·02", (SHE, OTHER))
    return world


async def database(world: World) -> str:
    """Every value there is, as text."""
    found = []
    async with world.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = await connection.execute(text(f'SELECT row_to_json(t)::text FROM "{table}" t'))
            found += [f"{table}: {row}" for (row,) in rows]
    return "\n".join(found)


async def speaking_of(world: World, *words: str) -> list[str]:
    """Rows in which one of these stands."""
    rows = (await database(world)).split("\n")
    return [row for row in rows if any(word in row for word in words)]


async def erases(world: World, person: str = SHE) -> None:
    """An admin does."""
    async with world.admin() as http:
        answer = await http.delete(f"/api/v1/people/{person}")
    assert answer.status_code == 204, answer.text


async def tells_in_private(world: World, name: str, words: str) -> str:
    before = len(world.said)
    await world.tells_us(name, words)
    await world.passes(seconds=4)
    told = [each.message for each in world.said[before:]]
    return "\n".join(each.text for each in told if each.to == name)


@asynccontextmanager
async def transaction(world: World) -> AsyncIterator[AsyncConnection]:
    async with world.engine.begin() as connection:
        yield connection


# Which columns there are

KEEPS_NOBODY = {
    "account": "the bot's own",
    "lease": "a process",
    "api_token": "an operator's, not a member's",
    "session": "an operator's",
    "day_total": "numbers",
    "chat_group": "a room",
    "activity": "numbers",
    "life": "numbers",
    "deaf_spell": "numbers",
    "programme": "a room's plan",
    "learned_hours": "numbers",
    "beat": "how far we are",
    "desk": "numbers",
    "question_desk": "numbers",
    "praise_desk": "numbers",
    "reward": "what is offered",
    "rule_layer": "what was set",
    "account_card": "the bot's own",
    "opening": "a room that is asked for",
    "short_link": "what was posted",
    "inbox": "what is about to be handled, and gone then",
    "wecom_chat": "a room",
    "join_way": "a way into groups",
    "contact_way": "a way to a colleague",
    "welcome_template": "what the platform says",
    "wecom_token": "a company's",
}
CLEARED = {("member", "name"), ("member", "nickname"), ("answer", "fingerprint")}
CLEARED |= {("ledger", "note"), ("outbox", "text"), ("outbox", "reason")}
CLEARED |= {("dead_letter", "event"), ("dead_letter", "traceback"), ("message", "quotes")}
CLEARED |= {("visitor", each) for each in ("name", "baby", "ticket", "consent")}
CLEARED |= {("entry_code", "referrer"), ("entry_code", "headline")}
CLEARED |= {("errand", "key"), ("errand", "detail"), ("errand", "reason")}
CLEARED |= {("referral", "by_name"), ("referral", "visitor")}
CLEARED |= {("audit", each) for each in ("target", "note", "before", "after")}
CLEARED |= {("once", "answer")}
WORDS = {"group", "chat", "id", "account", "kind", "state", "role", "origin"}
"""Ids of rooms, messages and rows, and words of our own."""
TELLS_NOBODY = {
    "audit": {"action"},
    "once": {"key", "request"},
    "dead_letter": {"kind"},
    "content_item": {
        *("text", "voice", "image", "link", "title", "stages", "phases", "cities", "channels"),
        "source",
    },
    "post": {"phase", "item", "given", "voice", "message"},
    "answer": {"question"},
    "ledger": {"message", "cause"},
    "notice": {"concern"},
    "outbox": {"attachment", "proposal"},
    "proposal": {"key", "means", "digest", "platform_id", "reason"},
    "owner_page": {"token"},
    "redemption": {"code", "reward", "name"},
    "rule_change": {"scope", "before", "after"},
    "task": {"keyword", "message", "announced"},
    "visitor": {"code", "channel", "city", "birth_window", "joined_in", "matched_by"},
    "entry_code": {"code", "channel", "city", "template"},
    "way": {"content", "image"},
    "click": {"slug"},
    "referral": {"code", "credited_in", "why_not"},
}
BROWSER = "5f" * 32
"""In which she filled in the form."""


def test_no_column_is_forgotten() -> None:
    """Whoever adds a column of text says here, or in TRACES, whether a person may stand in it."""
    handled = {(each.row.__tablename__, each.column) for each in TRACES} | CLEARED
    handled |= {(row.__tablename__, column) for row, column in NAMING}
    handled |= {(row.__tablename__, name) for row, names in KEYED.items() for name in names}
    unknown = [
        (table, name)
        for mapper in Base.registry.mappers
        for table in [mapper.class_.__tablename__]
        if table not in KEEPS_NOBODY
        for name, column in mapper.c.items()
        if not isinstance(column.type, Boolean | Date | Double | Integer | Utc)
        if (table, name) not in handled
        and name not in WORDS
        and name not in TELLS_NOBODY.get(table, ())
    ]
    assert unknown == []


def a_row(trace: Trace) -> dict[str, Any]:
    """A row of the table that says nothing but her name in this column."""
    values: dict[str, Any] = {}
    for name, column in columns(trace.row).items():
        match column.type:
            case _ if isinstance(column.server_default, Identity):
                continue
            case Utc():
                values[name] = None if column.nullable else EVENING
            case Boolean():
                values[name] = True
            case Integer():
                values[name] = TRACES.index(trace)
            case Date():
                values[name] = date(2026, 3, 2)
            case Double():
                values[name] = 0.0
            case JSONB():
                values[name] = []
            case _:
                values[name] = None if column.nullable else secrets.token_hex(4)
    if "group" in values:
        values["group"] = GROUP
    if "chat" in values:
        values["chat"] = GROUP
    if trace.row is VisitorRow:
        values["id"] = BROWSER
    held = {
        Holds.ID: SHE,
        Holds.LIST: [SHE],
        Holds.SIGNATURE: f"{NICKNAME} ({SHE})",
        Holds.BROWSER: BROWSER,
    }
    return values | {trace.column: held[trace.holds]}


async def test_wherever_she_may_stand_she_is_told_of_and_erased(group: World) -> None:
    async with transaction(group) as connection:
        for trace in TRACES:
            if trace != TRACES[0]:
                row = insert(trace.row).values(a_row(trace))
                await connection.execute(row.on_conflict_do_nothing())
    async with group.admin() as http:
        kept = (await http.get(f"/api/v1/people/{SHE}/export")).json()
    assert [each.section for each in TRACES if not kept[each.section]] == []
    await erases(group)
    left = await speaking_of(group, SHE, NICKNAME, BROWSER)
    assert [row.partition(":")[0] for row in left] == ["member", "member"]
    assert await speaking_of(group, NICKNAME) == []


def test_what_is_dropped_and_what_is_told_of_are_the_same_tables() -> None:
    assert set(DROPPED) <= {each.row for each in TRACES}


# What is told


async def test_she_reads_what_is_kept_of_her(group: World) -> None:
    await group.says(SHE, "孕晚期晚上总醒怎么办呀")
    told = await tells_in_private(group, SHE, "我的信息")
    assert told.splitlines() == [
        "我这里存着的你：",
        f"【杭州·2026年3-5月·妇幼·01】叫「{NICKNAME}」，2026年3月2日进群，0分",
        "【杭州·2026年3-5月·妇幼·02】叫「wxid_doudou7」，0分",
        "你的原话2条，留30天就删",
        "记录：1个提问",
        "想要完整的一份，或有不对的，找运营；想全部删掉，发 /删除我的信息",
    ]


async def test_in_the_group_she_is_asked_to_come_in_private(group: World) -> None:
    for command in ("/我的信息", "/删除我的信息", "/确认删除"):
        assert "私信我" in await group.types(SHE, command)
    assert NICKNAME in (await group.types(SHE, "/我的"))


# Erasing herself


async def test_she_is_asked_twice_and_then_nothing_tells_who_she_was(group: World) -> None:
    await group.says(SHE, f"我是{NICKNAME}，大家好")
    await group.says(OTHER, f"@{NICKNAME}{MENTION_END}欢迎", at=(SHE,))
    await group.says(OTHER, f"@{NICKNAME} 家是男宝还是女宝呀")
    await group.types(MONITOR, f"/加分 @{NICKNAME} 5 谢谢{NICKNAME}", at=(SHE,))
    await group.passes(minutes=5)
    assert "十分钟内回 /确认删除" in await tells_in_private(group, SHE, "删除我的信息")
    assert len(await speaking_of(group, NICKNAME)) > 5
    assert await tells_in_private(group, SHE, "/确认删除") == policy.ERASED
    assert await speaking_of(group, NICKNAME) == []
    left = await speaking_of(group, SHE)
    assert [row.partition(":")[0] for row in left] == ["member", "member"]
    assert all(UNNAMED in row for row in left)


@pytest.mark.parametrize("word", ["欢迎", "晒宝宝"])
async def test_who_calls_herself_by_a_word_rewrites_nobody(group: World, word: str) -> None:
    await group.calls_herself(SHE, word)
    await group.types(MONITOR, "/任务 欢迎大家晒宝宝 5")
    await group.types(MONITOR, f"/加分 @{OTHER}{MENTION_END}3 欢迎大家学她晒宝宝", at=(OTHER,))
    await group.says(OTHER, "大家孕晚期晚上总醒怎么办呀，欢迎说说，也晒宝宝")
    await group.says(OTHER, f"@{word}{MENTION_END}早", at=(SHE,))
    await group.says(OTHER, f"@{word} 你家呢，@{word}妈 你家呢")
    await group.passes(minutes=5)
    tables = ("message", "question", "task", "ledger", "outbox")
    before = [row for row in await speaking_of(group, word) if row.startswith(tables)]
    kept = [row for row in before if f"@{word}" not in row and SHE not in row]
    assert {row.partition(":")[0] for row in kept} == set(tables)
    await tells_in_private(group, SHE, "删除我的信息")
    await tells_in_private(group, SHE, "确认删除")
    after = await speaking_of(group, word)
    assert [row for row in kept if row not in after and "command.reply" not in row] == []
    assert await speaking_of(group, f"@{word} 你家呢") == []
    assert await speaking_of(group, f"@{UNNAMED} 你家呢，@{word}妈 你家呢")


async def test_what_is_not_said_yet_is_not_reworded(group: World) -> None:
    """A name that is a word stands in what we are about to say as well."""
    await group.calls_herself(SHE, "欢迎")
    group.gateway.disconnect()
    await promised(group, "欢迎来领", to=MONITOR)
    await erases(group)
    group.gateway.connect()
    await group.passes(minutes=5)
    assert [each.message.text for each in group.said if each.message.to == MONITOR] == ["欢迎来领"]


async def test_what_she_decided_is_signed_by_nobody(group: World) -> None:
    await group.becomes(SHE, Role.MONITOR)
    (trace,) = (each for each in TRACES if (each.row, each.column) == (PostRow, "pinned_by"))
    async with transaction(group) as connection:
        row = a_row(trace) | {"why": f"{NICKNAME}决定不发"}
        await connection.execute(insert(PostRow).values(row))
    await erases(group)
    async with group.engine.connect() as connection:
        why = await connection.scalar(select(PostRow.why))
    assert why == f"{UNNAMED}决定不发"


async def test_a_confirmation_that_comes_late_or_alone_does_nothing(group: World) -> None:
    assert await tells_in_private(group, SHE, "确认删除") == policy.NOT_ASKED
    await tells_in_private(group, SHE, "/删除我的信息")
    await group.passes(minutes=11)
    assert await tells_in_private(group, SHE, "确认删除") == policy.NOT_ASKED
    assert await speaking_of(group, NICKNAME)


async def test_who_runs_a_group_is_asked_to_hand_it_over_first(group: World) -> None:
    assert await tells_in_private(group, MONITOR, "删除我的信息") == policy.LEADS
    assert await tells_in_private(group, MONITOR, "确认删除") == policy.LEADS


async def test_what_was_not_said_yet_is_not_said_of_her(group: World) -> None:
    """The welcome goes on without her; a private message to her is not sent any more."""
    await group.joins("桃子", "米粒妈")
    group.gateway.disconnect()
    await group.says(OTHER, "早")
    await promised(group, "你的码")
    await erases(group)
    group.gateway.connect()
    await group.passes(minutes=5)
    assert [each for each in group.said if each.message.text == "你的码"] == []
    rounds = {person for each in group.rounds for person in each}
    assert {"桃子", "米粒妈"} <= rounds
    assert SHE not in rounds


async def promised(world: World, words: str, to: str = SHE) -> None:
    """In private."""
    now = world.clock.now()
    message = Outgoing(
        key=f"lapsed:{GROUP}:123456",
        kind=Kind.NOTICE,
        account=ACCOUNT,
        to=PersonId(to),
        text=words,
        due_at=now,
        lapses_at=now + timedelta(hours=2),
    )

    async def work(facts: Unit) -> None:
        facts.outbox.promise(message, now)

    await world.transactions.run(work)


# What stays


async def test_the_numbers_stay_without_her(group: World) -> None:
    await group.types(MONITOR, f"/加分 @{NICKNAME} 5 带头打卡", at=(SHE,))
    await group.types(MONITOR, f"/加分 @{OTHER} 3 带头打卡", at=(OTHER,))
    await erases(group)

    async def work(facts: Unit) -> tuple[list[Any], list[Any], int]:
        entries = [entry for _, entry in await facts.ledger.after(GROUP, 0)]
        known = await facts.groups.peek(GROUP)
        assert known is not None
        return entries, await facts.ledger.differing(10), known.members

    entries, differing, members = await group.transactions.read(work)
    assert [each.points for each in entries] == [5, 3]
    assert [is_erased(each.person) for each in entries] == [True, False]
    assert entries[0].note == ""
    assert entries[1].note == "带头打卡"
    assert differing == []
    assert members == 3
    assert await group.points(SHE) == 0
    assert OTHER in await group.types(OTHER, "/排行")


async def test_nothing_joins_what_she_was_in_two_groups(group: World) -> None:
    for room in (GROUP, "g2"):
        await group.says(SHE, "早", room)
    await erases(group)
    async with group.engine.connect() as connection:
        rows = await connection.execute(text("SELECT DISTINCT chat, sender FROM message"))
    gone = [sender for chat, sender in rows if is_erased(sender)]
    assert len(set(gone)) == 2


async def test_the_ledger_lets_nothing_else_pass(group: World) -> None:
    await group.types(MONITOR, f"/加分 @{NICKNAME} 5 带头打卡", at=(SHE,))
    gone = "gone-0123456789abcdef"
    refused = (
        {"points": 500},
        {"person": OTHER},
        {"person": gone, "points": 6},
        {"person": "gone-me"},
        {"by": OTHER},
        {"note": "别的"},
        {"kind": "task"},
        {"group": "g2"},
        {"key": "another"},
        {"cause": None},
        {"reverses": "another"},
        {"shortfall": 1},
    )
    for change in refused:
        with pytest.raises(DBAPIError, match="append-only"):
            async with transaction(group) as connection:
                await connection.execute(update(LedgerRow).values(change))
    with pytest.raises(DBAPIError, match="append-only"):
        async with transaction(group) as connection:
            await connection.execute(text("DELETE FROM ledger"))
    async with transaction(group) as connection:
        await connection.execute(update(LedgerRow).values(person=gone, note=""))
    with pytest.raises(DBAPIError, match="append-only"):
        async with transaction(group) as connection:
            await connection.execute(update(LedgerRow).values(person="gone-aaaaaaaaaaaaaaaa"))


async def test_ids_that_look_alike_are_not_taken_for_hers(world: World) -> None:
    await world.joins(MONITOR, "u1", "u10", "豆u1")
    await world.becomes(MONITOR, Role.MONITOR)
    for name in ("u1", "u10", "豆u1"):
        await world.says(name, "孕晚期晚上总醒怎么办呀")
    await earned(world, "u1")
    await earned(world, "u10")
    await erases(world, "u1")
    async with world.engine.connect() as connection:
        keys = (await connection.scalars(select(LedgerRow.key).order_by(LedgerRow.id))).all()
    assert is_erased(keys[0].split(":")[2])
    assert keys[1] == "task:g1:u10:1"
    assert {"u10", "豆u1"} <= {each.person for each in await present(world)}
    assert await world.points("u10") == 1


async def earned(world: World, name: str) -> None:
    async def work(facts: Unit) -> None:
        await facts.ledger.book(
            Entry(
                key=f"task:{GROUP}:{name}:1",
                group=GROUP,
                person=PersonId(name),
                kind=EntryKind.TASK,
                points=1,
                at=world.clock.now(),
                by="rules",
                message=MessageId("m"),
            )
        )

    await world.transactions.run(work)


async def present(world: World) -> list[Member]:
    return await world.transactions.read(lambda facts: facts.members.present(GROUP))


# Afterwards


async def test_she_stays_in_the_room_and_what_she_does_from_now_on_is_new(group: World) -> None:
    await erases(group)
    await group.looks()
    assert NICKNAME not in await database(group)
    await group.says(SHE, "晚上吃什么呀")
    told = await tells_in_private(group, SHE, "我的信息")
    assert f"叫「{UNNAMED}」" in told
    await group.calls_herself(SHE, "杭州-孕37周-豆豆")
    assert "叫「杭州-孕37周-豆豆」" in await tells_in_private(group, SHE, "我的信息")


async def test_who_is_really_called_so_is_not_taken_for_erased(group: World) -> None:
    await group.joins(UNNAMED)
    group.gateway.disconnect()
    await group.calls_herself(UNNAMED, "杭州-孕30周-真的")
    group.gateway.connect()
    await group.looks()
    assert "叫「杭州-孕30周-真的」" in await tells_in_private(group, UNNAMED, "我的信息")


async def test_who_left_leaves_nothing_and_returns_as_somebody_new(group: World) -> None:
    await group.passes(minutes=5)
    await group.leaves(SHE)
    await group.leaves(SHE, group="g2")
    await erases(group)
    assert await speaking_of(group, SHE, NICKNAME) == []
    await group.joins(SHE, nickname=NICKNAME)
    await group.passes(minutes=30)
    assert group.greeted.count(SHE) == 2


async def test_twice_is_as_once(group: World) -> None:
    """But for that it was asked for twice."""
    await group.says(SHE, "早")
    await erases(group)
    before = await database(group)
    await erases(group)
    after = (await database(group)).split("\n")
    assert [row for row in after if not row.startswith('audit: {"id":2,')] == before.split("\n")


async def test_an_event_that_failed_is_forgotten(group: World) -> None:
    others: list[dict[str, Any]] = [
        {"person": OTHER},
        {"group": GROUP, "text": f"{NICKNAME}早"},
        {"group": "elsewhere", "text": f"@{NICKNAME}{MENTION_END}早"},
    ]
    events: list[dict[str, Any]] = [
        {"person": SHE},
        {"present": [SHE, OTHER]},
        {"profiles": {SHE: {}}},
        {"group": GROUP, "text": f"@{NICKNAME}{MENTION_END}早"},
        *others,
    ]
    async with transaction(group) as connection:
        for event in events:
            await connection.execute(
                text(
                    "INSERT INTO dead_letter (kind, event, traceback, seen_at)"
                    " VALUES ('MemberJoined', cast(:event AS jsonb), '', now())"
                ),
                {"event": json.dumps(event)},
            )
    await erases(group)
    async with group.engine.connect() as connection:
        letters = (
            await connection.scalars(text("SELECT event FROM dead_letter ORDER BY id"))
        ).all()
    assert letters == others


async def test_a_traceback_that_names_her_is_forgotten(group: World) -> None:
    async with transaction(group) as connection:
        for told in (f"no room for ('{SHE}',)", f"no room for {SHE}7"):
            await connection.execute(
                text(
                    "INSERT INTO dead_letter (kind, event, traceback, seen_at)"
                    " VALUES ('MemberJoined', '{}', :told, now())"
                ),
                {"told": told},
            )
    await erases(group)
    async with group.engine.connect() as connection:
        letters = (await connection.scalars(text("SELECT traceback FROM dead_letter"))).all()
    assert letters == [f"no room for {SHE}7"]


async def noted(world: World, *changes: Change) -> None:
    async with transaction(world) as connection:
        for each in changes:
            await AuditStore(connection).note(each)


async def test_what_was_decided_about_her_is_known_and_about_whom_is_not(group: World) -> None:
    """Wherever her id stands in what was noted, as a whole; her names where she is addressed."""
    change = Change(at=EVENING, by="运营小王", action="role_given", target=f"member:{GROUP}:{SHE}")
    hers = [
        replace(change, group=GROUP, person=PersonId(SHE), after={"role": "koc"}),
        replace(change, target="entry_code:c1", before={"member": SHE}, after={"closed": True}),
        replace(change, target="post:1", group=GROUP, after={"text": f"@{NICKNAME} 早"}),
        replace(change, target="x:1", by=f"{NICKNAME} ({SHE})"),
    ]
    others = [
        replace(change, target=f"member:{GROUP}:{SHE}7", person=PersonId(f"{SHE}7")),
        replace(change, target="entry_code:c2", after={"member": f"{SHE}7"}),
        replace(hers[2], target="post:2", group=GroupId("elsewhere")),
    ]
    await noted(group, *hers, *others)
    await erases(group)
    async with group.engine.connect() as connection:
        found = (await connection.execute(select(AuditRow.__table__).order_by(AuditRow.id))).all()
    of_her, of_others = found[: len(hers)], found[len(hers) : -1]
    assert [each.action for each in of_her] == ["role_given"] * len(hers)
    assert SHE not in str(of_her)
    assert NICKNAME not in str(of_her)
    assert is_erased(of_her[0].target.split(":")[2])
    assert of_her[0].target.split(":")[2] == of_her[0].person_id
    assert [(each.before, each.after) for each in of_her] == [(None, None)] * len(hers)
    assert [each.target for each in of_others] == [each.target for each in others]
    assert [each.after for each in of_others] == [each.after for each in others]


async def test_what_was_answered_of_her_is_not_answered_again(group: World) -> None:
    async with transaction(group) as connection:
        answers = {"hers": {"person": SHE}, "another": {"person": f"{SHE}7"}}
        for key, answer in answers.items():
            await OnceStore(connection).earlier(1, key, "digest", EVENING)
            await OnceStore(connection).answered(1, key, answer)
    await erases(group)
    async with group.engine.connect() as connection:
        assert (await connection.scalars(select(OnceRow.key))).all() == ["another"]


async def test_a_code_that_was_hers_can_still_be_handed_over(group: World) -> None:
    async with group.admin() as http:
        await http.post("/api/v1/rewards", json={"id": "r1", "name": "试用装", "cost": 5})
    await group.types(MONITOR, f"/加分 @{NICKNAME} 5 带头打卡", at=(SHE,))
    await group.types(SHE, "/兑换 试用装")
    async with group.engine.connect() as connection:
        code = await connection.scalar(select(RedemptionRow.code))
    await erases(group)
    assert "试用装" in await group.types(MONITOR, f"/核销 {code}")


async def test_who_erased_is_known_and_whom_is_not(
    group: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="handlers.privacy.handler"):
        await erases(group)
    (record,) = [each for each in caplog.records if each.name == "handlers.privacy.handler"]
    assert record.__dict__["by"] == "运营小王"
    assert record.__dict__["rows"] > 0
    assert not any(SHE in str(value) for value in record.__dict__.values())


# On the way in

CODE = Code("k7m2pq9xwd")
DAY = date(2026, 4, 10)
BROWSERS = ("a browser of hers, which is long", "her friend's browser, long as well")


@pytest.fixture
async def on_her_way(group: World) -> World:
    """She and her friend filled in the form, and came into the group with their tickets."""
    await group.leaves(SHE)
    await group.leaves(OTHER)
    await group.makes_code()
    await group.passes(minutes=1)
    for browser, name, person in zip(BROWSERS, ("米粒", "桃子"), (SHE, OTHER), strict=True):
        ticket = (await group.answers(browser, name, str(DAY))).ticket
        assert ticket is not None
        await group.happens(WayShown(at=group.clock.now(), visitor=visitor_of(browser)))
        profile = Profile(person, NICKNAME if person == SHE else "")
        group.gateway.join(GROUP, PersonId(person), profile, state=ticket)
        await group.passes(minutes=1)
    return group


async def figures(world: World) -> Any:
    async with world.admin() as http:
        return (await http.get("/api/v1/funnel?by=window")).json()["rows"]


async def all_visits(world: World) -> list[dict[str, Any]]:
    async with world.engine.connect() as connection:
        rows = await connection.execute(select(VisitorRow.__table__))
        return [dict(row) for row in rows.mappings()]


async def test_what_she_filled_in_is_told_without_the_day(on_her_way: World) -> None:
    told = await tells_in_private(on_her_way, SHE, "我的信息")
    expected = "进群前填的：称呼「米粒」，杭州，宝宝2026年3-5月，还有预产期或生日（这里不说出来）"
    assert expected in told.splitlines()
    assert "10" not in told
    async with on_her_way.admin() as http:
        (form,) = (await http.get(f"/api/v1/people/{SHE}/export")).json()["forms"]
    assert (form["name"], form["day"], form["city"]) == ("米粒", "2026-04-10", "杭州")


async def test_what_she_filled_in_goes_and_figures_stay(on_her_way: World) -> None:
    before = await figures(on_her_way)
    ticket = (await on_her_way.visitor(BROWSERS[0])).ticket
    assert ticket is not None
    await tells_in_private(on_her_way, SHE, "删除我的信息")
    assert await tells_in_private(on_her_way, SHE, "确认删除") == policy.ERASED
    assert await speaking_of(on_her_way, "米粒", ticket, visitor_of(BROWSERS[0])) == []
    (visit,) = [each for each in await all_visits(on_her_way) if is_erased(each["id"])]
    assert (visit["day"], visit["baby"], visit["person"]) == (None,) * 3
    assert await figures(on_her_way) == before
    left = [each["name"] for each in await all_visits(on_her_way) if each["name"]]
    assert left == ["桃子"]


async def test_by_page_and_by_chat_the_same_goes(on_her_way: World) -> None:
    """Both told the same; one has it forgotten by her browser, the other by what she types."""
    at = on_her_way.clock.now()
    await on_her_way.happens(VisitorErased(at=at, visitor=visitor_of(BROWSERS[1])))
    await erases(on_her_way)
    first, second = await all_visits(on_her_way)
    assert first["id"] != second["id"]
    own = {"id", "scanned_at", "answered_at", "shown_at", "joined_at"}
    told = [{name: each[name] for name in each if name not in own} for each in (first, second)]
    assert told[0] == told[1]
    assert await speaking_of(on_her_way, "桃子", "米粒", str(DAY)) == []
    assert {row.partition(":")[0] for row in await speaking_of(on_her_way, OTHER)} >= {"member"}


async def test_whose_form_is_erased_can_fill_in_another(on_her_way: World) -> None:
    await erases(on_her_way)
    await on_her_way.leaves(SHE)
    again = await on_her_way.answers(BROWSERS[0], "新名字", str(DAY))
    assert again.group is not None
    assert len(await all_visits(on_her_way)) == 3


async def test_a_place_that_was_kept_is_free(group: World) -> None:
    await group.makes_code()
    visitor = await group.answers(BROWSERS[0], "米粒", str(DAY))
    assert visitor.group is not None
    async with transaction(group) as connection:
        row = update(VisitorRow).where(VisitorRow.id == visitor.id)
        await connection.execute(row.values(person=SHE))
    await erases(group)
    (visit,) = await all_visits(group)
    assert (visit["group_id"], visit["placed_at"], visit["waiting_since"]) == (None,) * 3
    assert visit["erased_at"] is not None


async def test_her_code_still_leads_in_but_in_nobodys_name(on_her_way: World) -> None:
    """It hangs somewhere, and whoever scans it looks for her group."""
    made = EntryCode(
        code=Code("h4t8rs3vbn"),
        channel="妇幼",
        referrer="豆豆家",
        headline="豆豆妈妈喊你来",
        member=PersonId(SHE),
        group=GROUP,
        created_at=EVENING,
        created_by=f"{NICKNAME} ({SHE})",
    )
    await on_her_way.happens(EntryCodeMade(at=EVENING, by=SHE, code=made))
    hers = made.code
    await erases(on_her_way)
    assert await speaking_of(on_her_way, "豆豆家", "豆豆妈妈喊你来", NICKNAME) == []
    code = await on_her_way.transactions.read(lambda facts: facts.entry_codes.get(hers))
    assert code is not None
    assert (code.member, code.group, code.referrer, code.closed_at) == (None, None, "", None)
    came = await on_her_way.answers("the browser of somebody else", "小米", str(DAY), hers)
    assert came.group is not None
    await on_her_way.makes_code("zzzz222233", referrer="新朋友", member=PersonId(SHE))


async def test_what_was_to_be_done_for_her_is_not_done(on_her_way: World) -> None:
    now = on_her_way.clock.now()
    invite = Errand(
        key=f"invite:{GROUP}:{SHE}",
        kind=ErrandKind.INVITE,
        account=ACCOUNT,
        group=GROUP,
        person=PersonId(SHE),
        detail=f"request-{SHE}",
        due_at=now + timedelta(hours=1),
        lapses_at=now + timedelta(hours=9),
    )
    others = replace(invite, key=f"invite:{GROUP}:{OTHER}", person=PersonId(OTHER))
    rooms = replace(
        invite,
        key="open_room:x",
        kind=ErrandKind.OPEN_ROOM,
        group=None,
        person=None,
        people=(PersonId(SHE), PersonId(OTHER)),
        detail="杭州·2026年6-8月·妇幼·01",
    )

    async def ask(facts: Unit) -> None:
        for each in (invite, others, rooms):
            facts.errands.ask(each, now)

    await on_her_way.transactions.run(ask)
    await erases(on_her_way)
    async with on_her_way.engine.connect() as connection:
        mine = ErrandRow.kind.in_(("invite", "open_room"))
        rows = await connection.execute(select(ErrandRow.__table__).where(mine))
        found = {row["detail"]: row for row in rows.mappings()}
    gone = found[""]
    assert (gone["state"], gone["kind"], gone["group_id"]) == ("lapsed", "invite", GROUP)
    assert is_erased(gone["person_id"])
    assert found[f"request-{SHE}"]["person_id"] == OTHER
    assert found[rooms.detail]["people"] == [OTHER]
    await on_her_way.looks()
    assert (GROUP, SHE) not in on_her_way.gateway.invited


async def test_nobody_gets_points_for_whom_nobody_knows(on_her_way: World) -> None:
    """Neither for her, nor she for others; what was decided stays."""
    later = on_her_way.clock.now() + timedelta(days=7)
    of_her = Referral(
        group=GROUP, person=PersonId(SHE), joined_at=EVENING, by_link=PersonId(OTHER), due_at=later
    )
    by_her = replace(of_her, person=PersonId("u1"), by_link=PersonId(SHE), by_name="豆豆家")
    settled = replace(
        by_her,
        person=PersonId("u2"),
        due_at=None,
        by_name="",
        credited=PersonId(SHE),
        credited_in=GROUP,
    )
    invited = replace(of_her, person=PersonId("u3"), by_platform=PersonId(SHE))

    async def put(facts: Unit) -> None:
        for each in (of_her, by_her, settled, invited):
            facts.referrals.put(each)

    await on_her_way.transactions.run(put)
    await erases(on_her_way)
    found = {
        each.person if not is_erased(each.person) else "she": each
        for each in await on_her_way.transactions.read(lambda facts: facts.referrals.find())
    }
    assert (found["she"].due_at, found["she"].why_not) == (None, "erased")
    assert found["she"].by_link == OTHER
    assert (found[PersonId("u1")].due_at, found[PersonId("u1")].by_name) == (None, "")
    assert (found[PersonId("u2")].why_not, found[PersonId("u2")].credited_in) == ("", GROUP)
    assert is_erased(str(found[PersonId("u2")].credited))
    assert (found[PersonId("u3")].due_at, found[PersonId("u3")].why_not) == (later, "")
    assert {row.partition(":")[0] for row in await speaking_of(on_her_way, SHE)} == {"member"}


async def test_in_a_batch_with_others_words_nothing_comes_back(group: World) -> None:
    """What was read before she was erased is not written again after it."""
    erased = PersonErased(at=group.clock.now(), by="x", person=PersonId(SHE))
    group.gateway.say(GROUP, PersonId(SHE), MessageId("b1"), "早")
    group.gateway.say(GROUP, PersonId(OTHER), MessageId("b2"), f"@{NICKNAME} 早")
    group.simulation.hear()
    group.simulation.arrives(erased)
    group.gateway.leave(GROUP, PersonId(SHE))
    group.simulation.hear()
    await group.passes(seconds=0)
    assert await speaking_of(group, NICKNAME) == []
    async with group.engine.connect() as connection:
        rows = await connection.execute(
            select(MemberRow.group, MemberRow.name, MemberRow.present)
            .where(MemberRow.person == SHE)
            .order_by(MemberRow.group)
        )
    assert list(rows) == [(GROUP, UNNAMED, False), ("g2", UNNAMED, True)]
