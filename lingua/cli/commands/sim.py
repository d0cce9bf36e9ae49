"""Simulate an exchange on this machine, with its own protocol, from recorded prices.

lingua sim binance --data FILE --speed 60     bars of the file happen a minute each second, on a Binance of your own

Any client of Binance's spot exchange can trade there when its addresses are changed to the ones that are printed.
Nothing is sent to anybody, and the money is play money. Things can be made to go wrong: see docs/howto/simulator.md.
"""

from __future__ import annotations

import argparse
import importlib
from typing import Any

from lingua.cli import exits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("venue", choices=("binance",), help="which exchange: binance (spot)")
    parser.add_argument(
        "--data", metavar="PATH", default="lingua.toml", help="a file of bars or trades, a folder, or a lingua.toml"
    )
    parser.add_argument("--symbol", metavar="NAME", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--timeframe", metavar="T", default="", help="play bars of this length, made from finer ones")
    parser.add_argument(
        "--speed", metavar="X", type=number(0, 1e6), default=1.0,
        help="market time runs so many times as fast; 0: it is moved by POST /sim/advance (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="at", choices=("now", "recorded"), default="",
        help="the recording happens now, or at its own dates (default: now at speed 1, else at its own dates)",
    )  # fmt: skip
    parser.add_argument("--history", metavar="N", type=number(0, 1e7), help="bars that have happened when it begins")
    parser.add_argument("--port", metavar="P", type=number(0, 65535), default=8787, help="0: any (default: 8787)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--faults", metavar="FILE", help="what goes wrong, in TOML or JSON")
    parser.add_argument("--seed", metavar="N", type=number(0, 2**31), default=0, help="of faults that happen by chance")
    market = parser.add_argument_group("market and accounts")
    market.add_argument(
        "--path", choices=("natural", "adverse", "up", "down"), default="natural",
        help="which extreme of a bar comes first: as its close suggests, the one where stops rest, or always one",
    )  # fmt: skip
    market.add_argument("--balance", metavar="B", default="USDT=100000", help="of the account (default: USDT=100000)")
    market.add_argument(
        "--account", metavar="A", action="append", default=[],
        help="one more, as NAME:KEY:SECRET:USDT=1000,BTC=1; a key that ends in ! only reads",
    )  # fmt: skip
    market.add_argument("--maker", metavar="RATE", type=rate, default="0.001", help="fee (default: 0.1%%)")
    market.add_argument("--taker", metavar="RATE", type=rate, default="0.001", help="fee (default: 0.1%%)")
    market.add_argument("--fee-asset", metavar="ASSET", default="", help="fees are taken from it while there is some")
    market.add_argument("--spread", metavar="RATE", type=rate, default="0", help="such as 2bp (default: 0)")
    market.add_argument("--share", metavar="PART", type=rate, default="1", help="fill orders in parts of this share")
    market.add_argument("--touch", action="store_true", help="limit orders fill when the price reaches them")
    parser.add_argument("--once", action="store_true", help="end when the recording does")
    parser.add_argument("--for", dest="seconds", metavar="S", type=number(0, 1e7), help="end after so many seconds")
    parser.add_argument("-q", "--quiet", action="store_true", help="print the addresses alone")


def run(options: argparse.Namespace) -> int:
    try:
        # By name, because the language does not depend on the adapters.
        main: Any = importlib.import_module("lingua_adapters.simulator.main")
    except ModuleNotFoundError as problem:
        raise exits.UsageFailure(
            f"the simulator needs {problem.name}, which is not installed", "pip install 'lingua-trading[live]'"
        ) from problem
    try:
        return int(main.serve(vars(options)))
    except main.CannotServe as problem:
        raise exits.UsageFailure(str(problem), problem.mend) from None
    except OSError as problem:
        raise exits.UsageFailure(
            f"{options.host}:{options.port} cannot be listened on: {problem.strerror or problem}",
            "is it running already? --port 0 takes any free port",
        ) from problem


def number(least: float, most: float) -> Any:
    def read(text: str) -> float | int:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"`{text}` is not a number from {least:g} to {most:g}")
        return int(value) if value.is_integer() else value

    return read


def rate(text: str) -> str:
    """A share such as 0.1%, 10bp or 0.001, as an exact decimal."""
    from decimal import Decimal, InvalidOperation

    units = {"%": Decimal("0.01"), "bp": Decimal("0.0001")}
    unit = next((each for each in units if text.endswith(each)), "")
    try:
        value = Decimal(text.removesuffix(unit)) * units.get(unit, Decimal(1))
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"`{text}` is not a share; write 0.1%, 10bp or 0.001")
    return format(value, "f")
