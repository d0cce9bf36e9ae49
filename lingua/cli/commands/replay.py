"""Tell a node's journal again: the same bars, fills, refusals and time-outs must give the same decisions and orders.

Each decision and each order is compared byte for byte with what was written when it happened.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from lingua.cli import exits
from lingua.cli.commands.secrets import live


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "journal", metavar="JOURNAL", help="the node's database: a file, or the URL of a PostgreSQL one"
    )
    parser.add_argument("deployment", metavar="DEPLOYMENT", nargs="?", default="", help="one of them (default: all)")
    parser.add_argument("--json", action="store_true", help="JSON instead of sentences")


def run(options: argparse.Namespace) -> int:
    replaying, journal = live("lingua_runtime.replaying"), live("lingua_runtime.journal")
    if "://" not in options.journal and not Path(options.journal).is_file():
        raise exits.UsageFailure(f"there is no file {options.journal}")
    try:
        found = replaying.replay_journal(options.journal, options.deployment)
    except journal.JournalError as problem:
        raise exits.Failure(str(problem), exits.DATA) from None
    if not found:
        raise exits.UsageFailure("the journal holds no such deployment")
    if options.json:
        print(json.dumps([asdict(each) for each in found], ensure_ascii=False))
    else:
        for each in found:
            told = each.why or f"the same: {each.compared:,} decisions and orders of {each.bars:,} bars"
            print(f"{each.deployment}: {told}")
    return exits.WRONG if any(each.why for each in found) else exits.FINE
