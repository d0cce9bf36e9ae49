"""How good a file of bars is: a score from 0 to 100, and every issue with its rows.

Four shares make the score: completeness (bars that should be there and are, with prices), accuracy (bars whose prices
are possible and plausible), timeliness (stamps that are readable, in order, on the grid and not in the future) and
consistency (rows that fit the header and stamps that occur once). Each is the share of bars without such an issue,
times 100; the score is their product, so that a file is as good as its worst sides together. Notes cost nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lingua.data import instruments
from lingua.data.actions import actions_beside, jumps_of
from lingua.data.bars import Action
from lingua.data.bounds import bar_bounds
from lingua.data.calendars import sessions_between
from lingua.data.checks import PRICES, Fault, Raw, find_faults
from lingua.data.errors import DataError, OptionError, rows_text
from lingua.data.gaps import expected_stamps
from lingua.data.load import Terms, bars_from_raw, length_of
from lingua.data.names import guess_symbol
from lingua.data.outliers import mad_outliers, spikes
from lingua.data.raw import read_raw
from lingua.data.roles import is_ticks
from lingua.data.stamps import parse_stamps
from lingua.data.table import Table, read_table
from lingua.data.timeframe import Timeframe

Severity = Literal["error", "warning", "note"]
Category = Literal["completeness", "accuracy", "timeliness", "consistency"]
CATEGORIES: dict[str, Category] = {
    "missing": "completeness", "no prices": "completeness", "partial": "completeness",
    "number": "accuracy", "infinite": "accuracy", "negative": "accuracy", "range": "accuracy", "volume": "accuracy",
    "outlier": "accuracy", "jump": "accuracy", "flat": "accuracy", "zero volume": "accuracy",
    "stamp": "timeliness", "unsorted": "timeliness", "off grid": "timeliness", "future": "timeliness",
    "outside": "timeliness", "no length": "timeliness",
    "ragged": "consistency", "duplicate": "consistency", "same stamp": "consistency", "overlap": "consistency",
}  # fmt: skip
SHOWN_GAPS = 5
FILL = "`lingua data clean --mend forward` or `na` fills them"


@dataclass(frozen=True, slots=True)
class Issue:
    """`severity`: an `error` forbids a backtest until it is mended, a `warning` costs points, a `note` does not.
    `count` bars or rows; `rows` as `DataError` counts them (empty for what is not there)."""

    kind: str
    category: Category
    severity: Severity
    text: str
    count: int
    rows: tuple[int, ...] = ()
    mend: str = ""


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Shares and `score` are 0 to 100; `first`, `last` the stamps of the file, `longest_gap_ns` between two of them."""

    source: str
    symbol: str
    timeframe: str
    calendar: str
    bars: int
    first: int
    last: int
    longest_gap_ns: int
    score: float
    completeness: float
    accuracy: float
    timeliness: float
    consistency: float
    issues: tuple[Issue, ...]

    def count(self, kind: str) -> int:
        return sum(issue.count for issue in self.issues if issue.kind == kind)

    @property
    def may_run(self) -> bool:
        """Whether a backtest takes the bars as they are."""
        return not any(issue.severity == "error" for issue in self.issues)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {**asdict(self), "issues": [asdict(issue) for issue in self.issues], "may_run": self.may_run}

    def lines(self) -> list[str]:
        """The same for people."""
        span = " to ".join(str(np.datetime64(ts, "ns").astype("datetime64[s]")) for ts in (self.first, self.last))
        out = [
            f"{self.symbol} {self.timeframe}: {self.bars:,} bars, {span}" if self.bars else f"{self.symbol}: no bars"
        ]
        sides = ("completeness", "accuracy", "timeliness", "consistency")
        told = ", ".join(f"{side} {points(getattr(self, side))}" for side in sides)
        out.append(f"score {points(self.score)} of 100: {told}")
        if not self.may_run:
            out.append("a backtest refuses this file until the errors are mended")
        for issue in self.issues:
            where = f" ({rows_text(issue.rows)})" if issue.rows else ""
            out.append(f"{issue.severity:<8}{issue.kind}: {issue.count:,} × {issue.text}{where}")
            if issue.mend:
                out.append(f"        {issue.mend}")
        return out


