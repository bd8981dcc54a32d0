"""All that is kept of one person, in whichever table: read together, and erased together.

TRACES lists every column in which a person may stand; tests/stories/test_privacy.py holds it
against the tables. In her place erasing puts a tombstone: a random one for each group, so that
counts and sums stay right and not even what she was in two groups can be put together again.
"""

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    SQLColumnExpression,
    Text,
    Update,
    and_,
    case,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from models.delivery import State
from models.groups import Origin
from models.ids import GroupId, PersonId, VisitorId
from models.messages import CONTENT, Kind
from models.people import ANYBODY, TOMBSTONE, UNNAMED, Brief, Role
from models.stores.bulk import columns
from models.stores.forgetting import Forgetting
from models.stores.outbox import OPEN
from models.tables import (
    AnswerRow,
    AuditRow,
    BalanceRow,
    Base,
    ClickRow,
    DeadLetterRow,
    EntryCodeRow,
    ErrandRow,
    GroupRow,
    ItemRow,
    JoinRow,
    KocTermRow,
    LedgerRow,
    MemberRow,
    MessageRow,
    NewcomerRow,
    NoticeRow,
    OnceRow,
    OutboxRow,
    OwnerPageRow,
    PastStayRow,
    PostRow,
    ProposalRow,
    QuestionRow,
    RedemptionRow,
    ReferralRow,
    RuleChangeRow,
    SpeakerRow,
    StaffRow,
    TaskResponseRow,
    TaskRow,
    VisitorRow,
    WayRow,
)

SHORTEST_NAME = 2
NAME_GOES_ON = r"[0-9A-Za-z_\u4e00-\u9fff-]"
"""What follows `@豆豆` where somebody else, `@豆豆妈`, is meant."""
TELL_OF_PEOPLE = (Kind.REPLY, Kind.STAFF_NOTICE)
"""Our own words that call people by their names without addressing them."""
ADDRESSES_ANEW = [kind for kind in Kind if kind.names_people]


class Holds(Enum):
    """How a column speaks of people: by an id (also where an operator's name may stand, which is
    nobody's id), by a list of ids, by a change's signature, which is `name (id)` where a person
    signed and an operator's name otherwise, or by a browser in which somebody filled in the
    form."""

    ID = "id"
    LIST = "list"
    SIGNATURE = "signature"
    BROWSER = "browser"


@dataclass(frozen=True, slots=True)
class Trace:
    """A column in which a person may stand. An export tells of its rows under `section`: all of
    them where they are hers, only what concerns her (`shows`) where they are somebody else's."""

    row: type[Base]
    column: str
    section: str
    shows: tuple[str, ...] = ()
    holds: Holds = Holds.ID


