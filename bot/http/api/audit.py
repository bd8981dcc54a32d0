"""Who changed what, from what to what."""

from typing import Annotated, Any

from fastapi import Query

from bot.http.api.office import Office
from bot.http.api.paging import Paged, Since, Until, lists, paged
from bot.http.api.routes import Routes
from bot.http.api.views import Time, View
from bot.http.values import Absent, GivenGroup, GivenPerson, GivenText
from models.stores.lists import Listing, rows_of
from models.tables import AuditRow


class AuditEntry(View):
    """`action` is what was decided, `target` on what (`reward:r1`); `before` and `after` are what
    it looked like, null where it was not there, or tells of somebody who was erased; `note` is
    what was typed, where it was done in chat."""

    id: int
    at: Time
    by: str
    token: int | None
    action: str
    target: str
    group: str | None
    note: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


AUDIT = Listing(
    rows=rows_of(AuditRow, AuditEntry.model_fields),
    key=[AuditRow.id],
    sorts={"at": AuditRow.at},
    default="-at",
    filters={
        "by": AuditRow.by,
        "action": AuditRow.action,
        "target": AuditRow.target,
        "group": AuditRow.group,
        "person": AuditRow.person,
    },
    at=AuditRow.at,
)


def audit_api(office: Office) -> Routes:
    """For admins: what it tells of members is theirs to see."""
    api = Routes(office.door, "audit")

    @api.admin.get("/audit", **lists(AuditEntry))
    async def audit(
        asked: Annotated[Paged, paged(AUDIT)],
        by: Annotated[GivenText | Absent, Query(description="As it is signed.")] = None,
        action: GivenText | Absent = None,
        target: Annotated[GivenText | Absent, Query(examples=["reward:r1"])] = None,
        group: GivenGroup | Absent = None,
        person: Annotated[GivenPerson | Absent, Query(description="Whom it concerns.")] = None,
        since: Since | Absent = None,
        until: Until | Absent = None,
    ) -> Any:
        """Whatever anybody changed, newest first."""
        return await office.list(
            "audit",
            asked,
            AuditEntry,
            by=by,
            action=action,
            target=target,
            group=group,
            person=person,
            since=since,
            until=until,
        )

    return api
