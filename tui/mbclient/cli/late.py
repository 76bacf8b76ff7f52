"""Modules of the standard library that others import at their top and no start uses: run when something of theirs is.

TLS alone is 4 MB and 19 M instructions of a start (a minimal application: 33 MB, 0.91 G), and before the first paint
nothing speaks to a server. `importlib.util.LazyLoader` does not do here: it runs a module as soon as a second one
imports it, and not safely where two threads do.
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
    Loader = MetaPathFinder = object  # what they are loads twenty modules, and a finder need not be one

NAMES = frozenset(
    {
        "ssl",
        "asyncio.sslproto",
        "linecache",
        "tokenize",
        "token",
        "mimetypes",
        "locale",
        "textwrap",
        "bz2",
        "lzma",
        "hashlib",
        "hmac",
        "secrets",
    }
)
_running = RLock()  # one for all: they import each other, and nothing that asks one of them while it is imported


def put_off() -> None:
    """From now on a module of `NAMES` that has not been imported yet is run when it is first asked for something."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Late(ModuleType):
    """A module until something is asked of it that importing does not tell, then that module."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name != "__all__":  # what the import machinery looks for, and may not be there
            raise AttributeError(name)
        with _running:
            loader = vars(self)["__loader__"]
            if isinstance(loader, _LateLoader):  # else another thread was first, or it is running and asks itself
                loader.run(self)
        known = vars(self)
        if name not in known:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return known[name]


class _LateLoader(Loader):
    def __init__(self, real: Loader) -> None:
        self._real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Late(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing yet."""

    def run(self, module: ModuleType) -> None:
        """Is told that it runs while it does, and is as it was when that fails."""
        assert module.__spec__ is not None
        module.__loader__ = module.__spec__.loader = self._real
        try:
            self._real.exec_module(module)
        except BaseException:
            module.__loader__ = module.__spec__.loader = self
            raise
        module.__class__ = ModuleType


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in NAMES:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _LateLoader(spec.loader)
        return spec
