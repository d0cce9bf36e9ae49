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
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from lingua.data.errors import DataError
from lingua.trading.instrument import Instrument

FILE_NAME = "lingua.toml"
OF_FILES = {"file", "files", "timeframe", "stamps", "zone", "mend", "actions"}
OF_INSTRUMENTS = {each.name for each in fields(Instrument)} - {"symbol", "is_assumed"}
TEXTS = {"kind", "quote", "fee_asset", "calendar", "session_zone", "file", "timeframe", "stamps", "zone", "actions"}
KINDS = ("spot", "stock", "future", "perp", "fx")


@dataclass(frozen=True, slots=True)
class SymbolEntry:
    """What the project file says of one symbol; paths are absolute."""

    files: tuple[Path, ...] = ()
    timeframe: str = ""
    stamps: str = ""
    zone: str = "UTC"
    mend: tuple[str, ...] = ()
    actions: Path | None = None
    terms: dict[str, Any] = field(default_factory=dict)

    def instrument(self, symbol: str, assumed: Instrument) -> Instrument:
        """The record of the file over what is assumed; it counts as assumed while the kind is not given."""
        values = {each.name: getattr(assumed, each.name) for each in fields(Instrument)}
        if "kind" in self.terms and self.terms["kind"] != assumed.kind:
            values = {each.name: each.default for each in fields(Instrument) if each.name != "symbol"}
        return Instrument(**{**values, **self.terms, "symbol": symbol, "is_assumed": "kind" not in self.terms})


@dataclass(frozen=True, slots=True)
class Project:
    """`folder` is searched for files named after a symbol."""

    path: Path | None = None
    folder: Path | None = None
    symbols: dict[str, SymbolEntry] = field(default_factory=dict)


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
        content = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise DataError(f"it is not TOML: {problem}", file=str(path), mend="see docs/howto/data.md for an example") from None
    _known(content, {"data", "symbols"}, path, "")
    data = _section(content, "data", path)
    _known(data, {"folder"}, path, "data.")
    folder = path.parent / str(data["folder"]) if "folder" in data else None
    symbols = {
        name: _entry(name, value, path) for name, value in _section(content, "symbols", path).items()
    }
    return Project(path, folder, symbols)


def _section(content: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    value = content.get(name, {})
    if not isinstance(value, dict):
        raise DataError(f"`{name}` is not a table", file=str(path), mend=f"write `[{name}]`")
    return value


def _entry(name: str, value: Any, path: Path) -> SymbolEntry:
    if not isinstance(value, dict):
        raise DataError(f"`symbols.{name}` is not a table", file=str(path), mend=f"write `[symbols.{name}]`")
    _known(value, OF_FILES | OF_INSTRUMENTS, path, f"symbols.{name}.")
    for key in TEXTS & value.keys():
        if not isinstance(value[key], str):
            raise DataError(f"`symbols.{name}.{key}` must be a text", file=str(path), mend=f'write {key} = "…"')
    terms = {key: value[key] for key in OF_INSTRUMENTS & value.keys()}
    for key, term in terms.items():
        if key not in TEXTS:
            if isinstance(term, bool) or not isinstance(term, int | float) or term < 0:
                raise DataError(f"`symbols.{name}.{key}` must be a number, 0 or more", file=str(path), mend=f"write {key} = 0.01")
            terms[key] = float(term)
    if terms.get("kind", "spot") not in KINDS:
        raise DataError(f"`symbols.{name}.kind` is {terms['kind']!r}", file=str(path), mend=f"write one of {', '.join(KINDS)}")
    if "calendar" in terms:
        from lingua.data.calendars import calendar

        try:
            terms["calendar"] = calendar(terms["calendar"]).name
        except ValueError as problem:
            raise DataError(str(problem), file=str(path), mend="choose one of these") from None
    listed = value.get("files", [value["file"]] if "file" in value else [])
    mend = value.get("mend", [])
    return SymbolEntry(
        tuple(path.parent / str(each) for each in listed), value.get("timeframe", ""), value.get("stamps", ""),
        value.get("zone", "UTC"), tuple(mend.split(",") if isinstance(mend, str) else mend),
        path.parent / value["actions"] if "actions" in value else None, terms,
    )  # fmt: skip


def _known(content: dict[str, Any], allowed: set[str], path: Path, prefix: str) -> None:
    from lingua.diagnostics.suggest import did_you_mean

    for key in content:
        if key not in allowed:
            near = did_you_mean(key, sorted(allowed))
            mend = f"did you mean `{near}`?" if near else f"known are {', '.join(sorted(allowed))}"
            raise DataError(f"`{prefix}{key}` is not a known setting", file=str(path), mend=mend)
