"""The project file `lingua.toml`: where the bars of each symbol are, and what kind of thing it is.

[data]
folder = "data"

[symbols.BTCUSDT]
file = "data/BTCUSDT_5m.csv"
kind = "spot"
tick = 0.01
lot = 0.00001
calendar = "24x7"
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from lingua.data.calendars import calendar
from lingua.data.errors import DataError
from lingua.data.raw import plain
from lingua.data.timeframe import Timeframe
from lingua.data.zones import zone_named
from lingua.trading.instrument import Instrument

FILE_NAME = "lingua.toml"
OF_FILES = {"file", "files", "symbol", "timeframe", "stamps", "zone", "mend", "actions", "allow_jumps", "note"}
OF_INSTRUMENTS = {each.name for each in fields(Instrument)} - {"symbol", "is_assumed"}
TEXTS = {
    "kind", "quote", "fee_asset", "calendar", "session_zone", "file", "symbol", "timeframe", "stamps", "zone",
    "actions", "note",
}  # fmt: skip
CHOICES = {
    "kind": ("spot", "stock", "future", "perp", "fx"), "fee_asset": ("quote", "base"), "stamps": ("open", "close"),
}  # fmt: skip
CALENDARS = {
    "stock": ("XNYS", "America/New_York"), "future": ("CMES", "America/Chicago"), "fx": ("FX", "America/New_York"),
}  # fmt: skip
"""What a kind trades on unless said otherwise: a stock's daily bar does not close at midnight."""

