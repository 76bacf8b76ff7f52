from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any, Generic, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain import lazydataclass

Decorator = Callable[..., Any]
T = TypeVar("T")


def pair(dataclass: Decorator) -> tuple[Any, Any]:
    @dataclass(frozen=True, slots=True)
    class Base:
        number: int
        word: str = "word"

    @dataclass(frozen=True, slots=True)
    class Whole(Base):
        """Everything that a field can be."""

        many: list[int] = field(default_factory=list)
        secret: str = field(default="", repr=False)
        note: str = field(default="", compare=False)
        own: dict[str, int] = field(init=False, default_factory=dict)
        fixed: str = field(init=False, default="fixed")

        def __post_init__(self) -> None:
            self.own["sum"] = self.number + len(self.many)

    return Base, Whole


STANDARD, OURS = pair(dataclasses.dataclass), pair(lazydataclass.dataclass)

values = st.fixed_dictionaries(
    {"number": st.integers(0, 2)},
    optional={
        "word": st.sampled_from(["", "a"]),
        "many": st.lists(st.integers(0, 1), max_size=1),
        "secret": st.sampled_from(["", "x"]),
        "note": st.sampled_from(["", "n"]),
    },
)


@given(values, values)
def test_it_does_what_the_library_does(some: dict[str, Any], other: dict[str, Any]) -> None:
    theirs, ours = STANDARD[1](**some), OURS[1](**some)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert repr(ours) == repr(theirs)
    assert (ours == OURS[1](**other)) == (theirs == STANDARD[1](**other))
    assert ours != theirs
    replaced = dataclasses.replace(ours, word="new")
    assert (replaced.word, replaced.number, replaced.own) == ("new", ours.number, ours.own)
    for twin in (copy.copy(ours), copy.deepcopy(ours)):
        assert dataclasses.asdict(twin) == dataclasses.asdict(ours)


@given(st.integers(), st.text())
def test_equal_ones_hash_alike(number: int, word: str) -> None:
    assert len({OURS[0](number, word), OURS[0](number, word)}) == 1
    assert hash(OURS[0](number, word)) == hash(STANDARD[0](number, word))


def test_the_shape_is_the_library_s() -> None:
    for theirs, ours in zip(STANDARD, OURS, strict=True):
        assert ours.__slots__ == theirs.__slots__
        assert ours.__match_args__ == theirs.__match_args__
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


def test_nothing_in_it_can_be_changed() -> None:
    one = OURS[1](1)
    for name in ("number", "own", "unknown"):
        with pytest.raises(FrozenInstanceError):
            setattr(one, name, 2)
        with pytest.raises(FrozenInstanceError):
            delattr(one, name)


@pytest.mark.parametrize("given", [{}, {"number": 1, "unknown": 2}, {"number": 1, "own": {}}])
def test_wrong_arguments_are_refused_in_the_same_words(given: dict[str, Any]) -> None:
    words = []
    for _base, whole in (STANDARD, OURS):
        with pytest.raises(TypeError) as refused:
            whole(**given)
        words.append(str(refused.value))
    assert words[0] == words[1]


@lazydataclass.dataclass(frozen=True, slots=True)
class Own:
    """Has its own words for what the decorator would have added."""

    number: int

    def __repr__(self) -> str:
        return "hidden"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Own)

    def __hash__(self) -> int:
        return 7


def test_what_a_class_says_itself_stays() -> None:
    assert (repr(Own(1)), Own(1) == Own(2), hash(Own(1))) == ("hidden", True, 7)
    assert pickle.loads(pickle.dumps(Own(3))).number == 3  # noqa: S301 - made one line above


def test_one_that_is_not_frozen_can_be_changed_and_has_no_hash() -> None:
    @lazydataclass.dataclass(slots=True)
    class Open:
        number: int = 0

    one = Open()
    one.number = 3
    assert (one, copy.copy(one)) == (Open(3), Open(3))
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_what_has_no_slots_is_refused() -> None:
    decorate: Decorator = lazydataclass.dataclass
    with pytest.raises(TypeError):
        decorate(frozen=True, slots=False)


def test_a_field_by_keyword_alone_is_refused_and_not_taken_by_its_place() -> None:
    with pytest.raises(TypeError, match="'number' could be given by its place"):

        @lazydataclass.dataclass(slots=True)
        class Named:
            number: int = field(kw_only=True)


def test_an_instance_is_of_its_own_class_and_unchangeable_however_many_there_are() -> None:
    @lazydataclass.dataclass(frozen=True, slots=True)
    class Counted(Generic[T]):
        kind: T
        cls: int = 0
        seen: list[type] = field(default_factory=list)

        def __post_init__(self) -> None:
            self.seen.append(type(self))

    for number in range(2 * lazydataclass.MANY):
        one = Counted[int](number, cls=1)
        assert (type(one), one.seen, one.kind, one.cls) == (Counted, [Counted], number, 1)
        with pytest.raises(FrozenInstanceError):
            one.kind = 0  # type: ignore[misc]  # that it is frozen is tried


def test_no_method_is_written_for_a_class_with_few_instances() -> None:
    """What it is for: the start defines many classes and makes few instances of most."""
    base, _whole = pair(lazydataclass.dataclass)
    for _number in range(lazydataclass.MANY):
        assert not inspect.isfunction(vars(base)["__init__"])
        base(1)
    assert inspect.isfunction(vars(base)["__init__"])
