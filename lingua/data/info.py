"""What a file of bars holds, in a few lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.actions import actions_beside
from lingua.data.bars import Bars
from lingua.data.load import Terms, bars_from_table
from lingua.data.names import guess_symbol
from lingua.data.raw import symbols_of
from lingua.data.table import read_table
from lingua.data.write import file_stamps


@dataclass(frozen=True, slots=True)
class Info:
    """`first` and `last` are stamps of the file, `opens` and `closes` the instants at which the first bar opens and
    the last closes (ISO, UTC)."""

    source: str
    size_bytes: int
    symbols: tuple[str, ...]
    symbol: str
    timeframe: str
    bars: int
    first: str
    last: str
    opens: str
    closes: str
    has_volume: bool
    columns: tuple[str, ...]
    kind: str
    calendar: str
    splits: int
    dividends: int
    missing_prices: int
    synthetic: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """The same for people."""
        out = [
            f"{self.source}: {self.size_bytes:,} bytes",
            f"{self.symbol} {self.timeframe}: {self.bars:,} bars, stamped {self.first} to {self.last}",
            f"the first opens at {self.opens}, the last closes at {self.closes}",
            f"taken for {self.kind} on the calendar {self.calendar}; " + ("" if self.has_volume else "no ") + "volume",
        ]
        if len(self.symbols) > 1:
            shown = ", ".join(self.symbols[:12]) + (", …" if len(self.symbols) > 12 else "")
            out.insert(1, f"{len(self.symbols)} symbols: {shown}")
        if self.columns:
            out.append(f"further columns: {', '.join(self.columns)}")
        if self.splits or self.dividends:
            out.append(f"{self.splits} splits and {self.dividends} dividends beside it")
        if self.missing_prices or self.synthetic:
            out.append(f"{self.missing_prices:,} bars without prices, {self.synthetic:,} filled in")
        return out


def describe_file(
    path: str | Path, *, symbol: str = "", timeframe: str = "", stamps: str = "", zone: str = "UTC",
    mend: Sequence[str] = (), terms: Terms | None = None,
) -> Info:  # fmt: skip
    """Arguments as for `load_bars`; of a file of several symbols the first is described. Raises DataError."""
    where = Path(path)
    table = read_table(where)
    held = symbols_of(table)
    chosen = symbol or (held[0] if len(held) > 1 else "")
    name = chosen or guess_symbol(where)
    bars = bars_from_table(
        table, symbol=chosen, name=name, timeframe=timeframe, stamps=stamps, zone=zone, mend=mend, terms=terms,
        actions=actions_beside(where, name),
    )  # fmt: skip
    return describe(bars, where.stat().st_size, tuple(held))


def describe(bars: Bars, size_bytes: int = 0, symbols: tuple[str, ...] = ()) -> Info:
    title, stamps = file_stamps(bars)
    are_dates = title == "date"
    return Info(
        source=bars.source, size_bytes=size_bytes, symbols=symbols, symbol=bars.symbol, timeframe=str(bars.timeframe),
        bars=len(bars), first=iso(int(stamps[0]), are_dates), last=iso(int(stamps[-1]), are_dates),
        opens=iso(int(bars.open_ts[0])), closes=iso(int(bars.ts[-1])), has_volume=not np.isnan(bars.volume).all(),
        columns=tuple(bars.columns), kind=bars.instrument.kind, calendar=bars.instrument.calendar,
        splits=sum(action.split != 1.0 for action in bars.actions),
        dividends=sum(action.dividend != 0.0 for action in bars.actions),
        missing_prices=int(np.isnan(bars.close).sum()),
        synthetic=0 if bars.is_synthetic is None else int(bars.is_synthetic.sum()),
    )  # fmt: skip


def iso(ts: int, is_date: bool = False) -> str:
    """UTC ns as ISO text."""
    moment = np.datetime64(ts, "ns")
    return str(moment.astype("datetime64[D]")) if is_date else f"{moment.astype('datetime64[s]')}Z"
