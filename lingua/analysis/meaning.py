"""What the expressions of some items are: kind, unit, constancy, how many bars they need, as of when they are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lingua.analysis.library import OpenText
from lingua.analysis.slices import Slice, around
from lingua.analysis.view import View
from lingua.data.timeframe import Timeframe
from lingua.ir.analysis import decision_nodes, reachable
from lingua.ir.nodes import Constancy, Kind, Node
from lingua.ir.program import ParamDecl
from lingua.ir.units import NONE
from lingua.ir.warmup import NEVER, Warmup, by_length
from lingua.semantics.context import Context
from lingua.semantics.expressions import Fact
from lingua.semantics.strategy import Elaborated
from lingua.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Known:
    """A fact with the strategy it is a fact of."""

    fact: Fact
    elaborated: Elaborated
    warmup: Warmup

    @property
    def node(self) -> Node | None:
        return self.fact.node

    @property
    def type_words(self) -> str:
        """`num · price · series`"""
        words = [self.fact.kind]
        node = self.fact.node
        if node is not None and node.unit != NONE and node.kind is not Kind.TIME:
            words.append(str(node.unit))
        if self.fact.constancy:
            words.append(
                {"param": "fixed for a run", "const": "constant"}.get(self.fact.constancy, self.fact.constancy)
            )
        return " · ".join(words)

    @property
    def lookback(self) -> float:
        """Bars before the first value."""
        return self.warmup.lookback(self.fact.node) if self.fact.node is not None else 0

    @property
    def settled(self) -> float:
        """Bars until the start no longer matters; infinite when it always does."""
        return self.warmup.settled(self.fact.node) if self.fact.node is not None else 0

    @property
    def as_of(self) -> str:
        """Which bars a value is told from, in words; "" for one that no bar changes."""
        node = self.fact.node
        if node is None or node.constancy < Constancy.SERIES:
            return ""
        clocks: dict[str, None] = {}
        for each in reachable([node]):
            if each.op == "sample":
                clock = each.args[0].clock
                other = " ".join(filter(None, (clock.source, clock.timeframe)))
                if other:
                    clocks[other] = None
        if clocks:
            return "as of the last closed bar of " + ", ".join(clocks)
        return "as of the close of the bar" + (", fills included" if node.uses_fills else "")

    @property
    def bars_words(self) -> str:
        """`first value after 19 bars · settled after 206`"""
        node = self.fact.node
        if node is None or node.constancy < Constancy.SERIES:
            return ""
        first = f"first value after {_bars(self.lookback)}" if self.lookback else "a value from the first bar on"
        if self.settled == NEVER:
            return f"{first} · depends on the first bar for ever"
        return f"{first} · settled after {_bars(self.settled)}" if self.settled > self.lookback else first


class Meaning:
    """Facts about the items of some chunks."""

    def __init__(self, part: Slice) -> None:
        self.part = part

    @cached_property
    def known(self) -> dict[Span, Known]:
        """By place in the text of the view."""
        found: dict[Span, Known] = {}
        for elaborated in self.part.elaboration.elaborated:
            warmup = warmup_of(elaborated.ctx)
            for span, fact in elaborated.ctx.x.facts.items():
                place = self.part.outward(span)
                if place is not None and span.end > span.start:
                    found[place] = Known(fact, elaborated, warmup)
        return found

    @cached_property
    def params(self) -> dict[tuple[int, str], ParamDecl]:
        """Parameters by opening chunk of their strategy and name."""
        found: dict[tuple[int, str], ParamDecl] = {}
        for elaborated in self.part.elaboration.elaborated:
            opening = self.part.chunk_of(elaborated.ctx.strategy.span.start)
            for param in elaborated.program.params:
                found[opening, param.name] = param
        return found

    def rule_bars(self) -> dict[int, float]:
        """Bars each rule needs before it can act, by the chunk it stands in."""
        found: dict[int, float] = {}
        for elaborated in self.part.elaboration.elaborated:
            warmup = warmup_of(elaborated.ctx)
            from dataclasses import replace

            for rule in elaborated.program.rules:
                alone = replace(elaborated.program, rules=(rule,), filters=(), size=None, pyramid=None, protect=())
                bars = max((warmup.lookback(node) for node in decision_nodes(alone)), default=0)
                found[self.part.chunk_of(rule.span.start)] = bars
        return found


def meaning(view: View, chunks: Iterable[int], text_of: OpenText = lambda path: None) -> Meaning:
    """What is known of the items of `chunks`."""
    return Meaning(around(view, chunks, text_of))


def warmup_of(ctx: Context) -> Warmup:
    base = None
    if ctx.timeframe:
        base = Timeframe.parse(ctx.timeframe)
    x = ctx.x
    return Warmup(x.statics.of, by_length(base, x.source_timeframe))


def _bars(count: float) -> str:
    return f"{count:,.0f} bar{'s' if count != 1 else ''}"
