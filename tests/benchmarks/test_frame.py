"""The frame of the benchmarks: every goal is found, said by its name, and gets a verdict. No time is asserted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.frame import Bench, Figure, Unavailable, goals, percentile


def test_every_module_says_which_goal_it_is() -> None:
    found = goals()
    assert {"G18", "G20"} <= set(found)
    assert all(goal.GOAL.startswith(f"{name}: ") for name, goal in found.items())


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("x", 1.0, at_most=1), True),
        (Figure("x", 1.1, at_most=1), False),
        (Figure("x", 3.0, at_least=3), True),
        (Figure("x", 2.9, at_least=3), False),
    ],
)
def test_verdicts(figure: Figure, met: bool) -> None:
    assert figure.met is met
    assert ("met" in command.line(figure)) is met


def goal(*figures: Figure, missing: str = "") -> SimpleNamespace:
    def run(_bench: Bench) -> Iterator[Figure]:
        if missing:
            raise Unavailable(missing)
        yield from figures

    return SimpleNamespace(GOAL="G99: made up", run=run)


@pytest.mark.parametrize(
    ("made_up", "options", "status"),
    [
        (goal(Figure("x", 1, at_most=2)), [], 0),
        (goal(Figure("x", 3, at_most=2), Figure("y", 1, at_most=2)), [], 1),
        (goal(missing="toot is not installed"), [], 0),
        (goal(missing="toot is not installed"), ["--strict"], 1),
    ],
)
def test_the_status_tells_whether_all_were_met(
    made_up: SimpleNamespace,
    options: list[str],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "goals", lambda: {"G99": made_up})
    assert command.main(["g99", *options]) == status
    assert "G99: made up" in capsys.readouterr().out


def test_an_unknown_goal_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["G77"])
    assert "there is no goal G77" in capsys.readouterr().err


def test_the_corpus_is_the_same_again_and_of_the_length_it_says(tmp_path: Path) -> None:
    one, two = list(Corpus().posts(500)), list(Corpus().posts(500))
    assert one == two
    assert len({post.uri for post in one}) == 500
    assert 150 < sum(len(post.text) for post in one) / 500 < 215
    bench = Bench(tmp_path, posts=10)
    assert bench.compare(lambda: sum(range(20_000)), lambda: sum(range(200))).ratio > 1
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 3.0
