"""The data behind the report's charts and trade table: plain lists, short numbers, bounded size."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.explanation import Story
from lingua.backtest.result import Plot
from lingua.backtest.times import DAY, SECOND
from lingua.data.bars import Bars
from lingua.ir.units import PRICE
from lingua.report.decimate import bucket_size, bucketed, buckets, extremes
from lingua.report.explain import explanation_data
from lingua.report.scale import drawn_bars, drawn_values, scale_of, scale_of_trade

if TYPE_CHECKING:
    from lingua.backtest.result import Result
    from lingua.trading.records import Trade

BARS = 20_000
"""Bars drawn one by one; longer series are put together into this many."""
CELLS = 200_000
"""Numbers (bars times columns) drawn of all symbols together; the same again for the closer looks."""
BEFORE, AFTER, WINDOW = 40, 20, 400
CURVE_POINTS = 4_000
TRADES = 15_000
EXPLANATION_BYTES = 1_500_000
PRICE_LINES, PANES = 6, 3
"""Indicators drawn when the program has no `plot` line."""


def payload(run: Result) -> dict[str, Any]:
    """Everything the page's script reads."""
    trades = shown_trades(run)
    held = {trade.symbol for trade in trades}
    # The traded symbols, and the legs of `&` up to the last that was traded.
    drawn = (
        max((at for at, bars in enumerate(run.bars) if at < len(run.symbols) or bars.symbol in held), default=-1) + 1
        if run.has_bars
        else 0
    )
    columns = sum(6 + len(plots_of(run, at)) for at in range(drawn))
    limit = min(BARS, max(500, CELLS // max(columns, 1)))
    return {
        "daily": not run.bars[0].timeframe.is_fixed if run.bars else True,
        "symbols": [_symbol(run, at, bars, trades, limit) for at, bars in enumerate(run.bars[:drawn])],
        "curve": _curve(run),
        "trades": _trades(run, trades),
        "stories": _stories(run, trades),
    }


def script_json(data: object) -> str:
    """JSON that may stand inside a `<script>` element: nothing in it can end the element or open a comment."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def shown_trades(run: Result) -> list[Trade]:
    """The rows of the page's table: all, or the latest `TRADES`."""
    return run.last_trades(TRADES)


def plots_of(run: Result, symbol: int) -> list[Plot]:
    """What is drawn with the bars, in their scale: the program's plots, else its indicators, those in the unit of
    prices over the bars and a few others in panes of their own."""
    found = _traded_plots(run, symbol)
    return [replace(plot, values=drawn_values(plot.values, run.bars[symbol], plot.pane)) for plot in found]


def _traded_plots(run: Result, symbol: int) -> list[Plot]:
    """The plots in the scale of the day."""
    if run.plots is not None:
        return [plot for plot in run.plots if plot.symbol == symbol]
    series = run.series[symbol] if symbol < len(run.series) else {}
    chosen: list[Plot] = []
    panes = 0
    for output in run.program.outputs:
        values = series.get(output.name)
        if output.role != "indicator" or values is None:
            continue
        if output.node.unit == PRICE:
            if sum(plot.pane == "price" for plot in chosen) < PRICE_LINES:
                chosen.append(Plot(output.name, "price", values, symbol))
        elif panes < PANES:
            panes += 1
            chosen.append(Plot(output.name, output.name.partition(".")[0], values, symbol))
    return chosen


def chart_times(ts: NDArray[np.int64], is_daily: bool) -> list[int]:
    """Seconds for the time axis: the day a bar belongs to, or the instant itself."""
    seconds: list[int] = (((ts - 1) // DAY) * (DAY // SECOND) if is_daily else ts // SECOND).tolist()
    return seconds


def short(values: NDArray[Any]) -> list[float | int | None]:
    """Seven digits, None for NaN; whole numbers without a point. Truth becomes 0, None, 1."""
    if values.dtype == np.uint8:
        return [(0, None, 1)[value] for value in values.tolist()]
    return [_short(value) for value in np.asarray(values, dtype=np.float64).tolist()]


def _short(value: float | None) -> float | int | None:
    if value is None or not math.isfinite(value):
        return None
    brief = float(f"{value:.7g}")
    return int(brief) if brief.is_integer() and abs(brief) < 1e15 else brief


def _symbol(run: Result, at: int, bars: Bars, trades: list[Trade], limit: int) -> dict[str, Any]:
    is_restated = scale_of(bars) is not None
    bars = drawn_bars(bars)
    size = bucket_size(len(bars), limit)
    first, last = buckets(len(bars), size)
    is_daily = not bars.timeframe.is_fixed
    # Bars stand at their open, as on every chart; a daily bar stands at its day.
    times = chart_times(bars.ts[first] if is_daily else bars.open_ts[first], is_daily)
    columns = [short(column) for column in bucketed(bars, size)]
    plots = plots_of(run, at)
    ready = run.ready[at] if at < len(run.ready) else len(bars)
    return {
        "name": bars.symbol,
        "restated": is_restated,
        "size": size,
        "ready": int(ready) // size if 0 <= ready < len(bars) else None,
        "time": _deltas(times),
        "bars": columns[:4],
        "volume": columns[4] if np.any(bars.volume > 0) else None,
        "lines": [{"title": p.title, "pane": p.pane, "values": short(np.asarray(p.values)[last])} for p in plots],
        "details": _details(bars, plots, trades, limit) if size > 1 else [],
    }


def _details(bars: Bars, plots: list[Plot], trades: list[Trade], limit: int) -> list[dict[str, Any]]:
    """At most `limit` single bars around trades, for a closer look; those that moved most money first."""
    wanted = np.zeros(len(bars), dtype=np.bool_)
    room = limit
    for trade in sorted((t for t in trades if t.symbol == bars.symbol), key=lambda t: -abs(t.pnl)):
        low = max(trade.entry_bar - BEFORE, 0)
        end = len(bars) - 1 if trade.exit_bar is None else trade.exit_bar
        high = min(end + AFTER, low + WINDOW, len(bars) - 1)
        room -= int(np.count_nonzero(~wanted[low : high + 1]))
        if room < 0:
            break
        wanted[low : high + 1] = True
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wanted, [False])).astype(np.int8)))
    is_daily = not bars.timeframe.is_fixed
    parts = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        part = slice(start, stop)
        times = chart_times(bars.ts[part] if is_daily else bars.open_ts[part], is_daily)
        columns = [short(c[part]) for c in (bars.open, bars.high, bars.low, bars.close)]
        parts.append(
            {
                "from": start,
                "time": _deltas(times),
                "bars": columns,
                "volume": short(bars.volume[part]) if np.any(bars.volume > 0) else None,
                "lines": [short(np.asarray(plot.values)[part]) for plot in plots],
            }
        )
    return parts


