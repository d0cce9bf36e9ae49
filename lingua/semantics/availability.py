"""The proof that a program cannot see the future: section by section, when each value becomes known.

Every node gets the latest instant any datum behind it became knowable, told in bars of its own clock relative to that
bar's close: 0 is the close itself, -1 the close before, 1 a bar that has not closed. A decision at bar t may use only
what is at or before 0. Elaboration never makes a graph that breaks this; the check is made all the same, on the
finished graph and without looking at the text, so that no mistake in elaboration can let the future in.

    base field, account                 0
    x[n]                                avail(x) - n
    window over x                       max over its inputs
    sample of another clock             0 when the sampled value is known at its own bar's close
    developing, inner                   0, under the same condition; inner only of finer bars
    state                               max of init and next; prev is the bar before
    if, match, and, or, operators       max over all branches
    constants and parameters            always known
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

from lingua.data.timeframe import Timeframe
from lingua.diagnostics.codes import future
from lingua.diagnostics.diagnostic import Diagnostic, Problems
from lingua.ir.analysis import reachable
from lingua.ir.nodes import BASE, Clock, Constancy, Node
from lingua.ir.program import ActionPlan, DistancePlan, ExitPlan, GroupPlan, Program
from lingua.semantics.folding import StaticValues
from lingua.syntax.source import Source, Span

ALWAYS = -math.inf
NEVER = math.inf
"""Nobody can say when the value is known."""

POINTWISE = frozenset(
    {"add", "sub", "mul", "div", "pow", "neg", "gt", "ge", "lt", "le", "eq", "ne", "and", "or", "not", "is_na",
     "coalesce", "select", "fn1", "fnN", "time_part", "session", "call", "state", "since_entry", "extern", "cs"}
)  # fmt: skip
SOURCES = frozenset({"field", "account", "tick"})
CROSSES_CLOCKS = frozenset({"sample", "developing", "inner"})

StaticValue = Callable[[Node], float | int | str | bool]
TimeframeOf = Callable[[Clock], str]


class Availability:
    """When each node is known. `static` gives the value of an offset, `timeframe_of` the length of a clock's bars."""

    def __init__(self, static: StaticValue, timeframe_of: TimeframeOf) -> None:
        self._static = static
        self._timeframe_of = timeframe_of
        self._known: dict[int, float] = {}

    def of(self, node: Node) -> float:
        """Bars relative to the close of the node's own bar; above 0 is the future."""
        if node.index not in self._known:
            for each in reachable([node]):
                if each.index not in self._known:
                    self._known[each.index] = self._own(each)
        return self._known[node.index]

    def first_violation(self, node: Node) -> Node | None:
        """The innermost node under `node` that reads a bar that has not closed; None if there is none."""
        if self.of(node) <= 0:
            return None
        return next(each for each in reachable([node]) if self.of(each) > 0)

    def _own(self, node: Node) -> float:
        if node.op in ("const", "param"):
            return ALWAYS
        args = max((self._known[arg.index] for arg in node.args), default=ALWAYS)
        if node.op in CROSSES_CLOCKS:
            return self._from_other_clock(node, args)
        if any(arg.constancy >= Constancy.SERIES and arg.clock != node.clock for arg in node.args):
            # Bars of two clocks meet without anything that says which of them is the last one closed.
            return NEVER
        if node.op in SOURCES:
            return 0
        if node.op == "prev":
            return -1
        if node.op == "hist":
            return self._history(node)
        if node.op in POINTWISE:
            return args
        return NEVER

    def _history(self, node: Node) -> float:
        source, offset = node.args
        if offset.constancy > Constancy.PARAM:
            return NEVER
        bars = float(self._static(offset))
        return NEVER if math.isnan(bars) else self._known[source.index] - bars

    def _from_other_clock(self, node: Node, known: float) -> float:
        """What another clock's last closed bar tells is known now, if it was known when that bar closed."""
        if known > 0:
            return NEVER
        if node.op == "inner":
            fine, own = self._timeframe_of(node.args[0].clock), self._timeframe_of(node.clock)
            if fine and own and Timeframe.parse(fine).seconds > Timeframe.parse(own).seconds:
                return NEVER
        return 0


def judge(program: Program, source: Source) -> tuple[Diagnostic, ...]:
    """What every decision and output of `program` owes: `avail <= close(t)`. Nothing is found when it holds."""
    params = {param.name: param.value for param in program.params}
    declared = {data.alias: data.timeframe for data in program.data}

    def timeframe_of(clock: Clock) -> str:
        return clock.timeframe or declared.get(clock.source, "") or program.timeframe

    known = Availability(StaticValues(params).of, timeframe_of)
    problems = Problems(source)
    for node, span in obligations(program):
        is_late = known.of(node) > 0
        if is_late or (node.clock != BASE and node.constancy >= Constancy.SERIES):
            problems.add(
                future.LOOK_AHEAD, span, expr=" ".join(source.excerpt(span).split()) or node.op,
                help="use values of closed bars only: `x[1]` is the bar before",
                notes=(f"found in the finished program, at {known.first_violation(node) or node!r}",),
            )  # fmt: skip
    return tuple(problems.found)


def obligations(program: Program) -> Iterator[tuple[Node, Span]]:
    """Everything a decision reads, and everything shown, with its place in the text."""
    for rule in program.rules:
        yield rule.condition, rule.span
        if rule.tick is not None:
            yield rule.tick, rule.span
        yield from _of_group(rule.group)
        if rule.otherwise is not None:
            yield from _of_group(rule.otherwise)
    for each in program.filters:
        yield each.condition, each.span
    for exit_plan in program.protect:
        yield from _of_exit(exit_plan)
    if program.size is not None and program.size.value is not None:
        yield program.size.value, Span(0, 0)
    if program.pyramid is not None:
        yield program.pyramid.step.value, Span(0, 0)
    for output in program.outputs:
        yield output.node, output.span


def _of_group(group: GroupPlan) -> Iterator[tuple[Node, Span]]:
    for action in group.actions:
        for node in _present(_of_action(action)):
            yield node, action.span
        for exit_plan in action.exits:
            yield from _of_exit(exit_plan)


def _of_action(action: ActionPlan) -> list[Node | None]:
    order = action.order
    return [action.amount.value, order.limit, order.stop, order.show, order.life.value]


def _of_exit(exit_plan: ExitPlan) -> Iterator[tuple[Node, Span]]:
    life = exit_plan.life.value if exit_plan.life is not None else None
    for node in _present([_level(exit_plan.distance), exit_plan.closing, _level(exit_plan.after), life]):
        yield node, exit_plan.span


def _level(distance: DistancePlan | None) -> Node | None:
    return distance.value if distance is not None else None


def _present(nodes: Iterable[Node | None]) -> Iterator[Node]:
    return (node for node in nodes if node is not None)
