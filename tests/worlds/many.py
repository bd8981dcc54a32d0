"""Worlds without number, on a server of their own, on all cores."""

import asyncio
import logging
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot import migrations
from bot.postgres import embedded_url
from models.database import open_engine
from tests.worlds.report import Report, live_through

TEMPLATE = "worlds"


async def prepare(folder: Path) -> str:
    """A server, with a database at the newest migration that the others are copied from; what is
    written there need not outlive a power cut."""
    url = await embedded_url(folder, TEMPLATE, keep=False)
    engine = open_engine(url)
    await migrations.upgrade(engine)
    await engine.dispose()
    settings = ("fsync", "synchronous_commit", "full_page_writes")
    off = (f"ALTER SYSTEM SET {each} = off" for each in settings)
    await _command(url, *off, "SELECT pg_reload_conf()")
    return url


def live_through_many(seeds: Iterable[int], url: str) -> Iterator[Report]:
    """As they end."""
    # What the service logs of its troubles is told better by the history of each world.
    with multiprocessing.get_context("spawn").Pool(initializer=logging.disable) as pool:
        yield from pool.imap_unordered(partial(live_through_one, url), seeds)


def live_through_one(url: str, seed: int) -> Report:
    return asyncio.run(_in_new_database(url, seed))


async def _in_new_database(url: str, seed: int) -> Report:
    name = f"world_{os.getpid()}"
    await _command(
        url,
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY",
    )
    own = make_url(url).set(database=name).render_as_string(hide_password=False)
    return await live_through(seed, own)


async def _command(url: str, *commands: str) -> None:
    """To the server, outside of any transaction."""
    server = make_url(url).set(database="postgres")
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        for each in commands:
            await connection.execute(text(each))
    await engine.dispose()
