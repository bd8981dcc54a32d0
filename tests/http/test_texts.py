"""The words that are said: looked at, tried out, and changed as rules are."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models.people import Role
from tests.http.api import API, as_operator, as_viewer, refused
from tests.world import World


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


async def texts(http: httpx.AsyncClient, **asked: Any) -> dict[str, dict[str, Any]]:
    answer = await http.get(f"{API}/texts", params=asked)
    assert answer.status_code == 200, answer.text
    return {each["name"]: each for each in answer.json()["items"]}


async def tries(http: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await http.post(f"{API}/texts/preview", json={"name": "welcome"} | given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_text_tells_where_it_is_from_and_what_it_says(
    world: World, http: httpx.AsyncClient
) -> None:
    found = await texts(http)
    assert list(found) == ["welcome", "nickname", "rules", "reminder", "awarded"]
    welcome = found["welcome"]
    assert (welcome["title"], welcome["layer"]) == ("欢迎语", "default")
    assert welcome["uses"]["city"] == "杭州"
    assert "@豆豆妈" in welcome["says"]
    await world.becomes("班长小雨", Role.MONITOR)
    await world.joins("班长小雨")
    seen = await http.get(f"{API}/texts", params={"group": "g1"})
    template = "{{ names }}，{{ city or '这里' }}见"
    changed = await http.patch(
        f"{API}/rules/channel:妇幼",
        json={"texts": {"welcome": template}},
        headers={"If-Match": seen.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    welcome = (await texts(http, group="g1"))["welcome"]
    assert (welcome["layer"], welcome["template"]) == ("channel:妇幼", template)
    assert welcome["says"] == "@豆豆妈\u2005等12位，杭州见"
    refused(await http.get(f"{API}/texts", params={"group": "g9"}), 404)
    assert (await texts(http, scope="channel:妇幼"))["welcome"]["template"] == template
    assert (await texts(http, scope="channel:母婴店"))["welcome"]["layer"] == "default"


async def test_a_template_is_tried_in_every_kind_of_group(http: httpx.AsyncClient) -> None:
    template = "{{ names }}{% if monitor %}找{{ monitor }}{% else %}找我{% endif %}"
    found = await tries(http, template=template)
    assert found["fault"] is None
    assert {each["says"][-5:] for each in found["variants"]} == {"找小雨妈妈", "等12位找我"[-5:]}
    assert {each["values"]["stage"] for each in found["variants"]} == {"prenatal", "postnatal"}
    assert found["in_group"] is None
    (only,) = (await tries(http, name="awarded", template="{{ awards }}"))["variants"]
    assert "米粒妈" in only["says"]


async def test_the_fault_of_a_template_is_told_with_its_line(http: httpx.AsyncClient) -> None:
    for template, line, part in (
        ("你好\n{{ nobody }}", 2, "nobody"),
        ("{% if city %}\n你好", 1, "end of template"),
        ("  ", None, "nothing"),
        ("你好\n\x07", 2, "can't be shown"),
    ):
        found = await tries(http, template=template)
        assert found["variants"] == []
        assert found["fault"]["line"] == line
        assert part in found["fault"]["problem"]
    six = await tries(http, name="rules", template="\n".join("一二三四五六"))
    assert "5 lines" in six["fault"]["problem"]
    for given in (
        {"name": "farewell", "template": "x"},
        {"name": "welcome", "template": "x" * 2001},
    ):
        refused(await http.post(f"{API}/texts/preview", json=given), 422)


async def test_the_monitors_name_is_for_those_in_charge(world: World) -> None:
    await world.becomes("米粒班长", Role.MONITOR)
    await world.joins("米粒班长", nickname="杭州-孕30周-米粒")
    template = "{% if monitor %}{{ monitor }}{% else %}我{% endif %}"
    said = []
    for http in (
        world.admin(),
        await as_operator(world, channels=["妇幼"]),
        await as_operator(world, channels=["母婴店"]),
        await as_viewer(world),
    ):
        async with http:
            said.append((await tries(http, template=template, group="g1"))["in_group"])
    assert said == ["米粒", "米粒", "小雨妈妈", "小雨妈妈"]
