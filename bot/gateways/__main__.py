"""`python -m bot.gateways [--write]`: the table of what gateways can do, printed, or written
into docs/gateways.md of the repository one stands in."""

import sys
from pathlib import Path

from bot.gateways import GATEWAYS
from bot.gateways.abilities import table, written

PAGE = Path("docs/gateways.md")


def main() -> None:
    able = {name: each.capabilities for name, each in GATEWAYS.items()}
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(written(PAGE.read_text("utf-8"), able), "utf-8")
    elif sys.argv[1:]:
        sys.exit("python -m bot.gateways [--write]")
    else:
        sys.stdout.write(f"{table(able)}\n")


if __name__ == "__main__":
    main()
