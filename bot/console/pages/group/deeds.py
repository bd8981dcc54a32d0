"""What can be done about a group as a whole."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.console.client import at
from bot.console.forms import Field, Values, ask
from bot.console.frame import Visit, sure

Row = dict[str, Any]

PAUSE = "暂停以后，小助手在这个群里不主动说话，只回答问它的。该说的先留着，恢复以后再说。"
RELEASE = "放手以后，小助手不在这个群里说话，也不再记积分和问题。要回来得再接管。"
ADOPT = "接管以后，小助手会在群里说话、记积分。已经在群里的妈妈不会被欢迎。"
RENAME = "由小助手的账号去改，一天里改不成会告诉同事。"
WINDOW = "三个月里的头一个月，写成 2026-03"
UNKNOWN_NOW = "空着就是不知道"


class Deeds:
    """Each is told whether it worked, and `again` shows what came of it."""

    def __init__(self, visit: Visit, group: str, again: Callable[[], Awaitable[None]]) -> None:
        self._visit, self._path, self._again = visit, at("groups", group), again

    async def pause(self) -> None:
        if await sure(PAUSE, "暂停"):
            await self._do("pause", "暂停了")

    async def resume(self) -> None:
        await self._do("resume", "恢复了，留着的话会接着说")

    async def release(self) -> None:
        if await sure(RELEASE, "放手"):
            await self._do("release", "放手了")

    async def settle(self, notice: Row) -> None:
        done = "好，记下了；要是过一阵还这样，会再提醒"
        await self._do(f"notices/{notice['concern']}/settle", done)

    async def adopt(self, known: Row) -> None:
        async def send(values: Values) -> None:
            given = {name: each for name, each in values.items() if each is not None}
            await self._visit.api.post(f"{self._path}/adopt", given)

        if await ask("接管这个群", _fields(known), send, yes="接管", note=ADOPT):
            await self._again()

    async def rename(self, known: Row) -> None:
        async def send(values: Values) -> None:
            await self._visit.api.post(f"{self._path}/rename", values)

        name = known["renaming"] or known["name"]
        fields = [Field("name", "新群名", value=name, is_needed=True)]
        if await ask("改群名", fields, send, yes="去改", note=RENAME):
            await self._again()

    async def correct(self, known: Row) -> None:
        latest, tag = await self._visit.api.tagged(self._path)

        async def send(values: Values) -> None:
            changes = {name: each for name, each in values.items() if each != latest[name]}
            await self._visit.api.change("PATCH", self._path, changes, tag=tag)

        if await ask(f"改「{known['name']}」", _fields(latest), send, note=UNKNOWN_NOW):
            await self._again()

    async def _do(self, what: str, done: str) -> None:
        if await self._visit.attempt(lambda: self._visit.api.post(f"{self._path}/{what}"), done):
            await self._again()


def _fields(known: Row) -> list[Field]:
    return [
        Field("city", "城市", value=known["city"]),
        Field("channel", "渠道", value=known["channel"]),
        Field("birth_window", "月龄段", value=known["birth_window"], hint=WINDOW),
        Field("opened_on", "建群日", "date", value=known["opened_on"]),
    ]
