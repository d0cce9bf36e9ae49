"""The pictures of a search as SVG text, in the style of the backtest's report."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from statistics import median

import numpy as np

from lingua.backtest.curve import Floats, Indices
from lingua.ir.program import ParamValue
from lingua.optimize.importance import importance
from lingua.optimize.outcome import Outcome
from lingua.optimize.space import Dimension
from lingua.semantics.overrides import value_text

WIDTH, HEIGHT = 520, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 14, 36
LINES = 400
"""Lines drawn at most, the best ones among them."""
COLUMNS = 24
"""Columns and rows of a heat map at most; values beyond are put together."""


def heat_map(outcome: Outcome) -> str:
    """The two parameters that decide most, against each other: the median objective in each cell; "" with fewer."""
    across, up = _two(outcome) or (None, None)
    if across is None or up is None:
        return ""
    cells: dict[tuple[int, int], list[float]] = {}
    columns, rows = _ticks(across), _ticks(up)
    scores = outcome.scores()
    for record, score in zip(outcome.records, scores.tolist(), strict=True):
        if score == score:
            key = (_place(columns, across, record.values[across.name]), _place(rows, up, record.values[up.name]))
            cells.setdefault(key, []).append(float(record.overall[0]))
    if not cells:
        return ""
    goal = outcome.task.objectives[0]
    values = {key: median(found) for key, found in cells.items()}
    low, high = min(values.values()), max(values.values())
    w, h = (WIDTH - LEFT - RIGHT) / len(columns), (HEIGHT - TOP - BOTTOM) / len(rows)
    parts = []
    for (i, j), value in sorted(values.items()):
        share = (value - low) / (high - low) if high > low else 1.0
        share = share if goal.maximize else 1.0 - share
        title = f"{across.name}={_text(columns[i])} {up.name}={_text(rows[j])}: {value:.4g}"
        parts.append(
            f'<rect x="{LEFT + i * w:.1f}" y="{HEIGHT - BOTTOM - (j + 1) * h:.1f}" width="{w - 1:.1f}" '
            f'height="{h - 1:.1f}" style="fill:rgba(var(--up-rgb),{0.06 + 0.94 * share:.3f})">'
            f"<title>{escape(title)}</title></rect>"
        )
    if outcome.best is not None:
        best = outcome.records[outcome.best].values
        i, j = _place(columns, across, best[across.name]), _place(rows, up, best[up.name])
        parts.append(
            f'<rect x="{LEFT + i * w:.1f}" y="{HEIGHT - BOTTOM - (j + 1) * h:.1f}" width="{w - 1:.1f}" '
            f'height="{h - 1:.1f}" style="fill:none;stroke:var(--accent);stroke-width:2"/>'
        )
    parts += [_below(LEFT + (i + 0.5) * w, _text(v)) for i, v in _some(columns, 10)]
    parts += [_beside(HEIGHT - BOTTOM - (j + 0.5) * h, _text(v)) for j, v in _some(rows, 12)]
    parts.append(_label(f"{across.name} (up: {up.name}); the deeper, the better {goal.text}"))
    return _svg("Heat map of two parameters", parts)


def parallel_coordinates(outcome: Outcome) -> str:
    """One line a trial through its parameters to its objective; "" with fewer than two trials."""
    dimensions = outcome.task.space.dimensions
    scores = outcome.scores()
    defined = [k for k in range(len(scores)) if scores[k] == scores[k]]
    if len(defined) < 2:
        return ""
    ranked = sorted(defined, key=lambda k: (scores[k], k))
    kept = ranked[:: max(1, -(-len(ranked) // LINES))]
    kept += [k for k in ranked[-10:] if k not in kept]
    low, high = float(scores[ranked[0]]), float(scores[ranked[-1]])
    xs = [LEFT + (WIDTH - LEFT - RIGHT) * k / len(dimensions) for k in range(len(dimensions) + 1)]

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>' for x in xs]
    for k in kept:
        share = (float(scores[k]) - low) / (high - low) if high > low else 1.0
        record = outcome.records[k]
        places = [_height(each, record.values[each.name]) for each in dimensions]
        points = " ".join(f"{x:.1f},{y(p):.1f}" for x, p in zip(xs, [*places, share], strict=True))
        title = " ".join(f"{name}={_text(value)}" for name, value in record.values.items())
        parts.append(
            f'<polyline points="{points}" style="fill:none;stroke:rgba(var(--up-rgb),{0.05 + 0.85 * share**3:.3f})">'
            f"<title>{escape(title)}: {float(record.overall[0]):.4g}</title></polyline>"
        )
    names = [*(each.name for each in dimensions), outcome.task.objectives[0].text]
    for k, (x, name) in enumerate(zip(xs, names, strict=True)):
        anchor = "start" if k == 0 else "end" if k == len(xs) - 1 else "middle"
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="{anchor}">{escape(name)}</text>')
    return _svg("Parallel coordinates of all trials", parts)


def importance_bars(outcome: Outcome) -> str:
    """How much each parameter decides by itself; "" where that is not known."""
    found = {name: value for name, value in importance(outcome).items() if value == value}
    if not found:
        return ""
    height = 26
    parts = []
    for k, (name, value) in enumerate(sorted(found.items(), key=lambda item: -item[1])):
        width = (WIDTH - 220) * value
        parts.append(
            f'<text x="120" y="{k * height + 20}" text-anchor="end">{escape(name[:18])}</text>'
            f'<rect class="up" x="128" y="{k * height + 8}" width="{max(width, 1):.1f}" height="16"/>'
            f'<text x="{136 + width:.1f}" y="{k * height + 20}">{value:.0%}</text>'
        )
    return _svg("Importance", parts, len(found) * height + 10)


def fold_equities(outcome: Outcome) -> str:
    """What each test earned, one line a fold, and all of them one after the other; "" without any."""
    lines: list[tuple[str, Floats, int]] = []
    for each in outcome.folds:
        if each.chosen is None:
            continue
        returns = outcome.records[each.chosen].returns
        for a, b in each.fold.test:
            title = f"fold {each.fold.number}, {outcome.day(a)} to {outcome.day(b)}"
            lines.append((title, _curve(returns[a:b]), a))
    if not lines:
        return ""
    whole = [(f"path {k + 1}", _curve(path.returns)) for k, path in enumerate(outcome.paths)] or [
        ("tests together", _curve(outcome.stitched.returns))
    ]
    first = min(a for _, _, a in lines)
    last = max(a + len(curve) - 1 for _, curve, a in lines)
    values = np.concatenate([*(curve for _, curve, _ in lines), *(curve for _, curve in whole)])
    low, high = float(values.min()), float(values.max())

    def points(curve: Floats, begin: int) -> str:
        step = max(1, len(curve) // 300)
        kept = [*range(0, len(curve) - 1, step), len(curve) - 1]
        return " ".join(f"{_x(begin + k, first, last):.1f},{_y(float(curve[k]), low, high):.1f}" for k in kept)

    parts = [_grid(low, high)]
    for title, curve, begin in lines:
        kind = "up" if curve[-1] >= 1 else "down"
        parts.append(_line(points(curve, begin), f"var(--{kind})", f"{title}: {curve[-1] - 1:+.1%}"))
    for title, curve in whole:
        parts.append(_line(points(curve, first), "var(--accent)", f"{title}: {curve[-1] - 1:+.1%}", 1.6))
    parts.append(_label(f"{outcome.day(first)} to {outcome.day(last)}; blue: the tests one after the other"))
    return _svg("Equity of the tests", parts)


def pareto_front(outcome: Outcome) -> str:
    """Two objectives against each other, those that nothing beats in both marked; "" with one objective."""
    goals = outcome.task.objectives
    if len(goals) < 2:
        return ""
    points = [(k, float(r.overall[0]), float(r.overall[1])) for k, r in enumerate(outcome.records)]
    points = [point for point in points if point[1] == point[1] and point[2] == point[2]]
    if not points:
        return ""
    xs, ys = [x for _, x, _ in points], [y for _, _, y in points]
    front = set(outcome.front)
    parts = [_grid(min(ys), max(ys))]
    for k, x, y in sorted(points, key=lambda point: point[0] in front):
        at = _x(x, min(xs), max(xs))
        kind = "up" if k in front else "hold"
        title = " ".join(f"{name}={_text(value)}" for name, value in outcome.records[k].values.items())
        parts.append(
            f'<circle cx="{at:.1f}" cy="{_y(y, min(ys), max(ys)):.1f}" r="{4 if k in front else 2.5}" '
            f'style="fill:var(--{kind})"><title>{escape(title)}: {x:.4g}, {y:.4g}</title></circle>'
        )
    parts += [_below(LEFT, f"{min(xs):.3g}"), _below(WIDTH - RIGHT - 12, f"{max(xs):.3g}")]
    parts.append(_label(f"{goals[0].text} (up: {goals[1].text})"))
    return _svg("Pareto front", parts)


def logit_histogram(outcome: Outcome) -> str:
    """Where the best of one half of the time ends in the other: left of the line in the lower half; "" if unknown."""
    logits = outcome.overfitting.logits
    if not len(logits):
        return ""
    counts, edges = np.histogram(logits, bins=30)
    low, high = float(edges[0]), float(edges[-1])
    width = (WIDTH - LEFT - RIGHT) / len(counts)
    parts = []
    for k, count in enumerate(counts.tolist()):
        height = (HEIGHT - TOP - BOTTOM) * count / max(1, int(counts.max()))
        kind = "down" if (edges[k] + edges[k + 1]) / 2 <= 0 else "up"
        parts.append(
            f'<rect class="{kind}" x="{LEFT + k * width:.1f}" y="{HEIGHT - BOTTOM - height:.1f}" '
            f'width="{max(width - 1, 0.5):.1f}" height="{height:.1f}"><title>{count:,}</title></rect>'
        )
    if low < 0 < high:
        x = LEFT + (WIDTH - LEFT - RIGHT) * (0 - low) / (high - low)
        parts.append(f'<line class="mean" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
    parts.append(_label("logit of the rank in the other half; left of the line: overfitted"))
    return _svg("Ranks out of sample", parts)


def _two(outcome: Outcome) -> tuple[Dimension, Dimension] | None:
    dimensions = [each for each in outcome.task.space.dimensions if len(each.values) > 1]
    if len(dimensions) < 2:
        return None
    weight = importance(outcome)
    order = sorted(range(len(dimensions)), key=lambda k: (-(weight[dimensions[k].name] or 0.0), k))
    if any(weight[each.name] != weight[each.name] for each in dimensions):
        order = list(range(len(dimensions)))
    first, second = sorted(order[:2])
    return dimensions[first], dimensions[second]


def _ticks(each: Dimension) -> Sequence[ParamValue]:
    """The values of a heat map's columns: all of them, or as many as can be told apart."""
    if len(each.values) <= COLUMNS or not each.is_ordered:
        return each.values
    return [each.values[round(k * (len(each.values) - 1) / (COLUMNS - 1))] for k in range(COLUMNS)]


