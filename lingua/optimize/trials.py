"""Parameter combinations as programs: the same graph with other values, or elaborated again where a value shapes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lingua.compiler import Compiled, CompileError, compile_source
from lingua.ir.nodes import TRUE
from lingua.ir.program import ParamDecl, ParamValue, Program
from lingua.semantics.folding import StaticValues
from lingua.semantics.overrides import WANTED, allows, converted, domain_of, value_text


@dataclass(frozen=True, slots=True)
class Trial:
    """`values` as they were given; `program` carries them. `shares` is false where the graph is its own."""

    values: Mapping[str, ParamValue]
    compiled: Compiled
    program: Program
    shares: bool


class Trials:
    """Every combination, checked; `trials[i]` makes the program of one. `varied` names the parameters that differ from
    one combination to another."""

    def __init__(self, compiled: Compiled, combinations: Sequence[Mapping[str, ParamValue]]) -> None:
        self.compiled = compiled
        self.program = compiled.program
        self._declared = {param.name: param for param in self.program.params}
        self._combinations = [self._fitted(number, each) for number, each in enumerate(combinations)]
        self.varied = frozenset(name for each in self._combinations for name in each)
        self.is_structural = any(self._declared[name].is_structural for name in self.varied)

    def __len__(self) -> int:
        return len(self._combinations)

    def values(self, index: int) -> dict[str, ParamValue] | None:
        """The value of every parameter in one combination; None where it has a graph of its own."""
        values = self._combinations[index]
        if any(self._declared[name].is_structural for name in values):
            return None
        return {name: values.get(name, param.value) for name, param in self._declared.items()}

    def __getitem__(self, index: int) -> Trial:
        values = self._combinations[index]
        if any(self._declared[name].is_structural for name in values):
            again = elaborated(self.compiled, values)
            return Trial(values, again, again.program, shares=False)
        params = tuple(
            replace(param, value=values[param.name]) if param.name in values else param for param in self.program.params
        )
        program = replace(self.program, params=params)
        return Trial(values, replace(self.compiled, programs=(program,)), program, shares=True)

    def _fitted(self, number: int, given: Mapping[str, ParamValue]) -> dict[str, ParamValue]:
        """The values in the kinds of their parameters. Raises ValueError where one does not fit."""
        values = {name: self._value(number, name, value) for name, value in given.items()}
        if any(self._declared[name].is_structural for name in values):
            return values  # its requirements are checked where it is elaborated
        all_values = {name: values.get(name, param.value) for name, param in self._declared.items()}
        known = StaticValues({name: value for name, value in all_values.items() if not isinstance(value, str)})
        for node, span in self.program.requires:
            if known.of(node) != TRUE:
                told = ", ".join(f"{name} = {value_text(value)}" for name, value in all_values.items())
                condition = self.compiled.source.excerpt(span)
                raise ValueError(f"combination {number}: `{condition}` does not hold with {told}")
        return values

    def _value(self, number: int, name: str, given: ParamValue) -> ParamValue:
        declared: ParamDecl | None = self._declared.get(name)
        if declared is None:
            known = ", ".join(self._declared) or "the program has no `param`"
            raise ValueError(f"combination {number}: no parameter is called {name!r}; there are: {known}")
        value = converted(declared, given)
        if value is None:
            raise ValueError(f"combination {number}: {name} is {WANTED[declared.kind]}, not {given!r}")
        if not allows(declared, value):
            raise ValueError(f"combination {number}: {name} = {value_text(value)} is outside {domain_of(declared)}")
        return value


def elaborated(compiled: Compiled, values: Mapping[str, ParamValue]) -> Compiled:
    """The text with other values. Raises ValueError with what is wrong with them."""
    name = compiled.source.name
    path = Path(name) if name.endswith(".lingua") else None
    again = compile_source(
        compiled.source, overrides={**compiled.overrides, **values}, strategy=compiled.program.name, path=path
    )
    if not again.ok:
        raise ValueError(str(CompileError(again.problems)))
    return again
