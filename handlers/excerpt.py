"""Of a long text as much as it takes to know it by. Pure."""

SHORTENED = 16
"""Characters that one line on a phone has room for, beside what is said of them."""


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHORTENED else f"{line[: SHORTENED - 1]}…"
