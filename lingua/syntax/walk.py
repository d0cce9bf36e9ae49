"""The parts of an expression, and all of them in an order that needs no recursion."""

from __future__ import annotations

from typing import assert_never

from lingua.syntax import nodes as n


def operands(node: n.Expr) -> tuple[n.Expr, ...]:
    """The expressions directly below `node`, in source order."""
    match node:
        case (
            n.Number()
            | n.Ratio()
            | n.RMultiple()
            | n.Duration()
            | n.Quantity()
            | n.String()
            | n.Bool()
            | n.Na()
            | n.Name()
        ):
            return ()
        case n.Paren(inner):
            return (inner,)
        case n.ListExpr(items) | n.SetExpr(items):
            return items
        case n.Unary(_, operand) | n.IsNa(operand, _) | n.Field(operand, _):
            return (operand,)
        case n.At(operand, clock):
            return operand, clock
        case n.Binary(_, left, right) | n.Compare(_, left, right) | n.Index(left, right):
            return left, right
        case n.In(operand, low, high):
            return (operand, low) if high is None else (operand, low, high)
        case n.If(condition, then, otherwise):
            return condition, then, otherwise
        case n.Match(arms, otherwise):
            return (*(part for arm in arms for part in arm), otherwise)
        case n.Call(function, args):
            found: list[n.Expr] = [function]
            for arg in args:
                found.append(arg.value)
                if arg.up_to is not None:
                    found.append(arg.up_to)
            return tuple(found)
        case n.Fold(_, _, low, high, body):
            return low, high, body
        case _:
            assert_never(node)


def postorder(root: n.Expr) -> list[n.Expr]:
    """`root` and everything below it, every node after its operands; operands in source order."""
    found: list[n.Expr] = []
    stack = [root]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(operands(node))
    found.reverse()
    return found
