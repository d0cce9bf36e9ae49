"""Lowering of the decision part: what the decision step reads, as registers and instructions.

Nodes of the series part become series columns, constants become constant registers, and what reads fills becomes
instructions (see `lingua.trading.opcodes`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lingua.ir.analysis import FreePrevious
from lingua.ir.nodes import Constancy, Kind, Node
from lingua.trading import opcodes as op

StaticValue = Callable[[Node], float | int | str | bool]

NUMERIC = {
    "add": op.ADD, "sub": op.SUB, "mul": op.MUL, "div": op.DIV, "pow": op.POW, "neg": op.NEG, "gt": op.GT,
    "ge": op.GE, "lt": op.LT, "le": op.LE, "eq": op.EQ, "ne": op.NE, "and": op.AND, "or": op.OR, "not": op.NOT,
}  # fmt: skip
FUNCTIONS = {
    "abs": op.ABS, "exp": op.EXP, "log": op.LOG, "sqrt": op.SQRT, "sign": op.SIGN, "floor": op.FLOOR, "ceil": op.CEIL,
    "round": op.ROUND, "trunc": op.TRUNC, "min": op.MIN, "max": op.MAX, "mod": op.MOD,
}  # fmt: skip
STATE_CELLS = 3

Instruction = tuple[int, int, int, int, int, int]


@dataclass(slots=True)
class DecisionProgram:
    """Registers in order: account values, constants, series columns, temporaries, persistent cells.

    `initial` is the register file before the first bar; `series` the nodes whose columns are copied to registers
    `first_series …` at each bar; `slots` says in which register a node's value stands.
    """

    initial: list[float] = field(default_factory=list)
    series: list[Node] = field(default_factory=list)
    first_series: int = 0
    code: list[Instruction] = field(default_factory=list)
    slots: dict[int, int] = field(default_factory=dict)

    def slot_of(self, node: Node) -> int:
        return self.slots[node.index]


def lower(
    roots: Sequence[Node], static: StaticValue, legs: Sequence[str], lookback: Callable[[Node], float]
) -> DecisionProgram:
    """Registers and code for everything `roots` need.

    Args:
        legs: names of the data declarations, in order; their account values follow the traded symbol's.
        lookback: bars a node needs, for states that read fills.
    """
    return _Lowering(static, legs, lookback).run(roots)


class _Lowering:
    def __init__(self, static: StaticValue, legs: Sequence[str], lookback: Callable[[Node], float]) -> None:
        self._static = static
        self._lookback = lookback
        self._legs = list(legs)
        self._program = DecisionProgram()
        self._cells: dict[object, int] = {}
        self._free = FreePrevious()

    def run(self, roots: Sequence[Node]) -> DecisionProgram:
        program = self._program
        fills, series, constants = self._split(roots)
        program.initial = [math.nan] * (len(op.ACCOUNT) + len(self._legs) * len(op.LEG))
        for node in constants:
            program.slots[node.index] = self._register(float(self._static(node)))
        program.first_series = len(program.initial)
        for node in series:
            program.slots[node.index] = self._register(math.nan)
            program.series.append(node)
        for node in fills:
            if node.op == "account":
                program.slots[node.index] = self._account(node)
            else:
                program.slots[node.index] = self._register(math.nan)
        for node in fills:
            if node.op == "state":
                # Before the code, because `prev` inside the step reads these cells.
                self._cells[node.attrs[0]] = self._persistent(0.0, 0.0, 1.0 if node.kind is Kind.BOOL else math.nan)
        for node in fills:
            if node.op != "account":
                program.code.append(self._instruction(node))
        return program

    def _split(self, roots: Sequence[Node]) -> tuple[list[Node], list[Node], list[Node]]:
        """Nodes to compute here, columns they read, constants they read."""
        fills: dict[int, Node] = {}
        series: dict[int, Node] = {}
        constants: dict[int, Node] = {}
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node.constancy <= Constancy.PARAM:
                constants[node.index] = node
            elif node.uses_fills or self._free.of(node):
                # A step of a state that reads fills is computed here even where it does not read them itself.
                if node.index not in fills:
                    fills[node.index] = node
                    stack.extend(node.args)
            else:
                series[node.index] = node

        def ordered(found: dict[int, Node]) -> list[Node]:
            return [found[index] for index in sorted(found)]

        return ordered(fills), ordered(series), ordered(constants)

    def _register(self, value: float) -> int:
        self._program.initial.append(value)
        return len(self._program.initial) - 1

    def _persistent(self, *values: float) -> int:
        first = len(self._program.initial)
        self._program.initial.extend(values)
        return first

    def _account(self, node: Node) -> int:
        name, source = str(node.attrs[0]), str(node.attrs[1]) if len(node.attrs) > 1 else ""
        if not source:
            return op.ACCOUNT.index(name)
        return len(op.ACCOUNT) + self._legs.index(source) * len(op.LEG) + op.LEG.index(name)

    def _instruction(self, node: Node) -> Instruction:
        target = self._program.slots[node.index]
        a, b, c = ([self._program.slots.get(arg.index, 0) for arg in node.args] + [0, 0, 0])[:3]
        boolean = node.kind is Kind.BOOL
        match node.op:
            case "is_na":
                return (op.IS_UNKNOWN if node.args[0].kind is Kind.BOOL else op.IS_NA, target, a, 0, 0, 0)
            case "coalesce":
                return (op.COALESCE_TRUTH if boolean else op.COALESCE, target, a, b, 0, 0)
            case "select":
                return (op.SELECT_TRUTH if boolean else op.SELECT, target, a, b, c, 0)
            case "fn1" | "fnN":
                return self._function(node, target, a, b, c)
            case "hist":
                bars = int(self._static(node.args[1]))
                ring = self._persistent(0.0, *([1.0 if boolean else math.nan] * (bars + 1)))
                return (op.HISTORY_TRUTH if boolean else op.HISTORY, target, a, ring, 0, bars)
            case "prev":
                return (op.PREVIOUS, target, self._cells[node.attrs[0]], 0, 0, 0)
            case "state":
                ready = self._lookback(node)
                code = op.STATE_TRUTH if boolean else op.STATE
                return (code, target, a, b, self._cells[node.attrs[0]], int(min(ready, 2**31 - 1)))
            case "since_entry":
                cell = self._persistent(math.nan)
                highest = node.attrs[0] == "highest"
                return (op.HIGHEST_SINCE_ENTRY if highest else op.LOWEST_SINCE_ENTRY, target, a, cell, 0, 0)
            case name if name in NUMERIC:
                return (NUMERIC[name], target, a, b, 0, 0)
            case _:
                raise RuntimeError(f"{node.op!r} cannot read fills")

    def _function(self, node: Node, target: int, a: int, b: int, c: int) -> Instruction:
        name = str(node.attrs[0])
        if name == "clamp":
            middle = self._register(math.nan)
            self._program.code.append((op.MAX, middle, a, b, 0, 0))
            return (op.MIN, target, middle, c, 0, 0)
        if name == "nearest":
            middle = self._register(math.nan)
            self._program.code.append((op.DIV, middle, a, b, 0, 0))
            self._program.code.append((op.ROUND, middle, middle, 0, 0, 0))
            return (op.MUL, target, middle, b, 0, 0)
        return (FUNCTIONS[name], target, a, b, 0, 0)
