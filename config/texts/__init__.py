"""What the bot says: Jinja2 templates beside this page, overridable like rules."""

import unicodedata
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from itertools import chain, combinations
from pathlib import Path
from typing import Annotated, Any

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from config.written import Senseless

LONGEST, LONGEST_TEMPLATE = 500, 2_000
LONGEST_POST, LONGEST_POST_TEMPLATE = 1_000, 4_000
RULES_LINES = 5

GREETING = {
    "names": "@豆豆妈\u2005等12位",
    "city": "杭州",
    "window": "2026年3-5月",
    "stage": "prenatal",
    "monitor": "小雨妈妈",
    "example": "杭州-孕28周-小雨",
}
"""What the templates of a round may use, with an example of each."""

VARIANTS = [
    GREETING | {"stage": stage} | absent
    for stage in ("prenatal", "postnatal")
    for absent in ({}, {"monitor": ""}, {"monitor": "", "city": "", "window": ""})
]
"""A template must have something to say in each: not every group has a monitor, or a city."""

AWARDS = {"awards": "@豆豆妈\u2005+5（1个回答被采纳）\n@米粒妈\u2005+2（回答了1个问题）"}
"""What the news of points may use."""

CONTENT = {
    "city": "杭州",
    "channel": "妇幼",
    "window": "2026年3-5月",
    "stage": "prenatal",
    "week": "孕28周",
    "monitor": "小雨妈妈",
}
"""What the text of an item of the library may use."""

_STAGES: Sequence[dict[str, str]] = ({}, {"stage": "postnatal", "week": "宝宝3周"})

CONTENT_VARIANTS = [
    CONTENT | stage | absent
    for stage in _STAGES
    for absent in (
        *({}, {"monitor": ""}, {"week": ""}, {"city": "", "channel": ""}),
        dict.fromkeys(("city", "channel", "window", "week", "monitor"), ""),
    )
]

_MARKS = ("{{", "{%", "{#")
_PARTS = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const),
    *(nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
)
"""No loops, calls, filters or sums: what is made of these renders at once, and always renders."""

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=1024)
def _compiled(template: str) -> Template:
    return _environment.from_string(template)


def render(template: str, values: Mapping[str, Any]) -> str:
    """The text without blank ends; raises jinja2.TemplateError."""
    return _compiled(template).render(values).strip()


class _Empty(str):
    """A value that a group does not have. A template may ask for it, and must not print it."""

    __slots__ = ("name",)
    name: str

    def __str__(self) -> str:
        raise EmptyValue(self.name)


def _empty(name: str) -> str:
    value = _Empty()
    value.name = name
    return value


class BadTemplate(Senseless):
    """A template that can't be said; `line` is where, where that can be told."""

    def __init__(self, says: str, line: int | None = None) -> None:
        super().__init__(says)
        self.line = line


class EmptyValue(TemplateError):
    """A value was to be printed that is empty: the sentence around it would be maimed."""


def render_whole(template: str, values: Mapping[str, str]) -> str:
    """As `render`; raises EmptyValue, too."""
    return render(template, {name: value or _empty(name) for name, value in values.items()})


@lru_cache(maxsize=1 << 15)
def printed_by(template: str) -> frozenset[str]:
    """The values that a post prints without asking whether there is one (`{% if week %}`): it can
    be said only where these are."""
    if not any(mark in template for mark in _MARKS):
        return frozenset()
    used = [each for each in CONTENT if each != "stage" and each in template]
    absent = chain.from_iterable(combinations(used, n) for n in range(1, len(used) + 1))
    return frozenset(
        printed
        for missing in absent
        for stage in _STAGES
        if (printed := _printed(template, CONTENT | stage | dict.fromkeys(missing, "")))
    )


def _printed(template: str, values: Mapping[str, str]) -> str | None:
    try:
        render_whole(template, values)
    except EmptyValue as error:
        return error.message
    return None


def _renders(template: str, variants: Sequence[Mapping[str, str]], longest: int = LONGEST) -> str:
    """A template is refused where it is written, not when it is about to be said."""
    for number, line in enumerate(template.split("\n"), 1):
        if any(unicodedata.category(each) in ("Cc", "Cs") and each not in "\r\t" for each in line):
            raise BadTemplate("the template holds a character that can't be shown", number)
    try:
        texts = _rendered(template, variants)
    except (TemplateError, SyntaxError, RecursionError) as error:
        known = ", ".join(variants[0])
        why = f"the template does not render: {error}; it may use {known}"
        raise BadTemplate(why, getattr(error, "lineno", None)) from error
    if not all(texts):
        raise BadTemplate("the template renders to nothing")
    if max(map(len, texts)) > longest:
        raise BadTemplate(f"the text is longer than {longest} characters")
    return template


