"""A week of scans, forms, joins, leaves and erasures adds up to the person.

What happens is drawn by a seed and noted by the test in a ledger of its own; the funnel, by each
of its dimensions, has to say what the ledger says, that evening and a month later.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.http.visitors import COOKIE, visitor_of
from config.daily import ZONE
from models.entry import Answers, Baby
from models.events import AnswersGiven, CodeScanned, Event, PersonErased, VisitorErased, WayShown
from models.ids import Code, GroupId, PersonId
from models.people import Profile
from tests.world import World, shanghai

MONDAY = shanghai("2026-03-02 09:00")
WEEK, MONTH = timedelta(days=7), timedelta(days=28)
PHONE = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; HMA-AL00) AppleWebKit/537.36"
    " (KHTML, like Gecko) Version/4.0 Chrome/86.0 Mobile Safari/537.36 MicroMessenger/8.0.1"
}
MACHINES: list[dict[str, str]] = [
    {"User-Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search)"},
    {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    {"User-Agent": "curl/8.5.0"},
    {"User-Agent": ""},
    PHONE | {"Sec-Purpose": "prefetch;prerender"},
    PHONE | {"Purpose": "prefetch"},
]
HOURS = ("00:10", "20:15")

GROUPS = {
    ("杭州", "妇幼", "2026-03"): ("g1", "杭州·2026年3-5月·妇幼·01"),
    ("杭州", "妇幼", "2026-06"): ("g2", "杭州·2026年6-8月·妇幼·01"),
    ("杭州", "爱婴室", "2026-03"): ("g3", "杭州·2026年3-5月·爱婴室·01"),
    ("宁波", "爱婴室", "2026-03"): ("g4", "宁波·2026年3-5月·爱婴室·01"),
}
DAYS = {"2026-03": date(2026, 4, 10), "2026-06": date(2026, 7, 20)}
CODES: dict[str, dict[str, Any]] = {
    "aaaaaaaaaa": {"channel": "妇幼", "referrer": "王护士"},
    "bbbbbbbbbb": {"channel": "妇幼", "referrer": "李护士"},
    "cccccccccc": {"channel": "妇幼"},
    "dddddddddd": {"channel": "爱婴室", "referrer": "王护士"},
    "eeeeeeeeee": {"channel": "爱婴室", "referrer": "豆豆妈", "member": PersonId("u-doudou")},
    "ffffffffff": {"channel": "爱婴室", "city": "杭州"},
}
CLOSED, NEVER_MADE = "zzzzzzzzzz", "yyyyyyyyyy"


@dataclass
class Mother:
    """The ledger's line about one of them: what the test knows, and nothing of the service's."""

    browser: str
    number: int
    code: str
    scanned_at: datetime
    answered_at: datetime | None = None
    city: str | None = None
    window: str | None = None
    saw_her_way: bool = False
    joined_at: datetime | None = None
    left_at: datetime | None = None
    erased_at: datetime | None = None
    is_in: str | None = None
    """The room, whether or not anybody knows who she is there."""

    @property
    def person(self) -> str:
        return f"u{self.number}"

    @property
    def name(self) -> str:
        """Nobody else's."""
        return f"米粒{'甲乙丙丁戊己庚辛壬癸'[self.number // 100]}{_numeral(self.number)}"

    @property
    def group(self) -> str | None:
        channel = CODES[self.code]["channel"]
        found = GROUPS.get((str(self.city), channel, str(self.window)))
        return found[0] if found else None

    @property
    def is_known(self) -> bool:
        """Her form is still hers."""
        return self.answered_at is not None and self.erased_at is None


def _numeral(number: int) -> str:
    """In letters, since digits in a nickname may be an age."""
    letters = "零一二三四五六七八九"
    return "".join(letters[int(each)] for each in str(number % 100))


