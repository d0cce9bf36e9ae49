"""Show what a name means: a word of the language, an indicator, an option, a figure of the report, a code."""

from __future__ import annotations

import argparse
import difflib

from lingua.cli import exits
from lingua.cli.reference import Entry, entries


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="what to look up; without it, every name is listed")


def run(options: argparse.Namespace) -> int:
    every = entries()
    if options.name is None:
        for kind in dict.fromkeys(entry.kind for entry in every):
            print(f"{kind}s: {' '.join(entry.name for entry in every if entry.kind == kind)}\n")
        return exits.FINE
    wanted = options.name
    found = [e for e in every if wanted == e.name] or [e for e in every if matches(e, wanted)]
    if not found:
        names = [name for entry in every for name in (entry.name, *entry.aliases)]
        close = difflib.get_close_matches(wanted, names, n=3)
        raise exits.UsageFailure(
            f"nothing is called `{wanted}`",
            f"near it: {', '.join(close)}" if close else "`lingua doc` lists every name",
        )
    print("\n\n".join(show(entry) for entry in found))
    return exits.FINE


def matches(entry: Entry, wanted: str) -> bool:
    return wanted.lower() in {name.lower() for name in (entry.name, *entry.aliases)}


def show(entry: Entry) -> str:
    lines = [f"{entry.signature}", *(f"  {line}" for line in entry.text.splitlines())]
    if entry.aliases:
        lines.append(f"  also written: {', '.join(entry.aliases)}")
    return "\n".join(lines)
