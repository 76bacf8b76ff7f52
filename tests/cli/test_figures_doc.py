"""What docs/figures.md shows for other programs' settings works as it stands there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.cli.conftest import CommandLine

DOCUMENT = (Path(__file__).parents[2] / "docs" / "figures.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.+?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found[1]


def formats() -> list[str]:
    return [words for _quote, words in re.findall(r"""--format (["'])(.+?)\1""", DOCUMENT)]


def test_every_format_shown_gives_a_line(mb: CommandLine) -> None:
    assert len(formats()) == 2
    for words in formats():
        answer = mb("meter", "--format", words)
        assert (answer.status, answer.err) == (0, "")
        assert "0/8" in answer.out


def test_the_prompt_asks_once_a_minute(tmp_path: Path) -> None:
    """A shell with the lines shown, and a `mbclient` that notes each call."""
    calls = tmp_path / "calls"
    fake = tmp_path / "mbclient"
    fake.write_text(f'#!/bin/sh\necho called >> "{calls}"\necho "ok 3/8"\n')
    fake.chmod(0o700)
    script = block("bash") + '\neval "$PROMPT_COMMAND"; eval "$PROMPT_COMMAND"\necho "$_mbclient_text"\n'
    run = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "PS1": "$ "},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert run.stdout == "ok 3/8\n"
    assert calls.read_text() == "called\n"
