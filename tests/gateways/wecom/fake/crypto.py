"""The encryption of callbacks (doc 90968), written from the document alone."""

import base64
import hashlib
import random
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
SALT = 16


class Crypto:
    """`receive_id` is the corp id, for a corp's own app. The random salt comes from `rng`."""

    def __init__(
        self, token: str, encoding_aes_key: str, receive_id: str, rng: random.Random
    ) -> None:
        self._token = token
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._receive_id = receive_id.encode()
        self._rng = rng

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted([self._token, timestamp, nonce, encrypted])
        return hashlib.sha1("".join(parts).encode()).hexdigest()

    def encrypt(self, text: str) -> str:
        said = text.encode()
        plain = self._rng.randbytes(SALT) + struct.pack(">I", len(said)) + said + self._receive_id
        missing = BLOCK - len(plain) % BLOCK
        padded = plain + bytes([missing]) * missing
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Raises ValueError where it was meant for somebody else."""
        decryptor = self._cipher().decryptor()
        padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        plain = padded[SALT : -padded[-1]]
        (length,) = struct.unpack(">I", plain[:4])
        said, receive_id = plain[4 : 4 + length], plain[4 + length :]
        if receive_id != self._receive_id:
            raise ValueError(f"meant for {receive_id.decode()!r}")
        return said.decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
