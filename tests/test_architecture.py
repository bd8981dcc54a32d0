"""What is new in the tree is also held to the rules of the house (pyproject.toml)."""

import tomllib
from pathlib import Path

import pytest

from bot.gateways import GATEWAYS

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def contracts() -> dict[str, dict[str, list[str]]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found = settings["tool"]["importlinter"]["contracts"]
    return {each["name"]: each for each in found}


def packages(folder: str) -> set[str]:
    """The packages and modules right inside a folder of code, by their dotted names."""
    return {
        ".".join(each.relative_to(ROOT).with_suffix("").parts)
        for each in (ROOT / folder).iterdir()
        if each.suffix == ".py" or (each / "__init__.py").exists()
    }


def test_every_policy_decides_and_never_does(contracts: dict[str, dict[str, list[str]]]) -> None:
    policies = [*(ROOT / "handlers").rglob("policy.py"), *(ROOT / "bot").rglob("policy.py")]
    assert len(policies) >= 3
    named = contracts["Policies and values decide and never do"]["source_modules"]
    dotted = {".".join(each.relative_to(ROOT).with_suffix("").parts) for each in policies}
    assert dotted <= set(named)


def test_every_feature_is_told_from_the_others(contracts: dict[str, dict[str, list[str]]]) -> None:
    found = packages("handlers")
    features = {each for each in found if (ROOT / each.replace(".", "/") / "handler.py").exists()}
    assert features == set(contracts["Features do not know each other"]["modules"])


def test_every_gateway_is_told_from_the_others(contracts: dict[str, dict[str, list[str]]]) -> None:
    shared = ("__init__", "__main__", "base", "abilities")
    gateways = packages("bot/gateways") - {f"bot.gateways.{each}" for each in shared}
    assert gateways == set(contracts["Gateways do not know each other"]["modules"])
    registered = {".".join(each.__module__.split(".")[:3]) for each in GATEWAYS.values()}
    assert registered == gateways
