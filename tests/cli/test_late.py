"""Modules that are run when they are first used: what stands behind them is the library's own, whoever asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BEGIN = "import sys, types; from mbclient.cli.late import NAMES, put_off; put_off(); put_off()\n"


def answered(program: str, *, cwd: Path | None = None) -> str:
    """What a new interpreter prints; in this one they have been imported long ago."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=60, check=False, cwd=cwd
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_tls_is_not_run_by_those_who_only_import_it() -> None:
    assert answered("import asyncio, ssl; print(type(ssl).__name__, '_ssl' in sys.modules)") == "_Late False"


def test_it_is_itself_once_something_is_asked_of_it() -> None:
    program = "import asyncio, ssl; ssl.create_default_context(); print(type(ssl) is types.ModuleType, ssl.__loader__)"
    assert answered(program).startswith("True <_frozen_importlib_external.SourceFileLoader")


def test_what_is_imported_from_one_is_there() -> None:
    assert answered("from textwrap import dedent; from tokenize import *; print(dedent('  a'), NAME)") == "a 1"


def test_each_of_them_can_be_used() -> None:
    program = (
        "import importlib\n"
        "for name in sorted(NAMES):\n"
        "    module = importlib.import_module(name)\n"
        "    public = [each for each in (getattr(module, '__all__', None) or dir(module))]\n"
        "    assert all(hasattr(module, each) for each in public), name\n"
        "    assert type(module) is types.ModuleType, name\n"
        "    assert not hasattr(module, 'no_such_thing'), name\n"
        "print('well')"
    )
    assert answered(program) == "well"


def test_threads_that_ask_at_once_get_the_whole_module() -> None:
    program = (
        "import ssl, threading\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "gate = threading.Barrier(8)\n"
        "def ask(_number):\n"
        "    gate.wait()\n"
        "    return ssl.SSLContext, ssl.get_default_verify_paths\n"
        "with ThreadPoolExecutor(8) as pool: print(len(set(pool.map(ask, range(8)))))"
    )
    assert answered(program) == "1"


def test_a_name_that_is_not_there_is_told_in_the_languages_own_words() -> None:
    program = "import textwrap\ntry: textwrap.nothing\nexcept AttributeError as error: print(error)"
    assert answered(program) == "module 'textwrap' has no attribute 'nothing'"


@pytest.mark.parametrize("asked", [1, 2])
def test_one_that_cannot_be_run_says_so_each_time(tmp_path: Path, asked: int) -> None:
    (tmp_path / "textwrap.py").write_text("raise RuntimeError('broken')\n")
    program = (
        "sys.path.insert(0, '.')\n"
        "import textwrap\n"
        f"for _turn in range({asked}):\n"
        "    try: textwrap.dedent\n"
        "    except RuntimeError as error: told = str(error)\n"
        "print(told, type(textwrap).__name__)"
    )
    assert answered(program, cwd=tmp_path) == "broken _Late"
