"""What one event costs whose text is as long as a book, and made to be slow to read."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.events import Event, GroupRenamed, MessageReceived, NicknameChanged
from models.ids import GroupId, MessageId, PersonId
from models.people import Role
from tests.faults.hostile.texts import PUMPS
from tests.world import ACCOUNT, GROUP, World

FRAMES: Sequence[tuple[str, str]] = (
    ("", ""),
    ("/", ""),
    ("/加分 ", ""),
    ("@小助手 ", "?"),
    ("「豆豆妈：", ""),
    ("「豆豆妈：", "」\n- - - - - - - -\n好"),
    ("这是一条引用/回复消息：“豆豆妈：", "”\n- - - - - - - -\n好"),
)
"""What makes a text begin, and end, like something that is looked at more closely."""
MONITOR = PersonId("小雨")


@dataclass(frozen=True, slots=True, order=True)
class Slow:
    seconds: float
    kind: str
    text: str


async def slowest(world: World, length: int, pumps: Sequence[str] = PUMPS) -> list[Slow]:
    """The slowest first. Where there is a question to be answered, and a monitor to be obeyed."""
    await world.joins(MONITOR)
    await world.becomes(MONITOR, Role.MONITOR)
    await world.says("米粒妈", "孕晚期晚上总醒怎么办呀？")
    found = []
    for pump in pumps:
        for event, text in _events(world, pump, length):
            began = time.perf_counter()
            await world.simulation.dispatcher.take([world.now(event)])
            spent = time.perf_counter() - began
            found.append(Slow(spent, type(event).__name__, f"{text[:12]!r}…{text[-12:]!r}"))
    return sorted(found, reverse=True)


def _events(world: World, pump: str, length: int) -> Iterator[tuple[Event, str]]:
    now, group = world.clock.now(), GroupId(GROUP)
    for n, (start, end) in enumerate(FRAMES):
        text = start + (pump * length)[:length] + end
        id_ = MessageId(f"{PUMPS.index(pump)}-{n}")
        said = MessageReceived(
            at=now, account=ACCOUNT, id=id_, group=group, sender=MONITOR, text=text
        )
        yield said, text
    name = f"杭州-{(pump * length)[:length]}-小雨"
    yield (
        NicknameChanged(at=now, account=ACCOUNT, group=group, person=MONITOR, nickname=name),
        name,
    )
    yield GroupRenamed(at=now, account=ACCOUNT, group=group, name=name), name
