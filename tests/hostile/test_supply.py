"""What the program is made of, as `.ci/supply` looks at it: no false all-clear (reliability facts 1.7, 4.6)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
        (0, answer(CLEAN, {"name": "mbclient", "skip_reason": "not found"}), "clean"),
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


# ---------------------------------------------------------------- the whole way, with the real auditor


@pytest.fixture
def auditor() -> str:
    """A Python that has pip-audit and a validator of lists of parts; `.ci/run` makes one and says where."""
    found = os.environ.get("MBCLIENT_AUDITOR", "")
    if not found:
        pytest.skip("MBCLIENT_AUDITOR names no Python that has pip-audit")
    return found


@contextmanager
def database(holes: dict[str, list[str]], *, status: int = 200, silent: Sequence[str] = ()) -> Iterator[str]:
    """An advisory database as OSV answers: the ids of the holes by package."""

    class Site(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = supply.normal(asked["package"]["name"])
            found = [
                {"id": hole, "summary": "x", "details": "x", "aliases": [], "affected": []}
                for hole in holes.get(name, [])
            ]
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(500 if name in silent else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the tests' screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
        finally:
            server.shutdown()
            thread.join()


def wanted() -> set[str]:
    lock = supply.locked(supply.LOCK.read_text("utf-8"))
    return {supply.normal(each.name) for each in distributions()} & set(lock)


@pytest.mark.slow
def test_a_database_that_knows_no_hole_is_the_one_all_clear(auditor: str) -> None:
    with database({}) as url:
        assert supply.audit(wanted(), auditor, url) == ("clean", [])


@pytest.mark.slow
def test_a_known_hole_is_told_and_ends_the_run(auditor: str, tmp_path: Path) -> None:
    with database({"httpx": ["CVE-2026-0001"]}) as url:
        assert supply.audit(wanted(), auditor, url) == ("holes", ["httpx CVE-2026-0001"])
        done = subprocess.run(
            [sys.executable, str(SCRIPT), "--auditor", auditor, "--osv", url, "--sbom", str(tmp_path / "sbom.json")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "known holes: holes: httpx CVE-2026-0001" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["away", "all fail", "one fails"])
def test_a_database_that_does_not_answer_is_no_all_clear(auditor: str, fault: str) -> None:
    with database(
        {}, status=500 if fault == "all fail" else 200, silent=["rich"] if fault == "one fails" else []
    ) as url:
        found, reasons = supply.audit(wanted(), auditor, "http://127.0.0.1:9/v1/query" if fault == "away" else url)
    assert found == "not audited"
    assert reasons


@pytest.mark.slow
def test_the_list_of_parts_is_valid(auditor: str) -> None:
    lock = supply.locked(supply.LOCK.read_text("utf-8"))
    installed = {supply.normal(each.name): each for each in distributions()}
    listed = supply.sbom(lock, installed, datetime.now(UTC))
    assert supply.validity(json.dumps(listed), auditor) == "valid"
    assert supply.validity(json.dumps(listed | {"components": [{"type": "x"}]}), auditor) not in (
        "valid",
        "not checked",
    )
    assert supply.validity(json.dumps(listed), "/nowhere/python") == "not checked"
