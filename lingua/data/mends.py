"""Named ways to mend raw bars. Each says what it changed; none guesses on its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.checks import MENDS, PRICES, Raw, impossible
from lingua.data.errors import DataError, OptionError
from lingua.data.gaps import missing_stamps
from lingua.data.outliers import Flags, mad_outliers, spikes
from lingua.data.timeframe import Timeframe

DROPPED = ("ragged", "stamp", "number")


@dataclass(frozen=True, slots=True)
class Change:
    """What a method did; `rows` as they were counted before, empty for bars that were added."""

    method: str
    text: str
    count: int
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Spacing:
    """What filling gaps has to know."""

    timeframe: Timeframe
    calendar: str


def known(methods: Sequence[str]) -> None:
    """Raises OptionError for a name that is none of `MENDS`."""
    from lingua.diagnostics.suggest import did_you_mean

    for method in methods:
        if method not in MENDS:
            near = did_you_mean(method, MENDS)
            guess = f"did you mean `{near}`? " if near else ""
            raise OptionError(f"no mend is called `{method}`", mend=f"{guess}there are {', '.join(MENDS)}")


def mended(
    raw: Raw, methods: Sequence[str], spacing: Callable[[Raw], Spacing] | None = None
) -> tuple[Raw, tuple[Change, ...]]:
    """The bars after the methods, in the order given. `spacing` is asked when a gap is to be filled. Raises DataError
    for an unknown method."""
    known(methods)
    changes: list[Change] = []
    for method in methods:
        if method in ("forward", "na", "linear"):
            if spacing is None:
                raise OptionError(f"`{method}` needs to know the calendar", mend="use `lingua data clean`")
            if bool((np.diff(raw.ts) <= 0).any()):
                raise DataError(
                    f"`{method}` needs bars in order, each once",
                    file=raw.source,
                    mend="mend with `sort` and `last` first",
                )
            raw, made = _filled(raw, method, spacing(raw))
        else:
            raw, made = METHODS[method](raw)
        changes += made
    return raw, tuple(change for change in changes if change.count)


def _sort(raw: Raw) -> tuple[Raw, list[Change]]:
    order = np.argsort(raw.ts, kind="stable")
    moved = tuple(raw.rows[np.flatnonzero(np.diff(raw.ts, prepend=raw.ts[:1]) < 0)].tolist())
    text = "bars that came before an earlier one put in order"
    return raw.take(order), [Change("sort", text, len(moved), moved)]


def _one_of_each(raw: Raw, method: str) -> tuple[Raw, list[Change]]:
    if method == "first":
        keep = np.sort(np.unique(raw.ts, return_index=True)[1])
    else:
        keep = np.sort(len(raw.ts) - 1 - np.unique(raw.ts[::-1], return_index=True)[1])
    gone = np.setdiff1d(np.arange(len(raw)), keep)
    text = f"bars with a stamp that occurs again left out, the {method} kept"
    return raw.take(keep), [_change(method, text, raw, gone)]


def _drop(raw: Raw) -> tuple[Raw, list[Change]]:
    bad = raw.bad_cells.copy()
    for _, _, where, _ in impossible(raw):
        bad |= where
    bad |= np.isnan(raw.columns["close"])
    dropped = _change(
        "drop", "rows that are unreadable, impossible or without prices left out", raw, np.flatnonzero(bad)
    )
    gone = sorted({*dropped.rows, *(r for f in raw.unreadable if f.kind != "number" for r in f.rows)})
    left = tuple(fault for fault in raw.unreadable if fault.kind not in DROPPED)
    count = dropped.count - len(dropped.rows) + len(gone)
    return replace(raw.take(~bad), unreadable=left), [replace(dropped, count=count, rows=tuple(gone))]


def _clip(raw: Raw) -> tuple[Raw, list[Change]]:
    values = np.array([raw.columns[name] for name in PRICES])
    whole = ~np.isnan(values).any(axis=0)
    high = np.where(whole, values.max(axis=0), raw.columns["high"])
    low = np.where(whole, values.min(axis=0), raw.columns["low"])
    wider = whole & ((high != raw.columns["high"]) | (low != raw.columns["low"]))
    text = "bars whose high or low was widened to enclose open and close"
    change = _change("clip", text, raw, np.flatnonzero(wider))
    return replace(raw, columns={**raw.columns, "high": high, "low": low}), [change]


def _without(raw: Raw, method: str, find: Callable[[dict[str, Any]], dict[str, Flags]]) -> tuple[Raw, list[Change]]:
    """Bars whose open or close is an outlier go; a high or low alone is pulled back to the body of its bar."""
    columns = raw.columns
    found = find({name: columns[name] for name in PRICES})
    body = found["open"] | found["close"]
    high, low = found["high"] & ~body, found["low"] & ~body
    top, bottom = np.fmax(columns["open"], columns["close"]), np.fmin(columns["open"], columns["close"])
    columns = {**columns, "high": np.where(high, top, columns["high"]), "low": np.where(low, bottom, columns["low"])}
    wicks = high | low
    return replace(raw, columns=columns).take(~body), [
        _change(method, "bars with an outlying open or close left out", raw, np.flatnonzero(body)),
        _change(method, "outlying highs and lows pulled back to open or close", raw, np.flatnonzero(wicks)),
    ]


def _change(method: str, text: str, raw: Raw, at: NDArray[np.int64]) -> Change:
    """What was done to the bars `at`; one that a method before has filled in stands in no row of the file."""
    rows = raw.rows[at]
    filled = int((rows == 0).sum())
    if filled:
        text += f", {filled:,} of them filled in before"
    return Change(method, text, len(at), tuple(rows[rows > 0].tolist()))


def _filled(raw: Raw, method: str, spacing: Spacing) -> tuple[Raw, list[Change]]:
    missing = missing_stamps(raw.ts, spacing.timeframe, spacing.calendar)
    if not len(missing):
        return raw, []
    close = raw.columns["close"]
    before = np.searchsorted(raw.ts, missing) - 1
    price = np.full(len(missing), np.nan)
    if method == "forward":
        price = close[before]
    elif method == "linear":
        after = before + 1
        share = (missing - raw.ts[before]) / (raw.ts[after] - raw.ts[before])
        price = close[before] + share * (close[after] - close[before])
    columns = {}
    for name, column in raw.columns.items():
        new = price if name in PRICES else np.full(len(missing), np.nan)
        if name == "volume" and method != "na" and not np.isnan(column).all():
            new = np.zeros(len(missing))
        columns[name] = np.concatenate((column, new))
    order = np.argsort(np.concatenate((raw.ts, missing)), kind="stable")
    none = np.zeros(len(missing), dtype=np.bool_)
    whole = replace(
        raw, ts=np.concatenate((raw.ts, missing)), columns=columns,
        rows=np.concatenate((raw.rows, np.zeros(len(missing), dtype=np.int64))),
        bad_cells=np.concatenate((raw.bad_cells, none)), synthetic=np.concatenate((raw.synthetic, ~none)),
    )  # fmt: skip
    how = {"forward": "with the close before them", "linear": "on a straight line", "na": "without prices"}[method]
    return whole.take(order), [Change(method, f"missing bars filled {how}", len(missing))]


METHODS: dict[str, Callable[[Raw], tuple[Raw, list[Change]]]] = {
    "sort": _sort,
    "first": lambda raw: _one_of_each(raw, "first"),
    "last": lambda raw: _one_of_each(raw, "last"),
    "drop": _drop,
    "close": lambda raw: (raw, [Change("close", "bars whose missing prices are their close", raw.from_close)]),
    "clip": _clip,
    "spike": lambda raw: _without(raw, "spike", spikes),
    "mad": lambda raw: _without(raw, "mad", mad_outliers),
}
