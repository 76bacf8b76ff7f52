"""docs/json.md documents every command, and what it documents is what comes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.names import COMMANDS
from tests.cli.test_policy import WORKED
from tests.core.reports import five_reports

DOCUMENT = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
# objects whose keys are names
NAMED = ("targets", "per_target", "modes", "length", "roles", "by_service", "by_term", "findings")
FREE = ("value",)  # a setting's value may be anything


def documented() -> dict[str, dict[str, Any]]:
    """The example of each command."""
    found: dict[str, dict[str, Any]] = {}
    for names, example in re.findall(r"^### (.+?)\n.*?^```json\n(.+?)\n```$", DOCUMENT, re.MULTILINE | re.DOTALL):
        found |= dict.fromkeys(names.split(", "), json.loads(example))
    return found


EXAMPLES = documented()


def keys(value: Any, where: str = "") -> set[str]:
    """Every path of keys in a value; lists and objects of names count as one element."""
    if isinstance(value, list):
        return {path for item in value for path in keys(item, f"{where}[]")}
    if not isinstance(value, dict):
        return set()
    found = set()
    for key, inner in value.items():
        found.add(f"{where}.{key}")
        if key in FREE:
            continue
        if key in NAMED and isinstance(inner, dict):
            found |= {path for one in inner.values() for path in keys(one, f"{where}.{key}.*")}
        else:
            found |= keys(inner, f"{where}.{key}")
    return found


def test_every_command_is_documented() -> None:
    assert set(COMMANDS) <= set(EXAMPLES)
    assert {name for name in EXAMPLES if name.partition(" --")[0] not in COMMANDS} == set()


def check(name: str, answer: dict[str, Any]) -> None:
    """Nothing comes that is not documented; all that stands at the top comes."""
    example = EXAMPLES[name]
    assert keys(answer) <= keys(example), name
    assert list(answer) == list(example), name


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_what_is_documented_is_what_comes(mb: CommandLine, name: str, tmp_path: Path) -> None:
    if name in ("drafts list", "drafts show", "drafts delete"):
        mb.more_settings('\n[policy.competitor_rule]\ndisclosure = "text"\n')
        mb("post", "Grattis Blåbet!")
    mb("account", "add", "local", "--name", "anna")
    mb("account", "add", "local", "--name", "bo")
    post = mb("post", "OpenSSL, @bo", json=True).object["targets"]["anna"]["id"]
    planned = mb("post", "Senare", "--at", "15:00", json=True).object["outbox"]
    scenarios, policy = tmp_path / "scenarios.jsonl", tmp_path / "policy.toml"
    scenarios.write_text("\n".join(WORKED), "utf-8")
    policy.write_text('[posting]\nslots = ["06:00"]\n')
    words, stdin = {
        "account add": (["local", "--name", "cecilia"], ""),
        "account confirm": (["anna", "--employer", "yes"], ""),
        "account remove": (["anna"], ""),
        "search": (["openssl"], ""),
        "post": (["Hej"], ""),
        "check": (["Blåbet"], ""),
        "drafts show": (["0"], ""),
        "drafts delete": (["0"], ""),
        "outbox cancel": ([planned], ""),
        "policy explain": (["P2-SLOT"], ""),
        "policy test": ([str(scenarios)], ""),
        "policy validate": ([str(policy)], ""),
        "machine declare": (["work"], ""),
        "report write": (["--period", "2026-W48", str(tmp_path / "report.json")], "y\n"),
        "report merge": (["--rate", "400", *five_reports(tmp_path)], ""),
        "report submit": (["--period", "2026-W48"], "n\n"),
        "export": (["--format", "atom"], ""),
        "filter test": ([], '{"text": "openssl"}'),
        "completions": (["bash"], ""),
        "timeline": (["--view", "home"], ""),
    }.get(name, ([], ""))
    if name in ("thread", "delete", "like", "unlike", "boost", "unboost"):
        words = [post]
    if name in ("drafts show", "drafts delete"):
        words = [mb("drafts", "list", json=True).object["id"][:10]]
    if name in ("outbox retry", "outbox flush"):
        mb.clock.at = mb.clock.at.replace(hour=15)
    if name == "outbox retry":
        words = [mb("outbox", "flush", json=True).object["outbox"]]
    if name == "report submit":  # answered with no: no database is asked
        mb.more_settings('\n[report]\ndatabase = "postgresql://db.example/reports"\n')
    answer = mb(*name.split(), *words, stdin=stdin, json=True)
    assert answer.status in (0, 4) or name == "report submit", answer.err
    assert answer.objects, name
    for found in answer.objects:
        if "fact" not in found:
            check(name, found)


def test_emptying_the_log_is_documented(mb: CommandLine) -> None:
    check("policy log --delete", mb("policy", "log", "--delete", json=True).object)
