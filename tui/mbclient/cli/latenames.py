"""What stands for a function or class whose module has not been run yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_ASKED_BY_TYPING = frozenset({"__parameters__", "__typing_subst__", "__typing_is_unpacked_typevartuple__"})


class LateName:
    """Does what is asked of it by running the module (`late.py`), and makes way for the real one wherever it was
    imported. It is no class: no `except` clause and no `case` may name it, and nobody may look it up or compare it.
    """

    def __init__(self, name: str, find: Callable[[], Any], below: type | None = None) -> None:
        """`find` runs the module, unless it has been, and gives the real one. `below`: for a class that others are
        made of before it is there, what it is made of itself; else making one runs the module.
        """
        self._find = find
        self._places: list[dict[str, Any]] = []
        self._stand_in = None if below is None else type(below)(name, (below,), {})

    def stands_in(self, place: dict[str, Any]) -> None:
        """Names of a module that this is one of from now on."""
        self._places.append(place)

    def give_way(self) -> None:
        """To the real one, once the module has been run."""
        real = self._find()
        for place in self._places:
            for name, value in list(place.items()):  # a copy: another thread may be running that module
                if value is self:
                    place[name] = real
        self._places.clear()
        if self._stand_in is not None:
            subclasses: list[Any] = type.__subclasses__(self._stand_in)
            for made in subclasses:
                made.__bases__ = tuple(real if base is self._stand_in else base for base in made.__bases__)
            self._stand_in = None

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self._find()(*given, **named)

    def __getattr__(self, name: str) -> Any:
        if name in _ASKED_BY_TYPING:
            raise AttributeError(name)  # nothing that stands in an annotation has to be run for it
        return getattr(self._find(), name)

    def __getitem__(self, parameters: Any) -> Any:
        return self._find()[parameters]

    def __or__(self, other: Any) -> Any:
        return self._find() | other

    def __ror__(self, other: Any) -> Any:
        return other | self._find()

    def __instancecheck__(self, one: object) -> bool:
        return isinstance(one, self._find())

    def __subclasscheck__(self, one: type) -> bool:
        return issubclass(one, self._find())

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (self._stand_in or self._find(),)
