"""What was said in a chat, as it is kept."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import MessageId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One message. `chat` is the group, or the person for a private message to us; `text` is
    without the block that a reply quotes, and None once it was recalled or forgotten; `quotes`
    is a message we have seen in the same chat."""

    chat: str
    id: MessageId
    sender: PersonId
    text: str | None
    at: datetime
    mentions: tuple[PersonId, ...] = ()
    quotes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What a reply quotes, found among what we have seen in that chat: quotes are plain text
    that anybody can type. Of our own words `sender` is None, and `id` the key of the promise."""

    id: str
    sender: PersonId | None
    text: str
