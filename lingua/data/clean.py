"""Clean a file of bars by named methods, and say what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lingua.data.actions import actions_beside
from lingua.data.bars import Action, Bars
from lingua.data.errors import rows_text
from lingua.data.load import Terms, bars_from_raw
from lingua.data.mends import Change
from lingua.data.names import guess_symbol
from lingua.data.raw import read_raw
from lingua.data.table import Table, read_table

USUAL = ("sort", "last", "drop")
"""What `lingua data clean` does when no method is named: nothing of it invents a price."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    bars: Bars
    changes: tuple[Change, ...]
    rows_before: int

    def lines(self) -> list[str]:
        """What was changed, for people."""
        out = [f"{self.rows_before:,} rows became {len(self.bars):,} bars of {self.bars.symbol} {self.bars.timeframe}"]
        for change in self.changes:
            where = f" ({rows_text(change.rows)})" if change.rows else ""
            out.append(f"{change.method}: {change.count:,} {change.text}{where}")
        return out if self.changes else [*out, "nothing was changed"]


def clean_file(
    path: str | Path,
    methods: Sequence[str] = USUAL,
    *,
    symbol: str = "",
    timeframe: str = "",
    stamps: str = "",
    zone: str = "UTC",
    terms: Terms | None = None,
) -> Cleaned:
    """Clean bars of a file. `methods` are names of `lingua.data.checks.MENDS`, applied in order; others as for
    `load_bars`. Raises DataError where faults are left, or a method is unknown."""
    where = Path(path)
    name = symbol or guess_symbol(where)
    return clean(
        read_table(where), methods, symbol=symbol, name=name, timeframe=timeframe, stamps=stamps, zone=zone,
        terms=terms, actions=actions_beside(where, name),
    )  # fmt: skip


def clean(
    table: Table,
    methods: Sequence[str] = USUAL,
    *,
    symbol: str = "",
    name: str = "",
    timeframe: str = "",
    stamps: str = "",
    zone: str = "UTC",
    terms: Terms | None = None,
    actions: Sequence[Action] = (),
) -> Cleaned:
    """The same for a table (`lingua.data.frames.from_frame` makes one of a frame)."""
    raw = read_raw(table, symbol, zone, methods)
    before = len(raw) + sum(len(fault.rows) for fault in raw.unreadable if fault.kind in ("ragged", "stamp"))
    bars, changes = bars_from_raw(
        raw, symbol or raw.symbol or name or "DATA", timeframe=timeframe, stamps=stamps, mend=methods, terms=terms,
        actions=actions, may_look_ahead=True,
    )  # fmt: skip
    return Cleaned(bars, changes, before)
