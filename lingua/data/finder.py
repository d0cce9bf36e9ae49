"""Where the bars of a symbol are: what was given (`--data`), else what the project file says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from lingua.data.actions import actions_beside, load_actions
from lingua.data.bars import Action, Bars
from lingua.data.errors import DataError, MissingData, OptionError
from lingua.data.load import bars_from_table, load_frame
from lingua.data.names import guess_symbol, names_symbol, stem_of, timeframe_in
from lingua.data.project import Project, SymbolEntry
from lingua.data.raw import plain, symbols_of
from lingua.data.resample import resample
from lingua.data.table import Table, is_bars_file, read_table
from lingua.data.timeframe import Timeframe

FEW_FILES = 8

GivenActions = str | os.PathLike[str] | Sequence[Action]
"""Splits and dividends as they are given: an actions file, or what it would hold."""


class Finder:
    """Finds, reads and keeps bars. `notes` collect what a reader of the report should know of them."""

    def __init__(
        self,
        project: Project | Callable[[], Project],
        data: Any,
        *,
        stamps: str = "",
        zone: str = "",
        mend: Sequence[str] = (),
        actions: GivenActions | Mapping[str, GivenActions] | None = None,
        read: Callable[[Path], Table] = read_table,
    ) -> None:
        self._project = project
        self.data = Path(data) if isinstance(data, str | os.PathLike) else data
        self.notes: list[str] = []
        self._given = {"stamps": stamps, "zone": "" if zone == "UTC" else zone, "mend": tuple(mend)}
        self._actions = actions
        self._read = read
        self._tables: dict[Path, Table] = {}
        self._loaded: dict[tuple[str, str], Bars] = {}

    @cached_property
    def project(self) -> Project:
        """Read when it is needed, where it was given as a call: bars in memory need none."""
        return self._project if isinstance(self._project, Project) else self._project()

    def only(self, timeframe: str) -> Bars:
        """The bars of a program that names no symbol."""
        data = self.data
        if isinstance(data, Path) and data.is_dir():
            files = [path for path in sorted(data.iterdir()) if is_bars_file(path)]
            if len(files) == 1:
                data = files[0]
        if isinstance(data, Path) and not data.is_dir():
            return self._at(self._load(data, "", guess_symbol(data)), timeframe)
        if isinstance(data, dict) and len(data) == 1:
            return self.find(str(next(iter(data))), timeframe, is_only=True)
        if data is not None and not isinstance(data, Path | dict):
            return self._at(self._frame(data, ""), timeframe)
        if data is None and self.project.symbols:
            return self.find(next(iter(self.project.symbols)), timeframe, is_only=False)
        raise MissingData(
            "the program names no symbol and no file of bars is given",
            mend="pass `--data FILE` or `--symbol`, or write `trade AAPL @ 1d`",
        )  # fmt: skip

    def find(self, symbol: str, timeframe: str, *, is_only: bool) -> Bars:
        """Bars of `symbol` at `timeframe` ("" = as the file has them), resampled from finer ones if need be. `is_only`:
        no other symbol is traded, so that a file given is taken whatever it is called."""
        return self._at(self._bars(symbol, is_only, timeframe), timeframe)

    def finer(self, symbol: str, timeframe: str) -> Bars | None:
        """Bars finer than the traded ones, or None where there are none that fine."""
        try:
            return self.find(symbol, timeframe, is_only=True)
        except MissingData:
            return None

    def _at(self, bars: Bars, timeframe: str) -> Bars:
        if not timeframe or str(bars.timeframe) == timeframe:
            return bars
        wanted = parsed(timeframe)
        if not wanted.is_multiple_of(bars.timeframe):
            raise MissingData(
                f"{bars.symbol} has bars of {bars.timeframe}, which do not make bars of {timeframe}", file=bars.source,
                mend=f"give finer bars, or run on {bars.timeframe}: `--timeframe {bars.timeframe}`",
            )  # fmt: skip
        self._note(f"{bars.symbol} {timeframe} is built from bars of {bars.timeframe}")
        made = resample(bars, wanted)
        if not len(made):
            raise DataError(
                f"{len(bars)} bars of {bars.timeframe} make no complete bar of {timeframe}", file=bars.source,
                mend="give a longer history",
            )  # fmt: skip
        return made

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _bars(self, symbol: str, is_only: bool, timeframe: str) -> Bars:
        data = self.data
        if isinstance(data, dict):
            named = {plain(str(name)): value for name, value in data.items()}
            if plain(symbol) not in named:
                raise MissingData(
                    f"no bars of {symbol} are given", mend=f"given are {', '.join(map(str, data)) or 'none'}"
                )
            return self._named(named[plain(symbol)], symbol, timeframe)
        if data is None:
            return self._from_project(symbol, timeframe)
        if isinstance(data, Path):
            return (
                self._from_folder(data, symbol, timeframe)
                if data.is_dir()
                else self._from_file(data, symbol, is_only, timeframe)
            )
        return self._frame(data, symbol)

    def _named(self, data: Any, symbol: str, timeframe: str) -> Bars:
        """What a mapping gives for `symbol`: it says whose bars they are, whatever the file or the bars are called."""
        path = Path(data) if isinstance(data, str | os.PathLike) else None
        if path is None:
            bars = self._frame(data, symbol)
        elif path.is_dir():
            bars = self._from_folder(path, symbol, timeframe)
        else:
            held = symbols_of(self._table(path))
            if len(held) == 1 and plain(held[0]) != plain(symbol):
                bars = self._load(path, held[0], held[0])
            elif held:
                bars = self._from_file(path, symbol, True, timeframe)
            else:
                bars = self._load(path, symbol, symbol)
        if bars.symbol == symbol:
            return bars
        return replace(bars, symbol=symbol, instrument=replace(bars.instrument, symbol=symbol))

    def _frame(self, data: Any, symbol: str) -> Bars:
        if isinstance(data, Bars):
            return data
        key = (str(id(data)), symbol)
        if key not in self._loaded:
            options: dict[str, Any] = {k: v for k, v in self._given.items() if v}
            entry = self.project.entry(symbol)
            if entry is not None:
                options["terms"] = entry.instrument
            options["actions"] = self._given_actions(symbol)
            self._loaded[key] = load_frame(data, symbol=symbol, name=symbol or "DATA", **options)
        return self._loaded[key]

    def _given_actions(self, symbol: str) -> tuple[Action, ...] | None:
        given = self._actions
        if isinstance(given, Mapping):
            given = {plain(name): each for name, each in given.items()}.get(plain(symbol))
        if isinstance(given, str | os.PathLike):
            return load_actions(Path(given))
        return None if given is None else tuple(given)

    def _from_file(self, path: Path, symbol: str, is_only: bool, timeframe: str) -> Bars:
        held = symbols_of(self._table(path))
        if any(plain(each) == plain(symbol) for each in held):
            return self._load(path, symbol, symbol)
        if not held and names_symbol(path, symbol):
            return self._load(path, symbol, symbol)
        if is_only and len(held) <= 1:
            own = held[0] if held else guess_symbol(path)
            if own.isupper() and len(own) > 1 and any(c.isalpha() for c in own):
                self._note(f"the program trades {symbol}: this run is on the bars given, of {own}")
                return self._load(path, own, own)
            self._note(f"the bars of {symbol} are those of {path.name}")
            return self._load(path, symbol, symbol)
        beside = self._in_folder(path.resolve().parent, symbol, timeframe)
        if beside is not None:
            return beside
        try:
            return self._from_project(symbol, timeframe)
        except MissingData:
            what = f"holds {', '.join(held[:8])}" if held else f"is not of {symbol}"
            raise MissingData(
                f"no bars of {symbol}: the file given {what}, and there is none beside it", file=str(path),
                mend=f"name a file {plain(symbol).upper()}.csv, give a folder, or map it in lingua.toml",
            ) from None  # fmt: skip

    def _table(self, path: Path) -> Table:
        if path not in self._tables:
            self._tables[path] = self._read(path)
        return self._tables[path]

    def _load(self, path: Path, symbol: str, name: str) -> Bars:
        key = (str(path), symbol)
        if key not in self._loaded:
            entry = self.project.entry(symbol or name)
            options = self._options(path, entry)
            given = self._given_actions(symbol or name)
            if given is not None:
                options["actions"] = given
            elif "actions" not in options:
                options["actions"] = actions_beside(path, name) or actions_beside(path, stem_of(path))
            self._loaded[key] = bars_from_table(self._table(path), symbol=symbol, name=name, **options)
            if entry is not None and entry.note and path in entry.files:
                self._note(f"{name}: {entry.note}")
        return self._loaded[key]

    def _options(self, path: Path, entry: SymbolEntry | None) -> dict[str, Any]:
        """What the command line says, else what the project file says of this very file."""
        options: dict[str, Any] = {k: v for k, v in self._given.items() if v}
        if entry is None:
            return options
        options["terms"] = entry.instrument
        if path.resolve() in [each.resolve() for each in entry.files]:
            said = {"stamps": entry.stamps, "zone": entry.zone, "mend": entry.mend}
            options = {**{k: v for k, v in said.items() if v}, **options}
            if entry.timeframe and len(entry.files) == 1:
                options["timeframe"] = entry.timeframe
        if entry.actions is not None:
            options["actions"] = load_actions(entry.actions)
        return options

    def _from_project(self, symbol: str, timeframe: str) -> Bars:
        entry = self.project.entry(symbol)
        if entry is not None and entry.files:
            return self._best(list(entry.files), entry.symbol or symbol, symbol, timeframe)
        if self.project.folder is not None:
            return self._from_folder(self.project.folder, symbol, timeframe)
        known = ", ".join(self.project.symbols) or "no symbol"
        where = str(self.project.path) if self.project.path else ""
        cause = f"no bars of {symbol}: the project file knows {known}" if where else f"no bars of {symbol} are given"
        raise MissingData(
            cause, file=where, mend=f"pass `--data FILE`, or add [symbols.{symbol}] with a file to lingua.toml"
        )

    def _from_folder(self, folder: Path, symbol: str, timeframe: str) -> Bars:
        if not folder.is_dir():
            raise MissingData("there is no such folder", file=str(folder), mend="check `folder` in lingua.toml")
        found = self._in_folder(folder, symbol, timeframe)
        if found is None:
            files = [path.name for path in sorted(folder.iterdir()) if is_bars_file(path)]
            shown = ", ".join(files[:8]) + (f" and {len(files) - 8} more" if len(files) > 8 else "")
            raise MissingData(
                f"no file of {symbol} in the folder, which holds {shown or 'no files of bars'}", file=str(folder),
                mend=f"name a file {plain(symbol).upper()}.csv, or map it in lingua.toml",
            )  # fmt: skip
        return found

    def _in_folder(self, folder: Path, symbol: str, timeframe: str) -> Bars | None:
        every = [path for path in sorted(folder.iterdir()) if path.is_file() and is_bars_file(path)]
        files = [path for path in every if names_symbol(path, symbol)]
        if files:
            return self._best(files, symbol, symbol, timeframe)
        if len(every) <= FEW_FILES:
            for path in every:  # a file of several symbols has no symbol in its name
                try:
                    if any(plain(each) == plain(symbol) for each in symbols_of(self._table(path))):
                        return self._load(path, symbol, symbol)
                except DataError:
                    continue
        return None

    def _best(self, files: list[Path], inside: str, symbol: str, timeframe: str) -> Bars:
        """The file of that very timeframe, else the coarsest from which it can be built, else the first. `inside` is
        what a file of several symbols calls it."""
        if timeframe and len(files) > 1:
            told = [path for path in files if timeframe_in(path) == timeframe]
            files = told[:1] or files
        loaded = [self._load(path, inside, symbol) for path in files]
        loaded = [bars if bars.symbol == symbol else replace(bars, symbol=symbol) for bars in loaded]
        if not timeframe:
            return loaded[0]
        wanted = parsed(timeframe)
        able = [bars for bars in loaded if wanted.is_multiple_of(bars.timeframe)]
        return max(able, key=lambda bars: bars.timeframe.seconds) if able else loaded[0]


def parsed(text: str) -> Timeframe:
    try:
        return Timeframe.parse(text)
    except ValueError as problem:
        raise OptionError(str(problem), mend="write for example `--timeframe 1h`") from None
