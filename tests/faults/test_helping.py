"""Mothers help one another in a room on the Wechaty team's own gateway, as the service is run."""

import asyncio
from pathlib import Path

import httpx
import pytest

from models.messages import MENTION_END
from tests.faults.service import Service, eventually
from tests.gateways.wechaty.lab.lab import Lab

ROOM = "杭州·2026年3-5月·妇幼·01"
QUICK = {
    "delivery": {"group_gap": 0.1, "jitter": 0.0, "per_minute": 600, "quiet_hours": "00:00-00:00"},
    "points": {"announce_delay": 1},
}
RULER = "- - - - - - - - - - - - - - -"
RECALLED = 13


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def heard(lab: Lab, where: str, *words: str) -> bool:
    """Whether something was said there that has all these words."""
    return any(
        each.where == where and all(word in (each.text or "") for word in words)
        for each in lab.actions("say")
    )


async def test_an_answer_a_bonus_and_a_reward_on_the_wechaty_gateway(
    tmp_path: Path, database: str, lab: Lab
) -> None:
    await asyncio.to_thread(_an_evening, tmp_path, database, lab)


def _an_evening(folder: Path, database: str, lab: Lab) -> None:
    with lab, Service(folder, database, lab) as service:
        for who, name in (("ming", "小明妈"), ("hua", "花花妈"), ("boss", "班长")):
            lab.contact(who, name=name)
        lab.contact("bot", name="小助手")
        lab.contact("boss", friend=True)
        lab.room("r1", ROOM, members=["ming", "hua", "boss"], owner="boss")
        eventually(service.ready)
        service.patch("everywhere", QUICK)
        _offer(service, {"id": "r1", "name": "绘本", "cost": 6, "stock": 2})

        # A question is answered by quoting it, as WeChat writes quotes, and she says thanks.
        lab.says("ming", "预产期过了还没动静，要去医院吗", room="r1")
        quote = f"「小明妈：预产期过了还没动静，要去医院吗」\n{RULER}\n"
        answer = lab.says("hua", quote + "我过了五天医生让住院的", room="r1")
        lab.says("ming", f"@花花妈{MENTION_END}谢谢你，我明天就去", room="r1", mentions=["hua"])
        eventually(lambda: heard(lab, "r1", f"@花花妈{MENTION_END}+5"))

        # The room's owner is its monitor: she gives a bonus, by a mention as phones write it.
        lab.says("boss", f"/加分 @花花妈{MENTION_END}3 热心", room="r1", mentions=["hua"])
        eventually(lambda: heard(lab, "r1", "+3分，热心～现在有8分"))

        # Nobody but friends can be written to: her code is said in the group.
        lab.says("hua", f"@小助手{MENTION_END}兑换 绘本", room="r1", mentions=["bot"])
        eventually(lambda: heard(lab, "r1", f"@花花妈{MENTION_END}", "兑换码", "本人"))
        (code,) = {
            word
            for each in lab.actions("say")
            for word in (each.text or "").replace("：", " ").replace("，", " ").split()
            if word.isdigit() and len(word) == 6
        }
        assert not [each for each in lab.actions("say") if each.where == "hua"]
        lab.says("boss", f"核销{code}")
        eventually(lambda: heard(lab, "boss", "绘本", "核销"))

        # A recall takes back what is there, and she can ask where everything went.
        lab.says("hua", answer, room="r1", kind=RECALLED)
        lab.says("hua", "／积分", room="r1")
        eventually(lambda: heard(lab, "r1", "你现在有0分", "兑换「绘本」", "收回"))
        assert service.stop() == 0


def _offer(service: Service, reward: dict[str, object]) -> None:
    answer = httpx.post(
        f"http://127.0.0.1:{service.port}/api/v1/rewards",
        json=reward,
        headers={"Authorization": f"Bearer {service.token}"},
    )
    assert answer.status_code == 201, answer.text
