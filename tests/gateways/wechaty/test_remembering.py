"""What is remembered of a gateway is bounded, whatever it tells or fails to tell."""

from bot.gateways.wechaty.echoes import Echoes
from bot.recent import Recent

ROOM = 3
MANY, FEW = 1_000, 10


def test_each_echo_is_expected_once() -> None:
    echoes = Echoes(FEW)
    for _ in range(2):
        echoes.expect((ROOM, "r1"))
    found = [echoes.is_expected((ROOM, "r1")) for _ in range(3)]
    assert found == [True, True, False]
    assert not echoes.is_expected((ROOM, "r2"))


def test_a_gateway_that_never_echoes_fills_no_memory() -> None:
    echoes = Echoes(FEW)
    for number in range(MANY):
        echoes.expect((ROOM, f"r{number}"))
    kept = [number for number in range(MANY) if echoes.is_expected((ROOM, f"r{number}"))]
    assert kept == list(range(MANY - FEW, MANY))


def test_the_newest_are_known_and_no_more() -> None:
    recent = Recent(FEW)
    seen = [recent.first_sight(f"r{number}") for number in range(MANY)]
    assert all(seen)
    assert [n for n in range(MANY) if f"r{n}" in recent] == list(range(MANY - FEW, MANY))
