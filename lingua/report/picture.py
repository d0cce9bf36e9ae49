"""The static picture of a run, for where a file is wanted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lingua.report.decimate import bucket_size, buckets, extremes
from lingua.report.format import figure, money, percent, price
from lingua.report.payload import plots_of
from lingua.report.scale import drawn_bars, scale_of_trade

if TYPE_CHECKING:
    from lingua.backtest.result import Result
    from lingua.trading.records import Trade

POINTS = 4_000
LOG_FROM = 4.0
"""Curves that span more than this factor get a logarithmic scale."""
LINES = ("#2f7de1", "#e08a1e", "#9b5de5", "#13a89e", "#d1495b", "#7a8b2e")
INK, DIM, LINE, UP, DOWN = "#1b1f27", "#667085", "#e3e7ee", "#0b8a68", "#cf3b53"
MISSING = "--png draws with matplotlib, which is not installed here; install it: pip install matplotlib"


def write_png(run: Result, path: str | os.PathLike[str]) -> None:
    """Price with trades, other panes, equity against buy and hold, drawdown; 1600 pixels wide.

    Raises ImportError naming matplotlib when it is missing. Draws without a display and leaves matplotlib's
    global state alone.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as problem:
        raise ImportError(MISSING) from problem
    plots = plots_of(run, 0)
    panes = list(dict.fromkeys(plot.pane for plot in plots if plot.pane != "price"))
    heights = [4.0, *(1.2 for _ in panes), 2.6, 1.1]
    picture = Figure(figsize=(16, sum(heights) + 1.4), dpi=100, facecolor="white", layout="constrained")
    FigureCanvasAgg(picture)
    axes: list[Any] = list(picture.subplots(len(heights), 1, height_ratios=heights, sharex=True))
    m = run.metrics
    stamps = f"   [{'; '.join(run.stamps)}]" if run.stamps else ""
    title = f"{run.strategy}   {', '.join(run.symbols)} {run.timeframe}{stamps}"
    facts = "   ".join(
        (
            f"return {percent(m['total_return'], 1, sign=True)}",
            f"buy and hold {percent(m['benchmark_return'], 1, sign=True)}",
            f"Sharpe {figure('sharpe', m['sharpe'])}",
            f"drawdown {percent(m['max_drawdown'], 1)}",
            f"trades {m['trades']}",
        )
    )
    # A `$` pair in a strategy's name would be read as mathematics.
    picture.suptitle(_plain(title), x=0.01, ha="left", fontsize=15, fontweight="bold", color=INK)
    axes[0].set_title(facts, loc="left", fontsize=11, color=DIM)
    _price(run, axes[0])
    for at, plot in enumerate(plots):
        axis = axes[0] if plot.pane == "price" else axes[1 + panes.index(plot.pane)]
        _line(run, axis, plot.values, _plain(plot.title), LINES[at % len(LINES)])
    for at, pane in enumerate(panes):
        axes[1 + at].set_ylabel(_plain(pane), fontsize=9, color=DIM)
    _equity(run, axes[-2], axes[-1])
    for axis in axes:
        axis.grid(color=LINE, linewidth=0.7)
        axis.tick_params(colors=DIM, labelsize=9)
        axis.yaxis.tick_right()
        axis.spines[:].set_visible(False)
        axis.margins(x=0.01)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(loc="upper left", fontsize=9, frameon=False, ncols=4)
    picture.savefig(path, format="png")


def _price(run: Result, axis: Any) -> None:
    bars = drawn_bars(run.bars[0])
    first, last = buckets(len(bars), bucket_size(len(bars), POINTS))
    if not len(first):
        return
    if np.nanmin(bars.low) > 0 and np.nanmax(bars.high) / np.nanmin(bars.low) > LOG_FROM:
        _logarithmic(axis)
    axis.yaxis.set_major_formatter(lambda value, _: price(value).removesuffix(".00"))
    times = bars.ts[last].astype("datetime64[ns]")
    axis.fill_between(
        times, np.fmin.reduceat(bars.low, first), np.fmax.reduceat(bars.high, first), color="#98a2b3", alpha=0.35, lw=0
    )
    axis.plot(times, bars.close[last], color=INK, linewidth=0.9, label=_plain(bars.symbol))
    trades = [trade for trade in run.ledger.trades if trade.symbol == bars.symbol]
    scale = {trade.trade_id: scale_of_trade(trade, run.bars[0]) for trade in trades}

    def drawn(trade: Trade) -> tuple[float, float, float]:
        end = np.nan if trade.exit_price is None else trade.exit_price
        return trade.entry_price * scale[trade.trade_id], end * scale[trade.trade_id], np.nan

    for is_win, color in ((True, UP), (False, DOWN)):
        # One line broken by gaps: thousands of separate ones would take seconds.
        ends = [trade for trade in trades if trade.exit_ts is not None and (trade.pnl >= 0) == is_win]
        stamps = [ts for trade in ends for ts in (trade.entry_ts, trade.exit_ts, trade.exit_ts)]
        prices = [value for trade in ends for value in drawn(trade)]
        axis.plot(_dates(stamps), np.asarray(prices, dtype=np.float64), color=color, linewidth=1)
    for side, marker, color in (("long", "^", UP), ("short", "v", DOWN)):
        entries = [trade for trade in trades if trade.side == side]
        size = 22 if len(trades) < 200 else 8
        axis.scatter(
            _dates([trade.entry_ts for trade in entries]),
            [trade.entry_price * scale[trade.trade_id] for trade in entries],
            size,
            color,
            marker=marker,
            zorder=3,
            linewidths=0,
        )


def _line(run: Result, axis: Any, values: Any, label: str, color: str) -> None:
    bars = run.bars[0]
    _, last = buckets(len(bars), bucket_size(len(bars), POINTS))
    kept = np.asarray(values)[last]
    if kept.dtype == np.uint8:  # truth: 0 false, 1 unknown, 2 true
        kept = np.asarray([0.0, np.nan, 1.0])[kept]
    axis.plot(bars.ts[last].astype("datetime64[ns]"), kept, color=color, linewidth=1, label=label)


def _equity(run: Result, above: Any, below: Any) -> None:
    if run.start >= len(run.clock):
        return
    clock, equity, hold = run.clock[run.start :], run.curve.values[run.start :], run.benchmark.values[run.start :]
    at = np.union1d(extremes(equity, POINTS // 2), extremes(hold, POINTS // 2))
    times = clock[at].astype("datetime64[ns]")
    above.plot(times, hold[at], color="#98a2b3", linewidth=1.2, label="buy and hold")
    above.plot(times, equity[at], color=LINES[0], linewidth=1.5, label="strategy")
    both = np.concatenate((equity, hold))
    if np.min(both) > 0 and np.max(both) / np.min(both) > LOG_FROM:
        _logarithmic(above)
    above.yaxis.set_major_formatter(lambda value, _: money(value).removesuffix(".00"))
    lost = -100 * run.curve.drawdown[run.start :][at]
    below.fill_between(times, lost, 0, color=DOWN, alpha=0.3, linewidth=0)
    below.plot(times, lost, color=DOWN, linewidth=0.8)
    below.set_ylabel("drawdown, %", fontsize=9, color=DIM)


def _dates(ts: Sequence[int | None]) -> NDArray[np.datetime64]:
    return np.asarray(ts, dtype=np.int64).astype("datetime64[ns]")


def _logarithmic(axis: Any) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    axis.set_yscale("log")
    axis.yaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axis.yaxis.set_minor_locator(NullLocator())


def _plain(text: str) -> str:
    return text.replace("$", r"\$").replace("_", r"\_") if "$" in text else text
