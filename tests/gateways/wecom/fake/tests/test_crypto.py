"""The encryption is the official one."""

import random
from xml.etree import ElementTree

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.gateways.wecom.fake.crypto import Crypto
from tests.gateways.wecom.fake.tests.caller import AES_KEY, CORP_ID, TOKEN


def test_the_official_example_is_read() -> None:
    crypto = Crypto(TOKEN, AES_KEY, CORP_ID, random.Random(0))
    encrypted = (
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    )
    signature = "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    assert crypto.sign("1409659589", "263014780", encrypted) == signature
    assert crypto.decrypt(encrypted) == "1616140317555161061"


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 31, 32, 33, 500])
def test_another_implementation_understands_ours_and_we_it(length: int) -> None:
    ours = Crypto(TOKEN, AES_KEY, CORP_ID, random.Random(length))
    theirs = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
    text = ("妈a" * length)[:length]
    encrypted = ours.encrypt(text)
    signature = ours.sign("1409659589", "n", encrypted)
    body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    assert theirs.decrypt_message(body, signature, "1409659589", "n") == text
    sealed = ElementTree.fromstring(theirs.encrypt_message(text, "n", "1409659589"))
    encrypted = sealed.findtext("Encrypt") or ""
    assert ours.sign("1409659589", "n", encrypted) == sealed.findtext("MsgSignature")
    assert ours.decrypt(encrypted) == text


def test_what_was_meant_for_another_corp_is_not_read() -> None:
    theirs = Crypto(TOKEN, AES_KEY, "wwOther", random.Random(0))
    ours = Crypto(TOKEN, AES_KEY, CORP_ID, random.Random(0))
    with pytest.raises(ValueError, match="wwOther"):
        ours.decrypt(theirs.encrypt("hello"))
