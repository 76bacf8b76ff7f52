"""Modules that others import at their top and no start uses: run when something of theirs is.

TLS alone is 4 MB and 19 M instructions of a start (a minimal application: 33 MB, 0.90 G), and before the first paint
nothing speaks to a server; the toolkit's own palette is 60 M with the widgets that it brings.
`importlib.util.LazyLoader` does not do here: it runs a module as soon as a second one imports it, and before Python
3.13 not safely where two threads do.
"""

from __future__ import annotations

import sys
from abc import ABC
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING

from mbclient.cli.latenames import LateName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.abc import Loader, MetaPathFinder
    from types import FrameType
else:
    Loader = MetaPathFinder = object  # what they are loads thirty modules, and a finder need not be one

_NOTHING = frozenset[str]()
NAMES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("ssl", "asyncio.sslproto", "asyncio.staggered", "mimetypes", "locale", "textwrap"), _NOTHING),
    **dict.fromkeys(("bz2", "lzma", "hashlib", "hmac", "secrets", "tempfile", "tokenize", "ipaddress"), _NOTHING),
    "ast": frozenset({"NodeVisitor"}),
    "decimal": frozenset({"Decimal"}),
    "difflib": frozenset({"get_close_matches"}),
    "pickle": frozenset({"dumps", "loads"}),
    "platformdirs": frozenset({"user_downloads_path"}),
    "rich._emoji_replace": frozenset({"_emoji_replace"}),
    "rich.markup": frozenset({"render"}),
    "rich.measure": frozenset({"Measurement", "measure_renderables"}),
    "rich.pager": frozenset({"Pager", "SystemPager"}),
    "rich.panel": frozenset({"Panel"}),
    "rich.region": frozenset({"Region"}),
    "rich.table": frozenset({"Table"}),
    "rich.text": frozenset({"Span", "Text", "TextType"}),
    "rich.tree": frozenset({"Tree"}),
    "textual.canvas": frozenset({"Canvas", "Rectangle"}),
    "textual.command": frozenset(
        {"CommandListItem", "CommandPalette", "DiscoveryHit", "Hit", "Hits", "Provider", "SimpleProvider"}
    ),
    "textual.css._help_text": frozenset(
        {
            *("align_help_text", "border_property_help_text", "color_property_help_text", "dock_property_help_text"),
            *("expand_help_text", "fractional_property_help_text", "integer_help_text", "keyline_help_text"),
            *("layout_property_help_text", "offset_property_help_text", "offset_single_axis_help_text"),
            *("position_help_text", "property_invalid_value_help_text", "scalar_help_text"),
            *("scrollbar_size_property_help_text", "scrollbar_size_single_axis_help_text"),
            *("spacing_invalid_value_help_text", "spacing_wrong_number_of_values_help_text"),
            *("split_property_help_text", "string_enum_help_text", "style_flags_property_help_text"),
            *("table_rows_or_columns_help_text", "text_align_help_text"),
        }
    ),
    "textual.file_monitor": frozenset({"FileMonitor"}),
    "textual.markup": frozenset({"parse_style"}),
    "textual.pilot": frozenset({"Pilot"}),
    "textual.renderables.text_opacity": frozenset({"TextOpacity"}),
    "traceback": frozenset({"extract_stack"}),
    "uuid": frozenset({"uuid4"}),
}
"""Each with the functions and classes that may be imported from it without running it."""

_PARTS = {"ssl": "_ssl", "asyncio.sslproto": "_ssl", "bz2": "_bz2", "lzma": "_lzma"}  # which some Pythons do not have
_FOUNDATIONS: Mapping[tuple[str, str], type] = {("ast", "NodeVisitor"): object, ("textual.command", "Provider"): ABC}
"""Classes of which others make classes at their top, though no start makes an object of those. Until the module is run,
one that is made so is made of the class given here instead.
"""

_IN_THE_LIBRARY = frozenset({"fractions", "inspect"})
_IMPORTING = frozenset({"<module>", "_handle_fromlist"})  # the second looks before a name is taken from a package
_locks: dict[str, RLock] = {}
"""One a module. Whoever runs a late module holds its lock and waits for the import locks of what that imports; whoever
imports one of those holds its import lock, and would wait for this one if it asked for the late module. So that neither
waits for the other, a late module is never imported by what it imports itself.
"""


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
            own = ModuleType.__getattribute__(self, "__name__")
            if name in NAMES[own] and _is_known(asking := sys._getframe(1), own):
                return _handed_out(self, own, name, asking)
            _run(self)
        return ModuleType.__getattribute__(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        if not _is_the_languages(name):
            _run(self)
        ModuleType.__setattr__(self, name, value)

    def __dir__(self) -> list[str]:
        _run(self)
        return sorted(vars(self))


def _is_known(asking: FrameType, own: str) -> bool:
    """Whether a module asks of which we know what it does with such a name: call it, ask what is one, derive from it.

    Others may look it up in a table, or make unions and dispatchers of it, and those in C want a real class.
    """
    module = str(asking.f_globals.get("__name__", ""))
    if module == "importlib._bootstrap":  # for a package before its name is taken, or for a module in C: asyncio's
        return asking.f_code.co_name == "_handle_fromlist" or own == "traceback"
    return module.startswith(("rich.", "textual.")) or module in _IN_THE_LIBRARY


def _is_the_languages(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _handed_out(module: ModuleType, own: str, name: str, asking: FrameType) -> object:
    """What stands for the name with whoever asks; in a module that imports it until the real one takes its place."""
    below = _FOUNDATIONS.get((own, name))
    with _locks[own]:
        loader = module.__spec__ and module.__spec__.loader
        if below is not None and asking.f_code.co_name not in _IMPORTING:
            _run(module)
        elif isinstance(loader, _LateLoader):
            find = partial(_found, module, name)
            late = loader.handed_out.setdefault(name, LateName(name, find, below))
            if asking.f_code.co_name == "<module>":
                late.stands_in(asking.f_globals)
            return late
    return ModuleType.__getattribute__(module, name)  # it has been run, or is by this very thread


def _found(module: ModuleType, name: str) -> object:
    _run(module)
    return ModuleType.__getattribute__(module, name)


def _run(module: ModuleType) -> None:
    """Unless it has been, or is being run by this very thread. One that cannot be run is as it was before."""
    with _locks[module.__name__]:
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
        for name in late.handed_out.values():
            name.give_way()


class _LateLoader(Loader):
    def __init__(self, real: Loader) -> None:
        self.real = real
        self.handed_out: dict[str, LateName] = {}

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        _locks.setdefault(spec.name, RLock())
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
