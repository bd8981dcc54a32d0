"""Six digits: the same for the same seed, all different, and none that people type by chance."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.entry.tickets import TOLD_OF, candidates
from handlers.tickets import said, told


@given(st.text(max_size=80))
def test_the_same_seed_gives_the_same_numbers_in_order(seed: str) -> None:
    numbers = list(candidates(seed))
    assert numbers == list(candidates(seed))
    assert len(numbers) > 50
    for each in numbers:
        assert each.isdigit()
        assert 100_000 <= int(each) <= 999_999
        assert each != TOLD_OF
        assert len(set(each)) > 1


def test_seeds_give_numbers_all_over_the_place() -> None:
    first = [next(candidates(f"seed {n}")) for n in range(2000)]
    assert len(set(first)) > 1980
    by_digit = [sum(each[0] == str(digit) for each in first) for digit in range(1, 10)]
    assert min(by_digit) > 150


def test_what_is_given_out_can_be_shown_in_chat() -> None:
    ticket = next(candidates("a seed"))
    assert said(ticket) == ticket
    assert told(f"你好，我的号是 {ticket}") == ticket
