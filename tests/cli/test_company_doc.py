"""docs/company.md tells the truth: its files are in order, its scenarios come out as told, its commands do run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mbclient.settings import paths
from tests.cli.conftest import CommandLine

DOCUMENT = (Path(__file__).parents[2] / "docs" / "company.md").read_text("utf-8")
ENGLISH, _heading, SWEDISH = DOCUMENT.partition("\n## På svenska\n")
CHAPTERS = {"en": ENGLISH, "sv": SWEDISH}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def titled(text: str, title: str) -> str:
    """The one TOML block that begins with this comment."""
    (found,) = (block for block in blocks(text, "toml") if block.partition("\n")[0] == f"# {title}")
    return found


def leaves(value: Any, where: str = "") -> set[str]:
    """`posting.slots` of nested tables; a list is one value."""
    if not isinstance(value, dict):
        return {where}
    return {path for key, inner in value.items() for path in leaves(inner, f"{where}.{key}".lstrip("."))}


def test_every_block_is_one_that_is_tried_here() -> None:
    titles = [block.partition("\n")[0] for block in blocks(DOCUMENT, "toml")]
    policy, machine = "# policy.toml", "# machine.toml"
    assert titles == [policy, "# policy.toml with three slips", machine, policy, machine]
    assert set(re.findall(r"^```(\w+)$", DOCUMENT, re.MULTILINE)) == {"toml", "jsonl", "python", "sh", "text"}


@pytest.mark.parametrize("language", CHAPTERS)
def test_the_policies_are_in_order(bare: CommandLine, language: str) -> None:
    file = bare.folder / "policy.toml"
    file.write_text(titled(CHAPTERS[language], "policy.toml"), "utf-8")
    answer = bare("policy", "validate", str(file), json=True)
    assert (answer.status, answer.object["warnings"]) == (0, [])


def test_the_slips_are_found_and_told_as_shown(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bare.folder)
    Path("policy.toml").write_text(titled(ENGLISH, "policy.toml with three slips"), "utf-8")
    answer = bare("policy", "validate", "policy.toml")
    assert (answer.status, answer.err) == (2, blocks(ENGLISH, "text")[0])


@pytest.mark.parametrize("language", CHAPTERS)
def test_the_scenarios_come_out_as_told(bare: CommandLine, language: str) -> None:
    """Through the very script of the document; and each sentence that it quotes is said."""
    bare.settings(f'language = "{language}"\n')
    chapter = CHAPTERS[language]
    script, policy = bare.folder / "with_policy.py", bare.folder / "policy.toml"
    script.write_text(blocks(ENGLISH, "python")[0], "utf-8")
    policy.write_text(titled(chapter, "policy.toml"), "utf-8")
    (scenarios,) = blocks(chapter, "jsonl")
    command = [sys.executable, "-X", "utf8", str(script), str(policy)]
    joined = subprocess.run(command, input=scenarios, capture_output=True, encoding="utf-8", check=True).stdout
    answer = bare("policy", "test", "-", stdin=joined)
    assert [one["id"] for one in answer.objects if one["ok"] is not True] == []
    assert (answer.status, len(answer.objects)) == (0, len(scenarios.splitlines()))
    assert all("expect" in json.loads(line) for line in scenarios.splitlines())
    said = {finding["message"] for one in answer.objects for finding in one["findings"]}
    assert blocks(chapter, "text")[-1].strip() in said


def test_the_scenarios_need_the_policy(bare: CommandLine) -> None:
    """They try this company's file: with the built-in rules alone some come out otherwise."""
    for chapter in CHAPTERS.values():
        assert bare("policy", "test", "-", stdin=blocks(chapter, "jsonl")[0]).status == 1


def test_every_key_is_explained_and_no_other(bare: CommandLine) -> None:
    known = leaves(bare("policy", "show", json=True).object["policy"])
    table = ENGLISH.partition("| Key |")[2].partition("\n\n")[0]
    told = {key for row in table.splitlines() for key in re.findall(r"`([^`\"]+)`", row.split("|")[1])}
    week = {f"work.{day}" for day in ("tue", "wed", "thu", "fri", "sat")}  # "`work.mon` … `work.sun`"
    assert told | week | {"schema"} == known


@pytest.mark.parametrize("language", CHAPTERS)
def test_the_computer_is_a_work_computer(
    bare: CommandLine, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "_system_folder", lambda: tmp_path)
    (tmp_path / "machine.toml").write_text(titled(CHAPTERS[language], "machine.toml"), "utf-8")
    found = bare("machine", "show", json=True).object
    assert (found["machine"], found["source"]) == ("work", "system")


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="there is no dpkg-deb here to build the package with")
def test_the_package_can_be_built(tmp_path: Path) -> None:
    for name in ("policy.toml", "machine.toml"):
        (tmp_path / name).write_text(titled(ENGLISH, name), "utf-8")
    (build,) = (block for block in blocks(ENGLISH, "sh") if "dpkg-deb" in block)
    subprocess.run(["sh", "-eu", "-c", build], cwd=tmp_path, check=True, capture_output=True)
    listed = subprocess.run(
        ["dpkg-deb", "--contents", tmp_path / "gronkvist-mbclient-policy.deb"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in ("policy", "machine"):
        assert re.search(rf"^-rw-r--r-- root/root .* \./etc/mbclient/{name}\.toml$", listed, re.MULTILINE)
