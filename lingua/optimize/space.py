"""The combinations that may be tried: the domains of the params, pruned by `require`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from lingua.ir.nodes import TRUE
from lingua.ir.program import ParamDecl, ParamValue, Program
from lingua.semantics.folding import StaticValues

Values = dict[str, ParamValue]
PARTS = 10
"""Steps into which a grid cuts a range of numbers that names no step."""
LARGEST_LISTED = 2_000_000
"""Combinations that are counted and drawn without repetition; larger spaces are drawn from blindly."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One searched parameter. `values` are what a grid tries, in order; `low`, `high` bound a range that has no step
    and is drawn from freely."""

    name: str
    values: tuple[ParamValue, ...]
    low: float | None = None
    high: float | None = None
    is_free: bool = False
    is_ordered: bool = True

    @property
    def ends(self) -> tuple[ParamValue, ...]:
        """The least and the greatest value; of what has no order all of them."""
        if not self.is_ordered:
            return self.values
        return self.values if len(self.values) < 3 else (self.values[0], self.values[-1])


def dimension(param: ParamDecl) -> Dimension | None:
    """The domain of a parameter; None when it has none."""
    if param.values is not None:
        numbers = param.kind in ("int", "num", "time")
        return Dimension(
            param.name, tuple(sorted(param.values, key=float)) if numbers else param.values, is_ordered=numbers
        )
    if param.low is None or param.high is None:
        return None
    is_int = param.kind == "int"
    step = param.step if param.step is not None else 1.0 if is_int else None
    if step is None:
        width = (param.high - param.low) / PARTS
        values = (*[_tidy(param.low + width * k) for k in range(PARTS)], param.high) if width > 0 else (param.low,)
        return Dimension(param.name, values, param.low, param.high, is_free=True)
    # The same product in every step: sums of 0.1 would drift away from the numbers a reader writes.
    count = math.floor((param.high - param.low) / step + 1e-9) + 1
    numbers_ = [param.low + k * step for k in range(count)]
    stepped = tuple(round(v) for v in numbers_) if is_int else tuple(_tidy(v) for v in numbers_)
    return Dimension(param.name, stepped, param.low, param.high)


def _tidy(value: float) -> float:
    """0.30000000000000004 as 0.3, where that is as near."""
    short = float(f"{value:.12g}")
    return short if abs(short - value) <= 4 * math.ulp(value) else value


class Space:
    """All combinations of the dimensions that keep every `require`."""

    def __init__(self, program: Program, dimensions: tuple[Dimension, ...]) -> None:
        self.program = program
        self.dimensions = dimensions
        self._fixed = {param.name: param.value for param in program.params}
        self._is_structural = {param.name for param in program.params if param.is_structural}

    @property
    def size(self) -> int:
        """Combinations of the grid before `require`."""
        return math.prod(len(each.values) for each in self.dimensions)

    def allows(self, values: Mapping[str, ParamValue]) -> bool:
        """Whether every `require` holds. One that reads a parameter which shapes the graph is judged when that is
        elaborated."""
        given = {**self._fixed, **values}
        known = StaticValues({name: value for name, value in given.items() if not isinstance(value, str)})
        return all(known.of(node) == TRUE for node, _ in self.program.requires)

    def grid(self) -> Iterator[Values]:
        """Every allowed combination, the last parameter changing fastest."""
        names = [each.name for each in self.dimensions]
        for values in itertools.product(*(each.values for each in self.dimensions)):
            found = dict(zip(names, values, strict=True))
            if self.allows(found):
                yield found

    def corners(self) -> Iterator[Values]:
        """The ends of the domains in every combination: where a look-back is greatest. `require` is not asked, so that
        the first bar is that of the domain."""
        names = [each.name for each in self.dimensions]
        ends = [each.ends for each in self.dimensions]
        if math.prod(len(each) for each in ends) <= 4096:
            for values in itertools.product(*ends):
                yield dict(zip(names, values, strict=True))
            return
        highest = [each[-1] for each in ends]
        for place, each in enumerate(ends):
            for value in each:
                yield dict(zip(names, [*highest[:place], value, *highest[place + 1 :]], strict=True))

    def draw(self, count: int, seed: int) -> list[Values]:
        """Up to `count` different allowed combinations, in an order that `seed` decides."""
        rng = np.random.Generator(np.random.PCG64(seed))
        if not any(each.is_free for each in self.dimensions) and self.size <= LARGEST_LISTED:
            found: list[Values] = []
            for index in rng.permutation(self.size).tolist():
                values = self._at(index)
                if self.allows(values):
                    found.append(values)
                    if len(found) == count:
                        break
            return found
        drawn: dict[tuple[ParamValue, ...], Values] = {}
        for _ in range(200 * count):
            values = {each.name: _one(each, rng) for each in self.dimensions}
            if self.allows(values):
                drawn.setdefault(tuple(values.values()), values)
            if len(drawn) == count:
                break
        return list(drawn.values())

    def _at(self, index: int) -> Values:
        found: Values = {}
        for each in reversed(self.dimensions):
            index, place = divmod(index, len(each.values))
            found[each.name] = each.values[place]
        return {each.name: found[each.name] for each in self.dimensions}

    def place(self, values: Mapping[str, ParamValue]) -> tuple[float, ...]:
        """Where a combination lies, each ordered dimension from 0 to 1; one without order counts its values."""
        return tuple(_share(each, values[each.name]) for each in self.dimensions)


def _one(each: Dimension, rng: np.random.Generator) -> ParamValue:
    if each.is_free and each.low is not None and each.high is not None:
        return float(each.low + (each.high - each.low) * rng.random())
    return each.values[int(rng.integers(len(each.values)))]


def _share(each: Dimension, value: ParamValue) -> float:
    if not each.is_ordered or isinstance(value, str):
        return float(each.values.index(value)) if value in each.values else -1.0
    if each.is_free and each.low is not None and each.high is not None:
        return (float(value) - each.low) / (each.high - each.low) if each.high > each.low else 0.0
    low, high = float(each.values[0]), float(each.values[-1])
    return (float(value) - low) / (high - low) if high > low else 0.0


def space_of(program: Program) -> Space:
    """The params of the program that have a domain."""
    found = [dimension(param) for param in program.params]
    return Space(program, tuple(each for each in found if each is not None))
