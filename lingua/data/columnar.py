"""Parquet and Arrow files read piece after piece, with the checks that a whole file gets: one look at the stamps of all
rows tells what has to be known beforehand (bar length, hours, order), then each piece is read, checked and passed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.actions import factor_of, jumps_of, refuse_jumps
from lingua.data.bars import Bars
from lingua.data.bounds import counted, intraday_bounds, odd_bars, timeframe_of_steps
from lingua.data.checks import Fault, Raw, find_faults
from lingua.data.errors import DataError
from lingua.data.load import refuse
from lingua.data.numbers import as_floats
from lingua.data.pieces import joined, span
from lingua.data.raw import read_raw
from lingua.data.roles import find_roles, volumes_of
from lingua.data.stamps import parse_stamps
from lingua.data.table import ARROW_ENDINGS, Instants, Table, from_polars
from lingua.data.timeframe import Timeframe

HEAD = 4096
"""Rows at the beginning from which the terms of a symbol are told."""
MOST_FAULTS = 100_000
"""Wrong rows after which reading on tells nothing new."""
HOUR_NS, DAY_NS = 3600 * 10**9, 86_400 * 10**9


class NotInPieces(DataError):
    """These bars can be run in one piece only."""


def is_columnar(path: Path) -> bool:
    return path.name.lower().endswith((".parquet", *ARROW_ENDINGS))


def count_rows(path: Path) -> int:
    """How many rows a columnar file has; its cells are not read. Raises DataError."""
    import polars

    try:
        return int(_scan(path).select(polars.len()).collect().item())
    except Exception as problem:  # polars has no common error for damaged files
        raise DataError(
            f"it cannot be read as {path.suffix[1:]}: {str(problem).splitlines()[0] if str(problem) else 'damaged'}",
            file=str(path), mend="check that the file is complete",
        ) from None  # fmt: skip


def _scan(path: Path) -> Any:
    import polars

    return polars.scan_parquet(path) if path.name.lower().endswith(".parquet") else polars.scan_ipc(path)


def frames(path: Path, rows: int, columns: Sequence[str] = ()) -> Iterator[tuple[int, Any]]:
    """(rows before, frame of at most `rows`) in order; all columns unless some are named."""
    scan = _scan(path)
    if columns:
        scan = scan.select(list(columns))
    before = 0
    for frame in _batches(scan, rows, path):
        for first in range(0, len(frame), rows):
            part = frame.slice(first, rows)
            yield before, part
            before += len(part)


def _batches(scan: Any, rows: int, path: Path) -> Iterator[Any]:
    if hasattr(scan, "collect_batches"):
        yield from scan.collect_batches(chunk_size=rows, maintain_order=True)
        return
    for first in range(0, count_rows(path), rows):  # Polars before 1.34
        yield scan.slice(first, rows).collect()


def table_at(frame: Any, source: str, before: int) -> Table:
    """A frame as a table whose rows are numbered on from those `before`."""
    table = from_polars(frame, source)
    return replace(table, rows=table.rows + before)


@dataclass
class Survey:
    """What the stamps of all rows of a file tell. `first`, `last`: stamps as the file has them; `samples`: numbers of
    rows that stand for the days of the week and the hours."""

    path: Path
    count: int
    time: str
    scale: int
    zone: str
    first: int = 0
    last: int = 0
    is_in_order: bool = True
    steps: Any = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    times: Any = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    samples: dict[str, tuple[int, int]] = field(default_factory=dict)

    def timeframe(self) -> Timeframe:
        """The usual step. Raises DataError when there is none."""
        return timeframe_of_steps(self.steps, self.times, str(self.path))

    def stamps(self, rows: int) -> Iterator[tuple[int, Any]]:
        """(rows before, stamps in UTC ns) piece by piece; stamps that cannot be read are left out."""
        for before, frame in frames(self.path, rows, [self.time]):
            table = table_at(frame, str(self.path), before)
            values = scaled(next(iter(table.columns.values())), self.scale)
            parsed = parse_stamps(values, self.zone, table.source, table.rows)
            yield before, parsed.ts[~parsed.bad]


def survey(path: Path, zone: str, rows: int) -> Survey:
    """Raises DataError for a file that is none of bars, NotInPieces where stamps are texts or dates."""
    head = table_at(_scan(path).head(HEAD).collect(), str(path), 0)
    roles = find_roles(head)
    names = dict(zip(head.columns, _scan(path).collect_schema().names(), strict=True))
    if roles.clock or not _are_instants(head.columns[roles.time]):
        raise NotInPieces(
            f"the stamps in column {roles.time} are texts",
            file=str(path),
            mend="write them as datetimes or whole numbers",
        )
    found = Survey(
        path, count_rows(path), names[roles.time], _scale_of(path, names[roles.time], head, roles.time), zone
    )
    previous: int | None = None
    for before, ts in found.stamps(rows):
        if not len(ts):
            continue
        found.first = int(ts[0]) if previous is None else found.first
        steps = np.diff(ts) if previous is None else np.diff(ts, prepend=previous)
        found.is_in_order = found.is_in_order and bool((steps > 0).all())
        if len(steps) and steps.min() == steps.max() > 0:
            _add_steps(found, steps[:1], np.array([len(steps)]))
        else:
            _add_steps(found, *counted(steps[steps > 0]))
        _add_samples(found, ts, before)
        previous = int(ts[-1])
    found.last = previous or 0
    return found


def _are_instants(values: Any) -> bool:
    return isinstance(values, Instants) or (isinstance(values, np.ndarray) and values.dtype.kind in "iu")


def _scale_of(path: Path, time: str, head: Table, name: str) -> int:
    """Nanoseconds of one unit of whole-number stamps, told by the largest; 0 for datetimes."""
    import polars

    if isinstance(head.columns[name], Instants):
        return 0
    largest = int(_scan(path).select(polars.col(time).abs().max()).collect().item() or 0)
    for scale, limit in ((10**9, 1e10), (10**6, 1e13), (10**3, 1e16), (1, 1e19)):
        if 1e8 <= largest < limit:
            return scale
    raise NotInPieces(f"`{largest}` is not a time in seconds or parts of them", file=str(path), mend="use datetimes")


def scaled(values: Any, scale: int) -> Any:
    """Whole-number stamps as instants."""
    if not scale or isinstance(values, Instants):
        return values
    return Instants(np.asarray(values).astype(np.int64) * scale, True)


def _add_steps(found: Survey, steps: Any, times: Any) -> None:
    every, where = np.unique(np.concatenate((found.steps, steps)), return_inverse=True)
    total = np.zeros(len(every), dtype=np.int64)
    np.add.at(total, where, np.concatenate((found.times, times)))
    found.steps, found.times = every, total


def _add_samples(found: Survey, ts: Any, before: int) -> None:
    """Rows that show what `instruments.assume` asks of all stamps: week-ends, and the earliest and latest hour."""
    hours = ts // HOUR_NS % 24
    weekdays = (ts // DAY_NS + 3) % 7
    for name, at, value, beats in (
        ("weekday", int(np.argmax(weekdays)), int(weekdays.max()), int.__gt__),
        ("early", int(np.argmin(hours)), int(hours.min()), int.__lt__),
        ("late", int(np.argmax(hours)), int(hours.max()), int.__gt__),
    ):
        if name not in found.samples or beats(value, found.samples[name][1]):
            found.samples[name] = (before + at, value)


def sample(found: Survey) -> Table:
    """The beginning of a file with a few rows further on, from which the same terms are told as from all of it."""
    import polars

    parts = [_scan(found.path).head(HEAD).collect()]
    rows = [np.arange(len(parts[0]))]
    for row in sorted({row for row, _ in found.samples.values() if row >= HEAD}):
        parts.append(_scan(found.path).slice(row, 1).collect())
        rows.append(np.array([row]))
    table = from_polars(polars.concat(parts), str(found.path))
    columns = {
        name: scaled(column, found.scale if name == _lower(found.time) else 0) for name, column in table.columns.items()
    }
    return Table(table.source, columns, np.concatenate(rows).astype(np.int64) + 1)


def _lower(name: str) -> str:
    return name.strip().lower()


class FileBars:
    """The bars of one symbol in one file, checked, in pieces. `terms` are bars of the sample: their symbol, timeframe,
    instrument and actions are those of all. `after` and `until` (UTC ns) bound the closes."""

    def __init__(
        self, found: Survey, terms: Bars, rows: int, stamps: str, *, after: int | None, until: int | None,
        allow_jumps: bool,
    ) -> None:  # fmt: skip
        self.found = found
        self.terms = terms
        self.missing = 0
        self.synthetic = 0
        self.count = 0
        self.total = found.count
        """Bars in all: at most, until they have gone by."""
        self.first: tuple[int, int] | None = None
        self.last: tuple[int, int] = (0, 0)
        self._rows = rows
        self._given = stamps
        self._after, self._until = after, until
        self._allows_jumps = allow_jumps
        self._length = terms.timeframe.seconds * 10**9
        self._told: str | None = None
        self._odd: float | None = None
        self._stat = _stat(found.path)

    def pieces(self) -> Iterator[Bars]:
        """Raises DataError where rows are wrong, having looked at all of them."""
        if _stat(self.found.path) != self._stat:
            raise DataError("the file has changed since it was read first", file=str(self.found.path), mend="run again")
        faults = _Faults()
        jumps = _Jumps()
        self.count = self.missing = self.synthetic = 0
        self.first = None
        edge: Raw | None = None
        end: int | None = None
        volume = _Volume()
        for before, frame in frames(self.found.path, self._rows):
            raw = self._raw(frame, before, faults, volume)
            if raw is None:
                continue
            faults.take(raw, edge)
            edge = raw.take(slice(len(raw) - 1, None))
            if faults.count:
                if faults.count > MOST_FAULTS:
                    break
                continue
            bars = self._bars(raw, end, faults)
            end = int(bars.ts[-1])
            if faults.count:
                continue
            bars = self._cut(bars)
            if len(bars):
                jumps.take(bars)
                self._note(bars)
                yield bars
        self.total = self.count
        faults.refuse(str(self.found.path))
        volume.refuse(str(self.found.path))
        if not self._allows_jumps:
            jumps.refuse()
        if not self.count:
            raise DataError(
                f"no bar of {self.terms.symbol} lies in the span asked for", file=str(self.found.path),
                mend="check --from and --to",
            )  # fmt: skip

    def _raw(self, frame: Any, before: int, faults: _Faults, volume: _Volume) -> Raw | None:
        table = table_at(frame, str(self.found.path), before)
        if not len(table):
            return None
        time = _lower(self.found.time)
        table = replace(table, columns={**table.columns, time: scaled(table.columns[time], self.found.scale)})
        roles = find_roles(table)
        if roles.symbol and len(set(table.columns[roles.symbol])) > 1:
            raise NotInPieces("the file holds several symbols", file=table.source, mend="write one file for each")
        volume.take(table, roles.volume)
        try:
            return read_raw(table, "", self.found.zone, is_piece=True)
        except DataError as problem:
            if not problem.rows:
                raise
            faults.add(Fault("stamp", problem.cause, problem.rows, problem.mend))
            return None

    def _bars(self, raw: Raw, end: int | None, faults: _Faults) -> Bars:
        stamps = self._given or raw.stamps
        terms = self.terms
        name = terms.instrument.calendar
        if self._odd is None:
            self._odd = self._share(stamps, name)
        before = None if end is None or stamps != "close" else end
        opens, closes = intraday_bounds(raw.ts, self._length, stamps, name, self._odd, before)
        ends = np.concatenate(([closes[0] if end is None else end], closes[:-1]))
        wrong = (opens < ends) | (closes <= ends)
        wrong[0] = wrong[0] and end is not None
        if wrong.any():
            faults.add(Fault(
                "overlap", f"the bar begins before the one before it ends, if bars are {terms.timeframe} long",
                tuple(raw.rows[wrong].tolist()), "say the length of the bars: `--timeframe 5m`",
            ))  # fmt: skip
        columns = dict(raw.columns)
        prices = {each: columns.pop(each) for each in ("open", "high", "low", "close", "volume")}
        return Bars(
            symbol=terms.symbol, timeframe=terms.timeframe, ts=closes, open_ts=opens, **prices,
            instrument=terms.instrument, is_synthetic=raw.synthetic if raw.synthetic.any() else None,
            actions=terms.actions, columns=columns, factor=factor_of(terms.actions, closes), source=raw.source,
            rows=raw.rows,
        )  # fmt: skip

    def _share(self, stamps: str, name: str) -> float:
        """Of all bars, those that `odd_bars` finds."""
        if stamps != "close" and name == "24x7":
            return 0.0
        odd = count = 0
        before: int | None = None
        for _, ts in self.found.stamps(self._rows):
            odd += int(np.count_nonzero(odd_bars(ts, self._length, stamps, name, before)))
            count += len(ts)
            before = int(ts[-1]) if len(ts) else before
        return odd / count if count else 0.0

    def _cut(self, bars: Bars) -> Bars:
        first = 0 if self._after is None else int(np.searchsorted(bars.ts, self._after, side="right"))
        last = len(bars) if self._until is None else int(np.searchsorted(bars.ts, self._until, side="right"))
        return bars if last - first == len(bars) else span(bars, first, max(first, last))

    def _note(self, bars: Bars) -> None:
        self.count += len(bars)
        self.missing += int(np.isnan(bars.close).sum())
        self.synthetic += 0 if bars.is_synthetic is None else int(bars.is_synthetic.sum())
        if self.first is None:
            self.first = (int(bars.open_ts[0]), int(bars.ts[0]))
        self.last = (int(bars.open_ts[-1]), int(bars.ts[-1]))


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as problem:
        raise DataError(f"it cannot be read: {problem.strerror}", file=str(path), mend="check the path") from None
    return found.st_size, found.st_mtime_ns


class _Faults:
    """Faults of all pieces, those of one kind together, in the order in which a whole file tells them."""

    ORDER = (
        "ragged", "stamp", "number", "unsorted", "duplicate", "partial", "infinite", "negative", "range", "volume",
        "overlap",
    )  # fmt: skip

    def __init__(self) -> None:
        self._found: dict[str, Fault] = {}
        self.count = 0

    def take(self, raw: Raw, edge: Raw | None) -> None:
        """What is wrong in a piece, with what it is against the last row of the one before."""
        own = () if edge is None else (int(edge.rows[0]),)
        whole = raw if edge is None else _after(edge, raw)
        for fault in find_faults(whole):
            rows = tuple(row for row in fault.rows if row not in own or fault.kind in ("stamp", "number", "ragged"))
            if rows:
                self.add(Fault(fault.kind, fault.text, rows, fault.mend))

    def add(self, fault: Fault) -> None:
        known = self._found.get(fault.kind)
        self._found[fault.kind] = fault if known is None else replace(known, rows=(*known.rows, *fault.rows))
        self.count += len(fault.rows)

    def refuse(self, source: str) -> None:
        refuse(sorted(self._found.values(), key=lambda fault: self.ORDER.index(fault.kind)), source)


def _after(edge: Raw, raw: Raw) -> Raw:
    """A piece with the row before it."""
    columns = {
        name: np.concatenate((edge.columns.get(name, np.full(len(edge), np.nan)), column))
        for name, column in raw.columns.items()
    }
    rest: dict[str, Any] = {
        name: np.concatenate((getattr(edge, name), getattr(raw, name)))
        for name in ("ts", "rows", "bad_cells", "synthetic")
    }
    return replace(raw, columns=columns, **rest)


class _Volume:
    """Whether the volume is 0 throughout while another column of volumes is not: a whole file then takes that one."""

    def __init__(self) -> None:
        self._is_zero = True
        self._other = ""

    def take(self, table: Table, name: str) -> None:
        if name and self._is_zero:
            self._is_zero = bool((as_floats(table.columns[name])[0] == 0.0).all())
            for other in volumes_of(table):
                values, bad = as_floats(table.columns[other])
                if other != name and not bad and (values > 0.0).any():
                    self._other = self._other or other

    def refuse(self, source: str) -> None:
        if self._is_zero and self._other:
            raise NotInPieces(
                f"the volume is 0 throughout and {self._other} is not", file=source,
                mend=f"leave the column of zeros out, so that {self._other} is the volume",
            )  # fmt: skip


class _Jumps:
    """`actions.refuse_jumps` over pieces: the last bar with a price is looked at again with the next ones."""

    def __init__(self) -> None:
        self._last: Bars | None = None
        self._problem: DataError | None = None
        self._rows: list[int] = []

    def take(self, bars: Bars) -> None:
        if bars.instrument.kind != "stock":
            return
        whole = bars if self._last is None else joined(self._last, bars)
        found = jumps_of(whole)
        if found:
            self._rows += [] if whole.rows is None else [int(whole.rows[k]) for k, _ in found]
            if self._problem is None:
                try:
                    refuse_jumps(whole)
                except DataError as problem:
                    self._problem = problem
        valid = np.flatnonzero(~np.isnan(whole.close))
        if len(valid):
            self._last = span(whole, int(valid[-1]), int(valid[-1]) + 1)

    def refuse(self) -> None:
        if self._problem is not None:
            told = self._problem
            raise DataError(told.cause, file=told.file, rows=self._rows, mend=told.mend, more=told.more)
