"""The bars a program needs, found and brought to its timeframes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.actions import load_actions, refuse_jumps
from lingua.data.bars import Bars
from lingua.data.errors import DataError
from lingua.data.load import load_bars, load_frame
from lingua.data.project import Project, find_project
from lingua.data.resample import resample
from lingua.data.timeframe import Timeframe
from lingua.ir.analysis import decision_nodes, reachable
from lingua.ir.program import Program

ENDINGS = (".csv", ".parquet", ".feather", ".arrow", ".ipc", ".tsv", ".txt")


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
) -> Market:
    """Bars for every symbol the program trades or reads.

    Args:
        data: a file, a folder, a pandas or Polars frame, `Bars`, or a mapping from symbol to any of these; None: the
            project file found from `near` says where they are.
        symbol, timeframe: trade this instead of what the program says.
        start, end: first and last instant (ISO); what lies outside is cut off.

    Raises:
        DataError: when bars are missing or wrong.
    """
    project = find_project(near)
    finder = _Finder(project, data, stamps, zone, tuple(mend))
    names = (symbol,) if symbol else program.symbols
    wanted = timeframe or program.timeframe
    if timeframe:
        _timeframe(timeframe)
    notes: list[str] = []
    traded = []
    if not names:
        traded.append(finder.only(wanted))
        notes.append(f"the program names no symbol: it trades {traded[0].symbol} {traded[0].timeframe}")
    for name in names:
        bars = finder.find(name, wanted, is_only=len(names) == 1 and not program.data)
        if bars.symbol != name:
            notes.append(f"{name} is taken from the bars of {bars.symbol}")
        traded.append(bars)
    base = str(traded[0].timeframe)
    others = {}
    for decl in program.data:
        others[decl.alias] = finder.find(decl.symbol, decl.timeframe or base, is_only=False)
    finer = _finer(program, finder, traded, others, base)
    cut = [_cut(bars, start, end) for bars in traded]
    for bars in cut:
        if not allow_jumps:
            refuse_jumps(bars)
        if not len(bars):
            raise DataError(f"no bar of {bars.symbol} lies in the span asked for", file=bars.source, mend="check --from and --to")
    last = max(int(bars.ts[-1]) for bars in cut)
    return Market(
        tuple(cut), {alias: _until(bars, last) for alias, bars in others.items()}, finer, tuple(notes + finder.notes)
    )


class _Finder:
    def __init__(self, project: Project, data: Any, stamps: str, zone: str, mend: tuple[str, ...]) -> None:
        self.project = project
        self.data = Path(data) if isinstance(data, str | os.PathLike) else data
        self.options: dict[str, Any] = {"stamps": stamps, "zone": zone, "mend": mend}
        self.notes: list[str] = []
        self._loaded: dict[tuple[str, str], Bars] = {}

    def only(self, timeframe: str) -> Bars:
        """The bars of a program that names no symbol."""
        if isinstance(self.data, Path) and self.data.is_file():
            return self._at(self._load(self.data, "", self.data.stem.partition(".")[0]), timeframe)
        if isinstance(self.data, Bars) or (self.data is not None and not isinstance(self.data, Path | dict)):
            return self._at(self._frame(self.data, ""), timeframe)
        if isinstance(self.data, dict) and len(self.data) == 1:
            return self.find(next(iter(self.data)), timeframe, is_only=True)
        if self.data is None and len(self.project.symbols) >= 1:
            return self.find(next(iter(self.project.symbols)), timeframe, is_only=False)
        raise DataError(
            "the program names no symbol and no file of bars is given", mend="pass `--data FILE`, or write `trade AAPL @ 1d`"
        )

    def find(self, symbol: str, timeframe: str, *, is_only: bool) -> Bars:
        """Bars of `symbol` at `timeframe` ("" = as the file has them), resampled from finer ones if need be."""
        bars = self._given(symbol, is_only, timeframe)
        return self._at(bars, timeframe)

    def at_least(self, symbol: str, timeframe: str) -> Bars | None:
        """Bars finer than the base, or None when there are none that fine."""
        try:
            bars = self._given(symbol, True, timeframe)
            return self._at(bars, timeframe)
        except DataError:
            return None

    def _at(self, bars: Bars, timeframe: str) -> Bars:
        if not timeframe or str(bars.timeframe) == timeframe:
            return bars
        wanted = _timeframe(timeframe)
        if not wanted.is_multiple_of(bars.timeframe):
            raise DataError(
                f"{bars.symbol} has bars of {bars.timeframe}, which do not make bars of {timeframe}", file=bars.source,
                mend=f"give finer bars, or run on {bars.timeframe}: `--timeframe {bars.timeframe}`",
            )  # fmt: skip
        note = f"{bars.symbol} {timeframe} is built from bars of {bars.timeframe}"
        if note not in self.notes:
            self.notes.append(note)
        return resample(bars, wanted)

    def _given(self, symbol: str, is_only: bool, timeframe: str) -> Bars:
        data = self.data
        if isinstance(data, dict):
            if symbol not in data:
                raise DataError(f"no bars of {symbol} are given", mend=f"given are {', '.join(map(str, data)) or 'none'}")
            data = data[symbol]
            data = Path(data) if isinstance(data, str | os.PathLike) else data
            is_only = True
        if data is None:
            return self._from_project(symbol, timeframe)
        if isinstance(data, Path):
            if data.is_dir():
                return self._from_folder(data, symbol, timeframe)
            return self._from_file(data, symbol, is_only, timeframe)
        return self._frame(data, symbol)

    def _frame(self, data: Any, symbol: str) -> Bars:
        if isinstance(data, Bars):
            return data
        key = (str(id(data)), symbol)
        if key not in self._loaded:
            self._loaded[key] = load_frame(data, symbol=symbol, **self.options)
        return self._loaded[key]

    def _from_file(self, path: Path, symbol: str, is_only: bool, timeframe: str) -> Bars:
        name = path.stem.partition(".")[0]
        if not is_only and symbol.lower() not in name.lower():
            try:
                return self._load(path, symbol, symbol)
            except DataError:
                beside = self._in_folder(path.parent, symbol, timeframe)
                if beside is not None:
                    return beside
                return self._from_project(symbol, timeframe)
        return self._load(path, symbol, name)

    def _load(self, path: Path, symbol: str, name: str) -> Bars:
        """A file under the name it has; a file of several symbols gives the one asked for."""
        key = (str(path), symbol)
        if key not in self._loaded:
            entry = self.project.symbols.get(symbol) or self.project.symbols.get(name)
            options = dict(self.options)
            if entry is not None and path.resolve() in [each.resolve() for each in entry.files]:
                options = {
                    "stamps": options["stamps"] or entry.stamps,
                    "zone": entry.zone if options["zone"] == "UTC" else options["zone"],
                    "mend": options["mend"] or entry.mend,
                    "timeframe": entry.timeframe if len(entry.files) == 1 else "",
                }
                if entry.actions is not None:
                    options["actions"] = load_actions(entry.actions)
            bars = load_bars(path, symbol=symbol, **options)
            if entry is not None:
                # Once more, because the calendar says when a daily bar opens and closes.
                record = entry.instrument(bars.symbol, bars.instrument)
                bars = load_bars(path, symbol=symbol, instrument=record, **options)
            if bars.symbol == symbol and name and name != symbol and _is_single(path, symbol):
                bars = replace(bars, symbol=symbol)
            self._loaded[key] = bars
        return self._loaded[key]

    def _from_project(self, symbol: str, timeframe: str) -> Bars:
        entry = self.project.symbols.get(symbol)
        if entry is not None and entry.files:
            loaded = [self._load(path, symbol, symbol) for path in entry.files]
            return _best(loaded, timeframe)
        if self.project.folder is not None:
            return self._from_folder(self.project.folder, symbol, timeframe)
        known = ", ".join(self.project.symbols) or "none"
        where = str(self.project.path) if self.project.path else ""
        cause = f"no bars of {symbol}: the project file knows {known}" if where else f"no bars of {symbol} are given"
        raise DataError(cause, file=where, mend=f"pass `--data FILE`, or add [symbols.{symbol}] with a file to lingua.toml")

    def _from_folder(self, folder: Path, symbol: str, timeframe: str) -> Bars:
        found = self._in_folder(folder, symbol, timeframe)
        if found is None:
            names = ", ".join(sorted(p.name for p in folder.iterdir() if p.suffix in ENDINGS)[:8]) or "no files of bars"
            raise DataError(
                f"no file of {symbol} in the folder, which holds {names}", file=str(folder),
                mend=f"name a file {symbol}.csv, or map it in lingua.toml",
            )  # fmt: skip
        return found

    def _in_folder(self, folder: Path, symbol: str, timeframe: str) -> Bars | None:
        plain = symbol.rpartition(":")[2].lower()
        files = [
            path
            for path in sorted(folder.iterdir())
            if path.suffix in ENDINGS and ".actions" not in path.name and _names(path.stem.lower(), plain)
        ]
        return _best([self._load(path, symbol, symbol) for path in files], timeframe) if files else None


def _names(stem: str, symbol: str) -> bool:
    """`btcusdt`, `btcusdt_1h` and `btcusdt-5m` name btcusdt; `btcusdtx` does not."""
    return stem == symbol or (stem.startswith(symbol) and not stem[len(symbol)].isalnum())


def _is_single(path: Path, symbol: str) -> bool:
    return symbol.rpartition(":")[2].lower() in path.stem.lower()


def _best(found: list[Bars], timeframe: str) -> Bars:
    """The file of that very timeframe, else the coarsest from which it can be built, else the first."""
    if not timeframe:
        return found[0]
    wanted = _timeframe(timeframe)
    able = [bars for bars in found if wanted.is_multiple_of(bars.timeframe)]
    return max(able, key=lambda bars: bars.timeframe.seconds) if able else found[0]


def _finer(
    program: Program, finder: _Finder, traded: list[Bars], others: dict[str, Bars], base: str
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
            if _timeframe(timeframe).seconds < bars.timeframe.seconds:
                fine = finder.at_least(bars.symbol, timeframe)
                if fine is not None:
                    found[bars.symbol, timeframe] = fine
                else:
                    finder.notes.append(f"there are no {timeframe} bars of {bars.symbol}")
    return found


def _timeframe(text: str) -> Timeframe:
    try:
        return Timeframe.parse(text)
    except ValueError as problem:
        raise DataError(str(problem), mend="write for example `--timeframe 1h`") from None


def _cut(bars: Bars, start: str | None, end: str | None) -> Bars:
    keep = np.ones(len(bars), dtype=np.bool_)
    if start:
        keep &= bars.ts > _instant(start, "from")
    if end:
        # A bare date means that whole day.
        last = _instant(end, "to")
        keep &= bars.ts <= (last + 86_400 * 10**9 if len(end) == 10 else last)
    return bars if keep.all() else _select(bars, keep)


def _until(bars: Bars, last: int) -> Bars:
    keep = bars.ts <= last
    return bars if keep.all() else _select(bars, keep)


def _select(bars: Bars, keep: Any) -> Bars:
    columns = ("ts", "open_ts", "open", "high", "low", "close", "volume")
    picked = {name: getattr(bars, name)[keep] for name in columns}
    return replace(
        bars, **picked, columns={name: column[keep] for name, column in bars.columns.items()},
        is_synthetic=None if bars.is_synthetic is None else bars.is_synthetic[keep],
        factor=None if bars.factor is None else bars.factor[keep],
    )  # fmt: skip


def _instant(text: str, what: str) -> int:
    from lingua.data.stamps import parse_one

    try:
        return parse_one(text, "UTC")
    except ValueError:
        raise DataError(f"`{text}` is not a time", mend=f"write `--{what} 2020-01-31` or a full ISO time") from None
