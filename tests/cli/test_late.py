"""Modules that are run when they are first used: what stands behind them is the library's own, whoever asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mbclient.cli.late import NAMES

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
        "    assert public and all(hasattr(module, each) for each in public), name\n"
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


# ------------------------------------------------------------ functions and classes that are imported from one


KNOWN = "import rich; rich.__path__.append('.'); sys.path.insert(0, '.')\n"
"""A module of the folder is one of the toolkit's then: only those get what stands for a name."""


def importing_all(folder: Path) -> Path:
    """A module that imports at its top every name that may be, each under another one."""
    lines = [
        f"from {module} import {name} as late_{number}_{name}\n"
        for number, (module, names) in enumerate(sorted(NAMES.items()))
        for name in sorted(names)
    ]
    (folder / "importing.py").write_text("".join(lines))
    return folder


def test_what_is_imported_from_one_makes_way_for_the_real_one_when_it_is_run(tmp_path: Path) -> None:
    program = (
        KNOWN + "import importlib, rich.importing as importing\n"
        "from mbclient.cli.latenames import LateName\n"
        "for number, (module, names) in enumerate(sorted(NAMES.items())):\n"
        "    for name in names:\n"
        "        late = vars(importing)[f'late_{number}_{name}']\n"
        "        assert type(late) is LateName, (module, name)\n"
        "    assert dir(importlib.import_module(module))\n"
        "    for name in names:\n"
        "        real = getattr(sys.modules[module], name)\n"
        "        assert type(real) is not LateName, (module, name)\n"
        "        assert vars(importing)[f'late_{number}_{name}'] is real, (module, name)\n"
        "        assert not (isinstance(real, type) and issubclass(real, BaseException)), (module, name)\n"
        "print('well')"
    )
    assert answered(program, cwd=importing_all(tmp_path)) == "well"


def test_it_does_what_the_real_one_does(tmp_path: Path) -> None:
    (tmp_path / "importing.py").write_text(
        "from decimal import Decimal\nfrom difflib import get_close_matches\nfrom rich.tree import Tree\n"
        "from rich.table import Table\nfrom uuid import uuid4\nfrom typing import Optional, Union\n"
        "Either = Optional[Union[str, Table]]\n"
        "def told() -> 'Tree | None': ...\n"
        "def said(what: 'None | Table'): ...\n"
    )
    program = (
        KNOWN + "from rich.importing import Decimal, get_close_matches, Table, Tree, uuid4\n"
        "print(Decimal('1.50') + 1, get_close_matches('colr', ['color']))\n"
        "import typing; from rich.importing import said, told\n"
        "print(*(kind for each in (told, said) for kind in typing.get_type_hints(each).values()))\n"
        "print(isinstance(3, Tree), Table.grid().row_count)\n"
        "print(issubclass(dict, Tree), len(str(uuid4())), type(sys.modules['decimal']).__name__)"
    )
    assert (
        answered(program, cwd=tmp_path)
        == "2.50 ['color']\nrich.tree.Tree | None None | rich.table.Table\nFalse 0\nFalse 36 module"
    )


def test_a_class_may_be_made_of_one(tmp_path: Path) -> None:
    (tmp_path / "importing.py").write_text("from decimal import Decimal\nclass Money(Decimal):\n    pass\n")
    program = KNOWN + "from rich.importing import Money; print(Money('1.50') * 2, Money.__mro__[1].__name__)"
    assert answered(program, cwd=tmp_path) == "3.00 Decimal"


def test_the_toolkits_choice_of_themes_stands_on_nothing_until_its_palette_is_run() -> None:
    program = (
        "from textual.theme import ThemeProvider\n"
        "before = ThemeProvider.__mro__[1].__name__, type(sys.modules['textual.command']).__name__\n"
        "from textual.command import CommandList, Provider\n"
        "print(before, issubclass(ThemeProvider, Provider), ThemeProvider.__mro__[1] is Provider)"
    )
    assert answered(program) == "('Provider', '_Late') True True"


