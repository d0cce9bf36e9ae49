"""Small pictures drawn as SVG text: the distribution of trades, and how far they ran against and for the trader."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lingua.backtest.result import Result

WIDTH, HEIGHT = 520, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 34
POINTS = 1_500
"""Dots drawn at most; the ones in between are left out evenly."""


def distribution_svg(run: Result) -> str:
    """Histogram of closed trades by net result in percent of the money put in; "" with fewer than two trades."""
    every = run.trips.closed.result_bp / 100
    results = every[np.isfinite(every)]
    if len(results) < 2:
        return ""
    # The outer one percent on each side shares the last bars, so that one jackpot does not flatten the rest.
    low, high = (float(np.quantile(results, q)) for q in (0.01, 0.99))
    low, high = min(low, 0.0), max(high, 0.0)
    step = _nice((high - low) / min(max(len(results) // 3, 8), 36) or 1.0)
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    edges = np.arange(first, last + 1) * step
    counts, _ = np.histogram(np.clip(results, edges[0], edges[-1]), edges)
    x = _scale(float(edges[0]), float(edges[-1]), LEFT, WIDTH - RIGHT)
    y = _scale(0, max(int(counts.max()), 1), HEIGHT - BOTTOM, TOP)
    parts = [_grid_y(0, int(counts.max()), y)]
    for at, number in enumerate(counts.tolist()):
        if number:
            left, right = x(float(edges[at])), x(float(edges[at + 1]))
            kind = "up" if edges[at] >= -1e-12 else "down"
            title = f"<title>{edges[at]:.4g} to {edges[at + 1]:.4g} %: {number} trades</title>"
            parts.append(
                f'<rect class="{kind}" x="{left + 0.5:.1f}" y="{y(number):.1f}" width="{max(right - left - 1, 1):.1f}" '
                f'height="{y(0) - y(number):.1f}">{title}</rect>'
            )
    parts.append(_axis_x(float(edges[0]), float(edges[-1]), x, "net result, % of entry notional"))
    average = float(np.mean(results))
    if edges[0] <= average <= edges[-1]:
        at_x = x(average)
        parts.append(f'<line class="mean" x1="{at_x:.1f}" x2="{at_x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
    return _svg("Distribution of trades by net result", parts)


def excursion_svg(run: Result) -> str:
    """One dot a closed trade: across, the worst excursion against it; up, the best one for it; "" without any."""
    closed = run.trips.closed
    trips = closed.take(np.isfinite(closed.mae) & np.isfinite(closed.mfe))
    if len(trips) < 2:
        return ""
    trips = trips.take(slice(None, None, max(1, -(-len(trips) // POINTS))))
    worst, best = float(trips.mae.max()) * 100 or 1.0, float(trips.mfe.max()) * 100 or 1.0
    x, y = _scale(0, worst, LEFT, WIDTH - RIGHT), _scale(0, best, HEIGHT - BOTTOM, TOP)
    parts = [_grid_y(0, best, y)]
    columns = (trips.trade_id, trips.mae, trips.mfe, trips.pnl, trips.result_bp)
    for number, mae, mfe, pnl, bp in zip(*(column.tolist() for column in columns), strict=True):
        kind = "up" if pnl > 0 else "down"
        title = f"<title>#{number}: {mae:.2%} against, {mfe:.2%} for, net {bp / 100:.2f} %</title>"
        parts.append(f'<circle class="{kind}" cx="{x(100 * mae):.1f}" cy="{y(100 * mfe):.1f}" r="3">{title}</circle>')
    parts.append(_axis_x(0, worst, x, "worst excursion, % (up: best excursion, %)"))
    return _svg("Worst and best excursion of each trade", parts)


def _svg(title: str, parts: list[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">{"".join(parts)}</svg>'


class _scale:
    """A linear map from values to places on the picture."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.start = low, start
        self.factor = (end - start) / ((high - low) or 1.0)

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) * self.factor


def _nice(step: float) -> float:
    """The next of 1, 2, 5 times a power of ten at or above `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= step * (1 - 1e-9))


def _ticks(low: float, high: float, about: int) -> list[float]:
    step = _nice((high - low) / about) if high > low else 1.0
    return [number * step for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _grid_y(low: float, high: float, y: _scale) -> str:
    whole = isinstance(high, int)
    return "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
        f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.4g}</text>'
        for tick in _ticks(low, high, 4)
        if not whole or tick == round(tick)
    )


def _axis_x(low: float, high: float, x: _scale, label: str) -> str:
    base = HEIGHT - BOTTOM
    ticks = "".join(
        f'<text x="{x(tick):.1f}" y="{base + 15}" text-anchor="middle">{tick:.4g}</text>'
        for tick in _ticks(low, high, 8)
    )
    middle = (LEFT + WIDTH - RIGHT) / 2
    return (
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>{ticks}'
        f'<text class="label" x="{middle}" y="{HEIGHT - 3}" text-anchor="middle">{label}</text>'
    )
