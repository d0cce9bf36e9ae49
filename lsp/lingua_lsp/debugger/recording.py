"""A run that can be gone through forward and back: every value of every bar, and every further expression that is asked
for. The values are those of the backtest, so `lingua values` writes the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.backends.batch import Batch
from lingua.backends.clocks import Feeds
from lingua.backtest.bind import bind, fill_columns
from lingua.backtest.explain import Explainer, explainer
from lingua.backtest.result import Result
from lingua.backtest.run import DEFAULT_CAPITAL, build_run, execution_of, refuse_not_executed, run_market
from lingua.backtest.tables import cells
from lingua.compiler import Compiled, CompileError, compile_path, compile_source
from lingua.data.market import Market, load_market
from lingua.diagnostics.diagnostic import Severity
from lingua.ir.nodes import BASE, TRUE, Constancy, Kind, Node
from lingua.ir.program import Program
from lingua.syntax import nodes as ast
from lingua.syntax.source import Source
from lingua.trading.execution import Execution

Column = NDArray[Any]
ABOUT_BARS = ("symbol", "timeframe", "start", "end")
LONGEST = 2_000
"""Characters of an expression that is asked for."""


class NotAnswered(ValueError):
    """An expression has no value; the text says why."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A series over the bars of each traded symbol."""

    columns: tuple[Column, ...]
    kind: Kind
    unit: str

    def cell(self, symbol: int, bar: int) -> str:
        """As `lingua values` writes it; `na` where that leaves the cell empty."""
        return cell(self.columns[symbol], bar)

    @property
    def type(self) -> str:
        return self.unit if self.kind is Kind.NUM and self.unit not in ("", "none") else self.kind.value


def cell(column: Column, bar: int) -> str:
    return cells(column[bar : bar + 1])[0] or "na"


