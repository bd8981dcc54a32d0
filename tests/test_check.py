"""Whoever sets the service up is told what is wrong, and what to do about it."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import check, migrations
from bot.clock import ManualClock, SystemClock
from bot.findings import Finding
from bot.gateways import accounts
from config.settings import Settings
from models.content import ContentKind, Item, Voice
from models.database import open_engine
from models.entry import EntryCode
from models.groups import Account, Group, Member, Standing
from models.growth import Life
from models.ids import AccountId, Code, GroupId, PersonId
from models.people import Role
from models.stores.unit import Unit
from models.ways import Way, WayKind
from tests.gateways.wechaty.lab.lab import Lab
from tests.world import EVENING, World

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        lab.room("r1", "杭州·01群", members=["ming", "hua"])
        lab.contact("ming", friend=True)
        yield lab


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(database)
    yield engine
    await engine.dispose()


def settings(
    endpoint: str | None = None, token: str = "lab", ca: Path | None = None, **others: Any
) -> Settings:
    """All of them said, so that nothing that is set where the tests run is what is tried."""
    given: dict[str, Any] = {
        name: each.default
        for name, each in Settings.model_fields.items()
        if each.validation_alias is None
    }
    given |= {"_env_file": None, "wechaty_tls_ca": ca}
    given["WECHATY_PUPPET_SERVICE_ENDPOINT"] = endpoint
    given["WECHATY_PUPPET_SERVICE_TOKEN"] = token if endpoint is not None else None
    return Settings(**given | others)


async def found(engine: AsyncEngine, given: Settings) -> dict[str, Finding]:
    """What was tried, by its first word, and what came of it."""
    found = [each async for each in check.findings(given, engine, SystemClock())]
    return {each.part.split()[0]: each for each in found}


async def puts_in_charge(engine: AsyncEngine, given: Settings, *people: str) -> None:
    """Our account's group has these monitors."""
    (account,) = accounts(given)
    async with engine.begin() as connection:
        facts = Unit(connection)
        group = GroupId("r1")
        facts.groups.put(Group(id=group, account=account, name="杭州·01群"))
        for each in people:
            monitor = Member(group=group, person=PersonId(each), name=f"{each}妈妈")
            facts.members.put(replace(monitor, role=Role.MONITOR, present=True))
        await facts.flush()


async def test_all_is_well_without_an_account_but_the_account(engine: AsyncEngine) -> None:
    parts = await found(engine, settings())
    assert [name for name, each in parts.items() if not each.ok] == ["gateway"]
    assert "WECHATY_PUPPET_SERVICE_ENDPOINT" in parts["gateway"].says
    assert "python -m bot demo" in parts["gateway"].says
    assert list(parts) == [
        *("database", "migrations", "clock", "points", "library", "site", "texts", "gateway"),
    ]
    assert "PostgreSQL 18" in parts["database"].says


async def test_a_schema_that_is_behind_is_told_with_the_command(engine: AsyncEngine) -> None:
    await migrations.downgrade(engine)
    parts = await found(engine, settings())
    assert not parts["migrations"].ok
    assert "python -m bot migrate" in parts["migrations"].says
    await migrations.upgrade(engine)
    assert (await found(engine, settings()))["migrations"].ok


async def test_a_database_that_is_away_ends_what_needs_it(engine: AsyncEngine) -> None:
    for url in (
        "postgresql://nobody@127.0.0.1:1/nowhere",
        engine.url.set(database="nowhere").render_as_string(hide_password=False),
    ):
        away = open_engine(url)
        parts = await found(away, settings())
        assert list(parts) == ["database", "texts", "gateway"]
        assert not parts["database"].ok
        assert "BOT_DATABASE_URL" in parts["database"].says
        await away.dispose()


async def test_a_clock_that_is_wrong_is_told(engine: AsyncEngine) -> None:
    of_another_day = ManualClock(EVENING)
    parts = [each async for each in check.findings(settings(), engine, of_another_day)]
    (clock,) = [each for each in parts if each.part == "clock"]
    assert not clock.ok
    assert "NTP" in clock.says


async def test_a_library_that_could_not_be_posted_is_told(engine: AsyncEngine) -> None:
    async def holds(*texts: str) -> Finding:
        async with engine.begin() as connection:
            facts = Unit(connection)
            for n, text in enumerate(texts):
                facts.items.put(
                    Item(id=f"c{n}", kind=ContentKind.DRY, text=text, voice=Voice.ASSISTANT)
                )
            await facts.flush()
        return (await found(engine, settings()))["library"]

    empty = await holds()
    assert empty.ok
    assert "python -m bot content import" in empty.says
    fine = await holds("你好", "{{ city }}的妈妈们好")
    assert (fine.ok, fine.says) == (True, "each of its 2 items can be posted")
    broken = await holds("你好", "{{ of_an_older_version }}好")
    assert not broken.ok
    assert broken.says == "1 of its 2 items can't be posted any more, e.g. c1: mend the texts"


