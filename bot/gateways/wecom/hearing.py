"""WeCom's callbacks become our events: who came, with what a look at the group tells of her."""

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime

from bot.gateways.wecom import archive
from bot.gateways.wecom.archive import Consents
from bot.gateways.wecom.callback import (
    BadCallback,
    ChatChanged,
    ChatDismissed,
    ContactAdded,
    MembersCame,
    MembersWent,
    read,
)
from bot.gateways.wecom.letters import Letters
from bot.gateways.wecom.looking import Looking
from bot.gateways.wecom.people import People, is_doubtful
from bot.gateways.wecom.welcome_codes import WelcomeCodes
from models.events import (
    FriendMade,
    GatewayEvent,
    GroupDissolved,
    GroupRenamed,
    GroupStirred,
    MemberJoined,
    MemberLeft,
)
from models.ids import AccountId, GroupId, PersonId
from models.people import Profile
from models.stores.inbox import Letter

log = logging.getLogger(__name__)


class Hearing:
    def __init__(
        self,
        account: AccountId,
        people: People,
        looking: Looking,
        letters: Letters,
        welcomes: WelcomeCodes,
        consents: Consents,
        clock: Callable[[], datetime],
    ) -> None:
        self._account = account
        self._people = people
        self._looking = looking
        self._letters = letters
        self._welcomes = welcomes
        self._consents = consents
        self._clock = clock

    async def told(self, letter: Letter) -> list[GatewayEvent]:
        """What it tells, of which the last takes the letter out of the inbox; one that tells us
        nothing is done with at once."""
        if archive.is_line(letter.body):
            events = await archive.told(letter.body, self._account, self._people, self._consents)
        else:
            events = [each async for each in self._of_callback(letter)]
        if events:
            events[-1] = replace(events[-1], receipt=letter.id)
        else:
            await self._letters.done(letter, self._clock())
        return events

    async def _of_callback(self, letter: Letter) -> AsyncIterator[GatewayEvent]:
        try:
            change = read(letter.body, letter.came_at)
        except BadCallback as error:
            log.warning("a callback can't be read: %s", error)
            return
        match change:
            case MembersCame():
                async for event in self._came(change):
                    yield event
            case MembersWent():
                async for event in self._went(change):
                    yield event
            case ChatChanged():
                async for event in self._changed(change):
                    yield event
            case ChatDismissed(chat=chat, at=at):
                yield GroupDissolved(account=self._account, at=at, group=GroupId(chat))
            case ContactAdded():
                if change.welcome_code is not None:
                    self._welcomes.remember(change.person, change.welcome_code, letter.came_at)
                if change.welcome_code is not None or not change.is_half:
                    yield FriendMade(
                        account=self._account,
                        at=change.at,
                        person=PersonId(change.person),
                        state=change.state,
                    )
            case _:
                log.debug("nothing for us: %s", change)

    async def _came(self, came: MembersCame) -> AsyncIterator[GatewayEvent]:
        group = GroupId(came.chat)
        seen = await self._looking.seen(group, unless_unreachable=True)
        is_all_known = len(came.people) == (came.count or len(came.people)) > 0
        for id_ in came.people:
            person = seen.ids.get(id_) if seen else None
            arrival = seen.arrivals[person] if seen and person else None
            is_all_known &= arrival is not None
            yield MemberJoined(
                account=self._account,
                at=came.at,
                group=group,
                person=person or self._people.guessed(id_),
                profile=arrival.profile if arrival else Profile(""),
                inviter=arrival.inviter if arrival else None,
                state=arrival.state if arrival else "",
            )
        if not await self._follows(came) or not is_all_known:
            yield GroupStirred(account=self._account, at=came.at, group=group)

    async def _went(self, went: MembersWent) -> AsyncIterator[GatewayEvent]:
        """Whoever removed them is the owner or one of her admins; WeCom does not say which."""
        group = GroupId(went.chat)
        owner = None
        if went.was_removed and (seen := await self._looking.seen(group, unless_unreachable=True)):
            owner = seen.room.owner
        for id_ in went.people:
            yield MemberLeft(
                account=self._account,
                at=went.at,
                group=group,
                person=self._people.guessed(id_),
                by=owner,
            )
        is_all_known = len(went.people) == (went.count or len(went.people)) > 0
        is_all_known &= not any(map(is_doubtful, went.people))
        if not await self._follows(went) or not is_all_known:
            yield GroupStirred(account=self._account, at=went.at, group=group)

    async def _changed(self, changed: ChatChanged) -> AsyncIterator[GatewayEvent]:
        group = GroupId(changed.chat)
        if changed.what == "change_name" and (
            seen := await self._looking.seen(group, unless_unreachable=True)
        ):
            yield GroupRenamed(
                account=self._account, at=changed.at, group=group, name=seen.room.name
            )
        else:
            yield GroupStirred(account=self._account, at=changed.at, group=group)

    async def _follows(self, change: MembersCame | MembersWent) -> bool:
        """Whether it is the next that happened after what we heard of the group; else something
        was not told, or in another order, and somebody has to look."""
        known = await self._letters.version(change.chat)
        follows = change.last_version is not None and change.last_version == known
        if change.version is not None:
            await self._letters.note(change.chat, change.version)
            self._looking.expect(GroupId(change.chat), change.version, self._clock())
        return follows
