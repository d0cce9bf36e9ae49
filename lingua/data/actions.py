"""Splits and dividends: read, and turned into the factor by which series see prices.

The factor of a bar is the product of all splits up to it. `price * factor` therefore has one scale from the first bar
on and never changes when a later split happens, which is what keeps a series free of the future; the usual way, which
divides the past by splits still to come, does not. Orders, fees and cash use the prices as traded, without the factor.
Dividends are paid in cash and leave the series alone.

A split of 1 in the actions file names a large move that is real, so that it is not taken for a split.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.bars import Action, Bars, Floats
from lingua.data.calendars import calendar, session_of
from lingua.data.errors import DataError
from lingua.data.zones import to_utc

DAY_NS = 86_400 * 10**9
LARGEST_MOVE = 0.4


def actions_beside(path: Path, name: str) -> tuple[Action, ...]:
    """Actions of `NAME.actions.csv` in the folder of the bars; none when there is no such file."""
    if any(character in name for character in "/\\:\0"):
        return ()
    beside = path.with_name(f"{name}.actions.csv")
    return load_actions(beside) if beside.is_file() else ()


def load_actions(path: Path) -> tuple[Action, ...]:
    """`date,split,dividend` rows, or a factor file of LEAN (date, price factor, split factor, reference price). A split
    of 2 is two new shares for one, a dividend cash per share as held before a split of that day. Raises DataError."""
    from lingua.data.packed import decoded

    try:
        text = decoded(path.read_bytes(), str(path))
    except OSError as problem:
        raise DataError(
            f"it cannot be read: {problem.strerror or problem}", file=str(path), mend="check the path"
        ) from None
    try:
        rows = [(number, row) for number, row in enumerate(csv.reader(text.splitlines()), 1) if any(row)]
    except csv.Error as problem:
        raise DataError(
            f"it cannot be read: {problem}", file=str(path), mend="write `date,split,dividend` rows"
        ) from None
    if not rows:
        return ()
    header = [name.strip().lower() for name in rows[0][1]]
    if header[0] not in ("date", "ex_date", "ex-date"):
        return _lean(rows, path)
    unknown = set(header[1:]) - {"split", "dividend", "note", ""}
    if unknown:
        raise DataError(
            f"`{min(unknown)}` is not a column of an actions file", file=str(path), rows=[1],
            mend="the columns are date, split, dividend, and note if you like",
        )  # fmt: skip
    found = [_row(dict(zip(header, row, strict=False)), number, path) for number, row in rows[1:]]
    return tuple(sorted(found, key=lambda action: action.ts))


def _row(cells: dict[str, str], number: int, path: Path) -> Action:
    try:
        split = _split(cells.get("split", "").strip())
        dividend = float(cells.get("dividend", "").strip() or 0.0)
        action = Action(_date(next(iter(cells.values()))), split, dividend)
    except (ValueError, ZeroDivisionError):
        raise DataError(
            "this is not `date,split,dividend`", file=str(path), rows=[number], mend="write for example 2005-02-28,2,"
        ) from None
    if not (0 < action.split < 1e6 and 0 <= action.dividend < 1e9):
        raise DataError(
            "a split is a positive factor, a dividend is not negative", file=str(path), rows=[number],
            mend="write 2 for two for one, 0.1 for one for ten",
        )  # fmt: skip
    return action


def _split(text: str) -> float:
    """`2`, `0.5`, and `3:2` for three new shares for two."""
    new, colon, old = text.partition(":")
    return (float(new) / float(old) if colon else float(text)) if text else 1.0


def _date(text: str) -> int:
    from lingua.data.stamps import parse_one

    return parse_one(text.strip(), "UTC")


def _lean(rows: list[tuple[int, list[str]]], path: Path) -> tuple[Action, ...]:
    """Factors hold up to their date: a change between two rows happens after the earlier one, on the next session."""
    table = []
    for number, row in rows:
        try:
            values = [float(field) for field in row[1:4]]
            table.append((_date(row[0]), values[0], values[1], values[2] if len(values) > 2 else 0.0))
            if not all(np.isfinite(values)) or values[0] <= 0 or values[1] <= 0:
                raise ValueError(row)
        except (ValueError, IndexError):
            raise DataError(
                "this is neither `date,split,dividend` nor a row of a factor file", file=str(path), rows=[number],
                mend="begin the file with the line `date,split,dividend`",
            ) from None  # fmt: skip
    table.sort()
    found = []
    for (ts, price, split, reference), (_, later_price, later_split, _) in pairwise(table):
        # Factors are written with seven digits; splits are ratios of small numbers.
        ratio = later_split / split
        exact = float(Fraction(ratio).limit_denominator(50))
        if abs(ratio / exact - 1.0) < 1e-4:
            ratio = exact
        dividend = reference * (1.0 - price / later_price)
        if ratio != 1.0 or dividend > 1e-9:
            found.append(Action(ts + DAY_NS, ratio, max(dividend, 0.0)))
    return tuple(found)


def at_exchange(actions: Sequence[Action], name: str) -> tuple[Action, ...]:
    """Actions on a date take effect when that date begins on the exchange's clocks: before its first trade, after the
    last trade of the evening before. A `ts` that is no midnight is an instant and stays."""
    zone = calendar(name).zone
    moved = [
        replace(action, ts=int(to_utc(np.array([action.ts]), zone)[0])) if action.ts % DAY_NS == 0 else action
        for action in actions
    ]
    return tuple(sorted(moved, key=lambda action: action.ts))


def factor_of(actions: Sequence[Action], close_ts: Any) -> Floats | None:
    """(n,) product of the splits that took effect by each bar; None without splits."""
    splits = [action for action in actions if action.split != 1.0]
    if not splits:
        return None
    factor = np.ones(len(close_ts))
    for action in splits:
        factor[np.asarray(close_ts) > action.ts] *= action.split
    return factor


def jumps_of(bars: Bars) -> list[tuple[int, float]]:
    """(bar, move) where a stock opens more than 40 % away from the close of the session before and no action of that
    day says why."""
    if bars.instrument.kind != "stock" or len(bars) < 2:
        return []
    factor = np.ones(len(bars)) if bars.factor is None else bars.factor
    valid = np.flatnonzero(~np.isnan(bars.close))
    before, after = valid[:-1], valid[1:]
    with np.errstate(all="ignore"):
        move = bars.open[after] * factor[after] / (bars.close[before] * factor[before]) - 1.0
    sessions = session_of(bars.ts, bars.instrument.calendar)
    far = np.flatnonzero((np.abs(move) > LARGEST_MOVE) & (sessions[after] != sessions[before]))
    known = np.array([action.ts for action in bars.actions], dtype=np.int64)
    found = []
    for k in far:
        since, until = bars.ts[before[k]], bars.ts[after[k]]
        # A row of the actions file on that day, even one with a split of 1, says that the move is real.
        if not ((known >= since) & (known < until)).any():
            found.append((int(after[k]), float(move[k])))
    return found


def refuse_jumps(bars: Bars) -> None:
    """Raises DataError for the moves of `jumps_of`."""
    jumps = jumps_of(bars)
    if not jumps:
        return
    k, move = jumps[0]
    when = str(np.datetime64(int(session_of(bars.ts[k : k + 1], bars.instrument.calendar)[0]), "D"))
    before = bars.close[:k][~np.isnan(bars.close[:k])][-1]
    raise DataError(
        f"{bars.symbol} opens {move:+.0%} away from the last close on {when} "
        f"({before:g} to {bars.open[k]:g}): an unexplained split, or a wrong price",
        file=bars.source, rows=[] if bars.rows is None else [int(bars.rows[j]) for j, _ in jumps],
        mend=f"add to {bars.symbol}.actions.csv `{when},2,` for two for one, or `{when},1,` if the move is real "
        "(`--actions FILE` names another file); or pass `--allow-jumps`",
    )  # fmt: skip