def points(share: float) -> str:
    """A share of 100 in words: never 100.0 when anything is amiss.

    >>> points(100.0), points(99.97)
    ('100.0', '99.97')
    """
    return "100.0" if share == 100.0 else f"{share:.2f}"


def check_file(
    path: str | Path,
    *,
    symbol: str = "",
    timeframe: str = "",
    stamps: str = "",
    zone: str = "UTC",
    terms: Terms | None = None,
    now: int | None = None,
) -> QualityReport:
    """Quality of a file. Arguments as for `load_bars`; `terms` as for `bars_from_table`; `now` (UTC ns) is what lies
    in the future of. Raises DataError for what is no table of bars at all."""
    where = Path(path)
    name = symbol or guess_symbol(where)
    return check(
        read_table(where), symbol=symbol, name=name, timeframe=timeframe, stamps=stamps, zone=zone, terms=terms,
        now=now, actions=actions_beside(where, name),
    )  # fmt: skip


def check(
    table: Table,
    *,
    symbol: str = "",
    name: str = "",
    timeframe: str = "",
    stamps: str = "",
    zone: str = "UTC",
    terms: Terms | None = None,
    now: int | None = None,
    actions: Sequence[Action] = (),
) -> QualityReport:
    """Quality of a table of bars; of trades or quotes their stamps only."""
    if is_ticks(table):
        return _check_ticks(table, name, zone)
    raw = read_raw(table, symbol, zone)
    title = symbol or raw.symbol or name or "DATA"
    length, problem = None, ""
    try:
        length = length_of(raw.take(np.argsort(raw.ts, kind="stable")), timeframe)
    except OptionError:
        raise
    except DataError as unclear:
        problem = unclear.cause
    record = instruments.assume(title, raw.ts, length or Timeframe(1, "d"))
    if terms is not None:
        record = terms(record)
    found = list(_of_faults(raw))
    if length is None:
        found.append(Issue("no length", "timeliness", "error", problem, 1, mend="say it: `--timeframe 1h`"))
    else:
        found += _of_series(raw, title, length, stamps or raw.stamps, record, actions, now or time.time_ns())
    found += _notes(raw)
    return _report(raw, title, str(length or "?"), record.calendar, found)


def _report(raw: Raw, title: str, length: str, calendar: str, found: list[Issue]) -> QualityReport:
    total = len(raw) + sum(len(fault.rows) for fault in raw.unreadable if fault.kind in ("ragged", "stamp"))
    shares = dict.fromkeys(CATEGORIES.values(), 1.0)
    for category in shares:
        issues = [issue for issue in found if issue.category == category and issue.severity != "note"]
        missing = sum(issue.count for issue in issues if issue.kind == "missing")
        rows = {row for issue in issues for row in issue.rows}
        bad = len(rows) + sum(issue.count for issue in issues if not issue.rows)
        shares[category] = max(0.0, 1.0 - bad / (total + missing)) if total + missing else 0.0
    order = {"error": 0, "warning": 1, "note": 2}
    stamps = np.sort(raw.ts)
    return QualityReport(
        raw.source, title, length, calendar, len(raw), int(stamps[0]), int(stamps[-1]),
        int(np.diff(stamps).max(initial=0)), round(100.0 * float(np.prod(list(shares.values()))), 2),
        **{category: round(100.0 * share, 2) for category, share in shares.items()},
        issues=tuple(sorted(found, key=lambda issue: order[issue.severity])),
    )  # fmt: skip


