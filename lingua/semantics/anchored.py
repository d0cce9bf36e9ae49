"""Rules that depend on the first bar of the data for ever: cumulative indicators, events, states that never forget.

Such a rule is right only for runs from the same first bar, so its author is told (L0502). A value that fades, however
slowly, is not meant: it settles.
"""

from __future__ import annotations

from collections.abc import Iterator

from lingua.data.timeframe import Timeframe
from lingua.diagnostics.codes import state as codes
from lingua.diagnostics.diagnostic import Diagnostic, Problems
from lingua.ir.analysis import reachable
from lingua.ir.nodes import Node
from lingua.ir.program import Program
from lingua.ir.warmup import NEVER, Warmup, by_length
from lingua.semantics.folding import StaticValues
from lingua.syntax.source import Source, Span


def judge(program: Program, source: Source) -> tuple[Diagnostic, ...]:
    """A hint for each comparison of a rule that reads an anchored value, naming the part that is to blame."""
    problems = Problems(source)
    warmup = _warmup(program)
    for rule in program.rules:
        if warmup.settled(rule.condition) < NEVER:
            continue
        leaves = rule.leaves or ((rule.span, rule.condition),)
        for span, leaf in leaves:
            for part in roots(leaf, warmup):
                _report(problems, span, part)
    return tuple(problems.found)


def roots(node: Node, warmup: Warmup) -> Iterator[Node]:
    """The innermost anchored nodes under `node`: everything they read settles."""
    if warmup.settled(node) < NEVER:
        return
    for each in reachable([node]):
        if warmup.settled(each) == NEVER and all(warmup.settled(arg) < NEVER for arg in each.args):
            yield each


def _report(problems: Problems, span: Span, part: Node) -> None:
    name = str(part.attrs[0]) if part.op in ("call", "state") else part.op
    if part.op == "state":
        mend = f"let `{name}` forget: `0.99 * prev + …`, or count over a window: `count(…, 100)`"
    elif name in ("value_when", "bars_since"):
        mend = "look over a window instead: `highest(…, 100)` or `count(…, 100)`"
    else:
        mend = "take a value of a window instead, such as `sum(volume, 100)` or `roc(close, 20)`"
    problems.add(
        codes.ANCHORED,
        span,
        expr=name,
        help=mend,
        notes=("as it is, live runs begin at the first bar of the backtest",),
    )


def _warmup(program: Program) -> Warmup:
    declared = {data.alias: data.timeframe for data in program.data}
    try:
        base = Timeframe.parse(program.timeframe)
    except ValueError:
        base = None
    params = {param.name: param.value for param in program.params}
    convert = by_length(base, lambda source: declared.get(source, "") or program.timeframe)
    return Warmup(StaticValues(params).of, convert)