def _place(ticks: Sequence[ParamValue], each: Dimension, value: ParamValue) -> int:
    if not each.is_ordered:
        return list(ticks).index(value)
    return min(range(len(ticks)), key=lambda k: (abs(float(ticks[k]) - float(value)), k))


def _height(each: Dimension, value: ParamValue) -> float:
    if not each.is_ordered:
        return each.values.index(value) / max(1, len(each.values) - 1)
    low, high = float(each.values[0]), float(each.values[-1])
    return (float(value) - low) / (high - low) if high > low else 0.5


def _curve(returns: Floats) -> Floats:
    curve: Floats = np.cumprod(np.concatenate((np.ones(1), 1.0 + returns)), dtype=np.float64)
    return curve


def _text(value: ParamValue) -> str:
    return value_text(float(f"{value:.6g}") if isinstance(value, float) else value)


def _some(values: Sequence[ParamValue], most: int) -> list[tuple[int, ParamValue]]:
    step = max(1, -(-len(values) // most))
    return [(k, values[k]) for k in range(0, len(values), step)]


def _x(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _y(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _grid(low: float, high: float) -> str:
    found = []
    for k in range(5):
        value = low + (high - low) * k / 4
        y = _y(value, low, high)
        found.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        found.append(_beside(y, f"{value:.3g}"))
    return "".join(found)


def _line(points: str, colour: str, title: str, width: float = 1.0) -> str:
    return (
        f'<polyline points="{points}" style="fill:none;stroke:{colour};stroke-width:{width}">'
        f"<title>{escape(title)}</title></polyline>"
    )


def _beside(y: float, text: str) -> str:
    return f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>'


def _below(x: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{escape(text)}</text>'


def _label(text: str) -> str:
    middle = (LEFT + WIDTH - RIGHT) / 2
    return f'<text class="label" x="{middle}" y="{HEIGHT - 4}" text-anchor="middle">{escape(text)}</text>'


def _svg(title: str, parts: list[str], height: int = HEIGHT) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">{"".join(parts)}</svg>'


def band_chart(title: str, steps: Indices, bands: Floats, curve: Floats) -> str:
    """Equity bands (levels, points) over `steps`, the outer and the inner one filled, the median, and `curve`, which
    is what happened."""
    last = int(steps[-1]) if len(steps) else 0
    if last < 1:
        return ""
    low, high = float(min(bands.min(), curve.min())), float(max(bands.max(), curve.max()))

    def line(values: Floats, places: list[int]) -> list[str]:
        found = zip(places, values.tolist(), strict=True)
        return [f"{_x(k, 0, last):.1f},{_y(value, low, high):.1f}" for k, value in found]

    at = steps.tolist()
    parts = [_grid(low, high)]
    for lower, upper, deep in ((0, 4, 0.12), (1, 3, 0.22)):
        points = " ".join([*line(bands[lower], at), *reversed(line(bands[upper], at))])
        parts.append(f'<polygon points="{points}" style="fill:rgba(var(--up-rgb),{deep})"/>')
    parts.append(_line(" ".join(line(bands[2], at)), "var(--up)", "median"))
    kept = [k for k in at if k < len(curve)]
    parts.append(_line(" ".join(line(curve[kept], kept)), "var(--accent)", "as it was", 1.6))
    parts.append(_label("equity, 1 at the start; blue: as it was; shaded: 5 to 95 % and 25 to 75 %"))
    return _svg(title, parts)
