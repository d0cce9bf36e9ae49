"""Splits and dividends: read, and turned into the factor by which series see prices.

A split of 1 in the actions file names a large move that is real, so that it is not taken for a split.

The factor of a bar is the product of all splits up to it. `price * factor` therefore has one scale from the first bar
on and never changes when a later split happens, which is what keeps a series free of the future.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.bars import Action, Bars, Floats
from lingua.data.errors import DataError

DAY_NS = 86_400 * 10**9
LARGEST_MOVE = 0.4


def actions_beside(path: Path, name: str) -> tuple[Action, ...]:
    """Actions of `NAME.actions.csv` in the folder of the bars; none when there is no such file."""
    beside = path.with_name(f"{name}.actions.csv")
    return load_actions(beside) if beside.exists() else ()


def load_actions(path: Path) -> tuple[Action, ...]:
    """`date,split,dividend` rows, or a factor file of LEAN (date, price factor, split factor, reference price). A split
    of 2 is two new shares for one. Raises DataError."""
    from lingua.data.stamps import parse_one

    rows = [line.strip().split(",") for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    if rows and rows[0][0].strip().lower() != "date":
        return _lean(rows, path)
    found = []
    for number, row in enumerate(rows[1:], 2):
        try:
            split = float(row[1]) if len(row) > 1 and row[1].strip() else 1.0
            dividend = float(row[2]) if len(row) > 2 and row[2].strip() else 0.0
            found.append(Action(parse_one(row[0].strip(), "UTC"), split, dividend))
        except (ValueError, IndexError):
            raise DataError(
                "this is not `date,split,dividend`", file=str(path), rows=[number], mend="write for example 2005-02-28,2,"
            ) from None
        if not found[-1].split > 0 or not np.isfinite(found[-1].split):
            raise DataError("a split must be a positive factor", file=str(path), rows=[number], mend="write 2 for two for one")
    return tuple(sorted(found, key=lambda action: action.ts))


def _lean(rows: list[list[str]], path: Path) -> tuple[Action, ...]:
    """Factors hold up to their date: a change between two rows happens on the next trading day, so after the earlier."""
    from lingua.data.stamps import parse_one

    table = []
    for number, row in enumerate(rows, 1):
        try:
            table.append((parse_one(row[0], "UTC"), float(row[1]), float(row[2]), float(row[3]) if len(row) > 3 else 0.0))
        except (ValueError, IndexError):
            raise DataError("this is not a row of a factor file", file=str(path), rows=[number], mend="check the file") from None
    table.sort()
    found = []
    for (ts, price, split, reference), (_, later_price, later_split, _) in zip(table, table[1:], strict=False):
        ratio = later_split / split if split else 1.0
        dividend = reference * (1.0 - price / later_price) if later_price and reference else 0.0
        if abs(ratio - 1.0) > 1e-9 or dividend > 1e-9:
            found.append(Action(ts + DAY_NS, ratio, max(dividend, 0.0)))
    return tuple(found)


def factor_of(actions: Sequence[Action], close_ts: Any) -> Floats | None:
    """(n,) product of the splits that took effect by each bar; None without splits."""
    splits = [action for action in actions if action.split != 1.0]
    if not splits:
        return None
    factor = np.ones(len(close_ts))
    for action in splits:
        factor[np.asarray(close_ts) > action.ts] *= action.split
    return factor


def refuse_jumps(bars: Bars) -> None:
    """Raises DataError where a stock moves more than 40 % from one session's close to the next open and no split says
    why."""
    if bars.instrument.kind != "stock" or len(bars) < 2:
        return
    factor = np.ones(len(bars)) if bars.factor is None else bars.factor
    close, opened = bars.close[:-1] * factor[:-1], bars.open[1:] * factor[1:]
    with np.errstate(all="ignore"):
        move = opened / close - 1.0
    jumps = np.flatnonzero(np.abs(move) > LARGEST_MOVE)
    known = np.array([action.ts for action in bars.actions], dtype=np.int64)
    # A row of the actions file on that day, even one with a split of 1, says that the move is real.
    jumps = np.array(
        [j for j in jumps if not ((known >= bars.ts[j]) & (known <= bars.ts[j + 1])).any()], dtype=np.int64
    )
    if len(jumps):
        k = int(jumps[0]) + 1
        when = str(np.datetime64(int(bars.ts[k]), "ns"))[:10]
        raise DataError(
            f"{bars.symbol} opens {move[k - 1]:+.0%} away from the last close on {when} "
            f"({bars.close[k - 1]:g} to {bars.open[k]:g}): an unexplained split, or a wrong price",
            file=bars.source, rows=[int(j) + 3 for j in jumps],
            mend=f"add to {bars.symbol}.actions.csv `{when},2,` for two for one, or `{when},1,` if the move is real; "
            "or pass --allow-jumps",
        )  # fmt: skip