def _rendered(template: str, variants: Sequence[Mapping[str, str]]) -> list[str]:
    """Raises what goes wrong when the template is read or rendered."""
    if not any(mark in template for mark in _MARKS):
        # Nearly every item of a library; a thousand of them are read in no time then.
        return [template.strip()]
    _check_parts(_environment.parse(template), variants[0])
    return [render(template, values) for values in variants]


def _check_parts(template: nodes.Template, known: Container[str]) -> None:
    """Raises TemplateError for what could fail, or go on for ever, on values other than ours."""
    for each in [template, *template.find_all(nodes.Node)]:
        if (why := _fault(each, known)) is not None:
            raise _Unfit(why, each.lineno)


def _fault(part: nodes.Node, known: Container[str]) -> str | None:
    if not isinstance(part, _PARTS):
        return f"{type(part).__name__} is not for templates, only if and else"
    if isinstance(part, nodes.Name) and part.name not in known:
        return f"there is no {part.name!r}"
    if isinstance(part, nodes.Const) and not isinstance(part.value, str):
        return f"{part.value!r} is not a text"
    if isinstance(part, nodes.Operand) and part.op not in ("eq", "ne", "in", "notin"):
        return "texts are compared with ==, != or in"
    if isinstance(part, nodes.CondExpr) and part.expr2 is None:
        return "what is it without an else?"
    return None


class _Unfit(TemplateError):
    """A part that is not for templates, in the line `lineno`."""

    def __init__(self, says: str, lineno: int) -> None:
        super().__init__(says)
        self.lineno = lineno


def _is_short(template: str) -> str:
    if max(len(render(template, values).splitlines()) for values in VARIANTS) > RULES_LINES:
        raise BadTemplate(f"at most {RULES_LINES} lines: nobody reads more when just arrived")
    return template


def _default(name: str) -> str:
    return Path(__file__).with_name(f"{name}.j2").read_text("utf-8")


Written = Annotated[
    str, Field(max_length=LONGEST_TEMPLATE, json_schema_extra={"unit": "template"})
]
Text = Annotated[Written, AfterValidator(lambda text: _renders(text, VARIANTS))]
News = Annotated[Written, AfterValidator(lambda text: _renders(text, [AWARDS]))]


def check_post(template: str) -> str:
    """The text of an item as it is kept, raising ValueError where it could not be posted."""
    if len(template) > LONGEST_POST_TEMPLATE:
        raise BadTemplate(f"the template is longer than {LONGEST_POST_TEMPLATE} characters")
    return _renders(template, CONTENT_VARIANTS, LONGEST_POST)


def tried(name: str, template: str) -> list[tuple[Mapping[str, str], str]]:
    """What the text called `name` would come to say by this template, and on which values; raises
    BadTemplate where it could not be said."""
    variants = VARIANTS if SAMPLES[name] is GREETING else [SAMPLES[name]]
    _renders(template, variants)
    if name == "rules":
        _is_short(template)
    return [(values, render(template, values)) for values in variants]


def variants_of(template: str) -> list[str]:
    """What an item that was checked may come to say."""
    return _rendered(template, CONTENT_VARIANTS)


class Texts(BaseModel):
    """The words of the welcome, the reminder and the news of points; `{{ names }}` are the people
    that they are for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    welcome: Text = Field(_default("welcome"), description="Step 1: who she is among.")
    nickname: Text = Field(_default("nickname"), description="Step 2: how to call herself.")
    rules: Annotated[Text, AfterValidator(_is_short)] = Field(
        _default("rules"), description="Step 3: the group's rules, at most five short lines."
    )
    reminder: Text = Field(
        _default("reminder"), description="To those whose nickname does not fit yet."
    )
    awarded: News = Field(
        _default("awarded"), description="Who earned points lately; `awards` has a line for each."
    )


SAMPLES: Mapping[str, Mapping[str, str]] = {
    name: AWARDS if name == "awarded" else GREETING for name in Texts.model_fields
}
"""What each template may use."""
