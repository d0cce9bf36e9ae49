"""Lines of a strategy at which a run can stand: its definitions and rules, in the order of the text, and when each is
true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lingua.ir.nodes import TRUE, Kind
from lingua.syntax import nodes as ast
from lingua_lsp.debugger.recording import Recording

Truth = tuple[NDArray[np.bool_], ...]
"""For each traded symbol (bars,)."""
STANDING = (ast.Indicator, ast.Let, ast.State, ast.Signal, ast.Filter, ast.Rule)


@dataclass(frozen=True, slots=True)
class Statement:
    """One item: its first and last line, from 1. `truth` is where it is true; None for what is a number."""

    line: int
    last: int
    name: str
    kind: str
    truth: Truth | None


def statements_of(recording: Recording) -> list[Statement]:
    """In the order of their lines. Never empty: a strategy without any stands at its own line."""
    source = recording.compiled.source
    found = []
    for item in recording.strategy.items:
        if isinstance(item, STANDING):
            line = source.position(item.span.start)[0]
            last = source.position(max(item.span.end - 1, item.span.start))[0]
            name = ", ".join(item.names) if isinstance(item, ast.Let) else item.name
            found.append(Statement(line, last, name, type(item).__name__.lower(), _truth(recording, item)))
    if not found:
        line = source.position(recording.strategy.span.start)[0]
        found.append(Statement(line, line, recording.program.name, "strategy", None))
    return sorted(found, key=lambda each: each.line)


def _truth(recording: Recording, item: ast.Item) -> Truth | None:
    if isinstance(item, ast.Rule):
        return _of_rule(recording, item.name)
    if isinstance(item, ast.Filter):
        plan = next(each for each in recording.program.filters if each.name == item.name)
        return tuple(np.asarray(column) == TRUE for column in recording.columns_of(plan.condition))
    names = item.names if isinstance(item, ast.Let) else (getattr(item, "name", ""),)
    series = recording.series.get(names[0]) if len(names) == 1 else None
    if series is None or series.kind is not Kind.BOOL:
        return None
    return tuple(np.asarray(column) == TRUE for column in series.columns)


def _of_rule(recording: Recording, name: str) -> Truth:
    """Where the rule's condition was true and looked at: what the ledger calls fired."""
    result = recording.result
    instants = result.clock[np.asarray(result.ledger.fired.get(name, []), dtype=np.int64)]
    found = []
    for number, bars in enumerate(recording.bars):
        is_true = np.isin(bars.ts, instants)
        if len(recording.bars) > 1:
            plan = recording.explainer.rule(name)
            is_true &= recording.explainer.watched[number][plan.condition.index] == TRUE
        found.append(is_true)
    return tuple(found)
