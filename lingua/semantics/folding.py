"""Constants are computed at compile time, by the same rules as the back ends.

A node all of whose arguments are constants becomes one constant. Parameters stay in the graph (a sweep gives them
other values); `StaticValues` says what an expression of them is in this run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from lingua.backends import scalar
from lingua.ir.nodes import TRUE, UNKNOWN, Attr, Constancy, Graph, Kind, Node
from lingua.ir.units import NONE, Unit

Static = float | int | str | bool

NOT_FOLDED = frozenset({"call", "time_part", "session", "extern", "cs", "state", "prev", "tick"})


def number(graph: Graph, value: float, *, kind: Kind = Kind.NUM, unit: Unit = NONE) -> Node:
    return graph.node("const", attrs=(float(value),), kind=kind, unit=unit)


def truth(graph: Graph, value: bool) -> Node:
    return graph.node("const", attrs=(bool(value),), kind=Kind.BOOL)


def text(graph: Graph, value: str) -> Node:
    return graph.node("const", attrs=(value,), kind=Kind.STRING)


def unknown(graph: Graph) -> Node:
    """The truth `na`: it has no literal, and a comparison with a missing number is what it is."""
    return graph.node("gt", number(graph, math.nan), number(graph, 0.0), kind=Kind.BOOL)


def is_na(node: Node) -> bool:
    """The literal `na`."""
    return node.op == "const" and node.kind in (Kind.NUM, Kind.INT) and node.attrs[0] != node.attrs[0]


def fold(graph: Graph, node: Node) -> Node:
    """`node`, or the constant it amounts to."""
    if node.constancy is not Constancy.CONST or node.op in NOT_FOLDED or node.op == "const":
        return node
    if any(arg.op != "const" for arg in node.args):
        return node
    values = [held(arg, arg.attrs[0]) for arg in node.args]
    result = evaluate(node, values)
    if node.kind is Kind.BOOL:
        return node if result == UNKNOWN else truth(graph, result == TRUE)
    if isinstance(result, str):
        return text(graph, result)
    return number(graph, float(result), kind=node.kind, unit=node.unit)


def held(node: Node, value: Attr) -> Static:
    """A constant as the back ends hold it: truth as 0, 1, 2."""
    if node.kind is Kind.BOOL:
        return TRUE if value else 0
    if node.kind is Kind.STRING:
        return str(value)
    return float(value) if isinstance(value, int | float) else math.nan


def evaluate(node: Node, args: list[Static]) -> Static:
    """One value of an operation on constants."""
    op = node.op
    if op in ("eq", "ne") and node.args[0].kind is Kind.STRING:
        return scalar.truth((args[0] == args[1]) == (op == "eq"))
    values = [float(arg) for arg in args] if not any(isinstance(arg, str) for arg in args) else [math.nan] * len(args)
    missing = [v == UNKNOWN if a.kind is Kind.BOOL else v != v for a, v in zip(node.args, values, strict=True)]
    if op in scalar.BINARY:
        result = scalar.BINARY[op](values[0], values[1])
        return scalar.as_int(result) if node.kind is Kind.INT else result
    if op in scalar.COMPARE:
        if node.args[0].kind is Kind.BOOL:
            return UNKNOWN if any(missing) else scalar.truth((values[0] == values[1]) == (op == "eq"))
        return scalar.COMPARE[op](values[0], values[1])
    match op:
        case "neg":
            return -values[0]
        case "and":
            return min(values)
        case "or":
            return max(values)
        case "not":
            return TRUE - values[0]
        case "is_na":
            return scalar.truth(missing[0])
        case "coalesce":
            return args[1] if missing[0] else args[0]
        case "select":
            nothing: Static = UNKNOWN if node.kind is Kind.BOOL else math.nan
            return nothing if missing[0] else args[1] if values[0] == TRUE else args[2]
        case "fn1" | "fnN":
            result = scalar.finite(scalar.FUNCTIONS[str(node.attrs[0])](*values))
            return scalar.as_int(result) if node.kind is Kind.INT else result
        case _:
            return args[0] if args else math.nan


class StaticValues:
    """Values of constant and parameter expressions in this run."""

    def __init__(self, params: Mapping[str, Static]) -> None:
        self._params = params
        self._known: dict[int, Static] = {}

    def of(self, node: Node) -> Static:
        """Truth comes as 0, 1, 2. Raises ValueError for a node that changes from bar to bar."""
        if node.constancy > Constancy.PARAM:
            raise ValueError(f"{node!r} changes from bar to bar")
        stack = [node]
        while stack:
            each = stack[-1]
            if each.index in self._known:
                stack.pop()
                continue
            waiting = [arg for arg in each.args if arg.index not in self._known]
            if waiting:
                stack.extend(waiting)
                continue
            self._known[each.index] = self._own(each)
            stack.pop()
        return self._known[node.index]

    def _own(self, node: Node) -> Static:
        if node.op == "const":
            return held(node, node.attrs[0])
        if node.op == "param":
            return held(node, self._params[str(node.attrs[0])])
        return evaluate(node, [self._known[arg.index] for arg in node.args])
