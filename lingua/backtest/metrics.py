"""All figures of a run, computed when asked for. Importing this module declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lingua.backtest import comparison, costs, counts, exposure, returns, tradestats
from lingua.backtest.metric import METRICS, Metric

if TYPE_CHECKING:
    from lingua.backtest.result import Result

__all__ = ["METRICS", "Metric", "Metrics", "comparison", "costs", "counts", "exposure", "returns", "tradestats"]


class Metrics(Mapping[str, float]):
    """`metrics["sharpe"]`, computed on first use and kept. NaN where a figure is undefined; counts are ints."""

    def __init__(self, run: Result, known: dict[str, float] | None = None) -> None:
        self._run = run
        self._known = {} if known is None else known

    def __getitem__(self, name: str) -> float:
        if name not in self._known:
            declared = METRICS[name]
            value = declared.function(self._run)
            is_whole = declared.unit in ("count", "sessions") and value == value
            self._known[name] = int(value) if is_whole else value
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(METRICS)

    def __len__(self) -> int:
        return len(METRICS)

    def __repr__(self) -> str:
        return "\n".join(f"{METRICS[name].title:32} {self[name]:.6g}" for name in self)


def describe(name: str) -> str:
    """Title, formula, unit and source of one figure, for help and reference pages. KeyError when unknown."""
    one = METRICS[name]
    source = f"\nSource: {one.source}" if one.source else ""
    return f"{one.title} ({name}, {one.unit})\n  = {one.formula}{source}"


def reference() -> str:
    """Every figure as a Markdown table, for the documentation."""
    lines = ["| Name | Figure | Unit | Formula | Source |", "|---|---|---|---|---|"]
    for one in METRICS.values():
        cells = (f"`{one.name}`", one.title, one.unit, one.formula, one.source)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"
