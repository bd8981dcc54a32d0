"""A small corp to look at: two owners, three groups of mothers, about thirty in each."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime

from tests.gateways.wecom.fake.corp import Corp

CORP_ID = "ww5f3c9a1e7b2d4680"
SECRET = "sample-secret"
GROUPS = {
    "wrHangzhou01": ("杭州·2026年3-5月·妇幼·01", "linyue"),
    "wrHangzhou02": ("杭州·2026年3-5月·妇幼·02", "linyue"),
    "wrNingbo01": ("宁波·2026年6-8月·母婴店·01", "chenxi"),
}
STAFF = {"linyue": "林悦", "chenxi": "陈曦"}
MEMBERS = 30

BABIES = ["豆豆", "米粒", "小雨", "安安", "糖糖", "果果", "团子", "一一", "桃子", "年年"]
SHAPES = ["{baby}妈", "{baby}妈妈", "{baby}麻麻🌸", "爱吃火锅的{baby}妈", "A{baby}的妈咪"]
WEEKS = range(12, 40)


def sample_corp(clock: Callable[[], datetime], rng: random.Random) -> Corp:
    corp = Corp(CORP_ID, clock)
    for userid, name in STAFF.items():
        corp.hires(userid, name)
    corp.installs(SECRET)
    mothers = strangers(rng)
    for chat_id, (name, owner) in GROUPS.items():
        chat = corp.open_chat(chat_id, name, owner, dict(next(mothers) for _ in range(MEMBERS)))
        for member in chat.members.values():
            if member.external and rng.getrandbits(1):
                city, baby = name.split("·")[0], BABIES[rng.randrange(len(BABIES))]
                member.nickname = f"{city}-孕{WEEKS[rng.randrange(len(WEEKS))]}周-{baby}"
    corp.office.events.clear()  # all this was long before anybody was told
    return corp


def strangers(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Ids and names of mothers nobody has met yet."""
    while True:
        baby = BABIES[rng.randrange(len(BABIES))]
        shape = SHAPES[rng.randrange(len(SHAPES))]
        yield f"wm{rng.getrandbits(112):028x}", shape.format(baby=baby)
