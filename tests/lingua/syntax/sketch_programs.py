"""Random programs of the language's first sketch, whose names are drawn from Lingua's own soft words, and a small
parser of that sketch that knows nothing of the grammar: the two must see the same tree in every program.

A tree is nested tuples: `("+", left, right)`, `("call", name, args)`, `("index", name, n)`, `("name", text)`, …
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

from lingua.syntax import nodes as n
from lingua_grammar.tables import load

RESERVED = frozenset(
    "and or not if then else true false na is in strategy indicator rule param parameter buy sell".split()  # noqa: SIM905 - words read best without quotes
)
MORE = """
    step by from top refresh show limit for last after weight as every per pane market open auction within
    bars entry prev position equity close short cover target cancel then_ R long both up to over bar
""".split()  # noqa: SIM905 - words read best without quotes


def soft_names() -> list[str]:
    """Every word that is a keyword somewhere and may be a name in the sketch."""
    return sorted((set(load().words) | set(MORE)) - RESERVED)


@dataclass
class Sketch:
    """Writes one random program after another; the same seed gives the same programs."""

    seed: int

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.names = soft_names()

    def expression(self, depth: int = 0) -> str:
        r = self.random.random()
        if depth > 2 or r < 0.35:
            return self.random.choice(self.names)
        if r < 0.5:
            return self.random.choice(["1", "2.5", "30", "0.25"])
        if r < 0.65:
            return f"{self.expression(depth + 1)} {self.random.choice('+-*/')} {self.expression(depth + 1)}"
        if r < 0.8:
            inner = ", ".join(self.expression(depth + 1) for _ in range(self.random.randint(1, 3)))
            return f"{self.random.choice(self.names)}({inner})"
        if r < 0.9:
            return f"({self.expression(depth + 1)})"
        if r < 0.95:
            return f"-{self.expression(depth + 1)}"
        return f"{self.random.choice(self.names)}[{self.random.randint(0, 9)}]"

    def item(self) -> str:
        if self.random.random() < 0.5:
            return f"indicator {self.random.choice(self.names)} = {self.expression()}"
        action = self.random.choice(["buy", "sell", "close"])
        if self.random.random() < 0.6:
            action += " " + self.expression()
        sign = self.random.choice(["==", "!=", "<=", ">=", "<", ">"])
        name = self.random.choice(self.names)
        return f"rule {name}: {self.expression()} {sign} {self.expression()} => {action}"

    def program(self) -> str:
        items = [self.item() for _ in range(self.random.randint(1, 6))]
        return f"strategy {self.random.choice(self.names)} {{ {self.random.choice([' ', chr(10)]).join(items)} }}"


# --- an independent parser of the sketch -------------------------------------------------------------------

_TOKEN = re.compile(r"\s*(\d+\.?\d*|[A-Za-z_]\w*|=>|[<>=!]=|[-+*/<>=:(),{}\[\]])")


class SmallParser:
    """Recursive descent over the sketch: items are reserved words, amounts are whatever stands before the next one."""

    def __init__(self, text: str) -> None:
        self.tokens = [*_TOKEN.findall(text), "end"]
        self.place = 0

    def take(self, expected: str | None = None) -> str:
        token: str = self.tokens[self.place]
        assert expected is None or token == expected, (token, expected)
        self.place += 1
        return token

    @property
    def next(self) -> str:
        token: str = self.tokens[self.place]
        return token

    def program(self) -> tuple[Any, ...]:
        self.take("strategy")
        name = self.take()
        self.take("{")
        items = []
        while self.next != "}":
            items.append(self.indicator() if self.take() == "indicator" else self.rule())
        return ("strategy", name, tuple(items))

    def indicator(self) -> tuple[Any, ...]:
        name = self.take()
        self.take("=")
        return ("indicator", name, self.sum())

    def rule(self) -> tuple[Any, ...]:
        name = self.take()
        self.take(":")
        left = self.sum()
        sign = self.take()
        right = self.sum()
        self.take("=>")
        verb = self.take()
        amount = None if self.next in ("rule", "indicator", "}") else self.sum()
        return ("rule", name, (sign, left, right), verb, amount)

    def sum(self) -> tuple[Any, ...]:
        left = self.product()
        while self.next in ("+", "-"):
            left = (self.take(), left, self.product())
        return left

    def product(self) -> tuple[Any, ...]:
        left = self.unary()
        while self.next in ("*", "/"):
            left = (self.take(), left, self.unary())
        return left

    def unary(self) -> tuple[Any, ...]:
        if self.next == "-":
            self.take()
            return ("minus", self.unary())
        return self.atom()

    def atom(self) -> tuple[Any, ...]:
        token = self.take()
        if token == "(":
            inner = self.sum()
            self.take(")")
            return ("paren", inner)
        if token[0].isdigit():
            return ("number", float(token))
        if self.next == "(":
            self.take()
            args = [self.sum()]
            while self.next == ",":
                self.take()
                args.append(self.sum())
            self.take(")")
            return ("call", token, tuple(args))
        if self.next == "[":
            self.take()
            offset = float(self.take())
            self.take("]")
            return ("index", token, offset)
        return ("name", token)


# --- the same shape from Lingua's tree -----------------------------------------------------------------------


def shape(node: Any) -> Any:
    """Lingua's tree as the small parser gives it."""
    match node:
        case n.Strategy(name, items):
            return ("strategy", name, tuple(shape(item) for item in items))
        case n.Indicator(name, None, value):
            return ("indicator", name, shape(value))
        case n.Rule(name, n.Compare(op, left, right), n.Group((action,)), None, False, None):
            assert action == n.Action(action.verb, action.amount)
            amount = action.amount
            assert amount is None or amount == n.Amount(amount.value)
            condition = (op, shape(left), shape(right))
            return ("rule", name, condition, action.verb, None if amount is None else shape(amount.value))
        case n.Binary(op, left, right):
            return (op, shape(left), shape(right))
        case n.Unary("-", operand):
            return ("minus", shape(operand))
        case n.Paren(inner):
            return ("paren", shape(inner))
        case n.Number(_, value):
            return ("number", value)
        case n.Name(name):
            return ("name", name)
        case n.Call(n.Name(name), args):
            return ("call", name, tuple(shape(arg.value) for arg in args))
        case n.Index(n.Name(name), n.Number(_, value)):
            return ("index", name, value)
    raise AssertionError(f"not of the sketch: {node!r}")
