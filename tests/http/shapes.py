"""Requests made from nothing but the description of the API."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, str] = MappingProxyType({})
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    told: Mapping[str, Any]

    @property
    def role(self) -> str:
        role: str = self.told.get("x-role", "")
        return role

    @property
    def changes(self) -> bool:
        return self.method != "get"

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def at(self, known: Mapping[str, str]) -> str:
        """Its address, of things that are there."""
        return re.sub(r"{(\w+)}", lambda each: known.get(each[1], "1"), self.path)

    def query(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """What must be asked."""
        given = self.told.get("parameters", ())
        return {
            each["name"]: example(each["schema"], schema)
            for each in given
            if each["in"] == "query" and each.get("required")
        }

    def body(self, schema: Mapping[str, Any], known: Mapping[str, str]) -> Any:
        """The least that it takes, of things that are there; None where it takes none."""
        content = self.told.get("requestBody", {}).get("content", {})
        given = content.get("application/json")
        return example(given["schema"], schema, known) if given else None


def operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(method, path, item[method])


def example(
    of: Mapping[str, Any],
    schema: Mapping[str, Any],
    known: Mapping[str, str] = MappingProxyType({}),
) -> Any:
    """Something that fits: what is given as an example, or else the least."""
    if "$ref" in of:
        named = of["$ref"].rsplit("/", 1)[1]
        return example(schema["components"]["schemas"][named], schema, known)
    for given in ("const", "default"):
        if given in of:
            return of[given]
    for several in ("examples", "enum"):
        if of.get(several):
            return of[several][0]
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in of:
            return example(of[choice][0], schema, known)
    return _least(of, schema, known)


def _least(of: Mapping[str, Any], schema: Mapping[str, Any], known: Mapping[str, str]) -> Any:
    match of.get("type"):
        case "object":
            fields = of.get("properties", {})
            return {
                name: known.get(name) or example(fields[name], schema, known)
                for name in of.get("required", ())
            }
        case "array":
            return [example(of["items"], schema, known)] * of.get("minItems", 0)
        case "integer" | "number":
            return of.get("minimum", of.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "string":
            return _text(of)
    return None


def _text(of: Mapping[str, Any]) -> str:
    match of.get("format"):
        case "date-time":
            return "2026-03-02T20:00:00+08:00"
        case "date":
            return "2026-03-03"
    least: int = of.get("minLength", 1)
    return "试" * max(least, 1)