# Whether codes lead anywhere


async def holds(engine: AsyncEngine, *values: EntryCode | Group | Way | Account | Life) -> None:
    async with engine.begin() as connection:
        facts = Unit(connection)
        for value in values:
            match value:
                case EntryCode():
                    facts.entry_codes.put(value)
                case Group():
                    facts.groups.put(value)
                case Way():
                    facts.ways.put(value)
                case Account():
                    facts.accounts.put(value)
                case Life():
                    facts.lives.put(value)
        await facts.flush()


async def lies_at(engine: AsyncEngine, site: str) -> None:
    async with engine.begin() as connection:
        facts = Unit(connection)
        await facts.rules.patch("everywhere", {"entry": {"site": site}}, "x", EVENING)
        await facts.flush()


CODE = EntryCode(code=Code("k7m2pq9xwd"), channel="妇幼", created_at=EVENING, created_by="运营")
OURS = Group(
    id=GroupId("r1"),
    account=AccountId("a1"),
    name="杭州·2026年3-5月·妇幼·01",
    standing=Standing.OURS,
    city="杭州",
    channel="妇幼",
    birth_window="2026-03",
)
WAY = Way(group=OURS.id, kind=WayKind.IMAGE, got_at=EVENING, by="运营", image=b"png")


@pytest.mark.parametrize(
    ("site", "ok", "says"),
    [
        ("https://q.example.com", True, "https://q.example.com"),
        ("http://q.example.com", True, "plain HTTP"),
        ("http://localhost:8000", False, "this machine only"),
        ("https://127.0.0.1", False, "this machine only"),
        ("http://[::1]:8000", False, "this machine only"),
    ],
)
async def test_an_address_that_phones_cant_use_is_told(
    site: str, ok: bool, says: str, engine: AsyncEngine
) -> None:
    await lies_at(engine, site)
    found_ = (await found(engine, settings()))["site"]
    assert (found_.ok, says in found_.says) == (ok, True), found_.says


async def test_codes_without_an_address_are_told(engine: AsyncEngine) -> None:
    before = (await found(engine, settings()))["site"]
    assert before.ok
    await holds(engine, CODE)
    after = (await found(engine, settings()))["site"]
    assert not after.ok
    assert "1 entry codes are open" in after.says
    assert "entry.site" in after.says


async def test_codes_that_lead_to_no_group_are_told(engine: AsyncEngine) -> None:
    await holds(engine, CODE, replace(OURS, standing=Standing.LISTED))
    codes = (await found(engine, settings()))["codes"]
    assert not codes.ok
    assert "妇幼" in codes.says
    await holds(engine, OURS)
    assert (await found(engine, settings()))["codes"].ok
    astray = replace(CODE, code=Code("h4t8rs3vbn"), channel="爱婴室")
    await holds(engine, astray)
    assert not (await found(engine, settings()))["codes"].ok
    await holds(engine, replace(astray, closed_at=EVENING))
    assert (await found(engine, settings()))["codes"].ok


async def test_forms_without_a_city_to_choose_are_told(engine: AsyncEngine) -> None:
    await holds(engine, CODE, replace(OURS, standing=Standing.LISTED))
    cities = (await found(engine, settings()))["cities"]
    assert not cities.ok
    assert "entry.cities" in cities.says
    await holds(engine, replace(CODE, city="杭州"))
    assert (await found(engine, settings()))["cities"].ok
    await holds(engine, CODE, OURS)
    assert (await found(engine, settings()))["cities"].ok


async def test_groups_that_nobody_can_get_into_are_named(engine: AsyncEngine) -> None:
    now = SystemClock().now()
    other = replace(OURS, id=GroupId("r2"), channel="爱婴室")
    await holds(engine, CODE, OURS, other)
    ways = (await found(engine, settings()))["ways"]
    assert not ways.ok
    assert f"1 of the 1 groups that take people have none, e.g. {OURS.name} (r1)" in ways.says
    for valid_until, ok in ((now + timedelta(days=1), True), (now, False), (None, True)):
        await holds(engine, replace(WAY, valid_until=valid_until))
        assert (await found(engine, settings()))["ways"].ok is ok
    full = Life(group=OURS.id, since=now, opened_on=now.date(), look_at=None, full_at=now)
    await holds(engine, replace(WAY, image=None), full, replace(OURS, members=500))
    assert (await found(engine, settings()))["ways"].ok, "nobody is to get into it"


async def test_what_people_do_for_an_account_is_told(engine: AsyncEngine) -> None:
    able = ("shows_qr", "invites")
    await holds(engine, Account(id=AccountId("a1"), up_at=EVENING, abilities=able))
    told = (await found(engine, settings()))["abilities"]
    assert (told.part, told.ok) == ("abilities of a1", True)
    assert told.says.startswith("it shows qr, invites; ")
    assert "people open its groups" in told.says
    assert "upload" not in told.says


