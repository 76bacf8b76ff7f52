"""The figures that are tables: by service and by work term, at any width."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.figures import Day, Figures, Inflow, Reading, ServiceFigures, TermFigures
from mbclient.core.figuretables import Table, tables
from mbclient.texts.meter import cells

MINUTE = timedelta(minutes=1)
READ = Reading(30 * MINUTE, 12 * MINUTE, 15 * MINUTE, 2 * MINUTE)
FIGURES = Figures(
    (Day(date(2026, 11, 24), 12, Inflow(200, 60, 130, 5, 4000), True, reading=READ, slots=(4, 1)),),
    8,
    by_service={
        "bluesky": ServiceFigures(2, Inflow(50, 10, 40, 0, 1000), Reading(10 * MINUTE)),
        "mastodon": ServiceFigures(
            10, Inflow(150, 50, 90, 5, 3000), Reading(20 * MINUTE, 12 * MINUTE, 15 * MINUTE, 2 * MINUTE), (4, 1)
        ),
    },
    by_term={
        "openssl": TermFigures(Inflow(40, 40, 3, 1, 600), Reading(15 * MINUTE, 2 * MINUTE, 15 * MINUTE, 2 * MINUTE))
    },
    slots=(4, 1),
    findings={"P2-SLOT": {"sent": 3}, "P4": {"cancelled": 1}},
    rate=120,
    currency="SEK",
)
HOURS = {(1, 8): 20 * MINUTE, (1, 20): 12 * MINUTE}


def table(id: str, figures: Figures = FIGURES) -> Table:
    return next(one for one in tables(figures, HOURS) if one.id == id)


def cells_of(table: Table, name: str) -> dict[str, list[str]]:
    """The row of a name, by column; "on work" comes twice."""
    (row,) = (row for row in table.rows if row[0] == name)
    found: dict[str, list[str]] = {}
    for column, value in zip(table.head[1:], row[1:], strict=True):
        found.setdefault(column, []).append(value)
    return found


def test_a_service_has_every_figure_that_makes_sense() -> None:
    assert cells_of(table("services"), "mastodon") == {
        "Posts": ["10"],
        "in time": ["25 %"],
        "received": ["150"],
        "work": ["33 %"],
        "filtered": ["60 %"],
        "muted": ["5"],
        "saved": ["15"],
        "at work": ["20"],
        "outside": ["12"],
        "on work": ["15", "2"],
        "SEK": ["40"],
    }


def test_a_term_has_no_share_of_work_for_all_of_it_is() -> None:
    assert cells_of(table("terms"), "openssl") == {
        "received": ["40"],
        "filtered": ["8 %"],
        "muted": ["1"],
        "saved": ["3"],
        "at work": ["15"],
        "outside": ["2"],
        "SEK": ["30"],
    }


def test_findings_by_outcome_and_hours_by_weekday() -> None:
    assert table("findings").rows == (("P2-SLOT", "0", "3"), ("P4", "1", "0"))
    assert table("findings").head == ("", "cancelled", "sent")
    assert cells_of(table("hours"), "08–09")["Tue"] == ["20"]
    assert cells_of(table("hours"), "08–09")["Mon"] == ["·"]


def test_without_a_rate_there_is_no_money_and_without_measuring_a_dash() -> None:
    poor = replace(FIGURES, rate=0)
    assert "SEK" not in table("services", poor).head
    unmeasured = replace(FIGURES, days=(replace(FIGURES.days[0], reading=None),))
    assert cells_of(table("services", unmeasured), "mastodon")["at work"] == ["–"]
    assert cells_of(table("services", unmeasured), "mastodon")["SEK"] == ["–"]


def test_a_service_of_which_nothing_came_has_no_shares() -> None:
    quiet = replace(FIGURES, by_service={"nostr": ServiceFigures(3)})
    row = cells_of(table("services", quiet), "nostr")
    assert (row["Posts"], row["received"], row["work"], row["filtered"]) == (["3"], ["0"], ["–"], ["–"])


names = st.text(st.characters(exclude_categories=("C", "Z", "M")), min_size=1, max_size=40)


@given(st.lists(names, min_size=1, max_size=5, unique=True), st.integers(40, 200))
def test_a_table_keeps_to_the_width_and_loses_no_figure(terms: list[str], width: int) -> None:
    many = table("terms", replace(FIGURES, by_term=dict.fromkeys(terms, FIGURES.by_term["openssl"])))
    lines = many.lines(width)
    assert max(map(cells, lines)) <= width
    told = " ".join(lines)
    for heading in many.head[1:]:
        assert heading in told
    turned = lines[0].strip() != "" and len(lines) == len(many.head)
    blocks = "\n".join(lines).split("\n\n")
    assert turned or all(len(block.splitlines()) == 1 + len(terms) for block in blocks)


def test_a_table_that_is_too_wide_is_turned_where_that_fits() -> None:
    services = replace(FIGURES, by_service={name: ServiceFigures(3) for name in ("bluesky", "mastodon", "misskey")})
    many = table("services", services)
    assert many.lines(120)[0].split() == [*" ".join(many.head).split()]
    assert many.lines(80)[0].split() == ["bluesky", "mastodon", "misskey"]
    assert [line.split()[0] for line in many.lines(80)[1:]] == [heading.split()[0] for heading in many.head[1:]]
    assert "" not in many.lines(80)


def test_a_table_of_nothing_is_a_dash() -> None:
    empty = table("terms", replace(FIGURES, by_term={}))
    assert (empty.value, empty.lines(80)) == ("–", ["–"])
