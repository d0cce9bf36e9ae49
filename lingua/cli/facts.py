"""What `check -v` says of a program that is right: warm-up, memory and work per bar, all known without any data."""

from __future__ import annotations

import math
from typing import Any

from lingua.backends.pointwise import evaluate_scalar
from lingua.data.timeframe import Timeframe
from lingua.ir.analysis import decision_nodes, reachable
from lingua.ir.nodes import Constancy, Node
from lingua.ir.program import Program
from lingua.ir.warmup import NEVER, Budget, Warmup, budget, by_length


def facts(program: Program) -> dict[str, Any]:
    """Plain data for `check --json -v`. Bars count the traded timeframe; `None` where settling never ends."""
    found, longest = measure(program), largest(program)
    return {
        "strategy": program.name,
        "symbols": list(program.symbols),
        "timeframe": program.timeframe or None,
        "lookback": int(found.lookback),
        "settle": None if found.settled == NEVER else int(found.settled),
        "largest": describe(longest, program) if longest is not None else None,
        "memory_numbers": found.memory_numbers,
        "operations_per_bar": found.operations_per_bar,
        "params": {param.name: param.value for param in program.params},
        "rules": [rule.name for rule in program.rules],
        "not_executed": [item.construct for item in program.not_executed],
    }


def measure(program: Program) -> Budget:
    base = Timeframe.parse(program.timeframe) if program.timeframe else None
    timeframes = {declared.alias: declared.timeframe or program.timeframe for declared in program.data}
    convert = by_length(base, lambda source: timeframes.get(source, program.timeframe))
    roots = [*decision_nodes(program), *(output.node for output in program.outputs)]
    return budget(roots, lambda node: static(node, program), convert)


def largest(program: Program) -> Node | None:
    """The call that takes longest by itself: its own bars before it settles, as time on its own clock."""
    base = program.timeframe
    timeframes = {declared.alias: declared.timeframe or base for declared in program.data}
    warmup = Warmup(lambda node: static(node, program), lambda node, bars: bars)
    found: tuple[float, Node] | None = None
    for node in reachable([*decision_nodes(program), *(output.node for output in program.outputs)]):
        if node.op != "call" or node.constancy <= Constancy.PARAM:
            continue
        before = max((warmup.settled(each) for each in node.args if each.clock == node.clock), default=0)
        # An anchored source makes everything after it anchored: what counts is the call that does it.
        bars = 0 if before == NEVER else warmup.settled(node) - before
        timeframe = node.clock.timeframe or timeframes.get(node.clock.source, base)
        time = bars * (Timeframe.parse(timeframe).seconds if timeframe else 1)
        if bars and (found is None or time > found[0]):
            found = time, node
    return found[1] if found else None


def static(node: Node, program: Program) -> Any:
    """Value of a node that no bar changes."""
    if node.op == "const":
        return node.attrs[0]
    if node.op == "param":
        return next(param.value for param in program.params if param.name == node.attrs[0])
    return evaluate_scalar(node, [static(argument, program) for argument in node.args])


def lines(program: Program) -> list[str]:
    """The same for people."""
    found = measure(program)
    of = f" of {program.timeframe}" if program.timeframe else ""
    ready = f"ready after {found.lookback:,.0f} bars{of}{length(found.lookback, program.timeframe)}"
    if found.settled == NEVER:
        settled = "never settles: something in it depends on the first bar for ever"
    else:
        settled = f"settled after {found.settled:,.0f}{length(found.settled, program.timeframe)}"
    longest = largest(program)
    told = f"; largest: {describe(longest, program)}" if longest is not None else ""
    return [
        f"{program.name}: {ready}; {settled}{told}",
        f"{program.name}: remembers {found.memory_numbers:,} numbers, "
        f"about {found.operations_per_bar:,} operations a bar",
    ]


def length(bars: float, timeframe: str) -> str:
    """` (51 d)`: bars shorter than a day as time on a market that never closes; nothing below a day."""
    if not timeframe or not math.isfinite(bars) or not Timeframe.parse(timeframe).is_fixed:
        return ""
    days = bars * Timeframe.parse(timeframe).seconds / 86_400
    return f" ({days:,.0f} d)" if days >= 1 else ""


def describe(node: Node, program: Program) -> str:
    """`ema(close, 50)@1d`: the call as a user would write it, `…` for a source that is more than a field."""
    from lingua.indicators.registry import lookup

    spec = lookup(str(node.attrs[0]))
    inputs = spec.inputs if spec else ()
    words = []
    for declared, argument in zip(inputs, node.args, strict=False):
        if not declared.is_implicit:
            words.append(str(argument.attrs[0]) if argument.op == "field" else "…")
    for argument in node.args[len(inputs) :]:
        value = static(argument, program)
        words.append(f"{value:g}" if isinstance(value, float) else str(value))
    clock = (
        f"@{node.clock.timeframe}" if node.clock.timeframe else (f"@{node.clock.source}" if node.clock.source else "")
    )
    return f"{node.attrs[0]}({', '.join(words)}){clock}"
