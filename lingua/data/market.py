"""The bars a program needs, found and brought to its timeframes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.actions import refuse_jumps
from lingua.data.bars import Bars
from lingua.data.currency import account_notes
from lingua.data.errors import DataError, OptionError
from lingua.data.finder import Finder, GivenActions, parsed
from lingua.data.project import Project, find_project
from lingua.data.table import Table, read_table
from lingua.ir.analysis import decision_nodes, reachable
from lingua.ir.program import Program

ENDED_NS = 10 * 86_400 * 10**9
"""A symbol whose bars end so much before those of another has gone, and is not just on holiday."""


@dataclass(frozen=True, slots=True)
class Market:
    """`traded` in source order, `data` by alias, `finer` by (symbol, timeframe). `notes` say what was assumed."""

    traded: tuple[Bars, ...]
    data: dict[str, Bars]
    finer: dict[tuple[str, str], Bars]
    notes: tuple[str, ...] = ()


def load_market(
    program: Program,
    data: Any = None,
    *,
    near: Path | None = None,
    symbol: str = "",
    timeframe: str = "",
    start: str | None = None,
    end: str | None = None,
    stamps: str = "",
    zone: str = "UTC",
    mend: Sequence[str] = (),
    allow_jumps: bool = False,
    actions: GivenActions | Mapping[str, GivenActions] | None = None,
    reader: Callable[[Path], Table] = read_table,
    told: Told | None = None,
) -> Market:
    """Bars for every symbol the program trades or reads.

    Args:
        data: a file, a folder, a pandas or Polars frame, `Bars`, or a mapping from symbol to any of these; None: the
            project file found from `near` says where they are.
        symbol, timeframe: trade this instead of what the program says.
        start, end: first and last instant (ISO); what lies outside is cut off.
        actions: splits and dividends, a file or what it holds, or a mapping from symbol to these; None: those beside
            the bars.
        reader: gives the table of a file.
        told: what is said of bars, instead of `Told`.

    Raises:
        DataError: when bars are missing or wrong, or what is traded is priced in different currencies.
    """
    finder = Finder(lambda: find_project(near), data, stamps=stamps, zone=zone, mend=mend, actions=actions, read=reader)
    names = (symbol,) if symbol else program.symbols
    wanted = timeframe or program.timeframe
    if wanted:
        parsed(wanted)
    notes: list[str] = []
    traded = []
    if not names:
        traded.append(finder.only(wanted))
        notes.append(f"the program names no symbol: it trades {traded[0].symbol} {traded[0].timeframe}")
    for name in names:
        # Without a timeframe in the program the first symbol's bars decide for all.
        length = wanted or (str(traded[0].timeframe) if traded else "")
        traded.append(finder.find(name, length, is_only=len(names) == 1))
    base = str(traded[0].timeframe)
    others = {decl.alias: finder.find(decl.symbol, decl.timeframe or base, is_only=False) for decl in program.data}
    finer = _finer(program, finder, traded, others)
    cut = [_cut(bars, start, end) for bars in traded]
    for bars in cut:
        if not len(bars):
            raise DataError(
                f"no bar of {bars.symbol} lies in the span asked for", file=bars.source, mend="check --from and --to"
            )
    told = told or Told()
    last = max(int(bars.ts[-1]) for bars in cut)
    read = {alias: _until(bars, last) for alias, bars in others.items()}
    for bars in (*cut, *read.values()):
        try:
            refuse_jumps(bars)
        except DataError:
            if not allow_jumps and not may_jump(finder.project, bars.symbol):
                raise
        notes += told.remarks(bars)
    notes += finder.notes
    notes += told.ended(cut)
    notes += account_notes(program, cut, read)
    return Market(tuple(cut), read, finer, tuple(dict.fromkeys(notes)))


class Told:
    """What is allowed in bars but worth knowing."""

    def remarks(self, bars: Bars) -> list[str]:
        missing = bars.once("missing", lambda: int(np.isnan(bars.close).sum()))
        synthetic = 0 if bars.is_synthetic is None else int(bars.is_synthetic.sum())
        return remarks_of(bars.symbol, missing, len(bars), synthetic, int(bars.open_ts[-1]) if len(bars) else 0)

    def ended(self, traded: Sequence[Bars]) -> list[str]:
        return ended_of({bars.symbol: int(bars.ts[-1]) for bars in traded})


def remarks_of(symbol: str, missing: int, count: int, synthetic: int, last_open: int) -> list[str]:
    """Of `count` bars, so many without prices and so many that were filled in; the last opens at `last_open`."""
    found = []
    if missing:
        found.append(f"{missing:,} of {count:,} bars of {symbol} have no prices (na)")
    if synthetic:
        found.append(f"{synthetic:,} bars of {symbol} are filled in: no order is filled on them")
    if last_open > time.time_ns():
        last = np.datetime64(last_open, "ns").astype("datetime64[s]")
        found.append(f"bars of {symbol} lie in the future: the last opens at {last}Z")
    return found


def ended_of(closes: Mapping[str, int]) -> list[str]:
    """Symbols whose last close lies before those of the others: nothing closes what is held of them."""
    last = max(closes.values())
    found = []
    for symbol, close in closes.items():
        if last - close > ENDED_NS:
            day = np.datetime64(close, "ns").astype("datetime64[D]")
            found.append(f"{symbol} ends on {day}, before the others: what is held stays marked at its last close")
    return found


def _finer(
    program: Program, finder: Finder, traded: list[Bars], others: dict[str, Bars]
) -> dict[tuple[str, str], Bars]:
    """Bars finer than the base: for `inner`, and for `execution { detail }`."""
    found: dict[tuple[str, str], Bars] = {}
    detail = str(dict(program.execution.options).get("detail", ""))
    wanted = {("", detail)} if detail else set()
    roots = [*(output.node for output in program.outputs), *decision_nodes(program)]
    for node in reachable(roots):
        if node.clock.timeframe:
            wanted.add((node.clock.source, node.clock.timeframe))
    for source, timeframe in sorted(wanted):
        for bars in traded if not source else [others[source]]:
            if parsed(timeframe).seconds < bars.timeframe.seconds:
                fine = finder.finer(bars.symbol, timeframe)
                if fine is not None:
                    found[bars.symbol, timeframe] = fine
                else:
                    finder.notes.append(f"there are no {timeframe} bars of {bars.symbol}")
    return found


def _cut(bars: Bars, start: str | None, end: str | None) -> Bars:
    if not (start or end):
        return bars
    after, until = bounds_of(start, end)
    keep = np.ones(len(bars), dtype=np.bool_)
    if after is not None:
        keep &= bars.ts > after
    if until is not None:
        keep &= bars.ts <= until
    return bars if keep.all() else selected(bars, keep)


def _until(bars: Bars, last: int) -> Bars:
    keep = bars.ts <= last
    return bars if keep.all() else selected(bars, keep)


def selected(bars: Bars, keep: Any) -> Bars:
    """Some of the bars: a mask, or a slice, which copies nothing."""
    columns = ("ts", "open_ts", "open", "high", "low", "close", "volume")
    picked = {name: getattr(bars, name)[keep] for name in columns}
    return replace(
        bars, **picked, columns={name: column[keep] for name, column in bars.columns.items()},
        is_synthetic=None if bars.is_synthetic is None else bars.is_synthetic[keep],
        factor=None if bars.factor is None else bars.factor[keep],
        rows=None if bars.rows is None else bars.rows[keep],
    )  # fmt: skip


def bounds_of(start: str | None, end: str | None) -> tuple[int | None, int | None]:
    """The instants after which, and until which, bars close that lie in a span; None where it is open."""
    after = instant_of(start, "from") if start else None
    if not end:
        return after, None
    # A bare date means that whole day.
    return after, instant_of(end, "to") + (86_400 * 10**9 if len(end) == 10 else 0)


def may_jump(project: Project, symbol: str) -> bool:
    """Whether the project file takes overnight moves of this symbol as real."""
    entry = project.entry(symbol)
    return entry is not None and entry.allow_jumps


def instant_of(text: str, what: str) -> int:
    from lingua.data.stamps import parse_one

    try:
        return parse_one(text, "UTC")
    except ValueError:
        raise OptionError(f"`{text}` is not a time", mend=f"write `--{what} 2020-01-31` or a full ISO time") from None
