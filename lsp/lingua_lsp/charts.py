"""The run behind a chart: what is drawn of it, on which bars each rule was true, and why each rule acted on a bar or
did not. Runs in the process of `lingua_lsp.jobs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lingua.ir.nodes import TRUE
from lingua_lsp.figures import figures, refused
from lingua_lsp.texts import compiled_text, near

if TYPE_CHECKING:
    from lingua.backtest.explain import Explainer
    from lingua.backtest.result import Result
    from lingua.data.market import Market
    from lingua.ir.program import RulePlan

Report = Callable[[int, int], None]
ACCOUNT = ("capital", "commission", "slippage", "execution")
"""Options of a run that are not about its bars."""


@dataclass(frozen=True, slots=True)
class Told:
    """The explainer that was made last, and of what."""

    key: tuple[Any, ...]
    explainer: Explainer


_last: list[Told] = []


def chart(
    report: Report, text: str, path: str | None, strategy: str, open_texts: Mapping[str, str], options: dict[str, Any]
) -> dict[str, Any]:
    """A backtest's figures, with what is drawn of it: the report's data; besides the equity on the bars of the first
    symbol, and the bars (and instants, in seconds) on which each rule was true."""
    from lingua.compiler import CompileError
    from lingua.data.errors import DataError

    compiled = compiled_text(text, path, strategy, open_texts)
    given = {name: value for name, value in options.items() if name != "data"}
    try:
        result = compiled.backtest(options.get("data"), progress=report, **given)
        told = _explainer(text, path, strategy, open_texts, options) if len(result.symbols) > 1 else None
    except (CompileError, DataError, ValueError, OSError) as problem:
        return refused(problem)
    return {**figures(result), **_drawn(result, told)}


def _drawn(result: Result, told: Explainer | None) -> dict[str, Any]:
    from lingua.report.decimate import buckets
    from lingua.report.payload import payload, short

    chart = payload(result)
    if chart["symbols"]:
        equity = _on_bars(result)
        chart["equity"] = short(equity[buckets(len(equity), chart["symbols"][0]["size"])[1]])
    fired = {rule: np.asarray(result.ledger.fired.get(rule.name, []), dtype=np.int64) for rule in result.program.rules}
    return {
        "chart": chart,
        "fired_at": {rule.name: (result.clock[at] // 1_000_000_000).tolist() for rule, at in fired.items()},
        "fired_bars": {rule.name: _bars_of(result, rule, at, told) for rule, at in fired.items()},
    }


def _on_bars(result: Result) -> NDArray[np.float64]:
    """(bars of the first symbol,) equity at each close; NaN before rules are live and after the account has ended."""
    stamps = result.bars[0].ts
    at = np.searchsorted(result.clock, stamps, side="right") - 1
    is_known = (at >= result.start) & (stamps <= result.clock[-1:]) if len(result.clock) else np.zeros(len(at), bool)
    return np.where(is_known, result.curve.values[np.maximum(at, 0)] if len(result.clock) else np.nan, np.nan)


def _bars_of(result: Result, rule: RulePlan, instants: NDArray[np.int64], told: Explainer | None) -> list[list[int]]:
    """For each traded symbol the bars on which a rule was true."""
    found = []
    for number in range(len(result.symbols)):
        is_true = np.isin(result.bars[number].ts, result.clock[instants])
        if told is not None:
            is_true &= told.watched[number][rule.condition.index] == TRUE
        found.append(np.flatnonzero(is_true).tolist())
    return found


def explain(
    report: Report, text: str, path: str | None, strategy: str, rule: str, bar: str, open_texts: Mapping[str, str],
    options: dict[str, Any], symbol: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Why a rule (all of them without a name) acted or did not on one bar, a number or a time, of each traded symbol
    or of one. `text` for reading, `told` as data."""
    from lingua.compiler import CompileError
    from lingua.data.errors import DataError
    from lingua.report.explain import explanation_data, explanation_text

    try:
        told = _explainer(text, path, strategy, open_texts, options)
        numbers = range(len(told.bound)) if symbol is None else [symbol]
        if symbol is not None and not 0 <= symbol < len(told.bound):
            raise ValueError(f"there are symbols 0 to {len(told.bound) - 1}, not {symbol}")
        plans = [told.rule(rule)] if rule else list(told.compiled.program.rules)
        found = [told.explain(plan, told.bar_at(bar, number), number) for number in numbers for plan in plans]
    except (CompileError, DataError, ValueError, OSError) as problem:
        return refused(problem)
    told_data = [
        {**data, "rule": one.rule} for one in found for data in explanation_data(one) if isinstance(data, dict)
    ]
    return {"text": "\n\n".join(explanation_text(one) for one in found), "told": told_data}


def _explainer(
    text: str, path: str | None, strategy: str, open_texts: Mapping[str, str], options: dict[str, Any]
) -> Explainer:
    """The explainer of a run; the last one again while text, options and files are the same."""
    from lingua.backtest.explain import explainer
    from lingua.backtest.run import DEFAULT_CAPITAL, execution_of, refuse_not_executed

    key = (text, path, strategy, sorted(open_texts.items()), repr(sorted(options.items())))
    if _last and _last[0].key == key:
        return _last[0].explainer
    compiled = compiled_text(text, path, strategy, open_texts)
    program = compiled.program
    refuse_not_executed(compiled, program)
    market = market_for(program, path, options)
    given = {**options.get("execution", {}), **{n: options[n] for n in ("commission", "slippage") if n in options}}
    told = explainer(compiled, market, execution_of(program, given), options.get("capital", DEFAULT_CAPITAL))
    _last[:] = [Told(key, told)]
    return told


def market_for(program: Any, path: str | None, options: Mapping[str, Any]) -> Market:
    """The bars of a run, by its options. Raises DataError, ValueError."""
    from lingua.data.market import load_market

    about_bars = {name: value for name, value in options.items() if name not in (*ACCOUNT, "data")}
    return load_market(program, options.get("data"), near=near(path), **about_bars)
