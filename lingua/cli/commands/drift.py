"""Compare what a venue did with what the backtest's own step would have done on the same bars.

Printed for each order: both average prices, the difference in basis points and in money (positive: it cost), and which
orders one side has and the other has not.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lingua.cli import exits
from lingua.cli.asking import number, plain, show
from lingua.cli.commands.secrets import live


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "journal", metavar="JOURNAL", help="the node's database: a file, or the URL of a PostgreSQL one"
    )
    parser.add_argument("deployment", metavar="DEPLOYMENT")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    parser.add_argument("--no-color", action="store_true", help="no colours, even on a terminal")


def run(options: argparse.Namespace) -> int:
    drift, journal = live("lingua_runtime.drift"), live("lingua_runtime.journal")
    if "://" not in options.journal and not Path(options.journal).is_file():
        raise exits.UsageFailure(f"there is no file {options.journal}")
    try:
        book = journal.Journal(options.journal)
        found = drift.drift(book.read(), options.deployment)
        book.close()
    except journal.JournalError as problem:
        raise exits.Failure(str(problem), exits.DATA) from None
    except ValueError as problem:
        raise exits.UsageFailure(str(problem)) from None
    if options.json:
        print(json.dumps({**plain(found), "money": found.money, "basis_points": found.basis_points}))
        return exits.FINE
    show(options, found.pairs, [
        ("decided", lambda p: p.time, False), ("symbol", lambda p: p.symbol, False), ("for", lambda p: p.rule, False),
        ("side", lambda p: p.side, False), ("quantity", lambda p: number(p.quantity), True),
        ("paper", lambda p: number(p.paper), True), ("venue", lambda p: number(p.venue), True),
        ("bp", lambda p: f"{p.basis_points:+.2f}", True), ("money", lambda p: f"{p.money:+,.2f}", True),
    ])  # fmt: skip
    for title, keys in (("missed", found.missed), ("extra", found.extra)):
        for key in keys:
            print(f"{title}: {' '.join(key)}")
    print(f"{len(found.pairs)} orders on both sides: {found.basis_points:+.2f} bp, {found.money:+,.2f}; "
          f"{len(found.missed)} missed, {len(found.extra)} extra; fees {found.fees_venue:,.2f}, on paper "
          f"{found.fees_paper:,.2f}")  # fmt: skip
    return exits.FINE
