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
    assert answered("from textwrap import dedent; from hashlib import *; print(dedent('  a'), sha256().name)") == (
        "a sha256"
    )


def test_each_of_them_can_be_used() -> None:
    program = (
        "import importlib\n"
        "for name in sorted(NAMES):\n"
        "    module = importlib.import_module(name)\n"
        "    public = [each for each in (getattr(module, '__all__', None) or dir(module))]\n"
        "    assert len(public) > 1 and all(hasattr(module, each) for each in public), name\n"
        "    assert type(module) is types.ModuleType, name\n"
        "    assert not hasattr(module, 'no_such_thing'), name\n"
        "print('well')"
    )
    assert answered(program) == "well"


def test_a_thread_that_asks_while_another_runs_one_gets_it_whole(tmp_path: Path) -> None:
    """Names that are bound before the module is whole are not handed out: they may stand on what is still to come."""
    (tmp_path / "textwrap.py").write_text("early = 1\nimport halfway\nearly = 2\n")
    (tmp_path / "halfway.py").write_text("import gates\ngates.begun.set(); gates.asked.wait(20)\n")
    (tmp_path / "gates.py").write_text("from threading import Event\nbegun, asked = Event(), Event()\n")
    program = (
        "sys.path.insert(0, '.')\n"
        "import textwrap, gates\n"
        "from threading import Thread\n"
        "found = []\n"
        "runner = Thread(target=lambda: textwrap.early); runner.start()\n"
        "gates.begun.wait(20)\n"
        "asker = Thread(target=lambda: found.append(textwrap.early)); asker.start()\n"
        "asker.join(0.2); early = list(found)\n"
        "gates.asked.set(); runner.join(); asker.join()\n"
        "print(early, found)"
    )
    assert answered(program, cwd=tmp_path) == "[] [2]"


def test_what_it_asks_of_itself_while_it_runs_is_there(tmp_path: Path) -> None:
    (tmp_path / "textwrap.py").write_text("early = 1\nimport textwrap\nlate = textwrap.early + 1\n")
    assert answered("sys.path.insert(0, '.'); import textwrap; print(textwrap.late)", cwd=tmp_path) == "2"


def test_a_name_that_is_not_there_is_told_in_the_languages_own_words() -> None:
    program = "import textwrap\ntry: textwrap.nothing\nexcept AttributeError as error: print(error)"
    assert answered(program) == "module 'textwrap' has no attribute 'nothing'"


@pytest.mark.parametrize("asked", [1, 2])
def test_one_that_cannot_be_run_says_so_each_time(tmp_path: Path, asked: int) -> None:
    (tmp_path / "textwrap.py").write_text("early = 1\nraise RuntimeError('broken')\n")
    program = (
        "sys.path.insert(0, '.')\n"
        "import textwrap\n"
        f"for _turn in range({asked}):\n"
        "    try: textwrap.early\n"
        "    except RuntimeError as error: told = str(error)\n"
        "print(told, type(textwrap).__name__, 'early' in vars(textwrap))"
    )
    assert answered(program, cwd=tmp_path) == "broken _Late False"


def test_one_that_this_python_does_not_have_is_missed_where_it_is_imported() -> None:
    program = (
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        "hide = lambda name, *rest: None if name in ('_bz2', '_ssl') else find(name, *rest)\n"
        "PathFinder.find_spec = staticmethod(hide)\n"
        "sys.modules['_bz2'] = sys.modules['_ssl'] = None\n"
        "import asyncio, shutil\n"
        "print(asyncio.base_events.ssl, 'bztar' in dict(shutil.get_archive_formats()))"
    )
    assert answered(program) == "None False"


def test_its_source_and_code_are_those_of_the_library() -> None:
    program = (
        "import inspect, runpy, textwrap\n"
        "print('def dedent' in inspect.getsource(textwrap), 'dedent' in runpy.run_module('textwrap'))"
    )
    assert answered(program) == "True True"


def test_what_is_put_into_one_stays_there_and_running_it_again_undoes_it() -> None:
    program = (
        "import importlib, textwrap\n"
        "textwrap.dedent = 1\n"
        "textwrap.indent\n"
        "kept = textwrap.dedent\n"
        "print(kept, callable(importlib.reload(textwrap).dedent), 'fill' in dir(textwrap))"
    )
    assert answered(program) == "1 True True"


def test_one_that_was_not_used_can_be_run_again() -> None:
    assert answered("import importlib, textwrap; importlib.reload(textwrap); print(textwrap.dedent(' a'))") == "a"