CHECKED: dict[str, Callable[[str], Any]] = {
    "calendar": calendar, "timeframe": Timeframe.parse, "zone": zone_named, "session_zone": zone_named,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SymbolEntry:
    """What the project file says of one symbol; paths are absolute. `symbol` is what the files call it, if they hold
    several; `note` is repeated on every report; `allow_jumps` says that its large moves are real."""

    files: tuple[Path, ...] = ()
    symbol: str = ""
    timeframe: str = ""
    stamps: str = ""
    zone: str = ""
    mend: tuple[str, ...] = ()
    actions: Path | None = None
    allow_jumps: bool = False
    note: str = ""
    terms: dict[str, Any] = field(default_factory=dict)

    def instrument(self, assumed: Instrument) -> Instrument:
        """The record of the file over what is assumed; it counts as assumed while the kind is not given."""
        values = {each.name: getattr(assumed, each.name) for each in fields(Instrument)}
        kind = self.terms.get("kind", assumed.kind)
        if kind != assumed.kind:
            values = {each.name: each.default for each in fields(Instrument) if each.name != "symbol"}
            if kind in CALENDARS:
                values["calendar"], values["session_zone"] = CALENDARS[kind]
        if "calendar" in self.terms:
            values["session_zone"] = calendar(self.terms["calendar"]).zone
        return Instrument(**{**values, **self.terms, "symbol": assumed.symbol, "is_assumed": "kind" not in self.terms})


@dataclass(frozen=True, slots=True)
class Project:
    """`folder` is searched for files named after a symbol."""

    path: Path | None = None
    folder: Path | None = None
    symbols: dict[str, SymbolEntry] = field(default_factory=dict)

    def entry(self, symbol: str) -> SymbolEntry | None:
        """By name, else by the name without venue and punctuation: `BTC/USDT` finds [symbols.BTCUSDT]."""
        if symbol in self.symbols or not symbol:
            return self.symbols.get(symbol)
        same = [name for name in self.symbols if plain(name) == plain(symbol)]
        return self.symbols[same[0]] if len(same) == 1 else None


def find_project(near: Path | None) -> Project:
    """The nearest project file upwards from `near` (a file or a folder); an empty project if there is none."""
    start = (near or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return read_project(folder / FILE_NAME)
    return Project()


def read_project(path: Path) -> Project:
    """Raises DataError for what is not understood, with a guess at what was meant."""
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as problem:
        mend = "see docs/howto/data.md for an example"
        raise DataError(f"it is not TOML: {problem}", file=str(path), mend=mend) from None
    except OSError as problem:
        raise DataError(
            f"it cannot be read: {problem.strerror}", file=str(path), mend="check who may read it"
        ) from None
    _known(content, {"data", "symbols"}, path, "")
    data = _section(content, "data", path)
    _known(data, {"folder"}, path, "data.")
    folder = path.parent / _text(data["folder"], "data.folder", path) if "folder" in data else None
    symbols = {name: _entry(name, value, path) for name, value in _section(content, "symbols", path).items()}
    return Project(path, folder, symbols)


def _section(content: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    value = content.get(name, {})
    if not isinstance(value, dict):
        raise DataError(f"`{name}` is not a table", file=str(path), mend=f"write `[{name}]`")
    return value


def _entry(name: str, value: Any, path: Path) -> SymbolEntry:
    where = f"symbols.{name}"
    if not isinstance(value, dict):
        raise DataError(f"`{where}` is not a table", file=str(path), mend=f"write `[{where}]`")
    _known(value, OF_FILES | OF_INSTRUMENTS, path, f"{where}.")
    for key in TEXTS & value.keys():
        _text(value[key], f"{where}.{key}", path)
    for key, choices in CHOICES.items():
        if value.get(key, choices[0]) not in choices:
            known = ", ".join(choices)
            raise DataError(f"`{where}.{key}` is {value[key]!r}", file=str(path), mend=f"write one of {known}")
    if not isinstance(value.get("allow_jumps", False), bool):
        raise DataError(f"`{where}.allow_jumps` must be true or false", file=str(path), mend="write allow_jumps = true")
    for key in sorted(CHECKED.keys() & value.keys()):
        try:
            CHECKED[key](value[key])
        except ValueError as problem:
            raise DataError(f"`{where}.{key}`: {problem}", file=str(path), mend="choose one of these") from None
    terms = {key: _term(key, value[key], where, path) for key in sorted(OF_INSTRUMENTS & value.keys())}
    files = _texts(value.get("files", value.get("file", [])), f"{where}.files", path)
    mend = _texts(value.get("mend", []), f"{where}.mend", path)
    return SymbolEntry(
        tuple(path.parent / each for each in files), value.get("symbol", ""), value.get("timeframe", ""),
        value.get("stamps", ""), value.get("zone", ""), tuple(each for text in mend for each in text.split(",")),
        path.parent / value["actions"] if "actions" in value else None, value.get("allow_jumps", False),
        value.get("note", ""), terms,
    )  # fmt: skip


def _term(key: str, value: Any, where: str, path: Path) -> Any:
    """A term of the contract: a text, or a number that makes sense."""
    if key == "calendar":
        return calendar(value).name
    if key in TEXTS:
        return value
    least = 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < 1e15:
        raise DataError(f"`{where}.{key}` must be a number, 0 or more", file=str(path), mend=f"write {key} = 0.01")
    if key in ("multiplier", "initial_margin") and value == 0:
        raise DataError(f"`{where}.{key}` must be more than 0", file=str(path), mend=f"write {key} = 1")
    return float(value)


def _text(value: Any, where: str, path: Path) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise DataError(f"`{where}` must be a text", file=str(path), mend=f'write {where.rpartition(".")[2]} = "…"')
    return value


def _texts(value: Any, where: str, path: Path) -> list[str]:
    """A text, or a list of them."""
    return [_text(each, where, path) for each in (value if isinstance(value, list) else [value])]


def _known(content: dict[str, Any], allowed: set[str], path: Path, prefix: str) -> None:
    from lingua.diagnostics.suggest import did_you_mean

    for key in content:
        if key not in allowed:
            near = did_you_mean(key, sorted(allowed))
            mend = f"did you mean `{near}`?" if near else f"known are {', '.join(sorted(allowed))}"
            raise DataError(f"`{prefix}{key}` is not a known setting", file=str(path), mend=mend)
