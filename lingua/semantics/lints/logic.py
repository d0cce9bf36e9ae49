"""What follows from a condition: its parts joined by `and`, and which comparisons imply or exclude each other."""

from __future__ import annotations

from lingua.ir.nodes import Kind, Node

FLIPPED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
Bound = tuple[Node, str, float]
"""A series, `gt ge lt le`, and the constant it is compared with."""


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


def bound(node: Node) -> Bound | None:
    """`r > 70` as (r, gt, 70); None for anything that is no comparison with a constant."""
    if node.op not in FLIPPED or node.args[0].kind not in (Kind.NUM, Kind.INT):
        return None
    left, right = node.args
    if right.op == "const" and left.op != "const" and isinstance(right.attrs[0], float):
        return left, node.op, right.attrs[0]
    if left.op == "const" and right.op != "const" and isinstance(left.attrs[0], float):
        return right, FLIPPED[node.op], left.attrs[0]
    return None


def implies(first: Node, second: Node) -> bool:
    """Whether `second` is true whenever `first` is."""
    if first is second:
        return True
    a, b = bound(first), bound(second)
    if a is None or b is None or a[0] is not b[0]:
        return False
    (_, op, x), (_, other, y) = a, b
    if op[0] != other[0]:
        return False
    if x == y:
        return op == other or other[1] == "e"
    return x > y if op[0] == "g" else x < y


def excludes(first: Node, second: Node) -> bool:
    """Whether both can never be true at once."""
    if first.op == "not" and first.args[0] is second or second.op == "not" and second.args[0] is first:
        return True
    a, b = bound(first), bound(second)
    if a is None or b is None or a[0] is not b[0]:
        return False
    (_, op, x), (_, other, y) = a, b
    if op[0] == other[0]:
        return False
    if op[0] == "l":
        (op, x), (other, y) = (other, y), (op, x)
    # Above x, and below y.
    return y < x or (y == x and (op == "gt" or other == "lt"))


def is_covered(entry: Node, reduction: Node) -> bool:
    """Whether `reduction` is true whenever `entry` is."""
    given = conjuncts(entry)
    return any(
        all(any(implies(part, wanted) for part in given) for wanted in conjuncts(way)) for way in disjuncts(reduction)
    )


def contradiction(node: Node) -> tuple[Node, Node] | None:
    """Two parts of a condition that exclude each other."""
    parts = sorted(conjuncts(node), key=lambda part: part.index)
    for number, first in enumerate(parts[:60]):
        for second in parts[number + 1 : 60]:
            if excludes(first, second):
                return first, second
    return None
