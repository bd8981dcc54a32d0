"""The service as an operator runs it: a process of its own, to be killed at will."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.gateways.wechaty.lab.lab import Lab, free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE, OFTEN = 30.0, 0.05
UNTIL_READY = 300.0
"""To start and take over takes ten seconds, on a machine with nothing else to do."""
RUN = ("-m", "bot", "run")
TROUBLE = ("[warning", "[error", "[critical")


class Service:
    """`python -m bot run` on a lab gateway and a database; or `words`, which do the same."""

    def __init__(
        self,
        folder: Path,
        database: str,
        lab: Lab,
        name: str = "bot",
        words: Sequence[str] = RUN,
    ) -> None:
        self.port = free_port()
        self.log = folder / f"{name}.log"
        self._words = words
        self._settings = {
            "BOT_DATABASE_URL": database,
            "BOT_HTTP": f"127.0.0.1:{self.port}",
            "WECHATY_PUPPET_SERVICE_ENDPOINT": lab.endpoint,
            "WECHATY_PUPPET_SERVICE_TOKEN": lab.token,
        }
        self._process: subprocess.Popen[bytes] | None = None
        # One for all looks: to make a client takes a hundred times longer than to look. A line of
        # its own for each, since whoever answered may be dead by the next.
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            timeout=10,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @cached_property
    def token(self) -> str:
        return self.command("token", "--role", "admin", "--name", "运营小王").strip()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._words],
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
            timeout=UNTIL_READY,
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

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ready(self) -> bool:
        try:
            return self._get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def becomes_ready(self, within: float = UNTIL_READY, every: float = OFTEN) -> None:
        eventually(self.ready, within, every)

    def readiness(self) -> dict[str, Any]:
        """What `/readyz` says, whatever that is."""
        told: dict[str, Any] = self._get("/readyz").json()
        return told

    def holds(self) -> bool:
        """Whether it is this process that holds its account."""
        try:
            return any(each["held"] for each in self.readiness()["gateways"].values())
        except httpx.TransportError:
            return False

    def metrics(self) -> dict[str, float]:
        """Each figure by its name and labels, as `/metrics` shows them."""
        lines = self._get("/metrics").text.splitlines()
        told = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in told}

    def events(self, kind: str) -> int:
        """How many events of a kind it has handled since it started."""
        return int(self.metrics().get(f'qunzhu_events_total{{kind="{kind}"}}', 0))

    def troubles(self) -> list[str]:
        """The lines of its log that tell of something wrong."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if any(each in line for each in TROUBLE)]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def memory(self) -> int:
        """Resident bytes."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def patch(self, scope: str, changes: Mapping[str, Any]) -> None:
        self.asks("PATCH", f"/rules/{scope}", changes)

    def asks(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What the API answers to an admin."""
        answer = self._http.request(
            method,
            f"/api/v1{path}",
            json=None if body is None else dict(body),
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=20,
        )
        assert answer.is_success, answer.text
        return answer.json()

    def _get(self, path: str) -> httpx.Response:
        return self._http.get(path)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.is_running:
            self.signal(signal.SIGCONT)
            self.kill()
        self._http.close()


def eventually(
    condition: Callable[[], bool], within: float = PATIENCE, every: float = OFTEN
) -> None:
    """Wait for what another process does; fails where it doesn't."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(every)
