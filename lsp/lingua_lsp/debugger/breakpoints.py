"""Where a run stops: on rules, on conditions, on what happens to orders. Every stop of a breakpoint is known in
advance, because the run is recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.explain import SENT
from lingua.trading.records import OrderEvent
from lingua_lsp.debugger.recording import NotAnswered, Recording
from lingua_lsp.debugger.statements import Statement, Truth

Moments = NDArray[np.int64]

EVENTS = (
    ("fills", "An order is filled", False),
    ("sent", "An order is sent", False),
    ("refused", "An order is not sent, or refused", False),
)
"""What the run can stop at besides lines: name, title, whether it is on at first."""
QUIET = frozenset({*SENT, "canceled", "expired", "not_ready"})
COUNT = re.compile(r"\s*(>=|==|>|%)?\s*(\d{1,9})\s*")


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """`at` are the moments at which it stops, in order; `statement` its place among the lines. `log` is told instead of
    stopping. Without `problem` it is in force."""

    id: int
    line: int
    statement: int
    at: Moments
    log: str = ""
    problem: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place at which the run stands: a moment, and a line of it. `why` in words."""

    moment: int
    statement: int
    reason: str
    why: str = ""
    breakpoints: tuple[int, ...] = ()


def line_breakpoint(
    id: int, asked: dict[str, Any], recording: Recording, statements: Sequence[Statement]
) -> Breakpoint:
    """A breakpoint as the editor asks for it. On a rule, a filter or a condition with a name it stops where that is
    true; on another line at every bar; with a condition of its own wherever that is true."""
    line = int(asked.get("line", 0))
    place = next((at for at, each in enumerate(statements) if line <= each.last), None)
    nowhere = np.empty(0, dtype=np.int64)
    if place is None or line < recording.compiled.source.position(recording.strategy.span.start)[0]:
        return Breakpoint(id, line, 0, nowhere, problem="no definition or rule of the strategy stands here")
    statement = statements[place]
    condition, log = str(asked.get("condition") or ""), str(asked.get("logMessage") or "")
    try:
        if condition.strip():
            truth: Truth | None = recording.truth(condition)
        else:
            truth = statement.truth
        at = _counted(_moments(recording, truth), str(asked.get("hitCondition") or ""))
        for hole in holes(log):
            recording.watch(hole)
    except NotAnswered as problem:
        return Breakpoint(id, statement.line, place, nowhere, problem=str(problem))
    return Breakpoint(id, statement.line, place, at, log, note=_note(statement, condition, len(at)))


def _note(statement: Statement, condition: str, count: int) -> str:
    where = f"where `{condition.strip()}`" if condition.strip() else f"where `{statement.name}` is true"
    if not condition.strip() and statement.truth is None:
        where = "at every bar"
    return f"stops {where}: {count:,} time{'' if count == 1 else 's'}"


def _moments(recording: Recording, truth: Truth | None) -> Moments:
    """From bars of each symbol to moments, none before a bar that can be stood on."""
    if truth is None:
        return np.arange(len(recording.moments))
    found = [recording.moment_of[number][is_true] for number, is_true in enumerate(truth)]
    every: Moments = np.sort(np.concatenate(found))
    return every


def _counted(at: Moments, wish: str) -> Moments:
    """Of all stops those that the hit count asks for: `3` or `== 3` the third, `>= 3` from it on, `% 3` each third.
    Raises NotAnswered."""
    if not wish.strip():
        return at
    found = COUNT.fullmatch(wish)
    if found is None:
        raise NotAnswered(f"`{wish}` is no count; write `3`, `>= 3` or `% 3`")
    number = np.arange(1, len(at) + 1)
    count = int(found[2])
    match found[1]:
        case ">=":
            chosen = number >= count
        case ">":
            chosen = number > count
        case "%":
            chosen = number % count == 0 if count else number < 0
        case _:
            chosen = number == count
    counted: Moments = at[chosen]
    return counted


def event_breakpoints(names: Iterable[str], recording: Recording, statements: Sequence[Statement]) -> list[Breakpoint]:
    """Stops where something happens to an order, each with its words. Numbers are below zero: the editor has none."""
    wanted = set(names)
    places = {each.name: at for at, each in enumerate(statements) if each.kind == "rule"}
    found: list[Breakpoint] = []
    for event in recording.result.ledger.events:
        if event.symbol < len(recording.bars) and kind_of(event) in wanted:
            moment = int(recording.moment_of[event.symbol][event.bar])
            place = places.get(event.rule, 0)
            found.append(Breakpoint(-1, statements[place].line, place, np.array([moment]), note=told(event)))
    return found


def kind_of(event: OrderEvent) -> str:
    if event.kind in ("filled", "partially_filled"):
        return "fills"
    if event.kind == "submitted":
        return "sent"
    return "" if event.kind in QUIET else "refused"


def told(event: OrderEvent) -> str:
    """`enter: filled 12 at 71.5`"""
    quantity = f" {event.quantity:.10g}" if event.quantity == event.quantity and event.quantity else ""
    price = f" at {event.price:.10g}" if event.price == event.price else ""
    detail = f" ({event.detail})" if event.detail else ""
    return f"{event.rule or 'exit'}: {event.kind.replace('_', ' ')}{quantity}{price}{detail}"


def holes(log: str) -> list[str]:
    """Expressions of a log message: `rsi is {rsi}`."""
    return re.findall(r"\{([^{}]+)\}", log)


def next_stop(breakpoints: Sequence[Breakpoint], moment: int, statement: int, *, is_back: bool) -> Stop | None:
    """The nearest stop after a place, or before it."""
    best: tuple[int, int] | None = None
    for each in breakpoints:
        if each.log or not len(each.at):
            continue
        found = _nearest(each, moment, statement, is_back)
        if found is not None:
            place = (found, each.statement)
            if best is None or (place > best if is_back else place < best):
                best = place
    if best is None:
        return None
    here = [each for each in breakpoints if not each.log and each.statement == best[1] and best[0] in each.at]
    ids = tuple(each.id for each in here if each.id > 0)
    why = "; ".join(dict.fromkeys(each.note for each in here if each.id < 0))
    return Stop(best[0], best[1], "breakpoint" if ids else "data breakpoint", why, ids)


def _nearest(one: Breakpoint, moment: int, statement: int, is_back: bool) -> int | None:
    """The first moment of a breakpoint that lies behind (before) a place."""
    if is_back:
        # At the same bar an earlier line is before.
        side = "right" if one.statement < statement else "left"
        at = int(np.searchsorted(one.at, moment, side=side)) - 1  # type: ignore[call-overload]
        return int(one.at[at]) if at >= 0 else None
    side = "left" if one.statement > statement else "right"
    at = int(np.searchsorted(one.at, moment, side=side))  # type: ignore[call-overload]
    return int(one.at[at]) if at < len(one.at) else None


def log_places(
    breakpoints: Sequence[Breakpoint], start: tuple[int, int], end: tuple[int, int]
) -> list[tuple[int, Breakpoint]]:
    """Log messages told on the way from a place (itself not told again) to another one (told), in order."""
    found = []
    for each in breakpoints:
        if each.log:
            for moment in each.at[(each.at >= start[0]) & (each.at <= end[0])].tolist():
                if start < (moment, each.statement) <= end:
                    found.append((moment, each))
    return sorted(found, key=lambda pair: (pair[0], pair[1].statement))
