"""Write a new strategy from a template: trend, reversion or breakout."""

from __future__ import annotations

import argparse
import re
from importlib import resources
from pathlib import Path

from lingua.cli import exits

TEMPLATES = ("trend", "reversion", "breakout")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name of the strategy; the file is NAME in lower case")
    parser.add_argument("--template", choices=TEMPLATES, default="trend", help="which kind (default: trend)")
    parser.add_argument("--symbol", default="AAPL", help="what it trades (default: AAPL)")
    parser.add_argument("--timeframe", default="1d", help="its bars (default: 1d)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write here instead")


def run(options: argparse.Namespace) -> int:
    from lingua.data.timeframe import Timeframe

    name = options.name.removesuffix(".lingua")
    if not re.fullmatch(r"[A-Za-z_]\w*", name, flags=re.ASCII):
        raise exits.UsageFailure(f"`{name}` cannot name a strategy", "use letters, digits and `_`, a letter first")
    try:
        Timeframe.parse(options.timeframe)
    except ValueError as problem:
        raise exits.UsageFailure(str(problem)) from problem
    target = Path(options.output or f"{snake(name)}.lingua")
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(template(options.template, camel(name), options.symbol, options.timeframe))
    except FileExistsError:
        raise exits.UsageFailure(f"{target} is already there", "choose another name, or -o FILE") from None
    except OSError as problem:
        raise exits.UsageFailure(f"{target} cannot be written: {problem.strerror}") from problem
    print(f"{target}: next, `lingua check {target}` and `lingua backtest {target} --data FILE`")
    return exits.FINE


def template(kind: str, name: str, symbol: str, timeframe: str) -> str:
    text = (resources.files("lingua.cli") / "templates" / f"{kind}.lingua").read_text("utf-8")
    written = symbol if re.fullmatch(r"[A-Za-z_]\w*", symbol, flags=re.ASCII) else '"' + symbol.replace('"', "") + '"'
    return text.replace("$NAME", name).replace("$SYMBOL", written).replace("$TIMEFRAME", timeframe)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_") if part) or name
