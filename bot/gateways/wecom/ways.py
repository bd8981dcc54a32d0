"""Ways into customer groups (加入群聊, doc 92229): made, and kept as they are wanted.

An update writes the whole way, so what we don't know of is read first and written back. The
platform shows a way to nobody but the app that made it, and its `config_id` is the only handle.
"""

import logging
from collections.abc import Mapping
from typing import Any

from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.failures import Failed, WeComError
from bot.gateways.wecom.pictures import Pictures
from models.ids import GroupId
from models.platform_ways import MOST_GROUPS, MadeWay, WantedJoinWay

log = logging.getLogger(__name__)

BY_QR = 2
"""The `scene` of a way that is scanned."""
NO_SUCH = 40058
"""A parameter is wrong: of a question that has no other one, its id."""
LONGEST_REMARK = 30
READ_ONLY = ("qr_code",)
PATH = "externalcontact/groupchat"


class JoinWays:
    def __init__(self, client: WeComClient, pictures: Pictures) -> None:
        self._client = client
        self._pictures = pictures

    async def keep(self, wanted: WantedJoinWay) -> MadeWay:
        """Raises WeComError. A way that was made, and whose code could not be had, is told
        without one."""
        found = await self._found(wanted.config)
        if found is None:
            return await self._made(wanted)
        body = merged(found, wanted)
        changed = changed_by_others(found, wanted)
        if changed:
            log.warning("others changed %s of the join way %s", ", ".join(changed), wanted.config)
        if any(found.get(name) != value for name, value in body.items()):
            await self._client.call(f"{PATH}/update_join_way", body)
        picture = "" if wanted.has_qr else await self._picture(found)
        return MadeWay(
            config=wanted.config,
            groups=_groups(body),
            base_id=body["room_base_id"] if wanted.base_name else wanted.base_id,
            picture=picture,
            changed=changed,
        )

    async def _made(self, wanted: WantedJoinWay) -> MadeWay:
        answer = await self._client.call(f"{PATH}/add_join_way", fresh(wanted))
        config = str(answer["config_id"])
        try:
            found = await self._found(config)
        except WeComError as error:
            # It is there, and must not be made again.
            log.warning("no code yet of the join way %s: %s", config, error)
            found = None
        picture = await self._picture(found) if found else ""
        return MadeWay(
            config=config, groups=wanted.groups, base_id=wanted.base_id, picture=picture
        )

    async def _found(self, config: str) -> dict[str, Any] | None:
        """None where it is gone."""
        if not config:
            return None
        try:
            answer = await self._client.call(f"{PATH}/get_join_way", {"config_id": config})
        except Failed as failure:
            if failure.errcode != NO_SUCH:
                raise
            return None
        return dict(answer["join_way"])

    async def _picture(self, found: Mapping[str, Any]) -> str:
        address = found.get("qr_code")
        return await self._pictures.png(address) if address else ""


def fresh(wanted: WantedJoinWay) -> dict[str, Any]:
    """`remark` is what people see of it in the platform's own tools, if anything."""
    return {
        "scene": BY_QR,
        "remark": str(wanted.cohort)[:LONGEST_REMARK],
        **_rooms(wanted, wanted.base_id),
        "chat_id_list": list(wanted.groups),
        "state": wanted.code,
    }


def merged(found: Mapping[str, Any], wanted: WantedJoinWay) -> dict[str, Any]:
    """All that an update writes: what was `found`, with ours in it. Groups that nobody told us of
    were most likely opened by the platform: they stay, behind ours, and the numbers go on beyond
    theirs."""
    strangers = [
        each
        for each in found.get("chat_id_list", ())
        if each not in wanted.known and each not in wanted.groups
    ]
    room = max(1, MOST_GROUPS - len(strangers))
    groups = [*wanted.groups[:room], *strangers][:MOST_GROUPS]
    number = wanted.base_id + len(strangers)
    if found.get("room_base_name") == wanted.base_name:
        number = max(number, int(found.get("room_base_id") or 0))
    kept = {name: value for name, value in found.items() if name not in READ_ONLY}
    ours = {"chat_id_list": groups, "state": wanted.code, **_rooms(wanted, number)}
    return {**kept, **ours}


def changed_by_others(found: Mapping[str, Any], wanted: WantedJoinWay) -> tuple[str, ...]:
    """Which of our fields are not as we wrote them. A group more, perhaps in the place of another,
    is what the platform does by itself when it opens one."""
    name, _ = wanted.was
    there = set(found.get("chat_id_list", ()))
    was = {
        "chat_id_list": bool(there - set(wanted.known)) or set(wanted.known) <= there,
        "state": found.get("state", "") == wanted.code,
        "auto_create_room": bool(found.get("auto_create_room")) == (name != ""),
        "room_base_name": not name or found.get("room_base_name", "") == name,
    }
    return tuple(field for field, is_ours in was.items() if not is_ours)


def _rooms(wanted: WantedJoinWay, number: int) -> dict[str, Any]:
    if not wanted.base_name:
        return {"auto_create_room": 0}
    return {
        "auto_create_room": 1,
        "room_base_name": wanted.base_name,
        "room_base_id": number,
    }


def _groups(body: Mapping[str, Any]) -> tuple[GroupId, ...]:
    return tuple(map(GroupId, body["chat_id_list"]))
