"""Names for the identifiers we pass around, so that one is never taken for another.

Group, person and message ids are the platform's own: WeChat and WeCom make them unique over
all their users, so a log line, an API call and the platform's own tools speak of the same thing.
"""

from typing import NewType

AccountId = NewType("AccountId", str)
GroupId = NewType("GroupId", str)
PersonId = NewType("PersonId", str)
MessageId = NewType("MessageId", str)
StayId = NewType("StayId", int)
RoundId = NewType("RoundId", int)
OutboxId = NewType("OutboxId", int)
ErrandId = NewType("ErrandId", int)
InboxId = NewType("InboxId", int)
Code = NewType("Code", str)
"""Of an entry code, as it stands in its address."""
VisitorId = NewType("VisitorId", str)
"""The digest of a browser's cookie; the cookie itself is not kept."""
Slug = NewType("Slug", str)
"""Of a short link."""
