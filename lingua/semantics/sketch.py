"""Whether a program uses only what the original sketch of the language had: strategy, indicator, rule, parameter.

Such programs are accepted as they are, so what would be an error of meaning elsewhere is a warning there.
"""

from __future__ import annotations

from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.walk import postorder

VERBS = ("buy", "sell", "close")
PLAIN = (ast.Number, ast.Name, ast.Paren, ast.Index)


def is_sketch(file: ast.File) -> bool:
    """Every item of the file is one of the sketch."""
    strategies = [item for item in file.items if isinstance(item, ast.Strategy)]
    return bool(strategies) and len(strategies) == len(file.items) and all(map(_is_sketch_strategy, strategies))


def _is_sketch_strategy(strategy: ast.Strategy) -> bool:
    return all(map(_is_sketch_item, strategy.items))


def _is_sketch_item(item: ast.Item) -> bool:
    match item:
        case ast.Indicator():
            return item.type is None and _is_plain(item.value)
        case ast.Param():
            has_more = item.type or item.low or item.high or item.choices or item.step
            return has_more is None and _is_plain(item.default)
        case ast.Rule():
            return _is_sketch_rule(item)
        case _:
            return False


def _is_sketch_rule(rule: ast.Rule) -> bool:
    if rule.once or rule.every is not None or rule.otherwise is not None or len(rule.group.actions) != 1:
        return False
    action = rule.group.actions[0]
    has_more = action.on or action.order or action.exits or action.tag or action.cancel_rule
    if action.verb not in VERBS or has_more:
        return False
    amount = action.amount
    if amount is not None and (amount.is_risk or amount.base is not None or not _is_plain(amount.value)):
        return False
    condition = rule.condition
    if not isinstance(condition, ast.Compare) or condition.op.startswith("crosses"):
        return False
    return _is_plain(condition.left) and _is_plain(condition.right)


def _is_plain(expr: Expr) -> bool:
    return all(map(_is_plain_node, postorder(expr)))


def _is_plain_node(node: Expr) -> bool:
    match node:
        case ast.Unary(op):
            return op == "-"
        case ast.Binary(op):
            return op in ("+", "-", "*", "/")
        case ast.Call(function, args):
            return isinstance(function, ast.Name) and all(arg.name is None and arg.up_to is None for arg in args)
        case _:
            return isinstance(node, PLAIN)
