"""Numbers that a program writes down beside prices across splits.

Series see prices on one scale: the traded price times the splits so far. A level that is written down (`close > 100`)
or given as a param is meant as prices are quoted on the day, so beside a series it is brought to that scale. On bars
without splits the scale is 1 throughout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.ir.nodes import Clock, Constancy, Kind, Node
from lingua.ir.units import NONE, Unit

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

MIXING = frozenset({"add", "sub", "gt", "ge", "lt", "le", "eq", "ne", "select", "coalesce", "fnN"})
PRODUCTS = frozenset({"mul", "div"})
NUMERIC = (Kind.NUM, Kind.INT)


def on_one_scale(x: Expressions, op: str, args: tuple[Node, ...], clock: Clock) -> tuple[Node, ...]:
    """The arguments of an operation, those that are levels of the day on the scale of the series beside them."""
    if op in MIXING:
        series = next((arg for arg in args if _is_series(x, arg)), None)
        if series is not None:
            whose = x.source_of(series) or ""
            return tuple(
                scaled(x, arg, series.unit, clock, whose) if _is_level(x, arg, series.unit) else arg for arg in args
            )
    elif op in PRODUCTS:
        series = next((arg for arg in args if _is_series(x, arg)), None)
        if series is not None:
            whose = x.source_of(series) or ""
            return tuple(
                scaled(x, arg, arg.unit, clock, whose) if _is_static(arg) and arg.unit.qty else arg for arg in args
            )
    return args


def scaled(x: Expressions, node: Node, unit: Unit, clock: Clock, whose: str = "") -> Node:
    """A value as of the day, in `unit`, on the scale of the series of `clock`, or of the data symbol `whose`."""
    theirs = clock if whose == clock.source or not whose else Clock(whose)
    scale = x.graph.node("field", attrs=("split_scale",), clock=theirs, constancy=Constancy.SERIES)
    if theirs != clock:
        scale = x.graph.node("sample", scale, clock=clock, constancy=Constancy.SERIES)
    for _ in range(abs(unit.qty)):
        node = x.graph.node("mul" if unit.qty < 0 else "div", node, scale, unit=unit, clock=clock)
    return node


def written(node: Node) -> Node:
    """The level that was written down, of one that was brought to the scale of a series; any other node as it is."""
    while node.op in ("mul", "div") and _is_scale(node.args[1]):
        node = node.args[0]
    return node


def _is_scale(node: Node) -> bool:
    node = node.args[0] if node.op == "sample" else node
    return node.op == "field" and node.attrs[0] == "split_scale"


def _is_series(x: Expressions, node: Node) -> bool:
    """A series with prices or quantities of one symbol, whose scale is that of the bars it stands on."""
    return (
        node.kind in NUMERIC
        and bool(node.unit.qty)
        and node.constancy >= Constancy.SERIES
        and x.source_of(node) is not None
    )


def _is_static(node: Node) -> bool:
    return node.kind in NUMERIC and node.constancy < Constancy.SERIES and not _is_nothing(node)


def _is_level(x: Expressions, node: Node, unit: Unit) -> bool:
    if node.unit == unit:
        return _is_static(node)
    # Beside a price only what was written down has no unit. The sketch knows no units, so there it may be a series.
    may_be = node.kind in NUMERIC and node.unit == NONE and not _is_nothing(node)
    return may_be and (node.constancy < Constancy.SERIES or not x.is_sketch)


def _is_nothing(node: Node) -> bool:
    """0 and na are the same on every scale."""
    return node.op == "const" and (not node.attrs[0] or node.attrs[0] != node.attrs[0])
