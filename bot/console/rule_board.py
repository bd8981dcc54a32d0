"""One layer of the rules as somebody works on it: what is in force, what she wants instead."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.console.client import MISSING, Refused, at
from bot.console.frame import Visit
from bot.console.schema_forms import Change, Form, Section, Values, patch_of, sections_of

DEFAULT = "default"
EVERYWHERE = "everywhere"


@dataclass(slots=True)
class Board:
    """`rules` are in force, and `below` were it not for this layer; `chain` are the layers, lowest
    first, and `drafts` what she wants: a value, or None for what the layers below say."""

    visit: Visit
    scope: str
    sections: list[Section] = field(default_factory=list)
    forms: dict[str, Form] = field(default_factory=dict)
    rules: Values = field(default_factory=dict)
    below: Values = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    chain: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    tag: str = ""
    drafts: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    heard: list[Callable[[], None]] = field(default_factory=list)

    async def find(self) -> bool:
        """Whether there is such a scope; loads it."""
        try:
            await self.load()
        except Refused as why:
            if why.status != MISSING:
                raise
            return False
        return True

    async def load(self) -> None:
        """As it is now; drafts are kept. Raises Refused."""
        api = self.visit.api
        schema, (found, self.tag) = await asyncio.gather(
            api.get("/rules/schema"), api.tagged("/rules", scope=self.scope)
        )
        self.sections = sections_of(schema)
        self.forms = {form.path: form for each in self.sections for form in each.forms}
        self.rules, self.sources = found["rules"], found["layers"]
        self.chain, self.left_out = list(found["versions"]), found["left_out"]
        self.below = await self._below()
        for path in [path for path in self.drafts if not self._differs(path)]:
            del self.drafts[path]
        self.tell()

    async def _below(self) -> Values:
        if len(self.chain) > 1:
            found: Values = (await self.visit.api.get("/rules", scope=self.chain[-2]))["rules"]
            return found
        return {
            each.name: {form.name: form.default for form in each.forms} for each in self.sections
        }

    # What stands there

    @property
    def may_change(self) -> bool:
        """An operator changes what concerns her channels and groups."""
        if self.visit.may("admin"):
            return True
        return self.visit.may("operator") and not {
            *self.chain,
            self.scope,
        }.isdisjoint(self.visit.who["scopes"])

    def value(self, form: Form) -> Any:
        """What she wants, or what is."""
        if form.path not in self.drafts:
            return self.rules[form.section][form.name]
        wanted = self.drafts[form.path]
        return self.value_below(form) if wanted is None else wanted

    def value_below(self, form: Form) -> Any:
        return self.below[form.section][form.name]

    def is_set_here(self, form: Form) -> bool:
        return self.sources[form.path] == self.scope

    def set_here(self, section: Section) -> int:
        return sum(map(self.is_set_here, section.forms))

    # What she wants

    def draft(self, form: Form, value: Any) -> None:
        self.faults.pop(form.path, None)
        self.drafts[form.path] = value
        if not self._differs(form.path):
            del self.drafts[form.path]
        self.tell()

    def misread(self, form: Form, why: str) -> None:
        self.drafts.pop(form.path, None)
        self.faults[form.path] = why
        self.tell()

    def forget(self, *forms: Form) -> None:
        """All of them, where none is named."""
        for path in [each.path for each in forms] or list({**self.drafts, **self.faults}):
            self.drafts.pop(path, None)
            self.faults.pop(path, None)
        self.tell()

    def tell(self) -> None:
        for each in self.heard:
            each()

    def _differs(self, path: str) -> bool:
        form, wanted = self.forms[path], self.drafts[path]
        if wanted is None:
            return self.is_set_here(form)
        return bool(wanted != self.rules[form.section][form.name])

    @property
    def changes(self) -> list[Change]:
        """From what is in force to what would be."""
        return [
            Change(self.forms[path], self.rules[section][name], self.value(self.forms[path]))
            for path in self.drafts
            for section, _, name in [path.partition(".")]
        ]

    @property
    def patch(self) -> dict[str, dict[str, Any]]:
        return patch_of(self.drafts)

    async def save(self) -> None:
        """Raises Refused; nothing is lost by that."""
        path = at("rules", self.scope)
        await self.visit.api.change("PATCH", path, self.patch, tag=self.tag)
        self.drafts.clear()
        await self.load()
