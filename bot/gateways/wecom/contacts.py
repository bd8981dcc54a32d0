"""Ways to members of staff (联系我, doc 92228): made, and kept as they are wanted."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.gateways.wecom.client import WeComClient
from bot.gateways.wecom.failures import Failed
from bot.gateways.wecom.pictures import Pictures
from models.delivery import Refused
from models.platform_ways import MadeWay, WantedContactWay

TO_SEVERAL, BY_QR = 2, 2
NO_SUCH = 40058
WRITTEN = ("remark", "skip_verify", "style", "state", "user", "party")
"""What an update may write; whether it leaves alone what it does not name is not documented, so
all of it is written."""
REMARK = "群助手的活码"
PATH = "externalcontact"


class ContactWays:
    """`staff`: the user ids of those who are there for who comes by them."""

    def __init__(self, client: WeComClient, pictures: Pictures, staff: Sequence[str]) -> None:
        self._client = client
        self._pictures = pictures
        self._staff = list(staff)

    async def keep(self, wanted: WantedContactWay) -> MadeWay:
        """Raises WeComError, and Refused where there is nobody that it could lead to."""
        if not self._staff:
            raise Refused("nobody is named whom people can add: set wecom_contacts to user ids")
        found = await self._found(wanted.config)
        if found is None:
            answer = await self._client.call(f"{PATH}/add_contact_way", self._fresh(wanted))
            config, address = str(answer["config_id"]), answer.get("qr_code")
            picture = await self._pictures.png(address) if address else ""
            return MadeWay(config=config, picture=picture)
        body = merged(found, wanted, self._staff)
        if any(found.get(name) != value for name, value in body.items()):
            await self._client.call(f"{PATH}/update_contact_way", body)
        address = None if wanted.has_qr else found.get("qr_code")
        picture = await self._pictures.png(address) if address else ""
        return MadeWay(config=wanted.config, picture=picture)

    def _fresh(self, wanted: WantedContactWay) -> dict[str, Any]:
        return {
            "type": TO_SEVERAL,
            "scene": BY_QR,
            "remark": REMARK,
            "skip_verify": True,
            "state": wanted.state,
            "user": self._staff,
        }

    async def _found(self, config: str) -> dict[str, Any] | None:
        """None where it is gone."""
        if not config:
            return None
        try:
            answer = await self._client.call(f"{PATH}/get_contact_way", {"config_id": config})
        except Failed as failure:
            if failure.errcode != NO_SUCH:
                raise
            return None
        return dict(answer["contact_way"])


def merged(
    found: Mapping[str, Any], wanted: WantedContactWay, staff: Sequence[str]
) -> dict[str, Any]:
    kept = {name: found[name] for name in WRITTEN if name in found}
    ours = {"config_id": wanted.config, "state": wanted.state, "skip_verify": True}
    has_same = set(found.get("user", ())) == set(staff)
    return {**kept, **ours, "user": found["user"] if has_same else list(staff)}
