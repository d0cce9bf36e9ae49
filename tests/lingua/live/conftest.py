"""Bars made by rule, and strategies over them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from lingua.data.actions import factor_of
from lingua.data.bars import Action, Bars
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

HOUR = 3_600_000_000_000
START = 1_704_067_200_000_000_000

Make = Callable[..., Bars]


@pytest.fixture
def make() -> Make:
    def bars(
        n: int,
        symbol: str = "AAA",
        timeframe: str = "1h",
        *,
        closes: Sequence[float] = (),
        missing: Sequence[int] = (),
        actions: Sequence[Action] = (),
        volume: float = 1e9,
    ) -> Bars:
        """`n` bars that swing by the hour; `missing` leaves out bars by number."""
        step = Timeframe.parse(timeframe).seconds * 10**9
        keep = np.array([k not in set(missing) for k in range(n)])
        opened = START + step * np.arange(n, dtype=np.int64)
        close = np.array(closes or [100.0 + 5.0 * math.sin(k / 3.0) + 0.01 * k for k in range(n)])
        before = np.concatenate((close[:1], close[:-1]))
        made = Bars(
            symbol, Timeframe.parse(timeframe), (opened + step)[keep], opened[keep], before[keep],
            np.maximum(before, close)[keep] + 0.5, np.minimum(before, close)[keep] - 0.5, close[keep],
            np.full(int(keep.sum()), volume), Instrument(symbol, kind="stock", tick=0.01, lot=1.0),
            actions=tuple(actions), factor=factor_of(tuple(actions), (opened + step)[keep]),
        )  # fmt: skip
        return made

    return bars
