"""What follows `=>` in a rule, and the parts it shares with other items: amounts, orders, exits, symbols, clocks."""

from __future__ import annotations

from dataclasses import dataclass

from lingua.syntax import nodes as n
from lingua.syntax.formatting.documents import Doc, Group, Nest, Text, commas
from lingua.syntax.formatting.expressions import ExpressionPrinter, quoted
from lingua.syntax.source import NOWHERE

# Names that would be read as a keyword at the start of an amount, a price, a life time or an exit's distance.
GUARDED = frozenset(
    "risk at fixed gtc on with tag let state signal filter data trade universe size direction pyramid protect execution"  # noqa: SIM905 - words read best without quotes
    " optimize optimise require plot alert test always never eventually of from after"
    " closing crosses".split()
)


def leftmost(value: n.Expr) -> n.Expr:
    """The part of `value` that is written first."""
    while True:
        match value:
            case n.Binary(_, left, _) | n.Compare(_, left, _) | n.Index(left, _):
                value = left
            case n.IsNa(operand, _) | n.In(operand, _, _) | n.Field(operand, _) | n.At(operand, _):
                value = operand
            case n.If(condition, ternary=True):
                value = condition
            case n.Call(function, _):
                value = function
            case _:
                return value


@dataclass(frozen=True, slots=True)
class Written:
    """An action: the sign before it, the action itself, and its exits and tag."""

    joiner: Text | None
    core: Doc
    rest: Doc | None


class ActionPrinter(ExpressionPrinter):
    """Writes actions and their parts."""

    def words(self, text: str) -> list[Doc]:
        """The words of `text` with blanks between them."""
        parts: list[Doc] = []
        for word in text.split():
            parts += ([" "] if parts else []) + [Text(word)]
        return parts

    def guarded(self, value: n.Expr) -> Doc:
        """An expression where a keyword could stand: a tree made by hand that starts with such a name gets parentheses
        (in a parsed one what follows the name has shown that it is a name)."""
        first = leftmost(value)
        if isinstance(first, n.Name) and first.span == NOWHERE and first.name in GUARDED:
            return ["(", self.expression(value), ")"]
        return self.expression(value)

    def amount(self, amount: n.Amount) -> Doc:
        if amount.is_risk:
            if isinstance(leftmost(amount.value), n.Unary | n.String | n.ListExpr):
                # `risk - 1` would be a subtraction from something called risk.
                return [Text("risk"), " (", self.expression(amount.value), ")"]
            return [Text("risk"), " ", self.guarded(amount.value)]
        base: list[Doc] = [" ", Text("of"), " ", Text(amount.base)] if amount.base is not None else []
        return [self.guarded(amount.value), *base]

    def symbol(self, symbol: n.SymbolRef) -> Doc:
        return self.name(quoted(symbol.name) if symbol.quoted else symbol.name, symbol.span)

    def symbols(self, symbols: tuple[n.SymbolRef, ...]) -> list[Doc]:
        return commas(self.symbol(symbol) for symbol in symbols)

    def clock(self, clock: n.Duration | n.Name | None) -> list[Doc]:
        return [] if clock is None else [" ", Text("@"), " ", self.expression(clock)]

    def order(self, order: n.Order) -> list[Doc]:
        parts: list[Doc] = [Text("at"), " "]
        if order.stop is not None:
            parts += [Text("stop"), " ", self.expression(order.stop)]
            if order.limit is not None:
                parts += [" ", Text("limit"), " ", self.expression(order.limit)]
        elif order.limit is not None:
            parts += [Text("limit"), " ", self.expression(order.limit)]
            if order.show is not None:
                parts += [" ", Text("show"), " ", self.expression(order.show)]
        else:
            parts.append(Text(order.kind))
        if order.life == "gtc":
            parts += [" ", Text("for"), " ", Text("gtc")]
        elif order.life is not None:
            parts += [" ", Text("for"), " ", self.guarded(order.life)]
        return parts

    def exit(self, exit: n.Exit) -> Doc:
        parts = self.words({"expire": "expire after"}.get(exit.kind, exit.kind))
        parts += [" ", Text("fixed")] if exit.fixed else []
        parts += [" ", Text("at")] if exit.is_level else []
        parts += [" ", self.guarded(exit.value)]
        parts += [" ", *self.words("from last")] if exit.from_last else []
        for word, value in (("after", exit.after), ("closing", exit.closing)):
            if value is not None:
                parts += [" ", Text(word), " ", self.expression(value)]
        return parts

    def exits(self, exits: tuple[n.Exit, ...]) -> list[Doc]:
        return commas(self.exit(exit) for exit in exits)

    def group(self, group: n.Group) -> list[Written]:
        """The actions of a group, each with the sign that joins it to the one before."""
        return [
            self._action(action, Text(group.joined_by) if place else None) for place, action in enumerate(group.actions)
        ]

    def _action(self, action: n.Action, joiner: Text | None) -> Written:
        core: list[Doc] = [self.name(action.verb, action.verb_span)]
        if action.cancel_rule is not None:
            core += [" ", Text(action.cancel_rule)]
        if action.amount is not None:
            core += [" ", self.amount(action.amount)]
        if action.on is not None:
            core += [" ", Text("on"), " ", self.symbol(action.on)]
        if action.order is not None:
            core += [" ", *self.order(action.order)]
        rest: list[Doc] = []
        if action.exits:
            rest = [Text("with"), " ", Group(Nest(5, self.exits(action.exits)))]
        if action.tag is not None:
            rest += ([" "] if rest else []) + [Text("tag"), " ", Text(quoted(action.tag))]
        return Written(joiner, core, rest or None)


def joined(group: list[Written], before: Doc) -> Doc:
    """The actions of a group, with `before` in front of each `with` and each `&`."""
    parts: list[Doc] = []
    for action in group:
        parts += [before, action.joiner, " "] if action.joiner is not None else []
        parts.append(action.core)
        parts += [before, action.rest] if action.rest is not None else []
    return parts