TRACES = (
    Trace(MemberRow, "person", "memberships"),
    Trace(MemberRow, "inviter", "invited", ("group", "joined_at")),
    Trace(MemberRow, "left_by", "removed", ("group", "left_at")),
    Trace(PastStayRow, "person", "past_stays"),
    Trace(PastStayRow, "inviter", "invited_before", ("group", "joined_at", "gone_at")),
    Trace(PastStayRow, "left_by", "removed_before", ("group", "left_at")),
    Trace(JoinRow, "person", "joins"),
    Trace(StaffRow, "person", "staff"),
    Trace(NewcomerRow, "person", "greetings"),
    Trace(MessageRow, "sender", "messages"),
    Trace(MessageRow, "mentions", "mentioned", ("chat", "id", "said_at"), Holds.LIST),
    Trace(QuestionRow, "asker", "questions"),
    Trace(AnswerRow, "helper", "answers"),
    Trace(AnswerRow, "asker", "answers_to_her", ("group", "id", "question", "said_at")),
    Trace(TaskRow, "by", "tasks_set"),
    Trace(TaskResponseRow, "person", "tasks_done"),
    Trace(KocTermRow, "person", "koc_terms"),
    Trace(LedgerRow, "person", "points"),
    Trace(LedgerRow, "by", "points_decided", ("group", "kind", "points", "at", "note")),
    Trace(LedgerRow, "counterpart", "points_for_helping_her", ("group", "kind", "at")),
    Trace(BalanceRow, "person", "balances"),
    Trace(RedemptionRow, "person", "redemptions"),
    Trace(RedemptionRow, "handed_by", "handed_over", ("group", "name", "handed_at")),
    Trace(SpeakerRow, "person", "spoke_in"),
    Trace(GroupRow, "owner", "owns", ("id", "name")),
    Trace(ProposalRow, "owner", "asked_to_confirm", ("account", "means", "state", "made_at")),
    Trace(OwnerPageRow, "owner", "confirms_at", ("account", "made_at")),
    Trace(OutboxRow, "to", "told_privately"),
    Trace(OutboxRow, "mentions", "addressed", ("group", "kind", "settled_at"), Holds.LIST),
    Trace(PostRow, "handed_to", "posts_handed", ("group", "day", "slot", "posted_at")),
    Trace(PostRow, "pinned_by", "posts_chosen", ("group", "day", "slot"), Holds.SIGNATURE),
    Trace(PostRow, "approved_by", "posts_approved", ("group", "day", "slot"), Holds.SIGNATURE),
    Trace(ItemRow, "approved_by", "items_approved", ("id",), Holds.SIGNATURE),
    Trace(
        RuleChangeRow,
        "changed_by",
        "rules_changed",
        ("scope", "version", "changed_at"),
        Holds.SIGNATURE,
    ),
    Trace(AuditRow, "person", "decided_about_her", ("at", "action", "group")),
    Trace(AuditRow, "by", "decided", ("at", "action", "group"), Holds.SIGNATURE),
    Trace(VisitorRow, "person", "forms"),
    Trace(ClickRow, "visitor", "links_followed", ("slug", "first_at", "times"), Holds.BROWSER),
    Trace(EntryCodeRow, "member", "codes"),
    Trace(
        EntryCodeRow,
        "created_by",
        "codes_made",
        ("code", "channel", "created_at"),
        Holds.SIGNATURE,
    ),
    Trace(WayRow, "by", "ways_given", ("group", "kind", "got_at"), Holds.SIGNATURE),
    Trace(ErrandRow, "person", "errands", ("kind", "group", "state", "settled_at")),
    Trace(ErrandRow, "people", "put_into", ("kind", "group", "settled_at"), Holds.LIST),
    Trace(ReferralRow, "person", "brought"),
    Trace(ReferralRow, "by_link", "brought_by_link", ("group", "joined_at")),
    Trace(ReferralRow, "by_platform", "brought_by_invitation", ("group", "joined_at")),
    Trace(ReferralRow, "credited", "credited_for", ("group", "joined_at", "credited_in")),
)

DROPPED = (NewcomerRow, KocTermRow, StaffRow)
"""Of these nothing has to stay without her."""
APART = (VisitorRow, ClickRow, EntryCodeRow, ErrandRow)
"""These are rewritten by models/stores/forgetting.py."""
ANYWHERE = (MemberRow, VisitorRow, EntryCodeRow, ErrandRow, ReferralRow, WayRow, AuditRow)
"""In these she may stand with a group in which she never was."""
KEYED = {LedgerRow: ("key", "reverses"), OutboxRow: ("key",)}
"""Where her id may be a part of a key."""
NAMING = (
    (MessageRow, "text"),
    (QuestionRow, "text"),
    (NoticeRow, "text"),
    (TaskRow, "title"),
    (PostRow, "why"),
)
"""What others wrote, and what we noted, in her groups: where she is addressed, her names are taken
out of it. A bare name may be any word: whoever calls herself so would rewrite what others said."""

_SECTIONS = {each.section: each for each in TRACES}
BRIEFLY = ("memberships", "balances", "redemptions", "forms")
COUNTED = ("questions", "answers", "tasks_done", "points", "invited", "told_privately")
"""What is told in chat: of these the rows, of those how many there are."""

Export = dict[str, Any]


