"""What came of scans is counted by what one asks for, a person once, and adds up."""

import csv
import io
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete

from models.entry import Baby, EntryCode, Visitor
from models.ids import Code, GroupId, PersonId, VisitorId
from models.stores.funnel import By
from models.stores.unit import Unit
from models.tables import EntryCodeRow, VisitorRow
from tests.http.api import as_operator, as_viewer, items
from tests.world import EVENING, GROUP, World, shanghai

FUNNEL, VISITORS = "/api/v1/funnel", "/api/v1/visitors"
CODE, OTHER = Code("k7m2pq9xwd"), Code("h4t8rs3vbn")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


def code(name: Code = CODE, **facts: Any) -> EntryCode:
    made = {"channel": "妇幼", "created_at": EVENING, "created_by": "运营小王"}
    return EntryCode(code=name, **{**made, **facts})


def visitor(browser: str, scanned_at: datetime = EVENING, **facts: Any) -> Visitor:
    return Visitor(id=VisitorId(browser), scanned_at=scanned_at, **{"code": CODE, **facts})


def joined(browser: str, at: datetime, **facts: Any) -> Visitor:
    """Who came all the way."""
    told = {"answered_at": at, "shown_at": at, "joined_at": at, "joined_in": GROUP}
    told |= {"city": "杭州", "channel": "妇幼", "birth_window": "2026-03", "name": "豆豆"}
    return visitor(browser, at, **{**told, **facts})


async def are_known(world: World, codes: Iterable[EntryCode], people: Iterable[Visitor]) -> None:
    """These and no others."""

    async def work(facts: Unit) -> None:
        for row in (VisitorRow, EntryCodeRow):
            await facts.connection.execute(delete(row))
        for each in codes:
            facts.entry_codes.put(each)
        for person in people:
            facts.visitors.put(person)

    await world.transactions.run(work)


