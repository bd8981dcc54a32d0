"""Callbacks are opened as WeCom seals them, and by nobody who lacks the key."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.gateways.wecom.crypto import BadEnvelope, Envelope

TOKEN = "QDG6eK"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP = "wx5823bf96d3bd56c7"
OURS = Envelope(TOKEN, KEY, CORP)
RANDOM = bytes(range(16))

ECHO = (
    "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "1409659589",
    "263014780",
    "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
)
POSTED = (
    "477715d11cdb4164915debcba66cb864d751f3e6",
    "1409659813",
    "1372623149",
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3Qczc"
    "dCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLj"
    "vd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMn"
    "vw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k"
    "22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2Yoy"
    "yH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)


def test_the_official_address_check_is_answered() -> None:
    assert OURS.open(*ECHO) == "1616140317555161061"


def test_the_official_message_is_read() -> None:
    text = OURS.open(*POSTED)
    assert "<Content><![CDATA[hello]]></Content>" in text
    assert "<MsgId>4561255354251345929</MsgId>" in text
    assert "<AgentID>218</AgentID>" in text


@given(texts, words, words, st.binary(min_size=16, max_size=16), words | st.just(""))
def test_what_is_sealed_is_opened(
    text: str, timestamp: str, nonce: str, random: bytes, receiver: str
) -> None:
    envelope = Envelope(TOKEN, KEY, receiver)
    sealed = envelope.seal(text, timestamp, nonce, random)
    assert envelope.open(sealed.signature, timestamp, nonce, sealed.encrypted) == text
    assert len(base64.b64decode(sealed.encrypted)) % 32 == 0


@given(texts)
def test_another_implementation_opens_what_we_seal(text: str) -> None:
    sealed = OURS.seal(text, "1409659813", "n1", RANDOM)
    theirs = WeChatCrypto(TOKEN, KEY, CORP)
    message = {"Encrypt": sealed.encrypted}
    assert theirs.decrypt_message(message, sealed.signature, "1409659813", "n1") == text


@given(texts)
def test_we_open_what_another_implementation_seals(text: str) -> None:
    xml = WeChatCrypto(TOKEN, KEY, CORP).encrypt_message(text, "n1", "1409659813")
    encrypted = xml.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    signature = xml.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    assert OURS.open(signature, "1409659813", "n1", encrypted) == text


@pytest.mark.parametrize("changed", range(4))
def test_whatever_is_changed_on_the_way_is_noticed(changed: int) -> None:
    parts = list(ECHO)
    parts[changed] = parts[changed].replace(parts[changed][5], "x", 1)
    with pytest.raises(BadEnvelope, match="signature"):
        OURS.open(*parts)


def test_who_knows_the_token_but_not_the_key_is_told_so() -> None:
    sealed = Envelope(TOKEN, "A" * 43, CORP).seal("hello", "1", "2", RANDOM)
    with pytest.raises(BadEnvelope, match="EncodingAESKey"):
        OURS.open(sealed.signature, "1", "2", sealed.encrypted)


@pytest.mark.parametrize("receiver", ["", "wx5823bf96d3bd56c8", CORP + "x"])
def test_what_is_for_another_company_is_refused(receiver: str) -> None:
    sealed = Envelope(TOKEN, KEY, receiver).seal("hello", "1", "2", RANDOM)
    with pytest.raises(BadEnvelope, match="another corp"):
        OURS.open(sealed.signature, "1", "2", sealed.encrypted)


@given(
    st.text(max_size=80) | st.binary(max_size=128).map(lambda raw: base64.b64encode(raw).decode())
)
def test_no_rubbish_with_a_right_signature_does_harm(encrypted: str) -> None:
    with pytest.raises(BadEnvelope):
        OURS.open(OURS.signature("1", "2", encrypted), "1", "2", encrypted)


@given(st.text(), st.text(), st.text(), st.text())
def test_no_rubbish_in_an_address_does_harm(
    signature: str, timestamp: str, nonce: str, echo: str
) -> None:
    with pytest.raises(BadEnvelope):
        OURS.open(signature, timestamp, nonce, echo)


@pytest.mark.parametrize("key", ["", KEY[:42], KEY + "=", KEY[:42] + "-", KEY[:42] + "\n"])
def test_a_key_that_was_copied_wrongly_is_named(key: str) -> None:
    with pytest.raises(ValueError, match="43 characters"):
        Envelope(TOKEN, key, CORP)


@pytest.mark.parametrize("token", ["", "a" * 33, "with space", "中文", "a\n"])
def test_a_token_that_was_copied_wrongly_is_named(token: str) -> None:
    with pytest.raises(ValueError, match="32 letters and digits"):
        Envelope(token, KEY, CORP)


def test_neither_token_nor_key_is_shown() -> None:
    assert TOKEN not in repr(OURS)
    assert KEY not in repr(OURS)


@pytest.mark.parametrize("random", [b"", bytes(15), bytes(17)])
def test_it_is_not_sealed_with_too_little_chance(random: bytes) -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        OURS.seal("hello", "1", "2", random)