def _of_faults(raw: Raw) -> Iterator[Issue]:
    for fault in find_faults(raw):
        yield _issue(fault)


def _issue(fault: Fault) -> Issue:
    return Issue(fault.kind, CATEGORIES[fault.kind], "error", fault.text, len(fault.rows), fault.rows, fault.mend)


def _at(
    raw: Raw, kind: str, text: str, where: NDArray[np.bool_], severity: Any = "warning", mend: str = ""
) -> list[Issue]:
    rows = tuple(raw.rows[where].tolist())
    return [Issue(kind, CATEGORIES[kind], severity, text, len(rows), rows, mend)] if rows else []


def _of_series(
    raw: Raw, title: str, length: Timeframe, stamps: str, record: Any, actions: Sequence[Action], now: int
) -> list[Issue]:
    """Issues of the bars as a series: in order, each stamp once, and of the possible ones only."""
    found: list[Issue] = []
    order = np.argsort(raw.ts, kind="stable")
    keep = order[np.concatenate(([True], np.diff(raw.ts[order]) > 0))]
    series = raw.take(keep)
    # A stamp in the future is wrong, so nothing is missing on the way to it.
    past = series.ts[series.ts <= now]
    expected = expected_stamps(past, length, record.calendar)
    missing = np.setdiff1d(expected, series.ts)
    if len(missing):
        text = f"bars are missing where the calendar {record.calendar} has some: {_gaps_text(missing, expected)}"
        found.append(Issue("missing", "completeness", "warning", text, len(missing), mend=FILL))
    if length.is_fixed and 3600 % length.seconds == 0:
        phase = series.ts % (length.seconds * 10**9)
        values, counts = np.unique(phase, return_counts=True)
        odd = phase != values[np.argmax(counts)]
        found += _at(series, "off grid", f"stamps do not step by {length}", odd)
    found += _at(raw, "future", "stamps lie in the future", raw.ts > now)
    opens, closes = bar_bounds(series.ts, length, stamps, record.calendar)
    crossed = np.concatenate((opens[1:] < closes[:-1], [False]))
    found += _at(series, "overlap", f"bars of {length} end after the next one begins", crossed, "error")
    if record.calendar != "24x7" and len(opens):
        table = sessions_between(int(opens.min()), int(opens.max()), record.calendar)
        session = np.searchsorted(table.closes, opens, side="right")
        outside = closes <= table.opens[session]
        text = f"bars lie outside of the sessions of {record.calendar}"
        many = float(outside.mean()) > 0.01
        mend = "if the stamps are of other clocks, say so: `--zone`" if many else ""
        found += _at(series, "outside", text, outside, "warning" if many else "note", mend)
    possible = series.take(_possible(series))
    found += _outliers(possible)
    if not crossed.any() and len(possible):
        found += _jumps(possible, title, length, stamps, record, actions)
    return found


def _possible(raw: Raw) -> NDArray[np.bool_]:
    prices = np.array([raw.columns[name] for name in PRICES])
    with np.errstate(invalid="ignore"):
        fine: NDArray[np.bool_] = np.asarray((np.isnan(prices) | ((prices > 0) & np.isfinite(prices))).all(axis=0))
    return fine & ~raw.bad_cells


def _outliers(raw: Raw) -> list[Issue]:
    prices = {name: raw.columns[name] for name in PRICES}
    found = [*spikes(prices).values(), *mad_outliers(prices).values()]
    far = np.logical_or.reduce(found)
    text = "prices stand far from those around them"
    return _at(raw, "outlier", text, far, mend="look at them; `lingua data clean --mend spike` or `mad` takes them out")


