"""Short links, and who followed them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, bindparam, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from models.content import ContentKind, Post
from models.ids import Slug, VisitorId
from models.links import Click, LinkFigures, ShortLink
from models.people import Role
from models.stores.bulk import add_rows, among
from models.stores.codes import LENGTH, unguessable
from models.stores.shelf import OF_GROUP, Shelf, vars_of
from models.tables import (
    ClickRow,
    GroupRow,
    LifeRow,
    MemberRow,
    PastStayRow,
    PostRow,
    ShortLinkRow,
)

OF_POST = (
    ShortLinkRow.group == OF_GROUP,
    ShortLinkRow.day == bindparam("day"),
    ShortLinkRow.slot == bindparam("slot"),
)


class ShortLinkStore(Shelf[ShortLink]):
    row = ShortLinkRow
    value = ShortLink
    key = ("slug",)

    async def of_post(self, post: Post) -> dict[str, ShortLink]:
        """Those made for it, by where they lead."""
        place = (post.group, post.day, post.slot)
        await self.find_once(place, OF_POST, of_group=post.group, day=post.day, slot=post.slot)
        found = (each for each in self.held() if (each.group, each.day, each.slot) == place)
        return {each.target: each for each in found}

    def make(self, target: str, post: Post, now: datetime) -> ShortLink:
        """Whoever makes one holds the group's row, and knows that there is none yet."""
        link = ShortLink(
            slug=Slug(unguessable(LENGTH)),
            target=target,
            group=post.group,
            day=post.day,
            slot=post.slot,
            item=post.item or "",
            made_at=now,
        )
        self.put(link)
        return link

    async def figures(self, slugs: Collection[Slug]) -> dict[Slug, LinkFigures]:
        """What came of these."""
        counted = (
            select(
                func.coalesce(func.sum(ClickRow.times), 0).label("clicks"),
                func.count().label("people"),
            )
            .where(ClickRow.slug == ShortLinkRow.slug)
            .lateral("counted")
        )
        of_post = (
            (PostRow.group == ShortLinkRow.group)
            & (PostRow.day == ShortLinkRow.day)
            & (PostRow.slot == ShortLinkRow.slot)
            & (PostRow.item == ShortLinkRow.item)
        )
        found = await self.connection.execute(
            self._select()
            .add_columns(
                GroupRow.name.label("group_name"),
                PostRow.kind.label("post_kind"),
                PostRow.posted_at,
                LifeRow.since,
                counted.c.clicks,
                counted.c.people,
                _members_by_then().label("members"),
            )
            .select_from(ShortLinkRow)
            .join(GroupRow, GroupRow.id == ShortLinkRow.group, isouter=True)
            .join(LifeRow, LifeRow.group == ShortLinkRow.group, isouter=True)
            .join(PostRow, of_post, isouter=True)
            .join(counted, true())
            .where(among(ShortLinkRow.slug, slugs))
        )
        return {Slug(row["slug"]): self._figures(row) for row in found.mappings()}

    def _figures(self, row: RowMapping) -> LinkFigures:
        said_at, since = row["posted_at"], row["since"]
        is_watched = said_at is not None and since is not None and since <= said_at
        return LinkFigures(
            link=self._value(row),
            group_name=row["group_name"] or "",
            kind=ContentKind(row["post_kind"]) if row["post_kind"] else None,
            said_at=said_at,
            clicks=int(row["clicks"]),
            people=int(row["people"]),
            members=int(row["members"]) if is_watched else None,
        )


class ClickStore:
    """Only added to: two processes may count the same browser's clicks at once."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._new: dict[tuple[Slug, VisitorId], Click] = {}

    def count(self, slug: Slug, visitor: VisitorId, at: datetime) -> None:
        counted = self._new.get((slug, visitor))
        self._new[slug, visitor] = Click(
            slug=slug,
            visitor=visitor,
            first_at=counted.first_at if counted else at,
            times=counted.times + 1 if counted else 1,
        )

    async def of(self, slug: Slug) -> list[Click]:
        await self.flush()
        names = tuple(Click.__dataclass_fields__)
        found = await self._connection.execute(
            select(*(getattr(ClickRow, name) for name in names))
            .where(ClickRow.slug == slug)
            .order_by(ClickRow.first_at, ClickRow.visitor)
        )
        return [Click(**row) for row in found.mappings()]

    async def of_visitor(self, visitor: VisitorId) -> int:
        """How often her browser followed links."""
        times = select(func.coalesce(func.sum(ClickRow.times), 0))
        return int(await self._connection.scalar(times.where(ClickRow.visitor == visitor)) or 0)

    async def flush(self) -> None:
        """In order of the key, so that no two writers wait for each other."""
        if self._new:
            names = tuple(Click.__dataclass_fields__)
            rows = [vars_of(self._new[key], names) for key in sorted(self._new)]
            self._new.clear()
            await add_rows(self._connection, ClickRow, ("slug", "visitor"), rows, ("times",))


def _members_by_then() -> ColumnElement[int]:
    """Without us. Of whom nobody knows when she came, it is taken that she was there."""
    at = PostRow.posted_at
    still = (
        select(func.count())
        .select_from(MemberRow)
        .where(
            MemberRow.group == ShortLinkRow.group,
            MemberRow.present,
            MemberRow.role != Role.BOT,
            or_(MemberRow.seen_at.is_(None), MemberRow.seen_at <= at),
        )
        .correlate(ShortLinkRow, PostRow)
        .scalar_subquery()
    )
    since_gone = (
        select(func.count())
        .select_from(PastStayRow)
        .where(
            PastStayRow.group == ShortLinkRow.group,
            PastStayRow.gone_at > at,
            or_(PastStayRow.seen_at.is_(None), PastStayRow.seen_at <= at),
        )
        .correlate(ShortLinkRow, PostRow)
        .scalar_subquery()
    )
    return still + since_gone
