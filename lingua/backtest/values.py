"""The named series of a program as CSV: what `lingua values` writes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.tables import cells, time_cells, write_csv
from lingua.data.bars import Bars


def write_values(
    path: str | os.PathLike[str], bars: Sequence[Bars], series: Sequence[Mapping[str, NDArray[np.generic]]]
) -> None:
    """One row a bar: `time`, then every series in order; floats with every digit, empty for `na`, uint8 truth as
    `true`, `false` or empty.

    With several symbols a column `symbol` follows `time`; rows are in order of time, symbols in source order.
    """
    names = list(series[0]) if series else []
    blocks = [[cells(np.asarray(values[name])) for name in names] for values in series]
    stamps = [np.asarray(one.ts, dtype=np.int64) for one in bars]
    if len(bars) == 1:
        write_csv(path, ["time", *names], [time_cells(stamps[0]), *blocks[0]])
        return
    order = np.argsort(np.concatenate(stamps), kind="stable").tolist() if bars else []
    times = time_cells(np.concatenate(stamps)) if bars else []
    symbols = [cell for one in bars for cell in cells([one.symbol]) * len(one)]
    joined = [times, symbols, *([cell for block in blocks for cell in block[at]] for at in range(len(names)))]
    write_csv(path, ["time", "symbol", *names], [[column[at] for at in order] for column in joined])
