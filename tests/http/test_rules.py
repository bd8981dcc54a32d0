"""An admin changes a rule while the bot runs, and is told at once what is wrong with it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from config.rules import Rules
from models.messages import Kind
from models.people import Role
from tests.http.api import as_operator, as_viewer, items
from tests.world import World, new_world

RULES = "/api/v1/rules"
EVERYWHERE = f"{RULES}/everywhere"
CHANNEL = f"{RULES}/channel:妇幼"
COHORT = f"{RULES}/cohort:杭州~妇幼~2026-03"
OF_G1 = f"{RULES}/group:g1"
LAYERS = [EVERYWHERE, CHANNEL, COHORT, OF_G1]


def calm(seconds: object) -> dict[str, Any]:
    return {"onboarding": {"calm_delay": seconds}}


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.admin() as client:
        yield client


async def in_force(
    http: httpx.AsyncClient, rule: str, group: str | None = "g1"
) -> tuple[Any, Any]:
    """The value of a rule, and the layer it comes from."""
    shown = (await http.get(RULES, params={"group": group} if group else {})).json()
    section, name = rule.split(".")
    return shown["rules"][section][name], shown["layers"][rule]


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The body of an error, which is always of one kind."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


# What is in force, and why


async def test_at_first_every_value_is_the_default(http: httpx.AsyncClient) -> None:
    shown = (await http.get(RULES, params={"group": "g1"})).json()
    assert shown["rules"] == Rules().model_dump(mode="json")
    assert set(shown["layers"].values()) == {"default"}
    assert shown["rules"]["onboarding"]["calm_delay"] == 8
    assert shown["rules"]["onboarding"]["quiet_hours"] == "23:00-07:30"


async def test_the_nearer_layer_outranks_the_wider_one(http: httpx.AsyncClient) -> None:
    for seconds, layer in enumerate(LAYERS, 1):
        assert (await http.patch(layer, json=calm(seconds))).status_code == 200
        name = layer.removeprefix(f"{RULES}/")
        assert await in_force(http, "onboarding.calm_delay") == (seconds, name)
    assert await in_force(http, "onboarding.calm_delay", group=None) == (1, "everywhere")
    assert await in_force(http, "onboarding.min_gap") == (120, "default")


async def test_null_gives_the_value_back_to_the_wider_layer(http: httpx.AsyncClient) -> None:
    await http.patch(EVERYWHERE, json=calm(5))
    await http.patch(OF_G1, json=calm(3))
    unset = await http.patch(OF_G1, json=calm(None))
    assert unset.json() == {"scope": "group:g1", "version": 2, "set": {}}
    assert await in_force(http, "onboarding.calm_delay") == (5, "everywhere")


async def test_null_unsets_a_whole_section(http: httpx.AsyncClient) -> None:
    await http.patch(OF_G1, json=calm(3) | {"delivery": {"per_minute": 5}})
    unset = await http.patch(OF_G1, json={"onboarding": None})
    assert unset.json()["set"] == {"delivery": {"per_minute": 5}}
    assert await in_force(http, "onboarding.calm_delay") == (8, "default")


async def test_what_a_change_does_not_name_stays(http: httpx.AsyncClient) -> None:
    await http.patch(OF_G1, json=calm(3))
    both = await http.patch(OF_G1, json={"onboarding": {"names_shown": 7}})
    assert both.json()["set"] == {"onboarding": {"calm_delay": 3, "names_shown": 7}}


async def test_a_group_that_is_not_there_has_no_rules(http: httpx.AsyncClient) -> None:
    body = problem(await http.get(RULES, params={"group": "g9"}), 404)
    assert "g9" in body["detail"]
    problem(await http.get(RULES, params={"group": "\x00"}), 404)


async def test_every_rule_says_what_it_is_for(http: httpx.AsyncClient) -> None:
    schema = (await http.get(f"{RULES}/schema")).json()
    sections = {
        name: schema["$defs"][each["$ref"].rpartition("/")[2]]["properties"]
        for name, each in schema["properties"].items()
    }
    assert sections.keys() == Rules.model_fields.keys()
    defaults = Rules().model_dump(mode="json")
    for section, rules in sections.items():
        assert rules.keys() == defaults[section].keys()
        for name, rule in rules.items():
            assert len(rule["description"]) > 15, name
            assert rule["unit"], name
            assert rule["x-name"], name
            assert rule["x-reason"].endswith("。"), name
            assert rule["default"] == pytest.approx(defaults[section][name]), name
            match rule["type"]:
                case "number" | "integer":
                    assert "minimum" in rule or "exclusiveMinimum" in rule, name
                    assert "maximum" in rule, name
                case "array":
                    assert {"minItems", "maxItems"} <= rule.keys(), name
                case "string":
                    assert {"pattern", "maxLength", "enum"} & rule.keys(), name
                case "boolean":
                    assert isinstance(rule["default"], bool), name
                case other:
                    pytest.fail(f"{name} is of type {other}")


async def test_every_section_is_told_in_chinese(http: httpx.AsyncClient) -> None:
    schema = (await http.get(f"{RULES}/schema")).json()
    for name, each in schema["properties"].items():
        assert each["x-name"], name
        assert each["x-reason"].endswith("。"), name


async def test_the_rules_of_a_scope_are_those_under_it(http: httpx.AsyncClient) -> None:
    await http.patch(EVERYWHERE, json=calm(5))
    await http.patch(CHANNEL, json=calm(7))
    await http.patch(COHORT, json=calm(9))

    async def found(scope: str) -> tuple[Any, Any, list[str]]:
        body = (await http.get(RULES, params={"scope": scope})).json()
        layer = body["layers"]["onboarding.calm_delay"]
        return body["rules"]["onboarding"]["calm_delay"], layer, list(body["versions"])

    everywhere, channel, cohort, _ = [each.removeprefix(f"{RULES}/") for each in LAYERS]
    assert await found(everywhere) == (5, everywhere, [everywhere])
    assert await found(channel) == (7, channel, [everywhere, channel])
    assert await found(cohort) == (9, cohort, [everywhere, channel, cohort])
    assert await found("group:g1") == (9, cohort, [everywhere, channel, cohort, "group:g1"])
    problem(await http.get(RULES, params={"scope": "planet:mars"}), 404)
    problem(await http.get(RULES, params={"scope": "group:g9"}), 404)
    problem(await http.get(RULES, params={"scope": channel, "group": "g1"}), 409)
    seen = await http.get(RULES, params={"scope": channel})
    headers = {"If-Match": seen.headers["ETag"]}
    assert (await http.patch(CHANNEL, json=calm(6), headers=headers)).status_code == 200
    problem(await http.patch(CHANNEL, json=calm(5), headers=headers), 412)


async def test_the_defaults_are_within_their_own_bounds() -> None:
    Rules.model_validate(Rules().model_dump(mode="json"))


# What is refused


async def test_out_of_bounds_is_told_with_the_bounds(http: httpx.AsyncClient) -> None:
    for value in (-1, 601, 1e300):
        body = problem(await http.patch(OF_G1, json=calm(value)), 422)
        (error,) = body["errors"]
        assert error["field"] == "onboarding.calm_delay"
        assert error["bounds"] == {"minimum": 0, "maximum": 600, "unit": "s"}
        assert float(error["value"]) == value
        assert "group:g1" in body["detail"]
    assert await in_force(http, "onboarding.calm_delay") == (8, "default")


WRONG = [
    ("onboarding.calm_delay", '"5"'),
    ("onboarding.calm_delay", "true"),
    ("onboarding.calm_delay", "NaN"),
    ("onboarding.calm_delay", "Infinity"),
    ("onboarding.calm_delay", "-Infinity"),
    ("onboarding.calm_delay", "1e999"),
    ("onboarding.calm_delay", "9" * 400),
    ("onboarding.calm_delay", "[5]"),
    ("onboarding.calm_delay", '{"seconds": 5}'),
    ("onboarding.names_shown", "5.5"),
    ("onboarding.names_shown", "false"),
    ("onboarding.names_shown", "9" * 400),
    ("groups.doubt", "NaN"),
    ("groups.doubt", '"0.5"'),
    ("groups.doubt", "true"),
    ("onboarding.quiet_hours", "23"),
    ("onboarding.quiet_hours", '"11pm"'),
    ("onboarding.quiet_hours", '"24:00-07:30"'),
    ("onboarding.quiet_hours", '"23:00-7:30"'),
    ("onboarding.quiet_hours", '"23:00-07:30-08:00"'),
    ("onboarding.quiet_hours", '"T2300-T0730"'),
    ("onboarding.quiet_hours", '"２３:00-07:30"'),
    ("onboarding.quiet_hours", '"23:00-07:30\\n"'),
    ("hours.prenatal", '"11:00-12:00"'),
    ("hours.prenatal", "[]"),
    ("hours.prenatal", '["11:00-12:00", "noon"]'),
    ("groups.name_template", f'"{"x" * 81}"'),
    ("content.forming", '"70:0"'),
    ("content.days_off", '["someday"]'),
    ("texts.welcome", "5"),
]

SENSELESS = [
    ("groups.name_template", '"{city}{window}{channel}{seq}"'),
    ("groups.name_template", '"{0.__class__}"'),
    ("groups.name_template", '"{city"'),
    ("content.forming", '"70:0:40"'),
    ("content.forming", '"20:60:20"'),
    ("hours.prenatal", '["11:00-11:05"]'),
    ("entry.site", '"ftp://q.example.com"'),
    ("entry.site", '"http://[x"'),
    ("entry.cities", '["杭~州"]'),
]


async def set_to(http: httpx.AsyncClient, rule: str, value: str) -> httpx.Response:
    section, name = rule.split(".")
    return await http.patch(
        OF_G1,
        content=f'{{"{section}": {{"{name}": {value}}}}}',
        headers={"Content-Type": "application/json"},
    )


async def test_a_value_of_the_wrong_kind_is_refused(http: httpx.AsyncClient) -> None:
    for status, values in ((422, WRONG), (409, SENSELESS)):
        for rule, value in values:
            (error, *_) = problem(await set_to(http, rule, value), status)["errors"]
            assert error["field"].startswith(rule)
            assert error["problem"]
            assert "value" in error
    assert (await http.get(OF_G1)).json() == {"scope": "group:g1", "version": 0, "set": {}}


UNKNOWN = [
    ({"onbording": {"calm_delay": 5}}, "onbording"),
    ({"onbording": {}}, "onbording"),
    ({"onbording": None}, "onbording"),
    ({"onbording": 5}, "onbording"),
    ({"onboarding": {"calm_dealy": 5}}, "onboarding.calm_dealy"),
    ({"onboarding": {"calm_dealy": None}}, "onboarding.calm_dealy"),
    ({"onboarding": 5}, "onboarding"),
    ({"onboarding": [1]}, "onboarding"),
    ({"": {"\x00": 1}}, ""),
]


async def test_an_unknown_name_is_refused(http: httpx.AsyncClient) -> None:
    for changes, field in UNKNOWN:
        body = problem(await http.patch(EVERYWHERE, json=changes), 422)
        assert [each["field"] for each in body["errors"]] == [field]


async def test_rules_that_contradict_one_another_are_refused(http: httpx.AsyncClient) -> None:
    body = problem(await http.patch(OF_G1, json={"onboarding": {"min_gap": 1000}}), 409)
    told = {each["field"]: (each["value"], each["bounds"]["maximum"]) for each in body["errors"]}
    assert told == {
        "onboarding.min_gap": (1000, 3600),
        "onboarding.peak_interval": (900, 7200),
        "onboarding.surge_interval": (1800, 14400),
    }
    assert "min_gap (1000) <= peak_interval (900)" in body["detail"]
    body = problem(await http.patch(OF_G1, json={"onboarding": {"peak_joins": 20}}), 409)
    assert {each["field"] for each in body["errors"]} == {
        "onboarding.peak_joins",
        "onboarding.surge_joins",
    }


async def test_nothing_would_be_foretold_after_its_time(http: httpx.AsyncClient) -> None:
    day = 24 * 3600
    late, soon = {"growth": {"forecast_from": 10 * day}}, {"growth": {"form_within": 10 * day}}
    for one, other in ((EVERYWHERE, OF_G1), (OF_G1, EVERYWHERE)):
        assert (await http.patch(one, json=late)).status_code == 200
        body = problem(await http.patch(other, json=soon), 409)
        assert "forecast_from (864000) < form_within (864000) does not hold" in body["detail"]
        await http.patch(one, json={"growth": None})


LONG_GAP = {"onboarding": {"min_gap": 600}}
SHORT_PEAK = {"onboarding": {"peak_interval": 300}}


async def test_layers_that_contradict_one_another_are_refused_from_either_side(
    http: httpx.AsyncClient,
) -> None:
    for one, other in itertools.product(LAYERS, LAYERS):
        assert (await http.patch(one, json=LONG_GAP)).status_code == 200
        body = problem(await http.patch(other, json=SHORT_PEAK), 409)
        for layer in (one, other):
            assert layer.removeprefix(f"{RULES}/") in body["detail"]
        await http.patch(one, json={"onboarding": None})


async def test_a_cohort_without_groups_is_held_to_its_channel(http: httpx.AsyncClient) -> None:
    assert (await http.patch(f"{RULES}/channel:母婴店", json=LONG_GAP)).status_code == 200
    of_cohort = f"{RULES}/cohort:苏州~母婴店~2026-06"
    problem(await http.patch(of_cohort, json=SHORT_PEAK), 409)
    of_another = f"{RULES}/cohort:苏州~妇幼~2026-06"
    assert (await http.patch(of_another, json=SHORT_PEAK)).status_code == 200


async def test_a_group_that_moves_under_a_contradicting_channel_keeps_going(
    world: World, http: httpx.AsyncClient
) -> None:
    await http.patch(OF_G1, json=LONG_GAP | {"delivery": {"per_minute": 5}})
    assert (await http.patch(f"{RULES}/channel:母婴店", json=SHORT_PEAK)).status_code == 200
    moved = await http.post("/api/v1/groups/g1/adopt", json={"channel": "母婴店"})
    assert moved.status_code == 200
    shown = (await http.get(RULES, params={"group": "g1"})).json()
    assert shown["left_out"] == ["group:g1"]
    assert shown["rules"]["onboarding"]["peak_interval"] == 300
    assert shown["layers"]["onboarding.min_gap"] == "default"
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    assert world.greeted == ["豆豆妈"]


async def test_two_changes_at_once_that_contradict_are_not_both_taken(world: World) -> None:
    async with world.admin() as one, world.admin() as other:
        for _ in range(5):
            answers = await asyncio.gather(
                one.patch(CHANNEL, json=LONG_GAP), other.patch(OF_G1, json=SHORT_PEAK)
            )
            assert sorted(each.status_code for each in answers) == [200, 409]
            for layer in (CHANNEL, OF_G1):
                await one.patch(layer, json={"onboarding": None})


# Texts


UNSAYABLE = [
    "",
    "   \n ",
    "{{ names",
    "{% if monitor %}你好",
    "{{ name }}",
    "{% if stage == 'x' %}{{ unknown }}{% endif %}你好",
    "{% if monitor %}{{ monitor }}{% endif %}",
    "{{ names if city == '杭州' }}",
    "很" * 501,
    "{{ names }}" * 60,
    "x" * 5000,
    "\x00你好",
    "\ud83d你好",
    # Ways out of a sandbox, and ways to keep a server busy.
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ names.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum() }}",
    "{% include 'welcome.j2' %}",
    "{% import 'welcome.j2' as w %}你好",
    "{% extends 'welcome.j2' %}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}你好",
    "{% for a in names %}{{ a }}{% endfor %}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ 'x' * 10 ** 9 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ names | center(1000000000) }}",
    "{{ names.format('x') }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set names = 5 %}你好",
    "{{ " + "(" * 900 + "names" + ")" * 900 + " }}",
    "{% if names %}" * 120 + "你好" + "{% endif %}" * 120,
    "{% if city == '北京' %}{{ 1 < names }}{% endif %}你好",
    "{% if 1 in names %}{% endif %}你好",
]


async def test_a_template_that_cannot_be_said_is_refused_at_once(http: httpx.AsyncClient) -> None:
    for template in UNSAYABLE:
        async with asyncio.timeout(3):
            answer = await http.patch(
                EVERYWHERE,
                content=json.dumps({"texts": {"welcome": template}}),
                headers={"Content-Type": "application/json"},
            )
        (error,) = problem(answer, answer.status_code)["errors"]
        assert answer.status_code in (409, 422)
        assert error["field"] == "texts.welcome"


async def test_the_rules_of_a_group_are_at_most_five_lines(http: httpx.AsyncClient) -> None:
    six = "\n".join(f"{n}. 友善" for n in range(1, 7))
    body = problem(await http.patch(EVERYWHERE, json={"texts": {"rules": six}}), 409)
    assert "5 lines" in body["detail"]


async def test_an_operator_owns_the_words(world: World, http: httpx.AsyncClient) -> None:
    template = (
        "{# 春天 #}{{ names }}你好呀👩‍🍼，{% if stage == 'prenatal' and monitor %}"
        "{{ monitor }}在等你{% elif '杭' in city %}西湖边见{% else %}欢迎{% endif %}"
    )
    answer = await http.patch(CHANNEL, json={"texts": {"welcome": template}})
    assert answer.status_code == 200, answer.text
    await world.joins("豆豆妈")
    await world.passes(minutes=1)
    (welcome,) = world.heard(Kind.WELCOME)
    assert welcome.message.text == "@豆豆妈\u2005你好呀👩‍🍼，西湖边见"


# Bodies and scopes


NO_OBJECTS = [
    *(b"", b"[]", b"5", b"null", b'"x"', b"{", b"{'a': 1}", b"\xff\xfe", b"[" * 100_000),
    b'{"onboarding": {"calm_delay": ' + b"9" * 5000 + b"}}",
]


async def test_a_body_that_is_no_object_is_refused(http: httpx.AsyncClient) -> None:
    for body in NO_OBJECTS:
        answer = await http.patch(
            EVERYWHERE, content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422)
        problem(answer, answer.status_code)


async def test_a_merge_patch_may_say_that_it_is_one(http: httpx.AsyncClient) -> None:
    answer = await http.patch(
        EVERYWHERE,
        content=json.dumps(calm(5)),
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert answer.status_code == 200


NO_SCOPES = [
    "nowhere",
    "channel:",
    "group",
    "group:",
    "city:杭州",
    "cohort:杭州",
    "cohort:杭州~妇幼",
    "cohort:杭州~妇幼~2026-13",
    "cohort:杭州~妇幼~2026-3",
    "cohort:杭州~妇幼~2026-03~x",
    "Everywhere",
    "channel:%00",
    "group:a%00",
]


async def test_an_unknown_scope_is_told_which_there_are(http: httpx.AsyncClient) -> None:
    for scope in NO_SCOPES:
        for answer in (
            await http.get(f"{RULES}/{scope}"),
            await http.get(f"{RULES}/{scope}/changes"),
            await http.patch(f"{RULES}/{scope}", json=calm(5)),
        ):
            assert answer.status_code in (404, 422)
            problem(answer, answer.status_code)
    assert "cohort:杭州~妇幼~2026-03" in (await http.get(f"{RULES}/nowhere")).json()["detail"]


async def test_a_scope_may_hold_a_slash(http: httpx.AsyncClient) -> None:
    scope = f"{RULES}/channel:妇幼%2F社区"
    assert (await http.patch(scope, json=calm(5))).json()["scope"] == "channel:妇幼/社区"
    assert (await http.get(scope)).json()["set"] == calm(5)
    assert len((await http.get(f"{scope}/changes")).json()["items"]) == 1


# Two admins at once


async def test_the_second_of_two_admins_is_told(world: World) -> None:
    async with world.admin() as one, world.admin() as other:
        seen = [(await each.get(OF_G1)).headers["ETag"] for each in (one, other)]
        first = await one.patch(OF_G1, json=calm(5), headers={"If-Match": seen[0]})
        assert first.status_code == 200
        second = await other.patch(OF_G1, json=calm(6), headers={"If-Match": seen[1]})
        assert "version 1" in problem(second, 412)["detail"]
        again = (await other.get(OF_G1)).headers["ETag"]
        assert again == first.headers["ETag"]
        repeated = await other.patch(OF_G1, json=calm(6), headers={"If-Match": again})
        assert repeated.json()["version"] == 2


async def test_of_many_admins_at_once_one_wins(world: World) -> None:
    async with world.admin() as http:
        seen = {"If-Match": (await http.get(OF_G1)).headers["ETag"]}
        answers = await asyncio.gather(
            *(http.patch(OF_G1, json=calm(n), headers=seen) for n in range(1, 4))
        )
    assert sorted(each.status_code for each in answers) == [200, 412, 412]


async def test_the_tag_of_a_groups_rules_serves_to_change_any_layer(
    http: httpx.AsyncClient,
) -> None:
    await http.patch(CHANNEL, json=calm(5))
    for layer in LAYERS:
        seen = (await http.get(RULES, params={"group": "g1"})).headers["ETag"]
        await http.patch(f"{RULES}/group:other", json=calm(1))
        answer = await http.patch(layer, json=calm(7), headers={"If-Match": seen})
        assert answer.status_code == 200, answer.text
        problem(await http.patch(layer, json=calm(9), headers={"If-Match": seen}), 412)


async def test_the_tag_of_a_change_serves_for_the_next(http: httpx.AsyncClient) -> None:
    answer = await http.patch(COHORT, json=calm(5))
    for seconds in (6, 7):
        tag = answer.headers["ETag"]
        answer = await http.patch(COHORT, json=calm(seconds), headers={"If-Match": tag})
        assert answer.status_code == 200


async def test_a_tag_may_be_written_in_other_ways(http: httpx.AsyncClient) -> None:
    for version, tags in enumerate(["*", " * ", 'W/"group%3Ag1=2"', '"x", "group%3Ag1=3"']):
        answer = await http.patch(OF_G1, json=calm(5), headers={"If-Match": tags})
        assert answer.json()["version"] == version + 1


NO_TAGS = ["", "x", '"everywhere=0"', '"group%3Ag1="', '"group%3Ag1=-1"', '"group%3Ag1=²"']


async def test_a_tag_of_something_else_is_refused(http: httpx.AsyncClient) -> None:
    for tags in (*NO_TAGS, f'"group%3Ag1={"9" * 5000}"'):
        headers = {b"If-Match": tags.encode("latin-1")}
        problem(await http.patch(OF_G1, json=calm(5), headers=headers), 412)
    assert (await http.get(OF_G1)).json()["version"] == 0


# What is kept


async def test_a_monitor_who_changed_them_is_named_to_those_who_may_know_her(
    world: World, http: httpx.AsyncClient
) -> None:
    await world.joins("班长小雨")
    await world.becomes("班长小雨", Role.MONITOR)
    await world.types("班长小雨", "/设置 凑人等待 5")
    async with await as_viewer(world) as viewer, await as_operator(world, groups=["g1"]) as hers:
        for client, told in ((viewer, "班长小雨"), (hers, "班长小雨 (班长小雨)")):
            (change,) = await items(client, "/rules/group:g1/changes")
            (layer,) = await items(client, "/rules/layers")
            assert {change["changed_by"], layer["changed_by"]} == {told}


async def test_every_change_is_kept(world: World, http: httpx.AsyncClient) -> None:
    await http.patch(OF_G1, json=calm(5))
    await world.passes(minutes=5)
    await http.patch(OF_G1, json=calm(None))
    problem(await http.patch(OF_G1, json=calm(-1)), 422)
    unset, done = await items(http, "/rules/group:g1/changes", limit=1)
    assert (done["before"], done["after"]) == ({}, calm(5))
    assert (unset["before"], unset["after"]) == (calm(5), {})
    assert (done["version"], unset["version"]) == (1, 2)
    assert {done["changed_by"], unset["changed_by"]} == {"运营小王"}
    assert done["changed_at"] == "2026-03-02T19:00:00+08:00"
    assert unset["changed_at"] == "2026-03-02T19:05:00+08:00"
    later = {"since": "2026-03-02T19:01:00+08:00"}
    assert await items(http, "/rules/group:g1/changes", **later) == [unset]
    assert await items(http, "/rules/everywhere/changes") == []
    problem(await http.get(f"{OF_G1}/changes", params={"limit": 0}), 422)


async def test_all_layers_that_set_something_are_listed(http: httpx.AsyncClient) -> None:
    await http.patch(CHANNEL, json=calm(5) | {"delivery": {"per_minute": 5, "jitter": 2}})
    await http.patch(OF_G1, json=calm(5))
    await http.patch(EVERYWHERE, json=calm(5))
    await http.patch(EVERYWHERE, json=calm(None))
    of_channel, of_group = await items(http, "/rules/layers")
    assert of_channel == {
        "scope": "channel:妇幼",
        "group_name": None,
        "version": 1,
        "changed_at": "2026-03-02T19:00:00+08:00",
        "changed_by": "运营小王",
        "values": 3,
    }
    assert (of_group["scope"], of_group["values"]) == ("group:g1", 1)
    assert of_group["group_name"] == "杭州·2026年3-5月·妇幼·01"
    assert await items(http, "/rules/layers", q="妇") == [of_channel]


# Undoing


async def undo(http: httpx.AsyncClient, layer: str = OF_G1, **more: Any) -> httpx.Response:
    return await http.post(f"{layer}/undo", **more)


async def test_the_last_change_is_undone_at_one_click(http: httpx.AsyncClient) -> None:
    await http.patch(OF_G1, json=calm(5) | {"delivery": {"per_minute": 5}})
    await http.patch(
        OF_G1, json={"onboarding": {"calm_delay": 60, "names_shown": 3}, "delivery": None}
    )
    undone = await undo(http)
    assert undone.status_code == 200, undone.text
    told = {"scope": "group:g1", "version": 3, "set": calm(5) | {"delivery": {"per_minute": 5}}}
    assert undone.json() == told
    assert await in_force(http, "onboarding.calm_delay") == (5, "group:g1")
    again = await undo(http)
    assert again.json()["set"] == {"onboarding": {"calm_delay": 60, "names_shown": 3}}
    (noted, *_) = await items(http, "/audit", group="g1")
    assert (noted["action"], noted["target"]) == ("rules_undone", "rules:group:g1")
    assert (noted["before"], noted["after"]) == (undone.json(), again.json())


async def test_all_changes_from_a_version_on_are_undone(http: httpx.AsyncClient) -> None:
    for seconds in (5, 6, 7):
        await http.patch(OF_G1, json=calm(seconds))
    assert (await undo(http, json={"version": 2})).json()["set"] == calm(5)
    assert (await undo(http, json={"version": 1})).json()["set"] == {}
    problem(await undo(http, json={"version": 9}), 404)
    problem(await undo(http, json={"version": 0}), 422)
    problem(await undo(http, COHORT), 409)
    problem(await undo(http, f"{RULES}/nowhere"), 404)


async def test_what_contradicts_another_layer_by_now_is_not_undone(
    http: httpx.AsyncClient,
) -> None:
    await http.patch(OF_G1, json=LONG_GAP)
    await http.patch(OF_G1, json={"onboarding": None})
    await http.patch(CHANNEL, json=SHORT_PEAK)
    body = problem(await undo(http), 409)
    assert "channel:妇幼 + group:g1" in body["detail"]
    assert "onboarding.min_gap" in [each["field"] for each in body["errors"]]
    assert (await http.get(OF_G1)).json()["version"] == 2


async def test_what_was_changed_meanwhile_is_not_undone(http: httpx.AsyncClient) -> None:
    seen = {"If-Match": (await http.patch(OF_G1, json=calm(5))).headers["ETag"]}
    await http.patch(OF_G1, json=calm(6))
    problem(await undo(http, headers=seen), 412)
    assert (await http.get(OF_G1)).json()["set"] == calm(6)


async def test_an_operator_changes_the_rules_of_her_own_groups(world: World) -> None:
    async with await as_operator(world, channels=["妇幼"]) as hers:
        for layer in (OF_G1, COHORT, CHANNEL):
            assert (await hers.patch(layer, json=calm(5))).status_code == 200
            assert (await undo(hers, layer)).status_code == 200
        for layer in (EVERYWHERE, f"{RULES}/channel:母婴店", f"{RULES}/group:g9"):
            problem(await hers.patch(layer, json=calm(5)), 403)
            assert (await hers.get(layer)).json()["set"] == {}
    async with world.admin() as http:
        noted = await items(http, "/audit", action="rules_changed", target="rules:channel:妇幼")
    assert [each["after"]["set"] for each in noted] == [calm(5)]


# From when on


async def test_a_change_holds_in_every_process(world: World, database: str) -> None:
    async with new_world(database) as other, other.admin() as http:
        await world.joins("豆豆妈")
        assert (await http.patch(EVERYWHERE, json=calm(60))).status_code == 200
        await world.passes(seconds=59)
        assert world.greeted == []
        await world.passes(seconds=2)
        assert world.greeted == ["豆豆妈"]


@pytest.mark.parametrize("layer", LAYERS)
async def test_a_change_holds_for_those_who_wait_already(world: World, layer: str) -> None:
    joined = world.clock.now()
    await world.rules(onboarding={"calm_delay": 300})
    await world.joins("豆豆妈")
    await world.rules(layer.removeprefix(f"{RULES}/"), onboarding={"calm_delay": 20})
    await world.simulation.look_again()
    await world.passes(minutes=1)
    assert world.seconds_to_welcome(joined) == [20]


async def test_a_change_elsewhere_changes_nothing_here(world: World) -> None:
    joined = world.clock.now()
    await world.joins("豆豆妈")
    for scope in ("channel:母婴店", "cohort:杭州~妇幼~2026-06", "group:g2"):
        await world.rules(scope, onboarding={"calm_delay": 300})
    await world.passes(minutes=1)
    assert world.seconds_to_welcome(joined) == [8]