@dataclass
class Week:
    world: World
    http: httpx.AsyncClient
    rng: random.Random
    mothers: list[Mother] = field(default_factory=list)
    happened: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    async def passes(self) -> None:
        for day in range(7):
            for hour in HOURS:
                moment = MONDAY.date() + timedelta(days=day)
                at = shanghai(f"{moment} {hour}")
                if at < self.now:
                    continue
                await self.world.until(at)
                await self._meets(at)
        await self.world.until(shanghai("2026-03-09 00:00"))

    async def _meets(self, at: datetime) -> None:
        """Some new ones come, and those who are here go on."""
        known = list(self.mothers)
        new = self.rng.randint(15, 28)
        await self.world.happens(*self._scans(new), *self._answers(), *self._looks())
        await self._joins()
        self._moves()
        await self.world.happens(*self._erasures(known))
        await self._come_by_http()

    def _some(self, likely: float, *, of: Callable[[Mother], bool]) -> Iterator[Mother]:
        for each in list(self.mothers):
            if of(each) and self.rng.random() < likely:
                yield each

    # What they do

    def _scans(self, new: int) -> Iterator[Event]:
        for _ in range(new):
            browser = f"a browser of mother {len(self.mothers):04}"
            code = self.rng.choice(list(CODES))
            self.mothers.append(Mother(browser, len(self.mothers), code, self.now))
            yield self._scan(browser, code)
        for code in (CLOSED, NEVER_MADE):
            yield self._scan(f"a browser astray {self.now:%d%H} {code}", code)
        for each in self._some(0.1, of=lambda each: each.erased_at is None):
            self.happened["scanned again"] += 1
            yield self._scan(each.browser, self.rng.choice([each.code, *CODES]))
        gone = self._some(0.2, of=lambda each: each.erased_at is not None and each.is_in is None)
        for each in gone:
            if any(x.browser == each.browser and x.erased_at is None for x in self.mothers):
                continue
            self.happened["scanned after she was erased"] += 1
            self.mothers.append(Mother(each.browser, len(self.mothers), each.code, self.now))
            yield self._scan(each.browser, each.code)

    def _scan(self, browser: str, code: str) -> CodeScanned:
        return CodeScanned(at=self.now, visitor=visitor_of(browser), code=Code(code))

    def _answers(self) -> Iterator[AnswersGiven]:
        def may(each: Mother) -> bool:
            return each.answered_at is None and each.erased_at is None

        def may_again(each: Mother) -> bool:
            return each.is_known and each.joined_at is None and each.is_in is None

        for each in self._some(0.45, of=may):
            yield self._answer(each)
        for each in self._some(0.04, of=may_again):
            self.happened["answered again"] += 1
            each.code = self.rng.choice(list(CODES))
            yield self._answer(each)

    def _answer(self, mother: Mother) -> AnswersGiven:
        if self.rng.random() < 0.2:
            self.happened["answered by another code"] += 1
            mother.code = self.rng.choice(list(CODES))
        city = CODES[mother.code].get("city") or self.rng.choice(["杭州", "杭州", "宁波"])
        mother.answered_at, mother.city = self.now, city
        has_both = (city, CODES[mother.code]["channel"]) == ("杭州", "妇幼")
        mother.window = self.rng.choice(["2026-03", "2026-06"]) if has_both else "2026-03"
        told = Answers(
            baby=Baby.DUE, day=DAYS[mother.window], city=city, name=mother.name, consent="2026-11"
        )
        return AnswersGiven(
            at=self.now,
            visitor=visitor_of(mother.browser),
            code=Code(mother.code),
            answers=told,
            seed=mother.browser + str(self.now),
        )

    def _looks(self) -> Iterator[WayShown]:
        def may(each: Mother) -> bool:
            return each.is_known and not each.saw_her_way and each.joined_at is None

        for each in self._some(0.8, of=may):
            each.saw_her_way = each.group is not None
            self.happened["waits"] += each.group is None
            yield WayShown(at=self.now, visitor=visitor_of(each.browser))

    async def _joins(self) -> None:
        def may(each: Mother) -> bool:
            return each.saw_her_way and each.is_in is None and each.group is not None

        for each in self._some(0.4, of=may):
            how = self.rng.choice(["ticket", "name", "name", "nickname", "unknown"])
            state, profile = "", Profile(each.person)
            if how == "ticket" and each.is_known and each.joined_at is None:
                state = (await self.world.visitor(each.browser)).ticket or ""
                assert state
            elif how == "name":
                profile = Profile(each.name)
            elif how == "nickname":
                profile = Profile(each.person, f"{each.city}-{each.name}")
            is_new = each.is_known and each.joined_at is None
            if is_new and (state or how in ("name", "nickname")):
                each.joined_at = self.now
                self.happened[f"joined, known by {how}"] += 1
            elif each.joined_at is not None and each.is_known:
                each.left_at = None
                self.happened["came back"] += 1
            else:
                self.happened["joined, known to nobody"] += 1
            each.is_in = each.group
            self.world.gateway.join(
                GroupId(str(each.group)), PersonId(each.person), profile, state=state
            )

    def _moves(self) -> None:
        """Some leave."""
        for each in self._some(0.08, of=lambda each: each.is_in is not None):
            self.world.gateway.leave(GroupId(str(each.is_in)), PersonId(each.person))
            each.is_in = None
            if each.joined_at is not None and each.erased_at is None:
                each.left_at = self.now
                self.happened["left"] += 1

    async def some_more_leave(self) -> None:
        known = [each for each in self.mothers if each.is_in and each.erased_at is None]
        for each in known[::4]:
            self.world.gateway.leave(GroupId(str(each.is_in)), PersonId(each.person))
            each.is_in = None
            if each.joined_at is not None:
                each.left_at = self.now
        await self.world.passes(seconds=0)

    def _erasures(self, mothers: list[Mother]) -> Iterator[Event]:
        for each in mothers:
            if each.erased_at is not None or self.rng.random() >= 0.025:
                continue
            by_page = each.joined_at is None or self.rng.random() < 0.5
            each.erased_at = self.now
            if by_page:
                self.happened["erased by page"] += 1
                yield VisitorErased(at=self.now, visitor=visitor_of(each.browser))
            else:
                self.happened["erased as a person"] += 1
                yield PersonErased(at=self.now, by="运营小王", person=PersonId(each.person))

    async def _come_by_http(self) -> None:
        """One with a phone, who comes back; and machines, who are nobody."""
        code = self.rng.choice(list(CODES))
        for machine in self.rng.sample(MACHINES, 2):
            await self._opens(code, machine)
        await self.http.head(f"/j/{code}", headers=PHONE)
        self.http.cookies.clear()
        browser = await self._opens(code, PHONE)
        assert browser is not None
        assert await self._opens(code, PHONE | {"Cookie": f"{COOKIE}={browser}"}) == browser
        self.mothers.append(Mother(browser, len(self.mothers), code, self.now))

    async def _opens(self, code: str, headers: dict[str, str]) -> str | None:
        """The cookie that she has then."""
        answer = await self.http.get(f"/j/{code}", headers=headers)
        assert answer.status_code == 200
        cookie = self.http.cookies.get(COOKIE)
        self.http.cookies.clear()
        return cookie

    # What the ledger says

    def counted(self, by: Callable[[Mother], Any], at: datetime) -> dict[Any, tuple[Any, ...]]:
        found: dict[Any, list[Mother]] = defaultdict(list)
        for each in self.mothers:
            found[by(each)].append(each)
        return {key: _counts(mothers, at) for key, mothers in found.items()}


