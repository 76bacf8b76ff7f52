"""Plots say in characters what they say; numbers come out right at every size."""

from __future__ import annotations

import math

from hypothesis import example, given
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


def test_what_is_not_known_is_a_dash_and_nothing_is_nothing() -> None:
    lines = bars(["a", "b", "c"], [None, 0, 3], 8, 40, 9)
    ground = next(line for line in lines if line.startswith("0┤"))
    assert [ground[lines[-1].index(name)] for name in "abc"] == ["–", " ", "█"]


def test_a_bar_as_high_as_the_limit_leaves_its_line_to_be_seen() -> None:
    lines = bars(["a", "b"], [8, 3], 8, 30, 9)
    assert any(line.lstrip().startswith("8├") and "─" in line for line in lines)


@given(
    st.lists(st.none() | st.integers(0, 50), min_size=2, max_size=70),
    st.one_of(st.none(), st.integers(1, 30)),
    st.integers(74, 200),
)
@example([None, 13], 1, 74)
@example([None, 1, None, 10, 3, 3, 3, 3, 3], None, 84)  # wider than the terminal that the tests run in
def test_every_bar_is_as_wide_as_the_others_and_keeps_to_its_room(
    values: list[int | None], limit: int | None, width: int
) -> None:
    lines = bars([f"{number:02}" for number in range(len(values))], values, limit, width, 9)
    assert len(lines) <= 9
    assert max(map(len, lines)) <= width
    ground = lines[next(number for number, line in enumerate(lines) if "└" in line) - 1]
    assert ground.lstrip().startswith(("0┤", f"{limit}├")), "the lowest limit may lie there"
    drawn = ground.lstrip().lstrip("0123456789")[1:]
    known = sum(value is not None and value > 0 for value in values)
    assert drawn.count("–") == values.count(None)
    assert drawn.count("█") % max(1, known) == 0


def test_more_is_darker_nothing_is_a_dot_and_what_is_not_known_is_blank() -> None:
    lines = heat({(0, 8): 60, (0, 9): 30, (1, 8): 1}, WEEK, range(5), (8 + 40 / 60, 11), (8, 11))
    assert lines[0] == "   │ ▼    ▼"
    assert lines[1] == "Mon┤██▒▒····"
    assert lines[2] == "Tue┤░░······"
    assert lines[5] == "Fri┤········"
    assert lines[6] == "Sat┤"
    assert lines[9].split() == ["08", "10"]
    assert lines[9].index("10") - lines[9].index("08") == 4  # two cells an hour


def test_a_whole_day_has_a_cell_an_hour_and_leaves_none_out() -> None:
    lines = heat({(0, 5): 1, (0, 23): 60}, WEEK, range(7), (8, 15), (0, 23))
    assert lines[9].split() == ["00", "03", "06", "09", "12", "15", "18", "21"]
    assert lines[0].index("▼") == 4 + 8
    assert lines[1] == "Mon┤·····░·················█"


def test_a_time_outside_of_what_is_shown_has_no_mark() -> None:
    assert "▼" not in heat({(0, 9): 1}, WEEK, range(7), (6.5, 23), (8, 18))[0]


hours = st.tuples(st.integers(0, 6), st.integers(0, 23))


@given(
    st.dictionaries(hours, st.floats(0, 3600)),
    st.sets(st.integers(0, 6)),
    st.lists(st.floats(0, 23.9), max_size=4),
    st.integers(0, 12),
    st.integers(13, 23),
)
def test_every_hour_is_at_its_place(
    values: dict[tuple[int, int], float], known: set[int], marked: list[float], first: int, last: int
) -> None:
    lines = heat(values, WEEK, known, marked, (first, last))
    wide = 2 if last - first < 16 else 1
    top = max(values.values(), default=0)
    assert max(map(len, lines)) <= 4 + wide * (last - first + 1)
    for weekday, name in enumerate(WEEK):
        row = lines[1 + weekday].ljust(4 + wide * 24)
        assert row.startswith(name)
        for hour in range(first, last + 1):
            cells = row[4 + wide * (hour - first) :][:wide]
            value = values.get((weekday, hour), 0)
            if weekday not in known:
                assert cells == " " * wide
            elif value <= 0:
                assert cells == "·" * wide
            else:
                assert cells == wide * "░▒▓█"[max(0, min(3, math.ceil(value * 4 / top) - 1))]


def test_a_spark_tells_nothing_known_from_nothing() -> None:
    assert spark([0, 5, None, 10]) == "▁▄·█"
    assert spark([None, None]) == "··"
    assert spark([0, 0]) == "▁▁"
    assert spark([7]) == "█"


@given(st.lists(st.none() | st.integers(0, 10**6), min_size=1, max_size=60))
def test_a_spark_has_a_cell_a_value_and_more_is_never_lower(values: list[int | None]) -> None:
    drawn = spark(values)
    assert len(drawn) == len(values)
    told = sorted((value, cell) for value, cell in zip(values, drawn, strict=True) if value is not None)
    assert [cell for _value, cell in told] == sorted(cell for _value, cell in told)
    assert all((value is None) is (cell == "·") for value, cell in zip(values, drawn, strict=True))
