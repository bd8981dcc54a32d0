"""What can be sent beside a text (doc 92135). Which of 41064 and 41065 stands for what is not
told; here 41064 is one too many and 41065 one that lacks its content."""

from collections.abc import Callable
from typing import Any

from tests.gateways.wecom.fake.errors import Refused
from tests.gateways.wecom.fake.fields import Fields

MOST_ATTACHMENTS = 9
KINDS = ("image", "link", "miniprogram", "video", "file")

KnownMedia = Callable[[str], bool]


def read_attachments(fields: Fields, known: KnownMedia) -> tuple[dict[str, Any], ...]:
    found = fields.parts("attachments")
    if len(found) > MOST_ATTACHMENTS:
        raise Refused(41064)
    for each in found:
        check_attachment(each.text("msgtype"), each, known)
    return tuple(each.given for each in found)


def check_attachment(kind: str, fields: Fields, known: KnownMedia) -> None:
    """Raises Refused: 86214 no such kind, 41065 without its content, 40007 no such media."""
    if kind not in KINDS:
        raise Refused(86214, kind)
    content = fields.part(kind)
    if content is None:
        raise Refused(41065, kind)
    if kind == "link":
        content.text("title", bytes_at_most=128)
        content.text("url", bytes_at_most=2048)
        content.text("desc", "", bytes_at_most=512)
        content.text("picurl", "", bytes_at_most=2048)
    elif kind == "miniprogram":
        content.text("title", bytes_at_most=64)
        content.text("appid")
        content.text("page")
        _check_media(content.text("pic_media_id"), known)
    elif kind != "image" or not content.text("pic_url", "") or "media_id" in content:
        _check_media(content.text("media_id"), known)


def _check_media(media_id: str, known: KnownMedia) -> None:
    if not known(media_id):
        raise Refused(40007, media_id)
