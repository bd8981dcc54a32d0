"""What the bot says: Jinja2 templates beside this page, overridable like rules."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LONGEST = 500
RULES_LINES = 5

SAMPLE = {
    "names": "@豆豆妈\u2005等12位",
    "city": "杭州",
    "window": "2026年3-5月",
    "stage": "prenatal",
    "monitor": "小雨妈妈",
    "example": "杭州-孕28周-小雨",
}
"""What a template may use, with an example of each."""

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=1024)
def _compiled(template: str) -> Template:
    return _environment.from_string(template)


def render(template: str, values: dict[str, Any]) -> str:
    """The text without blank ends; raises jinja2.TemplateError."""
    return _compiled(template).render(values).strip()


def _renders(template: str) -> str:
    """A template is refused where it is written, not when it is about to be said."""
    try:
        texts = [render(template, SAMPLE | {"stage": s}) for s in ("prenatal", "postnatal")]
    except (TemplateError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"the template does not render: {error}; it may use {', '.join(SAMPLE)}"
        ) from error
    if not all(texts):
        raise ValueError("the template renders to nothing")
    if max(map(len, texts)) > LONGEST:
        raise ValueError(f"the text is longer than {LONGEST} characters")
    return template


def _is_short(template: str) -> str:
    if len(render(template, SAMPLE).splitlines()) > RULES_LINES:
        raise ValueError(f"at most {RULES_LINES} lines: nobody reads more when just arrived")
    return template


def _default(name: str) -> str:
    return Path(__file__).with_name(f"{name}.j2").read_text("utf-8")


Text = Annotated[str, AfterValidator(_renders)]


class Texts(BaseModel):
    """The words of each message; `{{ names }}` are the people it is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    welcome: Text = Field(_default("welcome"), description="Step 1: who she is among.")
    nickname: Text = Field(_default("nickname"), description="Step 2: how to call herself.")
    rules: Annotated[Text, AfterValidator(_is_short)] = Field(
        _default("rules"), description="Step 3: the group's rules, at most five short lines."
    )
    reminder: Text = Field(
        _default("reminder"), description="To those whose nickname does not fit yet."
    )
