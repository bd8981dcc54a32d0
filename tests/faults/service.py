"""The service as an operator runs it: a process of its own, to be killed at will."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.gateways.wechaty.lab.lab import Lab

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0


class Service:
    """`python -m bot run` on a lab gateway and a database."""

    def __init__(self, folder: Path, database: str, lab: Lab, name: str = "bot") -> None:
        self.port = _free_port()
        self.log = folder / f"{name}.log"
        self._settings = {
            "BOT_DATABASE_URL": database,
            "BOT_HTTP": f"127.0.0.1:{self.port}",
            "WECHATY_PUPPET_SERVICE_ENDPOINT": lab.endpoint,
            "WECHATY_PUPPET_SERVICE_TOKEN": lab.token,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.token = self.command("token", "--role", "admin", "--name", "运营小王").strip()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=ROOT,
                env=os.environ | self._settings,
                stderr=log,
                stdout=log,
            )

    def command(self, *words: str) -> str:
        """Another command of the same deployment; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT,
            env=os.environ | self._settings,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """As an orchestrator does; its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        assert self._process is not None
        return self._process.wait(timeout=15)

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def events(self, kind: str) -> int:
        """How many events of a kind it has handled since it started."""
        text = httpx.get(f"http://127.0.0.1:{self.port}/metrics").text
        label = f'qunzhu_events_total{{kind="{kind}"}} '
        lines = (line for line in text.splitlines() if line.startswith(label))
        return int(float(next(lines, f"{label}0").rpartition(" ")[2]))

    def memory(self) -> int:
        """Resident bytes."""
        assert self._process is not None
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def patch(self, scope: str, changes: Mapping[str, Any]) -> None:
        answer = httpx.patch(
            f"http://127.0.0.1:{self.port}/api/v1/rules/{scope}",
            json=dict(changes),
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code == 200, answer.text

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self.kill()


def eventually(condition: Callable[[], bool], within: float = PATIENCE) -> None:
    """Wait for what another process does; fails where it doesn't."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
