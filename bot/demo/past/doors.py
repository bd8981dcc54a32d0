"""The entry codes of the community, and who came by them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from bot import scenario_lines as script
from bot.demo.past.lines import WaySeen
from bot.demo.past.people import Coming
from bot.demo.past.plots import Place
from models.entry import Template
from models.ids import VisitorId

CODES = (
    ("fu8wk3mnr2", "上海", "妇幼", "王护士", Template.HOSPITAL),
    ("ay5td9qxh7", "上海", "爱婴坊", "周店长", Template.SHOP),
    ("cd4rj7vpe6", "成都", "妇幼", "陈护士", Template.HOSPITAL),
    ("sq6mz2kwb9", "成都", "社区医院", "许医生", Template.HOSPITAL),
    ("gz9hn4ctx3", "广州", "妇幼", "林姐", Template.MOTHER),
    ("wh3pe8yjd5", "武汉", "妇幼", "何老师", Template.MOTHER),
)
SCANS_ONLY, GIVES_UP, COMES_BY_CODE = 0.8, 0.4, 0.18
"""Of those who join by a code so many others only scan it, or fill in the form and don't come; and
so many of those who join a group came by one."""


def codes() -> Iterator[script.CodeLine]:
    for code, city, channel, referrer, template in CODES:
        yield script.CodeLine(
            type="code",
            code=code,
            channel=channel,
            city=city,
            referrer=referrer,
            template=template,
        )


def code_of(place: Place) -> str | None:
    at = (place.plot.city, place.plot.channel)
    return next((code for code, *where, _, _ in CODES if tuple(where) == at), None)


Visit = script.ScannedLine | script.AnsweredLine | WaySeen


def visits(place: Place, coming: list[Coming], rng: Random) -> Iterator[Visit]:
    """Before some of those who come, and of some who don't."""
    code = code_of(place)
    if code is None:
        return
    for each in coming:
        if rng.random() >= COMES_BY_CODE:
            continue
        at = each.at - timedelta(minutes=rng.randint(2, 5), seconds=rng.randint(0, 59))
        visitor = _browser(each.mother.person)
        yield from _answers(place, code, visitor, at, each.mother.name, rng)
        if rng.random() < SCANS_ONLY:
            other = at + timedelta(minutes=rng.randint(1, 40))
            yield _scan(code, _browser(f"{visitor}-1"), other)
        if rng.random() < GIVES_UP:
            other = at + timedelta(minutes=rng.randint(1, 40))
            unseen = f"{each.mother.baby}她妈"
            yield from _answers(place, code, _browser(f"{visitor}-2"), other, unseen, rng)


def _answers(
    place: Place, code: str, visitor: str, at: datetime, name: str, rng: Random
) -> Iterator[Visit]:
    yield _scan(code, visitor, at)
    day = place.window.middle + timedelta(days=rng.randint(-30, 30))
    is_born = day <= at.date()
    answered = at + timedelta(seconds=rng.randint(25, 70))
    yield script.AnsweredLine(
        type="answered",
        at=answered,
        visitor=visitor,
        code=code,
        name=name,
        city=place.plot.city,
        born=day if is_born else None,
        due=None if is_born else day,
    )
    yield WaySeen(answered + timedelta(seconds=2), VisitorId(visitor))


def _scan(code: str, visitor: str, at: datetime) -> script.ScannedLine:
    return script.ScannedLine(type="scanned", at=at, visitor=visitor, code=code)


def _browser(of: str) -> str:
    return sha256(of.encode()).hexdigest()[:32]
