"""`dataclass` as the standard library has it, for those with slots, at a tenth of the cost of defining one.

The library reads every field and compiles six methods whenever a class is defined; a start defines some 170 such
classes, and with the library's methods it needs 2.23 G instructions in place of 1.65 (a minimal application: 0.91).
Here the methods are the same for all; only a class with many instances gets an `__init__` of its own. What the library
wants to know for `fields`, `replace` and `asdict` it finds out itself, when first asked. Patterns and type checker see
no difference.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, fields
from dataclasses import dataclass as standard_dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, slots: bool, frozen: bool = False) -> Callable[[type], type]:
        """Whatever has no slots, or an order, is a case for the library's own decorator.

        What derives from a frozen class is made by it too: all instances of one have its slots and nothing else.
        """
        if not slots:
            raise TypeError("its instances are known by their slots")
        return partial(_defined, frozen=frozen)


MANY = 30  # instances that cost more to make than to compile an `__init__` for them
_FIELDS = "__dataclass_fields__"  # where the library looks
_put = object.__setattr__  # frozen ones refuse any other


def _defined(cls: type, *, frozen: bool) -> type:
    own = vars(cls)
    kinds = {name: kind for name, kind in own.get("__annotations__", {}).items() if not kind.startswith("ClassVar")}
    inherited = {one.name: one for base in cls.__mro__[:0:-1] for one in getattr(base, _FIELDS, {}).values()}
    declared = inherited | {name: own.get(name, MISSING) for name in kinds}
    _refuse_keywords(declared)
    kept = {name: value for name, value in own.items() if name not in kinds and name not in ("__dict__", "__weakref__")}
    kept["__slots__"] = tuple(name for name in kinds if name not in inherited)
    kept |= {"__match_args__": _names(declared, "init"), "__qualname__": cls.__qualname__}
    equals, hashed = _compared(_names(declared, "compare"))
    found, inits = _LibraryFields(kinds, declared), _FirstInits(declared)
    added: dict[str, Any] = {_FIELDS: found, "__init__": inits}
    added |= {"__repr__": _shown(_names(declared, "repr")), "__eq__": equals, "__hash__": None}
    if frozen:
        added |= {**_UNCHANGEABLE, "__hash__": hashed}
    # All at once: a name that a class gets later costs as much as ten that it is made with.
    kept |= {name: value for name, value in added.items() if own.get(name) is None}
    made: type = type(cls)(cls.__name__, cls.__bases__, kept)
    found.cls = inits.cls = made
    return made


def _refuse_keywords(declared: Mapping[str, Any]) -> None:
    for name, given in declared.items():
        if isinstance(given, Field) and given.kw_only is True:
            raise TypeError(f"{name!r} could be given by its place: fields by keyword alone are the library's case")


def _names(declared: Mapping[str, Any], flag: str) -> tuple[str, ...]:
    """The fields that count for `init`, `repr` or `compare`. `declared`: name → `Field`, default, or MISSING."""
    return tuple(name for name, one in declared.items() if not isinstance(one, Field) or getattr(one, flag))


class _LibraryFields:
    """Stands for what the library would have noted of a class, until it looks."""

    cls: Any

    def __init__(self, kinds: Mapping[str, str], declared: Mapping[str, Any]) -> None:
        self._kinds, self._declared = kinds, declared

    def __get__(self, instance: object | None, owner: type) -> object:
        given = {name: one for name, one in self._declared.items() if one is not MISSING}
        kinds = {name: self._kinds.get(name) or one.type for name, one in self._declared.items()}
        about = {"__annotations__": kinds, "__module__": self.cls.__module__, "__doc__": "else it would write one"}
        noted = type(self.cls.__name__, (), {**given, **about})
        found = vars(standard_dataclass(init=False, repr=False, eq=False)(noted))[_FIELDS]
        setattr(self.cls, _FIELDS, found)
        return found


class _FirstInits:
    """Stands for a class's `__init__` until there are many instances, or somebody asks for it; then writes it."""

    cls: Any

    def __init__(self, declared: Mapping[str, Any]) -> None:
        self._declared, self._left = declared, MANY

    def __get__(self, instance: object | None, owner: type) -> object:
        self._left -= 1
        if instance is not None and self._left > 0:
            return partial(self._fill, instance)
        written = self._written()
        return written if instance is None else written.__get__(instance, owner)

    def _fill(self, instance: Any, /, *given: object, **named: object) -> None:
        """As the written one does; what that would refuse, it does refuse."""
        values = dict(zip(self.cls.__match_args__, given, strict=False))
        values |= named
        right, unknown = len(values) == len(given) + len(named), len(values)
        for name, one in self._declared.items():
            if name in values and _is_taken(one):
                value, unknown = values[name], unknown - 1
            elif (value := _default(one)) is MISSING and (factory := _factory(one)) is not MISSING:
                value = factory()
            if value is not MISSING:
                _put(instance, name, value)
            elif _is_taken(one):
                right = False
        if unknown or not right:
            self._written()(instance, *given, **named)
        elif hasattr(instance, "__post_init__"):
            instance.__post_init__()

    def _written(self) -> Any:
        self.cls.__init__ = written = _written_init(self.cls, self._declared)
        return written


