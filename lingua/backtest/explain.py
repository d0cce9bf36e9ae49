"""Why a rule did or did not act on a bar: each leaf's value, the failing part, or what blocked it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lingua.backtest.bind import Bound, bind, on_the_day
from lingua.backtest.explanation import Explanation, Leaf, Truth, Verdict
from lingua.backtest.run import DEFAULT_CAPITAL, build_run, execution_of
from lingua.backtest.times import iso
from lingua.compiler import Compiled
from lingua.data.market import Market
from lingua.ir.nodes import BASE, FALSE, TRUE, UNKNOWN, Kind, Node
from lingua.ir.program import RulePlan
from lingua.trading.execution import Execution
from lingua.trading.records import OrderEvent

NUMERIC = (Kind.NUM, Kind.INT)
SENT = ("submitted", "accepted", "filled", "partially_filled")
WORDS = {
    "gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!=", "cross_above": "crosses above",
    "cross_below": "crosses below", "cross": "crosses",
}  # fmt: skip


class NoSuchRule(ValueError):
    """The program has no rule of that name; the text names those it has."""


@dataclass(slots=True)
class Explainer:
    """One run, remembered with what its rules saw. Made by `explainer`."""

    compiled: Compiled
    market: Market
    bound: list[Bound]
    watched: list[dict[int, Any]]
    """Per traded symbol: node index to its value at each bar."""
    events: list[OrderEvent]

    def rule(self, name: str) -> RulePlan:
        for rule in self.compiled.program.rules:
            if rule.name == name:
                return rule
        names = ", ".join(rule.name for rule in self.compiled.program.rules) or "none"
        raise NoSuchRule(f"no rule is called {name!r}; the program has {names}")

    def explain(self, rule: RulePlan, bar: int, symbol: int = 0) -> Explanation:
        """The story of `rule` on bar number `bar` of a traded symbol."""
        bound = self.bound[symbol]
        text = self.compiled.source.excerpt
        values = self.watched[symbol]
        denied = _denied(rule)
        leaves = tuple(
            Leaf(
                "not " * (node.index in denied) + " ".join(text(span).split()), self._value(node, values, bar),
                _truth(_needed(values[node.index][bar], node, denied)),
            )
            for span, node in rule.leaves
            if node.index in values
        )  # fmt: skip
        truth = values[rule.condition.index][bar]
        sent = [e for e in self.events if e.rule == rule.name and e.bar == bar and e.symbol == symbol]
        orders = tuple(_order(event) for event in sent if event.kind in SENT[:2])
        verdict, blocker = self._verdict(rule, bar, bound, truth, values, sent)
        return Explanation(
            rule.name, bound.bars.symbol, int(bound.bars.ts[bar]), verdict, leaves, blocker, orders,
            " ".join(text(_condition_span(rule)).split()) if rule.leaves else "",
        )  # fmt: skip

    def _verdict(
        self, rule: RulePlan, bar: int, bound: Bound, truth: float, values: dict[int, Any], sent: list[OrderEvent]
    ) -> tuple[Verdict, str]:
        if bar < bound.ready:
            when = iso(int(bound.bars.ts[bound.ready])) if bound.ready < len(bound.bars) else "later than the data"
            return "not ready", f"rules act from bar {bound.ready} on ({when})"
        if rule.tick is not None and values[rule.tick.index][bar] != TRUE:
            return "blocked", "no new period has closed on this bar, so `every` does not look at it"
        if truth == UNKNOWN:
            return "na", "the condition is unknown: a value it needs is missing"
        if truth == FALSE:
            return "false", ""
        stopped = [event for event in sent if event.kind not in SENT]
        if stopped and not any(event.kind in SENT for event in sent):
            return "blocked", "; ".join(_event(event) for event in stopped)
        if not sent:
            return "blocked", "there was nothing to do: no position to reduce, or the order asked for no change"
        return "fired", "; ".join(_event(event) for event in stopped)

    def misses(self, rule: RulePlan, symbol: int = 0, most: int = 20) -> list[Explanation]:
        """Bars on which the rule would have fired had one leaf come out otherwise, the newest first. Where any leaf
        alone is enough, the bars on which the two sides of one came closest, the nearest first."""
        bound, values = self.bound[symbol], self.watched[symbol]
        nodes = list({node.index: node for _, node in rule.leaves if node.index in values}.values())
        if not nodes:
            return []
        denied = _denied(rule)
        missed = values[rule.condition.index] != TRUE
        missed[: bound.ready] = False
        needed = {node.index: _needed(values[node.index], node, denied) for node in nodes}
        saves = [_holds(rule.condition, {**needed, node.index: np.full(len(missed), TRUE)}, denied) for node in nodes]
        near = [missed & saved & (needed[node.index] != TRUE) for node, saved in zip(nodes, saves, strict=True)]
        any_near = np.logical_or.reduce(near)
        if all((found == missed).all() for found in near):
            order = self._closest(nodes, values, any_near)
        else:
            order = [int(bar) for bar in np.flatnonzero(any_near)[::-1]]
        return [self.explain(rule, bar, symbol) for bar in order[:most]]

    def _closest(self, leaves: list[Node], values: dict[int, Any], near: Any) -> list[int]:
        """The bars of `near` in the order of the distance between the two sides of a comparison, as a share of them."""
        bars = np.flatnonzero(near)
        nearest = np.full(len(bars), np.inf)
        for leaf in leaves:
            sides = [values[arg.index][bars] for arg in leaf.args[:2] if arg.index in values and arg.kind in NUMERIC]
            if len(sides) == 2:
                with np.errstate(all="ignore"):
                    share = np.abs(sides[0] - sides[1]) / (np.abs(sides[0]) + np.abs(sides[1]))
                nearest = np.fmin(nearest, share)
        if np.isinf(nearest).all():
            return [int(bar) for bar in bars[::-1]]
        return [int(bar) for bar in bars[np.argsort(nearest, kind="stable")]]

    def bar_at(self, text: str, symbol: int = 0) -> int:
        """Bar number for `120` or an ISO time: the bar that closed last by then. Raises ValueError."""
        bars = self.bound[symbol].bars
        if text.lstrip("-").isdigit() and len(text) < 9:
            number = int(text) if int(text) >= 0 else len(bars) + int(text)
            if not 0 <= number < len(bars):
                raise ValueError(f"there are bars 0 to {len(bars) - 1}, not {text}")
            return number
        from lingua.data.stamps import parse_one

        try:
            stamp = parse_one(text, "UTC")
        except ValueError:
            raise ValueError(f"`{text}` is neither a bar number nor a time such as 2012-03-01") from None
        if len(text) == 10:
            stamp += 86_400 * 10**9
        number = int(np.searchsorted(bars.ts, stamp, side="right")) - 1
        if number < 0 or stamp > int(bars.ts[-1]) + 7 * 86_400 * 10**9:
            raise ValueError(f"{text} lies outside the data ({iso(int(bars.ts[0]))} to {iso(int(bars.ts[-1]))})")
        return number

    def _value(self, node: Node, values: dict[int, Any], bar: int) -> str:
        name = str(node.attrs[0]) if node.op == "call" else node.op
        if name in WORDS and len(node.args) >= 2:
            left, right = (_shown(arg, values, bar) for arg in node.args[:2])
            return f"{left} {WORDS[name]} {right}"
        return _truth(values[node.index][bar])


def explainer(
    compiled: Compiled, market: Market, options: Execution | None = None, capital: float = DEFAULT_CAPITAL
) -> Explainer:
    """Run the program once more and keep every value its conditions are made of."""
    program = compiled.program
    options = execution_of(program, {}) if options is None else options
    nodes: dict[int, Node] = {}
    for rule in program.rules:
        for node in (rule.condition, rule.tick, *(leaf for _, leaf in rule.leaves)):
            if node is not None:
                nodes[node.index] = node
                for arg in node.args:
                    # What a leaf reads of another clock has other bars; the leaf itself shows its value.
                    if arg.kind is not Kind.STRING and arg.clock == BASE:
                        nodes[arg.index] = arg
    wanted = [node for node in nodes.values() if node.kind is not Kind.STRING]
    bound, legs = bind(program, market, also=wanted)
    slots = [bound[0].decision.slot_of(node) for node in wanted]
    run = build_run(program, bound, legs, options, capital, watch=slots)
    ledger = run.run()
    watched = []
    for number, each in enumerate(bound):
        table = np.full((len(wanted), len(each.bars)), np.nan)
        seen = run.watched(number)
        table[:, : seen.shape[1]] = seen
        columns = {node.index: table[row] for row, node in enumerate(wanted)}
        for node in wanted:
            if not node.uses_fills:
                # As traded: what stands beside it, an entry or a stop, is in the prices of the day too.
                columns[node.index] = on_the_day([node], each.batch.column, each.bars, market.data)[0].astype(
                    np.float64
                )
        watched.append(columns)
    return Explainer(compiled, market, bound, watched, ledger.events)


def _denied(rule: RulePlan) -> set[int]:
    """Node indices of the leaves under a `not`: the rule needs them false."""
    leaves = {node.index for _, node in rule.leaves}
    found: set[int] = set()
    seen: set[tuple[int, bool]] = set()
    stack = [(rule.condition, False)]
    while stack:
        node, is_denied = stack.pop()
        if (node.index, is_denied) in seen:
            continue
        seen.add((node.index, is_denied))
        if node.index in leaves:
            if is_denied:
                found.add(node.index)
        elif node.op in ("and", "or", "not"):
            stack += [(arg, is_denied != (node.op == "not")) for arg in node.args]
    return found


def _needed(truth: Any, node: Node, denied: set[int]) -> Any:
    """The truth of what the rule needs of a leaf: of its opposite where the leaf stands under a `not`."""
    return np.where(truth == TRUE, FALSE, np.where(truth == FALSE, TRUE, truth)) if node.index in denied else truth


def _holds(condition: Node, needed: dict[int, Any], denied: set[int]) -> Any:
    """(bars,) whether a condition is true, given the truth of what is needed of its leaves."""

    def is_so(node: Node, wants: bool) -> Any:
        if node.index in needed:
            # What is needed of a leaf under a `not` is that it is false.
            return needed[node.index] == (TRUE if wants != (node.index in denied) else FALSE)
        if node.op == "not":
            return is_so(node.args[0], not wants)
        if node.op in ("and", "or"):
            join = np.logical_and if (node.op == "and") == wants else np.logical_or
            return join.reduce([is_so(arg, wants) for arg in node.args])
        return np.zeros(len(next(iter(needed.values()))), dtype=np.bool_)

    return is_so(condition, True)


def _condition_span(rule: RulePlan) -> Any:
    first, last = rule.leaves[0][0], rule.leaves[-1][0]
    return first.to(last)


def _truth(value: float) -> Truth:
    return "true" if value == TRUE else "false" if value == FALSE else "unknown"


def _shown(node: Node, values: dict[int, Any], bar: int) -> str:
    value = values[node.index][bar] if node.index in values else float("nan")
    if node.kind is Kind.BOOL:
        return _truth(value)
    return "na" if value != value else f"{value:.6g}"


def _event(event: OrderEvent) -> str:
    words = event.kind.replace("_", " ")
    return f"{words} ({event.detail})" if event.detail else words


def _order(event: OrderEvent) -> str:
    price = "" if event.price != event.price else f" at {event.price:g}"
    return f"{event.kind} {event.quantity:g}{price}"
