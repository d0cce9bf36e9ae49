"""What is kept of one combination: values, figures, how it did in every fold, and its session returns."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.ir.program import ParamValue
from lingua.optimize.objective import Objective

FIGURES: tuple[str, ...] = (
    "sharpe", "sortino", "total_return", "annual_return", "max_drawdown", "trades", "win_rate", "profit_factor",
    "exposure", "final_equity",
)  # fmt: skip
"""Figures kept of every combination, whatever the objective reads."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Record:
    """`overall` (objectives,) over all sessions; `train` and `test` (folds, objectives); `trades` (folds,) whole trades
    in each test; `returns` (sessions,). NaN where undefined. `problem` says why a combination could not run."""

    values: dict[str, ParamValue]
    overall: Floats
    train: Floats
    test: Floats
    trades: tuple[int, ...]
    figures: dict[str, float]
    returns: Floats
    problem: str = ""

    @classmethod
    def failed(
        cls, values: dict[str, ParamValue], problem: str, sessions: int, folds: int, objectives: Sequence[Objective]
    ) -> Record:
        none = np.full((folds, len(objectives)), np.nan)
        figures = dict.fromkeys(FIGURES, math.nan)
        return cls(
            values, np.full(len(objectives), np.nan), none, none, (0,) * folds, figures, np.zeros(sessions), problem
        )

    @property
    def key(self) -> str:
        return key_of(self.values)

    def to_row(self) -> tuple[str, bytes]:
        """As stored: JSON without the returns, and these as little-endian float64."""
        held: dict[str, Any] = {
            "values": self.values,
            "overall": _nulls(self.overall),
            "train": _nulls(self.train),
            "test": _nulls(self.test),
            "trades": list(self.trades),
            "figures": {name: _null(value) for name, value in self.figures.items()},
            "problem": self.problem,
        }
        return json.dumps(held, allow_nan=False), self.returns.astype("<f8").tobytes()

    @classmethod
    def from_row(cls, text: str, returns: bytes) -> Record:
        held = json.loads(text)
        width = len(held["overall"])
        return cls(
            held["values"],
            _floats(held["overall"]),
            _floats(held["train"]).reshape(-1, width),
            _floats(held["test"]).reshape(-1, width),
            tuple(held["trades"]),
            {name: math.nan if value is None else value for name, value in held["figures"].items()},
            np.frombuffer(returns, dtype="<f8").astype(np.float64),
            held["problem"],
        )


def key_of(values: dict[str, ParamValue]) -> str:
    """The same text for the same combination, whatever order its names come in."""
    return json.dumps(values, sort_keys=True, allow_nan=False)


def _null(value: float) -> float | None:
    return None if value != value else float(value)


def _nulls(values: Floats) -> Any:
    return [_nulls(each) if isinstance(each, np.ndarray) else _null(float(each)) for each in values]


def _floats(values: Any) -> Floats:
    return np.array(values, dtype=np.float64)  # None becomes NaN