def _is_taken(one: Any) -> bool:
    return not isinstance(one, Field) or one.init


def _default(one: Any) -> Any:
    return one.default if isinstance(one, Field) else one


def _factory(one: Any) -> Any:
    return one.default_factory if isinstance(one, Field) else MISSING


def _written_init(cls: Any, declared: Mapping[str, Any]) -> Any:
    """Frozen ones refuse to be set: while its fields are, an instance is of a class with the same slots that does not.

    For a post that takes a quarter of the time of going round the refusal with each field.
    """
    known: dict[str, object] = {"put": _put, "MISSING": MISSING}
    taken, body = ["self"], []
    for name, one in declared.items():
        taken += [_parameter(name, one)] if _is_taken(one) else []
        body += _assignment(name, one)
        known |= {f"default_{name}": _default(one), f"make_{name}": _factory(one)}
    if body and cls.__setattr__ is _refuse_to_set:
        its = {name: value for name, value in vars(cls).items() if name in ("__slots__", "__orig_bases__")}
        known["_open"] = type(cls)(cls.__name__, cls.__bases__, {**its, "__setattr__": _put})
        body = ["_own = self.__class__", "put(self, '__class__', _open)", *body, "self.__class__ = _own"]
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    lines = "\n  ".join(body or ["pass"])
    source = f"def write({', '.join(known)}):\n def __init__({', '.join(taken)}):\n  {lines}\n return __init__"
    scope: dict[str, Any] = {}
    exec(source, scope)  # noqa: S102 - as the library does it: nothing but names of fields is in it
    init = scope["write"](**known)
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _parameter(name: str, one: Any) -> str:
    if _factory(one) is not MISSING:
        return f"{name}=MISSING"
    return name if _default(one) is MISSING else f"{name}=default_{name}"


def _assignment(name: str, one: Any) -> list[str]:
    """A line that sets it; none for what is neither given nor has a default."""
    value = name if _is_taken(one) else f"default_{name}"
    if _factory(one) is not MISSING:
        value = f"make_{name}() if {name} is MISSING else {name}" if _is_taken(one) else f"make_{name}()"
    elif not _is_taken(one) and _default(one) is MISSING:
        return []
    return [f"self.{name} = {value}"]


def _compared(names: tuple[str, ...]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """`__eq__` and `__hash__`, by the fields that count."""
    values = attrgetter(*names) if names else lambda _self: ()

    def equals(self: object, other: object) -> bool:
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    def hashed(self: object) -> int:
        return hash(values(self))

    return equals, hashed


def _shown(names: tuple[str, ...]) -> Callable[[object], str]:
    def shown(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return shown


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in fields(self)]


def _take_state(self: Any, state: list[object]) -> None:
    for field, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


_UNCHANGEABLE = {
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
    "__getstate__": _state,  # copies and pickles would set attributes
    "__setstate__": _take_state,
}
