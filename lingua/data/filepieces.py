"""The bars of a program from files too large to hold: what is known of them, and pieces in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.bars import Bars
from lingua.data.columnar import FileBars, NotInPieces, Survey, count_rows, is_columnar, sample, survey
from lingua.data.finder import GivenActions
from lingua.data.market import Market, Told, bounds_of, ended_of, load_market, may_jump, remarks_of
from lingua.data.pieces import Head, between, head_of, joined, span
from lingua.data.project import find_project
from lingua.data.table import Table, is_bars_file, read_table
from lingua.ir.program import Program

PIECE = 262_144
"""Rows of a piece, unless somebody says otherwise."""
LARGE = 20_000_000
"""Rows from which on a file is run in pieces without being asked to: a gigabyte of bars."""


def is_large(data: Any, rows: int = LARGE) -> bool:
    """Whether `data` is a columnar file, or a folder with one, of more than `rows` rows."""
    return any(count_rows(path) > rows for path in columnar_files(data))


def columnar_files(data: Any) -> list[Path]:
    """The Parquet and Arrow files that `data` names."""
    if not isinstance(data, str | Path):
        return []
    path = Path(data)
    if path.is_dir():
        return [each for each in sorted(path.iterdir()) if each.is_file() and is_bars_file(each) and is_columnar(each)]
    return [path] if path.is_file() and is_columnar(path) else []


class FilePieces:
    """As `lingua.data.pieces.Pieces`. Notes, counts and last bars are those of all once the pieces have gone by.

    Raises DataError where files are missing or wrong, NotInPieces for what can only be run in one piece: bars that are
    built from shorter ones, mends, texts, stamps of days.
    """

    def __init__(
        self,
        program: Program,
        data: Any,
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
        rows: int = PIECE,
    ) -> None:
        if mend:
            raise NotInPieces(
                "bars are not mended on the fly in pieces",
                mend=f"write a cleaned file: `lingua data clean FILE --mend {','.join(mend)} -o CLEAN.parquet`",
            )
        self._surveys: dict[str, Survey] = {}
        self._rows = rows
        self._zone = zone
        market = load_market(
            program, data, near=near, symbol=symbol, timeframe=timeframe, stamps=stamps, zone=zone,
            allow_jumps=True, actions=actions, reader=self._read, told=_Later(),
        )  # fmt: skip
        if market.finer:
            raise NotInPieces(
                "the program reads finer bars inside its own", mend="trade the finer bars, or run a shorter span"
            )
        after, until = bounds_of(start, end)
        self._told = market.notes
        project = find_project(near)
        self._jumps = {
            bars.symbol: allow_jumps or may_jump(project, bars.symbol)
            for bars in (*market.traded, *market.data.values())
        }
        self._traded = [self._source(bars, stamps, after, until) for bars in market.traded]
        self._data = {alias: self._source(bars, stamps, None, None) for alias, bars in market.data.items()}

    @property
    def traded(self) -> tuple[Head, ...]:
        return tuple(map(_head, self._traded))

    @property
    def data(self) -> dict[str, Head]:
        return {alias: _head(source) for alias, source in self._data.items()}

    def _read(self, path: Path) -> Table:
        if not is_columnar(path):
            return read_table(path)
        self._surveys[str(path)] = found = survey(path, self._zone, max(self._rows, PIECE))
        return sample(found)

    def _source(self, bars: Bars, stamps: str, after: int | None, until: int | None) -> FileBars | Bars:
        found = self._surveys.get(bars.source)
        if found is None:
            return between(bars, after, until)
        told = found.timeframe()
        if (bars.rows is not None and len(bars) != len(sample(found))) or not bars.timeframe.is_fixed:
            raise NotInPieces(
                f"{bars.symbol} {bars.timeframe} would be built from bars of {told}", file=bars.source,
                mend=f"write them to a file of their own: `lingua data resample FILE {bars.timeframe} -o BARS.parquet`",
            )  # fmt: skip
        if bars.timeframe != told:
            raise NotInPieces(
                f"the bars are {bars.timeframe} long at the beginning and {told} on the whole", file=bars.source,
                mend=f"say their length: `--timeframe {told}`",
            )  # fmt: skip
        return FileBars(found, bars, self._rows, stamps, after=after, until=until, allow_jumps=self._jumps[bars.symbol])

    @property
    def notes(self) -> tuple[str, ...]:
        """Of all bars that have gone by."""
        found: list[str] = []
        for note in self._told:
            if note == _ENDED:
                found += ended_of({head.bars.symbol: head.last_ts for head in self.traded})
            elif note.startswith(_REMARKS):
                found += self._remarks(note.removeprefix(_REMARKS))
            else:
                found.append(note)
        return tuple(dict.fromkeys(found))

    def _remarks(self, symbol: str) -> list[str]:
        for source in (*self._traded, *self._data.values()):
            if isinstance(source, FileBars) and source.terms.symbol == symbol:
                return remarks_of(symbol, source.missing, source.count, source.synthetic, source.last[0])
            if isinstance(source, Bars) and source.symbol == symbol:
                return Told().remarks(source)
        return []

    def pieces(self) -> Iterator[Market]:
        """Each piece ends where the piece of the source that ends first does."""
        names = [*range(len(self._traded)), *self._data]
        sources = dict(zip(names, (*self._traded, *self._data.values()), strict=True))
        flows = {name: _Flow(source) for name, source in sources.items()}
        while True:
            for flow in flows.values():
                flow.fill()
            waiting = [flow for flow in flows.values() if not flow.is_over]
            end = min((flow.end for flow in waiting), default=None)
            parts = {name: flow.take(end) for name, flow in flows.items()}
            market = Market(
                tuple(parts[number] for number in range(len(self._traded))),
                {alias: parts[alias] for alias in self._data}, {}, (),
            )  # fmt: skip
            if any(len(bars) for bars in market.traded):
                yield market
            else:
                # Bars of data symbols wait for the next bar that is traded.
                for alias in self._data:
                    flows[alias].put_back(parts[alias])
            if end is None or all(flows[number].is_done for number in range(len(self._traded))):
                return


_REMARKS, _ENDED = "remarks of ", "what ended"
"""Stand among the notes until all bars have gone by."""


class _Later(Told):
    def remarks(self, bars: Bars) -> list[str]:
        return [_REMARKS + bars.symbol]

    def ended(self, traded: Sequence[Bars]) -> list[str]:
        return [_ENDED]


class _Flow:
    """The bars of one source that were read and not yet passed on."""

    def __init__(self, source: FileBars | Bars) -> None:
        self._pieces = iter([source]) if isinstance(source, Bars) else source.pieces()
        self._held: Bars | None = None
        self.is_over = False
        """Nothing more can be read."""

    @property
    def end(self) -> int:
        return int(self._held.ts[-1]) if self._held is not None and len(self._held) else -(2**63)

    @property
    def is_done(self) -> bool:
        return self.is_over and (self._held is None or not len(self._held))

    def fill(self) -> None:
        """Hold at least one bar, as long as there are any."""
        while not self.is_over and (self._held is None or not len(self._held)):
            self._next()

    def _next(self) -> None:
        bars = next(self._pieces, None)
        if bars is None:
            self.is_over = True
        else:
            self._held = bars if self._held is None or not len(self._held) else joined(self._held, bars)

    def take(self, end: int | None) -> Bars:
        """The bars that close by `end`; all that are held where it is None."""
        assert self._held is not None
        last = len(self._held) if end is None else int(np.searchsorted(self._held.ts, end, side="right"))
        taken, self._held = span(self._held, 0, last), span(self._held, last, len(self._held))
        return taken

    def put_back(self, bars: Bars) -> None:
        if len(bars):
            self._held = bars if self._held is None or not len(self._held) else joined(bars, self._held)


def _head(source: FileBars | Bars) -> Head:
    if isinstance(source, Bars):
        return head_of(source)
    return Head(span(source.terms, 0, 0), source.total, source.first, source.last[1])
