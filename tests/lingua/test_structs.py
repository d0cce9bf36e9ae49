"""A struct is to everyone what a dataclass is."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
import subprocess
import sys

import pytest

from lingua.structs import OpenStruct, Struct, field, fields, replace


class Point(Struct):
    """`name`, and where."""

    x: float
    y: float = 0.0
    where: int = field(default=7, kw_only=True, compare=False, repr=False)


class Named(Point):
    name: str = ""
    tags: list[str] = field(default_factory=list)
    length: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", len(self.name))


class Counter(OpenStruct):
    count: int = 0


class Itself(Struct, eq=False):
    value: int


class Loose(Struct, slots=False):
    value: float


@dataclasses.dataclass(frozen=True)
class Twin:
    x: float
    y: float = 0.0
    where: int = dataclasses.field(default=7, kw_only=True, compare=False, repr=False)


def test_it_is_made_shown_and_compared_as_a_dataclass() -> None:
    for given in ((1.0,), (1.0, 2.0)):
        ours, theirs = Point(*given), Twin(*given)
        assert repr(ours) == repr(theirs).replace("Twin", "Point")
        assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert Point(1.0, where=3) == Point(1.0)
    assert hash(Point(1.0, where=3)) == hash(Point(1.0))
    assert Point(1.0) not in (Point(2.0), Twin(1.0), Named(1.0))
    assert Point.__match_args__ == Twin.__match_args__


def test_what_is_not_a_number_equals_itself() -> None:
    assert Itself(1) != Itself(1)
    assert Loose(math.nan) == Loose(math.nan)


@pytest.mark.parametrize("words", [(), (1.0, 2.0, 3.0)])
def test_wrong_arguments_are_refused(words: tuple[float, ...]) -> None:
    with pytest.raises(TypeError, match="argument"):
        Point(*words)


def test_its_fields_cannot_be_set() -> None:
    point = Point(1.0)
    with pytest.raises(dataclasses.FrozenInstanceError, match="'x'"):
        point.x = 2.0  # type: ignore[misc]  # what is refused
    with pytest.raises(dataclasses.FrozenInstanceError, match="'x'"):
        del point.x  # type: ignore[misc]  # what is refused
    with pytest.raises(AttributeError):
        object.__setattr__(point, "z", 1.0)


def test_fields_of_a_base_come_first_and_those_not_given_are_made() -> None:
    named = Named(1.0, 2.0, "abc")
    assert list(fields(named)) == ["x", "y", "where", "name", "tags", "length"]
    assert named.tags == []
    assert Named(1.0).tags is not Named(1.0).tags
    assert named.length == 3
    match named:
        case Named(x, y, name, _):
            assert (x, y, name) == (1.0, 2.0, "abc")


def test_it_can_be_copied_changed_and_sent() -> None:
    named = Named(1.0, 2.0, "abc", ["t"], where=5)
    for again in (copy.copy(named), copy.deepcopy(named), pickle.loads(pickle.dumps(named))):
        assert again == named
        assert (again.where, again.length) == (5, 3)
    assert replace(named, name="de") == dataclasses.replace(named, name="de") == Named(1.0, 2.0, "de", ["t"])
    assert replace(named, name="de").length == 2
    assert dataclasses.is_dataclass(named)


def test_one_that_is_not_frozen_is_changed_in_place() -> None:
    counter = Counter()
    counter.count += 1
    assert counter == Counter(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)


def test_making_one_loads_neither_dataclasses_nor_inspect() -> None:
    code = (
        "import sys\nfrom lingua.syntax import nodes\nnodes.Number('1', 1.0, True)\n"
        "print([name for name in ('dataclasses', 'inspect') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
