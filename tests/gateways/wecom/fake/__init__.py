"""A local WeCom, faithful to the official documents, for who talks to it to be tried on.

    clock = ManualClock(at)
    corp = Corp("ww1", clock.now)
    corp.hires("linyue", "林悦")
    app = corp.installs("secret")
    corp.open_chat("wr1", "杭州·2026年3-5月·妇幼·01", "linyue", {"wm1": "豆豆妈"})

    client = httpx.AsyncClient(transport=Line(corp, create_app(corp)), base_url="https://qyapi")
    pusher = Pusher(corp, Callback(url, token, encoding_aes_key, app), client_to_our_own_app)
    corp.joins("wr1", "wm2", "小雨")  # queues a callback
    await pusher.deliver()  # tells it

It stands on its own: nothing here knows the gateway that is tested on it, and its encryption is
its own. Time is the clock that was given; nothing waits. Whatever an answer says is in doc numbers
of developer.work.weixin.qq.com/document/path/, and what these leave open is said where it is
decided. As they have it: HTTP 200 always, `errcode` says the rest; what is done by call makes no
callback, what people do does; a group message waits for its owner's tap.

- What goes wrong on demand: `corp.fail_next`, `corp.break_next`, `corp.invalidates_tokens`,
  `corp.gate.trusted_ips` and `.calls_a_minute`, `corp.groups.too_many_members`; an app without
  `customer_contact`; of callbacks, `pusher.next_is(Quirks(...))` and `pusher.always`.
- What can be looked at: `corp.calls`, `corp.chats[...].said`, `corp.office.staff[...].notices`,
  `corp.office.customers[...].told`, `pusher.deliveries`.

`python -m tests.gateways.wecom.fake --callback URL` runs it, with a page in place of the phones.
"""

from tests.gateways.wecom.fake.app import create_app
from tests.gateways.wecom.fake.corp import Call, Corp
from tests.gateways.wecom.fake.line import Line
from tests.gateways.wecom.fake.office import App, Chat
from tests.gateways.wecom.fake.pusher import Callback, Delivery, Pusher, Verification
from tests.gateways.wecom.fake.ways import ScanRefused
from tests.gateways.wecom.fake.xml import VERSIONS, Quirks

__all__ = [
    "VERSIONS",
    "App",
    "Call",
    "Callback",
    "Chat",
    "Corp",
    "Delivery",
    "Line",
    "Pusher",
    "Quirks",
    "ScanRefused",
    "Verification",
    "create_app",
]
