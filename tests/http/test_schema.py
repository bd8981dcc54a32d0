"""The description of the API is right: Schemathesis asks for all that it allows and forbids."""

import asyncio
import sys
from pathlib import Path

import pytest

from bot.http.openapi import TAGS
from bot.service import http_server
from tests.browser.demo import free_port
from tests.http.test_roles import lively as lively_fixture
from tests.world import World

lively = lively_fixture
ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = 10
"""Of each operation and kind; `schemathesis run` by hand may take more."""


@pytest.mark.parametrize("tag", TAGS)
async def test_what_is_said_of_the_api_is_so(lively: World, tag: str, tmp_path: Path) -> None:
    where = f"127.0.0.1:{free_port()}"
    async with http_server(lively.app(), where, "127.0.0.1"):
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(ROOT / "schemathesis.toml")),
            *("run", f"http://{where}/openapi.json", "--no-color"),
            *("--header", f"Authorization: Bearer {lively.token}"),
            *("--include-tag", tag),
            *("--max-examples", str(EXAMPLES), "--seed", "1", "--warnings", "off"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()[-8000:]