def _counts(mothers: list[Mother], at: datetime) -> tuple[Any, ...]:
    joined = [each for each in mothers if each.joined_at is not None]
    return (
        len(mothers),
        sum(each.answered_at is not None for each in mothers),
        sum(each.saw_her_way for each in mothers),
        len(joined),
        *_stayed(joined, WEEK, at),
        *_stayed(joined, MONTH, at),
    )


def _stayed(joined: list[Mother], span: timedelta, at: datetime) -> tuple[int, int | None]:
    known = there = 0
    for each in joined:
        assert each.joined_at is not None
        over = each.joined_at + span
        is_told = each.erased_at is None or each.erased_at >= over or each.left_at is not None
        if over <= at and is_told:
            known += 1
            there += each.left_at is None or each.left_at >= over
    return known, there if known else None


BY: dict[str, tuple[Callable[[Mother], Any], tuple[str, ...]]] = {
    "code": (lambda each: (each.code,), ("code",)),
    "channel": (lambda each: (CODES[each.code]["channel"],), ("channel",)),
    "referrer": (
        lambda each: tuple(CODES[each.code].get(x) for x in ("channel", "referrer", "member")),
        ("channel", "referrer", "member"),
    ),
    "city": (lambda each: (each.city,), ("city",)),
    "window": (lambda each: (each.window,), ("window",)),
    "day": (lambda each: (each.scanned_at.astimezone(ZONE).date().isoformat(),), ("day",)),
}
COUNTS = ("scans", "surveys", "shown", "joined", "of_7", "stayed_7", "of_28", "stayed_28")


async def adds_up(week: Week) -> None:
    """By each dimension, line by line, and in the totals."""
    for by, (key, names) in BY.items():
        told = (await week.http.get("/api/v1/funnel", params={"by": by})).json()
        found = {
            tuple(row[name] for name in names): tuple(row[name] for name in COUNTS)
            for row in told["rows"]
        }
        assert found == week.counted(key, week.now), by
        totals = tuple(told["totals"][name] for name in COUNTS)
        assert totals == _counts(week.mothers, week.now), by


EXPECTED = (
    *("scanned again", "scanned after she was erased", "answered again"),
    *("answered by another code", "waits", "joined, known by ticket", "joined, known by name"),
    *("joined, known by nickname", "joined, known to nobody", "came back", "left"),
    *("erased by page", "erased as a person"),
)


@pytest.mark.parametrize("seed", [7])
async def test_a_week_adds_up_to_the_person(seed: int, world: World) -> None:
    await world.until(MONDAY - timedelta(minutes=30))
    for group, name in GROUPS.values():
        if group != "g1":
            await world.opens(group, name)
    for code, facts in CODES.items():
        await world.makes_code(code, **facts)
    await world.makes_code(CLOSED)
    async with world.admin() as http:
        assert (await http.post(f"/api/v1/entry-codes/{CLOSED}/close")).status_code == 200
        week = Week(world, http, random.Random(seed))
        await week.passes()
        assert len(week.mothers) > 300
        assert [each for each in EXPECTED if not week.happened[each]] == []
        await adds_up(week)
        # Nothing happens in between, so nothing has to be lived through.
        world.clock.set(shanghai("2026-03-16 08:00"))
        await adds_up(week)
        await week.some_more_leave()
        world.clock.set(shanghai("2026-04-07 08:00"))
        await adds_up(week)
    totals = _counts(week.mothers, week.now)
    assert 0 < totals[7] < totals[5] < totals[4] < totals[3]
