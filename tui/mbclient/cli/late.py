"""Modules of the standard library that others import at their top and no start uses: run when something of theirs is.

TLS alone is 4 MB and 19 M instructions of a start (a minimal application: 33 MB, 0.91 G), and before the first paint
nothing speaks to a server. `importlib.util.LazyLoader` does not do here: it runs a module as soon as a second one
imports it, and before Python 3.13 not safely where two threads do.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader, MetaPathFinder
else:
    Loader = MetaPathFinder = object  # what they are loads thirty modules, and a finder need not be one

NAMES = frozenset(
    {"ssl", "asyncio.sslproto", "mimetypes", "locale", "textwrap", "bz2", "lzma", "hashlib", "hmac", "secrets"}
)
_PARTS = {"ssl": "_ssl", "asyncio.sslproto": "_ssl", "bz2": "_bz2", "lzma": "_lzma"}  # which some Pythons do not have
_running = RLock()  # one for all: they ask each other, and nothing that one of them imports asks one of them


def put_off() -> None:
    """From now on a module of `NAMES` that has not been imported yet is run when it is first asked for something."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Late(ModuleType):
    """A module until it is asked for anything but what importing one looks at, then that module.

    Whoever asks while another thread runs it waits until it is whole, as importing it would. By then it is no `_Late`
    any more, and `super()` would refuse it.
    """

    def __getattribute__(self, name: str) -> object:
        if name == "__all__" or not _is_the_languages(name):
            _run(self)
        return ModuleType.__getattribute__(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        if not _is_the_languages(name):
            _run(self)
        ModuleType.__setattr__(self, name, value)

    def __dir__(self) -> list[str]:
        _run(self)
        return sorted(vars(self))


def _is_the_languages(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _run(module: ModuleType) -> None:
    """Unless it has been, or is being run by this very thread. One that cannot be run is as it was before."""
    with _running:
        spec = module.__spec__
        if spec is None or not isinstance(late := spec.loader, _LateLoader):
            return
        before = dict(vars(module))
        module.__loader__ = spec.loader = late.real
        try:
            late.real.exec_module(module)
        except BaseException:
            vars(module).clear()
            vars(module).update(before)
            module.__loader__ = spec.loader = late
            raise
        module.__class__ = ModuleType


class _LateLoader(Loader):
    def __init__(self, real: Loader) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Late(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing yet."""

    def __getattr__(self, name: str) -> object:
        """Its source, its code and what else one asks a loader for."""
        return getattr(self.real, name)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """None, which leaves it to the others, for one that is run again, or that would say that it cannot be had."""
        if fullname not in NAMES or target is not None or not _is_there(_PARTS.get(fullname, "")):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _LateLoader(spec.loader)
        return spec


def _is_there(part: str) -> bool:
    return not part or part in sys.builtin_module_names or PathFinder.find_spec(part) is not None
