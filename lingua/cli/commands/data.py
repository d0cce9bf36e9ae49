"""Look at price files, mend them, and turn them into other bars and formats.

lingua data check FILE        a score from 0 to 100, and every issue with its rows
lingua data info FILE         what the file holds
lingua data clean FILE -o OUT           mend by named methods, and say what was changed
lingua data resample FILE 1h -o OUT     longer bars, or bars of trades and quotes
lingua data convert FILE -o OUT         another format, told by the ending of OUT
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingua.cli import exits

if TYPE_CHECKING:
    from lingua.data.bars import Bars
    from lingua.data.clean import Cleaned
    from lingua.data.project import SymbolEntry
    from lingua.data.timeframe import Timeframe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, (help, act) in ACTIONS.items():
        action = actions.add_parser(name, help=help, description=help, allow_abbrev=False)
        action.set_defaults(act=act)
        action.add_argument("file", metavar="FILE", help="CSV, TSV, Parquet, Feather or Arrow")
        if name == "resample":
            action.add_argument("to", metavar="T", help="the longer bars, such as 1h, 1d or 1w")
        if name in ("clean", "resample", "convert"):
            action.add_argument(
                "-o", "--output", metavar="OUT", required=True, help="write here; the ending is the format"
            )
        if name != "check":
            action.add_argument(
                "--mend", metavar="METHOD", action="append", default=[],
                help=", ".join(METHODS) + "; may be repeated" + (USUALLY if name == "clean" else ""),
            )  # fmt: skip
        if name in ("check", "info", "clean"):
            action.add_argument("--json", action="store_true", help="one JSON object")
        action.add_argument("--symbol", default="", help="which symbol, in a file of several")
        action.add_argument("--timeframe", metavar="T", default="", help="the bar length, if the stamps do not tell it")
        action.add_argument("--stamps", choices=("open", "close"), default="", help="what the stamps of the file mean")
        action.add_argument(
            "--zone", metavar="ZONE", default="", help="time zone of stamps that name none (default: UTC)"
        )
        action.add_argument("-q", "--quiet", action="store_true", help="print errors alone")


def run(options: argparse.Namespace) -> int:
    return int(options.act(options))


def check(options: argparse.Namespace) -> int:
    from lingua.data.quality import check_file

    report = check_file(options.file, **reading(options))
    if options.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    elif not options.quiet:
        print("\n".join(report.lines()))
    return exits.FINE if report.may_run else exits.DATA


def info(options: argparse.Namespace) -> int:
    from lingua.data.info import describe_file

    found = describe_file(options.file, mend=methods(options), **reading(options))
    if options.json:
        print(json.dumps(found.as_dict(), ensure_ascii=False))
    elif not options.quiet:
        print("\n".join(found.lines()))
    return exits.FINE


def clean(options: argparse.Namespace) -> int:
    from lingua.data.clean import USUAL

    cleaned = read(options, methods(options) or USUAL)
    write(cleaned.bars, options)
    if options.json:
        changes = [
            {"method": each.method, "text": each.text, "count": each.count, "rows": list(each.rows)}
            for each in cleaned.changes
        ]
        print(json.dumps({"rows_before": cleaned.rows_before, "bars": len(cleaned.bars), "changes": changes}))
    elif not options.quiet:
        print("\n".join(cleaned.lines()))
    return exits.FINE


def resample(options: argparse.Namespace) -> int:
    from lingua.data.resample import resample as longer_bars
    from lingua.data.timeframe import Timeframe

    try:
        wanted = Timeframe.parse(options.to)
    except ValueError as problem:
        raise exits.UsageFailure(str(problem)) from problem
    bars = _of_ticks(options, wanted)
    if bars is not None:
        write(bars, options)
        if not options.quiet:
            print(f"{options.output}: {len(bars):,} bars of {wanted} from ticks")
        return exits.FINE
    bars = read(options, methods(options)).bars
    if not wanted.is_multiple_of(bars.timeframe):
        raise exits.UsageFailure(
            f"bars of {bars.timeframe} do not make bars of {wanted}", "take a multiple, such as 1h, 1d, 1w or 1mo"
        )
    longer = longer_bars(bars, wanted)
    write(longer, options)
    if not options.quiet:
        print(f"{options.output}: {len(longer):,} bars of {wanted} from {len(bars):,} of {bars.timeframe}")
    return exits.FINE


def _of_ticks(options: argparse.Namespace, wanted: Timeframe) -> Bars | None:
    """Bars of the trades or quotes in a file; None for a file of bars."""
    from lingua.data.names import guess_symbol
    from lingua.data.roles import is_ticks
    from lingua.data.table import read_table
    from lingua.data.ticks import bars_from_ticks

    table = read_table(Path(options.file))
    if not is_ticks(table):
        return None
    how = reading(options)
    return bars_from_ticks(
        table, wanted, symbol=how["symbol"], name=guess_symbol(Path(options.file)), zone=how["zone"],
        mend=methods(options), terms=how.get("terms"),
    )  # fmt: skip


def convert(options: argparse.Namespace) -> int:
    cleaned = read(options, methods(options))
    write(cleaned.bars, options)
    if not options.quiet:
        print(f"{options.output}: {len(cleaned.bars):,} bars of {cleaned.bars.symbol} {cleaned.bars.timeframe}")
    return exits.FINE


def read(options: argparse.Namespace, mend: tuple[str, ...]) -> Cleaned:
    """The bars after the methods, and what they changed. Raises DataError for what is still wrong."""
    from lingua.data.clean import clean_file

    return clean_file(options.file, mend, **reading(options))


def write(bars: Any, options: argparse.Namespace) -> None:
    from lingua.data.write import write_bars

    if Path(options.output).exists() and Path(options.output).samefile(options.file):
        raise exits.UsageFailure(f"{options.output} is the file that is read", "write to another one: -o OUT")
    write_bars(bars, options.output)


def methods(options: argparse.Namespace) -> tuple[str, ...]:
    return tuple(name for given in options.mend for name in given.split(",") if name)


def reading(options: argparse.Namespace) -> dict[str, Any]:
    """How the file is to be read: as the command line says, else as the project file says of it."""
    entry = entry_of(Path(options.file))
    said = {
        "symbol": options.symbol,
        "timeframe": options.timeframe or (entry.timeframe if entry is not None and len(entry.files) == 1 else ""),
        "stamps": options.stamps or (entry.stamps if entry is not None else ""),
        "zone": options.zone or (entry.zone if entry is not None else "") or "UTC",
    }
    return {**said, "terms": entry.instrument} if entry is not None else said


def entry_of(file: Path) -> SymbolEntry | None:
    """What the nearest `lingua.toml` says of a price file."""
    from lingua.data.project import find_project

    where = file.resolve()
    entries = find_project(file).symbols.values()
    return next((entry for entry in entries if where in [each.resolve() for each in entry.files]), None)


METHODS = ("sort", "first", "last", "drop", "close", "clip", "forward", "na", "linear", "spike", "mad")
USUALLY = " (default: sort, last, drop)"
ACTIONS = {
    "check": ("a score from 0 to 100, and every issue with its rows", check),
    "info": ("what the file holds", info),
    "clean": ("mend by named methods, and say what was changed", clean),
    "resample": ("longer bars from shorter ones, or bars from trades and quotes", resample),
    "convert": ("write another format", convert),
}