def _jumps(raw: Raw, title: str, length: Timeframe, stamps: str, record: Any, actions: Sequence[Action]) -> list[Issue]:
    whole = np.isnan(np.array([raw.columns[name] for name in PRICES])).sum(axis=0) % 4 == 0
    high = np.fmax.reduce([raw.columns[name] for name in PRICES])
    low = np.fmin.reduce([raw.columns[name] for name in PRICES])
    volume = np.fmax(raw.columns["volume"], 0.0)
    clean = Raw(
        raw.source, raw.ts, {**raw.columns, "high": high, "low": low, "volume": volume}, raw.rows, raw.bad_cells,
        raw.synthetic, (), raw.stamps, raw.symbol,
    ).take(whole)  # fmt: skip
    if not len(clean):
        return []
    try:
        bars, _ = bars_from_raw(clean, title, timeframe=str(length), stamps=stamps, instrument=record, actions=actions)
    except DataError:  # infinite volumes and the like, which are issues of their own
        return []
    where = np.zeros(len(clean), dtype=np.bool_)
    jumps = jumps_of(bars)
    where[[k for k, _ in jumps]] = True
    text = "moves of more than 40 % overnight that no split explains"
    return _at(clean, "jump", text, where, "error", f"add the splits to {title}.actions.csv, or pass `--allow-jumps`")


def _notes(raw: Raw) -> list[Issue]:
    o, h, low, c = (raw.columns[name] for name in PRICES)
    found = _at(raw, "no prices", "bars have no prices (na)", np.isnan([o, h, low, c]).all(axis=0) & ~raw.bad_cells)
    found += _at(raw, "flat", "bars have one price only", (o == h) & (h == low) & (low == c), "note")
    volume = raw.columns["volume"]
    is_told = np.logical_or.accumulate(volume > 0)
    found += _at(raw, "zero volume", "bars have no volume: no order is filled on them", (volume == 0) & is_told, "note")
    text = "bars have no volume, as if it were not recorded"
    return found + _at(raw, "zero volume", text, (volume == 0) & ~is_told, "note")


def _gaps_text(missing: Any, expected: Any) -> str:
    """The longest holes, as first and last missing stamp."""
    position = np.searchsorted(expected, missing)
    begins = np.flatnonzero(np.concatenate(([True], np.diff(position) > 1)))
    sizes = np.diff(np.append(begins, len(missing)))
    longest = begins[np.argsort(-sizes, kind="stable")[:SHOWN_GAPS]]
    parts = []
    for k in sorted(longest.tolist()):
        size = int(sizes[np.searchsorted(begins, k)])
        first, last = (str(np.datetime64(int(missing[j]), "ns").astype("datetime64[m]")) for j in (k, k + size - 1))
        parts.append(first if size == 1 else f"{first} to {last} ({size:,})")
    hidden = len(begins) - len(parts)
    return ", ".join(parts) + (f" and {hidden:,} more holes" if hidden else "")


def _check_ticks(table: Table, name: str, zone: str) -> QualityReport:
    times = next((each for each in ("timestamp", "time", "datetime", "date", "ts") if each in table.columns), "")
    if not times:
        raise DataError("no column of times", file=table.source, mend="name it timestamp")
    parsed = parse_stamps(table.columns[times], zone, table.source, table.rows)
    known = ~parsed.bad
    ts, rows = parsed.ts[known], table.rows[known]
    none = np.full(len(ts), np.nan)
    raw = Raw(
        table.source, ts, dict.fromkeys((*PRICES, "volume"), none), rows, ~known[known], ~known[known],
        tuple([Fault("stamp", parsed.cause, tuple(table.rows[~known].tolist()), "")] if parsed.bad.any() else []),
    )  # fmt: skip
    steps = np.diff(ts, prepend=ts[:1])
    found = [_issue(fault) for fault in raw.unreadable]
    found += _at(raw, "unsorted", "the stamp is earlier than the one before", steps < 0)
    same = np.concatenate(([False], np.diff(ts) == 0)) if len(ts) else none.astype(bool)
    found += _at(raw, "same stamp", "trades or quotes share the stamp of the one before", same, "note")
    return _report(raw, name, "ticks", "24x7", found)