async def asks(http: httpx.AsyncClient, **params: str) -> dict[str, Any]:
    answer = await http.get(FUNNEL, params=params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def counts(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row[name] for name in ("scans", "surveys", "shown", "joined"))


# What is counted


async def test_each_is_counted_as_far_as_she_came(world: World, http: httpx.AsyncClient) -> None:
    people = [
        visitor("only looked"),
        visitor("answered", answered_at=EVENING, city="杭州", birth_window="2026-03"),
        visitor("saw", answered_at=EVENING, shown_at=EVENING, city="宁波", birth_window="2026-06"),
        joined("joined", EVENING),
    ]
    await are_known(world, [code()], people)
    told = await asks(http)
    (row,) = told["rows"]
    assert row["channel"] == "妇幼"
    assert counts(row) == counts(told["totals"]) == (4, 3, 2, 1)
    assert row["shares"] == {
        "surveys": 0.75,
        "shown": 0.5,
        "joined": 0.25,
        "stayed_7": None,
        "stayed_28": None,
    }
    cities = (await asks(http, by="city"))["rows"]
    assert [(each["city"], each["scans"]) for each in cities] == [
        ("杭州", 2),
        ("宁波", 1),
        (None, 1),
    ]
    windows = (await asks(http, by="window"))["rows"]
    assert [each["window"] for each in windows] == ["2026-03", "2026-06", None]


async def test_who_is_not_known_to_have_stayed_is_not_taken_to_have_left(
    world: World, http: httpx.AsyncClient
) -> None:
    """Seven days are over for some only, and nobody's 28 are."""
    now = EVENING + 10 * DAY
    await world.until(now)
    over = EVENING + DAY
    people = [
        joined("stayed", over),
        joined("just stayed", now - 7 * DAY),
        joined("left on the seventh day", over, left_at=over + 7 * DAY - HOUR),
        joined("left on the eighth", over, left_at=over + 7 * DAY),
        joined("came lately", now - 7 * DAY + HOUR),
        joined("came lately and left", now - DAY, left_at=now),
        joined("erased after", over, erased_at=over + 7 * DAY),
        joined("erased before", over, erased_at=over + 6 * DAY),
        joined("left, then erased", over, left_at=over + DAY, erased_at=over + 2 * DAY),
    ]
    await are_known(world, [code()], people)
    totals = (await asks(http))["totals"]
    assert totals["joined"] == 9
    assert (totals["of_7"], totals["stayed_7"]) == (6, 4)
    assert totals["shares"]["stayed_7"] == 0.6667
    assert (totals["of_28"], totals["stayed_28"]) == (0, None)
    assert totals["shares"]["stayed_28"] is None
    await world.until(EVENING + 40 * DAY)
    totals = (await asks(http))["totals"]
    assert (totals["of_7"], totals["stayed_7"]) == (8, 5)
    assert (totals["of_28"], totals["stayed_28"]) == (7, 3)


async def test_nobody_is_zero_and_their_share_unknown(http: httpx.AsyncClient) -> None:
    told = await asks(http)
    assert told["rows"] == []
    assert counts(told["totals"]) == (0, 0, 0, 0)
    assert set(told["totals"]["shares"].values()) == {None}


async def test_a_day_begins_at_midnight_in_shanghai(world: World, http: httpx.AsyncClient) -> None:
    late, early = shanghai("2026-03-01 23:59"), shanghai("2026-03-02 00:00")
    await are_known(world, [code()], [visitor("a", late), visitor("b", early)])
    days = (await asks(http, by="day"))["rows"]
    assert [(each["day"], each["scans"]) for each in days] == [
        ("2026-03-01", 1),
        ("2026-03-02", 1),
    ]
    spans = {
        ("2026-03-01T00:00:00+08:00", "2026-03-02T00:00:00+08:00"): 1,
        ("2026-03-01T00:00:00+08:00", "2026-03-03T00:00:00+08:00"): 2,
        ("2026-03-02T00:00:00+08:00", ""): 1,
        ("", "2026-03-02T00:00:00+08:00"): 1,
        ("2026-03-01T16:00:01Z", "2026-03-09T00:00:00Z"): 0,
        ("2026-03-09T00:00:00Z", "2026-03-01T00:00:00Z"): 0,
    }
    for (since, until), expected in spans.items():
        span = {"since": since, "until": until}
        told = await asks(http, **{name: each for name, each in span.items() if each})
        assert told["totals"]["scans"] == expected, (since, until)


async def test_a_referrer_is_one_of_a_channel(world: World, http: httpx.AsyncClient) -> None:
    """Two nurses may have one name, one nurse several codes, and members are told apart."""
    codes = [
        code(Code("a"), referrer="王护士"),
        code(Code("b"), referrer="王护士"),
        code(Code("c"), referrer="王护士", channel="爱婴室"),
        code(Code("d"), referrer="豆豆妈", member=PersonId("u1")),
        code(Code("e"), referrer="豆豆妈", member=PersonId("u2")),
        code(Code("f")),
    ]
    people = [visitor(each.code + str(n), code=each.code) for each in codes for n in range(2)]
    await are_known(world, codes, people)
    told = (await asks(http, by="referrer"))["rows"]
    assert Counter(
        {(row["channel"], row["referrer"], row["member"]): row["scans"] for row in told}
    ) == {
        ("妇幼", "王护士", None): 4,
        ("爱婴室", "王护士", None): 2,
        ("妇幼", "豆豆妈", "u1"): 2,
        ("妇幼", "豆豆妈", "u2"): 2,
        ("妇幼", None, None): 2,
    }
    of_code = (await asks(http, by="code"))["rows"]
    assert {(row["code"], row["referrer"]) for row in of_code} >= {("a", "王护士"), ("f", None)}
    only = await asks(http, by="referrer", channel="爱婴室")
    assert [row["scans"] for row in only["rows"]] == [2]
    assert only["totals"]["scans"] == 2
    assert (await asks(http, by="day", code="a"))["totals"]["scans"] == 2


MOMENTS = some.integers(0, 60 * 24).map(lambda hours: EVENING - 60 * DAY + hours * HOUR)
SOMETIMES = some.none() | MOMENTS


@some.composite
def a_visitor(draw: some.DrawFn) -> Visitor:
    """Whatever may have become of her, also what should not."""
    return Visitor(
        id=VisitorId(draw(some.uuids()).hex),
        code=Code(draw(some.sampled_from(["a", "b", "c", "gone"]))),
        scanned_at=draw(MOMENTS),
        answered_at=draw(SOMETIMES),
        city=draw(some.sampled_from([None, "杭州", "宁波", "北京"])),
        birth_window=draw(some.sampled_from([None, "2025-12", "2026-03"])),
        shown_at=draw(SOMETIMES),
        joined_at=draw(SOMETIMES),
        left_at=draw(SOMETIMES),
        erased_at=draw(SOMETIMES),
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    people=some.lists(a_visitor(), max_size=25, unique_by=lambda each: each.id),
    since=some.none() | MOMENTS,
    channel=some.sampled_from([None, "妇幼", "爱婴室"]),
)
async def test_it_adds_up_whatever_it_is_counted_by(
    people: Sequence[Visitor],
    since: datetime | None,
    channel: str | None,
    world: World,
    http: httpx.AsyncClient,
) -> None:
    codes = [
        code(Code("a"), referrer="王护士"),
        code(Code("b"), channel="爱婴室", referrer="王护士"),
        code(Code("c")),
    ]
    await are_known(world, codes, people)
    channels = {each.code: each.channel for each in codes}
    asked: dict[str, str] = {"channel": channel} if channel else {}
    asked |= {"since": since.isoformat()} if since else {}
    wanted = [
        each
        for each in people
        if (since is None or each.scanned_at >= since)
        and channel in (None, channels.get(each.code))
    ]
    for by in By:
        told = await asks(http, by=by, **asked)
        totals = told["totals"]
        assert totals["scans"] == len(wanted)
        assert totals["joined"] == sum(each.joined_at is not None for each in wanted)
        for name in ("scans", "surveys", "shown", "joined", "of_7", "of_28"):
            assert sum(row[name] for row in told["rows"]) == totals[name]
        for name in ("stayed_7", "stayed_28"):
            known = [row[name] for row in told["rows"] if row[name] is not None]
            assert (sum(known) if known else None) == totals[name]
        abouts = [
            tuple(row[name] for name in row if isinstance(row[name], str)) for row in told["rows"]
        ]
        assert len(abouts) == len(told["rows"])


async def test_the_smallest_lines_are_cut_where_there_are_many(
    world: World, http: httpx.AsyncClient
) -> None:
    codes = [code(Code(name), referrer=f"{name}号护士") for name in "abcde"]
    people = [visitor(f"{each.code}{n}", code=each.code) for n, each in enumerate(codes)] + [
        visitor(f"d again {n}", code=Code("d")) for n in range(3)
    ]
    await are_known(world, codes, people)
    for by in ("code", "referrer"):
        told = await asks(http, by=by, limit="2")
        assert [row["scans"] for row in told["rows"]] == [4, 1]
        assert (told["cut"], told["totals"]["scans"]) == (3, 8)
        assert (await asks(http, by=by, limit="5"))["cut"] == 0
    assert [row["code"] for row in (await asks(http, by="code"))["rows"]] == list("dabce")
    assert (await asks(http, by="channel", limit="1"))["cut"] == 0


# As a table


async def test_the_table_opens_in_excel(world: World, http: httpx.AsyncClient) -> None:
    await are_known(world, [code(referrer="=HYPERLINK(1)")], [joined("a", EVENING)])
    answer = await http.get(FUNNEL, params={"by": "referrer", "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    name = answer.headers["content-disposition"]
    assert name == 'attachment; filename="funnel-referrer-2026-03-02.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    header, row, totals = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[:7] == ["channel", "referrer", "member", "scans", "surveys", "shown", "joined"]
    assert header[7:] == [
        *("of_7", "stayed_7", "of_28", "stayed_28"),
        *("surveys_share", "shown_share", "joined_share", "stayed_7_share", "stayed_28_share"),
    ]
    assert row[:7] == ["妇幼", "'=HYPERLINK(1)", "", "1", "1", "1", "1"]
    assert row[7:11] == ["0", "", "0", ""]
    assert totals[:7] == ["total", "", "", "1", "1", "1", "1"]


async def test_a_window_is_no_day_to_excel(world: World, http: httpx.AsyncClient) -> None:
    await are_known(world, [code()], [joined("a", EVENING), visitor("b")])
    answer = await http.get(FUNNEL, params={"by": "window", "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["window", "2026年3-5月", "", "total"]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "＝", "＋"])
async def test_no_cell_is_computed(begins: str, world: World, http: httpx.AsyncClient) -> None:
    await are_known(world, [code(channel=f"{begins}1+1")], [visitor("a")])
    answer = await http.get(FUNNEL, params={"format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows[1][0] == f"'{begins}1+1"


# What is asked wrongly, and by whom


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("by", each) for each in ("name", "", "day,city")),
        *(("since", each) for each in ("yesterday", "2026-02-30", "2026-03-02T10:00:00")),
        *(("until", each) for each in ("9999-12-31", "0001-01-01", "2026-3-2")),
        *(("limit", each) for each in ("0", "10001")),
        ("format", "xlsx"),
        ("channel", "长" * 51),
    ],
)
async def test_what_makes_no_sense_is_refused(
    field: str, value: str, http: httpx.AsyncClient
) -> None:
    answer = await http.get(FUNNEL, params={field: value})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert {each["field"].split(".")[0] for each in answer.json()["errors"]} == {field}


async def test_everybody_in_the_office_sees_figures_and_only_admins_see_people(
    world: World,
) -> None:
    for client, status in (
        (await as_viewer(world), 403),
        (await as_operator(world, channels=["妇幼"]), 403),
        (world.admin(), 200),
    ):
        async with client as http:
            assert (await http.get(FUNNEL)).status_code == 200
            assert (await http.get(VISITORS)).status_code == status
    async with world.admin("qz_none") as nobody:
        assert (await nobody.get(FUNNEL)).status_code == 401
        assert (await nobody.get(VISITORS)).status_code == 401


async def test_what_members_are_called_is_for_those_in_charge_of_the_channel(world: World) -> None:
    hers = replace(code(), member=PersonId("u1"), referrer="小雨妈妈")
    await are_known(world, [hers], [visitor("came")])
    for client, is_named in (
        (await as_viewer(world), False),
        (await as_operator(world, channels=["爱婴室"]), False),
        (await as_operator(world, channels=["妇幼"]), True),
        (world.admin(), True),
    ):
        async with client as http:
            for by in ("code", "referrer"):
                for form in ("json", "csv"):
                    told = await http.get(FUNNEL, params={"by": by, "format": form})
                    assert ("小雨妈妈" in told.text) == is_named
                    assert "u1" in told.text


# Who answered what


@pytest.fixture
async def people(world: World) -> World:
    told: dict[str, Any] = {
        "answered_at": EVENING,
        "baby": Baby.DUE,
        "day": date(2026, 4, 10),
        "consent": "2026-11",
    }
    waiting = visitor("waits", name="米粒", waiting_since=EVENING, **told)
    found = [
        visitor("only looked"),
        waiting,
        replace(
            waiting,
            id=VisitorId("placed"),
            name="豆豆",
            scanned_at=EVENING + HOUR,
            waiting_since=None,
            group=GroupId(GROUP),
            placed_at=EVENING,
            ticket="123456",
            ticket_until=EVENING + 30 * DAY,
        ),
        joined("came", EVENING + 2 * HOUR, code=OTHER, person=PersonId("u1"), **told),
    ]
    await are_known(world, [code(), code(OTHER)], found)
    return world


async def test_admins_see_who_answered_what(people: World, http: httpx.AsyncClient) -> None:
    answer = await http.get(VISITORS)
    assert answer.status_code == 200, answer.text
    came, placed, waits = answer.json()["items"]
    assert [came["id"], placed["id"], waits["id"]] == ["came", "placed", "waits"]
    assert (placed["name"], placed["day"], placed["baby"]) == ("豆豆", "2026-04-10", "due")
    assert (placed["group"], placed["consent"]) == (GROUP, "2026-11")
    assert came["person"] == "u1"
    assert "123456" not in answer.text
    assert "ticket" not in answer.text


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"state": "waiting"}, ["waits"]),
        ({"state": "placed"}, ["placed"]),
        ({"state": "joined"}, ["came"]),
        ({"group": GROUP}, ["came", "placed"]),
        ({"group": GROUP, "state": "joined"}, ["came"]),
        ({"code": CODE}, ["placed", "waits"]),
        ({"limit": "1"}, ["came", "placed", "waits"]),
        ({"sort": "scanned_at"}, ["waits", "placed", "came"]),
        ({"channel": "妇幼", "city": "杭州", "birth_window": "2026-03"}, ["came"]),
        ({"since": "2026-03-02T20:00:00+08:00"}, ["came", "placed"]),
        ({"until": "2026-03-02T20:00:00+08:00"}, ["waits"]),
        ({"group": "g9"}, []),
    ],
)
async def test_they_are_found_by_group_code_and_state(
    params: dict[str, str], expected: list[str], people: World, http: httpx.AsyncClient
) -> None:
    found = await items(http, "/visitors", **params)
    assert [each["id"] for each in found] == expected


async def test_who_is_looked_at_is_logged_nowhere(
    people: World, http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await http.get(VISITORS)
    said = "".join(each.getMessage() + str(each.__dict__) for each in caplog.records)
    assert "豆豆" not in said
    assert "2026-04-10" not in said
