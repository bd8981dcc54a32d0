"""How WeCom seals what it calls us with: signed by a token, encrypted by a key (doc 90968)."""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass, field
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_RANDOM, _LENGTH = 16, 4
"""Bytes before the text: random ones, and how long the text is, big-endian."""
_PADDED_TO = 32
"""Bytes. PKCS#7 by twice the block of AES, so that up to 32 are added."""
_TOKEN = re.compile(r"[A-Za-z0-9]{1,32}")
_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class BadEnvelope(Exception):
    """It is not from WeCom, or not for us; says in words why."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What an answer, or a callback, is made of."""

    encrypted: str
    signature: str
    timestamp: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Of one app's callbacks. `receive_id` is the corp's id; empty for an intelligent robot.

    Raises ValueError where the token or the key can't be one.
    """

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    receive_id: str
    _key: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise ValueError(
                "the callback token must be 1 to 32 letters and digits: copy Token from the "
                "app's page 接收消息 - API接收 in the WeCom admin console"
            )
        if not _KEY.fullmatch(self.aes_key):
            raise ValueError(
                f"the callback's EncodingAESKey must have 43 characters, letters and digits, and "
                f"this has {len(self.aes_key)}: copy EncodingAESKey from the app's page "
                "接收消息 - API接收 in the WeCom admin console"
            )
        object.__setattr__(self, "_key", base64.b64decode(self.aes_key + "="))

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted(_bytes(each) for each in (self.token, timestamp, nonce, encrypted))
        # SHA-1 is what WeCom signs with.
        return sha1(b"".join(parts), usedforsecurity=False).hexdigest()

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> str:
        """The text within; raises BadEnvelope."""
        expected = self.signature(timestamp, nonce, encrypted)
        if not hmac.compare_digest(_bytes(expected), _bytes(signature)):
            raise BadEnvelope("the signature is wrong: it is not from WeCom, or Token differs")
        text, receive_id = _taken_apart(self._decrypted(encrypted))
        if not hmac.compare_digest(receive_id, _bytes(self.receive_id)):
            raise BadEnvelope("it is for another corp: compare the corp id (企业ID)")
        try:
            return text.decode()
        except UnicodeDecodeError:
            raise BadEnvelope("what was in it is no UTF-8") from None

    def seal(self, text: str, timestamp: str, nonce: str, random16: bytes) -> Sealed:
        """`random16`: 16 bytes nobody can guess."""
        if len(random16) != _RANDOM:
            raise ValueError(f"{_RANDOM} random bytes are needed, not {len(random16)}")
        said = text.encode()
        whole = random16 + len(said).to_bytes(_LENGTH, "big") + said + self.receive_id.encode()
        padding = _PADDED_TO - len(whole) % _PADDED_TO
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(whole + bytes([padding]) * padding) + encryptor.finalize()
        encrypted = base64.b64encode(sealed).decode()
        return Sealed(encrypted, self.signature(timestamp, nonce, encrypted), timestamp, nonce)

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise BadEnvelope("what is encrypted is no base64") from None
        if not sealed or len(sealed) % (AES.block_size // 8):
            raise BadEnvelope("what is encrypted is cut off")
        decryptor = self._cipher().decryptor()
        return decryptor.update(sealed) + decryptor.finalize()

    def _cipher(self) -> Cipher[CBC]:
        return Cipher(AES(self._key), CBC(self._key[:16]))


def _taken_apart(padded: bytes) -> tuple[bytes, bytes]:
    """The text, and whom it is for."""
    padding = padded[-1]
    if not 1 <= padding <= _PADDED_TO or padded[-padding:] != bytes([padding]) * padding:
        raise BadEnvelope("it can't be decrypted: EncodingAESKey differs")
    whole = padded[:-padding]
    rest = whole[_RANDOM + _LENGTH :]
    length = int.from_bytes(whole[_RANDOM : _RANDOM + _LENGTH], "big")
    if len(whole) < _RANDOM + _LENGTH or length > len(rest):
        raise BadEnvelope("it can't be decrypted: EncodingAESKey differs")
    return rest[:length], rest[length:]


def _bytes(text: str) -> bytes:
    """Of whatever stands in an address, half an emoji included."""
    return text.encode("utf-8", "surrogatepass")
