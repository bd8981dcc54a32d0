"""What an account is asked to do, done by the service on the Wechaty team's own gateway."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from sqlalchemy import select

from bot.clock import SystemClock
from bot.transactions import Transactions, Work
from models.database import open_engine
from models.errands import Errand, ErrandKind
from models.ids import AccountId, GroupId, PersonId
from models.stores.unit import Unit
from models.tables import AccountRow, ErrandRow
from tests.faults.service import Service, eventually
from tests.gateways.wechaty.lab.lab import Lab
from tests.http.entry import WECHAT, shown

T = TypeVar("T")

ROOM = "杭州·2026年12-2月·妇幼·01"
QUICK = {
    "entry": {"spacing": 0},
    "delivery": {"first_wait": 0.2, "group_gap": 0.1, "jitter": 0.0, "per_minute": 600},
}
PEOPLE = ["dou", "mei", "lan"]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


class Errands:
    """What is asked of the one account there is, past the features."""

    def __init__(self, database: str) -> None:
        self._database = database

    def ask(self, *people: str) -> None:
        """That each is invited."""

        async def work(facts: Unit) -> None:
            account = await facts.connection.scalar(select(AccountRow.id))
            now = SystemClock().now()
            for each in people:
                errand = Errand(
                    key=f"invite:{each}",
                    kind=ErrandKind.INVITE,
                    account=AccountId(account or ""),
                    group=GroupId("r1"),
                    person=PersonId(each),
                    due_at=now,
                    lapses_at=now + timedelta(hours=1),
                )
                facts.errands.ask(errand, now)

        self._do(work)

    def states(self) -> dict[str, str]:
        async def work(facts: Unit) -> dict[str, str]:
            rows = await facts.connection.execute(select(ErrandRow.person, ErrandRow.state))
            return {row.person_id: row.state for row in rows if row.person_id}

        return self._do(work)

    def _do(self, work: Work[T]) -> T:
        async def once() -> T:
            engine = open_engine(self._database, pool_size=2)
            try:
                return await Transactions(engine).run(work)
            finally:
                await engine.dispose()

        return asyncio.run(once())


def invited(lab: Lab) -> list[str]:
    return [person for each in lab.actions("invite") for person in each.mentions]


def _ready(lab: Lab, service: Service) -> None:
    lab.room("r1", ROOM, members=["ming"])
    for each in PEOPLE:
        lab.contact(each, friend=True)
    eventually(service.ready)
    service.patch("everywhere", QUICK)


@pytest.mark.parametrize("story", ["killed", "stopped", "gateway"])
async def test_everybody_is_invited_once_whoever_dies_in_the_middle(
    tmp_path: Path, database: str, lab: Lab, story: str
) -> None:
    stories: dict[str, Callable[[Path, str, Lab], None]] = {
        "killed": _killed,
        "stopped": _stopped,
        "gateway": _gateway_dies,
    }
    await asyncio.to_thread(stories[story], tmp_path, database, lab)


def _killed(folder: Path, database: str, lab: Lab) -> None:
    errands = Errands(database)
    with lab, Service(folder, database, lab) as service:
        _ready(lab, service)
        lab.slows("roomAdd", 1)
        errands.ask(*PEOPLE)
        eventually(lambda: lab.count("roomAdd") == 1)
        service.kill()
        service.start()
        eventually(lambda: len(invited(lab)) == len(PEOPLE))
        eventually(lambda: errands.states() == {"dou": "unsure", "mei": "done", "lan": "done"})
        assert invited(lab) == PEOPLE
        assert service.stop() == 0


def _stopped(folder: Path, database: str, lab: Lab) -> None:
    """What is in hand is finished, and known to be."""
    errands = Errands(database)
    with lab, Service(folder, database, lab) as service:
        _ready(lab, service)
        lab.slows("roomAdd", 1)
        errands.ask(*PEOPLE)
        eventually(lambda: lab.count("roomAdd") == 1)
        assert service.stop() == 0
        assert errands.states() == {"dou": "done", "mei": "waiting", "lan": "waiting"}
        assert invited(lab) == ["dou"]


def _gateway_dies(folder: Path, database: str, lab: Lab) -> None:
    errands = Errands(database)
    with lab, Service(folder, database, lab) as service:
        _ready(lab, service)
        lab.slows("roomAdd", 60)
        errands.ask(*PEOPLE)
        eventually(lambda: lab.count("roomAdd") == 1)
        lab.kill()
        eventually(lambda: errands.states()["dou"] == "unsure")
        lab.start()
        eventually(lambda: errands.states() == {"dou": "unsure", "mei": "done", "lan": "done"})
        assert invited(lab) == ["mei", "lan"]
        assert service.stop() == 0


async def test_a_mother_with_a_ticket_is_accepted_answered_and_invited(
    tmp_path: Path, database: str, lab: Lab
) -> None:
    await asyncio.to_thread(_from_form_to_group, tmp_path, database, lab)


def _from_form_to_group(folder: Path, database: str, lab: Lab) -> None:
    with lab, Service(folder, database, lab) as service:
        _ready(lab, service)
        code = _made_code(service)
        ticket = _answered(service, code, "豆豆妈")
        lab.contact("stranger", name="路人")
        lab.asks_to_be_friends("stranger", "你好，加一下")
        lab.contact("newcomer", name="豆豆妈")
        lab.asks_to_be_friends("newcomer", f"我是豆豆妈 {ticket}")
        eventually(lambda: "newcomer" in lab.state()["rooms"]["r1"]["members"])
        eventually(lambda: any(each.where == "newcomer" for each in lab.actions("say")))
        assert [each.where for each in lab.actions("accept")] == ["newcomer"]
        assert invited(lab) == ["newcomer"]
        (answer,) = [each.text or "" for each in lab.actions("say") if each.where == "newcomer"]
        assert "豆豆妈" in answer
        assert service.stop() == 0
    log = service.log.read_text()
    assert ticket not in log
    assert "豆豆妈" not in log


def _made_code(service: Service) -> str:
    answer = httpx.post(
        f"http://127.0.0.1:{service.port}/api/v1/entry-codes",
        json={"channel": "妇幼"},
        headers={"Authorization": f"Bearer {service.token}"},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def _answered(service: Service, code: str, name: str) -> str:
    """She fills in the form; the six digits that she is told."""
    base = f"http://127.0.0.1:{service.port}"
    told = {"baby": "due", "day": "2027-01-10", "city": "杭州", "name": name, "consent": "yes"}
    headers = {"user-agent": WECHAT, "origin": base}
    with httpx.Client(base_url=base, headers=headers, follow_redirects=True) as phone:
        form = shown(phone.get(f"/j/{code}"))
        page = phone.post(f"/j/{code}", data={**form.hidden, **told})
    assert page.status_code == 200, page.text
    found = re.search(r"(?<!\d)\d{6}(?!\d)", shown(page).text)
    assert found, page.text
    return found[0]