def test_the_library_finds_the_source_of_a_class() -> None:
    program = (
        "import inspect\n"
        "was = type(sys.modules['ast']).__name__\n"
        "from mbclient.domain.secret import Secret\n"
        "print(was, inspect.getsource(Secret).splitlines()[0])"
    )
    assert answered(program) == "_Late class Secret:"


def test_others_get_the_real_one_at_once(tmp_path: Path) -> None:
    """A plug-in may make a union, a table or a dispatcher of it, where nothing can stand for a class."""
    (tmp_path / "importing.py").write_text(
        "from decimal import Decimal\nfrom functools import singledispatch\n"
        "class Price:\n    cost: Decimal | None = None\n"
        "@singledispatch\ndef show(one): return 'other'\n"
        "@show.register\ndef _(one: Decimal): return 'amount'\n"
    )
    program = (
        "sys.path.insert(0, '.'); from importing import Decimal, show\n"
        "print(show(Decimal(1)), {Decimal: 'found'}[type(Decimal(1))])"
    )
    assert answered(program, cwd=tmp_path) == "amount found"


def test_a_class_that_is_made_of_a_kept_one_later_stands_on_the_real_one(tmp_path: Path) -> None:
    (tmp_path / "importing.py").write_text("from textual.command import Provider\nkept = (Provider,)\n")
    program = (
        KNOWN + "from rich.importing import kept\n"
        "import textual.command; textual.command.CommandList\n"
        "print(issubclass(type('Mine', kept, {}) if isinstance(kept[0], type) else\n"
        "    types.new_class('Mine', kept), textual.command.Provider))"
    )
    assert answered(program, cwd=tmp_path) == "True"


def test_a_class_that_a_function_makes_is_whole_at_once(tmp_path: Path) -> None:
    (tmp_path / "importing.py").write_text(
        "import ast\ndef make():\n    class Names(ast.NodeVisitor):\n        pass\n    return Names\n"
    )
    program = KNOWN + "from rich.importing import make; print(hasattr(make(), 'generic_visit'))"
    assert answered(program, cwd=tmp_path) == "True"


def test_a_module_in_c_gets_the_real_one() -> None:
    """It is run by the import system's own frame, and may take what it gets for a type."""
    program = (
        "import decimal; from importlib import _bootstrap\n"
        "print(isinstance(_bootstrap._call_with_frames_removed(getattr, decimal, 'Decimal'), type))"
    )
    assert answered(program) == "True"


def test_code_without_a_name_may_import_one() -> None:
    program = (
        "exec('from decimal import Decimal; print(Decimal(1) + 1)', {})\n"
        "exec('from uuid import uuid4; print(len(str(uuid4())))', {'__name__': None})"
    )
    assert answered(program) == "2\n36"


def test_one_whose_module_cannot_be_run_says_so_each_time(tmp_path: Path) -> None:
    (tmp_path / "decimal.py").write_text("raise RuntimeError('broken')\n")
    (tmp_path / "importing.py").write_text("from decimal import Decimal\n")
    program = (
        KNOWN + "from rich.importing import Decimal\n"
        "for _turn in range(2):\n"
        "    try: Decimal('1')\n"
        "    except RuntimeError as error: print(error, end=' ')"
    )
    assert answered(program, cwd=tmp_path) == "broken broken"


def test_threads_that_use_one_at_once_get_the_real_one(tmp_path: Path) -> None:
    (tmp_path / "importing.py").write_text("from decimal import Decimal\n")
    program = (
        KNOWN + "import rich.importing as importing\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from threading import Barrier\n"
        "gate = Barrier(8)\n"
        "def made(number):\n"
        "    gate.wait(20)\n"
        "    return importing.Decimal(number) + 1\n"
        "with ThreadPoolExecutor(8) as pool: print(sum(pool.map(made, range(8))))\n"
        "print(type(importing.Decimal).__name__)"
    )
    assert answered(program, cwd=tmp_path) == "36\ntype"
