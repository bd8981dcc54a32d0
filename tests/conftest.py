"""A real PostgreSQL for every test: one server a run, one fresh database a test."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot import migrations
from bot.postgres import embedded_url
from models.database import open_engine
from tests.world import World, new_world

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """`gw0`, `gw1`... where tests run in parallel."""
    given = getattr(request.config, "workerinput", None)
    return str(given["workerid"]) if given else "main"


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory, worker: str) -> Path:
    """Shared by the workers of one run, and outside of pytest's own folders: a second run of
    root's would close them to the server."""
    base = tmp_path_factory.getbasetemp()
    run = base if worker == "main" else base.parent
    name = sha256(str(run).encode()).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"qunzhu-tests-{name}"


@pytest.fixture(scope="session")
def template(server_folder: Path, worker: str) -> str:
    """A database at the newest migration, which the others are copied from."""

    async def make() -> str:
        url = await embedded_url(server_folder, f"template_{worker}", keep=False)
        await _forget_about_power_cuts(url)
        engine = open_engine(url)
        await migrations.upgrade(engine)
        await engine.dispose()
        return url

    return asyncio.run(make())


async def _forget_about_power_cuts(url: str) -> None:
    """What tests write is not waited for; whatever process is killed, the machine stays up."""
    server = make_url(url).set(database="postgres")
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        await connection.execute(text("SELECT pg_reload_conf()"))
    await engine.dispose()


@pytest.fixture
async def database(template: str, worker: str) -> AsyncIterator[str]:
    """The address of a fresh database."""
    async with _fresh(template, worker) as url:
        yield url


@pytest.fixture
async def another_database(template: str, worker: str) -> AsyncIterator[str]:
    """As fresh as the first."""
    async with _fresh(template, worker) as url:
        yield url


@asynccontextmanager
async def _fresh(template: str, worker: str) -> AsyncIterator[str]:
    name = f"test_{worker}_{next(_numbers)}"
    source = make_url(template)
    engine = create_async_engine(
        source.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.execute(
            text(f'CREATE DATABASE "{name}" TEMPLATE "{source.database}" STRATEGY FILE_COPY')
        )
    yield source.set(database=name).render_as_string(hide_password=False)
    async with engine.connect() as connection:
        await connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await engine.dispose()


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    async with new_world(database) as made:
        yield made