class PersonStore:
    """It reads and changes rows past the other stores: Unit.start_afresh comes before."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def groups_of(self, person: PersonId) -> list[GroupId]:
        """Where she is or was, brought somebody, or somebody got points for bringing her, in
        order."""
        stays = select(MemberRow.group).where(MemberRow.person == person)
        past = select(PastStayRow.group).where(PastStayRow.person == person)
        for_her = select(ReferralRow.credited_in).where(
            ReferralRow.person == person, ReferralRow.credited_in.is_not(None)
        )
        by_her = select(ReferralRow.group).where(
            or_(ReferralRow.by_link == person, ReferralRow.by_platform == person)
        )
        found = await self._connection.scalars(stays.union(past, for_her, by_her))
        return sorted(map(GroupId, found))

    async def is_ours(self, person: PersonId) -> bool:
        """Whether it is the account of a bot."""
        found = select(MemberRow.person).where(
            MemberRow.person == person, MemberRow.role == Role.BOT
        )
        return await self._connection.scalar(found.limit(1)) is not None

    async def knows(self, person: PersonId) -> bool:
        """Whether anything at all is kept of her."""
        groups = await self.groups_of(person)
        kept = (select(literal(1)).where(*_of(each, person, groups)).exists() for each in TRACES)
        return bool(await self._connection.scalar(select(or_(*kept))))

    # Export

    async def brief(self, person: PersonId, worded_since: datetime) -> Brief:
        """What is told in chat. No text of hers is older than `worded_since`."""
        groups = await self.groups_of(person)
        rows = {each: await self._rows(_SECTIONS[each], person, groups) for each in BRIEFLY}
        counts = [
            select(func.count()).where(*_of(_SECTIONS[each], person, groups)).scalar_subquery()
            for each in COUNTED
        ]
        worded = select(func.count(MessageRow.text)).where(
            *_of(_SECTIONS["messages"], person, groups), MessageRow.said_at >= worded_since
        )
        found = await self._connection.execute(select(worded.scalar_subquery(), *counts))
        worded_count, *others = found.one()
        return Brief(
            groups=await self._group_names(groups),
            rows=rows,
            counts=dict(zip(COUNTED, others, strict=True)),
            worded=worded_count,
        )

    async def export(self, person: PersonId) -> Export:
        """Section -> rows. Empty where nothing is kept of her."""
        groups = await self.groups_of(person)
        export = {each.section: await self._rows(each, person, groups) for each in TRACES}
        if not any(export.values()):
            return {}
        return {"person": person, "groups": await self._group_names(groups), **export}

    async def _group_names(self, groups: Sequence[GroupId]) -> dict[GroupId, str]:
        found = await self._connection.execute(
            select(GroupRow.id, GroupRow.name).where(GroupRow.id.in_(groups)).order_by(GroupRow.id)
        )
        return {GroupId(group): name for group, name in found}

    async def _rows(
        self, trace: Trace, person: PersonId, groups: Sequence[GroupId]
    ) -> list[dict[str, Any]]:
        of_row = columns(trace.row)
        named = [of_row[name].label(name) for name in trace.shows or of_row.keys()]
        key = [each for each in of_row.values() if each.primary_key]
        found = await self._connection.execute(
            select(*named).where(*_of(trace, person, groups)).order_by(*key)
        )
        return [dict(row) for row in found.mappings()]

    # Erase

    async def erase(self, person: PersonId, groups: Sequence[GroupId], now: datetime) -> int:
        """How many rows spoke of her. Whoever calls holds the rows of her groups."""
        eraser = _Eraser(person, groups, await self._names(person), await self._leaders(groups))
        done = 0
        for statement in eraser.statements(now):
            done += (await self._connection.execute(statement)).rowcount
        return done

    async def erase_visit(self, visitor: VisitorId, now: datetime) -> int:
        """What she told us on the way in, and nothing else of her; how many rows spoke of it."""
        forgetting, done = Forgetting(_salt(), now), 0
        for statement in forgetting.visits(VisitorRow.id == visitor):
            done += (await self._connection.execute(statement)).rowcount
        return done

    async def unsay(self, key: str) -> None:
        """What was said under this key stays with those who heard it."""
        await self._connection.execute(
            update(OutboxRow).where(OutboxRow.key == key).values(text="")
        )

    async def say_goodbye(self, key: str) -> None:
        """What told her that she was erased is settled: to whom it went is erased as well."""
        await self._connection.execute(
            update(OutboxRow)
            .where(OutboxRow.key == key)
            .values(to=f"{TOMBSTONE}{_salt()}", text="")
        )

    async def _names(self, person: PersonId) -> list[str]:
        """What she is called that would tell who she is, the longest first."""
        found = await self._connection.execute(
            select(MemberRow.name, MemberRow.nickname)
            .where(MemberRow.person == person)
            .union(select(VisitorRow.name, VisitorRow.name).where(VisitorRow.person == person))
        )
        given = {each.strip() for row in found for each in row}
        names = given | {" ".join(each.split()) for each in given}
        telling = names - ANYBODY - {UNNAMED}
        kept = [each for each in telling if len(each) >= SHORTEST_NAME]
        return sorted(kept, key=lambda each: (-len(each), each))

    async def _leaders(self, groups: Sequence[GroupId]) -> list[str]:
        """To whom we may have spoken of her in private, or who may have of her to us."""
        found = await self._connection.scalars(
            select(MemberRow.person)
            .where(MemberRow.group.in_(groups), MemberRow.role.not_in((Role.MEMBER, Role.KOC)))
            .union(select(StaffRow.person))
        )
        return sorted(found)


class _Eraser:
    """The statements that erase one person, with tombstones that nobody can compute again."""

    def __init__(
        self,
        person: PersonId,
        groups: Sequence[GroupId],
        names: Collection[str],
        leaders: Sequence[str],
    ) -> None:
        self._person = person
        self._groups = groups
        self._names = names
        self._leaders = leaders
        self._salt = _salt()

    def statements(self, now: datetime) -> list[Update | Delete]:
        """Texts first, while it can still be told which of them are about her."""
        return [
            *self._texts(),
            *self._promises(now),
            *self._ledger_notes(),
            *self._noted(),
            *self._drops(),
            *Forgetting(self._salt, now).of_person(self._person),
            self._presence(),
            *(self._nameless(row) for row in _rows_to_rewrite()),
        ]

    # What was said

    def _texts(self) -> list[Update | Delete]:
        chat, mentions = MessageRow.chat, MessageRow.mentions
        of_hers = and_(MessageRow.sender == self._person, chat.in_(self._groups))
        to_her = and_(mentions.contains([self._person]), chat.in_(self._groups))
        forgotten = select(MessageRow.id).where(
            chat == QuestionRow.group, MessageRow.id == QuestionRow.id, MessageRow.text.is_(None)
        )
        return [
            delete(MessageRow).where(chat == self._person),
            update(MessageRow).where(of_hers).values(text=None, mentions=[], quotes=None),
            # It may call her by a name that she has no more.
            update(MessageRow).where(to_her).values(text=None),
            *(self._unnamed(row, column) for row, column in NAMING if self._names),
            *self._decided_posts(),
            update(QuestionRow)
            .where(
                QuestionRow.group.in_(self._groups),
                or_(QuestionRow.asker == self._person, forgotten.exists()),
            )
            .values(
                text=None,
                closed_at=case(
                    (
                        QuestionRow.asker == self._person,
                        func.coalesce(QuestionRow.closed_at, QuestionRow.asked_at),
                    ),
                    else_=QuestionRow.closed_at,
                ),
            ),
            update(AnswerRow)
            .where(AnswerRow.group.in_(self._groups), AnswerRow.helper == self._person)
            .values(fingerprint=""),
        ]

    def _unnamed(self, row: type[Base], name: str) -> Update:
        """Where a text addresses her, without her names."""
        text = columns(row)[name]
        where = _group_of(row).in_(self._groups)
        if row is MessageRow:
            where = MessageRow.chat.in_([*self._groups, *self._leaders])
        worded = self._unaddressed(text)
        return update(row).where(where, self._addresses_her(text)).values({text: worded})

    def _decided_posts(self) -> list[Update]:
        """What she decided begins with her name, as she signed it."""
        signed = func.replace(PostRow.pinned_by, f" ({self._person})", "")
        hers = _is(_trace_of(PostRow, "pinned_by"), self._person)
        return [
            update(PostRow)
            .where(PostRow.group.in_(self._groups), hers)
            .values(why=func.replace(PostRow.why, signed, UNNAMED))
        ]

    def _names_her(self, text: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        """Anywhere, which may be by chance."""
        return or_(*(func.strpos(text, each) > 0 for each in self._names))

    def _addresses_her(self, text: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        return text.regexp_match(self._mention)

    def _unaddressed(self, text: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
        return func.regexp_replace(text, self._mention, f"@{UNNAMED}", "g")

    @property
    def _mention(self) -> str:
        """`@` and one of her names, as a pattern; it is not asked for where she has none."""
        return f"@({'|'.join(map(re.escape, self._names))})(?!{NAME_GOES_ON})"

    # What we promised to say

    def _promises(self, now: datetime) -> list[Update]:
        """What is addressed to her is not said; what is worded anew when it is said, leaves her
        out; of what was said, only that it was said stays."""
        in_groups = OutboxRow.group.in_(self._groups)
        addresses = and_(OutboxRow.mentions.contains([self._person]), in_groups)
        hers = or_(OutboxRow.to == self._person, addresses)
        as_it_is = OutboxRow.kind.not_in(ADDRESSES_ANEW)
        statements = [
            update(OutboxRow)
            .where(hers, as_it_is, OutboxRow.state.in_(OPEN))
            .values(state=State.LAPSED, settled_at=now),
            # Should it fail it is not tried again.
            update(OutboxRow)
            .where(hers, as_it_is, OutboxRow.state == State.SENDING)
            .values(lapses_at=now),
            update(OutboxRow).where(hers).values(text="", reason=None),
        ]
        if self._names:
            to_those = or_(in_groups, OutboxRow.to.in_(self._leaders))
            unsaid = OutboxRow.state.in_([*OPEN, State.SENDING])
            text = OutboxRow.text
            about_her = or_(
                self._addresses_her(text),
                and_(OutboxRow.kind.in_(TELL_OF_PEOPLE), ~unsaid, self._names_her(text)),
            )
            statements.append(
                update(OutboxRow)
                .where(to_those, OutboxRow.kind.not_in(CONTENT), about_her)
                .values(text=case((unsaid, self._unaddressed(text)), else_=""))
            )
        return statements

    def _ledger_notes(self) -> list[Update]:
        hers = [_is(each, self._person) for each in TRACES if each.row is LedgerRow]
        if self._names:
            hers.append(self._addresses_her(LedgerRow.note))
        return [
            update(LedgerRow)
            .where(LedgerRow.group.in_(self._groups), or_(*hers), LedgerRow.note != "")
            .values(note="")
        ]

    def _noted(self) -> list[Update | Delete]:
        """Of what was changed about her, or looked as if it were, only what was decided stays;
        what was answered of her is not answered again."""
        target, looks = AuditRow.target, (AuditRow.before, AuditRow.after)
        hers = [AuditRow.person == self._person, target.regexp_match(self._part)]
        hers += [self._holds_her(each) for each in looks]
        if self._names:
            here = AuditRow.group.in_(self._groups)
            told = [AuditRow.note, *(cast(each, Text) for each in looks)]
            hers += [and_(here, self._addresses_her(each)) for each in told]
        blank = {"note": "", "before": None, "after": None}
        named = {"target": self._key(target, AuditRow), **blank}
        return [
            update(AuditRow).where(or_(*hers)).values(named),
            delete(OnceRow).where(self._holds_her(OnceRow.answer)),
        ]

    def _holds_her(self, told: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        """Whether her id stands in it, which is JSON."""
        quoted = cast(func.to_jsonb(cast(self._person, Text)), Text)
        return func.strpos(cast(told, Text), quoted) > 0

    # Who she was

    def _drops(self) -> list[Delete]:
        event = cast(DeadLetterRow.event, Text)
        letters = [
            self._holds_her(DeadLetterRow.event),
            DeadLetterRow.traceback.regexp_match(_whole(self._person)),
            select(VisitorRow.id)
            .where(VisitorRow.person == self._person, func.strpos(event, VisitorRow.id) > 0)
            .exists(),
        ]
        if self._names:
            of_group = DeadLetterRow.event["group"].astext
            letters.append(and_(of_group.in_(self._groups), self._addresses_her(event)))
        gone = delete(MemberRow).where(MemberRow.person == self._person, ~MemberRow.present)
        return [
            *(
                delete(row).where(
                    _within(row, self._person, self._groups),
                    columns(row)["person"] == self._person,
                )
                for row in DROPPED
            ),
            delete(DeadLetterRow).where(or_(*letters)),
            gone,
        ]

    def _presence(self) -> Update:
        """She is still in the room, and that is all that is known of her."""
        bare: dict[str, Any] = dict.fromkeys(
            ("seen_at", "gone_at", "joined_at", "left_at", "inviter", "left_by")
        )
        return (
            update(MemberRow)
            .where(MemberRow.person == self._person)
            .values(
                name=UNNAMED,
                nickname="",
                role=Role.MEMBER,
                origin=Origin.BASELINE,
                erased=True,
                **bare,
            )
        )

    def _nameless(self, row: type[Base]) -> Update:
        """A table's rows with the tombstone in her place."""
        traces = [each for each in TRACES if each.row is row and _is_rewritten(each)]
        of_row = columns(row)
        values = {of_row[each.column]: self._instead(each) for each in traces}
        for name in KEYED.get(row, ()):
            values[of_row[name]] = self._key(of_row[name], row)
        return (
            update(row)
            .where(
                _within(row, self._person, self._groups),
                or_(*(_is(each, self._person) for each in traces)),
            )
            .values(values)
        )

    def _instead(self, trace: Trace) -> Any:
        column = columns(trace.row)[trace.column]
        match trace.holds:
            case Holds.ID:
                tombstone = self._tombstone(trace.row)
                return case((column == self._person, tombstone), else_=column)
            case Holds.LIST:
                return column.op("-")(cast(self._person, Text))
            case Holds.SIGNATURE:
                return case((_is(trace, self._person), UNNAMED), else_=column)

    @property
    def _part(self) -> str:
        """Her id where it is a part of a key, as a pattern."""
        return rf"(^|:){re.escape(self._person)}(?=:|$)"

    def _key(self, key: SQLColumnExpression[Any], row: type[Base]) -> Any:
        """With the tombstone for the part that is her id."""
        return func.regexp_replace(
            key, self._part, literal("\\1").concat(self._tombstone(row)), "g"
        )

    def _tombstone(self, row: type[Base]) -> ColumnElement[Any]:
        """The same within a group, and nobody can compute it once the salt is forgotten."""
        salted = literal(self._salt).concat(func.coalesce(_group_of(row), ""))
        digest = func.encode(func.sha256(func.convert_to(salted, "UTF8")), "hex")
        return literal(TOMBSTONE).concat(func.left(digest, 16))