async def test_of_an_account_that_is_told_nothing_it_is_said_what_is_unknown(
    engine: AsyncEngine,
) -> None:
    able = ("needs_confirmation", "shows_qr")
    await holds(engine, Account(id=AccountId("a1"), up_at=EVENING, abilities=able))
    says = (await found(engine, settings()))["abilities"].says
    assert says.startswith("it shows qr; ")
    assert "what members say is unknown" in says
    assert says.endswith("people confirm what it says in groups")


async def test_what_its_gateway_cant_do_is_told_of_each_account(engine: AsyncEngine) -> None:
    limits = (await found(engine, settings("127.0.0.1:1")))["limits"]
    assert limits.part.startswith("limits of wechaty-")
    assert limits.ok, "there is nothing to mend"
    assert limits.says == (
        "it can't reach people in private who are no friends or hear at once of changed nicknames"
    )


async def test_a_gateway_that_is_away_is_told(engine: AsyncEngine) -> None:
    parts = await found(engine, settings("127.0.0.1:1"))
    assert not parts["gateway"].ok
    assert "check the endpoint" in parts["gateway"].says


@pytest.mark.parametrize("endpoint", ["nowhere", "host:port", ":"])
async def test_an_endpoint_that_is_none_is_told(engine: AsyncEngine, endpoint: str) -> None:
    parts = await found(engine, settings(endpoint))
    assert not parts["gateway"].ok
    assert "host:port" in parts["gateway"].says


async def test_a_certificate_that_is_not_there_is_told(engine: AsyncEngine) -> None:
    parts = await found(engine, settings("127.0.0.1:1", ca=Path("/nowhere.pem")))
    assert not parts["gateway"].ok
    assert "settings" in parts["gateway"].says


async def test_a_wrong_token_is_told(engine: AsyncEngine, lab: Lab) -> None:
    parts = await found(engine, settings(lab.endpoint, token="wrong"))
    assert not parts["gateway"].ok
    assert "token" in parts["gateway"].says


async def test_a_gateway_that_answers_is_well(engine: AsyncEngine, lab: Lab) -> None:
    parts = await found(engine, settings(lab.endpoint))
    assert all(each.ok for each in parts.values())
    assert "1 rooms" in parts["gateway"].says
    assert "monitors" not in parts


async def test_a_monitor_who_is_a_friend_is_well(engine: AsyncEngine, lab: Lab) -> None:
    given = settings(lab.endpoint)
    await puts_in_charge(engine, given, "ming")
    parts = await found(engine, given)
    assert parts["monitors"].ok


async def test_a_monitor_who_is_no_friend_is_named(engine: AsyncEngine, lab: Lab) -> None:
    given = settings(lab.endpoint)
    await puts_in_charge(engine, given, "ming", "hua")
    monitors = (await found(engine, given))["monitors"]
    assert not monitors.ok
    assert "hua妈妈 (hua)" in monitors.says
    assert "ming" not in monitors.says
    assert "friend" in monitors.says


# Of WeCom


AT_WECOM = "wecom-ww1-1000002"
CALLED_AT = f"https://q.example.com/wecom/{AT_WECOM}/callback"


def of_wecom(**given: Any) -> Settings:
    """A company whose app is set up but for what is `given`."""
    company: dict[str, Any] = {
        "wecom_corp_id": "ww1",
        "wecom_agent_id": 1000002,
        "wecom_secret": "secret",
        "wecom_callback_token": "QDG6eK",
        "wecom_callback_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
        "wecom_api": "http://127.0.0.1:1",
    }
    return settings(**company | given)


async def test_what_wecom_has_to_call_is_told_to_be_copied(engine: AsyncEngine) -> None:
    before = (await found(engine, of_wecom()))["callbacks"]
    assert (before.part, before.ok) == (f"callbacks of {AT_WECOM}", False)
    assert f"https://YOUR-HOST/wecom/{AT_WECOM}/callback" in before.says
    assert "entry.site" in before.says
    await lies_at(engine, "https://q.example.com")
    after = (await found(engine, of_wecom()))["callbacks"]
    assert after.ok
    assert f"{CALLED_AT}; nothing has come lately" in after.says
    assert "外部联系人变更回调" in after.says


async def test_that_wecom_cant_call_us_is_told(engine: AsyncEngine) -> None:
    await lies_at(engine, "https://q.example.com")
    unset = of_wecom(wecom_callback_token=None, wecom_callback_key=None)
    callbacks = (await found(engine, unset))["callbacks"]
    assert not callbacks.ok
    for hint in ("BOT_WECOM_CALLBACK_TOKEN", "BOT_WECOM_CALLBACK_KEY", "接收消息", CALLED_AT):
        assert hint in callbacks.says
    callbacks = (await found(engine, of_wecom(http="off")))["callbacks"]
    assert not callbacks.ok
    assert "BOT_HTTP" in callbacks.says


