"""Whoever sets the service up is told what is wrong, and what to do about it."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import check, migrations
from bot.check import Finding
from bot.clock import ManualClock, SystemClock
from bot.gateways import accounts
from config.settings import Settings
from models.content import ContentKind, Item, Voice
from models.database import open_engine
from models.groups import Group, Member
from models.ids import GroupId, PersonId
from models.people import Role
from models.stores.unit import Unit
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


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set where the tests run is not what is tried here."""
    for name in os.environ:
        if name.startswith(("BOT_", "WECHATY_")):
            monkeypatch.delenv(name)


def settings(endpoint: str | None = None, token: str = "lab", ca: Path | None = None) -> Settings:
    given: dict[str, Any] = {"_env_file": None, "wechaty_tls_ca": ca}
    if endpoint is not None:
        given["WECHATY_PUPPET_SERVICE_ENDPOINT"] = endpoint
        given["WECHATY_PUPPET_SERVICE_TOKEN"] = token
    return Settings(**given)


async def found(engine: AsyncEngine, given: Settings) -> dict[str, Finding]:
    """What was tried, by its first word, and what came of it."""
    found = [each async for each in check.findings(given, engine, SystemClock())]
    return {each.part.split()[0]: each for each in found}


async def puts_in_charge(engine: AsyncEngine, given: Settings, *people: str) -> None:
    """Our account's group has these monitors."""
    (account,) = accounts(given, SystemClock())
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
        *("database", "migrations", "clock", "points", "library", "texts", "gateway"),
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


# As it is typed


def command(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a folder without a `.env` of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
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
        (change,) = (await http.get("/api/v1/rules/everywhere/changes")).json()
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
