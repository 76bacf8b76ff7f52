"""What the program is made of, as `.ci/supply` looks at it: no false all-clear (reliability facts 1.7, 4.6)."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib.machinery import SourceFileLoader
from importlib.metadata import distributions
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "supply"


def load() -> Any:
    """The script as a module; it has no ending that Python would import it by."""
    loader = SourceFileLoader("supply", str(SCRIPT))
    spec = spec_from_loader("supply", loader)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules["supply"] = module  # dataclasses look there
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


supply: Any = load()


def answer(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


CLEAN: dict[str, object] = {"name": "httpx", "version": "0.28.1", "vulns": []}
HOLE: dict[str, object] = {"name": "h11", "version": "0.1", "vulns": [{"id": "CVE-2025-43859"}]}
SKIPPED: dict[str, object] = {"name": "rich", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("status", "output", "verdict"),
    [
        (0, answer(CLEAN), "clean"),
        (1, answer(CLEAN, HOLE), "holes"),
        (0, answer(CLEAN, HOLE), "holes"),
        (0, answer(SKIPPED), "not audited"),
        (0, answer(CLEAN, SKIPPED), "not audited"),
        (0, answer(), "not audited"),
        (1, answer(CLEAN), "not audited"),
        (0, "", "not audited"),
        (1, "Traceback", "not audited"),
        (0, "[]", "not audited"),
        (0, "{}", "not audited"),
    ],
)
def test_only_a_whole_lookup_is_an_all_clear(status: int, output: str, verdict: str) -> None:
    assert supply.audit_verdict(status, output, {"httpx"})[0] == verdict


@pytest.mark.parametrize(
    ("expression", "good"),
    [
        ("MIT", True), ("MIT OR Apache-2.0", True), ("GPL-3.0-only OR MIT", True), ("(MIT OR GPL-2.0-only)", True),
        ("MIT AND BSD-3-Clause", True), ("MIT AND GPL-3.0-only", False), ("GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False), ("LGPL-3.0-only", False), ("unknown", False), ("", False), ("MITX", False),
    ],
)  # fmt: skip
def test_licences(expression: str, good: bool) -> None:
    assert supply.is_allowed(expression, supply.ALLOWED) is good


class Package:
    """As much of a distribution as is asked for."""

    def __init__(self, version: str, licence: str) -> None:
        self.version = version
        self.metadata = Metadata({"License-Expression": licence})


class Metadata(dict[str, str]):
    def get_all(self, name: str) -> list[str]:
        return []


def test_what_must_not_be_is_told() -> None:
    lock = supply.locked("a==1 \\\n    --hash=sha256:" + "0" * 64 + "\nb==2\nc==1 --hash=sha256:" + "1" * 64)
    installed = {
        "a": Package("2", "MIT"), "c": Package("1", "LGPL-3.0-only"), "d": Package("1", "MIT"),
        "mbclient": Package("0", "x"),
    }  # fmt: skip
    told = ["b has no hash in the lock", "a is 2, the lock has 1", "d is installed and not locked"]
    assert supply.problems(lock, installed, set()) == told
    assert supply.problems(lock, installed, {"c"})[2] == "c is under 'LGPL-3.0-only', which is not on the list"
    assert "41 packages" in supply.problems(lock, {}, {str(number) for number in range(41)})[-1]
    with pytest.raises(SystemExit):
        supply.locked("a>=1")


def test_this_environment_is_in_order_and_its_list_matches_the_lock() -> None:
    lock = supply.locked(supply.LOCK.read_text("utf-8"))
    installed = {supply.normal(each.name): each for each in distributions()}
    core = supply.needed("mbclient", installed)
    assert {"textual", "httpx", "keyring", "rich", "h11"} <= core
    assert not {"coincurve", "pytest", "mypy"} & core
    listed = supply.sbom(lock, installed, datetime.now(UTC))
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.6")
    parts = {part["name"]: part for part in listed["components"]}
    assert set(parts) == set(installed) & set(lock)
    assert core <= set(parts)
    for name, part in parts.items():
        assert part["purl"] == f"pkg:pypi/{name}@{part['version']}"
        assert part["licenses"]
        assert part["hashes"]


def test_nothing_locked_here_is_refused() -> None:
    """A machine may have more installed than the lock, or another version; its licences are what this one looks at."""
    lock = supply.locked(supply.LOCK.read_text("utf-8"))
    installed = {supply.normal(each.name): each for each in distributions() if supply.normal(each.name) in lock}
    found = supply.problems(lock, installed, supply.needed("mbclient", installed))
    assert [line for line in found if "licence" in line or "hash" in line or "under" in line] == []


@pytest.mark.slow
def test_it_says_not_audited_where_nothing_can_be_looked_up(tmp_path: Path) -> None:
    list_of_parts = tmp_path / "sbom.json"
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--sbom", str(list_of_parts)], capture_output=True, text=True, check=False,
        env={"PATH": "/nowhere", "HTTPS_PROXY": "http://127.0.0.1:9"},
    )  # fmt: skip
    assert "known holes: not audited" in done.stdout
    assert "clean" not in done.stdout
    assert json.loads(list_of_parts.read_text("utf-8"))["components"]
