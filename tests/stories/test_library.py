"""An operator keeps the library in Excel and takes it in from the command line."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from handlers.content.sheet import Reading
from models.content import ContentKind, Voice
from models.events import ItemsPut
from models.messages import CONTENT
from tests.stories.library import item
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
TABLE = "编号,种类,正文,起始周\na,干货,孕期补铁,-12\nb,湿货,试用装来啦,\n"


class Desk:
    """Where she types `python -m bot content ...`."""

    def __init__(self, database: str, folder: Path) -> None:
        self.file = folder / "内容.csv"
        self._settings = os.environ | {"BOT_DATABASE_URL": database, "BOT_LOG_LEVEL": "WARNING"}

    def types(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "content", *words],
            cwd=ROOT,
            env=self._settings,
            capture_output=True,
            timeout=120,
        )

    def takes_in(self, table: str, *options: str, encoding: str = "gb18030") -> str:
        """What she is told."""
        self.file.write_bytes(table.encode(encoding))
        done = self.types("import", str(self.file), *options)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode()


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def test_a_table_is_tried_taken_in_and_given_out(desk: Desk) -> None:
    tried = desk.takes_in(TABLE, "--dry-run")
    assert tried == "added 2, changed 0, unchanged 0 (dry run: nothing was changed)\n"
    assert desk.takes_in(TABLE) == "added 2, changed 0, unchanged 0\n"
    assert desk.takes_in(TABLE, encoding="utf-8") == "added 0, changed 0, unchanged 2\n"
    assert desk.types("export", str(desk.file)).returncode == 0
    given = desk.file.read_bytes()
    assert given.startswith(b"\xef\xbb\xbfid,kind,")
    assert desk.types("export").stdout == given
    edited = given.decode().replace("孕期补铁", "孕期补铁和补钙")
    assert desk.takes_in(edited, encoding="utf-8") == "added 0, changed 1, unchanged 1\n"


def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_taken_in(desk: Desk) -> None:
    desk.file.write_text(TABLE + "c,干活,你好,\nd,干货,,孕28周\n", "utf-8")
    done = desk.types("import", str(desk.file))
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == [
        "第4行 种类：「干活」不行，要写 干货、湿货 或 互动",
        "第5行 正文：正文不能空着",
        "第5行 起始周：「孕28周」不行，"
        "要写 -42 到 156 的整数：出生那周是 0，孕28周是 -12，宝宝4周是 4",
        "nothing was taken in; faults: 3",
    ]
    assert len(desk.types("export").stdout.splitlines()) == 1


def test_of_many_faults_the_first_are_told(desk: Desk) -> None:
    desk.file.write_text("kind,text\n" + "dry,\n" * 150, "utf-8")
    told = desk.types("import", str(desk.file)).stderr.decode().splitlines()
    assert len(told) == 101
    assert told[-1] == "nothing was taken in; faults: 150, the first 100 above"


def test_how_far_it_is(desk: Desk) -> None:
    rows = "".join(f"dry,你好{n}\n" for n in range(450))
    desk.file.write_text("kind,text\n" + rows, "utf-8")
    done = desk.types("import", str(desk.file), "--progress")
    assert done.stdout == b"added 450, changed 0, unchanged 0\n"
    assert done.stderr.decode().splitlines() == [
        f"{checked} of 450 rows checked" for checked in (200, 400, 450)
    ]


@pytest.mark.parametrize("words", [["import"], ["import", "nowhere.csv"], ["export", "/no/a.csv"]])
def test_what_makes_no_sense_is_told(desk: Desk, words: list[str]) -> None:
    done = desk.types(*words)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr


async def test_what_is_taken_in_is_posted_the_next_day(world: World) -> None:
    text = "{{ city }}的妈妈们，{{ week }}啦～"
    table = f"种类,正文,开始日期\n干货,{text},2026/3/3\n互动,{text},2026/3/3\n"
    async with world.admin() as http:
        answer = await http.post(
            "/api/v1/content-table",
            content=table.encode("gb18030"),
            headers={"Content-Type": "text/csv"},
        )
    assert answer.json()["added"] == 2, answer.text
    await world.until("2026-03-03 12:00")
    assert [each.message.text for each in world.heard(*CONTENT)] == ["杭州的妈妈们，孕33周啦～"]


async def test_a_withdrawn_item_that_is_put_is_there_again(world: World) -> None:
    now = world.clock.now()
    gone = item("c1", withdrawn_at=now)
    await world.happens(ItemsPut(at=now, by="运营小王", items=[gone]))
    found = await world.transactions.read(lambda facts: facts.items.library())
    assert found == [replace(gone, withdrawn_at=None)]


def test_the_sample(desk: Desk) -> None:
    done = desk.types("import", "--sample")
    assert done.stdout == b"added 60, changed 0, unchanged 0\n", done.stderr.decode()
    items = Reading(desk.types("export").stdout).whole().items
    assert {each.kind for each in items} == set(ContentKind)
    assert {each.voice for each in items} == set(Voice)
    assert all(each.source for each in items if each.kind is ContentKind.DRY)
