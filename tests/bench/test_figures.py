"""The table of figures: what is in a row, whether it is as promised, and where it is written."""

import pytest

from tests.bench.figures import (
    BEGIN,
    END,
    Bound,
    Figure,
    NoPlace,
    Row,
    Verdict,
    anchor,
    as_ratio,
    at_least,
    at_most,
    is_kept,
    table,
    written,
)


def row(
    ours: float = 12,
    theirs: float = 100,
    unit: str = "/s",
    target: Bound | None = None,
    promise: Bound | None = None,
    see: str = "",
) -> Row:
    return Row(
        what="messages handled",
        ours=Figure(ours, unit),
        beside="COPY",
        theirs=Figure(theirs, unit),
        target=target or at_least(0.10),
        promise=promise or at_least(0.05),
        see=see,
    )


OF_COPY = [
    (12, Verdict.MET),
    (10, Verdict.MET),
    (9, Verdict.SHORT),
    (5, Verdict.SHORT),
    (4.9, Verdict.BROKEN),
]


@pytest.mark.parametrize(("ours", "verdict"), OF_COPY)
def test_short_of_a_target_is_not_yet_a_broken_promise(ours: float, verdict: Verdict) -> None:
    assert row(ours).verdict is verdict


@pytest.mark.parametrize(("ours", "verdict"), [(50, Verdict.MET), (51, Verdict.SHORT)])
def test_a_bound_with_a_unit_is_of_our_own_figure(ours: float, verdict: Verdict) -> None:
    found = row(ours, 10, "ms", target=at_most(Figure(50, "ms")), promise=at_most(100))
    assert found.verdict is verdict


def test_a_broken_promise_is_not_met_by_reaching_the_target() -> None:
    target, promise = at_least(Figure(10, "/s")), at_least(0.5)
    assert row(12, target=target, promise=promise).verdict is Verdict.BROKEN


def test_a_bound_in_another_unit_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="50 s of 12 ms"):
        _ = row(unit="ms", promise=at_most(Figure(50, "s"))).verdict


def test_one_broken_promise_is_enough_to_fail() -> None:
    assert is_kept([row(), row(9)])
    assert not is_kept([row(), row(1)])


@pytest.mark.parametrize(
    ("ratio", "told"),
    [(0.01234, "1.23 %"), (0.918, "91.8 %"), (1.0, "1 x"), (1.064, "1.06 x"), (1234.5, "1,234 x")],
)
def test_a_ratio_below_one_is_told_in_percent(ratio: float, told: str) -> None:
    assert as_ratio(ratio) == told


def test_figures_have_three_digits_or_all_before_the_point() -> None:
    assert str(Figure(0.2512, "ms")) == "0.251 ms"
    assert str(Figure(108_733.3, "/s")) == "108,733 /s"


def test_a_table_has_a_line_for_each_row_and_says_where_to_read_on() -> None:
    lines = table([row(), row(9, see="Handlers")]).splitlines()
    assert lines[1].count("---") == lines[0].count("|") - 1
    assert lines[2] == (
        "| messages handled | 12 /s | COPY: 100 /s | 12 % | ≥ 10 % | ≥ 5 % | met |"
    )
    assert lines[3].endswith("| short of its target: see [Handlers](#handlers) |")


def test_a_title_becomes_an_anchor_as_pages_have_them() -> None:
    assert anchor("What was tried, and what it gave") == "what-was-tried-and-what-it-gave"


def test_only_what_stands_between_the_marks_is_written_anew() -> None:
    page = f"# Figures\n\n{BEGIN}\n\nold\n\n{END}\n\nBy hand.\n"
    once = written(page, "new")
    assert once == f"# Figures\n\n{BEGIN}\n\nnew\n\n{END}\n\nBy hand.\n"
    assert written(once, "new") == once


@pytest.mark.parametrize("page", ["# Figures\n", BEGIN, f"{END}\n{BEGIN}"])
def test_a_page_without_marks_is_left_alone(page: str) -> None:
    with pytest.raises(NoPlace):
        written(page, "new")
