"""What a template for group names may look like."""

from collections.abc import Sequence
from string import Formatter

from config.written import Senseless

DEFAULT_TEMPLATE = "{city}·{window}·{channel}·{seq}"
FIELDS = ("city", "window", "channel", "seq")
LONGEST_TEMPLATE = 80
WIDE_SPACE = "\u3000"


def check_template(template: str) -> None:
    """Raises Senseless, saying what to change, unless names written by it can be read back."""
    if len(template) > LONGEST_TEMPLATE:
        raise Senseless(f"the template is longer than {LONGEST_TEMPLATE} characters")
    if not template.replace(WIDE_SPACE, " ").isprintable():
        raise Senseless("the template holds a line break or another character that can't be seen")
    texts, fields = pieces(template)
    _check_fields(fields)
    _check_texts(texts)


def pieces(template: str) -> tuple[list[str], list[str]]:
    """The literal texts and the fields between them; there is one text more than fields."""
    texts, fields = [""], []
    for text, field, spec, conversion in _parsed(template):
        texts[-1] += text
        if field is not None:
            if spec or conversion:
                raise Senseless(f"write {{{field}}} without a format")
            fields.append(field)
            texts.append("")
    return texts, fields


def _parsed(template: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(template))
    except ValueError as error:
        raise Senseless(str(error)) from error


def _check_fields(fields: Sequence[str]) -> None:
    for field in fields:
        if field not in FIELDS:
            raise Senseless(f"there is no field {{{field}}}; the fields are {_listed()}")
    for field in FIELDS:
        if fields.count(field) != 1:
            raise Senseless(f"{{{field}}} must stand in the template exactly once")


def _check_texts(texts: Sequence[str]) -> None:
    if not all(texts[1:-1]):
        raise Senseless("two fields need some text between them, such as `·`")
    if any(text and (text[0].isdigit() or text[-1].isdigit()) for text in texts):
        raise Senseless("a digit next to a field would be read as part of it")


def _listed() -> str:
    return ", ".join(f"{{{field}}}" for field in FIELDS)
