"""What comes over the wire, read as far as it can be.

A JavaScript gateway hands on a text that was cut in the middle of an emoji as half of it, which is
no UTF-8: the text around it is read all the same. What is no message of its kind at all is told as
such, whatever betterproto makes of it: it takes the number 5 for a text.
"""

from dataclasses import fields
from typing import Any

import betterproto
from grpclib.encoding.proto import ProtoCodec

_NUMBERS = (betterproto.TYPE_ENUM, betterproto.TYPE_UINT64, betterproto.TYPE_INT32)
_KINDS: dict[str, type] = {betterproto.TYPE_STRING: str, **dict.fromkeys(_NUMBERS, int)}
_LENGTH_FIRST = 2
"""The wire type of texts."""


class Garbled(Exception):
    """It is not what it should be, and nothing can be read from it."""


class Codec(ProtoCodec):
    def decode(self, data: bytes, message_type: Any) -> Any:
        """Raises Garbled."""
        try:
            try:
                message = message_type().parse(data)
            except UnicodeDecodeError:
                message = message_type().parse(_in_utf8(data, message_type))
        except Exception as error:  # betterproto has no exception of its own
            raise Garbled(f"no {message_type.__name__}: {error!r}") from error
        if not _is_as_described(message):
            raise Garbled(f"no {message_type.__name__}")
        return message


def _in_utf8(data: bytes, message_type: Any) -> bytes:
    texts = {
        meta.number
        for meta in map(betterproto.FieldMetadata.get, fields(message_type))
        if meta.proto_type == betterproto.TYPE_STRING
    }
    found = b""
    for field in betterproto.parse_fields(data):
        if field.number in texts and field.wire_type == _LENGTH_FIRST:
            text = field.value.decode(errors="replace").encode()
            tag = betterproto.encode_varint(field.number << 3 | _LENGTH_FIRST)
            found += tag + betterproto.encode_varint(len(text)) + text
        else:
            found += field.raw
    return found


def _is_as_described(message: Any) -> bool:
    for field in fields(message):
        kind = _KINDS.get(betterproto.FieldMetadata.get(field).proto_type)
        value = getattr(message, field.name)
        is_list = message._betterproto.default_gen[field.name] is list
        if isinstance(value, list) != is_list:
            return False
        if kind and not all(isinstance(each, kind) for each in (value if is_list else [value])):
            return False
    return True
