"""Texts and cards as WeCom takes them: so many bytes, and no more (docs 92135, 92137). Pure."""

from collections.abc import Iterator
from typing import Any

from models.delivery import Refused
from models.messages import Attachment

LONGEST_TITLE = 128


def link_of(attachment: Attachment | None) -> dict[str, Any] | None:
    """A card; None where nothing leads anywhere."""
    if attachment is None or attachment.link is None:
        return None
    title = next(parts(attachment.title or attachment.link, LONGEST_TITLE))
    link = {"title": title, "url": attachment.link}
    if attachment.image:
        link["picurl"] = attachment.image
    return {"msgtype": "link", "link": link}


def must_fit(text: str, most: int) -> None:
    """Raises Refused."""
    size = len(text.encode())
    if size > most:
        raise Refused(f"the text has {size} bytes, and WeCom takes {most}: shorten it")


def parts(text: str, most: int) -> Iterator[str]:
    """Of at most so many bytes each, cut at the end of a line where one ends in its second
    half."""
    while len(text.encode()) > most:
        head = text.encode()[:most].decode(errors="ignore")
        end = head.rfind("\n") + 1
        cut = end if end > len(head) // 2 else len(head)
        yield text[:cut].rstrip("\n")
        text = text[cut:]
    yield text
