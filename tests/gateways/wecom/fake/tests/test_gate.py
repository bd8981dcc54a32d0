"""What stands before every call."""

import httpx
import pytest

from tests.gateways.wecom.fake.tests.caller import CHAT, CORP_ID, EVENING, GROUP, Caller


async def test_a_token_is_the_same_again_until_it_has_run_out(us: Caller) -> None:
    first = await us.log_in()
    us.later(seconds=7199)
    assert await us.log_in() == {**first, "expires_in": 1}
    us.later(seconds=1)
    assert (await us.get("getcallbackip"))["errcode"] == 42001
    assert (await us.log_in())["access_token"] != first["access_token"]
    assert (await us.get("getcallbackip"))["ip_list"]


async def test_a_token_can_become_invalid_before_its_time(us: Caller) -> None:
    us.corp.invalidates_tokens()
    assert (await us.get("getcallbackip"))["errcode"] == 40014
    await us.log_in()
    assert (await us.get("getcallbackip"))["errcode"] == 0


@pytest.mark.parametrize(
    ("corp_id", "secret", "errcode"),
    [("", "secret", 41002), (CORP_ID, "", 41004), ("other", "secret", 40013)],
)
async def test_a_token_needs_a_corp_and_a_secret(
    us: Caller, corp_id: str, secret: str, errcode: int
) -> None:
    assert (await us.log_in(secret, corp_id))["errcode"] == errcode


async def test_a_token_must_be_there_and_known(us: Caller) -> None:
    for token, errcode in {"": 41001, "stolen": 40014}.items():
        us.token = token
        assert (await us.get("getcallbackip"))["errcode"] == errcode


async def test_repeating_a_wrong_secret_bans_the_address_for_an_hour(us: Caller) -> None:
    for _ in range(5):
        assert (await us.log_in("wrong"))["errcode"] == 40001
    assert (await us.log_in("wrong"))["errcode"] == 45009
    assert (await us.log_in())["errcode"] == 45009
    us.later(hours=1)
    assert (await us.log_in())["errcode"] == 0


async def test_more_calls_than_the_quota_block_the_api_for_a_minute(us: Caller) -> None:
    us.corp.gate.calls_a_minute["getcallbackip"] = 3
    codes = [(await us.get("getcallbackip"))["errcode"] for _ in range(4)]
    assert codes == [0, 0, 0, 45009]
    us.later(seconds=59)
    assert (await us.get("getcallbackip"))["errcode"] == 45009
    assert (await us.get("user/get", userid="linyue"))["errcode"] == 0
    us.later(seconds=1)
    assert (await us.get("getcallbackip"))["errcode"] == 0


async def test_only_trusted_addresses_may_call(us: Caller) -> None:
    us.corp.gate.trusted_ips = frozenset({"10.0.0.1"})
    assert (await us.get("getcallbackip"))["errcode"] == 60020
    us.corp.gate.trusted_ips = frozenset({"127.0.0.1"})
    assert (await us.get("getcallbackip"))["errcode"] == 0


async def test_an_app_that_is_not_listed_may_not_ask_for_customers(us: Caller) -> None:
    us.corp.installs("unlisted", customer_contact=False, archive=False)
    await us.log_in("unlisted")
    assert await us.code(f"{CHAT}list", limit=10) == 48002
    assert await us.code("msgaudit/check_room_agree", roomid=GROUP) == 301053
    assert (await us.get("user/get", userid="linyue"))["errcode"] == 0


async def test_a_failure_comes_as_often_as_it_was_ordered(us: Caller) -> None:
    us.corp.fail_next("getcallbackip", -1, times=2)
    us.corp.fail_next("getcallbackip", 45033)
    codes = [(await us.get("getcallbackip"))["errcode"] for _ in range(4)]
    assert codes == [-1, -1, 45033, 0]
    assert [call.errcode for call in us.corp.calls_of("getcallbackip")] == codes


async def test_a_connection_may_fail_before_the_call_or_after_it(us: Caller) -> None:
    way = {"scene": 2, "chat_id_list": [GROUP]}
    us.corp.break_next(f"{CHAT}add_join_way", "refused")
    with pytest.raises(httpx.ConnectError):
        await us.post(f"{CHAT}add_join_way", **way)
    assert not us.corp.ways.join
    us.corp.break_next(f"{CHAT}add_join_way", "unanswered")
    with pytest.raises(httpx.ReadTimeout):
        await us.post(f"{CHAT}add_join_way", **way)
    assert len(us.corp.ways.join) == 1


async def test_what_cannot_be_read_is_said_to_be_wrong_json(us: Caller) -> None:
    asked = {"access_token": us.token}
    broken = await us.client.post(f"{CHAT}list", params=asked, content=b'{"limit": 10')
    assert broken.json()["errcode"] == 40058
    assert "Warning: wrong json format." in broken.json()["errmsg"]
    mistyped = await us.post(f"{CHAT}list", limit="10")
    assert "Warning: wrong json format." in mistyped["errmsg"]


async def test_a_call_has_one_method_and_one_path(us: Caller) -> None:
    assert (await us.get(f"{CHAT}list"))["errcode"] == 43002
    assert await us.code("user/get") == 43001
    assert (await us.client.get("send_chat_msg", params={"access_token": us.token})).is_error


async def test_every_call_is_written_down_without_its_secrets(us: Caller) -> None:
    await us.post(f"{CHAT}get", chat_id=GROUP)
    assert [(call.path, call.body, call.at) for call in us.corp.calls] == [
        ("gettoken", {"corpid": CORP_ID}, EVENING),
        (f"{CHAT}get", {"chat_id": GROUP}, EVENING),
    ]
