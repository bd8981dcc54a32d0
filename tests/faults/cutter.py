"""A line to the database that breaks in the middle of a commit."""

import contextlib
import socket
import threading
from typing import Literal, Self

from tests.gateways.wechaty.lab.lab import free_port

COMMIT = b"COMMIT;\x00"
"""As asyncpg says it, in a message of its own."""
CHUNK = 65_536

Side = Literal["before", "after"]


class Cutter:
    """Passes everything on, until told to cut: then a line is dropped on its next commit,
    `before` PostgreSQL hears of it, or `after` it has committed and before its answer is passed
    on, so that whoever asked cannot know."""

    def __init__(self, database_port: int) -> None:
        self.port = free_port()
        self.cuts: dict[Side, int] = {"before": 0, "after": 0}
        self._database_port = database_port
        self._wanted: list[Side] = []
        self._turn = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", self.port))

    def cut(self, *sides: Side) -> None:
        """The next commits, whoever makes them, in this order."""
        with self._turn:
            self._wanted += sides

    @property
    def is_done(self) -> bool:
        return not self._wanted

    def __enter__(self) -> Self:
        threading.Thread(target=self._welcome, daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._door.close()

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):  # the door was closed
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            database = socket.create_connection(("127.0.0.1", self._database_port))
        except OSError:
            client.close()
            return
        line = _Line(client, database)
        threading.Thread(target=line.pass_answers, daemon=True).start()
        with line, contextlib.suppress(OSError):
            while said := client.recv(CHUNK):
                side = self._next_cut() if COMMIT in said else None
                if side == "before":
                    return
                line.is_cut = side == "after"
                line.database.sendall(said)

    def _next_cut(self) -> Side | None:
        with self._turn:
            if not self._wanted:
                return None
            side = self._wanted.pop(0)
            self.cuts[side] += 1
            return side


class _Line:
    """Both ends of one connection."""

    def __init__(self, client: socket.socket, database: socket.socket) -> None:
        self.client = client
        self.database = database
        self.is_cut = False

    def pass_answers(self) -> None:
        """The first one after the line was cut only tells us that it is done."""
        with self, contextlib.suppress(OSError):
            while answer := self.database.recv(CHUNK):
                if self.is_cut:
                    return
                self.client.sendall(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        for end in (self.client, self.database):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