class Recording:
    """One run of one strategy. Made by `record`."""

    def __init__(
        self, compiled: Compiled, path: Path, market: Market, execution: Execution, capital: float, result: Result
    ) -> None:
        self.compiled = compiled
        self.path = path
        self.market = market
        self.execution = execution
        self.capital = capital
        self.result = result
        self.names = result.symbols
        self.bars = result.bars[: len(result.symbols)]
        self._watched: dict[str, Watched | NotAnswered] = {}

    @property
    def program(self) -> Program:
        return self.compiled.program

    @cached_property
    def strategy(self) -> ast.Strategy:
        return next(
            item
            for item in self.compiled.file.items
            if isinstance(item, ast.Strategy) and item.name == self.program.name
        )

    @cached_property
    def moments(self) -> NDArray[np.int64]:
        """(moments, 3): time, symbol and bar of each evaluation, in the order in which they happen."""
        parts = [
            np.column_stack([bars.ts, np.full(len(bars), number), np.arange(len(bars))])
            for number, bars in enumerate(self.bars)
        ]
        table = np.concatenate(parts).astype(np.int64)
        return table[np.lexsort((table[:, 1], table[:, 0]))]

    @cached_property
    def moment_of(self) -> tuple[NDArray[np.int64], ...]:
        """For each symbol (bars,) the number of the moment of each bar."""
        return tuple(np.flatnonzero(self.moments[:, 1] == number) for number in range(len(self.bars)))

    @cached_property
    def first_live(self) -> int:
        """The moment of the first bar on which rules can act; the last moment when there is none."""
        live = [
            int(self.moment_of[number][ready])
            for number, ready in enumerate(self.result.ready)
            if 0 <= ready < len(self.bars[number])
        ]
        return min(live, default=len(self.moments) - 1)

    @cached_property
    def explainer(self) -> Explainer:
        return explainer(self.compiled, self.market, self.execution, self.capital)

    @cached_property
    def series(self) -> dict[str, Watched]:
        """What `lingua values` writes, in its order."""
        nodes = {output.name: output.node for output in self.program.outputs}
        return {
            name: Watched(tuple(each[name] for each in self.result.series), nodes[name].kind, str(nodes[name].unit))
            for name in (self.result.series[0] if self.result.series else {})
        }

    def at_clock(self, ts: int) -> int:
        """Index into the run's clock of the last instant up to a time; -1 before the first."""
        return int(np.searchsorted(self.result.clock, ts, side="right")) - 1

    # --- expressions -------------------------------------------------------------------------------

    def watch(self, expression: str) -> Watched:
        """The value of an expression at every bar. Raises NotAnswered."""
        text = " ".join(expression.split())
        if text in self.series:
            return self.series[text]
        if text not in self._watched:
            try:
                self._watched[text] = self._watch(text)
            except NotAnswered as problem:
                self._watched[text] = problem
        found = self._watched[text]
        if isinstance(found, NotAnswered):
            raise found
        return found

    def truth(self, expression: str) -> tuple[NDArray[np.bool_], ...]:
        """Where a condition is true, over the bars of each traded symbol. Raises NotAnswered."""
        found = self.watch(expression)
        if found.kind is not Kind.BOOL:
            raise NotAnswered(f"`{expression}` is no condition: it is {found.type}; compare it with something")
        return tuple(np.asarray(column) == TRUE for column in found.columns)

    def _watch(self, expression: str) -> Watched:
        compiled, name = self._with(expression)
        program = compiled.program
        node = next(output.node for output in program.outputs if output.name == name)
        if node.constancy >= Constancy.SERIES and node.clock != BASE:
            raise NotAnswered(f"`{expression}` lives on other bars than the strategy's; write `({expression})@T`")
        return Watched(self._columns(program, node), node.kind, str(node.unit))

    def _with(self, expression: str) -> tuple[Compiled, str]:
        """The program with the expression as one more name in it, which changes nothing of what it does."""
        if not expression or len(expression) > LONGEST:
            raise NotAnswered("write an expression, such as `rsi < 30`")
        text = self.compiled.source.text
        name = "asked"
        while name in text or name in expression:
            name += "_"
        end = self.strategy.span.end - 1
        # A program of the original sketch knows indicators, and is read as one by its own rules.
        word = "indicator" if self.program.is_sketch else "let"
        head = f"\n{word} {name} = (\n"
        source = Source(self.compiled.source.name, f"{text[:end]}{head}{expression}\n)\n{text[end:]}")
        found = compile_source(source, overrides=self.compiled.overrides, strategy=self.program.name, path=self.path)
        errors = [each for each in found.problems if each.severity is Severity.ERROR]
        if errors:
            first, last = end + len(head), end + len(head) + len(expression)
            own = [each for each in errors if first <= each.span.start <= last]
            message = (own or errors)[0].message
            # A syntax error may quote the line that was put around it.
            raise NotAnswered(f"`{expression}` is no whole expression" if name in message else message)
        items = [
            len(each.items)
            for each in found.file.items
            if isinstance(each, ast.Strategy) and each.name == self.program.name
        ]
        if items != [len(self.strategy.items) + 1]:
            raise NotAnswered(f"`{expression}` is more than one expression")
        if not any(output.name == name for output in found.program.outputs):
            raise NotAnswered(f"`{expression}` has several values; ask for one, such as `{expression}.NAME`")
        return found, name

    def columns_of(self, node: Node) -> tuple[Column, ...]:
        """A series of the strategy itself, over the bars of each traded symbol."""
        return self._columns(self.program, node)

    def _columns(self, program: Program, node: Node) -> tuple[Column, ...]:
        if not node.uses_fills:
            params = {param.name: param.value for param in program.params}
            feeds = (Feeds(bars, self.market.data, self.market.finer) for bars in self.market.traded)
            return tuple(Batch(each, params).column(node) for each in feeds)
        if node.kind is Kind.STRING:
            raise NotAnswered("a text that depends on fills has no column")
        bound, legs = bind(program, self.market, also=[node])
        slot = bound[0].decision.slot_of(node)
        run = build_run(program, bound, legs, self.execution, self.capital, watch=[slot])
        run.run()
        return tuple(
            fill_columns([node], run.watched(number), len(each.bars))[node.index] for number, each in enumerate(bound)
        )


def record(path: Path, strategy: str, data: str | None, options: Mapping[str, Any]) -> Recording:
    """Run a strategy for the debugger. `options` as those of a backtest: symbol, timeframe, start, end, capital,
    commission, slippage. Raises CompileError, DataError, ValueError."""
    compiled = compile_path(path, strategy=strategy)
    if not compiled.ok:
        raise CompileError(compiled.problems)
    program = compiled.program
    refuse_not_executed(compiled, program)
    about_bars = {name: options[name] for name in ABOUT_BARS if options.get(name)}
    market = load_market(program, data or None, near=path, **about_bars)
    costs = {name: float(options[name]) for name in ("commission", "slippage") if options.get(name) is not None}
    execution = execution_of(program, costs)
    capital = float(options.get("capital") or DEFAULT_CAPITAL)
    if capital <= 0:
        raise ValueError("capital must be above zero")
    result = run_market(compiled, program, market, execution, capital)
    if not result.symbols or not sum(len(bars) for bars in result.bars[: len(result.symbols)]):
        raise ValueError("there are no bars to go through")
    return Recording(compiled, path, market, execution, capital, result)
