"""Put strategies, parameter sets or periods side by side.

    lingua compare a.lingua b.lingua                          two strategies over the same bars
    lingua compare a.lingua --with "n=10" --with "n=20"       one strategy with other values
    lingua compare a.lingua --period 2015..2018 --period 2019..2022

Every file is run with every set of values over every period.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lingua.cli import exits
from lingua.cli.program import add_output_arguments, compile_file, parameter_values, show
from lingua.cli.running import add_account_arguments, add_market_arguments, run_program

if TYPE_CHECKING:
    from lingua.backtest.result import Result

FIGURES = (
    "total_return", "annual_return", "benchmark_return", "sharpe", "sortino", "max_drawdown", "volatility", "trades",
    "win_rate", "profit_factor", "average_trade_bp", "exposure", "cost_bp",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    values: dict[str, Any]
    run: Result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("files", metavar="FILE", nargs="+", help="strategies")
    parser.add_argument(
        "--with", metavar="VALUES", dest="sets", action="append", default=[],
        help="values of params, such as 'fast=10 slow=30'; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--period", metavar="A..B", action="append", default=[],
        help="such as 2015..2018 or 2020-01-01..2020-06-30; may be repeated",
    )  # fmt: skip
    parser.add_argument("--strategy", metavar="NAME", default="", help="which strategy of the files")
    parser.add_argument("--figure", metavar="NAME", action="append", default=[], help="these figures; may be repeated")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    add_market_arguments(parser)
    add_account_arguments(parser)
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from lingua.backtest.metrics import METRICS

    figures = tuple(options.figure) or FIGURES
    for name in figures:
        if name not in METRICS:
            from lingua.diagnostics.suggest import did_you_mean

            near = did_you_mean(name, list(METRICS))
            raise exits.UsageFailure(f"no figure is called {name}", f"did you mean `{near}`?" if near else "")
    columns = compared(options)
    if len(columns) < 2:
        raise exits.UsageFailure(
            "there is nothing to compare with", "name two files, or give `--with` or `--period` twice"
        )
    if options.json:
        print(json.dumps(as_dict(columns, figures), allow_nan=False, ensure_ascii=False))
    elif not options.quiet:
        print_comparison(columns, figures, options)
    return exits.FINE


def compared(options: argparse.Namespace) -> list[Column]:
    sets = [parameter_values(text.split()) for text in options.sets] or [{}]
    periods = [period(text) for text in options.period] or [(options.start, options.end)]
    if options.period and (options.start or options.end):
        raise exits.UsageFailure("`--period` stands in place of `--from` and `--to`", "give one of them")
    columns: list[Column] = []
    for file in options.files:
        for values in sets:
            compiled = compile_file(file, values, options.strategy)
            if not compiled.ok or not columns:
                show(compiled.problems, options)
            if not compiled.ok:
                raise exits.Failure(f"{file} has errors", exits.WRONG)
            for start, end in periods:
                options.start, options.end, options.file = start, end, file
                found = run_program(compiled, options)
                told = " ".join(f"{name}={value}" for name, value in values.items())
                when = f"{start}..{end}" if options.period else ""
                name = " ".join(part for part in (found.strategy if len(options.files) > 1 else "", told, when) if part)
                columns.append(Column(name or found.strategy, dict(values), found))
    return numbered(columns)


def numbered(columns: list[Column]) -> list[Column]:
    """Columns of one name get a number."""
    names = [each.name for each in columns]
    return [
        Column(f"{each.name} ({names[: k + 1].count(each.name)})", each.values, each.run)
        if names.count(each.name) > 1
        else each
        for k, each in enumerate(columns)
    ]


def period(text: str) -> tuple[str, str]:
    """`2015..2018` as the first day of 2015 and the last of 2018."""
    first, dots, last = text.partition("..")
    if not dots or not first.strip() or not last.strip():
        raise exits.UsageFailure(f"`{text}` is not a period", "write for example 2015..2018")
    first, last = first.strip(), last.strip()
    return f"{first}-01-01" if is_year(first) else first, f"{last}-12-31" if is_year(last) else last


def is_year(text: str) -> bool:
    return len(text) == 4 and text.isdecimal()


def correlation(a: Result, b: Result) -> float:
    """Of the returns of sessions that both have; NaN with fewer than 30 of them."""
    import numpy as np

    def by_session(run: Result) -> dict[int, float]:
        ends = run.curve.ends
        return dict(zip(run.clock[ends[1:]].tolist(), run.curve.returns.tolist(), strict=True))

    first, second = by_session(a), by_session(b)
    both = sorted(first.keys() & second.keys())
    x, y = np.array([first[ts] for ts in both]), np.array([second[ts] for ts in both])
    if len(both) < 30 or not x.std() > 0 or not y.std() > 0:
        return math.nan
    return float(np.mean((x - x.mean()) * (y - y.mean())) / (x.std() * y.std()))


def as_dict(columns: list[Column], figures: tuple[str, ...]) -> dict[str, Any]:
    return {
        "runs": [
            {
                "name": each.name,
                "strategy": each.run.strategy,
                "fingerprint": each.run.fingerprint,
                "values": each.values,
                "symbols": list(each.run.symbols),
                "from": each.run.to_dict()["from"],
                "to": each.run.to_dict()["to"],
                "figures": {name: plain(float(each.run.metrics[name])) for name in figures},
            }
            for each in columns
        ],
        "correlation": [[plain(correlation(a.run, b.run)) for b in columns] for a in columns],
    }


def plain(value: float) -> float | None:
    return None if math.isnan(value) else value


def print_comparison(columns: list[Column], figures: tuple[str, ...], options: argparse.Namespace) -> None:
    from lingua.backtest.metrics import METRICS
    from lingua.cli.terminal import print_table
    from lingua.report.format import day, figure

    names = [each.name for each in columns]
    spans = [f"{day(int(c.run.clock[0]))} to {day(int(c.run.clock[-1]))}" if len(c.run.clock) else "" for c in columns]
    rows = [["symbols", *(", ".join(c.run.symbols) for c in columns)], ["bars", *spans]]
    rows += [[METRICS[name].title, *(figure(name, c.run.metrics[name]) for c in columns)] for name in figures]
    rows += [
        [
            f"Correlation with {names[0]}",
            *("" if k == 0 else f"{correlation(columns[0].run, c.run):.2f}" for k, c in enumerate(columns)),
        ]
    ]
    right = range(1, len(columns) + 1)
    print_table(["", *names], rows, right=right, no_color=options.no_color)
