"""Whoever writes an item sees what it would say, before it is in the library."""

from typing import Any

import httpx

from models.people import Role
from tests.http.api import API, as_viewer, items, refused
from tests.world import GROUP, World


async def preview(http: httpx.AsyncClient, group: str | None = None, **item: Any) -> Any:
    given = {"kind": "dry", **item}
    answer = await http.post(f"{API}/content-preview", json={"item": given, "group": group})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_item_is_said_in_a_group_like_those_it_is_for(world: World) -> None:
    text = "{{ city }}{{ channel }}{{ week }}的妈妈们，{{ monitor }}问好"
    async with world.admin() as http:
        told = await preview(http, text=text)
        assert told == {
            "text": "杭州妇幼孕28周的妈妈们，小雨妈妈问好",
            "title": "",
            "voice": "assistant",
            "group": None,
            "group_name": None,
        }
        far: dict[str, Any] = {
            "cities": ["宁波"],
            "channels": ["爱婴"],
            "from_week": 3,
            "kind": "wet",
        }
        told = await preview(http, text=text, **far)
        assert told["text"] == "宁波爱婴宝宝3周的妈妈们，小雨妈妈问好"
        assert told["voice"] == "monitor"
        born = await preview(http, text="{{ stage }}", stages=["postnatal"])
        assert born["text"] == "postnatal"
        assert await items(http, "/content") == []


async def test_an_item_is_said_in_a_group_there_is(world: World) -> None:
    await world.joins("小雨")
    await world.becomes("小雨", Role.MONITOR)
    await world.calls_herself("小雨", "杭州-孕36周-小雨滴")
    async with world.admin() as http, await as_viewer(world) as viewer:
        told = await preview(http, GROUP, text="{{ monitor }}问好")
        assert (told["group"], told["text"]) == (GROUP, "小雨滴问好")
        assert told["group_name"]
        hidden = await preview(viewer, GROUP, text="{{ monitor }}问好")
        assert hidden["text"] == "班长问好"


async def test_what_has_nothing_to_say_is_not_said(world: World) -> None:
    async with world.admin() as http:
        assert (await preview(http, GROUP, text="{{ monitor }}问大家好"))["text"] is None


async def test_what_is_wrong_with_an_item_is_told_in_chinese_too(world: World) -> None:
    async with world.admin() as http:
        for item, field in (({"kind": "dry", "text": "{{ nobody }}"}, "item.text"),):
            answer = await http.post(f"{API}/content-preview", json={"item": item})
            (error,) = refused(answer, 409, field)["errors"]
            assert error["problem"].isascii()
            assert "只能用 city" in error["says"]
        nowhere = {"item": {"kind": "dry", "text": "你好"}, "group": "g99"}
        answer = await http.post(f"{API}/content-preview", json=nowhere)
        assert refused(answer, 404)["detail"] == "there is no group g99"