def _whole(person: PersonId) -> str:
    """Her id as a pattern, and not as a part of another one."""
    return rf"(?<![0-9A-Za-z_-]){re.escape(person)}(?![0-9A-Za-z_-])"


def _trace_of(row: type[Base], column: str) -> Trace:
    return next(each for each in TRACES if (each.row, each.column) == (row, column))


def _rows_to_rewrite() -> list[type[Base]]:
    return list(dict.fromkeys(each.row for each in TRACES if _is_rewritten(each)))


def _is_rewritten(trace: Trace) -> bool:
    """Not where the row goes, or (her membership) is the bare fact that she is in the room."""
    if trace.row is MemberRow:
        return trace.column != "person"
    return trace.row not in (*DROPPED, *APART)


def _is(trace: Trace, person: PersonId) -> ColumnElement[bool]:
    column = columns(trace.row)[trace.column]
    match trace.holds:
        case Holds.ID:
            return column == person
        case Holds.LIST:
            return column.contains([person])
        case Holds.SIGNATURE:
            signed = column.endswith(f"({person})", autoescape=True)
            return or_(column == person, signed)
        case Holds.BROWSER:
            return column.in_(select(VisitorRow.id).where(VisitorRow.person == person))


def _of(
    trace: Trace, person: PersonId, groups: Sequence[GroupId]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _within(trace.row, person, groups), _is(trace, person)


def _within(row: type[Base], person: PersonId, groups: Sequence[GroupId]) -> ColumnElement[bool]:
    """The part of a table in which she may stand, so that an index leads there."""
    if row is OutboxRow:
        return or_(OutboxRow.group.in_(groups), OutboxRow.to == person)
    if row is MessageRow:
        return MessageRow.chat.in_([*groups, person])
    if "group" in columns(row) and row not in ANYWHERE:
        return columns(row)["group"].in_(groups)
    return literal(True)


def _group_of(row: type[Base]) -> ColumnElement[Any]:
    of_row = columns(row)
    if row is MessageRow:
        return of_row["chat"]
    return of_row["group"] if "group" in of_row else literal("")


def _salt() -> str:
    return secrets.token_hex(16)