async def test_callbacks_that_nobody_handles_are_told(engine: AsyncEngine) -> None:
    now = SystemClock().now()

    async def comes(digest: str, at: datetime) -> None:
        async with engine.begin() as connection:
            await Unit(connection).inbox.add(AccountId(AT_WECOM), digest, "<xml/>", at)

    await lies_at(engine, "https://q.example.com")
    await comes("now", now)
    parts = await found(engine, of_wecom())
    assert "the last came" in parts["callbacks"].says
    assert "inbox" not in parts
    await comes("earlier", now - timedelta(minutes=10))
    inbox = (await found(engine, of_wecom()))["inbox"]
    assert not inbox.ok
    assert inbox.says.startswith("2 callbacks are not handled")


async def test_groups_in_which_nobody_can_speak_are_told(engine: AsyncEngine) -> None:
    everybodys = (await found(engine, of_wecom()))["owners"]
    assert everybodys.ok
    assert "可见范围" in everybodys.says
    named = (await found(engine, of_wecom(wecom_owners="linyue,chenxi")))["owners"]
    assert named.says == "groups of linyue, chenxi are looked at, and no others"
    hers = replace(OURS, account=AccountId(AT_WECOM), owner=PersonId("linyue@ww1"))
    await holds(engine, hers)
    assert (await found(engine, of_wecom()))["owners"].ok
    for nobody in (None, PersonId("chenxi@ww2")):
        await holds(engine, replace(hers, owner=nobody))
        owners = (await found(engine, of_wecom()))["owners"]
        assert not owners.ok
        assert f"{OURS.name} (r1)" in owners.says


async def test_what_is_wrong_at_wecom_is_told_in_its_terms(engine: AsyncEngine) -> None:
    gateway = (await found(engine, of_wecom()))["gateway"]
    assert not gateway.ok
    assert "WeCom could not be reached" in gateway.says
    assert gateway.says.endswith("docs/wecom.md says where each setting is")
    half = (await found(engine, of_wecom(wecom_secret=None)))["gateway"]
    assert half.says == "for WeCom these are needed as well: BOT_WECOM_SECRET"


# As it is typed


def command(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a folder without a `.env` of its own, and with nothing of ours set."""
    others = {
        name: each
        for name, each in os.environ.items()
        if not name.startswith(("BOT_", "WECHATY_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=others | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_running_without_an_account_says_how_to_get_one(tmp_path: Path) -> None:
    done = command(tmp_path, "run")
    assert (done.returncode, done.stdout) == (2, "")
    for hint in ("WECHATY_PUPPET_SERVICE_ENDPOINT", "bot demo", "bot check"):
        assert hint in done.stderr
    assert list(tmp_path.iterdir()) == []


async def test_a_token_is_printed_once_and_opens_the_door(world: World, tmp_path: Path) -> None:
    url = world.engine.url.render_as_string(hide_password=False)
    url = url.replace("postgresql+asyncpg", "postgresql")
    done = command(tmp_path, "token", "--role", "admin", "--name", "运营", BOT_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    (token,) = done.stdout.split()
    async with world.admin(token) as http:
        assert (await http.get("/api/v1/rules")).status_code == 200
        changed = await http.patch("/api/v1/rules/everywhere", json={})
        assert changed.status_code == 200
        (change,) = (await http.get("/api/v1/rules/everywhere/changes")).json()["items"]
        assert change["changed_by"] == "运营"


def test_checking_tells_each_part_and_fails_where_something_is_to_mend(
    database: str, tmp_path: Path
) -> None:
    done = command(tmp_path, "check", BOT_DATABASE_URL=database)
    assert done.returncode == 1
    assert "ok    migrations: at" in done.stdout
    assert "MEND  gateway: no account is configured" in done.stdout


def test_settings_that_make_no_sense_are_named(tmp_path: Path) -> None:
    done = command(tmp_path, "check", BOT_LOG="loud", BOT_DATABASE_URL="nonsense")
    assert (done.returncode, done.stdout) == (2, "")
    assert "log" in done.stderr
    done = command(tmp_path, "check", BOT_DATABASE_URL="nonsense")
    assert (done.returncode, done.stdout) == (2, "")
    assert "BOT_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_without_a_value_is_not_set(tmp_path: Path) -> None:
    blank = {"BOT_WECOM_CORP_ID": "", "BOT_WECOM_AGENT_ID": "", "BOT_WECOM_SECRET": ""}
    done = command(tmp_path, "run", **blank)
    assert (done.returncode, done.stdout) == (2, "")
    assert "No account is configured" in done.stderr
