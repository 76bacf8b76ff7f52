"""Plots say in characters what they say; numbers come out right at every size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mbclient.ui.plots import bars, heat, spark

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def column(lines: list[str], label: str) -> int:
    """How high the bar over a label is, in rows."""
    at = lines[-1].index(label)
    return sum(len(line) > at and line[at] == "█" for line in lines[:-2])


def test_bars_stand_over_their_labels_and_the_limit_goes_through() -> None:
    lines = bars(["a", "b", "c"], [2, 12, 0], 8, 40, 9)
    assert column(lines, "b") > column(lines, "a") > column(lines, "c") == 0
    (limit,) = (line for line in lines if line.lstrip().startswith("8├"))
    assert "─" in limit
    assert "█" in limit  # only the bar of twelve reaches it
    below = lines[lines.index(limit) - 1]
    assert below.count("█") > 0


def test_a_bar_as_high_as_the_limit_leaves_its_line_to_be_seen() -> None:
    lines = bars(["a", "b"], [8, 3], 8, 30, 9)
    assert any(line.lstrip().startswith("8├") and "─" in line for line in lines)


@given(
    st.lists(st.integers(0, 50), min_size=2, max_size=28),
    st.one_of(st.none(), st.integers(1, 30)),
    st.integers(30, 200),
)
def test_no_plot_is_wider_or_higher_than_it_was_given(values: list[int], limit: int | None, width: int) -> None:
    lines = bars([str(number) for number in range(len(values))], values, limit, width, 9)
    assert len(lines) <= 9
    assert max(map(len, lines)) <= width


def test_more_is_darker_and_nothing_is_a_dot() -> None:
    lines = heat({(0, 8): 60, (0, 9): 30, (1, 8): 1}, WEEK, (8, 11), 8, 11)
    assert lines[0].rstrip() == "    ▼     ▼"
    assert lines[1].startswith("    08  10")
    assert lines[2] == "Mon ██▒▒····"
    assert lines[3] == "Tue ░░······"
    assert lines[8] == "Sun ········"


def test_a_whole_day_has_a_cell_an_hour_and_leaves_none_out() -> None:
    lines = heat({(0, 5): 1, (0, 23): 60}, WEEK, (8, 15), 0, 23)
    assert lines[1] == "    00 03 06 09 12 15 18 21"
    assert lines[0].index("▼") == 4 + 8
    assert lines[2] == "Mon ·····░·················█"


def test_a_spark_tells_nothing_known_from_nothing() -> None:
    assert spark([0, 5, None, 10]) == "▁▅·█"
    assert spark([None, None]) == "··"
    assert spark([0, 0]) == "▁▁"