def _curve(run: Result) -> dict[str, Any]:
    if run.start >= run.instants:
        return {"time": [], "equity": [], "hold": [], "drawdown": []}
    drawn = run.drawn
    at = np.union1d(extremes(drawn.equity, CURVE_POINTS // 2), extremes(drawn.hold, CURVE_POINTS // 2))
    is_daily = not run.bars[0].timeframe.is_fixed
    return {
        "time": _deltas(chart_times(drawn.ts[at], is_daily)),
        "equity": short(drawn.equity[at]),
        "hold": short(drawn.hold[at]),
        "drawdown": short(-100 * drawn.drawdown[at]),
    }


def _trades(run: Result, trades: list[Trade]) -> dict[str, Any]:
    """Columns; texts as numbers into `words`."""
    words: dict[str, int] = {}

    def word(text: str) -> int:
        return words.setdefault(text, len(words))

    numbers = {bars.symbol: at for at, bars in enumerate(run.bars)}
    multipliers = {bars.symbol: bars.instrument.multiplier for bars in run.bars}

    def share(trade: Trade) -> float:
        notional = trade.quantity * abs(trade.entry_price) * multipliers.get(trade.symbol, 1.0)
        return 100 * trade.pnl / notional if notional else float("nan")

    def scale(trade: Trade) -> float:
        return scale_of_trade(trade, run.bars[numbers[trade.symbol]]) if trade.symbol in numbers else 1.0

    columns: dict[str, list[Any]] = {
        "id": [trade.trade_id for trade in trades],
        "symbol": [numbers.get(trade.symbol, -1) for trade in trades],
        "name": [word(trade.symbol) for trade in trades],
        "long": [int(trade.side == "long") for trade in trades],
        "quantity": [_short(trade.quantity) for trade in trades],
        "entryTime": [trade.entry_ts // SECOND for trade in trades],
        "entryPrice": [_short(trade.entry_price) for trade in trades],
        "exitTime": [None if trade.exit_ts is None else trade.exit_ts // SECOND for trade in trades],
        "exitPrice": [_short(trade.exit_price) if trade.exit_price is not None else None for trade in trades],
        "scale": [_short(scale(trade)) for trade in trades],
        "pnl": [_short(trade.pnl) for trade in trades],
        "share": [_short(share(trade)) for trade in trades],
        "r": [_short(trade.r) for trade in trades],
        "mae": [_short(100 * trade.mae) for trade in trades],
        "mfe": [_short(100 * trade.mfe) for trade in trades],
        "cost": [_short(trade.commission + trade.slippage) for trade in trades],
        "bars": [trade.bars for trade in trades],
        "entryRule": [word(trade.entry_rule) for trade in trades],
        "exitRule": [word(trade.exit_rule if trade.exit_ts is not None else "open") for trade in trades],
        "tag": [word(trade.tag) for trade in trades],
        "entryBar": [trade.entry_bar for trade in trades],
        "exitBar": [trade.exit_bar for trade in trades],
        "early": [int(trade.is_before_settle) for trade in trades],
        "guess": [int(trade.is_ambiguous) for trade in trades],
    }
    return {"words": list(words), "left": run.trade_rows - len(trades), **columns}


def _stories(run: Result, trades: list[Trade]) -> dict[str, Any]:
    """Explanations by trade id, newest first until they fill their share of the page."""
    told: dict[str, Any] = {}
    room = EXPLANATION_BYTES
    for trade in reversed(trades):
        story: Story | None = run.explanations.get(trade.trade_id)
        key = str(trade.trade_id)
        if story is None or key in told:
            continue
        data = explanation_data(story)
        room -= len(json.dumps(data))
        if room < 0:
            break
        told[key] = data
    return told


def _deltas(times: list[int]) -> list[int]:
    """The first, then each distance to the one before: short text for regular bars."""
    return [now - before for now, before in zip(times, [0, *times[:-1]], strict=True)]
