"""Send a strategy to a node: a `.lgx` artefact of `lingua build`, or a program, which is built first.

`lingua deploy` takes --mode; `lingua paper` and `lingua live` are the same with theirs. A live deployment sends real
orders: --confirm says that this is meant, and `lingua arm` by another person is the second confirmation. --dry-run
looks whether everything it needs is there and begins nothing.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from lingua.cli import exits
from lingua.cli.asking import add_node_arguments, ask, plain
from lingua.cli.program import add_set_argument, add_strategy_argument, compile_or_fail, parameter_values
from lingua.cli.running import money, rate

MODES = ("advisory", "paper", "semi", "live")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    command = parser.prog.split()[-1]
    parser.add_argument("file", metavar="FILE", help="a .lgx artefact or a .lingua program")
    add_set_argument(parser)
    add_strategy_argument(parser)
    parser.add_argument("--id", metavar="NAME", help="its name on the node (default: the strategy's)")
    parser.set_defaults(mode=command if command in MODES else "paper", quiet=False)
    if command == "deploy":
        parser.add_argument("--mode", choices=MODES, help="default: paper")
    parser.add_argument("--account", metavar="NAME", help="on which account (default: the node's first)")
    parser.add_argument("--symbol", metavar="S", action="append", dest="symbols", help="trade this; may be repeated")
    parser.add_argument("--timeframe", metavar="T", help="trade these bars instead, such as 1h")
    parser.add_argument("--capital", metavar="MONEY", type=money, help="what it may trade with (default: 100,000)")
    parser.add_argument("--commission", metavar="RATE", type=rate, help="of paper fills, per side, such as 0.1%%")
    parser.add_argument("--slippage", metavar="RATE", type=rate, help="of paper fills, against you")
    parser.add_argument(
        "--late-entries", metavar="BARS", type=bars,
        help="after an outage, open what was missed no more than so many bars ago (default: 0)",
    )  # fmt: skip
    parser.add_argument("--confirm", action="store_true", help="real orders are meant")
    parser.add_argument("--dry-run", action="store_true", help="look whether it could begin, and begin nothing")
    parser.add_argument("--replace", action="store_true", help="take the place of the deployment of that name")
    add_node_arguments(parser)


def run(options: argparse.Namespace) -> int:
    artefact = read(options)
    given: dict[str, Any] = {"mode": options.mode, "set": parameter_values(options.set)}
    for name in ("id", "account", "symbols", "timeframe", "capital", "commission", "slippage", "late_entries"):
        if getattr(options, name) is not None:
            given[name] = getattr(options, name)
    for name in ("confirm", "dry_run", "replace"):
        if getattr(options, name):
            given[name] = True
    found = ask(options, lambda client: client.deploy(artefact, given))
    if options.json:
        print(json.dumps(plain(found), ensure_ascii=False, allow_nan=False))
        return exits.FINE
    print(f"{found.id}: {found.strategy} {found.fingerprint[:12]} {found.mode} on {found.account}: "
          f"{found.why or found.standing}")  # fmt: skip
    if options.mode in ("semi", "live") and not options.dry_run:
        print(f"it opens nothing before another person confirms it: `lingua arm {found.id}`")
    return exits.FINE


def bars(text: str) -> int:
    """A number of bars from 0."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"`{text}` is no number of bars; write 0, 1, 2, …")
    return int(text)


def read(options: argparse.Namespace) -> bytes:
    """The artefact of the file, built now where that is a program."""
    if options.file.endswith(".lgx") and not options.strategy:
        try:
            return Path(options.file).read_bytes()
        except OSError as problem:
            raise exits.UsageFailure(f"{options.file} cannot be read: {problem.strerror}") from problem
    from lingua.cli.commands.build import lgx

    return lgx(compile_or_fail(options)).encode()
