"""The lock file names what pyproject.toml asks for: a dependency that is added to one alone fails on a new machine."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def project() -> dict[str, list[str]]:
    """What each part of pyproject.toml asks for: requirement lines by the name of the part."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {"dependencies": table["dependencies"], **table["optional-dependencies"]}


def locked() -> dict[str, str]:
    """Every pinned version by package."""
    text = (ROOT / "requirements.lock.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", text, re.MULTILINE))


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_every_dependency_is_locked() -> None:
    asked = {name_of(line) for lines in project().values() for line in lines} - {"mbclient"}
    assert asked - locked().keys() == set()


def test_every_locked_package_has_a_hash_and_no_address() -> None:
    text = (ROOT / "requirements.lock.txt").read_text("utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
