"""Programs nobody would write: random ones of the sketch, and trees of good programs with parts exchanged."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

from lingua.syntax import nodes as ast

SOFT = [
    "let",
    "state",
    "signal",
    "filter",
    "data",
    "trade",
    "universe",
    "size",
    "direction",
    "pyramid",
    "protect",
    "risk",
    "execution",
    "require",
    "optimize",
    "plot",
    "alert",
    "test",
    "on",
    "at",
    "with",
    "tag",
    "of",
    "stop",
    "target",
    "trail",
    "expire",
    "limit",
    "show",
    "for",
    "from",
    "last",
    "after",
    "closing",
    "fixed",
    "open",
    "high",
    "close",
    "position",
    "equity",
    "entry",
    "weight",
    "cash",
    "pnl",
    "every",
    "once",
    "bars",
    "market",
    "auction",
    "per",
    "prev",
    "time",
    "short",
    "cover",
    "cancel",
]
PLAIN = ["fast", "slow", "base", "r", "x", "y"]
OPERATORS = (">", "<", ">=", "<=", "==", "!=")
FUNCTIONS = (("ema", 1), ("sma", 1), ("rsi", 1), ("atr", 0), ("EMA", 1), ("highest", 1), ("unknown", 2))


def sketch(seed: int) -> str:
    """A random program of the original sketch; its names are often words of the language."""
    rnd = random.Random(seed)
    defined: list[str] = []

    def expression(depth: int = 0) -> str:
        draw = rnd.random()
        if depth > 2 or draw < 0.35:
            return rnd.choice([*defined, "close", "open", "volume"] if rnd.random() < 0.9 else SOFT)
        if draw < 0.5:
            return rnd.choice(["1", "2.5", "30", "0.25", "0"])
        if draw < 0.7:
            return f"{expression(depth + 1)} {rnd.choice('+-*/')} {expression(depth + 1)}"
        if draw < 0.85:
            name, inputs = rnd.choice(FUNCTIONS)
            return f"{name}({', '.join([expression(depth + 1) for _ in range(inputs)] + [str(rnd.randint(2, 20))])})"
        if draw < 0.92:
            return f"({expression(depth + 1)})"
        return rnd.choice([f"-{expression(depth + 1)}", f"{rnd.choice([*defined, 'close'])}[{rnd.randint(0, 9)}]"])

    items: list[str] = []
    for _ in range(rnd.randint(1, 8)):
        name = rnd.choice(SOFT + PLAIN)
        if rnd.random() < 0.5:
            items.append(f"indicator {name} = {expression()}")
            defined.append(name)
        else:
            verb = rnd.choice(["buy", "sell", "close"])
            amount = f" {expression()}" if rnd.random() < 0.5 else ""
            items.append(f"rule {name}: {expression()} {rnd.choice(OPERATORS)} {expression()} => {verb}{amount}")
    return f"strategy Wild {{\n  {rnd.choice([' ', chr(10) + '  ']).join(items)}\n}}\n"


def parts(root: object) -> list[Any]:
    """All nodes of a tree."""
    found: list[Any] = []
    stack = [root]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
        elif dataclasses.is_dataclass(part) and type(part).__module__ == ast.__name__:
            found.append(part)
            stack.extend(getattr(part, each.name) for each in dataclasses.fields(part))
    return found


def exchanged(file: ast.File, pool: list[Any], rnd: random.Random, times: int) -> ast.File:
    """`file` with some of its nodes replaced by others of the same family, or by nothing where nothing may stand."""
    for _ in range(times):
        nodes = parts(file)
        victim = rnd.choice(nodes)
        family = _family(victim)
        if family is None:
            continue
        others = [node for node in pool if _family(node) == family]
        file = _replace(file, victim, rnd.choice(others))
    return file


EXPRESSIONS = (
    ast.Number, ast.Ratio, ast.RMultiple, ast.Duration, ast.Quantity, ast.String, ast.Bool, ast.Na, ast.Name, ast.Paren,
    ast.ListExpr, ast.SetExpr, ast.Unary, ast.Binary, ast.Compare, ast.IsNa, ast.In, ast.If, ast.Match, ast.Index,
    ast.Field, ast.Call, ast.At, ast.Fold,
)  # fmt: skip


def _family(node: object) -> object:
    if isinstance(node, EXPRESSIONS):
        return "expression"
    if isinstance(node, ast.File | ast.Strategy):
        return None
    if isinstance(node, ast.Item):
        return "item"
    return type(node)


def _replace(root: Any, old: object, new: object) -> Any:
    if root is old:
        return new
    if isinstance(root, tuple):
        return tuple([_replace(part, old, new) for part in root])
    if not dataclasses.is_dataclass(root) or type(root).__module__ != ast.__name__:
        return root
    changed = {
        each.name: _replace(getattr(root, each.name), old, new)
        for each in dataclasses.fields(root)
        if isinstance(getattr(root, each.name), tuple) or dataclasses.is_dataclass(getattr(root, each.name))
    }
    return dataclasses.replace(root, **changed) if changed else root
