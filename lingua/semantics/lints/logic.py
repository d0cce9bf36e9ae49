"""What follows from a condition: its parts joined by `and`, and which comparisons imply or exclude each other.

A comparison of the same two things is the set of orders it is true in, of three bits: less, equal, greater.
"""

from __future__ import annotations

from collections.abc import Iterable

from lingua.ir.nodes import Kind, Node
from lingua.semantics.scales import written

LESS, EQUAL, GREATER = 1, 2, 4
ORDERS = {"lt": LESS, "le": LESS | EQUAL, "eq": EQUAL, "ge": GREATER | EQUAL, "gt": GREATER, "ne": LESS | GREATER}
ANY = LESS | EQUAL | GREATER
MOST_PARTS = 60
FEW_PARTS = 12
"""Beyond these, parts are compared as they stand, not by what they imply."""

Order = tuple[Node, Node, int]
"""Two numbers, and the orders in which the comparison is true."""

Bound = tuple[Node, int, float]
"""A series, an order, and the constant it is compared with."""


def conjuncts(node: Node) -> frozenset[Node]:
    """The parts that must all be true."""
    return _flat(node, "and")


def disjuncts(node: Node) -> frozenset[Node]:
    return _flat(node, "or")


def _flat(node: Node, op: str) -> frozenset[Node]:
    found: set[Node] = set()
    stack = [node]
    while stack:
        each = stack.pop()
        if each.op == op:
            stack.extend(each.args)
        else:
            found.add(each)
    return frozenset(found)


def order(node: Node) -> Order | None:
    """`a > b` as (a, b, GREATER), the older node first; None for anything that is no comparison of numbers."""
    if node.op not in ORDERS or node.args[0].kind not in (Kind.NUM, Kind.INT):
        return None
    left, right = node.args
    bits = ORDERS[node.op]
    if left.index <= right.index:
        return left, right, bits
    return right, left, _flipped(bits)


def _flipped(bits: int) -> int:
    return (bits & EQUAL) | (GREATER if bits & LESS else 0) | (LESS if bits & GREATER else 0)


def bound(node: Node) -> Bound | None:
    """`r > 70` as (r, GREATER, 70)."""
    found = order(node)
    if found is None:
        return None
    left, right, bits = found
    for series, level, way in ((left, right, bits), (right, left, _flipped(bits))):
        limit = written(level)
        if limit.op == "const" and series.op != "const" and isinstance(limit.attrs[0], float):
            return series, way, limit.attrs[0]
    return None


def implies(first: Node, second: Node) -> bool:
    """Whether `second` is true whenever `first` is."""
    if first is second:
        return True
    a, b = order(first), order(second)
    if a is not None and b is not None and a[:2] == b[:2]:
        return a[2] & ~b[2] == 0
    x, y = bound(first), bound(second)
    if x is None or y is None or x[0] is not y[0]:
        return False
    if x[1] & LESS == 0 and y[1] & GREATER:
        # At least x: greater than any smaller y.
        return x[2] > y[2]
    if x[1] & GREATER == 0 and y[1] & LESS:
        return x[2] < y[2]
    return False


def excludes(first: Node, second: Node) -> bool:
    """Whether both can never be true at once."""
    if (first.op == "not" and first.args[0] is second) or (second.op == "not" and second.args[0] is first):
        return True
    a, b = order(first), order(second)
    if a is not None and b is not None and a[:2] == b[:2]:
        return a[2] & b[2] == 0
    x, y = bound(first), bound(second)
    if x is None or y is None or x[0] is not y[0] or x[2] == y[2]:
        return False
    if x[2] > y[2]:
        x, y = y, x
    # Nothing above the lower bound, or nothing below the higher one.
    return x[1] & GREATER == 0 and y[1] & LESS == 0


def is_covered(entry: Node, reduction: Node) -> bool:
    """Whether `reduction` is true whenever `entry` is."""
    given = conjuncts(entry)
    return any(_are_implied(given, conjuncts(way)) for way in disjuncts(reduction))


def _are_implied(given: frozenset[Node], wanted: frozenset[Node]) -> bool:
    missing = wanted - given
    if len(missing) > FEW_PARTS or len(given) > FEW_PARTS:
        return not missing
    return all(any(implies(part, each) for part in given) for each in missing)


def has_contradiction(parts: Iterable[Node]) -> bool:
    """Two parts that exclude each other."""
    listed = sorted(parts, key=lambda part: part.index)[:MOST_PARTS]
    return any(excludes(a, b) for n, a in enumerate(listed) for b in listed[n + 1 :])


def has_tautology(parts: Iterable[Node]) -> bool:
    """Alternatives of which one is always true: `a > b or a <= b`."""
    seen: dict[tuple[Node, Node], int] = {}
    for part in parts:
        found = order(part)
        if found is not None:
            seen[found[:2]] = seen.get(found[:2], 0) | found[2]
    return any(bits == ANY for bits in seen.values())
