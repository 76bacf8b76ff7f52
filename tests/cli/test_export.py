"""export: the forms by name, a file for a cron job, and the refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.shapes import POST, problems
from tests.core.exportrules import read_atom, read_csv, read_html, read_json_feed

DOCUMENT = (Path(__file__).parents[2] / "docs" / "export.md").read_text("utf-8")


def test_every_form_on_standard_output(mb: CommandLine) -> None:
    mb("post", "OpenSSL – å <3> & mer")
    mb("post", "Lunch?")
    assert len(read_atom(mb("export", "--format", "atom").out.encode())) == 2
    assert len(read_json_feed(mb("export", "--format", "jsonfeed", "--mine").out.encode())) == 2
    assert "OpenSSL – å <3> & mer" in read_html(mb("export", "--format", "html").out).words
    assert [row["text"] for row in read_csv(mb("export", "--format", "csv").out.encode())] == [
        "Lunch?",
        "OpenSSL – å <3> & mer",
    ]
    (found,) = mb("export", "--format", "jsonl", "--view", "work").objects
    assert problems(found, POST) == []
    assert mb("export", "--format", "jsonl", "--view", "work", json=True).object == found


def test_a_post_to_two_accounts_is_one_entry(mb: CommandLine) -> None:
    mb("account", "add", "local", "--name", "anna")
    mb("account", "add", "local", "--name", "bo")
    mb("post", "Hej", "--account", "anna", "--account", "bo")
    (found,) = mb("export", "--format", "jsonl").objects
    assert len(found["also"]) == 1


def test_a_file_is_written_once(mb: CommandLine, tmp_path: Path) -> None:
    mb("post", "Hej")
    file = tmp_path / "posts.atom"
    words = ("export", "--format", "atom", "--output", str(file))
    first = mb(*words, json=True).object
    assert (first["changed"], first["entries"], first["file"], first["document"]) == (True, 1, str(file), None)
    before = file.stat().st_mtime_ns
    assert not mb(*words, json=True).object["changed"]
    assert "nothing new" in mb(*words).out
    assert file.stat().st_mtime_ns == before
    mb("post", "Hej igen")
    assert mb(*words).out == f"{file}: 2 posts\n"
    assert len(read_atom(file.read_bytes())) == 2
    assert file.stat().st_mode & 0o077 == 0o044
    data = tmp_path / "posts.jsonl"
    mb("export", "--format", "jsonl", "--output", str(data))
    assert data.stat().st_mode & 0o077 == 0
    assert [json.loads(line)["text"] for line in data.read_text("utf-8").splitlines()] == ["Hej igen", "Hej"]


def test_words_that_cannot_be(mb: CommandLine, tmp_path: Path) -> None:
    for words, problem in (
        ((), "--format is missing; such as --format atom"),
        (("--format", "atm"), "did you mean atom?"),
        (("--format", "atom", "--mine", "--view", "1"), "--view and --mine are two answers; choose one"),
        (("--format", "atom", "--view", "Nix"), "there is no view 'Nix'"),
        (("--format", "atom", "--output", str(tmp_path / "no" / "x")), "there is no such folder"),
        (("--format", "atom", "--output", str(tmp_path)), "name the file that it shall be"),
    ):
        answer = mb("export", *words)
        assert (answer.status, answer.out) == (2, ""), words
        assert problem in answer.err
        assert answer.err.count("\n") == 1


def test_the_document_shows_commands_that_work(
    mb: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mb("post", "OpenSSL")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "public_html").mkdir()
    shown = re.findall(r"mbclient (export [^\n|`>&]*)", DOCUMENT)
    assert len(shown) >= 4
    for words in shown:
        answer = mb(*words.split())
        assert answer.status == 0, (words, answer.err)
    assert sorted(path.name for path in (tmp_path / "public_html").iterdir()) == ["posts.atom", "security.html"]
