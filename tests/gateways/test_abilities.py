"""What gateways can is one table, and it is what the capabilities say."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from bot.gateways import GATEWAYS
from bot.gateways.abilities import (
    ARCHIVE,
    BEGIN,
    DOCUMENT,
    END,
    FIELDS,
    SOURCES,
    Can,
    NoPlace,
    can,
    gateway_of,
    limits,
    link_of,
    table,
    written,
)
from bot.gateways.base import Capabilities
from bot.gateways.simulated import SimulatedGateway

PAGE = Path(__file__).resolve().parents[2] / "docs" / "gateways.md"
NAMES = [each.name for each in fields(Capabilities)]
ABLE = replace(
    SimulatedGateway.capabilities,
    needs_confirmation=False,
    join_ways=True,
    contact_ways=True,
    welcome_templates=True,
)
BY_NAME = {each.name: each for each in FIELDS}
OFFICIAL = replace(
    ABLE, needs_confirmation=True, hears=False, sees_recalls=False, renames=False, invites=False
)


def test_every_capability_is_called_something_and_once() -> None:
    assert sorted(each.name for each in FIELDS) == sorted(NAMES)
    assert [each.name for each in FIELDS if not (each.label and each.does)] == []
    assert (
        len({each.label for each in FIELDS}) == len({each.does for each in FIELDS}) == len(NAMES)
    )


@pytest.mark.parametrize("gateway", sorted({*GATEWAYS, "wecom"}))
def test_of_every_capability_it_is_said_where_it_is_known_from(gateway: str) -> None:
    sources = SOURCES.get(gateway, {})
    assert [each for each in NAMES if not sources.get(each)] == []
    assert [each for each in sources if each not in NAMES] == []


def test_what_is_said_of_wecom_leads_to_tencents_documents() -> None:
    unlinked = [name for name, each in SOURCES["wecom"].items() if not DOCUMENT.search(each)]
    assert unlinked == []
    assert link_of("doc 92135") == "https://developer.work.weixin.qq.com/document/path/92135"
    assert link_of("tried") is None
    assert ARCHIVE["wecom"] <= set(NAMES)


def test_the_page_says_what_the_capabilities_say() -> None:
    page = PAGE.read_text("utf-8")
    able = {name: each.capabilities for name, each in GATEWAYS.items()}
    assert written(page, able) == page, "python -m bot.gateways --write"


def test_a_table_that_differs_is_written_anew_and_nothing_else_is() -> None:
    page = f"# A\n\n{BEGIN}\n\nold\n\n{END}\n\nBy hand.\n"
    once = written(page, {"wecom": OFFICIAL})
    assert once.startswith("# A\n")
    assert once.endswith(f"{END}\n\nBy hand.\n")
    assert "old" not in once
    assert written(once, {"wecom": replace(OFFICIAL, renames=True)}) != once
    with pytest.raises(NoPlace):
        written("# A\n", {"wecom": OFFICIAL})


def test_of_a_gateway_that_documents_speak_of_each_cell_has_its_own() -> None:
    told = table({"wecom": OFFICIAL})
    document = "[doc 92135](https://developer.work.weixin.qq.com/document/path/92135)"
    assert f"| Say something in groups and in private | a person confirms ({document}) |" in told
    assert "only with 会话存档 ([doc 91774]" in told


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("speaks", Can.CONFIRMED),
        ("sends_images", Can.CONFIRMED),
        ("needs_confirmation", Can.YES),
        ("hears", Can.ARCHIVED),
        ("sees_joins", Can.YES),
        ("renames", Can.NO),
    ],
)
def test_what_a_person_confirms_or_the_archive_gives_is_neither_yes_nor_no(
    field: str, told: Can
) -> None:
    assert can("wecom", OFFICIAL, BY_NAME[field]) is told


def test_without_an_archive_to_connect_what_it_cant_hear_it_cant() -> None:
    assert can("wechaty", OFFICIAL, BY_NAME["hears"]) is Can.NO


def test_what_it_cant_is_said_in_one_line() -> None:
    assert limits("simulated", ABLE) == "there is nothing that it can't do"
    assert limits("simulated", replace(ABLE, renames=False)) == "it can't rename groups"
    assert limits("wecom", OFFICIAL) == (
        "it can't invite people into groups or rename groups; only with the message archive"
        " (会话存档) it can hear what members say or see what is recalled; a person confirms what"
        " it says in groups"
    )


@pytest.mark.parametrize(
    ("account", "gateway"),
    [
        ("wechaty-1f0c2a9b", "wechaty"),
        ("simulated", "simulated"),
        ("demo", "simulated"),
        ("wechatyish", None),
    ],
)
def test_an_account_is_called_after_its_gateway(account: str, gateway: str | None) -> None:
    assert gateway_of(account, list(GATEWAYS)) == gateway
