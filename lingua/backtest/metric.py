"""How a figure is declared: once, with its formula, unit and source; reports, JSON and help all read this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lingua.backtest.result import Result

Unit = Literal["share", "ratio", "money", "bp", "R", "bars", "days", "sessions", "count", "times"]
"""share: 0.1 is 10 %; ratio: a plain number; bp: hundredths of a percent; times: multiples of equity."""

Group = Literal["return", "risk", "trades", "costs", "exposure", "benchmark", "counts"]
Function = Callable[["Result"], float]


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    title: str
    formula: str
    unit: Unit
    group: Group
    source: str
    function: Function


METRICS: dict[str, Metric] = {}
"""Every figure by name, in the order in which the modules of `lingua.backtest.metrics` declare them."""


def metric(title: str, formula: str, *, unit: Unit, group: Group, source: str = "") -> Callable[[Function], Function]:
    """Declare the decorated function as a figure under its own name.

    The function takes a `Result` and gives a float, NaN where the figure is undefined.
    """

    def declare(function: Function) -> Function:
        name = function.__name__
        if name in METRICS:
            raise ValueError(f"metric {name} is declared twice")
        METRICS[name] = Metric(name, title, formula, unit, group, source, function)
        return function

    return declare
