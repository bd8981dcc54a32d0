"""What a gateway is tried on must not be made of that gateway."""

import ast
from pathlib import Path

HERE = Path(__file__).parent.parent


def test_nothing_here_knows_a_gateway() -> None:
    modules = sorted(HERE.glob("*.py"))
    assert len(modules) > 10
    imported = {
        (file.name, each.module)
        for file in modules
        for each in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(each, ast.ImportFrom) and each.module
    }
    ours = {(file, name) for file, name in imported if name.split(".")[0] in {"bot", "handlers"}}
    assert ours == {("__main__.py", "bot.clock")}
